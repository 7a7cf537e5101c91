r"""Families 3 and 4: limits over selections, and quantitative caveats.

$$\underline{B}\le\sum_{(p,r)\in\text{selection}}\mu_{pr}\,x_{prt}\le\overline{B}\quad\text{in each period, or summed over the window,}$$

with $\mu$ the units, personnel, cost, escalation or sustainment of a unit present; for `lift` (and the movement part of `cost`) the sum is over
moves. `fulfilment` bounds the weighted mean share $\sum w_r\varphi_{rt}/\sum w_r$ from below. Shares bound the selected amount against the
amount of all services: $\sum_{\text{sel}}\mu x\le\overline{B}\sum_{\text{all}}\mu x$. Where a 0/1 variable $y$ is there anyway that
must be 1 as soon as a selected unit is present (a nation's presence or participation, a post's mounting), a cap is written
$\sum\mu x\le\overline{B}\,y$: the same plans, a tighter relaxation. National caps, host ceilings, escalation ceilings, budgets
and caveats of the kind `limit` are all this one family; prohibitions (the other caveats) only remove variables.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from optimizer.instance.situation import PRESENCE_MEASURES, Limit, Selection, Situation
from optimizer.model import burden, movement
from optimizer.model.availability import Units, measure_terms, terms_of
from optimizer.model.coverage import Coverage
from optimizer.model.participation import Participation
from optimizer.model.rows import INFINITY, ModelBuilder

SHARES = {"personnel_share": "personnel", "cost_share": "cost", "units_share": "units"}
Terms = dict[int, float]


def index_limits(situation: Situation) -> list[tuple[Limit, tuple[int, ...]]]:
    """(limit, periods summed) for every row: one per period, or one for the window."""
    found: list[tuple[Limit, tuple[int, ...]]] = []
    for limit in situation.limits:
        window = tuple(range(limit.first, limit.last + 1))
        if limit.per == "horizon":
            found.append((limit, window))
        else:
            found.extend((limit, (period,)) for period in window)
    return found


def rewards_cost(situation: Situation) -> bool:
    """Whether some rule could be met by counting more moves or costs than there are (floors, shares): then they must be exact."""
    floors = any(limit.minimum is not None and limit.measure in {"lift", "cost"} for limit in situation.limits)
    shares = any(limit.measure in {"cost_share", "burden_gap"} for limit in situation.limits)
    return floors or shares or any(aim.name == "burden_gap" for aim in situation.aims)


def whole_horizon(limit: Limit, situation: Situation) -> bool:
    """Whether a limit is summed over the whole horizon: only then do costs that fall once belong to it."""
    return limit.per == "horizon" and (limit.first, limit.last) == (1, situation.horizon)


def add(
    builder: ModelBuilder,
    situation: Situation,
    units: Units,
    coverage: Coverage,
    participation: Participation,
    flows: Mapping[movement.FlowKey, int],
) -> None:
    """Add the rows `limit`, one per limit and period (or window)."""
    everything = Selection()
    # Counts first: the variables that they make tighten the caps.
    rows = sorted(index_limits(situation), key=lambda row: row[0].measure not in {"nations", "posts"})
    for limit, periods in rows:
        key = (limit.source, periods[0] if limit.per == "period" else "horizon")
        lower = -INFINITY if limit.minimum is None else limit.minimum
        upper = INFINITY if limit.maximum is None else limit.maximum
        if limit.measure == "fulfilment":
            terms = fulfilment_terms(situation, coverage, limit.selection, periods)
            if terms is not None:
                _add_row(builder, key, terms, lower, upper)
        elif limit.measure in SHARES:
            measure = SHARES[limit.measure]
            selected = measure_terms(situation, units, measure, limit.selection, periods)
            total = measure_terms(situation, units, measure, everything, periods)
            if limit.maximum is not None:
                _add_row(builder, (*key, "maximum"), _difference(selected, total, limit.maximum), -INFINITY, 0.0)
            if limit.minimum is not None:
                _add_row(builder, (*key, "minimum"), _difference(selected, total, limit.minimum), 0.0, INFINITY)
        elif limit.measure in {"nations", "posts"}:
            _add_row(builder, key, participation.count_terms(limit, periods), lower, upper)
        elif limit.measure == "burden_gap":
            burden.add_limit(builder, situation, units, participation, limit)
        else:
            terms = measure_terms(situation, units, limit.measure, limit.selection, periods)
            if limit.measure == "cost" and whole_horizon(limit, situation):
                participation.add_costs(limit.selection, terms)
            # An instrument counts in the cap on the whole escalation also where nobody is.
            more = limit.selection.is_everything and limit.measure == "escalation" and situation.instruments
            if limit.maximum and limit.minimum is None and limit.measure in PRESENCE_MEASURES - {"cost"} and not more:
                gate = _gate(limit, periods, situation, coverage, participation)
                if gate is not None:
                    terms_of([gate], -limit.maximum, terms)
                    upper = 0.0
            if limit.selection.is_everything and limit.measure in {"cost", "escalation"}:
                for instrument in situation.instruments:
                    terms_of([participation.instruments[instrument.name]], getattr(instrument, limit.measure), terms)
                if limit.measure == "cost":
                    movement.cost_terms(situation, flows, periods, terms)
            _add_row(builder, key, terms, lower, upper)


def _gate(
    limit: Limit, periods: tuple[int, ...], situation: Situation, coverage: Coverage, participation: Participation
) -> int | None:
    """A 0/1 variable that is 1 whenever a selected unit is there: the cap then reads Σ ≤ maximum × variable, which is tighter."""
    _, lines = situation.select(limit.selection)
    posts = {situation.lines[line].post for line in lines}
    nations = limit.selection.nations
    if nations is not None and len(nations) == 1:
        return participation.known_indicator(next(iter(nations)), posts, periods)
    if len(posts) == 1 and len(periods) == 1:
        return coverage.mounted.get((next(iter(posts)), periods[0]))
    return None


def fulfilment_terms(
    situation: Situation, coverage: Coverage, selection: Selection, periods: Iterable[int]
) -> Terms | None:
    """Weighted mean of the shares of the selected lines over the periods; None when no selected line is active."""
    _, lines = situation.select(selection)
    weights = {
        coverage.share[line, period]: situation.lines[line].weight
        for line in lines
        for period in periods
        if (line, period) in coverage.share and situation.lines[line].weight > 0
    }
    total = sum(weights.values())
    return {column: weight / total for column, weight in weights.items()} if total > 0 else None


def _difference(selected: Terms, total: Terms, share: float) -> Terms:
    terms = dict(selected)
    for column, amount in total.items():
        terms_of([column], -share * amount, terms)
    return {column: value for column, value in terms.items() if abs(value) > 1e-12}


def _add_row(builder: ModelBuilder, key: tuple[object, ...], terms: Terms, lower: float, upper: float) -> None:
    builder.add_row("limit", key, list(terms), list(terms.values()), lower=lower, upper=upper)
