"""What may serve where and when, and for what may not, the rules that refuse it. Worked out once for a scenario, from its tables.

A service is (pledge, requirement, period). Periods are bits of a whole number: bit 0 is period 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Final

from optimizer.instance.cells import split_words
from optimizer.instance.instance import Row
from optimizer.instance.rule import rule_id
from optimizer.instance.scenario import ScenarioTables, every_period, periods_between
from optimizer.instance.selectors import Selector, parse_selector

NO_YIELD: Final = "no yield"
"""The reason where a unit of the pledge's type delivers nothing of the capability: no rule, the units are of the wrong kind."""

_SELECTORS = ("nation", "mission", "area", "unit_type", "tag", "capability")
Pair = tuple[str, str]


def window_mask(row: Mapping[str, object], horizon: int) -> int:
    """The periods of a row's window."""
    return periods_between(row["from"], row["until"], horizon)  # type: ignore[arg-type]


def longest_run(mask: int) -> int:
    """The most periods of a mask that follow each other."""
    count = 0
    while mask:
        mask &= mask >> 1
        count += 1
    return count


def rotation_factor(pledge: Row) -> Fraction:
    """Units needed to keep one deployed: `rotation_factor`, or (tour + dwell) / tour, or 1; exact for decimal input."""
    if pledge["rotation_factor"] is not None:
        return Fraction(str(pledge["rotation_factor"]))
    if pledge["tour"] is not None:
        return Fraction(int(pledge["tour"]) + int(pledge["dwell"] or 0), int(pledge["tour"]))
    return Fraction(1)


def usable(pledge: Row, horizon: int) -> int:
    """Most units of a pledge that can be present at a time: all where there are tours, else what rotation leaves."""
    if pledge["tour"] is not None and horizon > 1:
        return int(pledge["quantity"])
    return int(pledge["quantity"] / rotation_factor(pledge))


def served(pledge: Row, open_: int, horizon: int) -> int:
    """Of the periods in which a pledge may serve on a line, those in which it can: with tours, whole tours must fit.

    A tour may run over the end of the horizon, and starts when a unit is there that is not still out, or resting, from before.
    """
    if pledge["tour"] is None or horizon <= 1:
        return open_
    tour, dwell = int(pledge["tour"]), int(pledge["dwell"] or 0)
    return _toured(open_, tour, tour + dwell if pledge["deployed_at_start"] >= pledge["quantity"] else 1, horizon)


@lru_cache(maxsize=4096)
def _toured(open_: int, tour: int, earliest: int, horizon: int) -> int:
    found = 0
    for start in range(earliest, horizon + 1):
        whole = (1 << min(start + tour - 1, horizon)) - (1 << start - 1)
        if whole & ~open_ == 0:
            found |= whole
    return found


@dataclass(frozen=True)
class _Caveat:
    """A caveat that forbids something in this scenario, in these periods."""

    rule: str
    selectors: Mapping[str, Selector]
    periods: int

    def takes_pledge(self, pledge: Row, tags: set[str]) -> bool:
        chosen = self.selectors
        return (
            chosen["nation"].matches(pledge["nation"])
            and chosen["unit_type"].matches(pledge["unit_type"])
            and chosen["tag"].matches_tags(tags)
        )

    def takes_line(self, line: Row) -> bool:
        return all(self.selectors[name].matches(line[name]) for name in ("mission", "area", "capability"))


