r"""Shares and scores that what was added to a model wants small.

In the built model a share is *at most* what is delivered, and a weakest line at most each line: every aim wants them large. A
constraint or an objective of the user's that wants one small would be met by understating it. Then it is tied from the other
side too: with $z=1$ where more than the target is delivered, $U$ the most that can be, and $g$ the mounting,

$$\varphi\ge\sum_p a_p x_p-U z-U(1-g),\qquad \varphi\ge z;$$

for the smallest of several expressions $e_i\le1$, with one $b_i=1$: $\min\ge e_i-(1-b_i)$.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.model.linear import INFINITY, Block, FloatArray, LinearModel, Places

MINIMA = ("weakest_of_missions", "weakest_of_lines")
"""Rows that define a column as at most each of several expressions, the outer first."""


@dataclass
class _More:
    """Columns (all 0/1) and rows to add."""

    width: int
    names: list[tuple[str, int]] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def binary(self, name: str, number: int) -> int:
        self.names.append((name, number))
        return self.width + len(self.names) - 1


def with_exact_shares(model: LinearModel, added_from: int) -> LinearModel:
    """The model with shares and scores exact wherever rows from `added_from` on, or the first level, want them small.

    Args:
        model: the compiled model.
        added_from: number of the first row that was added.
    """
    wanted = _wanted_small(model, added_from)
    more = _More(len(model.lower))
    for name in MINIMA:
        for column, rows in _rows_of(model, name).items():
            if column in wanted:
                picks = [more.binary(name, row) for row in rows]
                more.rows.append((dict.fromkeys(picks, 1.0), 1.0, 1.0))
                for row, pick in zip(rows, picks, strict=True):
                    terms = _entries(model, row)
                    more.rows.append(({**terms, pick: -1.0}, -1.0, INFINITY))
                    wanted |= {other for other, value in terms.items() if value < 0}
    gates = _gates(model)
    for column, rows in _rows_of(model, "delivered").items():
        if column in wanted:
            _exact_share(more, column, _entries(model, rows[0]), gates.get(column), model.upper)
    return _extended(model, more) if more.rows else model


def _exact_share(more: _More, column: int, terms: dict[int, float], gate: int | None, upper: FloatArray) -> None:
    most = -sum(value * upper[other] for other, value in terms.items() if value < 0)
    row, least = dict(terms), 0.0
    if gate is not None:
        row[gate], least = row.get(gate, 0.0) - most, -most
    if most > 1.0:
        over = more.binary("over", column)
        row[over] = most
        more.rows.append(({column: 1.0, over: -1.0}, 0.0, INFINITY))
    more.rows.append((row, least, INFINITY))


def _wanted_small(model: LinearModel, added_from: int) -> set[int]:
    """Columns that an added row or the first level would rather have small."""
    found: set[int] = set()
    for row in range(added_from, len(model.row_lower)):
        for column, value in _entries(model, row).items():
            capped, floored = np.isfinite(model.row_upper[row]), np.isfinite(model.row_lower[row])
            if (capped and value > 0) or (floored and value < 0):
                found.add(column)
    if model.levels and model.levels[0].ratio is None and model.levels[0].terms:
        aim = model.levels[0].objective
        found |= set(aim.columns[aim.values < 0].tolist())
    return found


def _entries(model: LinearModel, row: int) -> dict[int, float]:
    span = slice(int(model.row_starts[row]), int(model.row_starts[row + 1]))
    return dict(zip(model.row_columns[span].tolist(), model.row_values[span].tolist(), strict=True))


def _rows_of(model: LinearModel, name: str) -> dict[int, list[int]]:
    """The rows of a name by the column that they define: their first."""
    found: dict[int, list[int]] = {}
    for family in model.rows:
        if family.name == name:
            for row in range(family.start, family.start + len(family.keys)):
                found.setdefault(int(model.row_columns[model.row_starts[row]]), []).append(row)
    return found


def _gates(model: LinearModel) -> dict[int, int]:
    """The mounting of each share, where it is a decision."""
    found = {}
    for column, rows in _rows_of(model, "within_mounting").items():
        found[column] = int(model.row_columns[model.row_starts[rows[0]] + 1])
    return found


def _extended(model: LinearModel, more: _More) -> LinearModel:
    count = len(more.names)
    lengths = [len(terms) for terms, _, _ in more.rows]
    columns = [column for terms, _, _ in more.rows for column in terms]
    values = [value for terms, _, _ in more.rows for value in terms.values()]
    new_rows = Block("exact", len(model.row_lower), tuple((number,) for number in range(len(more.rows))))
    return replace(
        model,
        columns=(*model.columns, Block("exact", more.width, tuple(more.names))),
        rows=(*model.rows, new_rows),
        lower=np.concatenate([model.lower, np.zeros(count)]),
        upper=np.concatenate([model.upper, np.ones(count)]),
        integer=np.concatenate([model.integer, np.ones(count, dtype=np.bool_)]),
        row_lower=np.concatenate([model.row_lower, [low for _, low, _ in more.rows]]),
        row_upper=np.concatenate([model.row_upper, [high for _, _, high in more.rows]]),
        row_starts=np.concatenate([model.row_starts, model.row_starts[-1] + np.cumsum(lengths)]).astype(np.int64),
        row_columns=np.concatenate([model.row_columns, np.array(columns, dtype=np.int64)]),
        row_values=np.concatenate([model.row_values, np.array(values, dtype=np.float64)]),
        places=None if model.places is None else widened(model.places, count),
    )


def widened(places: Places, more: int) -> Places:
    """Places with further columns that belong nowhere: they are free in every neighbourhood."""
    nowhere = np.full(more, -1, dtype=np.int64)
    return replace(
        places,
        nation=np.concatenate([places.nation, nowhere]),
        post=np.concatenate([places.post, nowhere]),
        period=np.concatenate([places.period, nowhere]),
        area=np.concatenate([places.area, nowhere]),
        units=np.concatenate([places.units, np.zeros(more, dtype=np.bool_)]),
    )
