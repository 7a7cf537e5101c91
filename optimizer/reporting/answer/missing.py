"""What is missing, where, and since when."""

from __future__ import annotations

from optimizer.reporting.answer.told import Post, Sentence, Told
from optimizer.reporting.reader import Line
from optimizer.reporting.text import figure, percent, ranges

MOST = 3


def say(told: Told) -> Sentence:
    """The posts that are not mounted and the weightiest open lines, each with its periods; or that nothing is."""
    lines = told.open_lines
    if not lines:
        return Sentence(
            "missing", "What is missing", "Nothing is missing: every requirement is met in full.", {"open": 0}
        )
    idle = _idle(told)
    parts = [f"{told.post_name(post)} is not mounted in {_periods(told, periods)}" for post, periods in idle[:MOST]]
    if len(idle) > MOST:
        parts.append(f"{len(idle) - MOST} more posts are not mounted in some period")
    named = {post for post, _ in idle[:MOST]}
    rest = [line for line in lines if (line.mission, line.area) not in named][: MOST if not idle else 1]
    parts += [_line_in_words(told, line) for line in rest]
    facts = {
        "idle": [(told.post_name(post), periods) for post, periods in idle],
        "open": len(lines),
        "lines": len(told.reader.lines),
        "named": [line.name for line in rest],
    }
    text = f"{'; '.join(parts)}. {len(lines)} of {len(told.reader.lines)} requirement lines miss something."
    return Sentence("missing", "What is missing", text[0].upper() + text[1:], facts)


def _idle(told: Told) -> list[tuple[Post, list[int]]]:
    """Posts that are not mounted although something is asked of them, those that miss most periods first."""
    found = [
        (post, [period for period in periods if period not in told.mounted[post]])
        for post, periods in told.active.items()
    ]
    missions, _ = told.reader.weights
    return sorted((one for one in found if one[1]), key=lambda one: -len(one[1]) * missions.get(one[0][0], 1.0))


def _periods(told: Told, periods: list[int]) -> str:
    if len(periods) == told.reader.horizon:
        return "any period"
    first = told.reader.periods[periods[0] - 1]
    if len(periods) == 1:
        return f"period {first}"
    return f"periods {ranges(periods)}, first in {first}"


def _line_in_words(told: Told, line: Line) -> str:
    capability = told.reader.label("capability", line.capability)
    unit = told.reader.measures.get(line.capability)
    measure = f"{unit} of " if unit else ""
    where = told.post_name((line.mission, line.area))
    missing = line.mean(line.targets) - line.mean(line.fulfilled)
    return (
        f"{where} misses {figure(missing, 1)} of {figure(line.mean(line.targets), 1)} {measure}{capability} on average over its "
        f"{len(line.periods)} periods ({percent(line.share)} is there), first in {told.reader.periods[line.open[0] - 1]}"
    )
