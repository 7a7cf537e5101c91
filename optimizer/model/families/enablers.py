r"""Family 8: enablers, the support that deployed personnel need.

In each scope (post, area or mission) and period, for a hard enabler with capability $c$ and ratio $\alpha$ per person:

$$\sum_{r:\,c(r)=c}\Big(\sum_p\eta_{u(p)c}\,x_{prt}+\sum_{b:\,t\in T_b}\eta_{bc(r)}v_b\Big)\ \ge\ \alpha\sum_{p,r}\pi_{u(p)}\,x_{prt}$$

over the lines of the scope; on the right only units that bear one of the tags in `applies_to` (blank: all). Soft enablers restrict
nothing: their gap is reported. Source: `docs/design/001-semantics.md`.

Half a unit of support is no unit. Take a line with a threshold where every unit that can serve needs more support than it brings. In periods
in which the line is active and no instrument contributes to it, its post $j$ is mounted only where a unit or an instrument in the scope brings
more support than it needs, $S$ being the units and $B$ the instruments that do:

$$\sum_{p,r\in S}x_{prt}+\sum_{b\in B}v_b\ \ge\ g_{jt}.$$

No plan of whole units is lost by these rows, and the bound is nearer to them (`docs/design/005-formulation.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from optimizer.instance.rule import Rule, rule_of
from optimizer.instance.situation import Enabler, Line, PostKey, Situation
from optimizer.instance.wording import sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.coverage import Coverage
from optimizer.model.families.units import Units
from optimizer.model.family import Assembly, Family, Rows, states
from optimizer.model.linear import FloatArray, IntArray, Key, merged
from optimizer.model.pairs import Pairs

# A unit that needs no more than this is not said to need support.
_LEAST = 1e-6


def scope_of(enabler: Enabler, line: Line) -> Key:
    """The scope (post, area or mission) in which a line lies."""
    return {"post": line.post, "area": (line.area,), "mission": (line.mission,)}[enabler.scope]


def index_scopes(situation: Situation, enabler: Enabler) -> dict[Key, list[str]]:
    """Lines of every scope of an enabler."""
    scopes: dict[Key, list[str]] = {}
    for line in situation.lines.values():
        scopes.setdefault(scope_of(enabler, line), []).append(line.name)
    return scopes


def add(
    builder: ModelBuilder, situation: Situation, units: Units, instruments: Mapping[str, int], covered: Coverage
) -> None:
    """Add the rows of every hard enabler.

    `enabler`, one per scope and period in which somebody could need the support; `enabler_if_mounted`, one per post and period in
    which a line's threshold is out of reach without it.
    """
    for enabler in situation.enablers:
        if enabler.hard:
            _add(builder, situation, units, instruments, covered, enabler)


def _add(
    builder: ModelBuilder,
    situation: Situation,
    units: Units,
    instruments: Mapping[str, int],
    covered: Coverage,
    enabler: Enabler,
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
    for number, line in enumerate(pairs.lines):
        for instrument in situation.instruments if line.capability == enabler.capability else ():
            if instrument.yields.get(line.name):
                active = range(line.first, line.last + 1)
                periods = np.array([period for period in active if period in instrument.periods], dtype=np.int64)
                rows.append(scope_of_line[number] * span + periods)
                columns.append(np.full(len(periods), instruments[instrument.name]))
                values.append(np.full(len(periods), instrument.yields[line.name]))
    code, column, value = merged(np.concatenate(rows), np.concatenate(columns), np.concatenate(values))
    groups, row = np.unique(code, return_inverse=True)
    kept = np.bincount(row[value < 0], minlength=len(groups)) > 0
    counted = kept[row]
    keys = [(enabler.name, *scopes[one // span], one % span) for one in groups[kept].tolist()]
    place_of = np.cumsum(kept) - 1
    builder.add_rows("enabler", keys, [(place_of[row[counted]], column[counted], value[counted])], lower=0.0)
    in_need = _in_need(situation, pairs, scope_of_line, amounts)
    if not in_need:
        return
    support: dict[int, list[int]] = {}
    for one, who in zip(code[value > 0].tolist(), column[value > 0].tolist(), strict=True):
        support.setdefault(one, []).append(who)
    for (post, period), scope in in_need.items():
        terms = dict.fromkeys(support.get(scope * span + period, []), 1.0)
        gate = covered.mounted.get((post, period))
        if gate is not None:
            terms[gate] = -1.0
        least = 1.0 if gate is None else 0.0
        builder.add_row(
            "enabler_if_mounted", (enabler.name, *post, period), list(terms), list(terms.values()), lower=least
        )


def _in_need(
    situation: Situation, pairs: Pairs, scope_of_line: IntArray, amounts: FloatArray
) -> dict[tuple[PostKey, int], int]:
    """(post, period) with a line whose threshold is out of reach without more support than its units bring; the number of its scope."""
    enough = np.bincount(pairs.line, amounts > -_LEAST, len(pairs.lines)) > 0
    found: dict[tuple[PostKey, int], int] = {}
    for line, alone, scope in zip(pairs.lines, enough.tolist(), scope_of_line.tolist(), strict=True):
        if line.threshold > 0 and not alone:
            helping = [instrument.periods for instrument in situation.instruments if instrument.yields.get(line.name)]
            helped = frozenset[int]().union(*helping)
            # All lines of a post lie in one scope.
            found |= {(line.post, period): scope for period in range(line.first, line.last + 1) if period not in helped}
    return found


def _rules(situation: Situation) -> Iterator[Rule]:
    words = situation.words
    for row in situation.tables.rows("enablers"):
        if row["hard"] and row["per_personnel"] > 0:
            units = f" of units tagged {words.names('tag', row['applies_to'])}" if row["applies_to"] else ""
            text = f"in each {row['scope']} there are {row['per_personnel']:,.10g} of {words.name('capability', row['capability'])} per person{units}"
            yield rule_of("enablers", row, None, "support", f"{row['enabler']}: {sentence(text)}", bend="lift")


def _rewards_excess(situation: Situation) -> bool:
    """More supporting units support more personnel."""
    return any(enabler.hard for enabler in situation.enablers)


def _add_family(assembly: Assembly) -> None:
    add(assembly.builder, assembly.situation, assembly.units, assembly.instruments, assembly.coverage)


FAMILY = Family(
    name="enablers",
    tables=("enablers",),
    rules=_rules,
    columns={},
    rows={
        "enabler": Rows(
            "Support is at least what the personnel needs: enabler[enabler, scope, period].", states("enablers")
        ),
        "enabler_if_mounted": Rows(
            "A post that cannot do without support is mounted only with some.", states("enablers")
        ),
    },
    add=_add_family,
    rewards_excess=_rewards_excess,
)
