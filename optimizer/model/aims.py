r"""The aims, as levels of linear expressions.

coverage $=100\sum_m W_m\,\text{score}_m/\sum_m W_m$ with $\text{score}_m$ the mean over the mission's active periods of
$\sum_r w_r\varphi_{rt}/\sum_r w_r$ (`mean`) or of $\min_r\varphi_{rt}$ (`weakest`); weakest_mission $=\min_m\text{score}_m$;
cost $=\sum$ units present × cost + moves × movement cost + participation, route and instrument costs;
personnel $=\sum\pi x$; escalation $=\sum\varepsilon x+$ instruments'; burden_gap: see `optimizer.model.families.burden`;
changes $=\sum|x-x^0|$ against a baseline plan; nations: number of nations that take part.

Aims of one priority form a level, a weighted sum. After the planner's levels further ones break ties: of equally good plans one in which
funds pay least, and then one with the fewest units in the field. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.instance.situation import Selection, Situation, scope_selection
from optimizer.model.families import burden, funding, movement, steadiness
from optimizer.model.families.units import Service, measure_terms
from optimizer.model.family import Assembly, Columns, Rows
from optimizer.model.linear import AimTerm, Level, Objective, RatioAim, Terms, terms

TIE_BREAK = "tie-break"
Baseline = Mapping[Service, int]
COLUMNS = {
    "weakest_line": Columns("Share of the weakest line of a mission: weakest_line[mission, period]."),
    "weakest_mission": Columns("Score of the weakest mission: weakest_mission[priority, scope]."),
    "change": Columns(
        "Units that differ from the baseline: change[pledge, requirement, period].", pledge=0, line=1, period=2
    ),
}
ROWS = {
    "weakest_of_lines": Rows("The weakest line is at most each line."),
    "weakest_of_missions": Rows("The weakest mission is at most each mission."),
    "change_more": Rows("A change is at least what is more than in the baseline."),
    "change_less": Rows("A change is at least what is less than in the baseline."),
}


def rewards_excess(situation: Situation) -> bool:
    """Whether some aim can gain by more units on a line than its target asks for."""
    return any(aim.name not in _USED_UP for aim in situation.aims)


_USED_UP = frozenset({"coverage", "weakest_mission", "cost", "personnel", "escalation", "nations", "turnover"})


def rewards_cost(situation: Situation) -> bool:
    """Whether some aim can gain by counting more cost than there is."""
    return any(aim.name == "burden_gap" for aim in situation.aims)


def add(parts: Assembly) -> tuple[Level, ...]:
    """Add the auxiliary columns of the aims and return the levels in order of priority.

    Raises:
        ValueError: the aim `changes` without a baseline plan, or `burden_gap` beside other aims in one level.
    """
    aims = parts.situation.aims
    levels = []
    priorities = sorted({aim.priority for aim in aims})
    for priority in priorities:
        members = [aim for aim in aims if aim.priority == priority]
        if priority == priorities[-1]:
            # no aim comes after these that could use their tolerance, and breaking ties must not
            members = [replace(aim, tolerance=0.0) for aim in members]
        ratio = [aim for aim in members if aim.name == "burden_gap"]
        if ratio and len(members) > 1:
            raise ValueError("burden_gap must be alone at its priority")
        name = " + ".join(aim.name for aim in members)
        if ratio:
            levels.append(Level((_term(members[0], terms(), 0.0),), _burden_ratio(parts, ratio[0]), name))
        else:
            levels.append(Level(tuple(_aim_term(parts, aim) for aim in members), None, name))
    last = [_least_amounts(parts, priorities[-1]), _tie_break(parts, aims)]
    return (*levels, *(level for level in last if level is not None))


def _term(aim: Aim, total: Terms, constant: float) -> AimTerm:
    maximise = aim.name in MAXIMISED_AIMS
    return AimTerm(
        aim.name,
        aim.priority,
        aim.weight if maximise else -aim.weight,
        aim.tolerance,
        maximise,
        expression(total, constant),
    )


def expression(total: Terms, constant: float = 0.0) -> Objective:
    """A linear expression from a sum in which each column stands once."""
    return Objective(total.columns, total.values, constant)


def _aim_term(parts: Assembly, aim: Aim) -> AimTerm:
    makers: dict[str, Callable[[Assembly, Aim], tuple[Terms, float]]] = {
        "coverage": _coverage,
        "weakest_mission": _weakest_mission,
        "cost": _cost,
        "personnel": _personnel,
        "escalation": _escalation,
        "changes": _changes,
        "nations": _nations,
        "turnover": _turnover,
    }
    return _term(aim, *makers[aim.name](parts, aim))


def scored_lines(situation: Situation, mission: str) -> dict[int, list[str]]:
    """The lines with weight of a mission, by the period in which they are active."""
    found: dict[int, list[str]] = {}
    for line in situation.lines.values():
        if line.mission == mission and line.weight > 0:
            for period in range(line.first, line.last + 1):
                found.setdefault(period, []).append(line.name)
    return found


def _scores(parts: Assembly, aim: Aim) -> dict[str, Terms]:
    """Score of each mission in the aim's scope that has weight and something to score."""
    situation, found = parts.situation, {}
    scope = scope_selection(situation, aim.scope)
    for mission in situation.missions.values():
        active = scored_lines(situation, mission.name)
        if mission.weight <= 0 or not active or not scope.mission.matches(mission.name):
            continue
        score: dict[int, float] = {}
        for period, lines in active.items():
            if mission.weakest and len(lines) > 1:
                score[_weakest_line(parts, mission.name, period, lines)] = 1.0 / len(active)
                continue
            total = sum(situation.lines[line].weight for line in lines)
            for line in lines:
                score[parts.coverage.share[line, period]] = situation.lines[line].weight / total / len(active)
        found[mission.name] = terms(score, score.values())
    return found


