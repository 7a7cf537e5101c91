"""A reason why a line is open, as a record and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from optimizer.instance.rule import Rule
from optimizer.instance.situation import Situation
from optimizer.instance.wording import in_periods
from optimizer.studies.why.losses import Loss
from optimizer.studies.why.missing import Missing
from optimizer.studies.why.words import amount, offers

NOT_KNOWN: Final = "not known in time"
NOTHING_PLEDGED: Final = "nothing pledged"
FORBIDDEN: Final = "forbidden"
BELOW_THRESHOLD: Final = "below threshold"
ELSEWHERE: Final = "better used elsewhere"
CAPPED: Final = "capped"
EXHAUSTED: Final = "exhausted"
_NAMED: Final = 8
"""So many pledges are named in a sentence; the table has all."""


@dataclass(frozen=True)
class Reason:
    """Why a line is open in some periods. `gap`: what is missing in them together, in the measure of the capability.

    `rules`: ids of those that would have to bend; `pledges`: those that are used up, or used elsewhere; `loses`: what closing the gap as far as the
    line alone could takes from the first aim. `more`: how much more it could have in these periods together under the rules in force if it came first,
    at least and at most; None: not asked. `missing`: the fewest units, by type, with which it could be full with every rule lifted that may stand in the
    way; empty: none are missing; None: not known.
    """

    requirement: str
    periods: tuple[int, ...]
    gap: float
    reason: str
    rules: tuple[str, ...]
    pledges: tuple[str, ...]
    sentence: str
    loses: Loss | None = None
    more: tuple[float, float | None] | None = None
    missing: Missing | None = None

    @property
    def missing_units(self) -> str:
        """The units that are missing even if every rule bends, such as `2 of mech-battalion`; blank where none are, or where it is not known."""
        return "" if self.missing is None else self.missing.text

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "requirement": self.requirement,
            "periods": list(self.periods),
            "gap": self.gap,
            "reason": self.reason,
            "rules": list(self.rules),
            "pledges": list(self.pledges),
            "sentence": self.sentence,
            "loses": self.loses and self.loses.record(),
            "more_at_least": self.more and self.more[0],
            "more_at_most": self.more and self.more[1],
            "missing_units": self.missing_units,
        }


def sentence_of(reason: Reason, situation: Situation, rules: Mapping[str, Rule]) -> str:
    """A reason in a planner's words; it claims what the reason holds, and no more."""
    line, words = situation.lines[reason.requirement], situation.words
    place = words.post({"mission": line.mission, "area": line.area})
    head = f"{words.name('capability', line.capability)} at {place} ({line.name}) is open"
    when = in_periods(sum(1 << t - 1 for t in reason.periods))
    named = " ".join(rules[name].sentence for name in reason.rules if name in rules)
    nations = {row["pledge"]: row["nation"] for row in situation.tables.rows("pledges")}
    pledges = offers(words, nations, reason.pledges[:_NAMED])
    if len(reason.pledges) > _NAMED:
        pledges += f" and {len(reason.pledges) - _NAMED} others"
    text = {
        NOT_KNOWN: f"why was not known in time{_so_far(reason)}.",
        NOTHING_PLEDGED: "nothing that is pledged for then delivers it.",
        FORBIDDEN: f"what could serve there may not. {named}",
        BELOW_THRESHOLD: f"the post cannot be mounted, since a threshold cannot be reached. {named}",
        ELSEWHERE: f"units of {pledges} could do more there{_taken(reason)}.",
        CAPPED: f"more could come if this did not bind. {named}",
        EXHAUSTED: f"what is pledged is used up ({pledges}).",
    }[reason.reason]
    return f"{head} {when}: {text}{_lacking(reason)}"


def _so_far(reason: Reason) -> str:
    """What is known of a line whose reason is not."""
    least, most = reason.more or (0.0, None)
    if most is None:
        return ""
    if most == 0.0:
        return "; under all rules it could have no more even if it came first, so that some rule binds, or what is pledged is used up"
    if least == 0.0:
        return f"; if it came first it could have no more than {amount(most)} more, and whether any is open"
    return f"; if it came first it could have {amount(least)} more at least, and {amount(most)} at most"


def _taken(reason: Reason) -> str:
    """That the units are better used elsewhere, and what it takes to have them here."""
    if reason.loses is None or reason.loses.value is None:
        return ", and are better used elsewhere"
    value, least = reason.loses.value, reason.loses.bound
    if value <= 0.0:
        return "; closing it as far as that goes takes nothing from the first aim"
    sure = least is not None and value - least <= 1e-4 * max(1.0, value)
    most = "" if sure else " at most"
    return f", and are better used elsewhere (closing it as far as that goes takes {amount(value)}{most} from the first aim)"


def _lacking(reason: Reason) -> str:
    """The units that are missing whatever bends."""
    if not reason.missing_units:
        return ""
    return f" Even if it came first and every caveat, cap, limit, threshold and partner's rule were lifted, it would lack {reason.missing_units}."
