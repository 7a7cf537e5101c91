r"""Family 10: instruments, options without deployment.

$v_b\in\{0,1\}$ over the whole horizon. An instrument exists only while its condition is true, and needs every sponsor to take part:
$v_b\le y_n$. Its yields enter the coverage rows, its cost and escalation the aims and the limits without selectors.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.instance.situation import Situation
from optimizer.model.participation import Participation
from optimizer.model.rows import ModelBuilder


def index_instruments(situation: Situation) -> list[tuple[str]]:
    """(instrument) for each whose condition holds."""
    return [(instrument.name,) for instrument in situation.instruments]


def index_sponsors(situation: Situation) -> list[tuple[str, str]]:
    """(instrument, nation that has to take part for it)."""
    return [(instrument.name, sponsor) for instrument in situation.instruments for sponsor in instrument.sponsors]


def add(builder: ModelBuilder, situation: Situation) -> Mapping[str, int]:
    """Add `instrument`; returns its columns by name."""
    columns = builder.add_columns("instrument", index_instruments(situation), integer=True)
    return {str(key[0]): column for key, column in columns.items()}


def add_sponsors(participation: Participation) -> None:
    """Add the rows `sponsor`: an instrument needs every sponsor to take part."""
    for instrument, sponsor in index_sponsors(participation.situation):
        column, part = participation.instruments[instrument], participation.takes_part(sponsor, exact=True)
        known = [] if part is None else [part]
        values = [1.0, *[-1.0] * len(known)]
        participation.builder.add_row("sponsor", (instrument, sponsor), [column, *known], values, upper=0.0)
