"""Sentences about the worst sets, on the right side whichever way the aim goes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from optimizer.studies.withdraw.words import _of_worst


@pytest.mark.parametrize(
    ("aim", "worst", "said"),
    [
        ("coverage", (40.0, None), "leave at least 40 of coverage"),
        ("coverage", (None, 60.0), "leaves at most 60 of coverage"),
        ("cost", (140.0, None), "leave at most 140 of cost"),
        ("cost", (None, 120.0), "leaves at least 120 of cost"),
        ("cost", (140.0, 120.0), "leave at least 120 and at most 140 of cost"),
    ],
)
def test_each_side_is_called_by_its_name(aim: str, worst: tuple[float | None, float | None], said: str) -> None:
    """What a plan was found for is the most that a cost is, and the least that coverage is."""
    found = SimpleNamespace(size=2, aim=aim, rows=(), hopeless=0, worst=worst, complete=False, is_exact=False)
    (sentence,) = _of_worst(found)  # type: ignore[arg-type]
    assert said in sentence


@pytest.mark.parametrize(
    ("worst", "exact", "said"),
    [
        ((40.0, 40.0), True, "The worst nation (ALD) leaves 40 of coverage"),
        ((40.0, 60.0), False, "The worst nation leaves at least 40 and at most 60"),
        ((40.0, None), False, "The worst nation leaves at least 40"),
        ((None, 60.0), False, "The worst nation is not known yet"),
    ],
)
def test_one_nation_leaves(worst: tuple[float | None, float | None], exact: bool, said: str) -> None:
    """Of one nation the sentences speak in the singular."""
    row = SimpleNamespace(out=("ALD",), termination="optimal")
    found = SimpleNamespace(
        size=1, aim="coverage", rows=(row,), hopeless=0, worst=worst, complete=exact, is_exact=exact
    )
    (sentence,) = _of_worst(found)  # type: ignore[arg-type]
    assert sentence.startswith(said)
