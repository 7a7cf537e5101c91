"""The input tables explained, from the attribute tables: as Markdown for people, as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from optimizer.instance.attribute import Attribute, Table
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean
from optimizer.instance.header_attributes import HEADER, SCHEMA_VERSION

_SECTIONS: Final = {
    "": "Top of the file",
    "periods": "[periods]",
    "aims": "[[aims]] (one block per aim)",
    "solver": "[solver]",
}


class UnknownTable(ValueError):  # noqa: N818 - the name says what is wrong
    """No input table of that name."""


def schema_markdown(table: str | None = None) -> str:
    """One input table as Markdown, or all of them after the header.

    Raises:
        UnknownTable: there is no table of that name.
    """
    if table is not None:
        return _table_markdown(_find(table))
    return "\n".join([header_markdown(), *(_table_markdown(described) for described in TABLES.values())])


def header_markdown() -> str:
    """The header `instance.toml` as Markdown."""
    parts = ["## instance.toml", "", "The header. Everything in it may be left out.", ""]
    for section, attributes in HEADER.items():
        parts += [f"**{_SECTIONS[section]}**", "", *_columns_markdown(attributes), ""]
    return "\n".join(parts)


def schema_json(table: str | None = None) -> str:
    """The input tables (or one of them) as JSON.

    Raises:
        UnknownTable: there is no table of that name.
    """
    if table is not None:
        return json.dumps(_table_data(_find(table)), indent=2)
    data = {
        "schema": SCHEMA_VERSION,
        "header": {section: [_data(attribute) for attribute in attributes] for section, attributes in HEADER.items()},
        "tables": {name: _table_data(described) for name, described in TABLES.items()},
    }
    return json.dumps(data, indent=2)


def _find(name: str) -> Table:
    if name not in TABLES:
        raise UnknownTable(f"There is no table {name!r}.{did_you_mean(name, TABLES)} Tables: {', '.join(TABLES)}.")
    return TABLES[name]


def _table_data(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.description,
        "required": table.required,
        "key": list(table.key),
        "open_columns": table.open_columns,
        "columns": [_data(column) for column in table.columns],
    }


def _data(attribute: Attribute) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(attribute).items()
        if value not in (None, "", (), False) or name == "required"
    }


def _table_markdown(table: Table) -> str:
    needed = "Always needed." if table.required else "May be left out."
    key = " and ".join(f"`{column}`" for column in table.key)
    return "\n".join(
        [f"## {table.name}", "", f"{table.description} {needed} Key: {key}.", "", *_columns_markdown(table.columns), ""]
    )


def _columns_markdown(attributes: tuple[Attribute, ...]) -> list[str]:
    rows = [f"| `{a.name}` | {_kind(a)} | {a.unit or ' '} | {_blank(a)} | {_cell(a.description)} |" for a in attributes]
    return ["| column | holds | unit | if blank | meaning |", "|---|---|---|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _kind(attribute: Attribute) -> str:
    """What a cell holds, in a planner's words."""
    bounds = []
    if attribute.positive:
        bounds.append("above 0")
    elif attribute.minimum is not None:
        bounds.append(f"from {attribute.minimum:g}")
    if attribute.maximum is not None:
        bounds.append(f"to {attribute.maximum:g}")
    names = " or ".join(attribute.refers)
    words = {
        "text": "text",
        "number": "number",
        "integer": "whole number",
        "boolean": "true / false",
        "period": "number of a period",
        "condition": "expression over conditions",
        "reference": f"key of {names}",
        "selector": f"selection of {names}" if names else "selection",
        "list": f"list of {names}" if names else "list",
        "choice": " / ".join(attribute.choices),
    }
    return " ".join([words[attribute.kind], *bounds])


def _blank(attribute: Attribute) -> str:
    if attribute.required:
        return "**not allowed**"
    if attribute.default is None:
        return " "
    if isinstance(attribute.default, bool):
        return str(attribute.default).lower()
    return f"{attribute.default:g}" if isinstance(attribute.default, float) else attribute.default
