"""Rows of `agreed` taken from a plan: what is pinned, what is free, what runs on, and what does not fit."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from optimizer.corridor import solve
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.plan.verify import verify
from optimizer.settled import keep
from tests.oracle.random_instances import tiny
from tests.plan.small import Row, rows, world

Units = dict[tuple[str, str, int], int]


def units(plan: str) -> Units:
    """A plan in one line as units per service."""
    return {(row["pledge"], row["requirement"], row["period"]): int(row["units"]) for row in rows(plan)}


def agreed(instance: Instance) -> list[str]:
    """The rows of `agreed` in short: pledge, line, window, `=` or `>=`, units."""
    found = []
    for row in instance.rows("agreed"):
        sign = "=" if row["kind"] == "exactly" else ">="
        window = f"{row['from'] or ''}-{row['until'] or ''}"
        found.append(f"{row['pledge']} {row['requirement']} {window} {sign} {row['units']}")
    return found


def test_everything_also_that_somebody_does_not_serve() -> None:
    """Every pair that could serve is pinned in all periods, one row for each run of equal units."""
    instance = world(periods=4)
    assert agreed(keep(instance, units("A north 2-3 2; A north 4 1"))) == [
        *("A north -1 = 0", "A north 2-3 = 2", "A north 4- = 1", "A south - = 0"),
        *("B north - = 0", "B south - = 0", "C north - = 0", "C south - = 0"),
    ]


def test_the_part_of_some_nations() -> None:
    """Only pledges of the nations named are pinned."""
    instance = world(periods=2)
    found = agreed(keep(instance, units("A north 1-2 2; B south 1 1"), nations=["B"]))
    assert found == ["B north - = 0", "B south -1 = 1", "B south 2- = 0"]


TOURS = [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "tour": 3}]


def test_until_a_period_tours_run_on() -> None:
    """Tours that began by the period go on to their end, as at least so many; what began later is free."""
    instance = world(periods=5, pledges=TOURS)
    plan = units("A north 1 1; A north 2-3 3; A north 4 3; A north 5 2")
    assert agreed(keep(instance, plan, until=2)) == [
        *("A north -1 = 1", "A north 2-2 = 3", "A north 3-3 >= 3", "A north 4-4 >= 2", "A south -2 = 0"),
    ]


def test_both() -> None:
    """One nation's part of the first periods; nothing runs on without tours."""
    found = agreed(keep(world(periods=3), units("A north 1-3 2; B south 1-3 1"), nations=["B"], until=2))
    assert found == ["B north -2 = 0", "B south -2 = 1"]


def test_what_is_new_is_free_but_not_in_the_past() -> None:
    """A pledge and a line that the plan's own input does not have are free, unless periods are closed."""
    lines = [
        {"requirement": name, "mission": "watch", "area": name, "capability": "guard", "target": 10}
        for name in ("north", "south")
    ]
    pledges = [{"pledge": name, "nation": name, "unit_type": "inf", "quantity": 4} for name in ("A", "B")]
    before = world(periods=2, requirements=lines[:1], pledges=pledges[:1])
    plan = solve(before, child=False)
    after = world(periods=2, requirements=lines, pledges=pledges)
    assert agreed(keep(after, plan)) == ["A north - = 4"]
    assert agreed(keep(after, plan, until=1)) == [
        *("A north -1 = 4", "A south -1 = 0", "B north -1 = 0", "B south -1 = 0"),
    ]
    assert solve(keep(after, plan), child=False).assignments.query("pledge == 'B'")["units"].sum() == 8


ROW: dict[str, Any] = {"pledge": "A", "requirement": "north", "source": "letter"}


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ({"units": 1, "kind": "at_least"}, ["A north -2 = 2", "A north 3- >= 1"]),
        ({"units": 2, "until": 3}, ["A north -2 = 2", "A north 3-3 = 2"]),
        ({"units": 2, "until": 2}, ["A north -2 = 2"]),
    ],
)
def test_rows_of_the_instance_go_on_holding(row: Row, left: list[str]) -> None:
    """Kept rows take the place of those that they imply, in the periods that are kept."""
    instance = world(periods=4, agreed=[ROW | row])
    found = keep(instance, units("A north 1-4 2"), nations=["A"], until=2)
    assert [one for one in agreed(found) if "north" in one] == left


def test_what_does_not_fit_is_named_all_at_once() -> None:
    """Rows that the plan does not keep, and pledges, lines and periods that are not there any more."""
    instance = world(periods=2, agreed=[ROW | {"units": 3}])
    with pytest.raises(InvalidInstance) as error:
        keep(instance, units("A north 1 3; A north 2 2"))
    (found,) = error.value.findings
    assert (found.code, found.place) == ("kept-otherwise", "--keep")
    assert "3 units of 'A' are agreed on 'north' in period 2, and the plan has 2" in found.message
    with pytest.raises(InvalidInstance) as error:
        keep(instance, units("A north 1-2 2; D north 1 1; A east 1 1; A north 3 1"))
    last_words = [one.message.rpartition(" ")[2] for one in error.value.findings]
    assert last_words == ["requirement.", "period.", "pledge.", "2.", "2."]
    with pytest.raises(InvalidInstance, match="but the pledge has only 4"):
        keep(world(), units("A north 1 5"))


def test_unknown_nations_and_periods() -> None:
    """Both are named, each with what can be written instead."""
    with pytest.raises(InvalidInstance) as error:
        keep(world(periods=2), {}, nations=["D"], until=3)
    assert [one.place for one in error.value.findings] == ["--keep-nation D", "--keep-until 3"]


def kept(instance: Instance, plan: Plan, **part: Any) -> tuple[Instance | None, set[str]]:
    """The instance with a part of a plan; or none, and the codes of the errors."""
    try:
        return keep(instance, plan, **part), set()
    except InvalidInstance as error:
        return None, {one.code for one in error.findings if one.severity == "error"}


@pytest.mark.parametrize("seed", range(20))
def test_a_kept_optimum_is_the_optimum(seed: int) -> None:
    """Of random instances, the plan that was kept, whole or in part, is a plan of the instance with the rows, and its best value is kept."""
    tables, header, _ = tiny(seed, frozenset({"availability", "coverage", "caveats", "limits", "agreed"}))
    instance = Instance.from_tables(tables, header=header, impossible=True)
    first = solve(instance, child=False)
    if not first.has_plan:
        return
    nation = str(tables["nations"][0]["nation"])
    for part in ({}, {"nations": [nation]}, {"until": 1}, {"nations": [nation], "until": 1}):
        settled, wrong = kept(instance, first, **part)
        if settled is None:  # a row whose condition does not hold here, and that the plan does not keep
            assert wrong == {"kept-otherwise"}
            continue
        verify(settled, {"assignments": first.assignments, "instruments": first.instruments})
        second = solve(settled, start=first, child=False)
        assert second.aims["value"].tolist() == pytest.approx(first.aims["value"].tolist(), rel=1e-6, abs=1e-6)
        if not part:
            columns = ["pledge", "requirement", "period", "units"]
            pd.testing.assert_frame_equal(second.assignments[columns], first.assignments[columns])
