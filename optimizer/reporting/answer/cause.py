"""Why something is missing: the reasons that were established, or that nobody has asked yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from optimizer.reporting.answer.told import Sentence, Told
from optimizer.reporting.content import Record

MOST: Final = 1
UNKNOWN: Final = "not known in time"


def say(told: Told) -> Sentence | None:
    """The reasons for the weightiest open lines, as “forcegen explain” established them; None where nothing is open."""
    if not told.open_lines:
        return None
    rows = told.rows("reasons")
    if not rows:
        text = "Why has not been asked yet: “forcegen explain” on this plan's folder says it for every open line."
        return Sentence("cause", "Why", text, {"asked": False})
    order = {line.name: place for place, line in enumerate(told.open_lines)}
    known = sorted(
        (row for row in rows if row["reason"] != UNKNOWN and row["requirement"] in order),
        key=lambda row: order[row["requirement"]],
    )
    facts = {"asked": True, "known": len(known), "rows": len(rows), "sentences": _first(known)}
    if not known:
        text = f"Of none of the {len(rows)} open lines and periods the reason could be established in the time that was given."
        return Sentence("cause", "Why", text, facts)
    return Sentence("cause", "Why", " ".join([*_first(known), *_tally(rows)]), facts)


def _tally(rows: Sequence[Record]) -> list[str]:
    """How often each reason holds, where there are several rows."""
    counts = Counter(str(row["reason"]) for row in rows)
    said = ", ".join(f"{count} {reason}" for reason, count in counts.most_common())
    return [f"Of the {len(rows)} reasons in all: {said}."] if len(rows) > 1 else []


def _first(known: list[Record]) -> list[str]:
    """The sentence of the weightiest line."""
    return list(dict.fromkeys(str(row["sentence"]) for row in known))[:MOST]
