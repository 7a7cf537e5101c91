"""The pairs (pledge, line) of a scenario, numbered, and what the rules ask of them as arrays with one entry per pair.

Names are for planners; the rows of large models are written from numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from optimizer.instance.situation import Line, Pair, Pledge, Selection, Situation
from optimizer.model.linear import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
Name = TypeVar("Name")


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs in which a pledge can serve on a line in some period, in canonical order.

    `pledge`, `line`, `nation` and `post` number those of each pair: positions in `pledges`, and in the lines, nations and posts
    of the situation.
    """

    situation: Situation = field(repr=False)
    names: tuple[Pair, ...]
    pledges: tuple[Pledge, ...]
    lines: tuple[Line, ...]
    pledge: IntArray
    line: IntArray
    nation: IntArray
    post: IntArray
    _amounts: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    _taken: dict[Selection, BoolArray] = field(default_factory=dict, repr=False)

    def amounts(self, measure: str) -> FloatArray:
        """A measure for one unit of each pair, present for one period (`lift`, `move_cost`: for one move)."""
        found = self._amounts.get(measure)
        if found is None:
            costs = self.situation.costs
            if measure == "move_cost":
                values = [
                    costs.move(self.pledges[pledge], self.lines[line])
                    for pledge, line in zip(self.pledge.tolist(), self.line.tolist(), strict=True)
                ]
            elif measure == "cost":
                values = [self.situation.measure("cost", pledge, line) for pledge, line in self.names]
            elif measure == "yield":
                values = [self.situation.yield_on(pledge, line) for pledge, line in self.names]
            else:
                first = np.unique(self.pledge, return_index=True)[1]
                values = [self.situation.measure(measure, *self.names[pair]) for pair in first.tolist()]
            array = np.array(values, dtype=np.float64)
            found = array if measure in {"move_cost", "cost", "yield"} else array[self.pledge]
            self._amounts[measure] = found
        return found

    def taken(self, selection: Selection) -> BoolArray:
        """Which pairs a selection takes."""
        # Most rules differ by nation alone: what they ask of units and lines is looked at once.
        kind = replace(selection, nations=None)
        if kind not in self._taken:
            pledges = np.array([kind.takes_pledge(pledge) for pledge in self.pledges], dtype=np.bool_)
            lines = np.array([kind.takes_line(line) for line in self.lines], dtype=np.bool_)
            self._taken[kind] = pledges[self.pledge] & lines[self.line]
        found = self._taken[kind]
        if selection.nations is not None:
            mine = np.array([name in selection.nations for name in self.situation.nations], dtype=np.bool_)
            found = found & mine[self.nation]
        return found


def pairs_of(situation: Situation) -> Pairs:
    """The pairs of a situation."""
    names = tuple(situation.services)
    pledges = tuple(dict.fromkeys(pledge for pledge, _ in names))
    lines = tuple(situation.lines.values())
    pledge_number, line_number = numbers(pledges), numbers(situation.lines)
    nation_number, post_number = numbers(situation.nations), numbers(situation.posts)
    pledge = np.array([pledge_number[name] for name, _ in names], dtype=np.int64)
    line = np.array([line_number[name] for _, name in names], dtype=np.int64)
    nations = np.array([nation_number[situation.pledges[name].nation] for name in pledges], dtype=np.int64)
    posts = np.array([post_number[one.post] for one in lines], dtype=np.int64)
    return Pairs(
        situation,
        names,
        tuple(situation.pledges[name] for name in pledges),
        lines,
        pledge,
        line,
        nations[pledge],
        posts[line],
    )


def numbers(names: Iterable[Name]) -> Mapping[Name, int]:
    """The number of each name."""
    return {name: number for number, name in enumerate(names)}