def _weakest_line(parts: Assembly, mission: str, period: int, lines: list[str]) -> int:
    key = (mission, period)
    known = parts.builder.columns_of("weakest_line")
    if key in known:
        return known[key]
    column = parts.builder.add_columns("weakest_line", [key])[key]
    for line in lines:
        parts.builder.add_row(
            "weakest_of_lines",
            (mission, line, period),
            [column, parts.coverage.share[line, period]],
            [1.0, -1.0],
            upper=0.0,
        )
    return column


def _coverage(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    scores = _scores(parts, aim)
    weights = {mission: parts.situation.missions[mission].weight for mission in scores}
    total = sum(weights.values())
    weighted = (score.times(100.0 * weights[mission] / total) for mission, score in scores.items())
    return sum(weighted, terms()).merged(), 0.0


def _weakest_mission(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    scores = _scores(parts, aim)
    key = (aim.priority, *(f"{name}={value}" for name, value in aim.scope))
    column = parts.builder.add_columns("weakest_mission", [key])[key]
    for mission, score in scores.items():
        row = terms([column], [1.0]) + score.times(-1.0)
        parts.builder.add_row("weakest_of_missions", (*key, mission), row.columns, row.values, upper=0.0)
    return (terms([column], [1.0]) if scores else terms()), 0.0


def _services(parts: Assembly, aim: Aim, measure: str) -> Terms:
    selection = scope_selection(parts.situation, aim.scope) if aim.scope else Selection()
    return measure_terms(parts.units, measure, selection)


def _cost(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    total = _services(parts, aim, "cost")
    if not aim.scope:
        total += parts.participation.costs(Selection())
        total += movement.cost_terms(parts.situation, parts.flows)
        total += _of_instruments(parts, "cost")
    return total, 0.0


def _personnel(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    return _services(parts, aim, "personnel"), 0.0


def _escalation(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    total = _services(parts, aim, "escalation")
    if not aim.scope:
        total += _of_instruments(parts, "escalation")
    return total, 0.0


def _of_instruments(parts: Assembly, measure: str) -> Terms:
    instruments = parts.situation.instruments
    columns = (parts.participation.instruments[instrument.name] for instrument in instruments)
    return terms(columns, (getattr(instrument, measure) for instrument in instruments))


def _changes(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    if parts.baseline is None:
        raise ValueError("the aim `changes` needs a baseline plan")
    weights = dict(aim.weights)
    counted: dict[int, float] = {}
    constant = 0.0
    seen = set()
    for (pledge, line), by_period in parts.units.presence.items():
        weight = weights.get(parts.situation.pledges[pledge].nation, 1.0)
        for period, columns in by_period.items():
            service = (pledge, line, period)
            seen.add(service)
            before = float(parts.baseline.get(service, 0))
            if before == 0:
                for column in columns:
                    counted[column] = counted.get(column, 0.0) + weight
                continue
            most = max(before, sum(map(parts.builder.upper_bound, columns)))
            change = parts.builder.add_columns("change", [service], upper=most)[service]
            ones = [1.0] * len(columns)
            parts.builder.add_row(
                "change_more", service, [change, *columns], [1.0, *(-one for one in ones)], lower=-before
            )
            parts.builder.add_row("change_less", service, [change, *columns], [1.0, *ones], lower=before)
            counted[change] = weight
    nations = {row["pledge"]: row["nation"] for row in parts.situation.instance.rows("pledges")}
    for service, before in parts.baseline.items():
        if service not in seen:
            nation = nations.get(service[0], "")
            constant += weights.get(nation, 1.0) * abs(before)
    return terms(counted, counted.values()), constant


def _nations(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    del aim
    found = (parts.participation.takes_part(nation) for nation in parts.situation.nations)
    columns = [column for column in found if column is not None]
    return terms(columns, np.ones(len(columns))), 0.0


def _turnover(parts: Assembly, aim: Aim) -> tuple[Terms, float]:
    del aim
    return steadiness.turnover(parts), 0.0


def _burden_ratio(parts: Assembly, aim: Aim) -> RatioAim:
    each = burden.burdens(parts.situation, parts.units, parts.participation, aim.measure, parts.amounts)
    keys = burden.index_keys(parts.situation)
    total = expression(burden.total_of(each))
    if aim.variant == "deviation":
        return RatioAim((expression(burden.add_deviations(parts.builder, parts.situation, each)),), (1.0,), total)
    return RatioAim(tuple(expression(each[nation]) for nation in keys), tuple(keys.values()), total)


def _least_amounts(parts: Assembly, last: int) -> Level | None:
    """Of equally good plans, one in which funds pay least."""
    total = funding.total(parts.amounts)
    if not len(total):
        return None
    paid = AimTerm("_amounts", last + 1, -1.0, 0.0, maximise=False, expression=expression(total))
    return Level((paid,), None, "least amounts")


def _tie_break(parts: Assembly, aims: tuple[Aim, ...]) -> Level | None:
    """The fewest units in the field; not needed where the last level already counts every unit."""
    last = max(aim.priority for aim in aims)
    for aim in aims:
        if aim.priority == last and aim.name in {"cost", "personnel"} and not aim.scope and aim.weight > 0:
            counted = _services(parts, aim, aim.name)
            if np.isin(parts.units.here.column, counted.columns[counted.values > 0]).all():
                return None
    total = measure_terms(parts.units, "units", Selection())
    if not len(total):
        return None
    return Level(
        (AimTerm("_units", last + 1, -1.0, 0.0, maximise=False, expression=expression(total)),), None, TIE_BREAK
    )
