"""Named expressions of the Pyomo model: what planners speak of, as sums over the model's variables.

`units[pledge, requirement, period]` (presence, under tours too), `personnel[nation, period]`,
`cost[nation, period]` (presence and moves) and `cost[nation]` (over the horizon, with the costs of taking part),
`score[mission, period]` and `score[mission]`, `aim[name]`. The share of a target is the variable `share[requirement, period]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from optimizer.instance.situation import Selection
from optimizer.model.aims import scored_lines
from optimizer.model.assemble import Built
from optimizer.model.families.units import measure_terms, measured
from optimizer.model.linear import Terms, terms


def add(model: Any, built: Built, variables: list[Any]) -> None:
    """Add the named expressions."""
    _put(model, "units", "Units present: units[pledge, requirement, period].", _units(built), variables)
    doc = "Personnel present: personnel[nation, period]."
    _put(model, "personnel", doc, _by_nation(built, "personnel"), variables)
    doc = "Million, for presence and moves: cost[nation, period]; over the horizon, with costs of taking part: cost[nation]."
    _put(model, "cost", doc, {**_by_nation(built, "cost"), **_costs(built)}, variables)
    doc = "Score from 0 to 1: score[mission, period], and its mean over the mission's periods: score[mission]."
    _put(model, "score", doc, _scores(built), variables)
    _put(model, "aim", "Each linear aim in its own unit: aim[name].", {}, variables)
    _add_aims(model, built, variables)


def _put(model: Any, name: str, doc: str, found: Mapping[Any, Terms], variables: list[Any]) -> None:
    index = pyo.Set(initialize=list(found), dimen=None)
    model.add_component(f"{name}_keys", index)
    expression = pyo.Expression(index, doc=doc)
    model.add_component(name, expression)
    for key, total in found.items():
        chosen = [variables[column] for column in total.columns.tolist()]
        expression[key] = LinearExpression(constant=0.0, linear_coefs=total.values.tolist(), linear_vars=chosen)


def _units(built: Built) -> dict[Any, Terms]:
    return {
        (pledge, line, period): terms(columns, [1.0] * len(columns))
        for (pledge, line), periods in built.units.presence.items()
        for period, columns in sorted(periods.items())
    }


def _by_nation(built: Built, measure: str) -> dict[Any, Terms]:
    situation, found = built.assembly.situation, {}
    for nation in situation.nations:
        counts, values = measured(built.units, measure, Selection(nations=frozenset({nation})))
        for period in range(1, situation.horizon + 1):
            here = counts.period == period
            found[nation, period] = Terms(counts.column[here], values[here]).merged()
    return found


def _costs(built: Built) -> dict[Any, Terms]:
    situation, found = built.assembly.situation, {}
    # The columns of the costs of taking part are there only in a model that was built to be added to.
    for nation in situation.nations if built.assembly.exact else ():
        mine = Selection(nations=frozenset({nation}))
        total = measure_terms(built.units, "cost", mine)
        found[nation] = (total + built.assembly.participation.costs(mine)).merged()
    return found


def _scores(built: Built) -> dict[Any, Terms]:
    """Scores of missions; of those scored by their weakest line only where an aim needs them: the model has no column for it else."""
    situation, builder = built.assembly.situation, built.assembly.builder
    found: dict[Any, Terms] = {}
    share, weakest = built.assembly.coverage.share, builder.columns_of("weakest_line")
    for mission in situation.missions.values():
        periods: dict[Any, Terms] = {}
        for period, lines in sorted(scored_lines(situation, mission.name).items()):
            if mission.weakest and len(lines) > 1:
                if (mission.name, period) not in weakest:
                    break
                periods[mission.name, period] = terms([weakest[mission.name, period]], [1.0])
            else:
                weights = [situation.lines[line].weight for line in lines]
                columns = [share[line, period] for line in lines]
                periods[mission.name, period] = terms(columns, [weight / sum(weights) for weight in weights])
        else:
            if periods:
                whole = sum((score.times(1.0 / len(periods)) for score in periods.values()), terms())
                found |= {**periods, mission.name: whole}
    return found


def _add_aims(model: Any, built: Built, variables: list[Any]) -> None:
    for level in built.linear.levels:
        for term in level.terms if level.ratio is None else ():
            if not term.name.startswith("_"):
                key = term.name
                while key in model.aim:
                    key += f" {term.priority}"
                model.aim_keys.add(key)
                chosen = [variables[column] for column in term.expression.columns.tolist()]
                model.aim[key] = LinearExpression(
                    constant=term.expression.constant,
                    linear_coefs=term.expression.values.tolist(),
                    linear_vars=chosen,
                )
