"""From the text or number in a cell to the value that its attribute describes."""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Iterable

from optimizer.instance.attribute import Attribute
from optimizer.instance.conditions import MalformedCondition, parse_condition
from optimizer.instance.names import looks, nearly_equal, strange_character
from optimizer.instance.raw import FaultyCell

Value = str | float | int | bool | None
MAXIMUM_TEXT = 10_000
MAXIMUM_WHOLE = 1e15
MAXIMUM_NUMBER = 1e12
"""Beyond these, solvers refuse the model, or take a unit for nothing."""
_SHOWN = 80
_MOST_KNOWN = 5_000
_TRUE = {"true", "yes", "1", "wahr", "vrai"}
_FALSE = {"false", "no", "0", "falsch", "faux"}
_REFUSED = re.compile("[\\x00\\ufffe\\uffff\\ud800-\\udfff]")  # what neither UTF-8 nor a workbook can hold
_ERROR_VALUE = re.compile(r"#(N/A|NV|N/D|¡?[A-ZÀ-ÝА-Я]{2,}(/0)?[!?])|Err:[0-9]{3}")
_DATE = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([ T].*)?|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{4}( .*)?")
_DAY = re.compile(  # as a spreadsheet shows a date without its year, or without its day
    "[0-9]{1,2}[-. ](MONTH)([-. ][0-9]{2,4})?|(MONTH)[-. ][0-9]{2,4}".replace(
        "MONTH", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mrz|Mai|Okt|Dez"
    )
)
_MONTH = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{4}")
_THOUSANDS_POINT = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_SEPARATED = re.compile(r"[0-9][.,'’\s][0-9]")


class CellError(ValueError):
    """A cell that cannot be what its column asks for: `code`, the message, and what to do."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.message, self.remedy = code, message, remedy


def is_blank(raw: object) -> bool:
    """Nothing in the cell: None, NaN, or only white space."""
    return raw is None or (isinstance(raw, float) and math.isnan(raw)) or (isinstance(raw, str) and not raw.strip())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` when something known is close to the word (in any case, in look-alike letters), else nothing."""
    known = list(known)
    if len(word) > _SHOWN or len(known) > _MOST_KNOWN:  # it would take long, and help little
        return ""
    known.sort()
    near = nearly_equal(word, known)
    if near is not None:
        strange = strange_character(word, near) if looks(word) == looks(near) else ""
        return f" Did you mean {near!r}{f' (one of the two has {strange})' if strange else ''}?"
    by_fold = {name.casefold(): name for name in reversed(known)}
    close = difflib.get_close_matches(word.casefold(), sorted(by_fold), n=1, cutoff=0.6)
    return f" Did you mean {by_fold[close[0]]!r}?" if close else ""


def escaped(text: str) -> str:
    r"""Text on one line, with everything escaped that is not printable.

    >>> print(escaped("it's\nhere"))
    it's\nhere
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def quoted(text: str) -> str:
    """Text in quotation marks, shortened, with everything escaped that is not printable."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def is_date(raw: object) -> bool:
    """Whether a cell holds a date: of a workbook, or written as spreadsheets write them (2026-07-01, 1.7.2026, 01-Jul)."""
    if not isinstance(raw, str):
        return isinstance(raw, datetime.date)
    text = raw.strip()
    return _DATE.fullmatch(text) is not None or _DAY.fullmatch(text) is not None


def has_thousands_point(raw: object) -> bool:
    """Whether a cell is written like 1.200: with exactly three decimals, as many countries write one thousand two hundred."""
    return isinstance(raw, str) and "." in raw and _THOUSANDS_POINT.fullmatch(raw.strip()) is not None


def split_words(text: str) -> list[str]:
    """The parts of a `;` list, trimmed, without empty ones."""
    return [part.strip() for part in text.split(";") if part.strip()]


def parse_cell(attribute: Attribute, raw: object) -> Value:
    """The typed value of a cell; None when blank.

    Raises:
        CellError: the cell does not fit the attribute (type, range, choice).
    """
    if is_blank(raw):
        return None
    if attribute.kind == "own":
        return _own(raw)
    if isinstance(raw, FaultyCell):
        raise CellError(raw.code, raw.message, raw.remedy)
    if isinstance(raw, str) and raw.lstrip()[0] in "#E" and _ERROR_VALUE.fullmatch(raw.strip()):
        raise CellError(
            "error-value",
            f"{quoted(raw.strip())} is an error of the spreadsheet, not a value",
            "Correct the formula, or write the value.",
        )
    if attribute.kind == "boolean":
        return _boolean(raw)
    if attribute.kind in {"number", "integer", "period"}:
        return _number(attribute, raw)
    text = _text(raw)
    if attribute.kind == "choice" and text not in attribute.choices:
        choices = ", ".join(attribute.choices)
        raise CellError(
            "choice",
            f"{quoted(text)} is none of: {choices}",
            f"Use one of: {choices}.{did_you_mean(text, attribute.choices)}",
        )
    return _condition(text) if attribute.kind == "condition" else text


