"""What each rule costs by itself, and pairs of rules that together cost more than one by one, as intervals from plans and bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from optimizer.studies.why.curve import Search
from optimizer.studies.why.judge import SAME, Judge, State, Stopped, Verdict
from optimizer.studies.why.relaxed import RelaxedJudge


@dataclass(frozen=True)
class Price:
    """What loosening rules by one step each would gain, in the unit of the first aim.

    `gain_at_least`: certain; `gain_at_most`: more is excluded, None where nothing is proven. `alone`: of a pair, what its rules gain one by one.
    """

    rules: tuple[str, ...]
    change: tuple[str | float, ...]
    asked: tuple[str, ...]
    gain_at_least: float
    gain_at_most: float | None
    aim: str
    sentence: str
    alone: float | None = None

    def record(self) -> dict[str, Any]:
        """The machine form."""
        change: Any = self.change[0] if len(self.change) == 1 else list(self.change)
        return {
            "rules": list(self.rules),
            "change": change,
            "asked": list(self.asked),
            "gain_at_least": self.gain_at_least,
            "gain_at_most": self.gain_at_most,
            "alone": self.alone,
            "aim": self.aim,
            "sentence": self.sentence,
        }


def find_prices(judge: Judge, report: Callable[[Price], None] = lambda _: None) -> list[Price]:
    """The prices of all rules that bend, and of the pairs that matter together, those with the largest certain gain first.

    A rule that was not reached in time has the bound of all rules loosened together. Nothing is priced where there is no plan as it is.
    """
    judge.concessions = [replace(one, weight=1, most=1) for one in judge.concessions]
    prices = _Prices(judge, report)
    with suppress(Stopped, KeyboardInterrupt):
        prices.run()
    return sorted(prices.all(), key=lambda one: (-one.gain_at_least, -(one.gain_at_most or 0.0), one.rules))


class _Prices:
    """Verdicts on the instance as it is, with each rule loosened, and with pairs of them."""

    def __init__(self, judge: Judge, report: Callable[[Price], None]) -> None:
        self.judge, self.report = judge, report
        self.before: Verdict | None = None
        self.known: dict[State, Verdict] = {}
        self.most = math.inf

    def run(self) -> None:
        judge, large = self.judge, self.judge.is_large
        relaxed = RelaxedJudge(judge)
        self.before = judge.verdict(judge.nothing, judge.nothing) if not large else self._first()
        if self.before.score is None:
            return
        together = relaxed if large else judge
        self.most = together.verdict(judge.nothing, judge.everything).bound
        singles = [self._state(index) for index in range(len(judge.concessions))]
        for state in singles:
            found = together.verdict(state, state)
            self.known[state] = Verdict(self.before.score, found.bound) if large else found
            self.report(self._price(state))
        if not large:
            search = Search(judge)
            search.run(2)
            for state in search.found():
                if sum(state) == 2:
                    self.known[state] = judge.verdict(state, state)

    def _first(self) -> Verdict:
        """The plan of a large instance, from a share of the time."""
        from optimizer.studies.why.large import LargeSearch

        search = LargeSearch(self.judge)
        return search.first()

    def _state(self, *indices: int) -> State:
        return tuple(int(index in indices) for index in range(len(self.judge.concessions)))

    def all(self) -> list[Price]:
        """What is known: every rule, and the pairs that gain more than their rules one by one."""
        if self.before is None or self.before.score is None:
            return []
        singles = [self._price(self._state(index)) for index in range(len(self.judge.concessions))]
        pairs = [self._price(state) for state in self.known if sum(state) == 2]
        return [*singles, *(one for one in pairs if one.alone is not None and self._is_more(one))]

    def _is_more(self, pair: Price) -> bool:
        return pair.gain_at_least > (pair.alone or 0.0) + SAME * max(1.0, abs(pair.gain_at_least))

    def _price(self, state: State) -> Price:
        before = self.before or Verdict(None, math.inf)
        found = self.known.get(state, Verdict(before.score, self.most))
        unit = self.judge.unit
        low = before.score or 0.0
        least = max(0.0, (found.score if found.score is not None else low) - before.bound) / unit
        most = max(0.0, found.bound - low) / unit
        rounding = SAME * max(1.0, abs(low))
        made = [one for one, steps in zip(self.judge.concessions, state, strict=True) if steps]
        return Price(
            tuple(one.id for one in made),
            tuple(one.change for one in made),
            tuple(one.asked for one in made),
            0.0 if least * unit <= rounding else least,
            None if math.isinf(most) else 0.0 if most * unit <= rounding else most,
            self.judge.aim,
            " ".join(one.rule.sentence for one in made),
            self._alone(state) if len(made) > 1 else None,
        )

    def _alone(self, state: State) -> float | None:
        """What the rules of a pair gain at most, one by one."""
        total = 0.0
        for index, steps in enumerate(state):
            if steps:
                most = self._price(self._state(index)).gain_at_most
                if most is None:
                    return None
                total += most
        return total
