"""What may serve where and when, as the verifier reads it, and the rules that refuse the rest.

Written from `docs/design/001-semantics.md` and `docs/design/009-rules.md`. The model has a reading of its own
(`optimizer.instance.admissible`) that shares no code with this one; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from optimizer.plan.case import Case, Line, Pledge, true_in, window
from optimizer.plan.rules.register import cell_of, row_of
from optimizer.plan.services import Selection, Services, Truths, services_of

NO_YIELD: Final = "no yield"
"""Stands for a rule where units of the pledge's type deliver nothing of what the line asks for: no row forbids it."""


@dataclass(frozen=True)
class Prohibition:
    """A caveat that forbids something in some periods; `why` says it in words, `rule` is its id."""

    name: str
    rule: str
    selection: Selection
    periods: Truths
    why: str


@dataclass(frozen=True)
class Admissible:
    """Which services are admissible in a case. A service is (pledge, requirement line, period).

    `services`: the pairs of a pledge and a line of which its units deliver something. `open`: pairs × periods that conditions,
    windows, rotation and caveats leave, before whole tours are looked at.
    """

    case: Case = field(repr=False)
    prohibitions: tuple[Prohibition, ...]
    services: Services = field(repr=False)
    open: Truths = field(repr=False)
    _number: Mapping[tuple[str, str], int] = field(repr=False)

    @classmethod
    def of(cls, case: Case) -> Admissible:
        """Read a case."""
        pairs = [
            (pledge.name, line.name)
            for pledge in case.pledges.values()
            for line in case.lines.values()
            if (pledge.unit_type, line.capability) in case.yields
        ]
        services = services_of(case, pairs)
        forbidding = tuple(_prohibitions(case))
        own = {name: _own_periods(case, pledge) for name, pledge in case.pledges.items()}
        asked = {name: _window(case, line.first, line.last) for name, line in case.lines.items()}
        left = [own[pledge] & asked[line] for pledge, line in pairs]
        admitted = np.array(left, dtype=bool).reshape(len(pairs), case.periods)
        for caveat in forbidding:
            admitted[services.mask(caveat.selection)] &= ~caveat.periods
        return cls(case, forbidding, services, admitted, {pair: index for index, pair in enumerate(pairs)})

    @cached_property
    def present(self) -> Truths:
        """Pairs × periods in which a unit can be present: of pledges with tours, those that a whole tour covers."""
        found = self.open.copy()
        for index, (name, _) in enumerate(self.services.pairs):
            if self.case.pledges[name].tour is not None:
                found[index] = _toured(self.case.pledges[name], self.open[index])
        return found

    def asks(self, requirement: str) -> Truths:
        """The periods in which a line asks for anything."""
        line = self.case.lines[requirement]
        return _window(self.case, line.first, line.last)

    def leaves(self, pledge: str, requirement: str) -> Truths:
        """The row of `open` of a pledge and a line; all false where its units deliver nothing there."""
        index = self._number.get((pledge, requirement))
        return np.zeros(self.case.periods, dtype=bool) if index is None else np.asarray(self.open[index])

    def admits(self, pledge: str, requirement: str) -> Truths:
        """The periods in which a unit of the pledge can be present on the line."""
        index = self._number.get((pledge, requirement))
        return np.zeros(self.case.periods, dtype=bool) if index is None else np.asarray(self.present[index])

    def reasons(self, pledge: str, requirement: str, period: int) -> tuple[str, ...]:
        """The ids of the rules that refuse a service, or `NO_YIELD`; none where it is admissible."""
        return tuple(rule for rule, periods in self.refusals(pledge, requirement).items() if bool(periods[period - 1]))

    def refusals(self, pledge: str, requirement: str) -> dict[str, Truths]:
        """Each rule that refuses a pledge on a line, and in which periods.

        In periods in which a pledge does not exist it has no other rules. A tour refuses only the periods that everything
        else leaves and no whole tour covers.
        """
        case, index, offer = self.case, self._number.get((pledge, requirement)), self.case.pledges[pledge]
        found = {} if index is not None else {NO_YIELD: np.ones(case.periods, dtype=bool)}
        there = _periods(case, offer.true_in)
        if not there.all():
            found[cell_of("pledges", pledge, "condition")] = ~there
        line = case.lines[requirement]
        others = dict(_of_pledge(case, offer))
        others |= _outside(case, "requirements", requirement, line.first, line.last)
        for caveat in self._caveats_on(pledge, line, index):
            others[caveat.rule] = caveat.periods
        if index is not None:
            others[cell_of("pledges", pledge, "tour")] = self.open[index] & ~self.present[index]
        return found | {rule: periods & there for rule, periods in others.items() if (periods & there).any()}

    def _caveats_on(self, pledge: str, line: Line, index: int | None) -> Iterator[Prohibition]:
        services = self.services
        if index is None:
            services, index = services_of(self.case, [(pledge, line.name)]), 0
        return (caveat for caveat in self.prohibitions if services.mask(caveat.selection)[index])


