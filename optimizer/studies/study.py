"""What a study is: named changes to a question, a design that combines them, limits of each run, and what is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from optimizer.instance.attribute import WHOLE
from optimizer.instance.attributes import TABLES
from optimizer.instance.findings import InvalidInstance

Value = str | float | int | bool | None
Kind = Literal["cells", "condition", "scenario", "aim", "commitment", "probe", "withdrawal"]
Mode = Literal["value", "factor", "step"]
Design = Literal["one_at_a_time", "grid", "latin_hypercube", "sobol", "morris", "rows"]

DESIGNS: Final[tuple[Design, ...]] = get_args(Design)
SAMPLED: Final = ("latin_hypercube", "sobol", "morris")
"""Designs that draw numbers between `low` and `high`, by seed and size."""
BY_SALIB: Final = ("sobol", "morris")
"""Designs that need the package SALib."""
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
MOST_RUNS: Final = 1_000_000


class InvalidStudy(InvalidInstance):
    """The study cannot be used; `findings` holds everything that is wrong with it."""


@dataclass(frozen=True)
class Vary:
    """One thing that varies.

    `kind`: cells of an input table, the truth of a condition, the scenario, or the priority or weight of an aim (`column`);
    `commitment` and `withdrawal` are no inputs of a file: a packed plan beyond which nothing may be sent; the nations that leave; nor is
    `probe`, a question of its own (`probing`).
    `keys`: the rows (as `--set` writes their keys). `values` is empty where a design draws numbers between `low` and `high`.
    """

    name: str
    kind: Kind
    table: str = ""
    keys: tuple[str, ...] = ()
    column: str = ""
    mode: Mode = "value"
    values: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether counts are multiplied: there the factor does not say how many are used."""
        return self.kind == "cells" and self.mode == "factor" and TABLES[self.table].by_name[self.column].kind in WHOLE

    @property
    def used_name(self) -> str:
        """The column of the table of runs with what a factor or step makes of its cell (of counts: of all its cells); blank: none."""
        moved = self.kind == "cells" and self.mode != "value" and len(self.keys) == 1
        return f"{self.name}: {self.column}" if moved or self.is_counted else ""


@dataclass(frozen=True)
class Study:
    """A study, checked against its instance.

    `rows`: inputs per run where the design is `rows`; `row_names`: what they are called, where they have names. `keep`: cells of result
    tables, as TABLE.KEY.COLUMN. `neighbours`: so many runs follow one another in one process, each starting from the plan of the one
    before; 0 = chosen from the number of runs. `first_time_limit`: the first run is solved before all others and may take this long;
    every chain of neighbours begins from its plan. `seed`: of the draws; `solver_seed`: of the solver, in every run. `total`: seconds of work
    for the whole study, on all workers together.
    """

    name: str
    title: str = ""
    description: str = ""
    scenario: str | None = None
    design: str = "one_at_a_time"
    size: int = 0
    seed: int = 0
    levels: int = 4
    vary: tuple[Vary, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    row_names: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    time_limit: float | None = None
    gap: float | None = None
    neighbours: int = 0
    first_time_limit: float | None = None
    solver_seed: int = 0
    total: float | None = None

    @property
    def hash(self) -> str:
        """SHA-256 of everything that decides about the runs (not of title and description)."""
        content: dict[str, Any] = asdict(self)
        del content["title"], content["description"]
        if self.total is None:
            del content["total"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Tries:
    """Plans that are tried in a run, by their places among the plans of its setup.

    `ended`: outcomes of searches of this run that have ended, whose bounds go on to count. `solve`: search on from the best of the plans; else
    the run says which is best, and searches nothing.
    """

    plans: tuple[int, ...]
    ended: tuple[Mapping[str, Any], ...] = ()
    solve: bool = True


@dataclass(frozen=True)
class Variant:
    """One run: its number, name, which instance it asks (by number), a value per `Vary` (None: left as it is), and plans to try."""

    run: int
    name: str
    source: int
    inputs: tuple[Value, ...]
    tries: Tries | None = None
