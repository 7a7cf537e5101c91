"""How values are written as text: numbers that read back as themselves, text that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import Final


def number_text(value: float) -> str:
    """A number so that it reads back as itself; whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


_RISKY: Final = ("=", "+", "-", "@")


def escaped(text: str) -> str:
    """Text as it is written to a CSV file: an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(_RISKY) else text


def unescaped(text: str) -> str:
    """Text as it was before `escaped`."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_RISKY) else text
