"""Study files: every kind of fault has its finding, all at once, with a remedy."""

import pytest

import optimizer as fg
from optimizer.studies.reading import read_study

from .small import ROOT, TORNADO, TUTORIAL, toml, tutorial

CAP = {"name": "cap", "cell": "nations.east.max_personnel", "values": [0, 100]}
COSTS = [
    "nations.east.max_personnel",
    "nations.south.max_personnel",
    "unit_types.battalion.cost",
    "unit_types.training_team.cost",
]
SPAN = {"name": "cap", "cell": "nations.east.max_personnel", "low": 0, "high": 100}


def study(*vary, **rest):
    return {"vary": list(vary), **rest}


FAULTS = {
    "unknown-key top": (study(CAP, desing={}), "unknown-key", "desing", "Did you mean 'design'?"),
    "unknown-key vary": (study({**CAP, "valeus": [1]}), "unknown-key", "vary.1.valeus", "Did you mean 'values'?"),
    "unknown-key design": (study(CAP, design={"sede": 1}), "unknown-key", "design.sede", "Did you mean 'seed'?"),
    "unknown-key limits": (study(CAP, limits={"gapp": 1}), "unknown-key", "limits.gapp", "Did you mean 'gap'?"),
    "section": (study(CAP, design="grid"), "section", "design", "[design]"),
    "vary no list": ({"vary": {"name": "cap"}}, "section", "vary", "[[vary]]"),
    "text": (study(CAP, title=3), "text", "title", "quotation marks"),
    "design": (study(CAP, design={"kind": "grit"}), "unknown-design", "design.kind", "Did you mean 'grid'?"),
    "mode": (study({**CAP, "mode": "factr"}), "unknown-mode", "vary.1.mode", "Did you mean 'factor'?"),
    "mode of text": (
        study({"cell": "nations.east.name", "mode": "factor", "values": [2]}),
        "mode",
        "vary.1.mode",
        "value",
    ),
    "whole": (study(CAP, design={"seed": 1.5}), "not-whole", "design.seed", "Correct"),
    "number": (study(CAP, limits={"time_limit": "10"}), "not-a-number", "limits.time_limit", "quotation marks"),
    "range": (study(CAP, limits={"gap": -1}), "out-of-range", "limits.gap", "Correct"),
    "scenario": (study(CAP, scenario="cease-fire"), "unknown-scenario", "scenario", "Did you mean 'ceasefire'?"),
    "vary scenario": (study({"scenario": ["war"]}), "unknown-scenario", "vary.1.scenario", "Scenarios: ceasefire"),
    "condition": (
        study({"condition": "ceasfire"}),
        "unknown-condition",
        "vary.1.condition",
        "Did you mean 'ceasefire'?",
    ),
    "condition values": (
        study({"condition": "ceasefire", "values": ["on"]}),
        "condition-values",
        "vary.1.values",
        "[true, false]",
    ),
    "aim": (study({"aim": "costs", "values": [1]}), "unknown-aim", "vary.1.aim", "Did you mean 'cost'?"),
    "aim column": (
        study({"aim": "cost", "column": "wieght", "values": [1]}),
        "unknown-column",
        "vary.1.column",
        "Did you mean 'weight'?",
    ),
    "aim value": (study({"aim": "cost", "column": "priority", "values": [0]}), "value", "vary.1.values", "Correct"),
    "nothing named": (study({"name": "cap", "values": [1]}), "what-varies", "vary.1", "condition, scenario, aim"),
    "two things named": (study({**CAP, "condition": "ceasefire"}), "what-varies", "vary.1", "Name one of"),
    "cell and table": (study({**CAP, "table": "nations"}), "what-varies", "vary.1", "Keep one"),
    "table": (study({"cell": "nation.east.max_units", "values": [1]}), "unknown-table", "vary.1.table", "'nations'"),
    "absent table": (study({"cell": "routes.a.cost", "values": [1]}), "unknown-table", "vary.1.table", "Correct"),
    "column": (study({"cell": "nations.east.max_pers", "values": [1]}), "unknown-column", "vary.1.column", "'max_pers"),
    "key column": (study({"cell": "nations.east.nation", "values": [1]}), "key-column", "vary.1.column", "another"),
    "row": (
        study({"cell": "nations.eats.max_units", "values": [1]}),
        "unknown-row",
        "vary.1.key",
        "Did you mean 'east'?",
    ),
    "where no table": (
        study({"table": "pledges", "column": "quantity", "where": "east", "values": [1]}),
        "where",
        "vary.1.where",
        "where = {",
    ),
    "selector": (
        study({"table": "pledges", "column": "quantity", "where": {"nations": "east"}, "values": [1]}),
        "unknown-selector",
        "vary.1.where.nations",
        "Did you mean 'nation'?",
    ),
    "selected word": (
        study({"table": "pledges", "column": "quantity", "where": {"nation": "eastt;north"}, "values": [1]}),
        "unknown-selection",
        "vary.1.where.nation",
        "Did you mean 'east'?",
    ),
    "empty selection": (
        study(
            {
                "table": "pledges",
                "column": "quantity",
                "where": {"nation": "east", "unit_type": "battalion"},
                "values": [1],
            }
        ),
        "empty-selection",
        "vary.1.where",
        "Widen",
    ),
    "blank cells": (
        study({"cell": "nations.north.max_personnel", "mode": "factor", "values": [2]}),
        "blank-cells",
        "vary.1.mode",
        "Fill",
    ),
    "no values": (study({"cell": "nations.east.max_personnel"}), "no-values", "vary.1", "low and high"),
    "empty values": (study({**CAP, "values": []}), "values", "vary.1.values", "[1, 2, 3]"),
    "values twice": (study({**CAP, "values": [1, 1]}), "duplicate-value", "vary.1.values", "Remove"),
    "values and low": (study({**CAP, "low": 1, "high": 2}), "values", "vary.1.values", "Keep one"),
    "low above high": (study({**SPAN, "low": 200}), "low-high", "vary.1.low", "Swap"),
    "value of text": (study({**CAP, "values": ["many"]}), "value", "vary.1.values", "Correct"),
    "value below zero": (study({**CAP, "values": [-1]}), "value", "vary.1.values", "Correct"),
    "factor of text": (study({**CAP, "mode": "factor", "values": ["2"]}), "not-a-number", "vary.1.values", "quotation"),
    "half a unit": (
        study({"cell": "pledges.east-teams.quantity", "values": [1.5]}),
        "value",
        "vary.1.values",
        "Correct",
    ),
    "blank in a required cell": (
        study({"cell": "pledges.east-teams.quantity", "values": [""]}),
        "value",
        "vary.1.values",
        "Give a value",
    ),
    "name twice": (study(CAP, {"name": "cap", "condition": "ceasefire"}), "duplicate-name", "vary.2.name", "Rename"),
    "reserved name": (study({**CAP, "name": "cost"}), "reserved-name", "vary.1.name", "another name"),
    "name of a bound": (study({**CAP, "name": "coverage_bound"}), "reserved-name", "vary.1.name", "another name"),
    "name of a score": (
        study({**CAP, "name": "missions.training.score"}),
        "reserved-name",
        "vary.1.name",
        "another name",
    ),
    "name of what is kept": (
        study({**CAP, "name": "nations.east.cost"}, keep=["nations.east.cost"]),
        "reserved-name",
        "vary.1.name",
        "another name",
    ),
    "nothing varies": (study(), "nothing-varies", "vary", "[[vary]]"),
    "keep": (study(CAP, keep="all"), "keep", "keep", "keep = ["),
    "outcome": (study(CAP, keep=["coverage"]), "outcome", "keep", "nations.FRA.cost"),
    "outcome table": (study(CAP, keep=["nation.east.cost"]), "outcome-table", "keep", "Did you mean 'nations'?"),
    "outcome column": (study(CAP, keep=["nations.east.costs"]), "outcome-column", "keep", "Did you mean 'cost'?"),
    "outcome key": (study(CAP, keep=["nations.eats.cost"]), "outcome-key", "keep", "Did you mean 'east'?"),
    "outcome key, second part": (
        study(CAP, keep=["participation.east/trainning/capital.serves"]),
        "outcome-key",
        "keep",
        "Did you mean 'training'?",
    ),
    "outcome period": (study(CAP, keep=["requirements.guard-border/3.gap"]), "outcome-key", "keep", "Correct it."),
    "outcome key, too long": (study(CAP, keep=["nations.east/1.cost"]), "outcome-key", "keep", "Write nation, or *."),
    "outcome key, too short": (
        study(CAP, keep=["posts.protection.personnel"]),
        "outcome-key",
        "keep",
        "Write mission/area or mission/area/period, or *.",
    ),
    "aim tolerance": (
        study({"aim": "cost", "column": "tolerance", "values": [2]}),
        "value",
        "vary.1.values",
        "Correct",
    ),
    "aim blank": (study({"aim": "cost", "values": [""]}), "value", "vary.1.values", "Give a value"),
    "solver seed": (study(CAP, limits={"seed": -1}), "not-whole", "limits.seed", "Correct"),
    "no size": (study(SPAN, design={"kind": "morris"}), "no-size", "design.size", "number of samples"),
    "size of a grid": (study(CAP, design={"kind": "grid", "size": 3}), "no-size-here", "design.size", "Remove"),
    "sobol size": (study(SPAN, design={"kind": "sobol", "size": 100}), "sobol-size", "design.size", "128"),
    "morris levels": (
        study(SPAN, design={"kind": "morris", "size": 4, "levels": 5}),
        "morris-levels",
        "design.levels",
        "4, 6",
    ),
    "list for a sampled design": (
        study(CAP, design={"kind": "latin_hypercube", "size": 5}),
        "values",
        "vary.1.values",
        "low and high",
    ),
    "condition in a sampled design": (
        study(SPAN, {"condition": "ceasefire"}, design={"kind": "sobol", "size": 4}),
        "design-values",
        "design.kind",
        "grid",
    ),
    "file without rows": (study(CAP, design={"file": "runs.csv"}), "design-file", "design.file", "Remove"),
    "rows without file": (study(CAP, design={"kind": "rows"}), "design-file", "design.file", "runs.csv"),
    "file not there": (study(CAP, design={"kind": "rows", "file": "no.csv"}), "not-found", None, "beside"),
    "too many runs": (
        study(*({**SPAN, "name": cell, "cell": cell, "steps": 100} for cell in COSTS), design={"kind": "grid"}),
        "too-many-runs",
        "design",
        "fewer",
    ),
}


