"""Which variant of an instance is tighter than which: every plan of it keeps the rules of the other, and is worth no more by the first aims.

Two variants are compared as their scenarios resolve them, cell by cell. Of some cells it is known which way they loosen: those that
concessions bend, and in which periods a row that refuses or offers something is in force. All others must be the same in both.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.instance.attributes import TABLES
from optimizer.instance.bending import LOWERED, RAISED, lowest
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import ScenarioTables, UnknownScenario, row_key, scenario_tables
from optimizer.studies.carried import DENIED, Search, carried, is_denied
from optimizer.studies.change import UnusableChangeError, changed
from optimizer.studies.outcomes import number
from optimizer.studies.record import Record
from optimizer.studies.study import Study, Value

if TYPE_CHECKING:
    from optimizer.studies.exchange import Row

RESOLVED: Final = frozenset({"conditions", "scenarios", "scenario_conditions", "changes", "concessions"})
"""Tables that say what holds in a scenario, or what may be asked: their content is in the other tables, resolved."""
WORDS: Final = frozenset({"name", "description", "source", "latitude", "longitude", "asked"})
REFUSES: Final = frozenset({"caveats", "limits", "links", "agreed"})
OFFERS: Final = frozenset({"pledges", "funding", "routes"})
ADDED: Final = frozenset({"units", "personnel", "cost", "escalation", "sustainment", "lift"})
"""Measures of which a period more is never less."""
MOUNTS: Final = frozenset({("requirements", "threshold"), ("posts", "min_nations"), ("posts", "lead")})
"""Cells that also decide whether a post with nobody there counts as mounted."""

Cell = tuple[str, str, str]
Looseness = float
"""How loose a cell is: a plan may need so much, and what is larger leaves more."""


@dataclass(frozen=True)
class Profile:
    """A variant: how loose it is, cell by cell (`free`), and everything else, which must be the same to be compared (`fixed`).

    `committed`: the packed plan beyond which nothing may be sent; blank: anything may.
    """

    free: Mapping[Cell, Looseness]
    fixed: Mapping[Cell, Any]
    committed: str = ""

    @cached_property
    def kind(self) -> str:
        """A digest of what must be the same in two variants to compare them."""
        content = sorted((cell, repr(value)) for cell, value in self.fixed.items())
        return hashlib.sha256(repr((sorted(self.free), content)).encode()).hexdigest()


def profile(instance: Instance, scenario: str | None, committed: str = "") -> Profile:
    """What a variant is compared by.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    tables = scenario_tables(instance, scenario)
    free: dict[Cell, Looseness] = {}
    capped = any(row["measure"] == "fulfilment" and row["maximum"] is not None for row in tables.rows("limits"))
    fixed: dict[Cell, Any] = {("", "", "aims"): instance.header.aims, ("", "", "periods"): tables.horizon}
    for name in instance.tables:
        if name in RESOLVED or name not in TABLES:
            continue
        for row in tables.rows(name):
            key = row_key(name, row)
            for column in TABLES[name].by_name:
                if capped and (name, column) in MOUNTS:
                    fixed[name, key, column] = row.get(column)
                elif column not in WORDS:
                    _place((name, key, column), row, tables, free, fixed)
    return Profile(free, fixed, committed)


def _place(
    cell: Cell, row: Mapping[str, Any], tables: ScenarioTables, free: dict[Cell, Looseness], fixed: dict[Cell, Any]
) -> None:
    """Put a cell where it belongs: among those that loosen one way, or among the others."""
    table, _, column = cell
    value = row.get(column)
    if column == "condition":
        _place_condition(cell, row, tables, free, fixed)
    elif table == "limits" and column in {"minimum", "maximum"}:
        free[cell] = math.inf if value is None else float(value) if column == "maximum" else -float(value)
    elif table == "posts" and column in {"must", "lead"}:
        free[cell] = -1.0 if value is True or value == "required" else 0.0
    elif table == "participation" and value is None:
        # A less specific row stands in for a blank one.
        fixed[cell] = None
    elif column in RAISED.get(table, ()):
        free[cell] = math.inf if value is None else float(value)
    elif column in LOWERED.get(table, ()):
        free[cell] = -(lowest(column) if value is None else float(value))
    else:
        fixed[cell] = value


