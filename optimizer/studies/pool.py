"""A pool of plans: every plan that is known, to be tried wherever it may count; kept in a folder where there is one.

Whether a plan keeps the rules of an instance in a scenario, and what it is worth there, the verifier says anew each time. Nothing of an
entry is trusted: its name is the digest of its content, and what does not agree is told once and left out.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from optimizer.instance.instance import Aim, Instance
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.plan.plan import Plan
from optimizer.studies.folder import write
from optimizer.studies.pooled import PooledPlan, Trial, Tried, parsed, unpacked
from optimizer.studies.record import Record

__all__ = ["Pool", "PooledPlan", "Trial", "Tried"]

_NAME: Final = re.compile(r"([0-9a-f]{64})\.json")
MOST_BYTES: Final = 256 * 1024 * 1024
"""Largest entry that is read."""
BEFORE: Final = -1
"""The number of the record that holds the plans that a study began with."""


class Pool:
    """Plans, each once. `folder`: where they are kept, one file each; None keeps them as long as the pool is there.

    Several processes may use one folder at once: a file appears whole, and two writers of one plan write the same.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        """The pool of a folder, which is made where it is not there.

        Raises:
            OSError: it cannot be made, or is no folder.
        """
        self.folder = None if folder is None else Path(folder)
        self._plans: dict[str, PooledPlan] = {}
        self._damaged: dict[str, str] = {}
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def damaged(self) -> tuple[str, ...]:
        """A sentence per entry that was left out, because it is not what it says."""
        return tuple(self._damaged.values())

    def add(self, plan: Plan | PooledPlan) -> str:
        """Keep a plan; its key. A plan that is there already changes nothing.

        Raises:
            ValueError: the search ended without a plan.
            OSError: it cannot be written.
        """
        pooled = plan if isinstance(plan, PooledPlan) else PooledPlan.of(plan)
        if pooled.key not in self._plans:
            if self.folder is not None:
                path = self.folder / f"{pooled.key}.json"
                if not (path.is_file() and path.read_bytes() == pooled.content):
                    write(path, pooled.content)
            self._plans[pooled.key] = pooled
            self._damaged.pop(pooled.key, None)
        return pooled.key

    def plans(self) -> list[PooledPlan]:
        """All plans, by their keys; those of a folder as it is now."""
        if self.folder is not None:
            names = filter(None, map(_NAME.fullmatch, os.listdir(self.folder)))  # noqa: PTH208  (names alone)
            for key in sorted(match[1] for match in names):
                if key not in self._plans and key not in self._damaged:
                    self._read(self.folder / f"{key}.json", key)
        return [self._plans[key] for key in sorted(self._plans)]

    def best_for(
        self,
        instance: Instance,
        scenario: str | None = None,
        aims: Sequence[Aim] | None = None,
        baseline: pd.DataFrame | None = None,
    ) -> Tried | None:
        """The best plan that keeps the rules of an instance in a scenario; None where none does.

        Args:
            instance: The instance.
            scenario: Name of the scenario; None takes the conditions' defaults.
            aims: Replace the aims of the instance.
            baseline: Assignments that the aim `changes` compares with.

        Raises:
            UnknownScenario: the instance has no scenario of that name.
        """
        return Trial(instance, scenario, aims, baseline).best(self.plans())

    def _read(self, path: Path, key: str) -> None:
        try:
            self._plans[key] = _kept(read_text(path, MOST_BYTES), key)
        except UnreadableFile as error:
            self._damaged[key] = f"{path} is left out: {error.message}"
        except ValueError as error:
            self._damaged[key] = f"{path} is left out: {error}. Remove it."


def _kept(text: str, key: str) -> PooledPlan:
    """The plan of an entry.

    Raises:
        ValueError: it is not what its name says.
    """
    if hashlib.sha256(text.encode()).hexdigest() != key:
        raise ValueError("its content does not go with its name")
    return parsed(text)


def as_pool(pool: Pool | str | Path | None) -> Pool | None:
    """The pool of a folder, or the one given; None where there is none.

    Raises:
        OSError: the folder cannot be made, or is none.
    """
    return Pool(pool) if isinstance(pool, (str, Path)) else pool


def plans_before(
    pool: Pool | None, records: Mapping[int, Record], take: Callable[[Record], None]
) -> tuple[dict[int, Record], tuple[str, ...]]:
    """The records of a study with one of the plans that were known when it began, and these plans, packed.

    A study that is resumed goes on with the plans that it began with, whatever the pool holds by now.
    """
    found = dict(records)
    if pool is not None and BEFORE not in found:
        record = Record(BEFORE, {"has_plan": True}, {}, " ".join(plan.packed for plan in pool.plans()))
        take(record)
        found[BEFORE] = record
    return found, tuple(found[BEFORE].start.split()) if BEFORE in found else ()


def keep_found(pool: Pool | None, records: Iterable[Record]) -> None:
    """The plans of some runs join the pool."""
    for plan in dict.fromkeys(record.start for record in records if record.start):
        if pool is not None:
            pool.add(unpacked(plan))
