"""Settling: whole numbers become exactly whole, and the continuous columns are derived from them by a linear program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import highspy
import numpy as np
import numpy.typing as npt

from optimizer.model.linear import FloatArray, LinearModel
from optimizer.solving.highs.breaks import EXACT
from optimizer.solving.highs.lp import ran
from optimizer.solving.options import OptionValue, UnknownOption

SETTLE_SECONDS = 20.0

_SETTLING: dict[str, OptionValue] = {
    "solve_relaxation": True,
    "output_flag": False,
    "primal_feasibility_tolerance": EXACT,
    "time_limit": SETTLE_SECONDS,
    "presolve": "choose",
}


def set_option(solver: highspy.Highs, name: str, value: OptionValue) -> None:
    """Set an option of HiGHS.

    Raises:
        UnknownOption: when HiGHS refuses it.
    """
    if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
        raise UnknownOption(f"HiGHS refuses {name} = {value!r}")


def rounded(model: LinearModel, raw: FloatArray) -> FloatArray:
    """Values with whole numbers rounded, and the model's own columns within their bounds."""
    values = raw.copy()
    integers, own = np.flatnonzero(model.integer), len(model.lower)
    # + 0.0: no minus zero.
    values[integers] = np.rint(values[integers]) + 0.0
    values[:own] = np.clip(values[:own], model.lower, model.upper)
    return values


def derived(solver: highspy.Highs, model: LinearModel, values: FloatArray, presolve: str) -> FloatArray | None:
    """The best values of the continuous columns with the whole numbers fixed; None where HiGHS finds none."""
    integers = np.flatnonzero(model.integer).astype(np.int32)
    fixed, own = values[integers], len(model.lower)
    settling = {**_SETTLING, "presolve": presolve}
    with _fixed(solver, model, integers, fixed), _options(solver, settling):
        # HiGHS counts the time of LPs over all runs of one object.
        set_option(solver, "time_limit", solver.getRunTime() + SETTLE_SECONDS)
        if not ran(solver) or solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    found[integers] = fixed
    found[:own] = np.clip(found[:own], model.lower, model.upper)
    return found


@contextmanager
def _fixed(
    solver: highspy.Highs, model: LinearModel, integers: npt.NDArray[np.int32], values: FloatArray
) -> Iterator[None]:
    solver.changeColsBounds(len(integers), integers, values, values)
    try:
        yield
    finally:
        solver.changeColsBounds(len(integers), integers, model.lower[integers], model.upper[integers])


@contextmanager
def _options(solver: highspy.Highs, options: Mapping[str, OptionValue]) -> Iterator[None]:
    before = {name: solver.getOptionValue(name)[1] for name in options}
    try:
        for name, value in options.items():
            set_option(solver, name, value)
        yield
    finally:
        for name, value in before.items():
            set_option(solver, name, value)
