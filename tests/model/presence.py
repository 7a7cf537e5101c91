"""Other ways to write presence: a variable of its own for the units present instead of the sum of the tours that started, and a row for each arrival.

The model writes sums out (docs/design/005-formulation.md); here they are replaced afterwards, for the comparison.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.model.assemble import Built
from optimizer.model.linear import LinearModel

WAYS = ("sums_of_tours", "presence_variables")


def in_way(built: Built, way: str) -> LinearModel:
    """The rows of a built model in one of the `WAYS`; objectives stay as they are."""
    return {"sums_of_tours": lambda: built.linear, "presence_variables": lambda: with_presence(built)}[way]()


def with_presence(built: Built) -> LinearModel:
    """A column for the units of each pledge with tours on a line in a period, equal to the tours that run, in every row but rotation's."""
    linear = built.linear
    every = (columns for periods in built.units.presence.values() for columns in periods.values())
    groups = list(dict.fromkeys(tuple(sorted(columns)) for columns in every if len(columns) > 1))
    number = {group: len(linear.lower) + place for place, group in enumerate(groups)}
    of_column: dict[int, list[tuple[int, ...]]] = {}
    for group in groups:
        of_column.setdefault(group[0], []).append(group)
    rotation = {
        row
        for family in linear.rows
        if family.name == "rotation"
        for row in range(family.start, family.start + len(family.keys))
    }
    rows: list[dict[int, float]] = []
    for row in range(len(linear.row_lower)):
        here = slice(linear.row_starts[row], linear.row_starts[row + 1])
        terms = dict(zip(linear.row_columns[here].tolist(), linear.row_values[here].tolist(), strict=True))
        for group in () if row in rotation else [g for column in list(terms) for g in of_column.get(column, ())]:
            if len({terms.get(column) for column in group}) == 1 and group[0] in terms:
                terms[number[group]] = terms[group[0]]
                for column in group:
                    del terms[column]
        rows.append(terms)
    rows += [{number[group]: 1.0, **dict.fromkeys(group, -1.0)} for group in groups]
    starts = np.concatenate([[0], np.cumsum([len(terms) for terms in rows])])
    more = len(groups)
    return replace(
        linear,
        lower=np.concatenate([linear.lower, np.zeros(more)]),
        upper=np.concatenate([linear.upper, [float(linear.upper[list(group)].sum()) for group in groups]]),
        integer=np.concatenate([linear.integer, np.zeros(more, dtype=np.bool_)]),
        row_lower=np.concatenate([linear.row_lower, np.zeros(more)]),
        row_upper=np.concatenate([linear.row_upper, np.zeros(more)]),
        row_starts=starts,
        row_columns=np.array([column for terms in rows for column in terms], dtype=linear.row_columns.dtype),
        row_values=np.array([value for terms in rows for value in terms.values()]),
    )


def with_plain_stays(linear: LinearModel) -> LinearModel:
    """Each stay that has begun lasts: a row for every start and every later period of it, where the model sums the starts up."""
    split = {
        row
        for family in linear.rows
        if family.name in ("nation_stay", "post_stay")
        for row in range(family.start, family.start + len(family.keys))
    }
    rows: list[tuple[int, list[int], list[float]]] = []
    for row in range(len(linear.row_lower)):
        here = slice(linear.row_starts[row], linear.row_starts[row + 1])
        terms = list(zip(linear.row_columns[here].tolist(), linear.row_values[here].tolist(), strict=True))
        starts, holds = [term for term in terms if term[1] > 0], [term for term in terms if term[1] < 0]
        groups = [[start, *holds] for start in starts] if row in split else [terms]
        rows += [(row, [column for column, _ in group], [value for _, value in group]) for group in groups]
    source = np.array([row for row, _, _ in rows])
    return replace(
        linear,
        rows=(),
        row_lower=linear.row_lower[source],
        row_upper=linear.row_upper[source],
        row_starts=np.concatenate([[0], np.cumsum([len(columns) for _, columns, _ in rows])]),
        row_columns=np.array([one for _, columns, _ in rows for one in columns], dtype=linear.row_columns.dtype),
        row_values=np.array([one for _, _, values in rows for one in values]),
    )