@pytest.fixture(scope="module")
def instance():
    return tutorial()


@pytest.mark.parametrize("name", FAULTS)
def test_every_kind_of_fault_has_its_finding(name, instance):
    """The fault is found, at its place, with a remedy that helps."""
    given, code, place, remedy = FAULTS[name]
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(given, instance)
    found = [(finding.code, finding.column, finding.remedy) for finding in caught.value.findings]
    assert any(c == code and p == place and remedy in r for c, p, r in found), found


def test_names_may_hold_a_slash(instance):
    """Keys are joined by slashes, and names may hold some: every way to part them is tried."""
    rows = {name: frame.to_dict("records") for name, frame in instance.tables.items()}
    for row in rows["requirements"]:
        row["mission"] = "train/arm" if row["mission"] == "training" else row["mission"]
    rows["missions"] = [{**row, "mission": row["mission"].replace("training", "train/arm")} for row in rows["missions"]]
    slashed = fg.Instance.from_tables(rows, {"periods": {"count": 2}})
    keep = ["missions.train/arm.score", "posts.train/arm/capital.personnel", "posts.train/arm/capital/2.personnel"]
    assert read_study(study(CAP, keep=keep), slashed).keep == tuple(keep)


def test_there_are_many_kinds_of_faults():
    """At least twenty kinds are told apart."""
    assert len({code for _, code, _, _ in FAULTS.values()}) >= 30


