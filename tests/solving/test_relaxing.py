"""Bounds by the prices of other models: never below what the relaxation of the model itself says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import Relaxer, bounded, named_prices, relax
from tests.solving.small import random_model

NO_RELAXATION = {11}
"""Seeds whose model has none."""


@pytest.mark.parametrize("seed", sorted(set(range(40)) - NO_RELAXATION))
def test_prices_of_another_model_bound_this_one(seed):
    """The nearer the other model, the nearer the bound: its own prices prove its own relaxation."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, levels=1)
    harder = replace(model, upper=np.maximum(model.lower, model.upper * rng.choice([0.5, 1.0], len(model.upper))))
    objective = objective_of(model.levels[0])
    own, other = relax(model, objective, 5.0), relax(harder, objective, 5.0)
    assert own is not None
    assert other is not None
    prices, others = named_prices(model, own), named_prices(harder, other)
    assert bounded(model, objective, [prices]) == pytest.approx(own.bound, abs=1e-6)
    assert bounded(model, objective, [others]) >= own.bound - 1e-6
    assert bounded(model, objective, [others, prices]) == pytest.approx(own.bound, abs=1e-6)
    assert bounded(harder, objective, [prices]) >= other.bound - 1e-6
    assert bounded(model, objective, []) == float("inf")
    assert Relaxer(model, objective, 5.0).guessed(harder, objective) == bounded(harder, objective, [prices])
