r"""Commitment: which units are made ready before it is known which scenario comes true (for plans over several scenarios).

With $q_p$ the units of pledge $p$ that are made ready, a whole number up to the pledge's quantity:

$$\sum_r\sum_{\tau=t-L_p-D_p+1}^{t}s_{pr\tau}\le q_p\quad\text{(tours)},\qquad \rho_p\sum_r x_{prt}\le q_p\quad\text{(without tours)}.$$

The family is off in a plan for one scenario, where everything pledged can be used. Together with the leads (`optimizer.model.lead`)
these are the decisions that scenarios share: a study that couples scenarios makes `ready` and `leads` equal across them.
"""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.instance.situation import Situation
from optimizer.model.availability import Units
from optimizer.model.rows import ModelBuilder


def index_ready(situation: Situation, units: Units) -> list[tuple[str]]:
    """(pledge,) for every pledge that can serve anywhere."""
    return [(name,) for name in situation.pledges if any(pledge == name for pledge, _ in units.presence)]


def add(builder: ModelBuilder, situation: Situation, units: Units) -> Mapping[tuple[str], int]:
    """Add `ready` with its rows, one per pledge and period; returns its columns."""
    keys = index_ready(situation, units)
    quantities = [situation.pledges[name].quantity for (name,) in keys]
    columns = builder.add_columns("ready", keys, upper=quantities, integer=True)
    used: dict[str, list[tuple[int, int]]] = {}
    for (pledge, _), periods in units.moves.items():
        if situation.pledges[pledge].tour is not None:
            used.setdefault(pledge, []).extend((start, one) for start, starts in periods.items() for one in starts)
    for (pledge, _), periods in units.presence.items():
        if situation.pledges[pledge].tour is None:
            used.setdefault(pledge, []).extend((period, one) for period, present in periods.items() for one in present)
    for (pledge,), column in columns.items():
        unit = situation.pledges[pledge]
        cycle = 1 if unit.tour is None else unit.tour + unit.dwell
        for period in range(1, situation.horizon + 1):
            counted = [one for start, one in used[pledge] if period - cycle < start <= period]
            if counted:
                values = [unit.factor] * len(counted)
                builder.add_row("ready", (pledge, period), [*counted, column], [*values, -1.0], upper=0.0)
    return columns
