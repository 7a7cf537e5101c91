"""The linear relaxation of a model by itself: its plan, its prices, and the bound that they prove."""

from __future__ import annotations

import numpy as np

from optimizer.model.linear import LinearModel, Objective
from optimizer.solving.improve.prices import Relaxation, relaxation_of
from optimizer.solving.improve.submodels import SubModels


def relax(model: LinearModel, objective: Objective, seconds: float) -> Relaxation | None:
    """The relaxation of an objective that is maximised, by interior point; None where it has no plan, or none in time."""
    submodels = SubModels(model, np.random.default_rng(0))
    everything = np.ones(len(model.lower), dtype=np.bool_)
    lp, _ = submodels.sub_model(everything, np.zeros(len(everything)), objective)
    lp.integrality_ = []
    return relaxation_of(lp, submodels.rows(), model, objective, seconds)
