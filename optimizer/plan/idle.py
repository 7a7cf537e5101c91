"""Pledges that serve nowhere in a plan, and the rules that keep them at home."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from optimizer.plan.admissible import NO_YIELD, Admissible
from optimizer.plan.case import Case


@dataclass(frozen=True)
class IdlePledge:
    """A pledge that does not serve.

    Attributes:
        pledge: its name.
        lines: requirement lines that ask for something its units deliver.
        may_serve: those of them on which it could be present in some period.
        rules: ids of the rules that refuse it on these lines in some period, those that refuse most first.
    """

    pledge: str
    lines: tuple[str, ...]
    may_serve: tuple[str, ...]
    rules: tuple[str, ...]


def idle_pledges(case: Case, serving: Collection[str]) -> list[IdlePledge]:
    """Every pledge that is not among those that serve, in the order of the table."""
    admissible = Admissible.of(case)
    lines: dict[str, list[str]] = {}
    for pledge, line in admissible.services.pairs:
        lines.setdefault(pledge, []).append(line)
    return [_idle(admissible, name, lines.get(name, [])) for name in case.pledges if name not in serving]


def _idle(admissible: Admissible, name: str, lines: list[str]) -> IdlePledge:
    refused: dict[str, int] = {}
    for line in lines:
        asked = admissible.asks(line)
        for rule, periods in admissible.refusals(name, line).items():
            # A line's window keeps nobody at home: outside it, nothing is asked for.
            if rule != NO_YIELD and (periods & asked).any():
                refused[rule] = refused.get(rule, 0) + int((periods & asked).sum())
    rules = sorted(refused, key=lambda rule: -refused[rule])
    may = tuple(line for line in lines if admissible.admits(name, line).any())
    return IdlePledge(name, tuple(lines), may, tuple(rules))
