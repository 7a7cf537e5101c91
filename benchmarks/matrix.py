"""The model as bare arrays: exported for the peers, and built by bare numpy as the floor of what building can cost."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.job import Spec, Tell

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Minimise cost · x with row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper; A in compressed rows.

    The first aim of the model is `offset` − cost · x. `blocks`: first row of each family.
    """

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    starts: Whole
    columns: Whole
    values: Floats
    blocks: Whole

    def aim(self, solution: Floats) -> float:
        """The first aim at a solution."""
        return self.offset - float(self.cost @ solution)

    def worst(self, solution: Floats) -> float:
        """By how much a solution breaks a bound, a row or a whole number at most."""
        rows = np.repeat(np.arange(len(self.row_lower)), np.diff(self.starts))
        activity = np.bincount(rows, self.values * solution[self.columns], len(self.row_lower))
        unwhole = np.abs(solution - np.rint(solution))[self.integer]
        outside = (
            self.lower - solution,
            solution - self.upper,
            self.row_lower - activity,
            activity - self.row_upper,
            unwhole,
        )
        return max(float(part.max(initial=0.0)) for part in outside)

    def save(self, file: Path) -> None:
        """Write to a file of numpy's."""
        np.savez(file, **self.__dict__)

    @property
    def fingerprint(self) -> str:
        """Twelve letters that change with any number."""
        digest = hashlib.sha256()
        for part in self.__dict__.values():
            digest.update(np.asarray(part).tobytes())
        return digest.hexdigest()[:12]


def load(file: Path) -> Matrix:
    """A saved matrix."""
    with np.load(file) as parts:
        found = {name: parts[name] for name in parts.files}
    return Matrix(**{**found, "offset": float(found["offset"])})


def names(count: int, letter: str = "c") -> list[str]:
    """The names of columns in the exported file."""
    return [f"{letter}{number}" for number in range(count)]


def of_model(linear: Any) -> Matrix:
    """The arrays of a `LinearModel` with its first level as the aim.

    Raises:
        ValueError: the first level is a ratio, which no file of rows can say.
    """
    level = linear.levels[0]
    if level.ratio is not None:
        raise ValueError("the first aim is a ratio")
    objective = level.objective
    cost = np.zeros(len(linear.lower))
    np.add.at(cost, objective.columns, -objective.values)
    return Matrix(
        cost=cost,
        offset=objective.constant,
        lower=np.asarray(linear.lower, dtype=np.float64),
        upper=np.asarray(linear.upper, dtype=np.float64),
        integer=np.asarray(linear.integer, dtype=np.bool_),
        row_lower=np.asarray(linear.row_lower, dtype=np.float64),
        row_upper=np.asarray(linear.row_upper, dtype=np.float64),
        starts=np.asarray(linear.row_starts, dtype=np.int64),
        columns=np.asarray(linear.row_columns, dtype=np.int64),
        values=np.asarray(linear.row_values, dtype=np.float64),
        blocks=np.array([family.start for family in linear.rows], dtype=np.int64),
    )


def export(spec: Spec, tell: Tell) -> None:
    """Write the model of an instance for the peers: `model.npz` and `model.mps`; tells how large it is."""
    from optimizer.instance.files import read_instance
    from optimizer.instance.situation import build_situation
    from optimizer.model.assemble import build

    matrix = of_model(build(build_situation(read_instance(spec["instance"]), spec["scenario"])).linear)
    target = Path(spec["target"])
    matrix.save(target / "model.npz")
    solver = passed(matrix)
    for number, name in enumerate(names(len(matrix.lower))):
        solver.passColName(number, name)
    for number, name in enumerate(names(len(matrix.row_lower), "r")):
        solver.passRowName(number, name)
    solver.writeModel(str(target / "model.mps"))
    tell("columns", len(matrix.lower), "count")
    tell("rows", len(matrix.row_lower), "count")
    tell("non-zeros", len(matrix.values), "count")


def passed(matrix: Matrix) -> Any:
    """A HiGHS that holds the matrix."""
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    status = solver.passModel(
        len(matrix.lower),
        len(matrix.row_lower),
        len(matrix.values),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        matrix.cost,
        matrix.lower,
        matrix.upper,
        matrix.row_lower,
        matrix.row_upper,
        matrix.starts[:-1].astype(np.int32),
        matrix.columns.astype(np.int32),
        matrix.values,
        matrix.integer.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise ValueError("HiGHS refuses the matrix")
    return solver


def floor(spec: Spec, tell: Tell) -> None:
    """What no build can do without: the same non-zeros, family by family as (row, column, value), sorted into rows, and passed on.

    Every family's non-zeros come sorted by column, as bare numpy finds them; where they come from is not counted.
    """
    matrix = load(Path(spec["target"]) / "model.npz")
    rows = np.repeat(np.arange(len(matrix.row_lower)), np.diff(matrix.starts))
    ends = [*matrix.starts[matrix.blocks[1:]].tolist(), len(rows)]
    blocks = []
    begin = 0
    for end in ends:
        order = begin + np.argsort(matrix.columns[begin:end], kind="stable")
        blocks.append((rows[order], matrix.columns[order], matrix.values[order]))
        begin = end
    import highspy

    highspy.Highs()
    clock = time.perf_counter()
    parts = [np.concatenate([block[part] for block in blocks]) for part in range(3)]
    order = np.argsort(parts[0], kind="stable")
    counts = np.bincount(parts[0], minlength=len(matrix.row_lower))
    built = Matrix(
        **{
            **matrix.__dict__,
            "starts": np.concatenate([[0], np.cumsum(counts)]),
            "columns": parts[1][order],
            "values": parts[2][order],
        }
    )
    sorted_at = time.perf_counter()
    solver = passed(built)
    done = time.perf_counter()
    tell("hand over", done - sorted_at)
    tell("tables to solver", done - clock)
    tell("non-zeros", solver.getNumNz(), "count")
