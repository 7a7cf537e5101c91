"""The rules as the check reads them: one module per family of `docs/design/001-semantics.md`, and the names of all violations.

The families are availability (1), coverage (2), limits (3), caveats (4), participation (5), lead (6), links (7), enablers (8),
movement (9), instruments (10), steadiness (12), funding (13) and agreed (15).
`burden` (11) works out what limits and aims on burden sharing measure; it reports nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Breach:
    """A kind of violation: its name, what it means, and the family of rules that is broken.

    `family` is the name of the module of checks; blank where no rule is broken: a row of the plan names nothing known, a
    figure that the plan states is not so, a file of its folder is not as it was written.
    """

    name: str
    meaning: str
    family: str = ""


BREACHES: Final[Mapping[str, Breach]] = {
    breach.name: breach
    for breach in (
        Breach("row", "A row of the plan names something unknown, or no whole number of units."),
        Breach("pledge_condition", "The pledge does not exist in this period: its condition is false.", "availability"),
        Breach("pledge_window", "The pledge is not available in the period.", "availability"),
        Breach("line_window", "The requirement asks for nothing in the period.", "availability"),
        Breach("no_yield", "The unit type does not deliver the capability.", "availability"),
        Breach("quantity", "More units serve than the pledge can keep out at a time.", "availability"),
        Breach("rotation", "More units are out or at rest than were pledged.", "availability"),
        Breach("tour", "A tour ends before its time.", "availability"),
        Breach("threshold", "A mounted post lacks what it cannot do without.", "coverage"),
        Breach("must", "A post that must be mounted is not.", "coverage"),
        Breach("continuity", "A post is given up before its window ends.", "coverage"),
        Breach("post_stay", "A post is given up before its least stay.", "steadiness"),
        Breach("nation_stay", "A nation leaves a post before its least stay.", "steadiness"),
        Breach("max_drop", "A line falls too far from one period to the next.", "steadiness"),
        Breach("committed", "Fewer units serve than are committed.", "steadiness"),
        Breach("fund_amount", "A fund pays a negative amount.", "funding"),
        Breach("fund_share", "A fund pays more than its share of what services cost.", "funding"),
        Breach("fund_maximum", "A fund pays more than its maximum.", "funding"),
        Breach("agreed", "Other units serve than were agreed.", "agreed"),
        Breach("limit", "A cap is exceeded or a floor missed.", "limits"),
        Breach("caveat", "A nation forbids the service.", "caveats"),
        Breach("min_contingent", "A nation is present with too few.", "participation"),
        Breach("max_posts", "A nation serves at too many posts at a time.", "participation"),
        Breach("min_nations", "Too few nations are at a mounted post.", "participation"),
        Breach("max_nations", "Too many nations are at a post.", "participation"),
        Breach("max_share", "One nation brings too large a share of a post.", "participation"),
        Breach("lead", "A post has no lead, or several.", "lead"),
        Breach("lead_willing", "The lead is not willing to lead.", "lead"),
        Breach("lead_present", "The lead is not at its post.", "lead"),
        Breach("lead_share", "The lead brings too small a share.", "lead"),
        Breach("needs", "A nation serves without another that it needs.", "links"),
        Breach("excludes", "Nations serve together that do not.", "links"),
        Breach("at_least", "A nation serves with too few of a group.", "links"),
        Breach("enabler", "Deployed personnel lack support.", "enablers"),
        Breach("flow", "A flow is negative.", "movement"),
        Breach("flow_balance", "Tonnes stay behind, or get lost on the way.", "movement"),
        Breach("route_closed", "A flow uses a closed route.", "movement"),
        Breach("route_capacity", "A route carries more than it can.", "movement"),
        Breach(
            "instrument_condition",
            "The instrument does not exist in this scenario: its condition is true in no period.",
            "instruments",
        ),
        Breach("sponsor", "A sponsor of an instrument does not take part.", "instruments"),
        Breach("stated", "The plan states a figure that the check does not find."),
        Breach("changed", "A file of the plan's folder is not as it was written."),
    )
}
"""Every kind of violation by its name."""
