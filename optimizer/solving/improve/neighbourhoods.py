"""Neighbourhoods: which columns a move frees. A move frees the units of some posts, missions, nations or periods, or of a mixture.

Every kind of move has three *reaches*: all units; *near*, those that lose least at the prices of the relaxation; *lean*, those that the
relaxation uses. The fewer units, the more posts or nations a move reaches over. What the plan uses is free in each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective, Places
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.spells import Spells, spells_of

# How many units a move frees at first (times `larger`), and the longest window of a move by posts and periods.
MOVE_UNITS = 600
WINDOW = 4
# The longest window of a move by nations and periods.
NATIONS_WINDOW = 3
# The share of moves whose kind is drawn evenly, whatever the kinds have gained.
EXPLORE = 0.3
# How much of a unit the relaxation must use for lean moves to free it, and how many times as many near ones free.
USED = 1e-3
# How much more often a pair is drawn for every spell beyond its first, and how much less one that is not used.
EXCESS = 3.0
UNUSED = 0.2
NEAR_TIMES = 4.0

Reach = Literal["all", "near", "lean"]


@dataclass
class Move:
    """A kind of neighbourhood with its present size and its record."""

    name: str
    size: float
    largest: float
    reach: Reach = "all"
    gain: float = 1.0
    tried: int = 0

    @property
    def title(self) -> str:
        """The name of the move in the reports of better plans."""
        return self.name if self.reach == "all" else f"{self.name}, {self.reach}"

    def resize(self, factor: float) -> None:
        """Larger or smaller by a factor, within what there is."""
        self.size = min(self.largest, max(1.0, self.size * factor))

    def learn(self, rate: float) -> None:
        """Remember what a try has gained per second."""
        self.gain = 0.7 * self.gain + 0.3 * rate if self.tried else rate
        self.tried += 1


@dataclass
class Neighbourhoods:
    """The neighbourhoods of one model. `larger`: how much larger moves begin; `random`: draws kinds and members of moves."""

    model: LinearModel
    places: Places
    random: np.random.Generator
    larger: float = 1.0
    # What moves of a reach may free besides what the plan uses, once the relaxation is known.
    reached: dict[Reach, Mask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = self.places
        self.posts = np.unique(places.post[places.units])
        self.missions = np.unique(places.mission_of_post[self.posts])
        self.nations = np.unique(places.nation[places.units])
        self.periods = np.unique(places.period[places.units])
        self.units: Mask = places.units & self.model.integer
        self.spells = spells_of(self.model)
        self.moves = self._kinds("all")

    def guide(self, plan: FloatArray, earned: FloatArray) -> bool:
        """Moves of all reaches from now on, by a relaxation's plan and reduced costs; returns whether it is the first relaxation."""
        first = not self.reached
        used = (plan > USED) & self.units
        others = np.flatnonzero(self.units & ~used)
        loss = -earned[others]
        near = used.copy()
        near[others[np.argsort(loss, kind="stable")[: int((NEAR_TIMES - 1.0) * used.sum())]]] = True
        self.reached = {"lean": used | ~self.units, "near": near | ~self.units}
        if first:
            self.moves += [*self._kinds("near"), *self._kinds("lean")]
        return first

    def choose(self) -> Move:
        """A kind of move, drawn by what each has gained per second."""
        gains = np.array([move.gain for move in self.moves])
        weights = (
            EXPLORE / len(gains) + (1.0 - EXPLORE) * gains / gains.sum() if gains.sum() > 0 else np.ones(len(gains))
        )
        return self.moves[int(self.random.choice(len(gains), p=weights / weights.sum()))]

    def free(self, move: Move, plan: FloatArray, objective: Objective) -> Mask:
        """The columns that a move frees."""
        return self.within(move.reach, self._around(move, plan, objective), plan)

    def _kinds(self, reach: Reach) -> list[Move]:
        """The kinds of moves of one reach, each as large as frees so many units."""
        posts, nations, periods = len(self.posts), len(self.nations), len(self.periods)
        units = self.places.units & self.reached[reach] if reach in self.reached else self.places.units
        per_unit = self.larger * MOVE_UNITS / max(1, int(units.sum()))

        def kind(name: str, things: int, share: float = 1.0) -> Move:
            return Move(name, float(np.clip(things * per_unit / share, 1.0, things)), things, reach)

        kinds = [kind("posts", posts), kind("nations", nations)]
        if 1 < len(self.missions) < posts:
            kinds.append(kind("missions", len(self.missions)))
        if periods > 1:
            kinds.append(kind("periods", periods))
            kinds.append(kind("posts and periods", posts, self._window_size / periods))
            if nations > 3:
                kinds.append(kind("nations and periods", nations, (1 + NATIONS_WINDOW) / 2 / periods))
        if posts > 3 and nations > 3:
            kinds.append(kind("posts and nations", posts, 0.5))
        if self.spells is not None:
            # Of each pair both the post and the nation are free.
            pairs = len(self.spells.nations)
            both = pairs * (1.0 / posts + 1.0 / nations)
            kinds.append(kind("pairs", pairs, both))
            if periods > 1:
                kinds.append(kind("spells", pairs, both * self._window_size / periods))
        return kinds

    def mask(
        self,
        posts: IntArray | None = None,
        nations: IntArray | None = None,
        periods: IntArray | None = None,
    ) -> Mask:
        """Columns that are free: those of the posts, nations and periods named; columns that belong to none are always free."""
        free = np.ones(len(self.model.lower), dtype=np.bool_)
        places = self.places
        areas = None if posts is None else places.area_of_post[posts]
        around = ((posts, places.post), (nations, places.nation), (periods, places.period), (areas, places.area))
        for chosen, place in around:
            if chosen is not None:
                free &= (place < 0) | np.isin(place, chosen)
        return free

    def within(self, reach: Reach, free: Mask, plan: FloatArray) -> Mask:
        """Less those units that are neither within reach nor used by the plan; all where no relaxation is known."""
        return free & (self.reached[reach] | (plan > 0.5)) if reach in self.reached else free

    def _around(self, move: Move, plan: FloatArray, objective: Objective) -> Mask:
        size = max(1, round(move.size))
        if move.name == "posts":
            return self.mask(posts=self._pick_posts(size, plan, objective))
        if move.name == "missions":
            return self.mask(posts=self.posts_of(self._pick(self.missions, size)))
        if move.name == "nations":
            return self.mask(nations=self._pick(self.nations, size))
        if move.name == "periods":
            return self.mask(periods=self._window(size))
        if move.name == "posts and periods":
            window = self._window(self._window_size)
            return self.mask(posts=self._pick_posts(size, plan, objective), periods=window)
        if move.name == "nations and periods":
            window = self._window(int(self.random.integers(1, NATIONS_WINDOW + 1)))
            return self.mask(nations=self._pick(self.nations, size), periods=window)
        if move.name in ("pairs", "spells") and self.spells is not None:
            return self._around_pairs(size, plan, self.spells, at_edges=move.name == "spells")
        half = max(1, (len(self.nations) + 1) // 2)
        return self.mask(posts=self._pick_posts(size, plan, objective), nations=self._pick(self.nations, half))

    def _around_pairs(self, size: int, plan: FloatArray, spells: Spells, *, at_edges: bool) -> Mask:
        """The posts of some pairs with all who could be there, and their nations wherever they could be.

        Pairs with several spells are drawn more often. `at_edges`: in a window of periods alone, and pairs that come or leave in it.
        """
        weights = 1.0 + EXCESS * np.maximum(0.0, spells.begins(plan).sum(axis=1) - 1.0)
        window = None
        if at_edges:
            window = self._window(self._window_size)
            # What happens in the first period of the window is decided before it.
            inside = np.isin(spells.periods, window[1:] if len(window) > 1 else window)
            edges = spells.edges(plan)[:, inside].any(axis=1)
            weights = weights * np.where(edges, 1.0, 0.0) if edges.any() else weights
        else:
            weights = weights * np.where(spells.there(plan).any(axis=1), 1.0, UNUSED)
        count = min(size, int((weights > 0).sum()))
        chosen = self.random.choice(len(weights), count, replace=False, p=weights / weights.sum())
        posts, nations = np.unique(spells.posts[chosen]), np.unique(spells.nations[chosen])
        return self.mask(posts=posts, periods=window) | self.mask(nations=nations, periods=window)

    def posts_of(self, missions: IntArray) -> IntArray:
        """The posts of some missions."""
        return self.posts[np.isin(self.places.mission_of_post[self.posts], missions)]

    def _pick(self, things: IntArray, size: int) -> IntArray:
        return self.random.choice(things, min(size, len(things)), replace=False)

    def _pick_posts(self, size: int, plan: FloatArray, objective: Objective) -> IntArray:
        """Posts at random, those with more still to gain (against their bounds) more often."""
        room = np.where(objective.values > 0, self.model.upper[objective.columns], self.model.lower[objective.columns])
        room = np.where(np.isfinite(room), room - plan[objective.columns], 0.0) * objective.values
        open_ = np.array(
            [max(0.0, float(room[self.places.post[objective.columns] == post].sum())) for post in self.posts]
        )
        even = np.full(len(open_), 1.0 / len(open_))
        weights = 0.3 * even + 0.7 * (open_ / open_.sum() if open_.sum() > 0 else even)
        return self.random.choice(self.posts, min(size, len(self.posts)), replace=False, p=weights / weights.sum())

    @property
    def _window_size(self) -> int:
        return min(WINDOW, max(2, (len(self.periods) + 1) // 2))

    def _window(self, size: int) -> IntArray:
        size = min(size, len(self.periods))
        first = int(self.random.integers(0, len(self.periods) - size + 1))
        return self.periods[first : first + size]