def _place_condition(
    cell: Cell, row: Mapping[str, Any], tables: ScenarioTables, free: dict[Cell, Looseness], fixed: dict[Cell, Any]
) -> None:
    """The periods in which a row is in force, each a cell of its own."""
    table, key, _ = cell
    expression = row.get("condition")
    true, every = tables.when(expression), (1 << tables.horizon) - 1
    if table == "caveats" and row["rule"] == "unless" and expression:
        true = every & ~true
    sign = -1.0 if table in REFUSES else 1.0
    known = table in REFUSES or table == "instruments" or (table in OFFERS and not row.get("committed"))
    if table == "instruments" or (table == "limits" and not _counts_more(row)):
        # Never and always are compared; in other periods such a row would say something else.
        known = true in {0, every}
    for period in range(1, tables.horizon + 1):
        holds = true >> (period - 1) & 1
        if known:
            free[table, key, f"in force {period}"] = sign * holds
        else:
            fixed[table, key, f"in force {period}"] = holds


def _counts_more(row: Mapping[str, Any]) -> bool:
    """Whether a limit in force in more periods refuses more: not a floor, nor a share, over all its periods together."""
    return row["per"] == "period" or (row["minimum"] is None and row["measure"] in ADDED)


def is_tighter(one: Profile, other: Profile) -> bool:
    """Whether one variant is known to be at most as loose as another; False: not known."""
    if other.committed not in {"", one.committed}:
        return False
    return one.fixed == other.fixed and all(
        cell in one.free and one.free[cell] <= loose for cell, loose in other.free.items()
    )


