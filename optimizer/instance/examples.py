"""An example of what a cell of each column may hold, made from the instance's own names where the column refers to some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance


def examples_of(attribute: Attribute, table: str, instance: Instance) -> tuple[str, ...]:
    """Cells that the column may hold, as a planner types them; none for text without a form of its own."""
    if attribute.choices:
        return attribute.choices[:1]
    keys = [key for name in attribute.refers for key in _keys(name, instance)]
    if attribute.kind == "condition":
        return tuple(["!{0}", "{0} & {1}"][number].format(*keys) for number in range(min(2, len(keys))))
    if attribute.kind == "selector":
        keys = keys or _given(attribute, table, instance)
        return (*keys[:1], *([";".join(keys[:2])] if len(keys) > 1 else []), *(f"!{key}" for key in keys[:1]))
    if attribute.kind == "list":
        keys = keys or _given(attribute, table, instance)
        return (";".join(keys[:2]),) if keys else ()
    if attribute.kind == "reference":
        return tuple(keys[:1])
    if attribute.kind == "boolean":
        return ("TRUE",)
    if attribute.kind == "period":
        return ("1",)
    given = _given(attribute, table, instance)
    if attribute.kind in {"number", "integer"}:
        return tuple(given[:1]) or (_number(attribute),)
    return tuple(given[:1])


def _keys(table: str, instance: Instance) -> list[str]:
    return list(dict.fromkeys(str(row[TABLES[table].key[0]]) for row in instance.rows(table)))


def _given(attribute: Attribute, table: str, instance: Instance) -> list[str]:
    """What stands in the column already, without what selects or joins."""
    if table not in instance.tables:
        return []
    cells: Sequence[object] = instance.tables[table][attribute.name].tolist()
    texts = [f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in cells if cell is not None]
    return [text for text in dict.fromkeys(texts) if not any(sign in text for sign in ";!")]


def _number(attribute: Attribute) -> str:
    """A number that the column takes."""
    low = 0.0 if attribute.minimum is None else attribute.minimum
    high = low + 1.0 if attribute.maximum is None else attribute.maximum
    return f"{min(high, low + 1.0):g}"
