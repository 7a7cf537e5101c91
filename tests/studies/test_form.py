"""The form of a study file: each key's value is checked by its type, and what is wrong is left out of all further findings."""

import pytest

import optimizer as fg
from optimizer.studies.reading import read_study

from .small import tutorial

CAP = {"name": "cap", "cell": "nations.east.max_personnel", "values": [0, 100]}


@pytest.fixture(scope="module")
def instance():
    return tutorial()


def faults(given, instance):
    """Code and key of every finding."""
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(given, instance)
    return sorted((finding.code, finding.column) for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("vary", "key", "keys"),
    [
        ({"condition": "ceasefire", "low": 0, "high": 1}, "low", "name, condition, values"),
        ({"scenario": True, "values": ["ceasefire"]}, "values", "name, scenario"),
        ({"aim": "cost", "mode": "factor", "values": [2]}, "mode", "name, values, low, high, steps, aim, column"),
    ],
)
def test_a_key_that_this_kind_of_input_does_not_take_is_refused(vary, key, keys, instance):
    """It would have no effect: a factor on an aim's weight would be read as the weight itself."""
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study({"vary": [vary]}, instance)
    found = {finding.column: finding for finding in caught.value.findings}
    assert found[f"vary.1.{key}"].code == "unknown-key"
    assert f"takes no key '{key}'" in found[f"vary.1.{key}"].message
    assert f"Keys: {keys}." in found[f"vary.1.{key}"].remedy


def test_a_misspelt_key_that_leaves_nothing_to_vary_is_named(instance):
    given = {"vary": [{"tabel": "nations", "column": "max_personnel", "values": [1]}]}
    assert faults(given, instance) == [("unknown-key", "vary.1.tabel"), ("what-varies", "vary.1")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"vary": [CAP], "design": {"kind": "grit", "size": 5}}, [("unknown-design", "design.kind")]),
        ({"vary": [CAP], "design": {"kind": "rows", "file": 3}}, [("design-file", "design.file")]),
        ({"vary": [{**CAP, "cell": 3}]}, [("text", "vary.1.cell")]),
        ({"vary": [{"cell": CAP["cell"], "low": "0", "high": 1}]}, [("not-a-number", "vary.1.low")]),
        ({"vary": [{"cell": CAP["cell"], "low": True, "high": 2}]}, [("not-a-number", "vary.1.low")]),
        ({"vary": [CAP], "design": {"kind": "grid", "seed": True}}, [("not-whole", "design.seed")]),
        (
            {"vary": [CAP], "design": {"kind": "morris", "size": 2.5, "levels": 5}},
            [("morris-levels", "design.levels"), ("not-whole", "design.size"), ("values", "vary.1.values")],
        ),
        (
            {"vary": [{**CAP, "where": {"nation": {"a": 1}}, "values": [[1]]}], "keep": [1], "title": 2},
            [("keep", "keep"), ("text", "title"), ("values", "vary.1.values"), ("where", "vary.1.where.nation")],
        ),
    ],
)
def test_a_wrong_value_is_one_finding_and_hides_no_other(given, expected, instance):
    """What follows from a wrong value alone is not reported; what is wrong beside it is."""
    assert faults(given, instance) == expected


def test_values_are_taken_as_they_are_written(instance):
    """Nothing is converted: whole numbers stay whole, texts stay texts; only limits and spans become numbers with a fraction."""
    given = {"limits": {"time_limit": 3}, "vary": [{"cell": "pledges.east-teams.quantity", "values": [1, 2]}]}
    study = read_study(given, instance)
    assert [type(value) for value in study.vary[0].values] == [int, int]
    assert type(study.time_limit) is float
    assert read_study({"vary": [{"cell": "nations.east.name", "values": ["1", " x"]}]}, instance).vary[0].values == (
        "1",
        " x",
    )


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('[[vary]]\ncell = "nations.east.max_personnel"\nvalues = [1, nan]', "not-finite", "vary.1.values"),
        ('[[vary]]\ncell = "nations.east.max_personnel"\nlow = 0\nhigh = inf', "not-finite", "vary.1.high"),
        ('[[vary]]\ncell = "nations.east.max_personnel"\nvalues = [2026-01-01]', "date", "vary.1.values"),
        ('[[vary]]\ncell = "nations.east.max_personnel"\nvalues = [[1], [2]]', "values", "vary.1.values"),
        (f"[limits]\ngap = 0x{'f' * 6000}", "too-large", "limits.gap"),
        (f"title = {'[' * 40}{']' * 40}", "too-deep", "title"),
        (f"title = {'[' * 4000}", "toml-syntax", None),
        (f"title{'.a' * 50_000} = 1", "toml-syntax", None),
        (f"# {'x' * 200_000}", "file-too-large", None),
        ("[[vary]]\nscenario = []", "no-values", "vary.1.scenario"),
    ],
)
def test_what_no_key_takes_is_a_finding_at_its_key(text, code, place, tmp_path, instance):
    """Numbers without end, dates, nests and very large files are refused at once, wherever they stand."""
    file = tmp_path / "study.toml"
    file.write_text(text)
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(file, instance)
    found = {(finding.code, finding.column) for finding in caught.value.findings}
    assert (code, place) in found
    assert all(len(str(finding)) < 500 for finding in caught.value.findings)