def tighter(study: Study, instance: Instance, inputs: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether the variant with some inputs is known to be at most as loose as that with others; False: not known."""
    first, second = (profile_of(study, instance, tuple(one)) for one in (inputs, other))
    return first is not None and second is not None and is_tighter(first, second)


def profile_of(study: Study, instance: Instance, inputs: tuple[Value, ...]) -> Profile | None:
    """What a run of a study is compared by; None where its inputs do not fit."""
    committed = [
        str(value) for vary, value in zip(study.vary, inputs, strict=True) if vary.kind == "commitment" and value
    ]
    try:
        variant, scenario = changed(instance, study, inputs)
        return profile(variant, scenario, "".join(committed))
    except (UnusableChangeError, UnknownScenario, InvalidInstance):
        return None


class Ladder:
    """Many variants: for each, those that are known to be at least as loose."""

    def __init__(self, profiles: Sequence[Profile | None]) -> None:
        known = [one for one in profiles if one is not None]
        cells = sorted({cell for one in known for cell in one.free})
        moving = [cell for cell in cells if len({one.free.get(cell) for one in known}) > 1]
        self._committed = [None if one is None else one.committed for one in profiles]
        self._loose = np.array(
            [
                [math.nan] * len(moving) if one is None else [one.free.get(cell, math.inf) for cell in moving]
                for one in profiles
            ]
        ).reshape(len(profiles), len(moving))
        self._kind = [None if one is None else one.kind for one in profiles]

    def looser(self, place: int) -> Iterable[int]:
        """The places of variants that are at least as loose as the one at a place, itself left out."""
        if self._committed[place] is None:
            return
        fits = (self._loose >= self._loose[place]).all(axis=1)
        for other in np.flatnonzero(fits).tolist():
            same_kind = self._kind[other] == self._kind[place]
            if other != place and same_kind and self._committed[other] in {"", self._committed[place]}:
                yield other


class Travel:
    """Bounds of the first aim travel from looser rows to tighter ones, as far as one study's rows are known to be so.

    Args:
        study: The study.
        instance: Its instance.
    """

    def __init__(self, study: Study, instance: Instance) -> None:
        self.study, self.instance = study, instance
        self._profiles: dict[tuple[Value, ...], Profile | None] = {}
        self._ladder: tuple[tuple[tuple[Value, ...], ...], Ladder] | None = None

    def __call__(self, rows: Sequence[Row]) -> None:
        """Each row that is not proven gets the best bound of those that are at least as loose."""
        least = min(aim.priority for aim in self.instance.header.aims)
        first = [aim for aim in self.instance.header.aims if aim.priority == least]
        waiting = [place for place, row in enumerate(rows) if not row.is_proven]
        impossible = [row for row in rows if row.record.outcome["termination"] == "infeasible"]
        if not waiting and not impossible:
            return
        ladder = self._ladder_of(tuple(row.variant.inputs for row in rows))
        if impossible:
            _deny(rows, ladder)
        if len(first) > 1 or any(vary.kind == "aim" for vary in self.study.vary):
            return
        for place in waiting:
            looser = [rows[other].record.outcome for other in ladder.looser(place)]
            rows[place].record = with_bounds(rows[place].record, looser, self.instance.header.aims, self._gap)

    def _ladder_of(self, inputs: tuple[tuple[Value, ...], ...]) -> Ladder:
        """The ladder of some runs; the last one is kept."""
        if self._ladder is None or self._ladder[0] != inputs:
            self._ladder = (inputs, Ladder([self._profile(one) for one in inputs]))
        return self._ladder[1]

    @property
    def _gap(self) -> float:
        return self.instance.header.gap if self.study.gap is None else self.study.gap

    def _profile(self, inputs: tuple[Value, ...]) -> Profile | None:
        if inputs not in self._profiles:
            self._profiles[inputs] = profile_of(self.study, self.instance, inputs)
        return self._profiles[inputs]


def _deny(rows: Sequence[Row], ladder: Ladder) -> None:
    """A run that says that there is no plan has failed where a tighter one has a plan, which keeps its rules, too."""
    for place, row in enumerate(rows):
        if row.record.outcome["has_plan"]:
            for looser in (rows[other] for other in ladder.looser(place)):
                if looser.record.outcome["termination"] == "infeasible":
                    denied = {"termination": "failed", "reason": DENIED}
                    looser.record = replace(looser.record, outcome={**looser.record.outcome, **denied})


def with_bounds(record: Record, looser: Iterable[Mapping[str, Any]], aims: Sequence[Aim], asked: float) -> Record:
    """A record with the best bound of the first aim that looser variants have; and, where these have no plan at all, without one."""
    outcome, given = record.outcome, list(looser)
    if not outcome["has_plan"]:
        impossible = any(one["termination"] == "infeasible" for one in given)
        if not impossible or outcome["termination"] not in {"none_found", "failed", "crashed"} or is_denied(record):
            return record
        known = {"termination": "infeasible", "reason": "no plan keeps all rules, nor those of a looser variant"}
        return replace(record, outcome={**outcome, **known})
    own = Search.of_outcome(aims, outcome)
    blank = (None,) * (len(aims) - 1)
    bounds = [bound for one in given if (bound := one.get(f"{own.aims[0].aim.name}_bound")) is not None]
    searches = [Search(own.aims, (bound, *blank), (None, *blank)) for bound in bounds]
    rows, proven = carried(own.aims, [own, *searches], asked)
    found = {f"{row['name']}_{end}": number(row[end]) for row in rows for end in ("bound", "gap")}
    if own.aims[0].value is None or all(outcome.get(name) == value for name, value in found.items()):
        return record
    ending = {"termination": "optimal", "reason": ""} if proven else {}
    return replace(record, outcome={**outcome, **found, **ending})
