"""Services (a pledge on a requirement line) side by side, and the selectors that pick some of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.instance.selectors import ANY, Selector, parse_selector
from optimizer.plan.case import Case, Pledge

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

SELECTORS = ("nation", "group", "mission", "area", "host", "unit_type", "tag", "domain", "capability")
"""The columns by which limits, caveats and aims pick services."""


@dataclass(frozen=True)
class Selection:
    """The selectors of one row; those that are not named pick everything."""

    parts: tuple[tuple[str, Selector], ...] = ()

    @classmethod
    def of(cls, cells: Mapping[str, Any]) -> Selection:
        """Read the selector columns of a row; blank and missing ones are left out."""
        parsed = ((name, parse_selector(cells.get(name))) for name in SELECTORS)
        return cls(tuple((name, selector) for name, selector in parsed if not selector.is_any))

    @classmethod
    def exactly(cls, **values: str) -> Selection:
        """Pick one value per selector, whatever characters its name holds."""
        return cls(tuple((name, Selector(frozenset({value}))) for name, value in values.items()))

    @property
    def is_any(self) -> bool:
        """Whether everything is picked."""
        return not self.parts

    def names_only(self, *allowed: str) -> bool:
        """Whether no other selectors than these are used."""
        return all(name in allowed for name, _ in self.parts)

    def part(self, name: str) -> Selector:
        """One of the selectors."""
        return dict(self.parts).get(name, ANY)

    def takes_nation(self, case: Case, nation: str) -> bool:
        """Whether the nation and group selectors pick a nation."""
        groups = case.groups_of.get(nation, frozenset())
        return self.part("nation").matches(nation) and self.part("group").matches_tags(groups)

    def takes_pledge(self, case: Case, pledge: Pledge) -> bool:
        """Whether the selectors of nations and units pick the units of a pledge, wherever they are."""
        return (
            self.takes_nation(case, pledge.nation)
            and self.part("unit_type").matches(pledge.unit_type)
            and self.part("tag").matches_tags(pledge.tags)
            and self.part("domain").matches(pledge.type["domain"])
        )

    def takes_post(self, case: Case, post: tuple[str, str]) -> bool:
        """Whether the mission, area and host selectors pick a post."""
        mission, area = post
        host = case.areas[area]["host"]
        return (
            self.part("mission").matches(mission)
            and self.part("area").matches(area)
            and self.part("host").matches(host)
        )


@dataclass(frozen=True)
class Services:
    """Pairs (pledge, line) and, for each, its nation, post and line by number, and its figures per unit."""

    case: Case = field(repr=False)
    pairs: tuple[tuple[str, str], ...]
    nation: Numbers
    post: Numbers
    line: Numbers
    amount: Floats
    per_unit: Mapping[str, Floats]
    move_cost: Floats
    _codes: Mapping[str, tuple[Sequence[Any], Numbers]] = field(repr=False)
    _masks: dict[tuple[str, Selector], Truths] = field(default_factory=dict, repr=False)

    def mask(self, selection: Selection) -> Truths:
        """Which of the pairs a selection picks."""
        mask = np.ones(len(self.pairs), dtype=bool)
        for part in selection.parts:
            if part not in self._masks:
                self._masks[part] = self._part_mask(*part)
            mask = mask & self._masks[part]
        return mask

    def _part_mask(self, name: str, selector: Selector) -> Truths:
        values, codes = self._codes[name]
        matches: Callable[[Any], bool] = selector.matches_tags if name in {"tag", "group"} else selector.matches
        return np.array([matches(value) for value in values], dtype=bool)[codes]


def _coded(values: Sequence[Hashable]) -> tuple[list[Any], Numbers]:
    number: dict[Hashable, int] = {}
    codes = np.array([number.setdefault(value, len(number)) for value in values], dtype=np.int64)
    return list(number), codes


def services_of(case: Case, pairs: Sequence[tuple[str, str]]) -> Services:
    """Look up nations, posts, lines and figures of known pairs."""
    pledges = [case.pledges[pledge] for pledge, _ in pairs]
    lines = [case.lines[line] for _, line in pairs]
    nations = {name: index for index, name in enumerate(case.nations)}
    posts = {post: index for index, post in enumerate(case.posts)}
    numbers = {name: index for index, name in enumerate(case.lines)}
    costs: dict[tuple[str, tuple[str, str]], tuple[float, float]] = {}
    for pledge, line in zip(pledges, lines, strict=True):
        if (pledge.name, line.post) not in costs:
            costs[pledge.name, line.post] = (case.presence_cost(pledge, line.post), case.move_cost(pledge, line.post))
    cost = [costs[pledge.name, line.post] for pledge, line in zip(pledges, lines, strict=True)]
    per_unit = {
        name: np.array([float(pledge.type[name]) for pledge in pledges], dtype=float)
        for name in ("personnel", "lift", "sustainment", "escalation")
    }
    per_unit["units"] = np.ones(len(pairs))
    per_unit["cost"] = np.array([presence for presence, _ in cost], dtype=float)
    selectable: dict[str, list[Hashable]] = {
        "nation": [pledge.nation for pledge in pledges],
        "group": [case.groups_of[pledge.nation] for pledge in pledges],
        "mission": [line.post[0] for line in lines],
        "area": [line.post[1] for line in lines],
        "host": [case.areas[line.post[1]]["host"] for line in lines],
        "unit_type": [pledge.unit_type for pledge in pledges],
        "tag": [pledge.tags for pledge in pledges],
        "domain": [pledge.type["domain"] for pledge in pledges],
        "capability": [line.capability for line in lines],
    }
    return Services(
        case=case,
        pairs=tuple(pairs),
        nation=np.array([nations[pledge.nation] for pledge in pledges], dtype=np.int64),
        post=np.array([posts[line.post] for line in lines], dtype=np.int64),
        line=np.array([numbers[line.name] for line in lines], dtype=np.int64),
        amount=np.array(
            [case.yields.get((p.unit_type, r.capability), 0.0) for p, r in zip(pledges, lines, strict=True)],
            dtype=float,
        ),
        per_unit=per_unit,
        move_cost=np.array([move for _, move in cost], dtype=float),
        _codes={name: _coded(values) for name, values in selectable.items()},
    )