def test_all_findings_come_at_once(instance):
    """Three faults in one file are three findings."""
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(study({**CAP, "mode": "factr"}, {"condition": "war"}, limits={"gap": 2}), instance)
    assert {finding.code for finding in caught.value.findings} == {"unknown-mode", "unknown-condition", "out-of-range"}


@pytest.mark.parametrize("design", ["sobol", "morris"])
def test_a_missing_package_is_a_finding(design, instance, monkeypatch):
    """Who installed no more than the plain package is told what to install."""
    monkeypatch.setattr("optimizer.studies.reading.find_spec", lambda _name: None)
    with pytest.raises(fg.InvalidStudy, match=r"needs SALib.*\[studies\]"):
        read_study(study(SPAN, design={"kind": design, "size": 4}), instance)
    read_study(study(SPAN, design={"kind": "latin_hypercube", "size": 4}), instance)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"name = caps", "toml-syntax"), (b'name = "\xff"', "encoding"), (None, "not-found")],
)
def test_files_that_cannot_be_read_are_findings(content, code, tmp_path, instance):
    """No TOML, no text, no file: each is said."""
    file = tmp_path / "study.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(file, instance)
    assert [finding.code for finding in caught.value.findings] == [code]


def test_a_file_is_the_study_that_a_mapping_is(tmp_path, instance):
    """The same study, whether from TOML or from Python; its name is the file's where it has none."""
    file = tmp_path / "tornado.toml"
    file.write_text(toml(TORNADO))
    assert read_study(file, instance) == read_study(TORNADO, instance)
    file.write_text(toml({key: value for key, value in TORNADO.items() if key != "name"}))
    assert read_study(file, instance).name == "tornado"


