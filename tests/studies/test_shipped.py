"""The studies that are shipped: they fit their instances, and the tutorial's says what its README derives."""

import re

import pytest

import optimizer as fg
from optimizer.studies.design import count_runs
from optimizer.studies.reading import read_study

from .small import ROOT, TUTORIAL

STUDIES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("instances/*/studies/*.toml"))
RUNS = {"levers": 28, "conditions": 23, "ceilings": 12, "tornado": 7, "heat-map": 10, "sobol": 320}


@pytest.mark.parametrize("name", STUDIES)
def test_a_shipped_study_fits_its_instance(name):
    """Nothing is wrong with it, and it has as many runs as the manual says."""
    path = ROOT / name
    study = read_study(path, fg.read_instance(path.parents[1]))
    assert count_runs(study) == RUNS[study.name]


def test_the_studies_of_paris_ask_what_they_should():
    """Every condition is turned to what it is not; ceilings, rotation, caps and cost have their whole ranges."""
    paris = ROOT / "instances" / "paris-2026-01"
    instance = fg.read_instance(paris)
    turned = {vary.table: vary.values for vary in read_study(paris / "studies" / "conditions.toml", instance).vary}
    assert turned == {row["condition"]: (not row["default"],) for row in instance.rows("conditions")}
    levers = {vary.name: vary for vary in read_study(paris / "studies" / "levers.toml", instance).vary}
    ranges = {name: (min(vary.values), max(vary.values)) for name, vary in levers.items()}
    escalation = ranges.pop("escalation ceiling")
    assert escalation[0] < 140 < escalation[1]
    assert ranges == {
        "personnel inside Ukraine": (0, 64000),
        "rotation factor less one": (2, 5),
        "national caps": (0.7, 1.3),
        "cost per soldier-year": (75_000 / 300_000, 1_200_000 / 300_000),
        "France in Ukraine": (5000, 10000),
        "cost on the flank": (60_000 / 120_000, 240_000 / 120_000),
    }
    assert set(levers["cost per soldier-year"].keys) == {row["unit_type"] for row in instance.rows("unit_types")}
    assert set(levers["national caps"].keys) == {row["nation"] for row in instance.rows("nations")}


def test_the_readme_derives_the_shipped_tornado():
    """Coverage and cost of every change, as the table in the README has them."""
    text = (TUTORIAL / "README.md").read_text().split("## A tornado by hand")[1]
    derived = [
        tuple(map(float, found))
        for found in re.findall(r"^\| [^|]+ \| [\d,]+ \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    ]
    table = fg.sweep(TUTORIAL, TUTORIAL / "studies" / "tornado.toml")
    assert len(derived) == 6
    assert list(zip(table["coverage"], table["cost"], strict=True))[1:] == derived
    trained = re.findall(r"^\| [^|]+ \| ([\d,]+) \| \d+", text, re.MULTILINE)
    assert table["requirements.train-capital.fulfilled"].tolist()[1:] == [
        2 * float(number.replace(",", "")) for number in trained
    ]
