r"""Family 8: enablers, the support that deployed personnel need.

In each scope (post, area or mission) and period, for a hard enabler with capability $c$ and ratio $\alpha$ per person:

$$\sum_{r:\,c(r)=c}\Big(\sum_p\eta_{u(p)c}\,x_{prt}+\sum_b\eta_{bc(r)}v_b\Big)\ \ge\ \alpha\sum_{p,r}\pi_{u(p)}\,x_{prt}$$

over the lines of the scope; on the right only units that bear one of the tags in `applies_to` (blank: all). Soft enablers restrict
nothing: their gap is reported. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from optimizer.instance.situation import Enabler, Line, Situation
from optimizer.model.availability import Units
from optimizer.model.rows import IntArray, Key, ModelBuilder, merged


def scope_of(enabler: Enabler, line: Line) -> Key:
    """The scope (post, area or mission) in which a line lies."""
    return {"post": line.post, "area": (line.area,), "mission": (line.mission,)}[enabler.scope]


def index_scopes(situation: Situation, enabler: Enabler) -> dict[Key, list[str]]:
    """Lines of every scope of an enabler."""
    scopes: dict[Key, list[str]] = {}
    for line in situation.lines.values():
        scopes.setdefault(scope_of(enabler, line), []).append(line.name)
    return scopes


def add(builder: ModelBuilder, situation: Situation, units: Units, instruments: Mapping[str, int]) -> None:
    """Add the rows `enabler`, one per hard enabler, scope and period in which somebody could need the support."""
    for enabler in situation.enablers:
        if enabler.hard:
            _add(builder, situation, units, instruments, enabler)


def _add(
    builder: ModelBuilder, situation: Situation, units: Units, instruments: Mapping[str, int], enabler: Enabler
) -> None:
    pairs, here, span = units.pairs, units.here, situation.horizon + 1
    scopes = list(index_scopes(situation, enabler))
    scope_of_line = np.array([scopes.index(scope_of(enabler, line)) for line in pairs.lines], dtype=np.int64)
    supporting = np.array([line.capability == enabler.capability for line in pairs.lines])[pairs.line]
    needing = np.array([enabler.applies_to.matches_tags(pledge.tags) for pledge in pairs.pledges])[pairs.pledge]
    needs = enabler.per_personnel * pairs.amounts("personnel") * needing
    amounts = np.where(supporting, pairs.amounts("yield"), 0.0) - needs
    concerned = (supporting | (needs != 0))[here.pair]
    rows: list[IntArray] = [(scope_of_line[pairs.line] * span)[here.pair[concerned]] + here.period[concerned]]
    columns, values = [here.column[concerned]], [amounts[here.pair[concerned]]]
    for place, line in enumerate(pairs.lines):
        for instrument in situation.instruments if line.capability == enabler.capability else ():
            if instrument.yields.get(line.name):
                periods = np.arange(line.first, line.last + 1)
                rows.append(scope_of_line[place] * span + periods)
                columns.append(np.full(len(periods), instruments[instrument.name]))
                values.append(np.full(len(periods), instrument.yields[line.name]))
    code, column, value = merged(np.concatenate(rows), np.concatenate(columns), np.concatenate(values))
    groups, row = np.unique(code, return_inverse=True)
    kept = np.bincount(row[value < 0], minlength=len(groups)) > 0
    counted = kept[row]
    keys = [(enabler.name, *scopes[one // span], one % span) for one in groups[kept].tolist()]
    place_of = np.cumsum(kept) - 1
    builder.add_rows("enabler", keys, [(place_of[row[counted]], column[counted], value[counted])], lower=0.0)
