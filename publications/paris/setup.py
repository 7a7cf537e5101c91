"""What the publication is about: the instances, and the cells of them that its cases change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from optimizer.instance.instance import Instance
from publications.paris.cases import Case, Row, cells_of, shipped

MAIN: Final = "paris-2026-01"
EARLIER: Final = "paris-2025-03"
GROUND: Final = (0, 10_000, 25_000, 64_000)
"""Soldiers in Ukraine at most: none, and the sizes that were discussed in public."""
BASE: Final = "base"
PLAN: Final = "plan"


@dataclass(frozen=True)
class Setup:
    """The instances: `main`, and the one `as the summit saw it` (blank: there is none)."""

    main: str = MAIN
    earlier: str = EARLIER

    @property
    def paris(self) -> Instance:
        """The main instance."""
        return shipped(self.main)

    @property
    def ceiling(self) -> str:
        """The cell of the ceiling on personnel in Ukraine."""
        return f"limits.{ceiling_of(self.paris, 'personnel')['limit']}.maximum"

    @property
    def escalation(self) -> str:
        """The cell of the escalation ceiling in Ukraine."""
        return f"limits.{ceiling_of(self.paris, 'escalation')['limit']}.maximum"

    @property
    def budget(self) -> str:
        """The cell of the budget of the coalition per period."""
        (row,) = [row for row in self.paris.rows("limits") if row["measure"] == "cost" and row["nation"] is None]
        return f"limits.{row['limit']}.maximum"

    @property
    def missions(self) -> dict[str, str]:
        """Names of the missions that count, by key."""
        return {row["mission"]: row["name"] for row in self.paris.rows("missions") if row["weight"] != 0}

    @property
    def ukraine(self) -> frozenset[str]:
        """The areas in Ukraine."""
        return frozenset(row["area"] for row in self.paris.rows("areas") if row["host"] == HOST)

    @property
    def conditions(self) -> dict[str, bool]:
        """The conditions and their defaults."""
        return {row["condition"]: bool(row["default"]) for row in self.paris.rows("conditions")}

    def case(self, name: str, says: str, seconds: float = 0.0, cells: tuple[str, ...] = ()) -> Case:
        """A case of the main instance, by the conditions' defaults."""
        return Case(name, says, self.main, cells=cells, seconds=seconds)


HOST: Final = "UKR"


def ceiling_of(instance: Instance, measure: str) -> Row:
    """The limit on all that is in Ukraine in a measure.

    Raises:
        ValueError: there is none, or more than one.
    """
    (row,) = [
        row
        for row in instance.rows("limits")
        if row["measure"] == measure and row["host"] == HOST and not row["nation"] and not row["group"]
    ]
    return row


def capped(instance: Instance, factor: float) -> tuple[str, ...]:
    """Settings that multiply national ceilings; none falls below what is committed, which has to be there."""
    soldiers = {row["unit_type"]: float(row["personnel"] or 0.0) for row in instance.rows("unit_types")}
    there: dict[tuple[str, int], float] = {}
    for row in instance.rows("pledges"):
        for period in range(int(row["from"] or 1), int(row["until"] or instance.header.periods) + 1):
            key = (str(row["nation"]), period)
            there[key] = there.get(key, 0.0) + (row["committed"] or 0) * soldiers[row["unit_type"]]
    most: dict[str, float] = {}
    for (nation, _), number in there.items():
        most[nation] = max(most.get(nation, 0.0), number)

    def cap(row: Row) -> float:
        now = float(row["max_personnel"])
        return min(now, max(now * factor, most.get(str(row["nation"]), 0.0))) if factor < 1 else now * factor

    return cells_of(instance, "nations", "max_personnel", cap)