def _prohibitions(case: Case) -> Iterator[Prohibition]:
    """The caveats that forbid something in this scenario."""
    for row in case.tables.rows("caveats"):
        if row["rule"] == "limit":
            continue
        holds = _periods(case, true_in(row, case.tables))
        periods = _window(case, *window(row, case.periods)) & (~holds if row["rule"] == "unless" else holds)
        if not periods.any():
            continue
        why = f"the caveat {row['caveat']!r} forbids it"
        if row["condition"]:
            why += f" {'unless' if row['rule'] == 'unless' else 'while'} {row['condition']} is true"
        yield Prohibition(row["caveat"], row_of("caveats", row), Selection.of(row), periods, why)


def _periods(case: Case, chosen: Collection[int]) -> Truths:
    """Whether each period of the horizon is one of these."""
    return np.array([period in chosen for period in range(1, case.periods + 1)], dtype=bool)


def _window(case: Case, first: int, last: int) -> Truths:
    periods = np.arange(1, case.periods + 1)
    return np.asarray((first <= periods) & (periods <= last))


def _own_periods(case: Case, pledge: Pledge) -> Truths:
    """The periods in which a pledge has units for anything."""
    if not pledge.usable:
        return np.zeros(case.periods, dtype=bool)
    return _window(case, pledge.first, pledge.last) & _periods(case, pledge.true_in)


def _toured(pledge: Pledge, open_: Truths) -> Truths:
    """The periods that whole tours cover. A tour may run over the end of the horizon, not over the end of a window."""
    length, found = pledge.tour or 1, np.zeros(len(open_), dtype=bool)
    # Where all units are away at the start, none starts before it is back and rested.
    earliest = length + pledge.dwell if pledge.away_at_start >= pledge.quantity else 1
    for start in range(earliest, len(open_) + 1):
        if open_[start - 1 : start - 1 + length].all():
            found[start - 1 : start - 1 + length] = True
    return found


def _of_pledge(case: Case, pledge: Pledge) -> Iterator[tuple[str, Truths]]:
    """What keeps a pledge from any line: its window, its quantity, the rotation."""
    every = np.ones(case.periods, dtype=bool)
    yield from _outside(case, "pledges", pledge.name, pledge.first, pledge.last).items()
    if pledge.quantity < 1:
        yield cell_of("pledges", pledge.name, "quantity"), every
    elif pledge.usable < 1:
        yield cell_of("pledges", pledge.name, "rotation_factor" if pledge.has_factor else "dwell"), every


def _outside(case: Case, table: str, name: str, first: int, last: int) -> dict[str, Truths]:
    """The periods before a window begins and after it ends, by the cell that says so."""
    periods = np.arange(1, case.periods + 1)
    sides = {cell_of(table, name, "from"): periods < first, cell_of(table, name, "until"): periods > last}
    return {rule: np.asarray(outside) for rule, outside in sides.items() if outside.any()}
