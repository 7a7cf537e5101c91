"""A pool of plans: every plan that is known, to be tried wherever it may count; kept in a folder where there is one.

Whether a plan keeps the rules of an instance in a scenario, and what it is worth there, the verifier says anew each time. Nothing of an
entry is trusted: its name is the digest of its content, and what does not agree is told once and left out.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from optimizer.instance.instance import Aim, Instance
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.plan.gather import Rows
from optimizer.plan.plan import Plan
from optimizer.studies.folder import write
from optimizer.studies.pooled import PooledPlan, Tried, best_tried, parsed

__all__ = ["Pool", "PooledPlan", "Tried"]

_NAME: Final = re.compile(r"([0-9a-f]{64})\.json")
MOST_BYTES: Final = 256 * 1024 * 1024
"""Largest entry that is read."""


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
        baseline: Rows = None,
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
        return best_tried(self.plans(), instance, scenario, aims, baseline)

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
