"""Designs and what is made of their tables: grids, rows of a file, samples, Morris and Sobol indices, doubts."""

import pandas as pd
import pytest

import optimizer as fg
from optimizer.studies.analysis import analyse
from optimizer.studies.design import chunks_of, count_runs, variants_of
from optimizer.studies.reading import read_study
from optimizer.studies.sweep import ask

from .small import GRID, TORNADO, canonical, toml, tutorial

SPANS = [
    {"name": "east cap", "cell": "nations.east.max_personnel", "low": 0, "high": 200},
    {"name": "team cost", "table": "unit_types", "key": "training_team", "column": "cost", "mode": "factor", "low": 0.5, "high": 2.0},
    {"name": "name only", "cell": "requirements.train-capital.threshold", "low": 100, "high": 300},
]  # fmt: skip


def sampled(kind, size, **more):
    return {"design": {"kind": kind, "size": size, "seed": 3, **more}, "vary": SPANS}


@pytest.mark.parametrize(
    "given",
    [TORNADO, GRID, sampled("latin_hypercube", 6), sampled("sobol", 4), sampled("morris", 3)],
    ids=["one at a time", "grid", "latin hypercube", "sobol", "morris"],
)
def test_a_design_gives_the_same_runs_every_time(given):
    """The count is known in advance, names are told apart, chunks hold every run once, and nothing depends on chance."""
    study = read_study(given, tutorial())
    variants = variants_of(study)
    assert variants == variants_of(study)
    assert len(variants) == count_runs(study)
    assert [variant.run for chunk in chunks_of(study, variants) for variant in chunk] == list(range(len(variants)))


def test_a_seed_changes_a_sample():
    """Another seed draws other numbers, within the bounds."""
    one, other = (
        variants_of(
            read_study(
                sampled("latin_hypercube", 8) | {"design": {"kind": "latin_hypercube", "size": 8, "seed": seed}},
                tutorial(),
            )
        )
        for seed in (1, 2)
    )
    assert [variant.inputs for variant in one] != [variant.inputs for variant in other]
    assert all(0 <= variant.inputs[0] <= 200 and 0.5 <= variant.inputs[1] <= 2 for variant in one)


def test_rows_of_a_file_are_runs(tmp_path):
    """Each row of the CSV is a run, called as it says; a blank leaves the input as it is."""
    (tmp_path / "runs.csv").write_text("name,ceasefire,east cap\nagreed,true,100\n,false,\nmore teams,,200\n")
    vary = [{"name": "east cap", "cell": "nations.east.max_personnel"}, {"name": "ceasefire", "condition": "ceasefire"}]
    file = tmp_path / "rows.toml"
    file.write_text(toml({"design": {"kind": "rows", "file": "runs.csv"}, "vary": vary}))
    table = fg.sweep(tutorial(), file)
    assert table["name"].tolist() == ["agreed", "ceasefire=false", "more teams"]
    assert table["coverage"].tolist() == [75, 60, 85]
    assert table["east cap"].tolist() == [100, 150, 200]
    assert table["ceasefire"].tolist() == [True, False, True]


def test_scenario_and_aims_can_vary():
    """A scenario per run; and cost before coverage sends nobody."""
    vary = [{"scenario": True}, {"name": "order", "aim": "cost", "column": "priority", "values": [2, 1]}]
    instance = tutorial()
    table = fg.sweep(instance, {"design": {"kind": "grid"}, "vary": vary})
    assert table["coverage"].tolist()[::2] == [80, 60]
    weights = [{"name": "weight", "aim": "coverage", "values": [1, 0]}]
    table = fg.sweep(
        instance, {"vary": [*weights, {"name": "level", "aim": "cost", "column": "priority", "values": [1]}]}
    )
    assert table["cost"].tolist()[-1] < 132


def test_what_a_scenario_changes_varies_too():
    """A value set in a study holds although the scenario sets the same cell; a factor multiplies what the scenario says."""
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items()}
    rows["changes"] = [
        {"scenario": "ceasefire", "table": "nations", "key": "east", "column": "max_personnel", "value": "100"}
    ]
    instance = fg.Instance.from_tables(
        rows, {"periods": {"count": 2}, "aims": [{"name": "coverage"}, {"name": "cost", "priority": 2}]}
    )
    cap = {"name": "cap", "cell": "nations.east.max_personnel"}
    table = fg.sweep(instance, {"scenario": "ceasefire", "vary": [{**cap, "values": [0, 200]}]})
    assert table["coverage"].tolist() == [75, 65, 85]
    assert table["cap"].tolist() == [100, 0, 200]
    table = fg.sweep(instance, {"scenario": "ceasefire", "vary": [{**cap, "mode": "factor", "values": [1.5, 2]}]})
    assert table["coverage"].tolist() == [75, 80, 85]
    table = fg.sweep(instance, {"scenario": "ceasefire", "vary": [{"condition": "ceasefire", "values": [False]}]})
    assert table["coverage"].tolist()[1] == 60


def table_of(given, outcome):
    """A study of the tutorial with outcomes made by a formula instead of a solver."""
    question = ask(tutorial(), given)
    variants = variants_of(question.study)
    rows = [
        {"run": variant.run, "name": variant.name, "termination": "optimal", "has_plan": True}
        | {vary.name: value for vary, value in zip(question.study.vary, variant.inputs, strict=True)}
        for variant in variants
    ]
    frame = pd.DataFrame(rows)
    frame["coverage"] = outcome(frame)
    frame["coverage_bound"] = frame["coverage"]
    return question, frame


