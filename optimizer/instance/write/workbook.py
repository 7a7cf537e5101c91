"""An instance written as one `.xlsx` workbook, with drop-downs from the attribute tables."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.attribute import OWN, Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.csv_text import number_text
from optimizer.instance.examples import examples_of
from optimizer.instance.header_attributes import HEADER
from optimizer.instance.raw import Formula, OwnSheet
from optimizer.instance.read.header import header_mapping
from optimizer.instance.read.workbook import HEADER_SHEET
from optimizer.instance.write.names import free_name
from optimizer.instance.writing import write_file

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

_ROWS_TO_COME: Final = 1_000
"""Rows below the last one that also get the drop-downs."""


def write_workbook(instance: Instance, path: str | Path) -> None:
    """Write an instance as a new workbook, whole or not at all.

    Raises:
        OSError: nothing was written (no space, no permission, the file is there already).
    """
    write_file(Path(path), workbook_bytes(instance))


def workbook_bytes(instance: Instance, *, all_tables: bool = False) -> bytes:
    """The workbook of an instance; the same instance gives the same bytes.

    `all_tables`: also those that the instance does not have, with their headings, to be filled in.
    """
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": instance.header.title, "created": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)})
    formats = {
        "heading": book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "border": 1}),
        "required": book.add_format({"bold": True, "bg_color": "#7A1F1F", "font_color": "#FFFFFF", "border": 1}),
        "remark": book.add_format({"italic": True, "font_color": "#666666"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "time": book.add_format({"num_format": "hh:mm:ss"}),
        "duration": book.add_format({"num_format": "[h]:mm:ss"}),
    }
    _write_header(book.add_worksheet(HEADER_SHEET), instance, formats)
    names = [name for name in TABLES if all_tables or name in instance.tables]
    for name in names:
        _write_table(book.add_worksheet(name), instance, name, formats, set(names))
    for name, own in instance.own.items():
        taken = [sheet.get_name() for sheet in book.worksheets()]
        _write_own(book.add_worksheet(free_name(name, taken)), own, formats)
    book.close()
    return stream.getvalue()


def _write_header(sheet: Any, instance: Instance, formats: Mapping[str, Any]) -> None:
    for column, (name, width) in enumerate((("key", 24), ("value", 40), ("description", 80))):
        sheet.write_string(0, column, name, formats["heading"])
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    row = 1
    for key, attribute, value in _flat(header_mapping(instance.header)):
        sheet.write_string(row, 0, key)
        _write_cell(sheet, row, 1, value, formats)
        if attribute is not None:
            sheet.write_string(row, 2, attribute.description, formats["remark"])
            if attribute.choices:
                sheet.data_validation(row, 1, row, 1, _validation(list(attribute.choices)))
        row += 1


def _flat(header: Mapping[str, Any]) -> Iterator[tuple[str, Attribute | None, Any]]:
    """Dotted key, attribute and value of everything in a header; also of what is blank, so that it can be filled in."""
    for attribute in HEADER[""]:
        yield attribute.name, attribute, header.get(attribute.name)
    for section in ("periods", "solver"):
        for attribute in HEADER[section]:
            yield f"{section}.{attribute.name}", attribute, header.get(section, {}).get(attribute.name)
    for number, aim in enumerate(header.get("aims", []), 1):
        for attribute in HEADER["aims"]:
            value, key = aim.get(attribute.name), f"aims.{number}.{attribute.name}"
            if isinstance(value, dict):
                for name, item in value.items():
                    yield f"{key}.{name}", None, item
            elif value is not None:
                yield key, attribute, value


def _write_own(sheet: Any, own: OwnSheet, formats: Mapping[str, Any]) -> None:
    """A planner's own sheet: its values, and its formulas as formulas."""
    for number, row in own.items():
        for column, cell in enumerate(row):
            value = cell.value if isinstance(cell, Formula) else cell
            form = next((formats[name] for kind, name in _SHOWN_AS if isinstance(value, kind)), None)
            if isinstance(cell, Formula):
                sheet.write_formula(number - 1, column, f"={cell.text}", form, _stored(value))
            elif form is not None:
                sheet.write_datetime(number - 1, column, value, form)
            else:
                _write_cell(sheet, number - 1, column, cell, formats)


_SHOWN_AS: Final = (
    (datetime.timedelta, "duration"),
    (datetime.time, "time"),
    (datetime.datetime, "moment"),
    (datetime.date, "date"),
)
"""The format of a cell by the type of its value: the first that fits, since a moment is a date too."""


