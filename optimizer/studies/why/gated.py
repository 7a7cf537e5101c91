"""A bound for all sets of a weight at once: the relaxation of the loosest instance, with gates on what single rules hold back.

Every gate is a row that each set keeps whose gate is 1 where it makes the concession: a cap, or a pledge's stock, as in the strict instance unless its
gate is open; a service that a caveat bans only through the caveat's gate. What is not gated stays open, so the bound holds whatever is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from optimizer.model.assemble import Built, rules_of_row
from optimizer.model.linear import IntArray, Key, LinearModel
from optimizer.solving.improve.matrix import matrix_of
from optimizer.studies.why.judge import Judge

_GATED: Final = frozenset({"limit", "rotation", "stock"})
_SERVICES: Final = frozenset({"starts", "present"})
Gate = tuple[dict[int, float], float]
"""A row: the value of each column, and the upper side."""


def gated(judge: Judge, strict: Built, loose: Built, weight: int) -> LinearModel:
    """The loose model with a gate per concession (0 to 1), gates of at most this weight together."""
    width = len(loose.linear.lower)
    rows = [*_caps(judge, strict, loose), *_bans(judge, strict, loose)]
    rows.append(({width + index: float(one.weight) for index, one in enumerate(judge.concessions)}, float(weight)))
    counts: IntArray = np.array([len(entries) for entries, _ in rows], dtype=np.int64)
    columns = [column for entries, _ in rows for column in entries]
    values = [value for entries, _ in rows for value in entries.values()]
    model, gates = loose.linear, len(judge.concessions)
    return replace(
        model,
        columns=(),
        rows=(),
        places=None,
        lower=np.concatenate([model.lower, np.zeros(gates)]),
        upper=np.concatenate([model.upper, np.ones(gates)]),
        integer=np.concatenate([model.integer, np.zeros(gates, dtype=np.bool_)]),
        row_lower=np.concatenate([model.row_lower, np.full(len(rows), -np.inf)]),
        row_upper=np.concatenate([model.row_upper, [upper for _, upper in rows]]),
        row_starts=np.concatenate([model.row_starts, model.row_starts[-1] + np.cumsum(counts)]),
        row_columns=np.concatenate([model.row_columns, np.array(columns, dtype=np.int64)]),
        row_values=np.concatenate([model.row_values, np.array(values, dtype=np.float64)]),
    )


def _caps(judge: Judge, strict: Built, loose: Built) -> Iterator[Gate]:
    """Rows of caps and stocks as they are in the strict model, open by what the loose model allows more where the gate is."""
    there, width = _positions(loose), len(loose.linear.lower)
    names = _names(loose)
    row_of = {
        (block.name, key): block.start + place for block in loose.linear.rows for place, key in enumerate(block.keys)
    }
    strict_rows, loose_rows = _rows(strict.linear), _rows(loose.linear)
    strict_names, upper = _names(strict), loose.linear.upper
    known = set(strict_names.values())
    for block in strict.linear.rows:
        if block.name not in _GATED:
            continue
        for place, key in enumerate(block.keys):
            row, other = block.start + place, row_of.get((block.name, key))
            gates = _gates(judge, rules_of_row(strict.assembly.situation, block.name, key))
            side = float(strict.linear.row_upper[row])
            if other is None or not gates or not np.isfinite(side) or not np.isfinite(loose.linear.row_upper[other]):
                continue
            before = {there.get(strict_names[column], -1): value for column, value in strict_rows[row].items()}
            after = loose_rows[other]
            if -1 in before or any(loose.linear.lower[column] < 0.0 for column in {*before, *after}):
                continue
            new = {column: value for column, value in after.items() if names[column] not in known}
            mine = {**before, **new}
            extra = sum(
                (mine[column] - after.get(column, 0.0)) * float(upper[column])
                for column in mine
                if mine[column] > after.get(column, 0.0)
            )
            more = float(loose.linear.row_upper[other]) + extra - side
            if np.isfinite(more):
                yield {**mine, **{width + gate: -max(0.0, more) for gate in gates}}, side


def _bans(judge: Judge, strict: Built, loose: Built) -> Iterator[Gate]:
    """Services that the strict model has not: through the gate of each caveat that bans one of their periods."""
    there, situation, width = set(_names(strict).values()), strict.assembly.situation, len(loose.linear.lower)
    for block in loose.linear.columns:
        if block.name not in _SERVICES:
            continue
        for place, key in enumerate(block.keys):
            column = block.start + place
            upper = float(loose.linear.upper[column])
            if (block.name, key) in there or not np.isfinite(upper) or str(key[0]) not in situation.pledges:
                continue
            pledge, first = situation.pledges[str(key[0])], int(str(key[2]))
            length = pledge.tour if block.name == "starts" and pledge.tour is not None else 1
            last = min(first + length - 1, situation.horizon)
            span = (1 << last) - (1 << first - 1)
            refusals = situation.admissible.refusals(str(key[0]), str(key[1]))
            banning = tuple(
                rule for rule, periods in refusals.items() if rule.startswith("caveats/") and periods & span
            )
            for gate in _gates(judge, banning):
                yield {column: 1.0, width + gate: -upper}, 0.0


def _gates(judge: Judge, rules: tuple[str, ...]) -> list[int]:
    """The concessions on the rules."""
    return [judge.position[rule] for rule in rules if rule in judge.position]


def _names(built: Built) -> dict[int, tuple[str, Key]]:
    return {
        block.start + place: (block.name, key) for block in built.linear.columns for place, key in enumerate(block.keys)
    }


def _positions(built: Built) -> dict[tuple[str, Key], int]:
    return {name: column for column, name in _names(built).items()}


def _rows(model: LinearModel) -> list[dict[int, float]]:
    matrix = matrix_of(model)
    rows: list[dict[int, float]] = [{} for _ in model.row_lower]
    for row, column, value in zip(matrix.rows.tolist(), matrix.columns.tolist(), matrix.values.tolist(), strict=True):
        rows[row][column] = value
    return rows
