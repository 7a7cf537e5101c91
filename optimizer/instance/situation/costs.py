"""Cost per unit and period, and per move: the most specific row wins."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.instance.instance import Row
from optimizer.instance.situation.records import Line, Pledge, PostKey


class DeploymentCosts:
    """Cost per unit and period, and per move, for a pledge on a line: the most specific row wins (see docs/design/001)."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[tuple[str | None, str | None, str | None, str | None], Row] = {
            (row["pledge"], row["unit_type"], row["mission"], row["area"]): row for row in rows
        }
        self._memory: dict[tuple[str, str, PostKey], float | None] = {}

    def presence(self, pledge: Pledge, line: Line) -> float:
        """Million per unit and period."""
        named = self._find("cost", pledge, line, by_pledge=True)
        if named is not None:
            return named
        if pledge.own_cost is not None:
            return pledge.own_cost
        typed = self._find("cost", pledge, line, by_pledge=False)
        return pledge.type_cost if typed is None else typed

    def move(self, pledge: Pledge, line: Line) -> float:
        """Million per move of one unit."""
        named = self._find("movement_cost", pledge, line, by_pledge=True)
        typed = self._find("movement_cost", pledge, line, by_pledge=False) if named is None else None
        return named if named is not None else typed or 0.0

    def _find(self, column: str, pledge: Pledge, line: Line, *, by_pledge: bool) -> float | None:
        if not self._rows:
            return None
        key = (column + ("!" if by_pledge else ""), pledge.name, line.post)
        if key not in self._memory:
            self._memory[key] = self._look_up(column, pledge, line, by_pledge=by_pledge)
        return self._memory[key]

    def _look_up(self, column: str, pledge: Pledge, line: Line, *, by_pledge: bool) -> float | None:
        heads: list[tuple[str | None, str | None]]
        heads = (
            [(pledge.name, pledge.unit_type), (pledge.name, None)]
            if by_pledge
            else [(None, pledge.unit_type), (None, None)]
        )
        scopes: list[tuple[str | None, str | None]]
        scopes = [(line.mission, line.area), (line.mission, None), (None, line.area), (None, None)]
        for head in heads:
            for scope in scopes:
                row = self._rows.get((*head, *scope))
                if row is not None and row[column] is not None:
                    return float(row[column])
        return None
