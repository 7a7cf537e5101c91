r"""Families 3 and 4: limits over selections, and quantitative caveats.

$$\underline{B}\le\sum_{(p,r)\in\text{selection}}\mu_{pr}\,x_{prt}\le\overline{B}\quad\text{in each period, or summed over the window,}$$

in the periods of the window in which the limit's condition is true,
with $\mu$ the units, personnel, cost, escalation or sustainment of a unit present; for `lift` (and the movement part of `cost`) the sum is over
moves; `paid` is cost less what funds pay to the selected nations, and more by what these pay for others.
A limit without any selector also contains the instruments in use, $v_b$: their cost is spread evenly over the $H$ periods of the horizon,
$w\,c_bv_b/H$ in a sum over $w$ periods ($w=1$ in a limit per period); their escalation is whole in every period, and counted once in a sum.
`fulfilment` bounds the weighted mean share $\sum w_r\varphi_{rt}/\sum w_r$ from below. Shares bound the selected amount against the
amount of all services: $\sum_{\text{sel}}\mu x\le\overline{B}\sum_{\text{all}}\mu x$. A floor on units at home and rested (`ready`)
bounds what is out or at rest of the selected pledges $P$,
$$\sum_{p\in P}\sum_r\sum_{\tau=t-L_p-D_p+1}^{t}s_{pr\tau}\le\sum_{p\in P}R_{pt}-\underline{B},$$
(without tours $\sum_rx_{prt}$ in place of the starts) with $R_{pt}$ the units that are there with nobody deployed.
Where a 0/1 variable $y$ is there anyway that
must be 1 as soon as a selected unit is present (a nation's presence or participation, a post's mounting, a nation or post that another
limit counts), a cap is written $\sum\mu x\le\overline{B}\,y$: the same plans, a tighter relaxation. National caps, host ceilings,
escalation ceilings, budgets and caveats of the kind `limit` are all this one family; prohibitions (the other caveats) only remove variables.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import numpy as np

from optimizer.instance.instance import Row
from optimizer.instance.rule import Bend, Rule, limit_sides, rule_of
from optimizer.instance.situation import PRESENCE_MEASURES, Limit, PostKey, Selection, Situation, at_home
from optimizer.instance.situation.limits import periods_in_force
from optimizer.instance.wording import MEASURES, condition_clause, only_one, sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families import burden, funding, movement
from optimizer.model.families.coverage import Coverage
from optimizer.model.families.presence import Participation
from optimizer.model.families.units import Units, measure_terms, measured
from optimizer.model.family import Assembly, Family, Rows, of_limit
from optimizer.model.linear import INFINITY, Terms, terms

SHARES = {"personnel_share": "personnel", "cost_share": "cost", "units_share": "units"}
Periods = tuple[int, ...]


@dataclass(frozen=True)
class More:
    """Columns beside those of units that limits on the cost count: tonnes on routes, and what funds pay."""

    flows: Mapping[movement.FlowKey, int] = field(default_factory=dict)
    amounts: Mapping[funding.AmountKey, int] = field(default_factory=dict)


NOTHING_MORE: Final = More()


def index_limits(situation: Situation) -> list[tuple[Limit, Periods]]:
    """(limit, periods summed) for every row: one per period in which the limit holds, or one for all of them."""
    found: list[tuple[Limit, Periods]] = []
    for limit in situation.limits:
        if limit.per == "horizon":
            found.append((limit, limit.periods))
        else:
            found.extend((limit, (period,)) for period in limit.periods)
    return found


def whole_horizon(limit: Limit, situation: Situation) -> bool:
    """Whether a limit is summed over the whole horizon: only then do costs that fall once belong to it."""
    return limit.per == "horizon" and len(limit.periods) == situation.horizon


def add(
    builder: ModelBuilder,
    situation: Situation,
    units: Units,
    coverage: Coverage,
    participation: Participation,
    more: More = NOTHING_MORE,
) -> None:
    """Add the rows `limit`, one per limit and period (or sum)."""
    # Counts first: the variables that they make tighten the caps.
    rows = sorted(index_limits(situation), key=lambda row: row[0].measure not in {"nations", "posts"})
    for limit, group in groupby(rows, key=lambda row: row[0]):
        windows = [periods for _, periods in group]
        lower = -INFINITY if limit.minimum is None else limit.minimum
        upper = INFINITY if limit.maximum is None else limit.maximum
        if limit.measure == "fulfilment":
            for periods in windows:
                mean = fulfilment_terms(situation, coverage, limit.selection, periods)
                if mean is not None:
                    _add_row(builder, _key(limit, periods), mean, lower, upper)
        elif limit.measure in SHARES:
            for periods in windows:
                _add_shares(builder, units, limit, periods)
        elif limit.measure in {"nations", "posts"}:
            for periods in windows:
                _add_row(builder, _key(limit, periods), participation.counted(limit, periods), lower, upper)
        elif limit.measure == "ready":
            for periods in windows:
                away, most = away_terms(situation, units, limit, periods[0])
                builder.add_row("reserve", _key(limit, periods), away.columns, away.values, upper=most - lower)
        elif limit.measure == "burden_gap":
            for _ in windows:
                burden.add_limit(builder, situation, units, participation, limit)
        else:
            _add_amounts(participation, coverage, more, limit, windows)


def _key(limit: Limit, periods: Periods) -> tuple[object, ...]:
    return (limit.source, periods[0] if limit.per == "period" else "horizon")


def _add_shares(builder: ModelBuilder, units: Units, limit: Limit, periods: Periods) -> None:
    measure = SHARES[limit.measure]
    selected = measure_terms(units, measure, limit.selection, periods)
    total = measure_terms(units, measure, Selection(), periods)
    if limit.maximum is not None:
        row = _difference(selected, total, limit.maximum)
        _add_row(builder, (*_key(limit, periods), "maximum"), row, -INFINITY, 0.0)
    if limit.minimum is not None:
        row = _difference(selected, total, limit.minimum)
        _add_row(builder, (*_key(limit, periods), "minimum"), row, 0.0, INFINITY)


def _add_amounts(
    participation: Participation,
    coverage: Coverage,
    more: More,
    limit: Limit,
    windows: list[Periods],
) -> None:
    """All rows of a limit on something that is added up over units."""
    situation = participation.situation
    measure = "cost" if limit.measure == "paid" else limit.measure
    counts, values = measured(participation.units, measure, limit.selection, limit.periods)
    row = np.zeros_like(counts.period) if limit.per == "horizon" else np.searchsorted(limit.periods, counts.period)
    entries = [(row, counts.column, values)]
    uppers = np.full(len(windows), INFINITY if limit.maximum is None else limit.maximum)
    everything = limit.selection.is_everything
    # An instrument counts in the cap on the whole escalation also where nobody is.
    beside = everything and limit.measure == "escalation" and situation.instruments
    gated = limit.maximum and limit.minimum is None and limit.measure in PRESENCE_MEASURES - {"cost"} and not beside
    posts = {line.post for line in situation.lines.values() if limit.selection.takes_line(line)} if gated else set()
    for number, periods in enumerate(windows):
        once = terms()
        if measure == "cost" and whole_horizon(limit, situation):
            once += participation.costs(limit.selection)
        if limit.measure == "paid":
            nations = situation.nations if limit.selection.nations is None else limit.selection.nations
            once += funding.transfers(situation, more.amounts, nations)
        gate = _gate(limit, periods, posts, coverage, participation) if gated else None
        if gate is not None:
            # A cap beyond all that could be there would only drown the rest of its row.
            here = row == number
            most = float(values[here] @ participation.builder.upper_bounds(counts.column[here]))
            once += terms([gate], [-min(uppers[number], most) if most else -uppers[number]])
            uppers[number] = 0.0
        if everything and limit.measure in {"cost", "escalation"}:
            used = participation.instruments
            # What an instrument costs is spread evenly over the horizon; its escalation is there in every period.
            part = len(periods) / situation.horizon if limit.measure == "cost" else 1.0
            amounts = [part * getattr(instrument, limit.measure) for instrument in situation.instruments]
            once += terms([used[instrument.name] for instrument in situation.instruments], amounts)
            if limit.measure == "cost":
                once += movement.cost_terms(situation, more.flows, periods)
        entries.append((np.full(len(once), number), once.columns, once.values))
    participation.builder.add_rows(
        "limit",
        [_key(limit, periods) for periods in windows],
        entries,
        lower=-INFINITY if limit.minimum is None else limit.minimum,
        upper=uppers,
        repeated=limit.per == "horizon" or measure == "cost",
    )


def _gate(
    limit: Limit, periods: Periods, posts: set[PostKey], coverage: Coverage, participation: Participation
) -> int | None:
    """A 0/1 variable that is 1 whenever a selected unit is there: the cap then reads Σ ≤ maximum × variable, which is tighter."""
    nations = limit.selection.nations
    if nations is not None and len(nations) == 1:
        return participation.known_indicator(next(iter(nations)), posts, periods)
    if len(posts) == 1:
        post = next(iter(posts))
        mounted = coverage.mounted.get((post, periods[0])) if len(periods) == 1 else None
        return participation.counting(post, periods) if mounted is None else mounted
    return None


def fulfilment_terms(
    situation: Situation, coverage: Coverage, selection: Selection, periods: Iterable[int]
) -> Terms | None:
    """Weighted mean of the shares of the selected lines over the periods; None when no selected line is active."""
    _, lines = situation.select(selection)
    weights: dict[int, float] = {
        coverage.share[line, period]: situation.lines[line].weight
        for line in lines
        for period in periods
        if (line, period) in coverage.share and situation.lines[line].weight > 0
    }
    total = sum(weights.values())
    return terms(weights, (weight / total for weight in weights.values())) if total > 0 else None


def away_terms(situation: Situation, units: Units, limit: Limit, period: int) -> tuple[Terms, int]:
    """What is out or at rest in a period of the selected pledges that are there, and how many of them are ready with nobody deployed."""
    home = {
        name: at_home(pledge, period)
        for name, pledge in situation.pledges.items()
        if limit.selection.takes_pledge(pledge)
    }
    pledges = units.pairs.pledges
    counted = np.array([home.get(pledge.name, 0) > 0 for pledge in pledges], dtype=np.bool_)
    tours = np.array([pledge.tour is not None for pledge in pledges], dtype=np.bool_)
    cycle = np.array([(pledge.tour or 1) + pledge.dwell for pledge in pledges], dtype=np.int64)
    parts = []
    for counts, touring in ((units.moves, True), (units.here, False)):
        pledge = units.pairs.pledge[counts.pair]
        since = np.where(tours[pledge], cycle[pledge], 1)
        taken = counted[pledge] & (tours[pledge] == touring)
        parts.append(counts.column[taken & (counts.period <= period) & (counts.period > period - since)])
    columns = np.concatenate(parts)
    return Terms(columns, np.ones(len(columns))), sum(home.values())


def _difference(selected: Terms, total: Terms, share: float) -> Terms:
    row = (selected + total.times(-share)).merged()
    kept = np.abs(row.values) > 1e-12
    return Terms(row.columns[kept], row.values[kept])


def _add_row(builder: ModelBuilder, key: tuple[object, ...], row: Terms, lower: float, upper: float) -> None:
    builder.add_row("limit", key, row.columns, row.values, lower=lower, upper=upper)


def _rules(situation: Situation) -> Iterator[Rule]:
    tables = situation.tables
    for row in tables.rows("limits"):
        if periods_in_force(row, tables):
            for side in limit_sides(row):
                yield _limit_rule(situation, row, side)
    for table, columns in CAPS.items():
        for row in tables.rows(table):
            for column, text in columns.items():
                if row[column] is not None and _is_met(situation, table, row):
                    yield _cap_rule(situation, table, row, column, text)


def _limit_rule(situation: Situation, row: Row, side: str | None) -> Rule:
    words = situation.words
    one = side or ("minimum" if row["minimum"] is not None else "maximum")
    most, when = (
        one == "maximum",
        words.when(row) or ("over the horizon" if row["per"] == "horizon" else "in each period"),
    )
    amount = "none" if row[one] is None else f"{row[one]:,.10g}"
    who = words.who(row)
    counted = " ".join(part for part in (words.units(row), words.where(row)) if part)
    said = condition_clause(words.condition(row["condition"]))
    text = f"{row['limit']}: {'at most' if most else 'at least'} {amount} {MEASURES[row['measure']]} of {who}"
    nation = only_one(row["nation"], situation.nations) if not row["group"] else None
    bend: Bend = "raise" if most else "lower"
    return rule_of("limits", row, side, "limit", sentence(text, counted, when, said), nation=nation, bend=bend)


CAPS: Mapping[str, Mapping[str, str]] = {
    "nations": {
        "max_personnel": "at most {amount} personnel of {who} are deployed at a time",
        "max_units": "at most {amount} units of {who} are deployed at a time",
        "budget": "{who} spends at most {amount} million over the horizon",
    },
    "areas": {
        "max_personnel": "at most {amount} personnel are in {where} at a time",
        "max_escalation": "the weighted footprint in {where} is at most {amount} points at a time",
        "lift_capacity": "at most {amount} t are lifted into {where} per period",
        "sustainment_capacity": "at most {amount} t of sustainment reach {where} per period",
    },
    "posts": {"max_personnel": "at most {amount} personnel are at {post} at a time"},
    "participation": {
        "max_personnel": "{who} has at most {amount} personnel at a time at each post {where}",
        "max_units": "{who} has at most {amount} units at a time at each post {where}",
    },
}
"""The columns that are caps of their own, by table, each as a sentence."""


def _is_met(situation: Situation, table: str, row: Row) -> bool:
    """Whether the row speaks of anything that is there: a post with a line, a nation at a post."""
    if table == "posts":
        return (row["mission"], row["area"]) in situation.posts
    if table == "participation":
        return any(row["mission"] in {None, m} and row["area"] in {None, a} for m, a in situation.posts)
    return True


def _cap_rule(situation: Situation, table: str, row: Row, column: str, text: str) -> Rule:
    words = situation.words
    where = words.name("area", row["area"]) if table == "areas" else words.where(row)
    said = text.format(
        amount=f"{row[column]:,.10g}",
        who=words.who(row, "each nation"),
        where=where,
        post=words.post(row) if table == "posts" else "",
    )
    kind = "budget" if column == "budget" else "cap"
    return rule_of(table, row, column, kind, sentence(said.strip()), nation=row.get("nation"), bend="raise")


def _rewards_excess(situation: Situation) -> bool:
    """A floor is kept by more units, unless it is on units at home; a share of all by more of the others."""
    rewarded = {"personnel_share", "cost_share", "units_share", "burden_gap"}
    floors = (limit.minimum is not None and limit.measure != "ready" for limit in situation.limits)
    return any(floors) or any(limit.measure in rewarded for limit in situation.limits)


def _rewards_cost(situation: Situation) -> bool:
    """A floor on lift or cost is kept by more moves, a share of the cost by more cost of the others."""
    floors = any(limit.minimum is not None and limit.measure in {"lift", "cost", "paid"} for limit in situation.limits)
    return floors or any(limit.measure in {"cost_share", "burden_gap"} for limit in situation.limits)


def _cap(assembly: Assembly) -> None:
    add(
        assembly.builder,
        assembly.situation,
        assembly.units,
        assembly.coverage,
        assembly.participation,
        More(assembly.flows, assembly.amounts),
    )


FAMILY = Family(
    name="limits",
    tables=("limits", "groups", *CAPS),
    rules=_rules,
    columns={},
    rows={
        "limit": Rows("A measure over a selection is within a limit: limit[source, period or horizon].", of_limit),
        "reserve": Rows("Units out or at rest leave so many at home and rested: reserve[source, period].", of_limit),
    },
    cap=_cap,
    rewards_excess=_rewards_excess,
    rewards_cost=_rewards_cost,
)