def test_faults_in_the_rows_of_a_file_are_found(tmp_path, instance):
    """Columns that nothing calls so, missing ones, short rows and wrong cells."""
    file = tmp_path / "study.toml"
    file.write_text(toml({**study(CAP, {"condition": "ceasefire"}), "design": {"kind": "rows", "file": "runs.csv"}}))
    for text, code in (
        ("cap,ceasefier\n1,true\n", "rows-column"),
        ("cap\n1\n", "rows-column"),
        ("cap,ceasefire,cap\n1,true,2\n", "rows-column"),
        (f"cap,ceasefire\n{'1' * 200_000},true\n", "csv-syntax"),
        ("cap,ceasefire\n1\n", "rows-cells"),
        ("cap,ceasefire\nmany,true\n", "value"),
        ("cap,ceasefire\n1,perhaps\n", "value"),
        ("cap,ceasefire\n", "no-runs"),
    ):
        (tmp_path / "runs.csv").write_text(text)
        with pytest.raises(fg.InvalidStudy) as caught:
            read_study(file, instance)
        assert code in {finding.code for finding in caught.value.findings}, text


def test_a_wrong_study_leaves_nothing_behind(tmp_path):
    """Findings come before any run: exit code 3, each finding on the screen, no folder."""
    from click.testing import CliRunner

    from optimizer.cli.app import forcegen

    file = tmp_path / "study.toml"
    file.write_text(toml(study({**CAP, "mode": "factr"}, scenario="peace")))
    result = CliRunner().invoke(forcegen, ["sweep", str(TUTORIAL), str(file), "--out", str(tmp_path / "out")])
    assert result.exit_code == 3
    assert "factr" in result.output
    assert "peace" in result.output
    assert not (tmp_path / "out").exists()


def test_selectors_choose_rows(instance):
    """Nations, negations and lists select as they do in the tables; a group of nations too."""
    given = {"table": "pledges", "column": "quantity", "mode": "step", "values": [1]}
    one = read_study(study({**given, "where": {"nation": "!east", "unit_type": "battalion"}}), instance)
    assert one.vary[0].keys == ("north-battalions", "south-battalion", "west-battalion")
    paris = fg.read_instance(ROOT / "instances" / "paris-2026-01")
    grouped = read_study(study({**given, "where": {"group": "nordics"}}), paris)
    tagged = read_study(
        study({"table": "unit_types", "column": "cost", "where": {"tags": "combat"}, "mode": "factor", "values": [2]}),
        paris,
    )
    assert "mech_bn" in tagged.vary[0].keys
    assert "train_team" not in tagged.vary[0].keys
    assert {key[:3] for key in grouped.vary[0].keys} <= {"SWE", "NOR", "DNK", "FIN"}


def test_only_regular_files_are_read(tmp_path, instance):
    """A pipe or a folder in the place of the study or of its rows is refused, without waiting for what never comes."""
    import os

    os.mkfifo(tmp_path / "pipe.toml")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "outside.csv").write_text("cap\n1\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "rows.csv").symlink_to("/dev/zero")
    for place in (tmp_path / "pipe.toml", tmp_path):
        with pytest.raises(fg.InvalidStudy, match=r"\[not-a-file\]"):
            read_study(place, instance)
    for folder, name, code in (
        (tmp_path, "pipe.csv", "not-a-file"),
        (tmp_path, ".", "not-a-file"),
        (inner, "rows.csv", "outside-folder"),
        (inner, "../outside.csv", "outside-folder"),
        (inner, "a\0b", "unreadable"),
    ):
        file = folder / "study.toml"
        file.write_text(toml(study(CAP, design={"kind": "rows", "file": name.replace("\0", "\\u0000")})))
        with pytest.raises(fg.InvalidStudy, match=rf"\[{code}\]"):
            read_study(file, instance)


def test_faults_of_rows_come_all_at_once_with_row_and_column(tmp_path, instance):
    """Each cell that does not fit has its finding; semicolons are told as in an instance's tables."""
    nation = {"name": "who", "cell": "pledges.east-teams.nation"}
    cap = {"name": "cap", "cell": "nations.east.max_personnel", "mode": "factor"}
    file = tmp_path / "study.toml"
    file.write_text(toml({**study(cap, nation), "design": {"kind": "rows", "file": "rows.csv"}}))
    (tmp_path / "rows.csv").write_text("cap,who\n1,west\n-2,west\nnan,\n\n1,wets\n1\nmany,east\n")
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(file, instance)
    found = [(finding.place, finding.row, finding.column) for finding in caught.value.findings]
    assert found == [
        ("rows.csv", row, column) for row, column in ((3, "cap"), (4, "cap"), (6, "who"), (7, None), (8, "cap"))
    ]
    assert "Did you mean 'west'?" in str(caught.value)
    (tmp_path / "rows.csv").write_text("cap;who\n1;west\n")
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(file, instance)
    [finding] = caught.value.findings
    assert (finding.code, finding.place, finding.row) == ("delimiter", "rows.csv", 1)
