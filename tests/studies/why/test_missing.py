"""Units that are missing whatever bends, and what is said where a reason is not established."""

from __future__ import annotations

from typing import Any

import pytest

import optimizer as fg
from optimizer.studies.why import apart, lines, reasons
from optimizer.studies.why.lines import Lines
from optimizer.studies.why.reasons import find_reasons
from tests.studies.why.test_reasons import LINE, world

pytestmark = pytest.mark.no_cover
PLEDGE = {"pledge": "p", "nation": "FRA", "unit_type": "bn", "quantity": 2, "tour": 1, "dwell": 1}


def missing(instance: fg.Instance) -> list[tuple[tuple[int, ...], str]]:
    """Per reason for the line its periods and what is missing."""
    plan = fg.solve(instance, child=False)
    return [(one.periods, one.missing_units) for one in find_reasons(plan, line="r")]


@pytest.mark.parametrize("large", [False, True])
def test_tours_ask_for_more_units_than_are_there_at_a_time(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are wanted throughout, and two take turns with two: two are missing. In one period it is one of three."""
    if large:
        monkeypatch.setattr(lines, "LARGE_INTEGERS", 0)
    ((_, text),) = missing(world(4, pledges=[PLEDGE], requirements=[{**LINE, "target": 2}]))
    assert text == "2 of bn"
    ((periods, text),) = missing(
        world(4, pledges=[PLEDGE], requirements=[{**LINE, "target": 3, "from": 2, "until": 2}])
    )
    assert (periods, text) == ((2,), "1 of bn")


def test_what_concessions_close_is_not_missing() -> None:
    """A cap keeps two battalions away and one more is asked for: that one is missing, and said in the sentence."""
    tables: dict[str, Any] = {"nations": [{"nation": "FRA", "max_units": 0}, {"nation": "ITA"}]}
    plan = fg.solve(world(requirements=[{**LINE, "target": 5}], **tables), child=False)
    (found,) = find_reasons(plan)
    assert (found.reason, found.rules, found.missing_units) == ("capped", ("nations/FRA.max_units",), "1 of bn")
    assert found.sentence.endswith("it would lack 1 of bn.")
    assert found.record()["missing_units"] == "1 of bn"
    plan = fg.solve(world(**tables), child=False)
    (found,) = find_reasons(plan)
    assert (found.missing_units, "lack" in found.sentence) == ("", False)


def test_two_types_where_that_takes_fewest() -> None:
    """Three are missing; a corps gives two: one corps and one battalion, which is lighter than a second corps."""
    more = {
        "unit_types": [{"unit_type": "bn", "personnel": 100}, {"unit_type": "corps", "personnel": 900}],
        "yields": [
            {"unit_type": "bn", "capability": "guard", "amount": 1},
            {"unit_type": "corps", "capability": "guard", "amount": 2},
        ],
    }
    assert missing(world(requirements=[{**LINE, "target": 7}], **more)) == [((1,), "1 of bn, 1 of corps")]


def test_without_a_bound_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """On large plans `exhausted` needs a proof; without it the reason is not known, and the rest is said as an interval."""
    monkeypatch.setattr(lines, "LARGE_INTEGERS", 0)
    plan = fg.solve(world(requirements=[{**LINE, "target": 6}]), child=False)
    (found,) = find_reasons(plan)
    assert (found.reason, found.more) == ("exhausted", (0.0, 0.0))
    monkeypatch.setattr(apart, "bound_of_part", lambda *_: float("inf"))
    (found,) = find_reasons(plan)
    assert (found.reason, found.rules, found.more) == ("not known in time", (), (0.0, 2.0))
    assert "no more than 2 more" in found.sentence


def test_a_witness_is_enough_for_better_used_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """That a line could have more is shown by a plan; how much at most then stays open."""
    monkeypatch.setattr(lines, "LARGE_INTEGERS", 0)
    monkeypatch.setattr(apart, "bound_of_part", lambda *_: float("inf"))
    missions = [{"mission": "m"}, {"mission": "big", "weight": 2}]
    both = [{**LINE, "target": 5}, {**LINE, "requirement": "b", "mission": "big"}]
    plan = fg.solve(world(missions=missions, requirements=both), child=False)
    (found,) = find_reasons(plan, line="r")
    assert (found.reason, found.more) == ("better used elsewhere", (4.0, 5.0))
    assert found.loses is not None
    assert found.loses.value == pytest.approx(100 * (2 - 0.8) / 3, abs=1e-3)


def test_without_time_on_a_large_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line says that its reason is not known."""
    monkeypatch.setattr(lines, "LARGE_INTEGERS", 0)
    plan = fg.solve(world(requirements=[{**LINE, "target": 6}]), child=False)
    (found,) = find_reasons(plan, seconds=1e-9)
    assert (found.reason, found.more, found.missing) == ("not known in time", None, None)


def test_large_gaps_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked first is the line that lacks most, with the weight of its mission; the answer is in the order of the lines."""
    monkeypatch.setattr(lines, "LARGE_INTEGERS", 0)
    asked: list[str] = []
    told = reasons._by_cause

    def noted(known: Lines, one: Any) -> Any:
        asked.append(one.name)
        return told(known, one)

    monkeypatch.setattr(reasons, "_by_cause", noted)
    both = [{**LINE, "target": 5}, {**LINE, "requirement": "s", "capability": "train", "target": 4}]
    plan = fg.solve(world(requirements=both), child=False)
    found = find_reasons(plan)
    assert asked == ["s", "r"]
    assert [one.requirement for one in found] == ["r", "s"]
