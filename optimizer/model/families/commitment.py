r"""Commitment: which units are made ready before it is known which scenario comes true (for plans over several scenarios).

With $q_p$ the units of pledge $p$ that are made ready, a whole number up to the pledge's quantity:

$$\sum_r\sum_{\tau=t-L_p-D_p+1}^{t}s_{pr\tau}\le q_p\quad\text{(tours)},\qquad \rho_p\sum_r x_{prt}\le q_p\quad\text{(without tours)}.$$

The family is off in a plan for one scenario, where everything pledged can be used. Together with the leads (`optimizer.model.families.lead`)
these are the decisions that scenarios share: a study that couples scenarios makes `ready` and `leads` equal across them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from optimizer.instance.situation import Situation
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.units import Units
from optimizer.model.family import Assembly, Columns, Family, Rows, no_rules


def index_ready(situation: Situation, units: Units) -> list[tuple[str]]:
    """(pledge,) for every pledge that can serve anywhere."""
    serving = {units.pairs.names[pair][0] for pair in np.unique(units.here.pair).tolist()}
    return [(name,) for name in situation.pledges if name in serving]


def add(builder: ModelBuilder, situation: Situation, units: Units) -> Mapping[tuple[str], int]:
    """Add `ready` with its rows `made_ready`, one per pledge and period; returns its columns."""
    keys = index_ready(situation, units)
    quantities = [situation.pledges[name].quantity for (name,) in keys]
    columns = builder.add_columns("ready", keys, upper=quantities, integer=True)
    names = [pledge.name for pledge in units.pairs.pledges]
    used: dict[str, list[tuple[int, int]]] = {}
    for counts, touring in ((units.moves, True), (units.here, False)):
        pledges = units.pairs.pledge[counts.pair].tolist()
        for pledge, period, column in zip(pledges, counts.period.tolist(), counts.column.tolist(), strict=True):
            if (units.pairs.pledges[pledge].tour is not None) == touring:
                used.setdefault(names[pledge], []).append((period, column))
    for (pledge,), column in columns.items():
        unit = situation.pledges[pledge]
        cycle = 1 if unit.tour is None else unit.tour + unit.dwell
        for period in range(1, situation.horizon + 1):
            counted = [one for start, one in used[pledge] if period - cycle < start <= period]
            if counted:
                values = [unit.factor] * len(counted)
                builder.add_row("made_ready", (pledge, period), [*counted, column], [*values, -1.0], upper=0.0)
    return columns


def _add_family(assembly: Assembly) -> None:
    if assembly.commitment:
        add(assembly.builder, assembly.situation, assembly.units)


FAMILY = Family(
    name="commitment",
    tables=("pledges",),
    rules=no_rules,
    columns={"ready": Columns("Units of the pledge that are made ready: ready[pledge].")},
    rows={"made_ready": Rows("Units out or at rest are at most those made ready: made_ready[pledge, period].")},
    add=_add_family,
)
