r"""Family 8: enablers, the support that deployed personnel need.

In each scope (post, area or mission) and period, for a hard enabler with capability $c$ and ratio $\alpha$ per person:

$$\sum_{r:\,c(r)=c}\Big(\sum_p\eta_{u(p)c}\,x_{prt}+\sum_b\eta_{bc(r)}v_b\Big)\ \ge\ \alpha\sum_{p,r}\pi_{u(p)}\,x_{prt}$$

over the lines of the scope; on the right only units that bear one of the tags in `applies_to` (blank: all). Soft enablers restrict
nothing: their gap is reported. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.instance.situation import Enabler, Line, Situation
from optimizer.model.availability import Units, terms_of
from optimizer.model.rows import Key, ModelBuilder


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
    """Add the rows `enabler`, one per hard enabler, scope and period."""
    for enabler in situation.enablers:
        if not enabler.hard:
            continue
        for scope, lines in index_scopes(situation, enabler).items():
            for period in range(1, situation.horizon + 1):
                terms: dict[int, float] = {}
                for name in lines:
                    line = situation.lines[name]
                    if not line.first <= period <= line.last:
                        continue
                    supports = line.capability == enabler.capability
                    for pledge in units.by_line.get(name, ()):
                        unit = situation.pledges[pledge]
                        here = units.presence[pledge, name].get(period, ())
                        if supports:
                            terms_of(here, situation.yield_on(pledge, name), terms)
                        if unit.personnel and enabler.applies_to.matches_tags(unit.tags):
                            terms_of(here, -enabler.per_personnel * unit.personnel, terms)
                    if supports:
                        for instrument in situation.instruments:
                            amount = instrument.yields.get(name, 0.0)
                            if amount:
                                terms_of([instruments[instrument.name]], amount, terms)
                if any(value < 0 for value in terms.values()):
                    builder.add_row(
                        "enabler", (enabler.name, *scope, period), list(terms), list(terms.values()), lower=0.0
                    )
