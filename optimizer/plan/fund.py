"""A fund, as the check reads its row."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.instance import Row
from optimizer.instance.scenario import ScenarioTables


@dataclass(frozen=True)
class Fund:
    """A payer that takes over up to `share` of what selected services cost in the periods that are open; `maximum` in all (None: any).

    `row` holds the selectors. `payer` is a nation of the coalition, or somebody outside it.
    """

    name: str
    payer: str
    row: Row
    share: float
    maximum: float | None


def funds_of(tables: ScenarioTables) -> dict[str, Fund]:
    """The funds of a scenario, also those that are never open."""
    found = {}
    for row in tables.rows("funding"):
        found[row["fund"]] = Fund(
            name=row["fund"],
            payer=row["payer"],
            row=row,
            share=float(row["share"]),
            maximum=None if row["maximum"] is None else float(row["maximum"]),
        )
    return found
