"""What each rule costs by itself, and sets of rules that together cost more than one by one, as intervals from plans and bounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.csv_text import written
from optimizer.studies.record import Record
from optimizer.studies.why.judge import SAME, Judge
from optimizer.studies.why.pricer import MOST_TOGETHER, OPEN, RELAXED, WHOLE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Price:
    """What loosening rules by one step each would gain, in the unit of the first aim.

    `gain_at_least`: certain; `gain_at_most`: more is excluded, None where nothing is proven. `gain_found`: how much more than the best plan known as it
    is a verified plan with the rules loosened reaches; a part of it may be had without (None: not solved). `alone`: of a set, what its parts gain at
    most, apart.
    """

    rules: tuple[str, ...]
    change: tuple[str | float, ...]
    asked: tuple[str, ...]
    gain_at_least: float
    gain_at_most: float | None
    aim: str
    sentence: str
    alone: float | None = None
    gain_found: float | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether it is proven that nothing is gained."""
        return self.gain_at_most == 0.0

    def row(self) -> tuple[object, ...]:
        """A row of `prices.csv`, by `COLUMNS`."""
        return (
            ";".join(self.rules),
            ";".join(map(written, self.change)),
            ";".join(dict.fromkeys(self.asked)),
            self.aim,
            self.gain_at_least,
            self.gain_at_most,
            self.gain_found,
            self.alone,
            self.sentence,
        )

    def record(self) -> dict[str, Any]:
        """The machine form."""
        change: Any = self.change[0] if len(self.change) == 1 else list(self.change)
        return {
            "rules": list(self.rules),
            "change": change,
            "asked": list(self.asked),
            "gain_at_least": self.gain_at_least,
            "gain_at_most": self.gain_at_most,
            "gain_found": self.gain_found,
            "alone": self.alone,
            "aim": self.aim,
            "sentence": self.sentence,
        }


TITLE: Final = "What one step of each rule gains"
COLUMNS: Final = ("rules", "change", "asked", "aim", "gain_at_least", "gain_at_most", "gain_found", "alone", "sentence")


