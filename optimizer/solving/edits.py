"""What it takes to turn one model into another of the same structure: numbers to edit, or the reason why it must be built again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.model.linear import Block, FloatArray, IntArray, LinearModel

# HiGHS drops coefficients below this when it takes a model over: one that appears or vanishes is no mere edit.
NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Edits:
    """Where two models of one structure differ: columns and rows by their bounds, entries of the matrix by their values."""

    columns: IntArray
    rows: IntArray
    entries: IntArray

    @property
    def count(self) -> int:
        """How many columns, rows and entries are edited."""
        return len(self.columns) + len(self.rows) + len(self.entries)


def edits_between(old: LinearModel, new: LinearModel) -> Edits | str:
    """The edits that turn the old model into the new one, or why there are none."""
    reason = structure_changed(old, new)
    if reason:
        return reason
    entries = np.flatnonzero(old.row_values != new.row_values)
    if len(entries) and bool((_nothing(old.row_values[entries]) | _nothing(new.row_values[entries])).any()):
        return "a coefficient appears or vanishes"
    columns = np.flatnonzero((old.lower != new.lower) | (old.upper != new.upper))
    rows = np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper))
    return Edits(columns, rows, entries)


def structure_changed(old: LinearModel, new: LinearModel) -> str:
    """Why two models are not of one structure; blank where they are."""
    for what, before, after in (("variables", old.columns, new.columns), ("rows", old.rows, new.rows)):
        changed = _families_changed(before, after)
        if changed:
            return f"other {what}: {changed}"
    if not np.array_equal(old.integer, new.integer):
        return "other variables are whole numbers"
    if not (np.array_equal(old.row_starts, new.row_starts) and np.array_equal(old.row_columns, new.row_columns)):
        return "other variables stand in a row"
    return ""


def _families_changed(old: tuple[Block, ...], new: tuple[Block, ...]) -> str:
    if old is new:
        return ""
    names = [family.name for family in (*old, *new)]
    before = {(family.name, family.start): family.keys for family in old}
    after = {(family.name, family.start): family.keys for family in new}
    for name in dict.fromkeys(names):
        mine = [keys for (family, _), keys in before.items() if family == name]
        yours = [keys for (family, _), keys in after.items() if family == name]
        if mine != yours:
            return name
    return "" if list(before) == list(after) else "another order"


def _nothing(values: FloatArray) -> npt.NDArray[np.bool_]:
    small: npt.NDArray[np.bool_] = np.abs(values) <= NOTHING
    return small
