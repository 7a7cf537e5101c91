"""Who could fill what is missing most."""

from __future__ import annotations

from collections import Counter
from typing import Final

from optimizer.plan.candidates import Candidate
from optimizer.reporting.answer.told import Sentence, Told
from optimizer.reporting.filling import part_of_missing
from optimizer.reporting.text import joined, percent

MOST: Final = 3
_KEPT: Final = {
    "rules": "refused by rules",
    "caps": "without room under a cap",
    "busy": "serving elsewhere or at rest",
    "threshold": "below the threshold alone at a post that is not mounted",
}


def say(told: Told) -> Sentence | None:
    """The idle units that would bring most to the post of the weightiest open line; or what keeps everybody. None where nothing is open."""
    if not told.open_lines or not told.reader.plan.has_plan:
        return None
    line = told.open_lines[0]
    where = told.post_name((line.mission, line.area))
    post = line.mission, line.area
    found = [one for one in told.reader.candidates({post}).get(post, []) if one.requirement == line.name]
    free = [one for one in found if not one.hindrance]
    facts = {"line": line.name, "candidates": [(one.pledge, one.units) for one in free[:MOST]], "asked": len(found)}
    capability = told.reader.label("capability", line.capability)
    if free:
        listed = joined([_said(told, one) for one in free], MOST)
        text = (
            f"At {where}, idle units that no caveat, rotation or cap keeps away: {listed}. Each alone: thresholds of other lines, links, leads, stays, "
            "numbers of posts and nations, and largest shares are not looked at. Other posts are under “Who could fill what is missing”."
        )
    elif found:
        kept = Counter(_KEPT[one.hindrance] for one in found)
        counted = ", ".join(f"{count} {what}" for what, count in kept.most_common())
        text = f"At {where}, nobody: of {len(found)} pledges that deliver {capability}, {counted}."
    else:
        text = f"At {where}, nobody: nothing that is pledged delivers {capability}."
    return Sentence("fill", "Who could fill it", text, facts)


def _said(told: Told, one: Candidate) -> str:
    offer = next(row for row in told.reader.rows("pledges") if row["pledge"] == one.pledge)
    unit = told.reader.label("unit_type", offer["unit_type"])
    return f"{told.reader.label('nation', offer['nation'])} with {one.units} × {unit} ({percent(part_of_missing(one))} of what is missing)"
