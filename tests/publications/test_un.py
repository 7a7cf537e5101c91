"""The instance of the size of the United Nations is what its maker writes, and what is published of it is what its plans say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import optimizer as fg
from publications.un.facts import SIZES, Deployment, Unit, sizes_of, units_at
from publications.un.story import PLANS, Figures, carried_on, figures_of, sentences
from publications.un.tables import read_world, tables, write_tables

ROOT = Path(__file__).parents[2]
INSTANCE, REPORTS = ROOT / "instances" / "un-2019", ROOT / "reports" / "un"
GAO = Deployment("MINUSMA", "Mali", "Gao", "16.3", "0.0", 2019, 700, ("engineers", "medical"), {})


@cache
def published() -> dict[str, fg.Plan]:
    """The published plans, checked when they are read."""
    return {name: fg.load_plan(REPORTS / name) for name in PLANS}


@cache
def figures() -> Figures:
    """The figures, worked out anew from the published plans."""
    return figures_of(published())


def test_the_shipped_folder_is_what_the_maker_writes(tmp_path):
    """Every table, byte by byte, and no table beside them."""
    write_tables(tables(read_world()), tmp_path)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_bytes() for file in INSTANCE.glob("*.csv")}


def test_every_row_has_a_source():
    assert all(row["source"] for rows in tables(read_world()).values() for row in rows)


@pytest.mark.parametrize(
    ("strength", "sizes"),
    [(650, "bn"), (1700, "bn bn coy coy plt plt plt"), (985, "bn coy coy plt"), (145, "coy"), (50, "plt"), (10, "plt")],
)
def test_strengths_are_divided_into_standard_sizes(strength, sizes):
    assert sizes_of(strength) == sizes.split()


def test_infantry_first_then_what_the_map_shows_in_turn():
    """A battalion and one company make up the infantry of 700; the rest take medical and engineers in turn, who has no size last."""
    where = replace(GAO, strengths={"AAA": 650, "BBB": 150, "CCC": 150, "DDD": 35, "EEE": None})
    assert units_at(where) == Counter(
        {
            Unit("AAA", "infantry", "bn"): 1,
            Unit("BBB", "infantry", "coy"): 1,
            Unit("CCC", "medical", "coy"): 1,
            Unit("DDD", "engineers", "plt"): 1,
            Unit("EEE", "medical", "plt"): 1,
        }
    )


def test_who_has_no_size_where_nothing_is_shown_is_police():
    where = replace(GAO, shown=(), strengths={"AAA": 150, "BBB": None})
    assert units_at(where) == Counter({Unit("AAA", "infantry", "coy"): 1, Unit("BBB", "police", "fpu"): 1})


def test_the_instance_has_its_size():
    instance = fg.read_instance(INSTANCE)
    assert [len(instance.rows(name)) for name in ("nations", "missions", "areas")] == [71, 11, 193]


def test_2019_is_agreed_and_takes_all_that_is_offered():
    """The units agreed for 2019 are all that the pools keep out, and every line of 2019 is full."""
    instance = fg.read_instance(INSTANCE)
    agreed: Counter[str] = Counter()
    served: Counter[str] = Counter()
    for row in instance.rows("agreed"):
        agreed[str(row["pledge"])] += int(row["units"])
        served[str(row["requirement"])] += int(row["units"])
    assert agreed == {row["pledge"]: row["quantity"] // 3 for row in instance.rows("pledges")}
    assert served == {row["requirement"]: row["target"] for row in instance.rows("requirements") if row["from"] == 1}


def test_the_best_coverage_is_proven():
    """Coverage alone is solved to the end, at the value that the README of the instance and the published plan have."""
    plan = fg.solve(fg.read_instance(INSTANCE), aims=[fg.Aim("coverage")], child=False)
    assert plan.termination == "optimal"
    assert plan.aim("coverage") == pytest.approx(99.285909, abs=1e-3)
    assert "99.286" in (INSTANCE / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PLANS)
def test_a_published_plan_keeps_the_rules_of_the_shipped_instance(name):
    """Its aims are as stated, the changes counted from 2019 carried on, or from the plan before."""
    plan = published()[name]
    carried = [(*key, units) for key, units in carried_on(read_world()).items()]
    baseline = pd.DataFrame(carried, columns=["pledge", "requirement", "period", "units"])
    if name != "before":
        baseline = published()["before"].assignments
    shipped = fg.read_instance(INSTANCE)
    asked = replace(shipped, header=replace(shipped.header, aims=plan.instance.header.aims))
    aims = fg.verify(asked, plan, baseline=baseline)
    assert dict(zip(aims["name"], aims["value"], strict=True)) == pytest.approx(
        dict(zip(plan.aims["name"], plan.aims["value"], strict=True))
    )


def test_the_published_tables_and_sentences_are_those_of_the_plans():
    text = (REPORTS / "README.md").read_text(encoding="utf-8")
    told = sentences(figures(), published())
    assert re.findall(r"^- (.*)$", text, re.MULTILINE) == told
    for name, table in figures().tables.items():
        shipped = pd.read_csv(REPORTS / f"{name}.csv")
        pd.testing.assert_frame_equal(shipped, table.reset_index(drop=True), check_dtype=False)


def test_who_comes_free_and_what_is_open_counted_by_hand():
    """Another way to the figures: from the assignments and from the lines."""
    before, least, after = (published()[name] for name in PLANS)
    values = figures().values
    last = before.assignments[(before.assignments["mission"] == "MINUSMA") & (before.assignments["period"] == 3)]
    assert values["freed_units"] == last["units"].sum()
    assert values["freed_persons"] == last["personnel"].sum()
    assert values["freed_contributors"] == last["nation"].nunique()
    for name, plan in zip(PLANS, (before, least, after), strict=True):
        lines = plan.requirements[(plan.requirements["period"] == 3) & (plan.requirements["mission"] != "MINUSMA")]
        assert values[f"open_units_{name}"] == lines["gap"].sum()


def test_closing_changes_nothing_that_it_need_not():
    """The plan with fewest changes is the plan before without Mali's last year, unit by unit: the sentence says so."""
    before, least = (published()[name].assignments for name in PLANS[:2])
    kept = before[(before["mission"] != "MINUSMA") | (before["period"] < 3)]
    columns = ["pledge", "requirement", "period", "units"]
    assert set(kept[columns].itertuples(index=False)) == set(least[columns].itertuples(index=False))
    assert figures().values["least_differs_elsewhere"] == 0


def test_the_pages_are_pages():
    """Each published page is below 5 MB."""
    pages = sorted(REPORTS.glob("*.html"))
    assert [page.name for page in pages] == ["after.html", "before.html", "closing.html"]
    assert all(page.stat().st_size < 5_000_000 for page in pages)


def test_sizes_are_those_of_the_unit_types():
    rows = {row["unit_type"]: row["personnel"] for row in fg.read_instance(INSTANCE).rows("unit_types")}
    assert all(rows[name] == SIZES[name.rpartition("_")[2]] for name in rows)
