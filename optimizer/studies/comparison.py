"""The tables of scenarios side by side, made of the outcome of every plan in every scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.proof import LEFT_OPEN
from optimizer.studies.exchange import PLAN_FROM, POOL
from optimizer.studies.intervals import Interval, aim_interval, total
from optimizer.studies.regret import Priority, best_of, compared, priorities_of

Outcome = Mapping[str, Any]
NATION_COLUMNS: Final = ("takes_part", "peak_personnel", "cost")
MOST_NAMED: Final = 5
ENDS: Final = ("at_least", "at_most")
HINDSIGHT: Final = "made for the scenario that comes"
_NUMBERS: Final = frozenset(
    {
        "probability",
        "value",
        "bound",
        "gap",
        "score",
        "best_value",
        "regret",
        "expected",
        "largest_regret",
        *(f"{name}_{end}" for name in ("regret", "expected", "largest_regret") for end in ENDS),
        *NATION_COLUMNS,
    }
)


@dataclass(frozen=True)
class Outcomes:
    """What became of each plan in each scenario. `pairs`: by (scenario it was made for, scenario that comes true)."""

    instance: Instance
    pairs: Mapping[tuple[str, str], Outcome]

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios."""
        return tuple(self.instance.scenarios)

    @cached_property
    def chances(self) -> dict[str, float | None]:
        """The probability of each scenario, as far as it has one."""
        return {row["scenario"]: row["probability"] for row in self.instance.rows("scenarios")}

    @cached_property
    def own(self) -> dict[str, Outcome]:
        """Of each scenario the outcome of the plan made for it."""
        return {name: self.pairs[name, name] for name in self.names}

    @cached_property
    def priorities(self) -> list[Priority]:
        """The aims by priority."""
        return priorities_of(self.instance.header.aims)

    @cached_property
    def best(self) -> dict[str, Outcome | None]:
        """The best outcome known for each scenario."""
        pairs = self.pairs
        return {
            name: best_of(
                self.priorities,
                [self.own[name], *(pairs[other, name] for other in self.names if (other, name) in pairs)],
            )
            for name in self.names
        }


def aims_table(outcomes: Outcomes) -> pd.DataFrame:
    """Per scenario and aim value, bound and gap of the scenario's own plan."""
    rows = [
        (
            name,
            outcomes.chances[name],
            own["termination"],
            aim.name,
            *(own.get(f"{aim.name}{end}") for end in ("", "_bound", "_gap")),
            own.get(PLAN_FROM, ""),
        )
        for name, own in outcomes.own.items()
        for aim in outcomes.instance.header.aims
    ]
    return _frame(("scenario", "probability", "termination", "aim", "value", "bound", "gap", PLAN_FROM), rows)


def missions_table(outcomes: Outcomes) -> pd.DataFrame:
    """The score of each mission under each scenario's own plan."""
    missions = [row["mission"] for row in outcomes.instance.rows("missions")]
    rows = [(name, one, own.get(f"missions.{one}.score")) for name, own in outcomes.own.items() for one in missions]
    return _frame(("scenario", "mission", "score"), rows)


def nations_table(outcomes: Outcomes) -> pd.DataFrame:
    """Who takes part under each scenario's own plan, with how many people and at what cost."""
    rows = [
        (name, row["nation"], *(own.get(f"nations.{row['nation']}.{column}") for column in NATION_COLUMNS))
        for name, own in outcomes.own.items()
        for row in outcomes.instance.rows("nations")
    ]
    return _frame(("scenario", "nation", *NATION_COLUMNS), rows)


def regret_table(outcomes: Outcomes) -> pd.DataFrame:
    """Per plan, scenario that comes true and aim: the value of the kept plan, the best value known, and the regret."""
    rows = []
    for made_for in outcomes.names:
        for name in outcomes.names:
            outcome = outcomes.pairs.get((made_for, name), {"termination": "no plan to keep"})
            found = compared(outcomes.priorities, outcome, outcomes.best[name])
            rows += [(made_for, name, outcome["termination"], *row) for row in found]
    names = ("plan_for", "comes_true", "termination", "aim", "value", "best_value", "regret")
    return _frame((*names, "regret_at_least", "regret_at_most"), rows)