def test_sobol_indices_are_the_known_ones():
    """Of 3a + 4b, with a over 200 and b over 1.5: the shares of variance are those of the squares; the third input has none."""
    question, frame = table_of(sampled("sobol", 512), lambda f: 3 * f["east cap"] / 200 + 4 * f["team cost"] / 1.5)
    found = analyse(question, frame).tables["sobol"].set_index("input")
    assert found.loc["east cap", "S1"] == pytest.approx(9 / 25, abs=0.02)
    assert found.loc["team cost", "ST"] == pytest.approx(16 / 25, abs=0.02)
    assert found.loc["name only", "ST"] == pytest.approx(0, abs=1e-6)


def test_morris_effects_are_the_known_ones():
    """A linear outcome has its slopes times the spans as mean effects, and no spread; a run without a plan costs its trajectory."""
    question, frame = table_of(sampled("morris", 6), lambda f: 3 * f["east cap"] / 200 + 4 * f["team cost"] / 1.5)
    frame.loc[1, "coverage"] = float("nan")
    frame.loc[1, "has_plan"] = False
    analysis = analyse(question, frame)
    found = analysis.tables["morris"].set_index("input")
    assert found.loc["east cap", "mu_star"] == pytest.approx(3, abs=1e-6)
    assert found.loc["team cost", "mu"] == pytest.approx(4, abs=1e-6)
    assert found.loc["team cost", "sigma"] == pytest.approx(0, abs=1e-6)
    assert any("1 of 6 groups" in warning for warning in analysis.warnings)


def test_a_sampled_study_is_solved_and_analysed(tmp_path):
    """Morris on the tutorial: the cap moves coverage, the price of a team does not; its table is written."""
    table = fg.sweep(tutorial(), sampled("morris", 3), out=tmp_path / "out")
    assert len(table) == 12
    found = pd.read_csv(tmp_path / "out" / "morris.csv").set_index(["outcome", "input"])
    assert found.loc[("coverage", "east cap"), "mu_star"] > 1
    assert found.loc[("coverage", "team cost"), "mu_star"] == 0
    assert found.loc[("cost", "team cost"), "mu_star"] > 1


def test_a_grid_of_two_inputs_has_a_heat_map(tmp_path):
    """Every pair of values once, with its outcome."""
    given = {**GRID, "vary": [{**GRID["vary"][0], "steps": 3}, GRID["vary"][2]]}
    table = fg.sweep(tutorial(), given, out=tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "heatmap.csv")
    of_coverage = found[found["outcome"] == "coverage"]
    assert of_coverage["value"].tolist() == table["coverage"].tolist()
    assert of_coverage["row"].tolist() == [0, 0, 125, 125, 250, 250]


def test_effects_without_a_bound_hang_on_the_proof():
    """Scores and kept cells have no bound: where a plan at either end is not proven best, their effects are in doubt, and that is said."""
    question = ask(tutorial(), TORNADO)
    frame = fg.sweep(tutorial(), TORNADO)
    assert analyse(question, frame).warnings == ()
    frame.loc[frame["name"] == "east cap=0", "termination"] = "feasible"
    analysis = analyse(question, frame)
    tornado = analysis.tables["tornado"]
    assert tornado[tornado["doubtful"]][["outcome", "input"]].to_numpy().tolist() == [
        ["missions.training.score", "east cap"]
    ]
    assert [told for told in analysis.warnings if told.startswith("1 of 7 plans are not proven best.")]


def test_an_effect_within_the_gap_is_doubted():
    """Where the solver leaves as much open as is shown, or nothing is proven, the tornado says so; where it does not, it does not."""
    question, frame = table_of(TORNADO, lambda f: f["run"].astype(float))
    frame["varied"] = ["", "ceasefire", "east cap", "east cap", "east cap", "team cost", "team cost"]
    for gap, doubted in (
        (0.0, []),
        (0.5, []),
        (1.5, ["ceasefire"]),
        (4.5, ["east cap", "ceasefire"]),
        (float("nan"), ["team cost", "east cap", "ceasefire"]),
    ):
        frame["coverage_bound"] = frame["coverage"] + gap
        analysis = analyse(question, frame)
        tornado = analysis.tables["tornado"]
        assert tornado[(tornado["outcome"] == "coverage") & tornado["doubtful"]]["input"].tolist() == doubted, gap
        told = [warning for warning in analysis.warnings if warning.startswith("coverage: at the worse end")]
        assert len(told) == bool(doubted)
        assert all(name in told[0] for name in doubted)


def test_only_the_worse_end_can_make_an_effect_vanish():
    """What is open at the better end of coverage widens the effect; for cost the worse end is the upper one."""
    question, frame = table_of(TORNADO, lambda f: f["run"].astype(float))
    frame["varied"] = ["", "ceasefire", "east cap", "east cap", "east cap", "team cost", "team cost"]
    frame["coverage_bound"] = frame["coverage"] + [0, 50, 0, 0, 50, 0, 50]
    frame["cost"], frame["cost_bound"] = frame["coverage"], frame["coverage"] - [0, 50, 0, 0, 0, 50, 0]
    tornado = analyse(question, frame).tables["tornado"]
    assert tornado[(tornado["outcome"] == "coverage") & tornado["doubtful"]]["input"].tolist() == []
    assert tornado[(tornado["outcome"] == "cost") & tornado["doubtful"]]["input"].tolist() == ["ceasefire"]


def test_kept_outcomes_are_cells_and_totals():
    """A cell, a cell in one period, a total over periods, a total over all rows, and text."""
    keep = [
        "requirements.guard-border/1.fulfilled",
        "requirements.guard-border.fulfilled",
        "assignments.*.units",
        "nations.*.cost",
        "posts.protection/border.nations",
    ]
    table = fg.sweep(tutorial(), {"keep": keep, "vary": [{"condition": "ceasefire", "values": [False]}]})
    assert table[keep].to_numpy().tolist()[0] == [8, 16, 12, 132, 4]
    assert "keep" not in canonical(table)
