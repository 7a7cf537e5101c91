"""Peers on the model that forcegen solves: the same optimum, from the exported file and from builds of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks import families, matrix, peers
from benchmarks.campaign import Job, Workshop
from benchmarks.registry import tiny

SECONDS = 60.0


@pytest.fixture(scope="module")
def optimum(shop: Workshop) -> dict[str, Any]:
    """What forcegen says of the tiny instance with few families."""
    return figures(shop, Job("family", tiny(plain=True), "forcegen", solve=True))


def figures(shop: Workshop, job: Job) -> dict[str, Any]:
    """The last figure of each phase of a job that ended as planned."""
    found = shop.perform(job)
    assert found[-1]["note"] == ""
    return {row["phase"]: row["value"] for row in found}


@pytest.mark.parametrize("method", [name for name in families.BUILDS if name != "forcegen"])
def test_every_build_of_the_family_set_gives_the_same_model(
    shop: Workshop, optimum: dict[str, Any], method: str
) -> None:
    """As many columns and non-zeros (where they are told), and the same optimum."""
    if method in {"linopy", "PyOptInterface"}:
        pytest.importorskip(families.PACKAGES[method])
        pytest.importorskip("highsbox" if method == "PyOptInterface" else "linopy")
    found = figures(shop, Job("family", tiny(plain=True), method, solve=True))
    assert found["optimum"] == pytest.approx(optimum["optimum"], abs=1e-5)
    assert found["tables to solver"] > 0
    for size in {"columns", "non-zeros"} & found.keys():
        assert found[size] == optimum[size]


@pytest.mark.parametrize("method", [*peers.SEARCHES, "forcegen"])
def test_every_search_finds_the_optimum_of_the_same_model(shop: Workshop, optimum: dict[str, Any], method: str) -> None:
    """Value and bound meet at the optimum (CP-SAT: to its accuracy), and the plan breaks nothing."""
    if method in peers.PACKAGES:
        pytest.importorskip(peers.PACKAGES[method])
    found = figures(shop, Job("anytime", tiny(plain=True), method, SECONDS, 1))
    room = 0.2 if method == "CP-SAT" else 0.02
    assert found["value"] == pytest.approx(optimum["optimum"], abs=room)
    assert found["bound"] == pytest.approx(optimum["optimum"], abs=room)
    assert found["value at 10 s"] <= found["value"]
    assert 0 <= found["first plan"] <= found["search"]
    if method == "forcegen":
        assert found["verify"] > 0
        assert found["report"] > 0
    else:
        assert found["value recomputed"] == pytest.approx(found["value"], abs=1e-5)
        assert found["worst violation"] < 1e-5


def test_a_model_larger_than_the_licence_is_left_out(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the row says so."""
    pytest.importorskip("gurobipy")
    monkeypatch.setattr(peers, "LARGEST_GUROBI", 10)
    found = shop.perform(Job("anytime", tiny(), "Gurobi", 1.0, 1))
    assert [row["note"] for row in found] == ["larger than the licence of the package allows"]


def test_a_broken_row_bound_or_whole_number_shows_in_the_worst_violation() -> None:
    """x + 2y <= 3, y whole, both from 0 to 2."""
    model = matrix.Matrix(
        cost=np.array([-1.0, -1.0]),
        offset=5.0,
        lower=np.zeros(2),
        upper=np.full(2, 2.0),
        integer=np.array([False, True]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([3.0]),
        starts=np.array([0, 2]),
        columns=np.array([0, 1]),
        values=np.array([1.0, 2.0]),
        blocks=np.array([0]),
    )
    assert model.worst(np.array([1.0, 1.0])) == 0.0
    assert model.worst(np.array([1.5, 1.0])) == pytest.approx(0.5)
    assert model.worst(np.array([0.0, 1.25])) == pytest.approx(0.25)
    assert model.worst(np.array([-0.125, 0.0])) == pytest.approx(0.125)
    assert model.aim(np.array([1.0, 1.0])) == 7.0
