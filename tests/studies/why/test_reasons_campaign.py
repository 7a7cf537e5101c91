"""Reasons for open lines on random instances against enumeration with the oracle, and planted ones: kind, rules and missing units are the expected ones."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

import optimizer as fg
from optimizer.instance.admissible import window_mask
from optimizer.instance.instance import Row
from optimizer.plan.plan import Plan
from optimizer.studies.why import lines as lines_module
from optimizer.studies.why.lines import Lines
from optimizer.studies.why.reason import (
    BELOW_THRESHOLD,
    CAPPED,
    ELSEWHERE,
    EXHAUSTED,
    FORBIDDEN,
    NOT_KNOWN,
    NOTHING_PLEDGED,
    Reason,
)
from optimizer.studies.why.reasons import all_that_bends, find_reasons
from tests.oracle.brute import TooLarge
from tests.oracle.random_instances import FAMILIES
from tests.studies.why.lines_reference import World, world
from tests.studies.why.planted import Planted, planted
from tests.studies.why.reference import Case, draw, instance_of

pytestmark = pytest.mark.no_cover
SAME = 1e-5
QUICK = 12
Gain = Callable[[Reason, int, tuple[str, ...]], float]


def wrong_in(case: Case, plan: Plan, reasons: list[Reason]) -> list[str]:
    """What a plan's reasons claim that enumeration denies."""
    now: dict[str, dict[int, float]] = {}
    for row in plan.requirements.to_dict("records"):
        now.setdefault(row["requirement"], {})[int(row["period"])] = row["fulfilled"] / row["target"]
    known: dict[tuple[str, ...], World] = {}
    lines = Lines(plan)

    def gain(reason: Reason, period: int, without: tuple[str, ...]) -> float:
        if without not in known:
            known[without] = world(case.tables, case.header, case.scenario, without)
        mine = now[reason.requirement]
        return (known[without].most(reason.requirement, period, mine) or 0.0) - mine[period]

    return [
        f"{reason.requirement} {period}: {reason.reason} {reason.rules}: {text}"
        for reason in reasons
        for period in reason.periods
        for text in _wrong(lines, reason, period, gain)
    ]


def _wrong(lines: Lines, reason: Reason, period: int, gain: Gain) -> list[str]:
    row = next(one for one in lines.situation.tables.rows("requirements") if one["requirement"] == reason.requirement)
    offered = any(
        pledge["quantity"] > 0
        and lines.situation.admissible.delivers(pledge, row)
        and lines.situation.tables.when(pledge["condition"])
        & window_mask(pledge, lines.situation.horizon)
        & 1 << period - 1
        for pledge in lines.situation.tables.rows("pledges")
    )
    found = []
    if (reason.reason == NOTHING_PLEDGED) == offered:
        found.append("something is pledged, or nothing")
    if reason.reason == ELSEWHERE and gain(reason, period, ()) <= SAME:
        found.append("it could have no more")
    if reason.reason in {CAPPED, BELOW_THRESHOLD, EXHAUSTED} and gain(reason, period, ()) > SAME:
        found.append("it could have more")
    if reason.rules:
        full = gain(reason, period, reason.rules)
        if full <= SAME:
            found.append("nothing is gained without these rules")
        for rule in reason.rules if reason.reason != FORBIDDEN else ():
            rest = tuple(one for one in reason.rules if one != rule)
            if rest and gain(reason, period, rest) >= full - SAME:
                found.append(f"{rule} is superfluous")
    elif reason.reason in {FORBIDDEN, BELOW_THRESHOLD, CAPPED}:
        found.append("no rules")
    if reason.reason == EXHAUSTED and gain(reason, period, _in_the_way(lines, row)) > SAME:
        found.append("a rule binds")
    return found


def _in_the_way(lines: Lines, line: Row) -> tuple[str, ...]:
    """The rules that a reason may name: of thresholds, leads and numbers of nations those of the line's own post; what must be elsewhere stays."""
    rows = lines.situation.tables.rows("requirements")
    here = {row["requirement"] for row in rows if (row["mission"], row["area"]) == (line["mission"], line["area"])}
    post = f"posts/{line['mission']}:{line['area']}."
    elsewhere = {
        rule.id
        for rule in lines.rules.values()
        if (rule.column == "threshold" and rule.key not in here)
        or (rule.table == "posts" and rule.column in {"lead", "min_nations"} and not rule.id.startswith(post))
    }
    return tuple(rule.id for rule in all_that_bends(lines) if rule.id not in elsewhere)


