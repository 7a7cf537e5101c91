"""The rules as the check reads them, one module per family of docs/design/001-semantics.md.

| family | module | names of its violations |
|---|---|---|
| 1 availability and rotation | availability | pledge_condition, pledge_window, line_window, no_yield, quantity, rotation; tour (facts.py) |
| 2 coverage | coverage | threshold, must, continuity |
| 3 limits | limits | limit |
| 4 caveats | caveats | caveat |
| 5 participation | participation | min_contingent, max_posts, min_nations, max_nations, max_share |
| 6 lead | lead | lead, lead_willing, lead_present, lead_share |
| 7 links | links | needs, excludes, at_least |
| 8 enablers | enablers | enabler |
| 9 movement | movement | flow, flow_balance, route_closed, route_capacity |
| 10 instruments | instruments | instrument_condition, sponsor |
| 11 burden | burden | (a limit, or an aim) |
| 12 steadiness | steadiness | post_stay, nation_stay, max_drop, committed |
| — | facts | row: a row of the plan that names nothing known |
| — | verify, proof | stated: a figure that the plan states and the check does not find |
| — | digest | changed: a file that is not as it was written |
"""

from __future__ import annotations

from typing import Final

RULES: Final[dict[str, str]] = {
    "row": "A row of the plan names something unknown, or no whole number of units.",
    "pledge_condition": "The pledge does not exist in this scenario.",
    "pledge_window": "The pledge is not available in the period.",
    "line_window": "The requirement asks for nothing in the period.",
    "no_yield": "The unit type does not deliver the capability.",
    "quantity": "More units serve than the pledge can keep out at a time.",
    "rotation": "More units are out or at rest than were pledged.",
    "tour": "A tour ends before its time.",
    "threshold": "A mounted post lacks what it cannot do without.",
    "must": "A post that must be mounted is not.",
    "continuity": "A post is given up before its window ends.",
    "post_stay": "A post is given up before its least stay.",
    "nation_stay": "A nation leaves a post before its least stay.",
    "max_drop": "A line falls too far from one period to the next.",
    "committed": "Fewer units serve than are committed.",
    "limit": "A cap is exceeded or a floor missed.",
    "caveat": "A nation forbids the service.",
    "min_contingent": "A nation is present with too few.",
    "max_posts": "A nation serves at too many posts at a time.",
    "min_nations": "Too few nations are at a mounted post.",
    "max_nations": "Too many nations are at a post.",
    "max_share": "One nation brings too large a share of a post.",
    "lead": "A post has no lead, or several.",
    "lead_willing": "The lead is not willing to lead.",
    "lead_present": "The lead is not at its post.",
    "lead_share": "The lead brings too small a share.",
    "needs": "A nation serves without another that it needs.",
    "excludes": "Nations serve together that do not.",
    "at_least": "A nation serves with too few of a group.",
    "enabler": "Deployed personnel lack support.",
    "flow": "A flow is negative.",
    "flow_balance": "Tonnes stay behind, or get lost on the way.",
    "route_closed": "A flow uses a closed route.",
    "route_capacity": "A route carries more than it can.",
    "instrument_condition": "The instrument does not exist in this scenario.",
    "sponsor": "A sponsor of an instrument does not take part.",
    "stated": "The plan states a figure that the check does not find.",
    "changed": "A file of the plan's folder is not as it was written.",
}
"""Every name a violation can have, and what it means."""
