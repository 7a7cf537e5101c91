"""Cases: a shipped instance in a scenario, with cells set, rules lifted, concessions made or nations absent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.conceding import conceded
from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.instance.scenario import row_key
from optimizer.instance.settings import with_settings
from optimizer.rulebook import without
from optimizer.studies.why.judge import Judge
from optimizer.studies.withdraw.leaving import without_nations

ROOT: Final = Path(__file__).parents[2]
INSTANCES: Final = ROOT / "instances"


@dataclass(frozen=True)
class Case:
    """One case of the ledger.

    Attributes:
        name: unique in the publication; the rows of tables name it.
        says: what it is, in words.
        instance: a folder under `instances/`, or the path of one.
        scenario: None: the conditions' defaults.
        cells: set, as `solve --set` takes them.
        lifted: rules switched off, as `solve --without` takes them.
        conceded: concessions (id of the rule, steps), as the search over concessions names them.
        absent: nations whose pledges are not there.
        seconds: of search at budget 1; 0: only a bound, and the plans of other cases.
        every_aim: whether later aims are sought too; else the first aim alone.
    """

    name: str
    says: str
    instance: str
    scenario: str | None = None
    cells: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    conceded: tuple[tuple[str, int], ...] = ()
    absent: tuple[str, ...] = ()
    seconds: float = 0.0
    every_aim: bool = False

    @property
    def command(self) -> str:
        """The command that asks this case again; blank where `solve` has no such switch."""
        if self.conceded or self.absent:
            return f"python -m publications.paris case '{self.name}'"
        parts = [f"forcegen solve instances/{self.instance}"]
        parts += [f"--scenario {self.scenario}"] if self.scenario else []
        parts += [f"--set '{cell}'" for cell in self.cells] + [f"--without '{rule}'" for rule in self.lifted]
        told = " ".join(parts)
        return told if len(told) <= MOST_TOLD else f"python -m publications.paris case '{self.name}'"

    @property
    def changes(self) -> str:
        """What was changed, as one text."""
        parts = [*self.cells, *(f"without {rule}" for rule in self.lifted)]
        parts += [
            f"{rule} conceded, {steps} steps" if steps > 1 else f"{rule} conceded" for rule, steps in self.conceded
        ]
        parts += [f"{nation} absent" for nation in self.absent]
        return "; ".join(parts)


MOST_TOLD: Final = 400
"""Characters of a command that is shown whole."""


def written(cases: Iterable[Case]) -> str:
    """Cases as JSON, one a line, from which `read_cases` makes them again."""
    return "[\n" + ",\n".join(json.dumps(asdict(case), ensure_ascii=False) for case in cases) + "\n]\n"


def read_cases(path: Path) -> dict[str, Case]:
    """Cases by name, from a file of `written`.

    Raises:
        OSError: it cannot be read.
    """
    rows = json.loads(path.read_text("utf-8"))
    return {row["name"]: Case(**{name: _as_tuples(value) for name, value in row.items()}) for row in rows}


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


@lru_cache(maxsize=8)
def shipped(name: str) -> Instance:
    """An instance under `instances/`, or at a path."""
    path = INSTANCES / name
    return read_instance(path if path.is_dir() else Path(name))


@dataclass(frozen=True)
class Variant:
    """A case as it is asked: instance and scenario."""

    instance: Instance
    scenario: str | None

    @property
    def key(self) -> str:
        """The same for two cases that ask the same."""
        return hashlib.sha256(f"{self.instance.hash} {self.scenario or ''}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def variant_of(case: Case) -> Variant:
    """The instance of a case.

    Raises:
        InvalidInstance: what is changed names nothing, or does not fit.
    """
    return drawn(case, ())


def drawn(case: Case, cells: Iterable[str]) -> Variant:
    """The instance of a case with further cells set, but for those that the case sets itself.

    Raises:
        InvalidInstance: what is changed names nothing, or does not fit.
    """
    instance, scenario = shipped(case.instance), case.scenario
    if not case.every_aim:
        instance = _with_first_aim(instance)
    settings = with_own(case, cells)
    instance = without_nations(instance, case.absent)
    if case.lifted:
        instance, _ = without(instance, case.lifted, scenario)
    if settings:
        instance = with_settings(instance, settings)
    if case.conceded:
        judge = Judge(instance, scenario)
        instance = conceded(judge.instance, judge.concessions, dict(case.conceded))
    return Variant(instance, scenario)


def with_own(case: Case, cells: Iterable[str]) -> tuple[str, ...]:
    """Some cells but for those that a case sets itself, and then the case's own."""
    own = {cell.rpartition("=")[0] for cell in case.cells}
    return (*(cell for cell in cells if cell.rpartition("=")[0] not in own), *case.cells)


def _with_first_aim(instance: Instance) -> Instance:
    first = min(aim.priority for aim in instance.header.aims)
    # What counts as equal to the best is left to later aims; where there are none, every bit counts.
    aims = tuple(replace(aim, tolerance=0.0) for aim in instance.header.aims if aim.priority == first)
    return replace(instance, header=replace(instance.header, aims=aims))


Row = Mapping[str, Any]


def cells_of(
    instance: Instance,
    table: str,
    column: str,
    value: Callable[[Row], object],
    where: Callable[[Row], bool] = lambda _: True,
) -> tuple[str, ...]:
    """Settings of a column in the rows of a table that are meant and have something there."""
    meant = [row for row in instance.rows(table) if row.get(column) is not None and where(row)]
    return tuple(f"{table}.{row_key(table, row)}.{column}={_told(value(row))}" for row in meant)


def scaled(
    instance: Instance, table: str, column: str, factor: float, where: Callable[[Row], bool] = lambda _: True
) -> tuple[str, ...]:
    """Settings that multiply a column; of whole numbers fractions are left away."""
    whole = TABLES[table].by_name[column].kind == "integer"
    return cells_of(
        instance, table, column, lambda row: int(row[column] * factor) if whole else row[column] * factor, where
    )


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def by_name(cases: Sequence[Case]) -> dict[str, Case]:
    """Cases by name.

    Raises:
        ValueError: two different cases have one name.
    """
    found: dict[str, Case] = {}
    for case in cases:
        known = found.get(case.name)
        if known is not None and replace(known, seconds=0.0) != replace(case, seconds=0.0):
            raise ValueError(f"two cases are called {case.name!r}")
        if known is None or case.seconds > known.seconds:
            found[case.name] = case
    return found