def table_of(prices: Iterable[Price]) -> pd.DataFrame:
    """Prices as a table with `COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([one.row() for one in prices], columns=list(COLUMNS), dtype=object)


@dataclass(frozen=True)
class Priced:
    """The prices of an instance. `termination`: infeasible, none_found (no plan as it is is known), interrupted, or feasible, optimal (all are exact).

    `warnings`: runs that failed, so that what they would have said is missing.
    """

    prices: tuple[Price, ...]
    termination: str
    warnings: tuple[str, ...] = ()


Rules = frozenset[str]


@dataclass
class Known:
    """What finished runs say: scores of plans and bounds, as it is and with rules loosened.

    `score`, `bound`: as it is; `most`: with everything loosened. `relaxed`: as it is, by relaxation.
    """

    judge: Judge
    score: float | None = None
    bound: float = math.inf
    most: float = math.inf
    relaxed: float = math.inf
    impossible: bool = False
    gains: dict[str, float] = field(default_factory=dict)
    sets: list[tuple[Rules, float]] = field(default_factory=list)
    scores: dict[Rules, float] = field(default_factory=dict)
    bounds: dict[Rules, float] = field(default_factory=dict)
    same: set[str] = field(default_factory=set)

    def learn(self, record: Record) -> None:
        """Take what a run has found."""
        outcome = record.outcome
        if "how" not in outcome or outcome.get("nothing"):
            return
        rules = frozenset(outcome["rules"])
        if outcome["how"] == WHOLE:
            self._learn_whole(rules, outcome)
        elif outcome["how"] == OPEN:
            self.most = min(self.most, _bound(outcome["bound"]))
        elif outcome["how"] == RELAXED and not rules:
            self.relaxed = min(self.relaxed, _bound(outcome["bound"]))
            self.bound = min(self.bound, self.relaxed)
            self.most = min(self.most, _bound(outcome["everything"]))
            self.gains = dict(outcome["gains"])
        elif outcome["how"] == RELAXED:
            for rule, bound, same in zip(outcome["rules"], outcome["bounds"], outcome["same"], strict=True):
                self._tighten(frozenset([rule]), _bound(bound))
                self.same |= {rule} if same else set()
        else:
            self.sets = [(frozenset(ids), score) for ids, score in zip(outcome["sets"], outcome["scores"], strict=True)]

    def _learn_whole(self, rules: Rules, outcome: Mapping[str, Any]) -> None:
        score, bound = outcome["score"], -math.inf if outcome["impossible"] else _bound(outcome["bound"])
        if not rules:
            self.impossible = self.impossible or bool(outcome["impossible"])
            self.bound = min(self.bound, bound)
            self.reach(score)
        else:
            self.reach(outcome.get("as_it_is"))
            self._tighten(rules, bound)
            if score is not None:
                self.scores[rules] = max(score, self.scores.get(rules, -math.inf))

    def reach(self, score: float | None) -> None:
        """Take the score of a verified plan as it is."""
        if score is not None:
            self.score = max(score, -math.inf if self.score is None else self.score)

    def _tighten(self, rules: Rules, bound: float) -> None:
        self.bounds[rules] = min(bound, self.bounds.get(rules, math.inf))

    def bound_of(self, rules: Rules) -> float:
        """No plan has more with the rules loosened, nor with these and others."""
        return min(self.most, *(bound for made, bound in self.bounds.items() if rules <= made), math.inf)

    def score_of(self, rules: Rules) -> float | None:
        """The score of the best plan with the rules loosened, or some of them; None where none of these was solved."""
        return max((score for made, score in self.scores.items() if made <= rules), default=None)

    def price(self, rules: Collection[str]) -> Price:
        """What is certain of the gain of some rules."""
        key, unit, low = frozenset(rules), self.judge.unit, self.score or 0.0
        high = max(self.bound, low)
        found = self.score_of(key)
        least = 0.0 if found is None else max(0.0, found - high)
        most = max(0.0, self.bound_of(key) - low, least)
        if len(key) == 1 and key <= self.same:
            least = most = 0.0
        more = None if found is None else max(0.0, found - low)
        made = [one for one in self.judge.concessions if one.id in key]
        return Price(
            tuple(one.id for one in made),
            tuple(one.change for one in made),
            tuple(one.asked for one in made),
            self._in_unit(least) / unit,
            None if math.isinf(most) else self._in_unit(most) / unit,
            self.judge.aim,
            " ".join(one.rule.sentence for one in made),
            self.apart(key) if len(made) > 1 else None,
            None if more is None else self._in_unit(more) / unit,
        )

    def _in_unit(self, gain: float) -> float:
        return 0.0 if gain <= SAME * max(1.0, abs(self.score or 0.0)) else gain

    def apart(self, rules: Rules) -> float | None:
        """What the parts of a set gain at most: its rules one by one, or one of them and the others together, where these are known."""
        splits: list[list[Rules]] = [[frozenset([rule]) for rule in rules]]
        larger = [frozenset(rest) for rest in itertools.combinations(sorted(rules), len(rules) - 1) if len(rest) > 1]
        splits += [[rest, rules - rest] for rest in larger if rest in self.bounds]
        totals = []
        for parts in splits:
            mosts = [self.price(part).gain_at_most for part in parts]
            if None in mosts:
                return None
            totals.append(math.fsum(most for most in mosts if most is not None))
        return max(totals)

    def is_more(self, rules: Rules) -> bool:
        """Whether a set gains, for certain, more than its parts."""
        price = self.price(rules)
        return price.alone is not None and price.gain_at_least > price.alone + SAME * max(1.0, price.gain_at_least)

    def all(self) -> tuple[Price, ...]:
        """Every rule, and the sets that gain more than their parts: those first that gain most for certain."""
        if self.score is None:
            return ()
        singles = [self.price([one.id]) for one in self.judge.concessions]
        sets = [self.price(rules) for rules in self.scores if 1 < len(rules) <= MOST_TOGETHER and self.is_more(rules)]
        return tuple(
            sorted(
                [*singles, *sets],
                key=lambda one: (-one.gain_at_least, -(one.gain_found or 0.0), -_bound(one.gain_at_most), one.rules),
            )
        )


def _bound(number: float | None) -> float:
    return math.inf if number is None else number
