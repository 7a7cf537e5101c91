"""Support that is short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_OPEN, Section
from optimizer.reporting.text import as_number

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Support that is short."""
    rows = reader.frame("enablers")
    if not rows:
        return None
    short = [row for row in rows if (as_number(row.get("gap")) or 0.0) > 1e-6]
    text = (
        f"In {len(short)} of {len(rows)} cases support stays short of what the personnel deployed need."
        if short
        else "All personnel deployed have the support that they need."
    )
    return Section(
        "enablers",
        "Support",
        (text,),
        (reader.generic("Support that stays short", short, list(rows[0])),) if short else (),
        folded=len(short) > MOST_OPEN,
    )
