"""A line of a large model by itself: what it gets where only its own post and what must be are looked at, and what bounds it whatever the rest does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from optimizer.model.assemble import Built
from optimizer.model.linear import FloatArray, Objective
from optimizer.solving.highs.lp import Mask
from optimizer.solving.relaxing import alone, bound_of_part, obliged

LONGEST_SECONDS: Final = 6.0
"""The longest that one solve of a part may take."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What a line can get: the values of all columns of the best plan found (None: none), and no plan has more than `bound`.

    `turn`: the number of the turn in which it was last looked at, in which it is not asked again.
    """

    values: FloatArray | None
    bound: float
    turn: int = 0


@dataclass(frozen=True)
class Apart:
    """The lines of a large model, each by itself."""

    built: Built

    @cached_property
    def _obliged(self) -> Mask:
        """Columns of the posts that cannot be empty, and those that belong to no post."""
        linear = self.built.linear
        if linear.places is None:
            return np.ones(len(linear.lower), dtype=np.bool_)
        posts = np.unique(linear.places.post[obliged(linear)])
        found: Mask = np.isin(linear.places.post, [-1, *posts.tolist()])
        return found

    def part(self, line: str) -> Mask:
        """The columns that a question about a line looks at: those of its post, and what must be whatever the aim is."""
        places, situation = self.built.linear.places, self.built.assembly.situation
        if places is None:
            return self._obliged
        here: Mask = places.post == list(situation.posts).index(situation.lines[line].post)
        return self._obliged | here

    def witness(
        self, line: str, lower: FloatArray, objective: Objective, start: FloatArray, seconds: float
    ) -> FloatArray | None:
        """A plan in which a line gets as much as possible of an objective on its columns and nothing else is used; None where none is found.

        Args:
            line: the line.
            lower: bounds of the columns from below.
            objective: on columns of the line, to be maximised.
            start: a value per column; NaN where nothing is said.
            seconds: of wall time.
        """
        model = replace(self.built.linear, lower=lower)
        return alone(model, self.part(line), start, objective, min(LONGEST_SECONDS, max(0.05, seconds)))

    def bound(self, line: str, lower: FloatArray, objective: Objective, seconds: float) -> float:
        """No plan has more of an objective, worth about 1 a period, on columns of a line."""
        model = replace(self.built.linear, lower=lower)
        return bound_of_part(model, self.part(line), objective, min(LONGEST_SECONDS, max(0.05, seconds)))
