"""Cells that can be read, but hardly mean what was read: thousands with a point, dates as keys, rows of sums, names that differ only to the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import Value, has_thousands_point, is_blank, is_date, split_words
from optimizer.instance.names import difference, folds, looks, strange_character

if TYPE_CHECKING:
    from optimizer.instance.draft import Draft
    from optimizer.instance.findings import Notes

PERSONS: Final = "persons"
"""The unit of columns that count people."""

_SUMS: Final = frozenset(
    (
        *("total", "totals", "grand total", "subtotal", "sum", "sums", "overall"),
        *("summe", "gesamt", "gesamtsumme", "zwischensumme", "insgesamt"),
        *("somme", "totaux", "total général", "sous-total", "totale", "suma", "razem", "totaal", "итого", "разом"),
    )
)
_DERIVED: Final = {"areas": ("requirements", "area"), "capabilities": ("yields", "capability")}
"""Tables that may be absent, and the column that then names their keys."""


def doubt_column(
    table: str, attribute: Attribute, cells: Sequence[object], values: Sequence[Value], notes: Notes
) -> None:
    """Note what is doubtful in a column: its cells as they were written, and the values that were read from them."""
    if attribute.kind == "number":
        _doubt_numbers(table, attribute, cells, values, notes)
    elif attribute.kind == "text" and TABLES[table].key == (attribute.name,):
        _doubt_keys(table, attribute.name, cells, notes)


def _doubt_numbers(
    table: str, attribute: Attribute, cells: Sequence[object], values: Sequence[Value], notes: Notes
) -> None:
    fractions = [index for index, value in enumerate(values) if type(value) is float and not value.is_integer()]
    pointed = [index for index, cell in enumerate(cells) if has_thousands_point(cell) and values[index] is not None]
    persons = attribute.unit == PERSONS
    others = set(fractions) - set(pointed)
    for index in pointed:
        number = float(values[index] or 0)
        fits = attribute.maximum is None or number * 1000 <= attribute.maximum
        if not fits or (others and not persons):
            continue
        text = str(cells[index]).strip()
        message = f"{text!r} is read as {number:g}."
        remedy = f"Leave out thousands separators: write {text.replace('.', '')}"
        if persons:
            notes.error("thousands-point", table, index, attribute.name, message, f"{remedy}; people are whole.")
        else:
            remedy = f"{remedy}, or {text}0 if {number:g} is meant."
            notes.warning("thousands-point", table, index, attribute.name, message, remedy)
    if persons:
        for index in sorted(others):
            message = f"{values[index]:g} persons is no whole number of people."
            notes.warning("part-of-person", table, index, attribute.name, message, "Write a whole number.")


def _doubt_keys(table: str, column: str, cells: Sequence[object], notes: Notes) -> None:
    for index, cell in enumerate(cells):
        if is_blank(cell):
            continue
        text = str(cell).strip()
        if is_date(cell):
            notes.warning(
                "date-key",
                table,
                index,
                column,
                f"the key is a date ({text}): spreadsheets turn names such as MAR-1 or 3-1 into dates.",
                "Format the column as text, and write the name again.",
            )
        elif text.rstrip(": ").casefold() in _SUMS:
            notes.warning(
                "total-row",
                table,
                index,
                column,
                f"{text!r} looks like a row of sums, but is read as one more of the {table.replace('_', ' ')}.",
                "Remove the row, or choose another name.",
            )


def check_similar_names(draft: Draft) -> None:
    """No two names of a kind that look the same (an error) or differ only in case (a warning)."""
    for name, table in TABLES.items():
        key = table.by_name[table.key[0]]
        if name in draft.rows and key.kind == "text" and (len(table.key) == 1 or name == "groups"):
            _check_similar(draft, _named(draft, name, key.name))
    for name, (table_named, column) in _DERIVED.items():
        if not draft.rows.get(name):
            _check_similar(draft, _named(draft, table_named, column))
    _check_similar(draft, _named(draft, "areas", "host"))
    tagged = (item for table in ("unit_types", "pledges") for item in _named(draft, table, "tags"))
    _check_similar(draft, ((*item[:3], tag) for item in tagged for tag in split_words(item[3])))


_Named = tuple[str, int, str, str]
"""A table, a row by its index, a column, and the name there."""


def _named(draft: Draft, table: str, column: str) -> Iterator[_Named]:
    """The names of a column, in the order of the rows as the planner sees them."""
    named = [
        (draft.notes.row(table, index) or 0, index, row[column])
        for index, row in enumerate(draft.rows.get(table, ()))
        if row.get(column) is not None
    ]
    return ((table, index, column, text) for _, index, text in sorted(named))


def _check_similar(draft: Draft, named: Iterator[_Named]) -> None:
    notes = draft.notes
    first: dict[str, _Named] = {}
    seen: set[str] = set()
    for item in named:
        table, index, column, text = item
        if text in seen:
            continue
        seen.add(text)
        forms = [form for form in folds(text) if form]
        before = next((first[form] for form in forms if form in first), None)
        if before is None:
            first.update(dict.fromkeys(forms, item))
            continue
        other = before[3]
        where = f"row {notes.row(before[0], before[1])}"
        if before[0] != table:
            where = f"{notes.place(before[0])}, {where}"
        message = f"{text!r} {difference(text, other)} {other!r} in {where}"
        if looks(text) == looks(other):
            strange = strange_character(text, other)
            message += f": only one of the two has {strange}." if strange else ": only their blanks differ."
            remedy = "Write both in the same way, or choose names that differ to the eye."
            notes.error("look-alike", table, index, column, message, remedy)
        else:
            remedy = "Write both in the same way if one thing is meant."
            notes.warning("similar-names", table, index, column, f"{message}.", remedy)
