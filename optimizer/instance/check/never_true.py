"""Conditions, and expressions over them, on which something depends and which are never true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.conditions import Expression, parse_condition

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance
    from optimizer.instance.scenario import ScenarioTables

MOST_NAMES: Final = 12
"""Of expressions with more conditions it is not asked whether they can ever be true."""


def check_conditions(instance: Instance, scenarios: Sequence[ScenarioTables], notes: Notes) -> None:
    """Every condition or expression that something depends on is true in some period of some scenario."""
    dependents: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name in instance.tables:
        if (
            "condition" in TABLES[name].by_name
            and name not in {"conditions", "scenario_conditions"} | notes.faulty_tables
        ):
            for index, row in enumerate(instance.rows(name)):
                if row["condition"] is not None:
                    dependents[row["condition"]].append((name, index))
    position = {row["condition"]: index for index, row in enumerate(instance.rows("conditions"))}
    for condition, rows in sorted(dependents.items()):
        if any(tables.ever(condition) for tables in scenarios):
            continue
        places = [f"{notes.place(name)} row {notes.row(name, index)}" for name, index in rows]
        if condition in position:
            message = f"{condition!r} is true in no scenario, and {_some(places)} depend on it."
            remedy = "Add a scenario in which it holds, or change its default."
            notes.warning("condition-never-true", "conditions", position[condition], "condition", message, remedy)
            continue
        others = f", and {_some(places[1:])} hold the same" if len(places) > 1 else ""
        if _can_be_true(parse_condition(condition)):
            message = f"{condition!r} is true in no period of any scenario{others}."
            remedy = "Add a scenario in which it holds, or write another expression."
        else:
            message = f"{condition!r} can never be true, whatever its conditions are{others}."
            remedy = "Write another expression, or leave the cell blank."
        notes.warning("condition-never-true", *rows[0], "condition", message, remedy)


def _some(places: Sequence[str]) -> str:
    """The first places of a list."""
    return ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def _can_be_true(expression: Expression) -> bool:
    """Whether some values of its conditions make it true; of many conditions that is taken for granted."""
    names = expression.names()
    if len(names) > MOST_NAMES:
        return True
    # One bit per combination of values stands for a period.
    every = (1 << (1 << len(names))) - 1
    truth = {
        name: sum(1 << number for number in range(1 << len(names)) if number >> place & 1)
        for place, name in enumerate(names)
    }
    return expression.periods(truth, every) != 0
