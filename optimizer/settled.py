"""A part of a plan settled: rows of `agreed` taken from a plan, so that the rest is planned around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optimizer.extraction import units_of
from optimizer.instance.admissible import admissible, periods_of, window_mask
from optimizer.instance.cells import did_you_mean, escaped
from optimizer.instance.files import as_instance
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance, Row
from optimizer.instance.read.examine import examine, raw_from_instance
from optimizer.instance.read.given import raw_table
from optimizer.instance.scenario import scenario_tables
from optimizer.instance.settings import InvalidSetting
from optimizer.model.aims import Baseline
from optimizer.plan.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

TABLE: Final = "agreed"
_LESS: Final = "Keep less of the plan (other nations, fewer periods), or undo what stands against it."
Pair = tuple[str, str]


def keep(
    instance: Instance | str | Path,
    plan: Plan | pd.DataFrame | Baseline,
    *,
    nations: Sequence[str] = (),
    until: int | None = None,
) -> Instance:
    """The instance with a part of a plan as rows of `agreed`: the part is decided, the rest can be planned around it.

    A pledge whose part is kept serves as in the plan and nowhere else: also that it does not serve is kept. Free are pledges and
    requirement lines that the plan's own input does not have, and, with `until`, later periods. Who leads, which instruments are used
    and what moves where is decided anew.

    Args:
        instance: what the planner filled in, or its path.
        plan: the plan, its assignments, or units per (pledge, requirement, period).
        nations: whose parts are kept; none: everybody's.
        until: the last period that is kept, in which nothing new can be planned either; units on a tour that began until then stay
            to its end. None: all periods.

    Raises:
        InvalidInstance: the plan does not fit to the instance; with every finding.
    """
    instance = as_instance(instance)
    _check_asked(instance, nations, until)
    return _with_rows(instance, _Part(instance, plan, frozenset(nations), until))


def _check_asked(instance: Instance, nations: Sequence[str], until: int | None) -> None:
    known = {row["nation"] for row in instance.rows("nations")}
    wrong = [
        _finding(
            "setting", f"--keep-nation {escaped(nation)}", f"there is no nation {nation!r}.", f"Correct the name.{near}"
        )
        for nation in nations
        if nation not in known
        for near in [did_you_mean(nation, known)]
    ]
    periods = instance.header.periods
    if until is not None and not 1 <= until <= periods:
        message = f"there is no period {until}."
        wrong.append(_finding("setting", f"--keep-until {until}", message, f"Write a number from 1 to {periods}."))
    if wrong:
        raise InvalidSetting(wrong)


def _finding(code: str, place: str, message: str, remedy: str) -> Finding:
    return Finding("error", code, place, None, None, message, remedy)


@dataclass(frozen=True)
class _Part:
    """What is kept of a plan: units by pair of pledge and line, in kept periods exactly, in later ones at least."""

    instance: Instance
    plan: Plan | pd.DataFrame | Baseline
    nations: frozenset[str]
    until: int | None
    exactly: dict[Pair, dict[int, int]] = field(default_factory=dict)
    at_least: dict[Pair, dict[int, int]] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        served = self._served()
        last = self.last
        for pair in self._possible() | set(served):
            units = served.get(pair, {})
            self.exactly[pair] = {period: units.get(period, 0) for period in range(1, last + 1)}
        for pair, units in served.items():
            running = {period: left for period, left in self._running(pair, units) if left}
            if running:
                self.at_least[pair] = running

    @property
    def last(self) -> int:
        """The last period that is kept."""
        return self.instance.header.periods if self.until is None else self.until

    def _source(self) -> Instance:
        """The input that the plan was made for."""
        return self.plan.instance if isinstance(self.plan, Plan) else self.instance

    def _served(self) -> dict[Pair, dict[int, int]]:
        """The plan's units in the part; what the instance does not know is noted as wrong."""
        nation_of = {
            row["pledge"]: row["nation"] for row in (*self._source().rows("pledges"), *self.instance.rows("pledges"))
        }
        pledges = {row["pledge"] for row in self.instance.rows("pledges")}
        lines = {row["requirement"] for row in self.instance.rows("requirements")}
        found: dict[Pair, dict[int, int]] = defaultdict(dict)
        for (pledge, line, period), units in sorted((units_of(self.plan) or {}).items()):
            if not units or (self.nations and nation_of.get(pledge) not in self.nations):
                continue
            if pledge in pledges and line in lines and period <= self.instance.header.periods:
                found[pledge, line][period] = units
            elif self.until is None or period <= self.until:
                what = "pledge" if pledge not in pledges else "requirement" if line not in lines else "period"
                message = f"{units} units of {pledge!r} serve on {line!r} in period {period}, and the instance has no such {what}."
                self.wrong.append(_finding("kept-unknown", "--keep", message, _LESS))
        return found

    def _possible(self) -> set[Pair]:
        """The pairs that could serve in the kept periods, in any scenario, whether or not they do in the plan."""
        kept, known = (1 << self.last) - 1, self._known()
        nation_of = {row["pledge"]: row["nation"] for row in self.instance.rows("pledges")}
        found = set()
        for scenario in (None, *self.instance.scenarios):
            tables = scenario_tables(self.instance, scenario)
            for (pledge, line), periods in admissible(tables, self.instance.header.periods).open.items():
                mine = not self.nations or nation_of[pledge] in self.nations
                if mine and periods & kept and (known is None or (pledge in known[0] and line in known[1])):
                    found.add((pledge, line))
        return found

    def _known(self) -> tuple[set[str], set[str]] | None:
        """The pledges and lines of which the plan says whether they serve; None: all, because what is past cannot be planned anew."""
        if self.until is not None:
            return None
        source = self._source()
        return {row["pledge"] for row in source.rows("pledges")}, {
            row["requirement"] for row in source.rows("requirements")
        }

    @cached_property
    def _tours(self) -> dict[str, int | None]:
        """The tour of each pledge of the input that the plan was made for."""
        scenario = self.plan.scenario if isinstance(self.plan, Plan) else None
        return {row["pledge"]: row["tour"] for row in scenario_tables(self._source(), scenario).rows("pledges")}

    def _running(self, pair: Pair, units: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Later periods, with the units whose tour began in a kept one."""
        tour = self._tours[pair[0]]
        if tour is None or self._source().header.periods == 1:
            return
        starts: dict[int, int] = {}
        for period in range(1, self.last + 1):
            out = sum(starts[begun] for begun in range(max(1, period - int(tour) + 1), period))
            starts[period] = max(0, units.get(period, 0) - out)
        for period in range(self.last + 1, min(self.last + int(tour), self.instance.header.periods + 1)):
            yield period, sum(count for begun, count in starts.items() if begun > period - int(tour))

    def rows(self, agreed: AbstractSet[tuple[Pair, int]]) -> list[Row]:
        """The rows of `agreed`, a row for each run of periods with equal units; none where something else is agreed of a later period."""
        found = []
        for kind, kept in (("exactly", self.exactly), ("at_least", self.at_least)):
            for (pledge, line), units in sorted(kept.items()):
                free = {period: count for period, count in units.items() if ((pledge, line), period) not in agreed}
                for first, last, count in _runs(free):
                    row = {"pledge": pledge, "requirement": line, "units": count, "kind": kind}
                    found.append(row | _window(first, last, self.instance.header.periods))
        return found


def _runs(units: Mapping[int, int]) -> Iterator[tuple[int, int, int]]:
    """First, last and units of each run of consecutive periods with equal units."""
    periods = sorted(units)
    begins = [
        n
        for n, period in enumerate(periods)
        if n == 0 or (periods[n - 1], units[periods[n - 1]]) != (period - 1, units[period])
    ]
    for first, end in pairwise([*begins, len(periods)]):
        yield periods[first], periods[end - 1], units[periods[first]]


def _window(first: int, last: int, horizon: int) -> Row:
    return {"from": None if first == 1 else first, "until": None if last == horizon else last}


def _with_rows(instance: Instance, part: _Part) -> Instance:
    """The instance with the kept rows in place of what it says of the same periods, checked again."""
    raw, given = raw_from_instance(instance), instance.rows(TABLE)
    left, later, wrong = _left(given, part)
    if part.wrong or wrong:
        raise InvalidInstance([*part.wrong, *wrong])
    numbers = list(raw.tables[TABLE].numbers) if TABLE in raw.tables else []
    kept, after = part.rows(later), max(numbers, default=1)
    rows = [row for _, row in left] + kept
    place = raw.tables[TABLE].place if TABLE in raw.tables else TABLE
    table = raw_table(
        TABLE, place, rows, [numbers[index] for index, _ in left] + [after + 1 + n for n in range(len(kept))]
    )
    changed, findings = examine(replace(raw, tables={**raw.tables, TABLE: table}, findings=()))
    if changed is None:
        named = [(one, _of_the_plan(one, place, after)) for one in findings]
        raise InvalidInstance([new for old, new in named if new is old or new.severity == "error"])
    return changed


def _of_the_plan(finding: Finding, place: str, after: int) -> Finding:
    """A finding on a row that was taken from the plan names the plan, since the row stands nowhere else."""
    if finding.place != place or finding.row is None or finding.row <= after:
        return finding
    return replace(finding, place="--keep", row=None, column=None, remedy=_LESS)


def _left(given: Sequence[Row], part: _Part) -> tuple[list[tuple[int, Row]], set[tuple[Pair, int]], list[Finding]]:
    """What stays of the rows of the instance, with their places; the later periods in which they hold; where the plan does not keep them."""
    left: list[tuple[int, Row]] = []
    later: set[tuple[Pair, int]] = set()
    wrong = []
    scenario = part.plan.scenario if isinstance(part.plan, Plan) else None
    tables = scenario_tables(part.instance, scenario if scenario in part.instance.scenarios else None)
    for index, row in enumerate(given):
        holds = tables.when(row["condition"])
        pair, units, least = (row["pledge"], row["requirement"]), int(row["units"]), row["kind"] == "at_least"
        stays = []
        for period in periods_of(window_mask(row, part.instance.header.periods)):
            kept = part.exactly.get(pair, {}).get(period)
            if kept is None:
                stays.append(period)
                later.add((pair, period))
                kept = part.at_least.get(pair, {}).get(period, 0)
                fits = least or units >= kept
            else:
                fits = units <= kept if least else units == kept
            if not fits and holds >> period - 1 & 1:
                message = f"{units} units of {pair[0]!r} are agreed on {pair[1]!r} in period {period}, and the plan has {kept}."
                wrong.append(_finding("kept-otherwise", "--keep", message, _LESS))
        for first, last, _ in _runs(dict.fromkeys(stays, 0)):
            left.append((index, {**row, **_window(first, last, part.instance.header.periods)}))
    return left, later, wrong