def _condition(text: str) -> str:
    """An expression over conditions, written as short as it can be read."""
    try:
        return parse_condition(text).written()
    except MalformedCondition as fault:
        raise CellError("condition", f"{quoted(text)}: {fault.message}", fault.remedy) from None


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    if not isinstance(raw, (str, int, float, datetime.date, datetime.time)):
        raise CellError("type", f"{type(raw).__name__} is not text", "Write text.")
    return _kept(str(raw).strip())


def _own(raw: object) -> Value:
    """A cell of the planner's own column: a number or a truth value as it is, everything else as the text that it shows."""
    if isinstance(raw, (int, float)) and abs(raw) <= MAXIMUM_WHOLE:
        return raw
    return _kept(str(raw))


def _kept(text: str) -> str:
    """Text that every file can hold.

    Raises:
        CellError: it is too long, or holds a character that some file cannot.
    """
    if len(text) > MAXIMUM_TEXT:
        raise CellError(
            "too-long", f"the text has {len(text):,} characters", f"Shorten it to at most {MAXIMUM_TEXT:,} characters."
        )
    if _REFUSED.search(text):
        raise CellError(
            "control-character",
            "the text contains a character that files cannot hold (NUL, a lone surrogate, U+FFFE or U+FFFF)",
            "Remove it.",
        )
    return text


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    text = str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellError("boolean", f"{quoted(str(raw))} is neither true nor false", "Write true or false.")


def _float(raw: object) -> float:
    if isinstance(raw, (int, float)):
        return float(raw)
    text = str(raw).strip()
    if "_" in text:  # Python would read 1_000 as a number; a spreadsheet does not
        raise ValueError
    return float(text)


def _no_number(attribute: Attribute, raw: object) -> CellError:
    shown = isinstance(raw, (str, datetime.date, datetime.time, datetime.timedelta))
    text = str(raw).strip() if shown else type(raw).__name__
    if attribute.kind == "period" and (is_date(raw) or _MONTH.fullmatch(text)):
        return CellError(
            "number",
            f"{quoted(text)} is a date, but periods are numbered",
            "Write the number of a period, counted from 1.",
        )
    if isinstance(raw, datetime.date):
        return CellError("number", f"{quoted(text)} is a date, not a number", "Format the cell as a number.")
    hint = " Write the decimal point as `.` and leave out thousands separators." if _SEPARATED.search(text) else ""
    return CellError("number", f"{quoted(text)} is not a number", f"Write a number.{hint}")


def _number(attribute: Attribute, raw: object) -> float | int:
    if isinstance(raw, bool):
        raise CellError("number", f"{raw!r} is not a number", "Write a number.")
    try:
        number = _float(raw)
    except (ValueError, OverflowError, TypeError):
        raise _no_number(attribute, raw) from None
    if not math.isfinite(number):
        raise CellError(
            "not-finite", f"{str(raw)!r} is not a finite number", "Write a finite number, or leave the cell blank."
        )
    whole = attribute.kind in {"integer", "period"}
    if whole and has_thousands_point(raw):
        raise CellError(
            "thousands-point",
            f"{str(raw).strip()!r} has a decimal point where only whole numbers stand",
            f"Leave out thousands separators: write {str(raw).strip().replace('.', '')} if that is meant.",
        )
    if whole and not number.is_integer():
        raise CellError("not-whole", f"{number:g} is not a whole number", "Write a whole number.")
    if attribute.positive and number <= 0:
        raise CellError("not-positive", f"{number:g} is not above zero", "Write a number above zero.")
    minimum = 1.0 if attribute.kind == "period" else attribute.minimum
    if minimum is not None and number < minimum:
        code = "negative" if minimum == 0 else "too-small"
        raise CellError(code, f"{number:g} is below {minimum:g}", f"Write at least {minimum:g}.")
    maximum = (MAXIMUM_WHOLE if whole else MAXIMUM_NUMBER) if attribute.maximum is None else attribute.maximum
    if number > maximum:
        raise CellError(
            "too-large",
            f"{number:.15g} is above {maximum:g}",
            f"Write at most {maximum:g}{'' if attribute.required else ', or leave the cell blank'}.",
        )
    if number < -MAXIMUM_NUMBER:
        raise CellError("too-small", f"{number:g} is below {-MAXIMUM_NUMBER:g}", f"Write at least {-MAXIMUM_NUMBER:g}.")
    return int(number) if whole else number
