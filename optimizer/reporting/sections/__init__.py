"""The sections of the report on a plan, one module each.

Each module has one function `section`: what it reads from a plan, or None where the plan has nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from optimizer.reporting.content import Section
from optimizer.reporting.reader import Reader
from optimizer.reporting.sections import (
    aims,
    asks,
    baseline,
    compare,
    conditions,
    contributions,
    enablers,
    fill,
    flows,
    fulfilment,
    funding,
    gaps,
    glossary,
    instruments,
    limits,
    links,
    missions,
    nations,
    pledges,
    posts,
    prices,
    proof,
    sources,
    steadiness,
    studies,
    timeline,
    why,
)

SECTIONS: Final[tuple[Callable[[Reader], Section | None], ...]] = (
    aims.section,
    missions.section,
    gaps.section,
    why.section,
    fill.section,
    asks.section,
    compare.section,
    baseline.section,
    fulfilment.section,
    contributions.section,
    nations.section,
    funding.section,
    limits.section,
    prices.section,
    posts.section,
    steadiness.section,
    links.section,
    instruments.section,
    enablers.section,
    flows.section,
    timeline.section,
    pledges.section,
    studies.section,
    conditions.section,
    sources.section,
    proof.section,
    glossary.section,
)
"""In the order of a planner's questions."""
