"""The rules of a situation that bind nations: limits, participation, links, support."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.selectors import Selector
from optimizer.instance.situation.selection import Selection


@dataclass(frozen=True)
class Limit:
    """A cap or floor on a measure over a selection, in the periods of its window in which its condition is true.

    `source`: table and key of the input row. `rules`: ids of the rules that it states, one for the floor and one for the cap.
    """

    name: str
    measure: str
    per: str
    minimum: float | None
    maximum: float | None
    selection: Selection
    periods: tuple[int, ...]
    source: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fund:
    """A payer that takes over up to `share` of what the selected services cost, in some periods; at most `maximum` (million) in all.

    `selection` names every nation that it may pay, which its payer is never among. `payer` is a nation of the coalition, or somebody outside it.
    """

    name: str
    payer: str
    selection: Selection
    periods: frozenset[int]
    share: float
    maximum: float | None

    @property
    def recipients(self) -> frozenset[str]:
        """The nations that it may pay."""
        return self.selection.nations or frozenset()


@dataclass(frozen=True)
class PairRules:
    """What the table `participation` says of a nation at a post.

    `min_stay` in periods. `contingent_rule`, `stay_rule`: ids of the rules that state the contingent and the stay.
    """

    cost: float = 0.0
    min_contingent: float | None = None
    may_lead: bool = False
    contingent_rule: str = ""
    min_stay: int | None = None
    stay_rule: str = ""


@dataclass(frozen=True)
class Link:
    """One nation's participation depends on others': kind needs, excludes or at_least (`count` of `others`)."""

    name: str
    kind: str
    nation: str
    others: tuple[str, ...]
    count: int
    selection: Selection


@dataclass(frozen=True)
class Enabler:
    """Support per person deployed: `per_personnel` of `capability` in each post, area or mission (`scope`)."""

    name: str
    capability: str
    per_personnel: float
    scope: str
    applies_to: Selector
    hard: bool
