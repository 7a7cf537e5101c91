"""What a factor or a step really makes of a cell: of a count a fraction is left away, so two factors may be the same number of units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from optimizer.instance.attributes import TABLES
from optimizer.studies.change import UnusableChangeError, new_value
from optimizer.studies.design import text_of
from optimizer.studies.table import neutral, rows_by_key

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.studies.study import Study, Value, Vary

MOST_SAID = 5
"""Groups of factors with one effect that are listed; of more only the number is given."""


def used_values(instance: Instance, study: Study, inputs: tuple[Value, ...]) -> dict[str, float | None]:
    """Per factor and step, by its column in the table of runs, the content of its cell in this run; of several cells the total.

    Blank where the value does not fit.
    """
    shown = [(vary, value) for vary, value in zip(study.vary, inputs, strict=True) if vary.used_name]
    scenario = _asked(study, inputs) if shown else None
    found: dict[str, float | None] = {}
    for vary, value in shown:
        contents = _contents(instance, scenario, vary, neutral(vary) if value is None else value)
        numbers = [float(one) for one in contents or () if isinstance(one, (int, float))]
        found[vary.used_name] = math.fsum(numbers) if numbers else None
    return found


def same_effects(instance: Instance, study: Study, vary: Vary, values: Iterable[Value]) -> Iterator[str]:
    """Sentences on factors that make the same whole number of every cell: between them there is nothing to compare."""
    factors = sorted({float(value) for value in values if isinstance(value, (int, float))})
    groups: dict[object, list[float]] = {}
    for factor in factors:
        contents = [_contents(instance, scenario, vary, factor) for scenario in asked_scenarios(study)]
        if None not in contents:
            groups.setdefault(tuple(contents), []).append(factor)
    same = [group for group in groups.values() if len(group) > 1]
    why = "a fraction of a whole number is left away"
    if len(same) > MOST_SAID:
        yield (
            f"{vary.name}: {len(factors)} factors give only {len(groups)} different values of {vary.column}, because {why}."
        )
        return
    for group in same:
        number = text_of(used_total(instance, study, vary, group[0]))
        words = " and ".join(", ".join(map(text_of, group)).rsplit(", ", 1))
        total = " in total" if len(vary.keys) > 1 else ""
        yield f"{vary.name}: the factors {words} make the same {vary.column}, {number}{total}, because {why}: their runs cannot differ."


def used_total(instance: Instance, study: Study, vary: Vary, factor: float) -> float | None:
    """What one factor makes of its cells, in total, in the first scenario asked."""
    contents = _contents(instance, asked_scenarios(study)[0], vary, factor)
    return math.fsum(float(one) for one in contents or () if isinstance(one, (int, float)))


def asked_scenarios(study: Study) -> list[str | None]:
    """The scenarios that the runs of a study ask; None: no scenario."""
    varied = [str(value) or None for vary in study.vary if vary.kind == "scenario" for value in vary.values]
    indices = [index for index, vary in enumerate(study.vary) if vary.kind == "scenario"]
    varied += [str(row[index]) for row in study.rows for index in indices if row[index] is not None]
    return list(dict.fromkeys([study.scenario, *varied] if study.design != "grid" or not varied else varied))


def _asked(study: Study, inputs: tuple[Value, ...]) -> str | None:
    scenario = study.scenario
    for vary, value in zip(study.vary, inputs, strict=True):
        if vary.kind == "scenario" and value is not None:
            scenario = str(value) or None
    return scenario


def _contents(instance: Instance, scenario: str | None, vary: Vary, value: Value) -> tuple[Value, ...] | None:
    rows = rows_by_key(instance, scenario, vary.table)
    attribute = TABLES[vary.table].by_name[vary.column]
    try:
        return tuple(
            None if rows[key][vary.column] is None else new_value(attribute, vary.mode, rows[key][vary.column], value)
            for key in vary.keys
        )
    except (UnusableChangeError, LookupError):
        return None
