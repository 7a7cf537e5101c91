"""Text and figures as reports and screens show them: names are data, whatever characters they hold."""

from __future__ import annotations

import glob
import math
import os
import re
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from optimizer.instance.writing import refuse_target
from optimizer.interrupts import held
from optimizer.plan.summary import FULL, short_of

BLANK = "–"
"""What stands where nothing is known."""

_SMALL = 0.005
"""Figures below are told with two digits that count."""
STILL_WRITING = 3600.0
"""Seconds after which nobody writes any more at a file that was begun beside its place."""

_DISTURBING = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: they drive terminals and are no XML
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or turning the direction of writing
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # halves of characters, and no characters
    "\U000e0000-\U000e007f"  # invisible tags
    "]|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U000ffffe\U000fffff\U0010fffe\U0010ffff]"
)


def visible(value: object) -> str:
    r"""Text in which every character can be seen: line breaks and tabs become spaces, other control characters their code.

    >>> visible("a\x1b[31mb\u202ec\nd")
    'a\\x1b[31mb\\u202ec d'
    """
    return _DISTURBING.sub(_spelled_out, value if isinstance(value, str) else str(value))


def _spelled_out(match: re.Match[str]) -> str:
    character = match.group()
    if character in "\t\n\r":
        return " "
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shorten(text: str, most: int = 300) -> str:
    """The text, cut with an ellipsis where it is over-long."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def as_number(value: object) -> float | None:
    """A finite number, or None for everything else (blanks, NaN, infinities, text)."""
    if value is None or isinstance(value, str):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_flag(value: object) -> bool:
    """Truth of a cell that may be a boolean, a number or the text `true`."""
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1"}
    return bool(as_number(value))


def as_text(value: object) -> str:
    """The text of a cell; blanks are the empty text."""
    if (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or type(value).__name__ in {"NAType", "NaTType"}
    ):
        return ""
    return visible(value)


class Shown(float):
    """A figure that is shown with other digits than usual, so that it differs visibly from another one."""

    text: str

    def __new__(cls, value: float, text: str) -> Shown:
        """The value, and how `figure` shows it."""
        made = super().__new__(cls, value)
        made.text = text
        return made


def not_quite(value: object, full: float) -> float | None:
    """A figure that is not shown as what is full while something is missing.

    >>> figure(not_quite(99.9976, 100)), figure(not_quite(100, 100)), figure(not_quite(80.126, 100))
    ('99.99', '100', '80.13')
    """
    number = as_number(value)
    if number is None or figure(number) != figure(full) or short_of(number, full, 2) == number:
        return number
    return Shown(number, figure(short_of(number, full, 2)))


def outward(bound: float, *, upper: bool) -> float:
    """A bound for reading, rounded so that it still holds: an upper one up, a lower one down.

    >>> figure(outward(67.632, upper=True)), figure(outward(67.638, upper=False)), figure(outward(80.0, upper=True))
    ('67.64', '67.63', '80')
    """
    if abs(bound) < _SMALL or abs(bound - round(bound, 2)) <= FULL * max(1.0, abs(bound)):
        return bound
    return (math.ceil(bound * 100) if upper else math.floor(bound * 100)) / 100


def told_apart(value: float, other: float) -> float:
    """A figure with as many digits as distinguish it from another one, where they differ by more than rounding.

    >>> figure(told_apart(5.0001, 5)), figure(told_apart(5, 5.0001)), figure(told_apart(0.5, 0.25))
    ('5.0001', '5', '0.5')
    """
    if abs(value - other) <= FULL * max(abs(value), abs(other)):
        return value
    digits = next((digits for digits in range(2, 13) if figure(value, digits) != figure(other, digits)), 12)
    return value if digits == 2 else Shown(value, figure(value, digits))


def figure(value: object, digits: int = 2) -> str:
    """A number for reading: thousands apart, no superfluous decimals.

    >>> figure(1234.5), figure(3.0), figure(None), figure(0.00012)
    ('1,234.5', '3', '–', '0.00012')
    """
    if isinstance(value, Shown):
        return value.text
    number = as_number(value)
    if number is None:
        return BLANK
    if number and abs(number) < 0.5 * 10**-digits:
        return f"{number:.2g}"
    text = f"{number:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def percent(value: object) -> str:
    """A share as a percentage: exactly 100 % only where nothing is missing.

    >>> percent(1), percent(0.9998), percent(0.999976), percent(0.125), percent(0.00001)
    ('100 %', '99.9 %', '99.99 %', '12.5 %', '<0.1 %')
    """
    if isinstance(value, Shown):
        return value.text
    number = as_number(value)
    if number is None:
        return BLANK
    hundredfold = 100 * number
    if 0 < hundredfold < 0.1 and hundredfold > 1e-7:
        return "<0.1 %"
    if 99.9 < hundredfold < 100 * (1 - FULL):
        return "99.99 %" if hundredfold >= 99.99 else "99.9 %"
    return f"{figure(hundredfold, 1)} %"


def ranges(numbers: Iterable[int]) -> str:
    """Whole numbers in short form.

    >>> ranges([5, 1, 2, 3])
    '1–3, 5'
    """
    blocks: list[list[int]] = []
    for number in sorted(set(numbers)):
        if blocks and number == blocks[-1][1] + 1:
            blocks[-1][1] = number
        else:
            blocks.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in blocks)


def joined(words: Sequence[str], most: int = 8) -> str:
    """Words with commas, and how many more there are."""
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")


@held()
def write_atomically(file: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then moved there.

    Raises:
        FileExistsError: something is there that is no regular file.
        OSError: it cannot be written.
    """
    refuse_target(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    _remove_remains(file)
    handle, name = tempfile.mkstemp(prefix=f".{file.name[:40]}.", suffix=".part", dir=file.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _remove_remains(file: Path) -> None:
    """Remove what earlier writings of a file left beside it when they were killed; one that may still be going on is left alone."""
    for part in file.parent.glob(f".{glob.escape(file.name[:40])}.*.part"):
        with suppress(OSError):
            if part.is_file() and time.time() - part.stat().st_mtime > STILL_WRITING:
                part.unlink()