def expected_table(outcomes: Outcomes, regret: pd.DataFrame) -> pd.DataFrame:
    """Per plan and aim the expected value and the largest regret, and what they are at least and at most with the best plans.

    Blank without probabilities, where the plan cannot be kept, and where nothing is certain.
    """
    names, chances = outcomes.names, outcomes.chances
    known = all(chances[name] is not None for name in names)
    rows: list[tuple[Any, ...]] = []
    for aim in dict.fromkeys(regret["aim"]):
        of_aim = regret[regret["aim"] == aim]
        for plan in (*names, HINDSIGHT):
            runs = of_aim[of_aim["plan_for"] == (names[0] if plan == HINDSIGHT else plan)]
            values = dict(zip(runs["comes_true"], runs["best_value" if plan == HINDSIGHT else "value"], strict=True))
            parts = [(chances[name] or 0.0) * values[name] for name in names if chances[name] != 0.0]
            expected = math.fsum(parts) if known and not any(map(math.isnan, parts)) else None
            reach = _expected_reach(outcomes, str(aim), str(plan)) if expected is not None else Interval()
            largest = _largest(runs["regret"])
            if plan == HINDSIGHT:
                rows.append((plan, aim, expected, *reach.cells, 0.0, 0.0, 0.0))
                continue
            ends = (_most(runs["regret_at_least"]) if largest is not None else None, _largest(runs["regret_at_most"]))
            rows.append((plan, aim, expected, *reach.cells, largest, *ends))
    columns = [f"{name}{end}" for name in ("expected", "largest_regret") for end in ("", *(f"_{one}" for one in ENDS))]
    return _frame(("plan_for", "aim", *columns), rows)


def _expected_reach(outcomes: Outcomes, aim: str, plan: str) -> Interval:
    """What is certain of the expected value of an aim, with the best that can be done in each scenario."""
    parts = []
    for name in outcomes.names:
        outcome = outcomes.best[name] if plan == HINDSIGHT else outcomes.pairs.get((plan, name))
        chance = outcomes.chances[name] or 0.0
        parts.append(aim_interval(outcome or {}, aim, outcomes.instance.header.aims).times(chance))
    return total(parts)


def _largest(regrets: pd.Series[float]) -> float | None:
    return None if regrets.isna().any() else float(regrets.max())


def _most(regrets: pd.Series[float]) -> float | None:
    """The largest of those that are known."""
    return None if regrets.isna().all() else float(regrets.max())


def warnings_of(outcomes: Outcomes) -> list[str]:
    """What a reader of the tables must know: plans that are missing, or not proven best."""
    found = []
    if any(chance is None for chance in outcomes.chances.values()):
        found.append("A scenario has no probability: there are no expected values.")
    for name, outcome in outcomes.own.items():
        if not outcome["has_plan"]:
            found.append(f"{name}: no plan ({outcome['reason']}).")
        elif outcome["termination"] != "optimal":
            found.append(
                f"{name}: {_left_open(outcomes.priorities[0], outcome)}; regrets where {name} comes true may be larger by that."
            )
    unproven = sum(
        outcome["has_plan"] and outcome["termination"] != "optimal" and made_for != name
        for (made_for, name), outcome in outcomes.pairs.items()
    )
    if unproven:
        found.append(
            f"{unproven} of the kept plans are not proven to be the best that is left: their regret may be smaller."
        )
    found += [
        f"{made_for} kept in {name}: failed ({outcome['reason']})."
        for (made_for, name), outcome in outcomes.pairs.items()
        if made_for != name and outcome["termination"] == "failed"
    ]
    found += _from_elsewhere(outcomes)
    return found


def _from_elsewhere(outcomes: Outcomes) -> Iterator[str]:
    """Plans that another search found, regrets that may be the search's alone, and kept plans that beat the plan made for what comes."""
    for name, own in outcomes.own.items():
        source = own.get(PLAN_FROM)
        if source and own["has_plan"]:
            where = source if source == POOL else f"the search for {source}"
            yield f"{name}: its plan comes from {where}, and its own search found none that is better."
    first = outcomes.priorities[0]
    pairs = [
        (
            made_for,
            name,
            next(row for row in compared(outcomes.priorities, outcome, outcomes.best[name]) if row[0] == first.name),
        )
        for (made_for, name), outcome in outcomes.pairs.items()
        if outcome["has_plan"]
    ]
    unsure = [f"{made_for} in {name}" for made_for, name, row in pairs if made_for != name and row[3] and not row[4]]
    if unsure:
        named = "; ".join(unsure[:MOST_NAMED]) + (
            f" and {len(unsure) - MOST_NAMED} more" if len(unsure) > MOST_NAMED else ""
        )
        yield f"{len(unsure)} of {len(pairs)} regrets in {first.name} are {LEFT_OPEN}, and may be none: {named}."
    for (made_for, name), outcome in outcomes.pairs.items():
        if made_for != name and outcome is outcomes.best[name]:
            beaten = (
                f"than the plan found for {name} itself"
                if outcomes.own[name]["has_plan"]
                else f"than none, and none was found for {name} itself"
            )
            yield (
                f"The plan made for {made_for}, kept, serves {name} better {beaten}, so it is the measure of regret there; more time would help."
            )


def _left_open(priority: Priority, outcome: Mapping[str, Any]) -> str:
    """How much of the first aim the search left open."""
    aim = priority.aims[0].name
    value, bound = outcome[aim], outcome[f"{aim}_bound"]
    if len(priority.aims) > 1:
        return "the search was stopped before its end"
    return f"the search left {'an unknown amount' if bound is None else f'{abs(bound - value):.4g}'} of {aim} open"


def _frame(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for name in _NUMBERS.intersection(columns):
        frame[name] = pd.Series([math.nan if value is None else float(value) for value in frame[name]], dtype="float64")
    return frame