def check(seed: int, *, large: bool = False) -> tuple[list[str], list[Reason]]:
    """What is wrong with the reasons of a random instance, and the reasons."""
    case = draw(seed, FAMILIES - {"instruments"})
    try:
        plan = fg.solve(instance_of(case), case.scenario, child=False)
        if not plan.has_plan:
            return [], []
        reasons = find_reasons(plan, seconds=60.0 if large else None)
        return [f"seed {seed}: {text}" for text in wrong_in(case, plan, reasons)], reasons
    except TooLarge:
        return [], []


def campaign(first: int, count: int, *, large: bool = False) -> dict[int, list[Reason]]:
    """The reasons of consecutive seeds, none of which is wrong."""
    wrong, found = [], dict[int, list[Reason]]()
    for seed in range(first, first + count):
        here, found[seed] = check(seed, large=large)
        wrong += here
    assert not wrong, "\n".join(wrong)
    return found


def test_reasons_hold_in_all_plans_of_random_instances() -> None:
    """What a reason claims is so among all plans that the oracle enumerates."""
    found = campaign(0, QUICK)
    assert len({one.reason for reasons in found.values() for one in reasons}) >= 4


def both(first: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reasons in the way of large instances: as right as the others, and the same where they are known; losses hold the true ones between them."""
    exact = campaign(first, count)
    with monkeypatch.context() as patched:
        patched.setattr(lines_module, "LARGE_INTEGERS", 0)
        found = campaign(first, count, large=True)
    every = [(seed, one) for seed, reasons in found.items() for one in reasons]
    known = {(seed, one.requirement, t): one for seed, reasons in exact.items() for one in reasons for t in one.periods}
    assert len(every) > count // 4
    assert sum(one.reason == NOT_KNOWN for _, one in every) <= len(every) // 10
    for seed, one in every:
        for t in one.periods if one.reason != NOT_KNOWN else ():
            other = known[seed, one.requirement, t]
            assert one.reason == other.reason, (seed, one, other)
            assert one.periods != other.periods or _holds(one, other), (seed, one, other)


def _holds(interval: Reason, exact: Reason) -> bool:
    """Whether an interval of losses holds the exact one."""
    if interval.loses is None or exact.loses is None or interval.loses.value is None or exact.loses.value is None:
        return True
    return (interval.loses.bound or 0.0) - 1e-3 <= exact.loses.value <= interval.loses.value + 1e-3


def test_reasons_of_large_instances_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of large instances, on the same small ones: it says the same, or that it does not know."""
    both(0, QUICK, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(50_000, 50_160, 20))
def test_reasons_hold_in_all_plans_long(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The long campaign, in both ways."""
    both(first, 20, monkeypatch)


def differs(one: Planted) -> str:
    """Where the reason found is not the planted one."""
    plan = fg.solve(one.instance, child=False)
    found = find_reasons(plan, line=one.line)
    said = [(reason.reason, set(reason.rules), reason.missing_units) for reason in found]
    wanted = [(one.reason, set(one.rules), one.missing)]
    return "" if said == wanted else f"seed {one.seed}: {said} instead of {wanted}"


def planted_campaign(seeds: range) -> None:
    """Compare consecutive seeds."""
    wrong = [text for seed in seeds if (text := differs(planted(Random(f"planted/{seed}"), seed)))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("large", [False, True])
def test_planted_reasons(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind, rules and missing units are those that were planted, in both ways."""
    if large:
        monkeypatch.setattr(lines_module, "LARGE_INTEGERS", 0)
    planted_campaign(range(21))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1210, 35))
def test_planted_reasons_long(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The long campaign, in both ways."""
    planted_campaign(range(first, first + 35))
    monkeypatch.setattr(lines_module, "LARGE_INTEGERS", 0)
    planted_campaign(range(first, first + 35))
