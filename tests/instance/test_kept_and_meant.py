"""What `check` says of figures that can be read but are not meant, of rules that touch nothing, and of rules that no plan keeps."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.findings import CANNOT_BE_KEPT, Finding
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawInstance
from optimizer.instance.read.examine import examine
from optimizer.instance.read.given import raw_table
from optimizer.instance.supply import funnel

Tables = dict[str, list[dict[str, Any]]]


def base() -> Tables:
    """Two nations, a harbour that is guarded and a school that is run; nothing to say about it."""
    return {
        "nations": [{"nation": "NOR", "fair_share": 2}, {"nation": "PRT", "fair_share": 1}],
        "unit_types": [
            {"unit_type": "company", "personnel": 100, "cost": 3},
            {"unit_type": "teachers", "personnel": 20, "cost": 1},
        ],
        "yields": [
            {"unit_type": "company", "capability": "guard", "amount": 2},
            {"unit_type": "teachers", "capability": "teach", "amount": 50},
        ],
        "missions": [
            {"mission": "harbour", "weight": 2, "continuity": True},
            {"mission": "school", "weight": 1, "continuity": True},
        ],
        "requirements": [
            {"requirement": "quay", "mission": "harbour", "area": "coast", "capability": "guard", "target": 6},
            {"requirement": "class", "mission": "school", "area": "town", "capability": "teach", "target": 200},
        ],
        "pledges": [
            {"pledge": "N", "nation": "NOR", "unit_type": "company", "quantity": 3},
            {"pledge": "P", "nation": "PRT", "unit_type": "teachers", "quantity": 4},
        ],
    }


def found(tables: Tables, periods: int = 4, *aims: str) -> list[Finding]:
    """The findings on tables."""
    named = [{"name": name, "priority": level} for level, name in enumerate(aims, 1)]
    header = {"periods": {"count": periods}, **({"aims": named} if named else {})}
    return list(examine(RawInstance(header, {name: raw_table(name, name, rows) for name, rows in tables.items()}))[1])


def told(tables: Tables, periods: int = 4, *aims: str) -> list[tuple[str, str, str, int | None, str | None]]:
    """Severity, code, table, row and column of each finding."""
    return [(one.severity, one.code, one.place, one.row, one.column) for one in found(tables, periods, *aims)]


def test_the_base_is_clean() -> None:
    """What the cases start from has no finding."""
    assert told(base()) == []


@pytest.mark.parametrize(
    ("table", "row", "cells", "expected"),
    [
        ("nations", 1, {"fair_share": None}, ("burden-partial", "nations", 3, "fair_share")),
        ("unit_types", 0, {"cost": None}, ("blank-figure", "unit_types", 2, "cost")),
        ("unit_types", 1, {"personnel": None}, ("blank-figure", "unit_types", 3, "personnel")),
        ("unit_types", 0, {"cost": 3_000_000}, ("cost-not-in-millions", "unit_types", 2, "cost")),
        ("pledges", 1, {"cost": 1_500}, ("cost-not-in-millions", "pledges", 3, "cost")),
        ("requirements", 1, {"target": 0.5}, ("target-below-unit", "requirements", 3, "target")),
        ("nations", 1, {"budget": 0.9}, ("cap-below-unit", "nations", 3, "budget")),
        ("missions", 0, {"weight": 1e7}, ("weights-far-apart", "missions", 3, "weight")),
    ],
)
def test_doubtful_figures(table: str, row: int, cells: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """Each doubtful figure is one warning on its cell."""
    tables = base()
    tables[table][row].update(cells)
    aims = ("coverage", "burden_gap", "cost") if "fair_share" in cells else ()
    warnings = [one for one in told(tables, 4, *aims) if one[1] != "magnitude"]
    assert warnings == [("warning", *expected)]


@pytest.mark.parametrize(
    ("table", "row", "cells"),
    [
        ("nations", 1, {"fair_share": 0}),
        ("nations", 1, {"budget": 1}),
        ("unit_types", 0, {"cost": 0}),
        ("pledges", 0, {"cost": 1_000}),
        ("requirements", 1, {"target": 0.51}),
        ("missions", 0, {"weight": 7e5}),
    ],
)
def test_figures_that_may_be_meant(table: str, row: int, cells: dict[str, Any]) -> None:
    """A zero that is written out, and figures just within what is doubted, are taken as they are."""
    tables = base()
    tables[table][row].update(cells)
    assert [one for one in told(tables, 4, "coverage", "burden_gap", "cost") if one[1] != "magnitude"] == []


def test_a_type_that_its_pledges_price_needs_no_cost() -> None:
    """A blank cost of a type is fine where the pledge has its own."""
    tables = base()
    tables["unit_types"][0]["cost"] = None
    tables["pledges"][0]["cost"] = 5
    assert told(tables) == []


@pytest.mark.parametrize(("table", "expected"), [("missions", 1), ("requirements", 1)])
def test_nothing_counts(table: str, expected: int) -> None:
    """Where every mission, or every line, weighs nothing, the plan would be empty and best: a warning."""
    tables = base()
    for row in tables[table]:
        row["weight"] = 0
    assert [code for _, code, *_ in told(tables)].count("nothing-counts") == expected


def test_lines_that_weigh_too_little() -> None:
    """Also within a mission, a line that cannot be told from rounding is named."""
    tables = base()
    tables["requirements"][1] |= {"mission": "harbour", "weight": 1e-7}
    del tables["missions"][1]
    assert ("warning", "weights-far-apart", "requirements", 3, "weight") in told(tables)


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        (
            "caveats",
            {"caveat": "c", "nation": "NOR", "mission": "school", "area": "coast", "rule": "forbid"},
            "mission",
        ),
        ("caveats", {"caveat": "c", "nation": "NOR", "unit_type": "teachers", "rule": "forbid"}, "nation"),
        ("limits", {"limit": "l", "measure": "units", "maximum": 3, "area": "town", "capability": "guard"}, "area"),
    ],
)
def test_rules_that_touch_nothing(table: str, row: dict[str, Any], column: str) -> None:
    """Names that are all known, but that nothing bears together, select no service."""
    assert told({**base(), table: [row]}) == [("warning", "selects-no-service", table, 2, column)]


def test_a_stance_without_a_pledge_is_no_fault() -> None:
    """A caveat of a nation that has pledged nothing for a place is left alone."""
    caveat = {"caveat": "c", "nation": "PRT", "area": "coast", "rule": "forbid"}
    assert told({**base(), "caveats": [caveat]}) == []


@pytest.mark.parametrize(
    ("pledge", "line"),
    [
        ({"tour": 3, "from": 1, "until": 2}, {}),
        ({"tour": 3}, {"from": 2, "until": 3}),
        ({"tour": 4, "dwell": 1, "deployed_at_start": 3}, {}),
        ({"rotation_factor": 3.5}, {}),
    ],
)
def test_units_that_cannot_come_in_time(pledge: dict[str, Any], line: dict[str, Any]) -> None:
    """A tour that fits in no window, or units that are all still out, serve nothing: for the checks, the funnel and the musts."""
    tables = base()
    tables["pledges"][0].update(pledge)
    tables["requirements"][0].update(line)
    assert told(tables) == [
        ("warning", "idle-pledge", "pledges", 2, "pledge"),
        ("warning", "unserved-line", "requirements", 2, "requirement"),
    ]
    instance = Instance.from_tables(tables, {"periods": {"count": 4}})
    row = funnel(instance).set_index("capability").loc["guard"]
    assert (row["sustainable"], row["allowed"], row["short"]) == (0, 0, 6)
    tables["requirements"][0]["threshold"] = 1
    tables["posts"] = [{"mission": "harbour", "area": "coast", "must": True}]
    assert ("error", "must-unservable", "posts", 2, "must") in told(tables)


@pytest.mark.parametrize(
    ("pledge", "line"),
    [({"tour": 3}, {"from": 2}), ({"tour": 2}, {"from": 2, "until": 3}), ({"tour": 2, "from": 4}, {})],
)
def test_tours_that_fit(pledge: dict[str, Any], line: dict[str, Any]) -> None:
    """A tour may run over the end of the horizon, and may fill its window exactly."""
    tables = base()
    tables["pledges"][0].update(pledge)
    tables["requirements"][0].update(line)
    assert told(tables) == []


@pytest.mark.parametrize(("threshold", "fails"), [(5.9, False), (6, False), (6.1, True)])
def test_a_threshold_that_all_together_reach(threshold: float, fails: bool) -> None:
    """A post that must be mounted needs a threshold that all units together can reach: exactly is enough."""
    tables = base()
    tables["requirements"][0] |= {"threshold": threshold, "target": 8}
    tables["posts"] = [{"mission": "harbour", "area": "coast", "must": True}]
    assert [one[:2] for one in told(tables)] == ([("error", "must-unservable")] if fails else [])


@pytest.mark.parametrize(("minimum", "fails"), [(299, False), (300, False), (301, True)])
def test_a_floor_that_all_together_reach(minimum: float, fails: bool) -> None:
    """A floor above all that is pledged is an error, because no plan can keep it; a floor at just as much is fine."""
    limit = {"limit": "l", "measure": "personnel", "minimum": minimum, "nation": "NOR"}
    assert told({**base(), "limits": [limit]}) == (
        [("error", "floor-above-pledges", "limits", 2, "minimum")] if fails else []
    )


@pytest.mark.parametrize(("cap", "told_"), [(99, True), (100, False), (101, False), (0, False)])
def test_a_cap_that_one_unit_fills(cap: float, told_: bool) -> None:
    """A cap one below the lightest unit is doubted; one that the unit fills exactly, one above, and zero are not."""
    tables = base()
    tables["nations"][0]["max_personnel"] = cap
    assert [one[1] for one in told(tables)] == (["cap-below-unit"] if told_ else [])


@pytest.mark.parametrize(("least", "told_"), [(299, False), (300, False), (301, True)])
def test_a_contingent_that_all_pledges_fill(least: float, told_: bool) -> None:
    """A smallest contingent of all persons that are pledged can be kept; of one person more it cannot."""
    tables = base()
    tables["nations"][0]["min_contingent"] = least
    assert [one[1] for one in told(tables)] == (["contingent-above-pledges"] if told_ else [])


def test_what_leaves_no_plan_in_one_scenario_names_it() -> None:
    """A floor that only a scenario puts out of reach is a warning with the scenario's name, not an error."""
    tables = base()
    tables["limits"] = [{"limit": "l", "measure": "personnel", "minimum": 200, "nation": "NOR"}]
    tables["scenarios"] = [{"scenario": "all"}, {"scenario": "few"}]
    tables["changes"] = [{"scenario": "few", "table": "pledges", "key": "N", "column": "quantity", "value": 1}]
    (finding,) = found(tables)
    assert (finding.severity, finding.code, finding.infeasible_in) == ("warning", "floor-above-pledges", ("few",))
    assert finding.cannot_be_kept
    assert "few" in finding.message


