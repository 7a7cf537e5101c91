"""The answers, one module per question."""

from __future__ import annotations

from typing import Final

from publications.paris.answer import Answer
from publications.paris.answers import (
    burden,
    ceilings,
    earlier,
    flank,
    ground,
    guarantee,
    noregret,
    restrictions,
    routes,
    shocks,
    thresholds,
    years,
)

ANSWERS: Final[tuple[Answer, ...]] = (
    ground.ANSWER,
    restrictions.ANSWER,
    shocks.ANSWER,
    noregret.ANSWER,
    flank.ANSWER,
    ceilings.ANSWER,
    routes.ANSWER,
    thresholds.ANSWER,
    guarantee.ANSWER,
    burden.ANSWER,
    years.ANSWER,
    earlier.ANSWER,
)
"""In the order of the page."""
