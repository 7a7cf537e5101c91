"""What the marks in an `.xlsx` sheet mean: addresses, number formats, dates, escaped characters."""

from __future__ import annotations

import datetime
import re
from typing import Final

from optimizer.instance.read.package import broken
from optimizer.instance.regular import UnreadableFile

LAST_COLUMN: Final = 16_384
LAST_ROW: Final = 1_048_576
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(50, 59)})
"""Numbers of the built-in formats that show a date or a time of day (45 to 47 show a duration)."""
_DURATION_FORMATS: Final = frozenset({45, 46, 47})
_NO_PART_OF_A_DATE: Final = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
_ELAPSED: Final = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")

Cell = object
"""Text, a number, a truth value, a date, a time, a duration, a `FaultyCell`, or None for a blank."""


def shown_as(code: str) -> str:
    """`date`, `duration` or nothing: how a number format shows a number."""
    first = code[:255].split(";", 1)[0]
    if _ELAPSED.search(first):
        return "duration"
    rest = _NO_PART_OF_A_DATE.sub("", first).casefold()
    return "date" if rest != "general" and any(letter in rest for letter in "ymdhs") else ""


def built_in(number: str) -> str:
    """`date`, `duration` or nothing: how the built-in format of a number shows a number."""
    known = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
    return "date" if known in _DATE_FORMATS else "duration" if known in _DURATION_FORMATS else ""


def unescaped(text: str) -> str:
    """Text with `_x000D_` and the like as the characters they stand for."""
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text


def as_date(value: float, shown: str, day_zero: datetime.datetime) -> Cell:
    """The date, time or duration that a number stands for; the number itself where the calendar has no such day."""
    if value < 0 and shown == "date":
        return value
    try:
        if shown == "duration":
            return datetime.timedelta(days=value)
        moment = day_zero + datetime.timedelta(seconds=round(value * 86_400))
        if value < 1:
            return moment.time()
        if value < 60 and day_zero.year == 1899:  # spreadsheets count a 29 February 1900, which there was not
            moment += datetime.timedelta(days=1)
    except OverflowError:
        return value
    return moment if moment.time() != datetime.time() else moment.date()


def column_number(letters: str) -> int:
    """The number of a column (A is 1)."""
    number = 0
    for letter in letters.upper() if 1 <= len(letters) <= 3 else "?":
        if not "A" <= letter <= "Z":
            raise broken(f"it has a cell in a column {letters[:20]!r}.")
        number = number * 26 + ord(letter) - 64
    if number > LAST_COLUMN:
        raise broken(f"it has a cell in a column {letters[:20]!r}.")
    return number


def column_and_row(address: str) -> tuple[int, int]:
    """Column and row of an address such as C2; (0, 0) where it is none."""
    letters = address.replace("$", "").rstrip("0123456789")
    try:
        return column_number(letters), row_number(address.replace("$", "")[len(letters) :])
    except UnreadableFile:
        return 0, 0


def column_letters(number: int) -> str:
    """The letters of a column (1 is A)."""
    letters = ""
    while number > 0:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def row_number(label: str) -> int:
    """The number of a row from its text."""
    if not (label.isascii() and label.isdecimal() and len(label) <= 7 and 1 <= int(label) <= LAST_ROW):
        raise broken(f"it has a row {label[:20]!r}.")
    return int(label)
