"""Tables as CSV text, for every file that this package writes: typed cells, quoted where CSV needs it, harmless in a spreadsheet.

Text that begins like a formula (`=`, `+`, `-`, `@`, tab, carriage return) is written with an apostrophe before it, so that no
spreadsheet runs it; `unescaped` takes the apostrophe away when the file is read. Nothing else is altered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_QUOTED: Final = re.compile(r'[,"\r\n]|^\s|\s$')


def csv_text(heading: Iterable[str], columns: Iterable[Sequence[str]]) -> str:
    """The text of a file: its heading, and its rows from columns of written cells (see `written`)."""
    rows = [[written(str(name)) for name in heading], *zip(*columns, strict=True)]
    # A row that is one blank cell would be a blank line, which readers skip.
    return "".join((",".join(row) or '""') + "\n" for row in rows)


def written(value: object) -> str:
    """A typed value as a cell: None and NaN blank, truths as words, numbers so that they read back, text quoted and escaped."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return quoted(escaped(value)) if isinstance(value, str) else str(value)


def number_text(value: float) -> str:
    """A number so that it reads back as itself; whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))


def quoted(text: str) -> str:
    """Text in quotation marks where it holds a comma, a quotation mark or a line break, or begins or ends with a blank."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def escaped(text: str) -> str:
    """Text as a CSV cell holds it: an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Text as it was before `escaped`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
