"""Spells: the runs of periods in which a nation is at a post, where the model counts arrivals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.matrix import named

# The families of columns that count arrivals, and that say where a nation is; the rows that say when it has arrived.
ARRIVALS = "arrives"
ARRIVED = "arrives_if_present"
PRESENCE = "is_present"


@dataclass(frozen=True, eq=False)
class Spells:
    """The pairs of nation and post whose arrivals count. `columns`: the presence of each pair in each of the `periods`; -1: none."""

    nations: IntArray
    posts: IntArray
    periods: IntArray
    columns: IntArray

    def there(self, plan: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether the nation of each pair is at its post in each period."""
        return np.where(self.columns >= 0, plan[self.columns], 0.0) > 0.5

    def begins(self, plan: FloatArray) -> npt.NDArray[np.bool_]:
        """Where spells begin: each is an arrival."""
        there = self.there(plan)
        begins = there.copy()
        begins[:, 1:] &= ~there[:, :-1]
        return begins

    def edges(self, plan: FloatArray) -> npt.NDArray[np.bool_]:
        """The periods in which a nation comes or has just left, but for the first."""
        there = self.there(plan)
        edges = np.zeros_like(there)
        edges[:, 1:] = there[:, 1:] != there[:, :-1]
        return edges


def family(model: LinearModel, name: str) -> Mask:
    """The columns of one name."""
    return named(model.columns, len(model.lower), {name})


def spells_of(model: LinearModel) -> Spells | None:
    """The spells of a model; None where it counts no arrivals."""
    places, counted = model.places, family(model, ARRIVALS)
    if places is None or not counted.any():
        return None
    width = int(places.post.max(initial=0)) + 1
    code = places.nation * width + places.post
    pairs = np.unique(code[counted])
    columns = np.flatnonzero(family(model, PRESENCE) & np.isin(code, pairs))
    periods = np.arange(places.period[columns].min(), places.period[columns].max() + 1)
    table = np.full((len(pairs), len(periods)), -1, dtype=np.int64)
    table[np.searchsorted(pairs, code[columns]), np.searchsorted(periods, places.period[columns])] = columns
    nations, posts = np.divmod(pairs, width)
    return Spells(nations, posts, periods, table)


def arrivals(model: LinearModel) -> Objective | None:
    """The number of arrivals; None where the model counts none."""
    columns = np.flatnonzero(family(model, ARRIVALS))
    return Objective(columns, np.ones(len(columns))) if len(columns) else None


def with_least_arrivals(model: LinearModel, plan: FloatArray) -> FloatArray:
    """A plan with no more arrivals than its presence asks for: the rows allow more, and only an aim at few of them forbids it."""
    counted = family(model, ARRIVALS)
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    entries = np.flatnonzero(named(model.rows, len(model.row_lower), {ARRIVED})[rows])
    if not len(entries):
        return plan
    here, columns, values = rows[entries], model.row_columns[entries], model.row_values[entries]
    own = counted[columns]
    others = np.bincount(here[~own], weights=values[~own] * plan[columns[~own]], minlength=len(model.row_lower))
    least = (model.row_lower[here[own]] - others[here[own]]) / values[own]
    found = plan.copy()
    found[columns[own]] = np.clip(np.rint(least), model.lower[columns[own]], model.upper[columns[own]])
    return found
