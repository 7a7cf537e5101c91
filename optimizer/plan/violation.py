"""One broken rule, in the planner's words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """A rule that a plan breaks.

    `rule` is one of the names in `optimizer.plan.rules.BREACHES`; `name` the input row that states it (a pledge, a caveat, a
    limit, …); `place` a requirement, post, area, mission or nation; `period` is None where the rule speaks of the whole
    horizon; `amount` is what the plan has and `limit` what the rule allows or asks for. `source` is the id of the rule of the input,
    the same as `optimizer.rules` gives; blank where no rule of the input is broken.
    """

    rule: str
    name: str
    place: str
    period: int | None
    amount: float | None
    limit: float | None
    message: str
    source: str = ""

    def __str__(self) -> str:
        when = "" if self.period is None else f" (period {self.period})"
        return f"[{self.rule}] {self.message}{when}"


def kept_of(violations: Iterable[Violation], lifted: Collection[str]) -> tuple[Violation, ...]:
    """The violations that count where some rules, by their ids, need not be kept."""
    return tuple(violation for violation in violations if not violation.source or violation.source not in lifted)
