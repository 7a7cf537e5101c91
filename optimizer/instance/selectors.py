"""Selectors: how a cell picks nations, areas, unit types, tags … Written once, used by every table, by aims and by studies.

Blank means any; several values are separated by `;`; `!X` means all but X. `A;B` is A or B; with both kinds a value
must be one of the positives and none of the negatives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.instance.cells import split_words


@dataclass(frozen=True)
class Selector:
    """A parsed selector cell."""

    included: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    @property
    def is_any(self) -> bool:
        """Whether it selects everything."""
        return not self.included and not self.excluded

    def matches(self, value: str | None) -> bool:
        """Whether it selects one value (None: nothing is said, so only a selector without positives matches)."""
        return (not self.included or value in self.included) and value not in self.excluded

    def matches_tags(self, tags: Iterable[str]) -> bool:
        """Whether it selects something that bears these tags: any of the positives, none of the negatives."""
        tags = set(tags)
        return (not self.included or bool(tags & self.included)) and not tags & self.excluded


ANY = Selector()


def parse_selector(text: str | None) -> Selector:
    """Read a selector cell (None or blank: any)."""
    words = split_words(text or "")
    return Selector(
        frozenset(word for word in words if not word.startswith("!")),
        frozenset(word[1:].strip() for word in words if word.startswith("!")),
    )
