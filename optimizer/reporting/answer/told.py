"""What sentences are made of, and what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optimizer.reporting.text import as_flag, as_number

if TYPE_CHECKING:
    from optimizer.reporting.content import Record
    from optimizer.reporting.reader import Line, Reader

Post = tuple[str, str]


@dataclass(frozen=True)
class Sentence:
    """One statement. `label`: what it answers, in a word or two; `facts`: every figure and name that it states, by what it is."""

    key: str
    label: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A plan, and the answers that lie in its folder."""

    reader: Reader

    def rows(self, name: str) -> Sequence[Record]:
        """The rows of an answer; none where it was not asked."""
        return self.reader.answers.get(name, ())

    @cached_property
    def active(self) -> dict[Post, list[int]]:
        """Per post the periods in which something is asked for."""
        found: dict[Post, list[int]] = {}
        for row in self.reader.frame("posts"):
            if as_flag(row.get("active")):
                found.setdefault((row["mission"], row["area"]), []).append(int(row["period"]))
        return {post: sorted(periods) for post, periods in found.items()}

    @cached_property
    def mounted(self) -> dict[Post, list[int]]:
        """Per post the periods in which it is mounted."""
        found: dict[Post, list[int]] = {post: [] for post in self.active}
        for row in self.reader.frame("posts"):
            if as_flag(row.get("active")) and as_flag(row.get("mounted")):
                found[row["mission"], row["area"]].append(int(row["period"]))
        return {post: sorted(periods) for post, periods in found.items()}

    @property
    def open_lines(self) -> list[Line]:
        """Requirement lines that miss something, the weightiest first."""
        return self.reader.open_lines

    def post_name(self, post: Post) -> str:
        """A post in words."""
        return f"{self.reader.label('mission', post[0])} in {self.reader.label('area', post[1])}"

    def aim(self, number: int = 0) -> Record | None:
        """An aim of the plan in order of solution."""
        rows = self.reader.aim_rows
        return rows[number] if len(rows) > number else None

    def value(self, column: str) -> float | None:
        """A figure of the first aim."""
        first = self.aim()
        return None if first is None else as_number(first.get(column))
