"""What is made ready: the plans stay the same, and less that is ready means less that deploys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions

from .cases import CASES, Case

CASE = CASES["what is made ready"]


def best(case: Case, ready: dict[str, float] | None = None) -> float:
    """The best coverage, with what is made ready fixed where said."""
    linear = build(build_situation(case.instance()), commitment=case.commitment).linear
    upper = linear.upper.copy()
    for family in linear.columns:
        if family.name == "ready":
            for number, (pledge,) in enumerate(family.keys):
                upper[family.start + number] = (ready or {}).get(pledge, upper[family.start + number])
    solution = solve_levels(replace(linear, upper=upper), SolveOptions())
    value = solution.levels[0].value
    assert value is not None
    return value


def test_readiness_takes_nothing_away() -> None:
    """With every pledge free to be made ready the best coverage is that of the model without the family."""
    assert best(CASE) == pytest.approx(best(replace(CASE, commitment=False)))


def test_what_is_not_ready_stays_home() -> None:
    """With nothing ready nothing is covered; each further unit that is ready never lowers coverage."""
    values = [best(CASE, {"fra-bn": units, "ita-team": 0.0}) for units in (0.0, 1.0, 2.0, 3.0)]
    assert values[0] == 0.0
    assert np.all(np.diff(values) >= -1e-9)
    assert values[-1] > 0.0


def test_rotation_counts_in_what_is_ready() -> None:
    """A unit that rests as long as it serves covers every second period: two must be ready for one that is always there."""
    linear = build(build_situation(CASE.instance()), commitment=True).linear
    rows = next(family for family in linear.rows if family.name == "made_ready")
    last = rows.start + rows.keys.index(("fra-bn", 3))
    names = linear.column_names()
    span = slice(linear.row_starts[last], linear.row_starts[last + 1])
    shown = {
        names[column]: value for column, value in zip(linear.row_columns[span], linear.row_values[span], strict=True)
    }
    assert shown == {"starts[fra-bn,guard,2]": 1.0, "starts[fra-bn,guard,3]": 1.0, "ready[fra-bn]": -1.0}
