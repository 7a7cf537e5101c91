"""The answer to why an instance has no plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.instance.rule import Rule
from optimizer.plan.plan import Plan


@dataclass(frozen=True)
class WayOut:
    """Concessions that make a plan possible. `value`: of the first aim then, in its own unit; `plan`: verified, with the concessions made."""

    weight: int
    concessions: tuple[Mapping[str, Any], ...]
    value: float | None
    plan: Plan | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Infeasible:
    """Why an instance has no plan, and what would give it one.

    `has_plan`: it has one after all; None: that is not known in time. `conflict`: rules that cannot be kept together, whatever becomes of the others;
    `irreducible`: any one of them left out gives a plan. `ways_out`: lightest first, none contains another; `least`: it is proven that nothing lighter
    than the first gives a plan.
    """

    has_plan: bool | None
    conflict: tuple[Rule, ...] = ()
    irreducible: bool = False
    ways_out: tuple[WayOut, ...] = ()
    least: bool = False
    aim: str = "coverage"

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "has_plan": self.has_plan,
            "conflict": [rule.id for rule in self.conflict],
            "irreducible": self.irreducible,
            "sentences": [rule.sentence for rule in self.conflict],
            "ways_out": [
                {
                    "weight": way.weight,
                    "concessions": [dict(made) for made in way.concessions],
                    "value": way.value,
                    "aim": self.aim,
                }
                for way in self.ways_out
            ],
            "least": self.least,
        }
