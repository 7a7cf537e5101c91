"""The rows of an input table that a study varies: one by its key, or those that selectors choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, split_words
from optimizer.instance.instance import Instance, Row
from optimizer.instance.scenario import row_key
from optimizer.instance.selectors import parse_selector
from optimizer.studies.faults import Faults


class RowChoice:
    """Chooses rows of one table. `at`: the key path of the input in the study file, under which faults are noted."""

    def __init__(self, instance: Instance, table: str, rows: Sequence[Row], at: str, faults: Faults) -> None:
        self.instance, self.table, self.rows, self.at, self.faults = instance, table, rows, at, faults

    def by_key(self, key: str) -> list[str]:
        """The row of a key; none where there is no such row."""
        keys = [row_key(self.table, row) for row in self.rows]
        if key in keys:
            return [key]
        remedy = f"Correct the key ({'/'.join(TABLES[self.table].key)}).{did_you_mean(key, keys)}"
        self.faults.error(("unknown-row", f"{self.table} has no row {key!r}.", remedy), f"{self.at}key")
        return []

    def by_selectors(self, where: Mapping[str, Any]) -> list[str]:
        """The keys of the rows that every selector chooses; each is the selector of a column."""
        columns = TABLES[self.table].by_name
        known = [*columns, *(("group",) if "nation" in columns else ())]
        chosen = [True] * len(self.rows)
        for column, selector in where.items():
            at = f"{self.at}where.{column}"
            if column not in known:
                remedy = f"Use one of its columns.{did_you_mean(column, known)}"
                message = f"{self.table} has no column {column!r} to select by."
                self.faults.error(("unknown-selector", message, remedy), at)
                return []
            for number, matches in enumerate(self._matching(column, selector, at)):
                chosen[number] = chosen[number] and matches
        found = [row_key(self.table, row) for row, matches in zip(self.rows, chosen, strict=True) if matches]
        if not found:
            message = f"no row of {self.table} is selected."
            self.faults.error(("empty-selection", message, "Widen the selection."), f"{self.at}where")
        return found

    def _matching(self, column: str, selector: object, at: str) -> list[bool]:
        """Whether each row is selected by one selector."""
        text = ";".join(map(str, selector)) if isinstance(selector, list) else str(selector)
        parsed = parse_selector(text)
        words = parsed.included | parsed.excluded
        if column == "group" and column not in TABLES[self.table].by_name:
            groups: dict[str, set[str]] = {}
            for row in self.instance.rows("groups"):
                groups.setdefault(row["nation"], set()).add(row["group"])
            self._known_words(words, {group for named in groups.values() for group in named}, at)
            return [parsed.matches_tags(groups.get(str(row["nation"]), set())) for row in self.rows]
        kind = TABLES[self.table].by_name[column].kind
        if kind in {"list", "selector"}:
            return [parsed.matches_tags(split_words(str(row[column] or ""))) for row in self.rows]
        texts = [None if row[column] is None else str(row[column]) for row in self.rows]
        if kind != "number":
            self._known_words(words, {text for text in texts if text}, at)
        return [parsed.matches(text) for text in texts]

    def _known_words(self, words: Iterable[str], known: set[str], at: str) -> None:
        for word in sorted(set(words) - known):
            remedy = f"Correct it.{did_you_mean(word, known)}"
            self.faults.error(("unknown-selection", f"no row has {word!r} there.", remedy), at)
