"""What each nation is expected to send: by forcegen, and by predictors that need no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import optimizer as fg
from optimizer.instance.instance import Instance
from publications.history.facts import Fact, amounts, coalition

SECONDS: Final = 60.0
"""Time limit of one solve; none comes near it, and every table says how each search ended."""
Shares = dict[str, float]


@dataclass(frozen=True)
class Prediction:
    """Soldiers by nation in forcegen's plan, and how its search ended."""

    soldiers: dict[str, float]
    coverage: float
    termination: str
    gap: float


def predict(instance: Instance) -> Prediction:
    """Solve an instance and read the plan's contingents, after the independent check.

    Raises:
        RejectedPlan: the check found a broken rule.
        ValueError: there is no plan.
    """
    plan = fg.solve(instance, child=False, time_limit=SECONDS)
    if not plan.has_plan:
        raise ValueError(f"{instance.header.name}: {plan.termination}")
    fg.verify(instance, plan)
    sent = plan.nations.set_index("nation")["peak_personnel"]
    gap = float(plan.aims.set_index("name")["gap"].max())
    return Prediction(
        {str(name): float(value) for name, value in sent.items()},
        float(plan.aims.set_index("name")["value"]["coverage"]),
        plan.termination,
        gap,
    )


def shares(soldiers: dict[str, float]) -> Shares:
    """Each nation's part of all."""
    total = sum(soldiers.values())
    return {nation: value / total for nation, value in soldiers.items()}


def as_before(facts: tuple[Fact, ...]) -> Shares:
    """The shares of the earlier date."""
    return shares(amounts(facts, "was"))


def as_announced(facts: tuple[Fact, ...]) -> Shares:
    """The shares of the earlier date, with what each nation had announced to add."""
    before, more = amounts(facts, "was"), amounts(facts, "announced")
    return shares({nation: before.get(nation, 0.0) + more.get(nation, 0.0) for nation in coalition(facts)})


def by_gdp(facts: tuple[Fact, ...]) -> Shares:
    """Each nation of the coalition of the earlier date in proportion to its gross domestic product."""
    wealth = amounts(facts, "gdp")
    return shares({nation: wealth[nation] for nation in coalition(facts)})
