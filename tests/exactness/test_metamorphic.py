"""Changes of an instance that must change nothing, or must not make it worse."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.plan.plan import Plan
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from tests.oracle.random_instances import FAMILIES, tiny
from tests.shipped import baseline_of, folders

pytestmark = pytest.mark.no_cover  # hundreds of solves would be traced line by line
SEEDS = range(20)
COLUMNS = ["pledge", "requirement", "period", "units"]
Tables = dict[str, list[dict[str, Any]]]
Header = dict[str, Any]


@cache
def drawn(seed: int) -> tuple[Tables, Header, list[dict[str, Any]] | None]:
    """A random tiny instance of all families."""
    return tiny(700_000 + seed, FAMILIES)


def answer(
    tables: Mapping[str, list[dict[str, Any]]], header: Header, baseline: list[dict[str, Any]] | None = None
) -> tuple[Instance, Plan]:
    """The instance and its plan under the defaults of the conditions."""
    instance = Instance.from_tables(tables, header=header, impossible=True)
    frame = None if baseline is None else pd.DataFrame(baseline, columns=COLUMNS)
    return instance, solve(instance, baseline=frame, child=False)


def fresh(seed: int) -> tuple[Tables, Header, list[dict[str, Any]] | None]:
    """A copy of a random instance that may be changed."""
    return copy.deepcopy(drawn(seed))


@cache
def original(seed: int) -> tuple[Instance, Plan]:
    """The answer to a random instance as it is."""
    return answer(*drawn(seed))


def same_values(one: Plan, other: Plan, **factors: float) -> None:
    """The same termination and aims, some of them multiplied by a factor."""
    assert one.has_plan == other.has_plan
    for (name, value), (there, found) in zip(
        one.aims[["name", "value"]].itertuples(index=False),
        other.aims[["name", "value"]].itertuples(index=False),
        strict=True,
    ):
        assert name == there
        assert found == pytest.approx(value * factors.get(name, 1.0), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_rows_changes_nothing(seed: int) -> None:
    """Rows and tables in another order: the same hash, and the same plan unit by unit."""
    tables, header, baseline = fresh(seed)
    rng = Random(seed)
    names = list(tables)
    rng.shuffle(names)
    for rows in tables.values():
        rng.shuffle(rows)
    instance, plan = answer({name: tables[name] for name in names}, header, baseline)
    before, known = original(seed)
    assert instance.hash == before.hash
    pd.testing.assert_frame_equal(plan.assignments, known.assignments)
    pd.testing.assert_frame_equal(plan.aims, known.aims)


NAMES = {
    "nations": "nation",
    "unit_types": "unit_type",
    "pledges": "pledge",
    "missions": "mission",
    "areas": "area",
    "requirements": "requirement",
    "groups": "group",
    "conditions": "condition",
    "scenarios": "scenario",
    "limits": "limit",
    "caveats": "caveat",
    "links": "link",
    "enablers": "enabler",
    "instruments": "instrument",
}
CODES = {"FRA": "USA", "ITA": "GBR", "POL": "DEU"}


def renamed(seed: int) -> tuple[Tables, Header, list[dict[str, Any]] | None]:
    """Every name replaced by one that sorts the other way round."""
    tables, header, baseline = fresh(seed)
    known = {row[column] for table, column in NAMES.items() for row in tables.get(table, [])}
    known |= {row["capability"] for table in ("requirements", "yields") for row in tables[table]}
    known |= {
        tag for table in ("unit_types", "pledges") for row in tables[table] for tag in row.get("tags", "").split(";")
    }
    known |= {row.get("host", "") for row in tables["areas"]} - {""}
    new = {name: CODES.get(name) or f"z{chr(219 - ord(name[0].lower()))}-{name}" for name in known if name}
    new |= {name: {"UKR": "MDA", "ROU": "BGR"}.get(name, new[name]) for name in new if name in {"UKR", "ROU"}}

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for mark in (";", "/"):
            if mark in value:
                return mark.join(cell(part) for part in value.split(mark))
        return "".join(new.get(part, part) for part in re.split(r"([!&|() ]+)", value))

    kept = {"table", "column", "measure", "rule", "kind", "per", "scope", "score", "lead", "mode", "domain"}
    changed = {
        table: [
            {
                new.get(key, key) if table == "scenarios" else key: value if key in kept else cell(value)
                for key, value in row.items()
            }
            for row in rows
        ]
        for table, rows in tables.items()
    }
    for aim in header.get("aims", []):
        if "scope" in aim:
            aim["scope"] = {key: value if key == "domain" else cell(value) for key, value in aim["scope"].items()}
        if "weights" in aim:
            aim["weights"] = {cell(nation): weight for nation, weight in aim["weights"].items()}
    return changed, header, baseline and [{key: cell(value) for key, value in row.items()} for row in baseline]


@pytest.mark.parametrize("seed", SEEDS)
def test_names_change_nothing(seed: int) -> None:
    """Every nation, type, pledge, area, rule … under another name, in another order: the same aims."""
    same_values(original(seed)[1], answer(*renamed(seed))[1])


def dearer(tables: Tables, header: Header, factor: float) -> None:
    """Multiply everything that is money; the weight of the aim falls where it is added to other aims."""
    for table, columns in {
        "unit_types": ("cost",),
        "pledges": ("cost",),
        "deployment_costs": ("cost", "movement_cost"),
        "nations": ("participation_cost", "budget"),
        "participation": ("cost",),
        "instruments": ("cost",),
        "routes": ("cost",),
        "funding": ("maximum",),
    }.items():
        for row in tables.get(table, []):
            for column in columns:
                if column in row:
                    row[column] *= factor
    for table in ("limits", "caveats"):
        for row in tables.get(table, []):
            if row.get("measure") in {"cost", "paid"}:
                for column in ("minimum", "maximum"):
                    if column in row:
                        row[column] *= factor
    for aim in header.get("aims", []):
        level = [other for other in header["aims"] if other["priority"] == aim["priority"]]
        if aim["name"] == "cost" and len(level) > 1:
            aim["weight"] = aim.get("weight", 1.0) / factor


@pytest.mark.parametrize("factor", [0.125, 1000.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_money_in_another_unit_scales_cost_only(seed: int, factor: float) -> None:
    """All money times a factor: cost times the factor, every other aim as before."""
    tables, header, baseline = fresh(seed)
    dearer(tables, header, factor)
    same_values(original(seed)[1], answer(tables, header, baseline)[1], cost=factor)


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_that_nothing_refers_to_change_nothing(seed: int) -> None:
    """Another nation, area, type, mission without lines, group and condition: the same aims."""
    tables, header, baseline = fresh(seed)
    tables["nations"].append({"nation": "ESP", "max_posts": 1, "min_contingent": 10})
    tables["areas"].append({"area": "moon", "max_personnel": 0})
    tables["unit_types"].append({"unit_type": "robot", "personnel": 1, "cost": 1})
    tables["missions"].append({"mission": "peace", "weight": 7})
    tables.setdefault("groups", []).append({"group": "alone", "nation": "ESP"})
    tables.setdefault("conditions", []).append({"condition": "eclipse"})
    same_values(original(seed)[1], answer(tables, header, baseline)[1])


def coverage_of(tables: Tables, header: Header) -> float | None:
    """The best coverage, without other aims; None where there is no plan."""
    aims = [{"name": "coverage", "priority": 1}]
    return answer(tables, {**header, "aims": aims})[1].aim("coverage")


def never_lower(seed: int, change: Callable[[Tables], None]) -> None:
    """A change of the tables does not lower the best coverage."""
    tables, header, _ = fresh(seed)
    before = coverage_of(tables, header)
    change(tables)
    after = coverage_of(tables, header)
    assert before is None or (after is not None and after >= before - 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_another_pledge_never_lowers_coverage(seed: int) -> None:
    """One unit more, of every type and from the first nation, may stay at home."""

    def change(tables: Tables) -> None:
        nation = tables["nations"][0]["nation"]
        for number, row in enumerate(list(tables["unit_types"])):
            more = {"pledge": f"more{number}", "nation": nation, "unit_type": row["unit_type"], "quantity": 1}
            tables["pledges"].append(more)

    never_lower(seed, change)


def seeds_where(fits: Callable[[Tables, Header], object]) -> list[int]:
    """The first seeds, as many as elsewhere, whose instance has what a test changes."""
    return list(itertools.islice((seed for seed in itertools.count() if fits(*drawn(seed)[:2])), len(SEEDS)))


def with_rules(table: str) -> list[tuple[int, str]]:
    """Seeds whose instance has rows of a table."""
    return [(seed, table) for seed in seeds_where(lambda tables, _: tables.get(table))]


@pytest.mark.parametrize(
    ("seed", "table"), [case for table in ("caveats", "links", "enablers", "posts") for case in with_rules(table)]
)
def test_one_rule_less_never_lowers_coverage(seed: int, table: str) -> None:
    """Without its first caveat, link, enabler or row of posts every plan is still a plan."""

    def change(tables: Tables) -> None:
        tables[table].pop(0)
        if not tables[table]:
            del tables[table]

    never_lower(seed, change)


def unrounded(tables: Tables, header: Header) -> list[dict[str, Any]]:
    """The pledges whose halves are exactly half."""
    rounded = {"rotation_factor", "deployed_at_start"}
    one_period = header["periods"]["count"] == 1
    named = {row.get("key") for row in tables.get("changes", [])}
    return [
        row
        for row in tables["pledges"]
        if not rounded & set(row) and row["pledge"] not in named and not (one_period and "tour" in row)
    ]


@pytest.mark.parametrize("seed", seeds_where(unrounded))
def test_halves_of_a_pledge_do_as_much(seed: int) -> None:
    """Two pledges of half the units each, where no rounding comes in, give the same coverage as the one."""
    tables, header, _ = fresh(seed)
    row = unrounded(tables, header)[0]
    row["quantity"] = 2
    before = coverage_of(tables, header)
    tables["pledges"].append({**row, "pledge": "half", "quantity": 1})
    row["quantity"] = 1
    for costs in list(tables.get("deployment_costs", [])):
        if costs.get("pledge") == row["pledge"]:
            tables["deployment_costs"].append({**costs, "pledge": "half"})
    after = coverage_of(tables, header)
    assert (before is None) == (after is None)
    assert before is None or after == pytest.approx(before, abs=1e-6)


LONG = {"paris-2025-03", "paris-2026-01", "un-2019", "kfor-2017", "isaf-2009"}
SMALL = [folder for folder in folders() if folder.parent.name != "classical" and folder.name not in LONG]


@pytest.mark.parametrize("folder", SMALL, ids=lambda path: path.name)
def test_solver_settings_do_not_change_the_aims(folder: Path) -> None:
    """Shipped instances: presolve on or off, one seed or another, the values of the levels are the same."""
    linear = build(build_situation(read_instance(folder), None), baseline_of(folder)).linear
    base = SolveOptions(gap=1e-9)
    first, *others = (
        solve_levels(linear, options) for options in (base, replace(base, presolve=False), replace(base, seed=7))
    )
    for other in others:
        assert other.termination == first.termination
        for one, two in zip(first.levels, other.levels, strict=True):
            assert (one.value is None) == (two.value is None)
            assert one.value is None or two.value == pytest.approx(one.value, rel=1e-6, abs=1e-9)