def _stored(value: object) -> object:
    """The value of a formula as a workbook stores it: of dates and times the days since 30 December 1899."""
    if isinstance(value, datetime.time):
        value = datetime.datetime.combine(_DAY_ZERO, value)
    elif isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if isinstance(value, datetime.datetime):
        value -= _DAY_ZERO
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    return value if isinstance(value, (bool, int, float, str)) else ""


_DAY_ZERO: Final = datetime.datetime(1899, 12, 30)


def _write_table(sheet: Any, instance: Instance, name: str, formats: Mapping[str, Any], there: set[str]) -> None:
    frame = instance.table(name)
    table = TABLES[name]
    rows = len(frame)
    sheet.freeze_panes(1, len(table.key))
    for position, column in enumerate(frame.columns):
        attribute = table.by_name.get(str(column)) or _open_column(str(column), instance)
        heading = formats["required" if attribute.required else "heading"]
        sheet.write_string(0, position, str(column), heading)
        about = [table.description] if position == 0 else []
        sheet.write_comment(
            0, position, "\n".join([*about, _comment(attribute, name, instance)]), {"x_scale": 2.5, "y_scale": 1.6}
        )
        values = list(frame[column])
        for row, value in enumerate(values, 1):
            _write_cell(sheet, row, position, value, formats)
        longest = max((len(str(value)) for value in values if value is not None), default=0)
        sheet.set_column(position, position, min(max(len(str(column)) + 2, longest + 1, 8), 50))
        validation = _drop_down(attribute, instance, there)
        if validation is not None:
            sheet.data_validation(1, position, rows + _ROWS_TO_COME, position, validation)
    if rows:
        sheet.autofilter(0, 0, rows, len(frame.columns) - 1)


def _open_column(name: str, instance: Instance) -> Attribute:
    """What a column is that the table does not describe: the planner's own, or a condition."""
    if name.startswith(OWN) and name not in {row["condition"] for row in instance.rows("conditions")}:
        return Attribute(name, "own", "The planner's own column.")
    return Attribute(name, "boolean", "Whether the condition holds; blank = its default.")


def _comment(attribute: Attribute, table: str, instance: Instance) -> str:
    parts = [attribute.description]
    if attribute.unit:
        parts.append(f"Unit: {attribute.unit}.")
    if attribute.choices:
        parts.append(f"One of: {', '.join(attribute.choices)}.")
    if attribute.required:
        parts.append("Required.")
    elif attribute.default is not None:
        default = str(attribute.default).lower() if isinstance(attribute.default, bool) else f"{attribute.default}"
        parts.append(f"Blank = {default}.")
    if attribute.kind != "own" and (examples := examples_of(attribute, table, instance)):
        parts.append(f"For example: {' · '.join(examples)}")
    return "\n".join(parts)


def _write_cell(sheet: Any, row: int, column: int, value: object, formats: Mapping[str, Any]) -> None:
    """Text always as text; numbers that the format cannot hold exactly (17 digits) as text too: they read back as themselves."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)) and float(f"{value:.16G}") == value:
        sheet.write_number(row, column, value)
    elif isinstance(value, (int, float)):
        sheet.write_string(row, column, number_text(value) if isinstance(value, float) else str(value), formats["text"])
    else:
        sheet.write_string(row, column, str(value), formats["text"])


def _drop_down(attribute: Attribute, instance: Instance, there: set[str]) -> dict[str, Any] | None:
    """The drop-down of a column: choices, true/false, or the keys of the table that it refers to.

    Where a cell may hold more than one key, as selectors, lists and conditions do, the list offers the keys and forbids nothing.
    """
    if attribute.choices:
        return _validation(list(attribute.choices))
    if attribute.kind == "boolean":
        return _validation(["TRUE", "FALSE"])
    other = next((name for name in attribute.refers if name in there), None)
    if other is None:
        return None
    from xlsxwriter.utility import xl_col_to_name

    frame = instance.table(other)
    column = xl_col_to_name(list(frame.columns).index(TABLES[other].key[0]))
    source = f"='{other}'!${column}$2:${column}${len(frame) + 1 + _ROWS_TO_COME}"
    one_key = attribute.kind == "reference" and len(attribute.refers) == 1
    return _validation(source) if one_key else {**_validation(source), "show_error": False}


def _validation(source: list[str] | str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": "Not in the list",
        "error_message": "This is none of the values that the column knows.",
    }
