"""Each family of rows and columns against its golden: a change of the mathematics is seen in a diff."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.model.builder import ModelBuilder
from tests.oracle.random_instances import FAMILIES as RANDOM
from tests.oracle.random_instances import tiny

from .cases import CASES, FAMILIES
from .families import families_in_source
from .lp_text import lp_text

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_family_is_as_blessed(family: str, update_goldens: bool) -> None:
    """Rows and columns of a family on its tiny instance are the text in goldens/<family>.lp."""
    name = FAMILIES[family]
    text = f"{family} in the case {name!r} of cases.py\n\n{lp_text(CASES[name].built().linear, family)}"
    assert text.count("\n") > 2, f"{name!r} has no {family}"
    path = GOLDENS / f"{family}.lp"
    if update_goldens:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_family_of_the_source_has_a_golden() -> None:
    """The families named in the source of optimizer/model, those with a golden and those shown by a case are the same."""
    assert families_in_source() == set(FAMILIES)
    assert {path.stem for path in GOLDENS.glob("*.lp")} == set(FAMILIES)


def test_random_models_have_no_other_family() -> None:
    """What random instances of all families add has a golden, and most goldens are met there."""
    met = set()
    for seed in range(40):
        tables, header, baseline = tiny(seed, RANDOM)
        units = (
            None if baseline is None else {(r["pledge"], r["requirement"], r["period"]): r["units"] for r in baseline}
        )
        linear = build(build_situation(Instance.from_tables(tables, header=header, impossible=True)), units).linear
        met |= {family.name for family in (*linear.columns, *linear.rows) if family.keys}
    assert met <= set(FAMILIES)
    assert len(met) > 0.8 * len(FAMILIES)


def test_text_shows_every_kind_of_bound() -> None:
    """Equal sides, one side, two sides, no variable at all, whole and real columns; long rows are wrapped."""
    builder = ModelBuilder()
    columns = builder.add_columns("x", [(n,) for n in range(12)], upper=3, integer=True)
    builder.add_columns("y", [()], lower=-1, upper=float("inf"))
    builder.add_row("r", (1,), list(columns.values()), [1.5] * 12, lower=1, upper=2)
    builder.add_row("r", (2,), [0], [-1.0], lower=0, upper=0)
    builder.add_row("r", (3,), [], [], upper=1)
    linear = builder.finish(())
    assert lp_text(linear, "y") == "columns\n  -1 <= y[] <= inf  real\n"
    assert lp_text(linear, "x").splitlines()[1] == "  0 <= x[0] <= 3  whole"
    text = lp_text(linear, "r")
    assert "  r[2]:\n    - 1 x[0] = 0\n  r[3]:\n    0 <= 1\n" in text
    assert ">= 1 <= 2" in text
    assert max(map(len, text.splitlines())) <= 110
    assert lp_text(linear, "z") == ""


def test_two_columns_with_one_key_are_refused() -> None:
    """A family cannot hold two columns of the same key, in one call or in two; a whole number needs a finite bound."""
    builder = ModelBuilder()
    builder.add_columns("x", [(1,)])
    with pytest.raises(ValueError, match="same key"):
        builder.add_columns("x", [(1,)])
    with pytest.raises(ValueError, match="same key"):
        builder.add_columns("z", [(1,), (1,)])
    with pytest.raises(ValueError, match="no finite upper bound"):
        builder.add_columns("y", [(1,)], upper=float("inf"), integer=True)


def test_a_column_named_twice_in_a_row_adds_up() -> None:
    """Coefficients of one column in one row become their sum."""
    builder = ModelBuilder()
    columns = builder.add_columns("x", [(1,), (2,)])
    builder.add_row("r", (), [columns[1,], columns[2,], columns[1,]], [1.0, 2.0, 3.0], upper=1.0)
    linear = builder.finish(())
    assert linear.row_columns.tolist() == [0, 1]
    assert np.array_equal(linear.row_values, [4.0, 2.0])