def test_shares_that_contradict_leave_the_empty_plan() -> None:
    """A floor above a cap on one share keeps everybody at home, and is a warning: with nobody deployed both are kept."""
    share = {"measure": "units_share", "nation": "NOR"}
    tables = {**base(), "limits": [{"limit": "a", "minimum": 0.6, **share}, {"limit": "b", "maximum": 0.4, **share}]}
    (finding,) = found(tables)
    assert (finding.severity, finding.code) == ("warning", "limits-contradict")


def test_findings_that_a_rule_cannot_be_kept_are_told_apart() -> None:
    """They can be recognised by their code, and a finding that data is unreadable is none of them."""
    assert "must-unservable" in CANNOT_BE_KEPT
    assert not Finding("error", "not-whole", "", None, None, "", "").cannot_be_kept


@pytest.mark.parametrize(
    ("table", "column"),
    [("nations", "max_personnel"), ("nations", "budget"), ("unit_types", "cost"), ("unit_types", "personnel")],
)
def test_numbers_that_solvers_refuse(table: str, column: str) -> None:
    """A figure far beyond what a solver can tell from nothing is an error on its cell; a fair share in euro is none."""
    tables = base()
    tables[table][0][column] = 1e15
    assert ("error", "too-large", table, 2, column) in told(tables)
    tables = base()
    tables["nations"][0]["fair_share"] = 2.9e12
    tables["nations"][1]["fair_share"] = 1.5e12
    assert told(tables) == []
