"""Names of sheets and files, as spreadsheets and systems allow them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 31
"""Characters of a sheet's name in a spreadsheet."""
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f<>|\"']")


def free_name(name: str, taken: Iterable[str]) -> str:
    """A name for a sheet, or its file, that is not taken: as it is where that can be, else without forbidden signs, shorter, or with a number."""
    plain = _FORBIDDEN.sub("_", name)
    used = {one.casefold() for one in taken}
    tried = (plain[:LONGEST], *(f"{plain[: LONGEST - 5]}_{number}" for number in range(2, 1002)))
    return next((one for one in tried if one.casefold() not in used), plain[:LONGEST])
