"""Numbers that are added up although they are so many powers of ten apart that the smaller ones drown in rounding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import median_low
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.instance.scenario import ScenarioTables

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes

FARTHEST: Final = 1e9
"""How many times larger one number of a sum may be than another: numbers hold 16 digits, and solvers need half of them."""
FARTHEST_FROM_TARGET: Final = 1e8
"""The same for what is delivered of a capability and what is asked for: the solver looks at the quotient."""

_ADDED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "personnel": (("unit_types", "personnel"),),
    "cost": (
        ("unit_types", "cost"),
        ("pledges", "cost"),
        ("deployment_costs", "cost"),
        ("deployment_costs", "movement_cost"),
        ("participation", "cost"),
        ("nations", "participation_cost"),
        ("instruments", "cost"),
    ),
    "escalation": (("unit_types", "escalation"), ("instruments", "escalation")),
    "tonnes": (("unit_types", "lift"), ("unit_types", "sustainment")),
    "route costs": (("routes", "cost"),),
    "fair shares": (("nations", "fair_share"),),
}
"""Columns whose numbers are added up or set against each other, by what they are."""
_OF_CAPABILITY: Final = (
    ("yields", "amount"),
    ("instrument_yields", "amount"),
    ("requirements", "target"),
    ("requirements", "threshold"),
)


class _Amount(NamedTuple):
    size: float
    table: str
    row: int
    column: str


def check_sizes(scenarios: Iterable[ScenarioTables], notes: Notes) -> None:
    """No number drowns another that it is added to or set against, in any scenario."""
    noted: set[tuple[str, int, str]] = set()
    for tables in scenarios:
        for what, amounts, farthest in _sums(tables):
            sizes = sorted(amount.size for amount in amounts)
            if not sizes or sizes[-1] <= farthest * sizes[0]:
                continue
            usual = median_low(sizes)
            for amount in amounts:
                times = max(amount.size / usual, usual / amount.size)
                if times * times > farthest and amount[1:] not in noted:
                    noted.add(amount[1:])
                    _note(what, amount, usual, farthest, notes)


def _note(what: str, amount: _Amount, usual: float, farthest: float, notes: Notes) -> None:
    notes.error(
        "numbers-far-apart",
        amount.table,
        amount.row,
        amount.column,
        f"{amount.size:g} stands beside {usual:g} ({what}): where numbers are more than {farthest:.0e} times apart, the smaller ones "
        "cannot be told from rounding.",
        "Check the unit of both; write 0 for what is not to count, and a target that can be reached.",
    )


def _sums(tables: ScenarioTables) -> Iterator[tuple[str, list[_Amount], float]]:
    """What is added up, its numbers above zero, and how far apart they may be."""
    for what, columns in _ADDED.items():
        yield what, [amount for column in columns for amount in _positive(tables, *column)], FARTHEST
    of_capability: dict[str, list[_Amount]] = {}
    for table, column in _OF_CAPABILITY:
        rows = tables.rows(table)
        for amount in _positive(tables, table, column):
            of_capability.setdefault(rows[amount.row]["capability"], []).append(amount)
    for capability, amounts in of_capability.items():
        yield f"capability {capability!r}", amounts, FARTHEST_FROM_TARGET


def _positive(tables: ScenarioTables, table: str, column: str) -> Iterator[_Amount]:
    for index, row in enumerate(tables.rows(table)):
        if row[column] is not None and row[column] > 0:
            yield _Amount(row[column], table, index, column)
