"""What may come true: a scenario, and which of the pledges hold in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawTable
from optimizer.instance.read.examine import examine, raw_from_instance
from optimizer.instance.scenario import scenario_tables
from optimizer.studies.study import InvalidStudy

DEFAULTS: Final = "defaults"
"""The name of what comes true where there are no scenarios: the conditions' defaults."""
_FAILS: Final = "pledge holds"


@dataclass(frozen=True)
class Future:
    """One thing that may come true, with its probability; `fails`: the pledges that do not hold in it.

    `instance`: that of the planner, in which the pledges that fail have a condition that is never true.
    """

    name: str
    scenario: str | None
    fails: tuple[str, ...]
    probability: float
    instance: Instance = field(repr=False)


@dataclass(frozen=True)
class Futures:
    """All that may come true. `known`: whether the probabilities are the planner's (else all are the same, and say nothing)."""

    given: Instance = field(repr=False)
    each: tuple[Future, ...]
    known: bool
    notes: tuple[str, ...] = ()

    @property
    def weights(self) -> list[float]:
        """The probabilities, together 1."""
        return [future.probability for future in self.each]

    @property
    def most_likely(self) -> Future:
        """The scenario with the largest probability (of equal ones the first), in which every pledge holds: what is usually planned for."""
        chances: dict[str | None, float] = {}
        for future in self.each:
            chances[future.scenario] = chances.get(future.scenario, 0.0) + future.probability
        scenario = max(chances, key=lambda name: chances[name]) if self.known else self.each[0].scenario
        whole = (future for future in self.each if future.scenario == scenario and not future.fails)
        return next(whole, Future(scenario or DEFAULTS, scenario, (), 0.0, self.given))


def futures_of(instance: Instance, draws: int = 0, seed: int = 0) -> Futures:
    """The scenarios, each with the pledges that hold in it.

    Args:
        instance: without scenarios, the conditions' defaults are the one scenario.
        draws: how often it is drawn which pledges hold; 0: all of them do. The same draws are used in every scenario, and those of a
            pledge depend on its name and the seed alone. What is the same is taken together.
        seed: of the draws.

    Raises:
        InvalidStudy: there is nothing to draw.
    """
    rows = instance.rows("scenarios")
    chances = {str(row["scenario"]): row["probability"] for row in rows}
    known = all(chance is not None for chance in chances.values())
    notes = [
        f"{name} has a probability of 0: it is not counted." for name, chance in chances.items() if known and not chance
    ]
    possible: dict[str | None, float] = {name: chance for name, chance in chances.items() if chance} if known else {}
    if not possible:
        possible = {name: 1.0 / len(chances) for name in chances} if chances else {None: 1.0}
    total = sum(possible.values())
    uncertain = any(_uncertain(instance, name) for name in possible)
    if draws and not uncertain:
        message, remedy = "no pledge has a probability below 1.", "Fill the column, or leave out the draws."
        raise InvalidStudy([Finding("error", "nothing-to-draw", "pledges", None, "probability", message, remedy)])
    if uncertain and not draws:
        notes.append("All pledges count as certain: without draws, their probabilities are not used.")
    found = []
    for scenario, chance in possible.items():
        for fails, first, share in _drawn(instance, scenario, draws, seed):
            name = (scenario or DEFAULTS) + (f", draw {first + 1}" if fails else "")
            future = Future(name, scenario, fails, chance / total * share, without_pledges(instance, fails))
            found.append(future)
    return Futures(instance, tuple(found), known, tuple(notes))


def _uncertain(instance: Instance, scenario: str | None) -> dict[str, float]:
    """The probability of each pledge that exists in a scenario and may fail."""
    tables = scenario_tables(instance, scenario)
    return {
        str(row["pledge"]): float(row["probability"])
        for row in tables.rows("pledges")
        if row["probability"] is not None and row["probability"] < 1 and tables.ever(row["condition"])
    }


def _drawn(
    instance: Instance, scenario: str | None, draws: int, seed: int
) -> Iterator[tuple[tuple[str, ...], int, float]]:
    """Which pledges fail, the first draw in which these do, and the share of such draws."""
    chances = _uncertain(instance, scenario)
    if not draws:
        yield (), 0, 1.0
        return
    lots = {name: _lots(name, draws, seed) for name in chances}
    found: dict[tuple[str, ...], list[int]] = {}
    for draw in range(draws):
        fails = tuple(name for name, chance in chances.items() if lots[name][draw] >= chance)
        found.setdefault(fails, []).append(draw)
    yield from ((fails, numbers[0], len(numbers) / draws) for fails, numbers in found.items())


def _lots(pledge: str, draws: int, seed: int) -> npt.NDArray[np.float64]:
    """A number from 0 to below 1 for each draw; those of one pledge do not depend on which others there are."""
    digest = int.from_bytes(hashlib.sha256(pledge.encode()).digest()[:8], "big")
    found: npt.NDArray[np.float64] = np.random.default_rng([seed, digest]).random(draws)
    return found


def without_pledges(instance: Instance, fails: Sequence[str]) -> Instance:
    """The instance in which some pledges do not hold: a condition on which they depend is never true.

    Raises:
        InvalidInstance: the instance has errors beside rules that no plan can keep.
    """
    if not fails:
        return instance
    raw = raw_from_instance(instance)
    tables = dict(raw.tables)
    taken = {str(row["condition"]) for row in instance.rows("conditions")}
    name = next(one for one in (_FAILS, *(f"{_FAILS} {number}" for number in range(2, 10**6))) if one not in taken)
    tables["conditions"] = _with_condition(tables.get("conditions"), name)
    tables["pledges"] = _depending(tables["pledges"], name, set(fails))
    # Where what must be is impossible without them, it is the search that says so.
    made, findings = examine(replace(raw, tables=tables, findings=()), impossible=True)
    if made is None:
        raise InvalidInstance(findings)
    return made


def _with_condition(table: RawTable | None, name: str) -> RawTable:
    if table is None:
        return RawTable("conditions", "conditions", ("condition", "default"), [[name, "false"]], [2])
    header = list(map(str, table.header))
    row = [{"condition": name, "default": "false"}.get(column) for column in header]
    return replace(table, rows=[*table.rows, row], numbers=[*table.numbers, max(table.numbers, default=1) + 1])


def _depending(table: RawTable, condition: str, fails: set[str]) -> RawTable:
    header = list(map(str, table.header))
    header += [] if "condition" in header else ["condition"]
    key, place = header.index("pledge"), header.index("condition")
    rows = []
    for row in table.rows:
        cells = [*row, *[None] * (len(header) - len(row))]
        if str(cells[key]) in fails:
            said = cells[place]
            cells[place] = f"({said}) & {condition}" if isinstance(said, str) and said.strip() else condition
        rows.append(cells)
    return replace(table, header=header, rows=rows)
