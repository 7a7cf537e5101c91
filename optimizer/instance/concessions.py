"""What may be asked of whom: the concessions that the rules in force allow, from the table `concessions` and the defaults of each kind."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.bending import LIFT, bending, is_whole, lowest, step_of
from optimizer.instance.instance import Row
from optimizer.instance.rule import Rule, key_of
from optimizer.instance.situation import Limit, Situation

COALITION: Final = "the coalition"
DEFAULT_SHARE: Final = 0.25
"""The default step of a number, as a part of it."""
_COUNTS: Final = frozenset({"units", "nations", "posts", "ready"})
_SHARES: Final = frozenset({"fulfilment", "personnel_share", "cost_share", "units_share"})
_ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Concession:
    """One rule that may bend, and how.

    Attributes:
        rule: the rule in force.
        column: the cell that changes; None: the whole row goes.
        value: of the cell, in the scenario that was asked; None where the row goes.
        step: by which each step changes the cell, up or down; None: it is lifted.
        highest: at which a raised cell stops.
        weight: political cost of each step.
        most: how many steps may be asked for.
        asked: who would have to agree.
    """

    rule: Rule
    column: str | None
    value: float | None
    step: float | None
    highest: float
    weight: int
    most: int
    asked: str

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id

    @property
    def change(self) -> str | float:
        """The change of one step, as the table has it: `lift`, or a number."""
        return LIFT if self.step is None else self.step

    def after(self, steps: int) -> float | None:
        """The value of the cell after so many steps; None: it is emptied, or its row deleted."""
        if self.step is None or self.value is None:
            return None
        if self.rule.bend == "raise":
            return min(self.highest, self.value + steps * self.step)
        return max(lowest(self.column), self.value - steps * self.step)


def concessions_of(situation: Situation, rules: Iterable[Rule]) -> list[Concession]:
    """The concessions that some rules of a situation allow, in the order of the rules: with what the table says, else with defaults.

    Rules that never bend, and steps that would change nothing, are left out.
    """
    table = [row for row in situation.tables.rows("concessions") if row["rule"]]
    cells = _Cells(situation)
    found = []
    for rule in rules:
        if rule.bend is None:
            continue
        mine = [row for row in table if row["rule"] == rule.id or fnmatchcase(rule.id, row["rule"])]
        if not any(row["never"] for row in mine):
            made = cells.concession(rule, min(mine, key=_rank, default=None))
            if made is not None:
                found.append(made)
    return found


def _rank(row: Row) -> tuple[int, int, str]:
    """Of several rows about a rule the one with the fewest `*` holds; of these the one that says most."""
    return row["rule"].count("*"), -len(row["rule"]), row["concession"]


class _Cells:
    """The cells of a situation's rules, and the default steps of each kind."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self._rows: dict[str, Mapping[str, Row]] = {}
        self._limits: dict[str, list[Limit]] = {}
        for limit in situation.limits:
            for rule in limit.rules:
                self._limits.setdefault(rule, []).append(limit)

    def concession(self, rule: Rule, row: Row | None) -> Concession | None:
        """The concession on a rule, with what a row of the table says; None where it would change nothing."""
        stated = self._row(rule)
        column = next(cell for name, cell, _ in bending(rule.table, stated) if name == rule.id)
        asked = rule.nation or COALITION
        weight, most, change = 1, 1, None
        if row is not None:
            weight, most, change = int(row["weight"]), int(row["most"]), step_of(row["change"])
            asked = row["asked"] or asked
        if rule.bend == "lift" or (change == LIFT and not _must_stay(rule, column)):
            return Concession(rule, column, None, None, math.inf, weight, 1, asked)
        value = float(stated[str(column)])
        highest = 1.0 if self._is_share(rule, column) and value <= 1.0 else math.inf
        step = self._default(rule, column, value) if change is None or change == LIFT else float(change)
        made = Concession(rule, column, value, step, highest, weight, most, asked)
        useful = bisect_left(range(most + 1), True, key=lambda steps: made.after(steps) == made.after(most))
        return replace(made, most=useful) if useful else None

    def _row(self, rule: Rule) -> Row:
        if rule.table not in self._rows:
            rows = self.situation.tables.rows(rule.table)
            self._rows[rule.table] = {key_of(rule.table, row): row for row in rows}
        return self._rows[rule.table][rule.key]

    def _is_share(self, rule: Rule, column: str | None) -> bool:
        if column == "max_share":
            return True
        return any(limit.measure in _SHARES for limit in self._limits.get(rule.id, ()))

    def _default(self, rule: Rule, column: str | None, value: float) -> float:
        """A quarter of the value, whole where it counts something; a cap goes up by one more of the lightest selected unit at least."""
        if rule.table == "pledges" and column == "quantity":
            return 1.0
        limits = self._limits.get(rule.id, [])
        step = DEFAULT_SHARE * value
        if rule.bend == "raise":
            step = max([step, *(self._lightest(limit) for limit in limits)])
        if is_whole(rule.table, column) or any(limit.measure in _COUNTS for limit in limits):
            step = max(1.0, float(math.ceil(step - _ROUNDING)))
        return step

    def _lightest(self, limit: Limit) -> float:
        """What one unit more needs at least of what a limit counts; 0 where it does not count units."""
        measure = limit.measure
        if measure in _SHARES or measure == "burden_gap":
            return 0.0
        if measure in _COUNTS:
            return 1.0
        situation = self.situation
        pledges, lines = situation.select(limit.selection)
        needs = [
            self._need(measure, pledge, line)
            for pledge in pledges
            for line in lines
            if situation.yield_on(pledge, line)
        ]
        return min((need for need in needs if need > 0), default=0.0)

    def _need(self, measure: str, pledge: str, line: str) -> float:
        situation = self.situation
        amount = situation.measure("cost" if measure == "paid" else measure, pledge, line)
        if measure not in {"cost", "paid"}:
            return amount
        return amount + situation.costs.move(situation.pledges[pledge], situation.lines[line])


def _must_stay(rule: Rule, column: str | None) -> bool:
    """Whether the cell cannot be emptied."""
    return (
        column is not None and rule.table not in {"limits", "caveats"} and TABLES[rule.table].by_name[column].required
    )


Steps = Mapping[str, int]
"""How many steps of each concession are made, by the id of its rule; missing: none."""


def weight_of(concessions: Sequence[Concession], steps: Steps) -> int:
    """The political cost of some steps."""
    return sum(one.weight * steps.get(one.id, 0) for one in concessions)


def as_record(concession: Concession, steps: int) -> dict[str, Any]:
    """A concession that is made, as the machine form has it."""
    return {
        "rule": concession.id,
        "change": concession.change,
        "steps": steps,
        "asked": concession.asked,
        "weight": concession.weight * steps,
        "before": concession.value,
        "after": concession.after(steps),
        "sentence": concession.rule.sentence,
    }