@dataclass(frozen=True)
class Admissible:
    """Which services are admissible in a scenario.

    `open`: per (pledge, requirement) the periods that windows, conditions and caveats leave, before tours are looked at;
    `services`: those of them in which a tour fits. Pairs without any are absent.
    """

    horizon: int
    open: Mapping[Pair, int]
    _tables: ScenarioTables = field(repr=False)
    _caveats: tuple[_Caveat, ...] = field(repr=False)
    _rows: dict[str, dict[str, Row]] = field(default_factory=dict, repr=False)
    _memory: dict[Pair, Mapping[str, int]] = field(default_factory=dict, repr=False)

    @cached_property
    def services(self) -> Mapping[Pair, int]:
        """The periods in which a unit can be present."""
        pledges = {row["pledge"]: row for row in self._tables.rows("pledges")}
        possible = {pair: served(pledges[pair[0]], periods, self.horizon) for pair, periods in self.open.items()}
        return {pair: periods for pair, periods in possible.items() if periods}

    def reasons(self, pledge: str, requirement: str, period: int) -> tuple[str, ...]:
        """The ids of the rules that refuse a service, `NO_YIELD` where units of that kind deliver nothing there; empty: it is admissible."""
        bit = 1 << period - 1
        return tuple(rule for rule, periods in self.refusals(pledge, requirement).items() if periods & bit)

    def refusals(self, pledge: str, requirement: str) -> Mapping[str, int]:
        """Each rule that refuses the pledge on the requirement line, with the periods in which it does.

        In the order condition, windows, rotation, caveats, tours. Where its condition fails, a pledge has no other rules; a tour refuses
        only what all others would admit.
        """
        known = self._memory.get((pledge, requirement))
        if known is None:
            known = self._memory[pledge, requirement] = dict(self._refusals(pledge, requirement))
        return known

    def delivers(self, pledge: Row, line: Row) -> bool:
        """Whether units of the pledge's kind deliver anything of what the line asks for."""
        return self._amounts.get((pledge["unit_type"], line["capability"]), 0.0) > 0

    @cached_property
    def _amounts(self) -> Mapping[tuple[str, str], float]:
        return {(row["unit_type"], row["capability"]): row["amount"] for row in self._tables.rows("yields")}

    def _row(self, table: str, key: str) -> Row:
        if table not in self._rows:
            column = {"pledges": "pledge", "requirements": "requirement", "unit_types": "unit_type"}[table]
            self._rows[table] = {row[column]: row for row in self._tables.rows(table)}
        return self._rows[table][key]

    def _refusals(self, name: str, requirement: str) -> Iterator[tuple[str, int]]:
        pledge, line = self._row("pledges", name), self._row("requirements", requirement)
        every = every_period(self.horizon)
        if not self.delivers(pledge, line):
            yield NO_YIELD, every
        exists = self._tables.when(pledge["condition"])
        if exists != every:
            yield rule_id("pledges", pledge, "condition"), every & ~exists
        for rule, periods in self._others(pledge, line):
            if periods & exists:
                yield rule, periods & exists

    def _others(self, pledge: Row, line: Row) -> Iterator[tuple[str, int]]:
        """The rules that refuse a pledge while its condition holds."""
        every, pair = every_period(self.horizon), (pledge["pledge"], line["requirement"])
        for table, row in (("pledges", pledge), ("requirements", line)):
            for column, outside in _outside(row, self.horizon):
                yield rule_id(table, row, column), outside
        if pledge["quantity"] < 1:
            yield rule_id("pledges", pledge, "quantity"), every
        elif usable(pledge, self.horizon) < 1:
            column = "rotation_factor" if pledge["rotation_factor"] is not None else "dwell"
            yield rule_id("pledges", pledge, column), every
        tags = tags_of(pledge, self._row("unit_types", pledge["unit_type"]))
        for caveat in self._caveats:
            if caveat.takes_pledge(pledge, tags) and caveat.takes_line(line):
                yield caveat.rule, caveat.periods
        yield rule_id("pledges", pledge, "tour"), self.open.get(pair, 0) & ~self.services.get(pair, 0)


def _outside(row: Row, horizon: int) -> Iterator[tuple[str, int]]:
    """The periods that a window shuts out, before it begins and after it ends."""
    every = every_period(horizon)
    if row["from"] is not None and row["from"] > 1:
        yield "from", (1 << int(row["from"]) - 1) - 1
    if row["until"] is not None and row["until"] < horizon:
        yield "until", every & ~((1 << int(row["until"])) - 1)


def tags_of(pledge: Row, unit_type: Row) -> set[str]:
    """The tags of a pledge's units: their type's and the pledge's own."""
    return {*split_words(pledge["tags"] or ""), *split_words(unit_type["tags"] or "")}


def admissible(tables: ScenarioTables, horizon: int) -> Admissible:
    """Work out which services are admissible: pairs by name of the pledge, then in the order of the requirement lines."""
    types = {row["unit_type"]: row for row in tables.rows("unit_types")}
    able: dict[str, set[str]] = defaultdict(set)
    for row in tables.rows("yields"):
        if row["amount"] > 0:
            able[row["unit_type"]].add(row["capability"])
    windows = [(row, window_mask(row, horizon)) for row in tables.rows("requirements")]
    lines = {kind: [pair for pair in windows if pair[0]["capability"] in able[kind]] for kind in able}
    caveats = tuple(_caveats_in_force(tables, horizon))
    found: dict[Pair, int] = {}
    for pledge in sorted(tables.rows("pledges"), key=lambda row: str(row["pledge"])):
        own = window_mask(pledge, horizon) & tables.when(pledge["condition"])
        if not own or usable(pledge, horizon) < 1:
            continue
        tags = tags_of(pledge, types[pledge["unit_type"]])
        barring = [caveat for caveat in caveats if caveat.takes_pledge(pledge, tags)]
        for line, window in lines.get(pledge["unit_type"], ()):
            periods = own & window
            for caveat in barring:
                if periods & caveat.periods and caveat.takes_line(line):
                    periods &= ~caveat.periods
            if periods:
                found[pledge["pledge"], line["requirement"]] = periods
    return Admissible(horizon, found, tables, caveats)


def _caveats_in_force(tables: ScenarioTables, horizon: int) -> Iterator[_Caveat]:
    for row in tables.rows("caveats"):
        holds = tables.when(row["condition"])
        forbids = {"forbid": holds, "unless": ~holds}.get(row["rule"], 0) & window_mask(row, horizon)
        if forbids:
            selectors = {name: parse_selector(row[name]) for name in _SELECTORS}
            yield _Caveat(rule_id("caveats", row), selectors, forbids)


@lru_cache(maxsize=4096)
def periods_of(mask: int) -> tuple[int, ...]:
    """The periods of a mask, from 1."""
    return tuple(period for period in range(1, mask.bit_length() + 1) if mask >> period - 1 & 1)
