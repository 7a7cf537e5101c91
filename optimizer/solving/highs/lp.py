"""Models as HiGHS takes them, and runs of a bare HiGHS."""

from __future__ import annotations

from pathlib import Path

import highspy
import numpy as np
import numpy.typing as npt

from optimizer.model.linear import AimTerm, FloatArray, IntArray, Level, LinearModel, Objective

Mask = npt.NDArray[np.bool_]


def ran(solver: highspy.Highs) -> bool:
    """Run HiGHS; False where its native code gave up with an exception: then nothing that it holds is an answer."""
    try:
        solver.run()
    except (LookupError, MemoryError, RuntimeError, ValueError):
        return False
    return True


def quiet() -> highspy.Highs:
    """A HiGHS of one thread that writes nothing: for parts of a model."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("parallel", "off")
    return solver


def lp_of(
    costs: FloatArray,
    offset: float,
    bounds: tuple[FloatArray, FloatArray],
    sides: tuple[FloatArray, FloatArray],
    entries: tuple[IntArray, IntArray, FloatArray],
    whole: Mask | None = None,
) -> highspy.HighsLp:
    """A model to be maximised, as HiGHS takes it.

    Args:
        costs: one per column.
        offset: of the objective.
        bounds: lower and upper, one per column.
        sides: lower and upper, one per row.
        entries: row, column and value of every non-zero, by rows.
        whole: which columns are whole numbers; None: none.
    """
    rows, columns, values = entries
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(costs), len(sides[0])
    lp.col_cost_, lp.sense_, lp.offset_ = costs, highspy.ObjSense.kMaximize, offset
    lp.col_lower_, lp.col_upper_ = bounds
    lp.row_lower_, lp.row_upper_ = sides
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = lp.num_col_, lp.num_row_
    counts = np.bincount(rows, minlength=lp.num_row_)
    matrix.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    matrix.index_ = columns.astype(np.int32)
    matrix.value_ = values
    if whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in whole.tolist()]
    return lp


def hand_over(solver: highspy.Highs, model: LinearModel) -> highspy.HighsStatus:
    """Pass columns, rows and wholeness on, without an objective: arrays as they are, which HiGHS copies once."""
    status: highspy.HighsStatus = solver.passModel(
        len(model.lower),
        len(model.row_lower),
        len(model.row_values),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        np.zeros(len(model.lower)),
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        model.row_starts.astype(np.int32),
        model.row_columns.astype(np.int32),
        model.row_values,
        model.integer.astype(np.int32),
    )
    return status


def versions() -> dict[str, str]:
    """The version of HiGHS."""
    return {"highs": str(highspy.Highs().version())}


def read_mps(file: Path) -> LinearModel:
    """A model from an MPS file, its objective as the only level.

    Raises:
        ValueError: when HiGHS cannot read it.
    """
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    if solver.readModel(str(file)) == highspy.HighsStatus.kError:
        raise ValueError(f"HiGHS cannot read {file}")
    solver.ensureRowwise()
    lp = solver.getLp()
    maximise = lp.sense_ == highspy.ObjSense.kMaximize
    columns = np.arange(lp.num_col_, dtype=np.int64)
    costs = Objective(columns, np.asarray(lp.col_cost_, dtype=np.float64), float(lp.offset_))
    aim = AimTerm("objective", 1, 1.0 if maximise else -1.0, 0.0, maximise, costs)
    kinds = list(lp.integrality_) or [highspy.HighsVarType.kContinuous] * lp.num_col_
    return LinearModel(
        columns=(),
        rows=(),
        lower=np.asarray(lp.col_lower_, dtype=np.float64),
        upper=np.asarray(lp.col_upper_, dtype=np.float64),
        integer=np.array([kind == highspy.HighsVarType.kInteger for kind in kinds], dtype=np.bool_),
        row_lower=np.asarray(lp.row_lower_, dtype=np.float64),
        row_upper=np.asarray(lp.row_upper_, dtype=np.float64),
        row_starts=np.asarray(lp.a_matrix_.start_, dtype=np.int64),
        row_columns=np.asarray(lp.a_matrix_.index_, dtype=np.int64),
        row_values=np.asarray(lp.a_matrix_.value_, dtype=np.float64),
        levels=(Level((aim,), name="objective"),),
    )
