"""Names as people compare them: what looks the same, or differs only in case, is hardly meant as two names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache


def looks(text: str) -> str:
    """The text as it looks on a screen: compatible forms as one, letters of other scripts as the Latin ones that they
    look like, invisible characters left out, every run of blanks as one.
    """
    if text.isascii():
        return " ".join(text.split())
    plain = unicodedata.normalize("NFKC", text)
    return " ".join("".join(map(_latin, plain)).split())


def folds(text: str) -> frozenset[str]:
    """The forms by which two names are nearly equal when they share one: as it looks, and as it is written, without case."""
    if text.isascii():
        return frozenset((looks(text).casefold(),))
    return frozenset((looks(text).casefold(), unicodedata.normalize("NFKC", text).casefold()))


def nearly_equal(text: str, others: Iterable[str]) -> str | None:
    """The first of the others that looks the same or differs only in case, if there is one."""
    wanted = folds(text)
    return next((other for other in others if other != text and wanted & folds(other)), None)


def difference(text: str, other: str) -> str:
    """How a name relates to a nearly equal one, in words to put between the two."""
    return "looks the same as" if looks(text) == looks(other) else "differs only in case from"


def strange_character(text: str, other: str) -> str:
    """The name of the first character beyond ASCII that only one of two names has; nothing where there is none."""
    for one, two in ((text, other), (other, text)):
        for character in one:
            if not character.isascii() and character not in two:
                return unicodedata.name(character, f"U+{ord(character):04X}")
    return ""


@lru_cache(4096)
def _latin(character: str) -> str:
    """The ASCII character that looks like this one; nothing for an invisible one; else the character itself."""
    if character.isascii():
        return character
    if unicodedata.category(character) in {"Cf", "Mn"} and not unicodedata.combining(character):
        return ""  # zero-width characters, direction marks, soft hyphens, variation selectors
    seen = _look_alike(character)
    if character.isupper() and seen.islower():  # the capital I of other scripts is listed as the small L
        lower = _look_alike(character.lower())
        return lower.upper() if lower.isascii() else seen
    return seen


def _look_alike(character: str) -> str:
    from confusable_homoglyphs.confusables import confusables_data  # a megabyte: loaded only for such names

    found = (entry["c"] for entry in confusables_data.get(character, ()))
    return next((one for one in found if len(one) == 1 and one.isascii()), character)
