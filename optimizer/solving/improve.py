"""Better plans by fix-and-optimise: free the units of a few places, keep the rest of the best plan, solve that exactly, repeat.

A *move* frees the units of some posts, missions, nations or periods (or a mixture). Moves that gained more per second are chosen more
often; a move that is solved to the end without gain grows, one that runs out of time shrinks. The plan never gets worse.

Before the moves: the linear relaxation, whose prices prove a bound and guide the *priced sweep*, a plan built anew post by post
where each pays for what it takes from the others; then all places at once, with the units that the relaxation and the plan use (both
only where the plan is far from the bound); each post alone, before the relaxation where that takes long; and passes over single
periods, nations and missions. From the relaxation on every kind of move has three *reaches*: all units; *near*, those that lose least
at the prices; *lean*, those that the relaxation uses. The fewer units, the more places a move reaches over. What the plan uses is free
in each. Measured against HiGHS alone in `docs/design/008-improvement.md`; the sizes come from there.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import highspy
import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective, Places
from optimizer.solving.highs import SETTLE_SECONDS, Mask, lp_of, quiet, ran
from optimizer.solving.prices import Matrix, Relaxation, charged, costs_of, earned_at, relaxation_of
from optimizer.solving.solution import is_better

# How long the solve of a single place may take, and `larger` times as long that of a move at first: this long, or a second for so many
# columns of the largest post.
SUB_SECONDS = 2.0
COLUMNS_PER_SECOND = 1000
# How many units a move frees at first (times `larger`), and the longest window of a move by posts and periods.
MOVE_UNITS = 600
WINDOW = 4
# How a kind of move grows: solved without gain within this share of its limit, or later; and shrinks: out of time without gain.
QUICK_SHARE = 0.2
GROWTH_QUICK = 1.5
GROWTH = 1.15
SHRINKING = 0.85
# After so many moves in a row of which none closed this share of the gap to the bound, moves become larger and longer.
PATIENCE = 8
IDLE_SHARE = 5e-3
LARGER = 1.5
LONGEST_SUB_SECONDS = 15.0
# The share of moves whose kind is drawn evenly, whatever the kinds have gained.
EXPLORE = 0.3
# The gap of a move, and of single posts and periods, where the last bit costs more than it brings.
SUB_GAP = 1e-4
PASS_GAP = 5e-4
# The limit of a single place is at least this share of what the relaxation took: where that is slow, they are.
SHARE_OF_RELAXATION = 0.3
# The longest that interior point may take for the relaxation after the opening, in seconds and as a share of the search's limit.
RELAXATION_SECONDS = 120.0
RELAXATION_SHARE = 0.3
# Where interior point ends in this time (on M in 2, on Paris in 2 to 4 seconds) the relaxation comes before all else.
QUICK_RELAXATION_SECONDS = 5.0
# From so many non-zeros on interior point takes too long (one and a half to over two minutes for two million). There a first-order method solves
# the relaxation beside the moves, with one tolerance after the other.
FIRST_ORDER_NONZEROS = 600_000
FIRST_ORDER_TOLERANCES = (1e-2, 1e-3)
FIRST_ORDER_SECONDS = 600.0
# How much of a unit the relaxation must use for lean moves to free it, and how many times as many near ones free.
USED = 1e-3
NEAR_TIMES = 4.0
# The longest window of a move by nations and periods.
NATIONS_WINDOW = 3
# The passes by reach are repeated while a round gains more than this share of the gap that it leaves.
ROUND_SHARE = 0.1
# The pass over single periods ends after so many in a row that gained nothing.
IDLE_PERIODS = 2
# All places at once, lean, may take so many seconds, but not more than half of what a search has left (5 to 8 s are needed on M and Paris,
# twice that on a slower machine, and cut off there may be nothing), to this gap (and are left out below it): passes are quicker from there.
ALL_SECONDS = 30.0
ALL_GAP = 5e-2
# The gap of the posts of a priced sweep, and the gap to the proven bound below which no plan is built anew.
SWEEP_GAP = 5e-3
SWEEP_ABOVE = 0.03
# How closely continuous values are derived from whole numbers, the second where the first finds none.
DERIVED_TOLERANCES = (1e-9, 1e-7)
# From so many seconds of work on it is known what share of a processor a search has.
LEAST_WORK = 0.02
_FEASIBLE = 1e-6
_ROUNDING = 1e-12
_HAS_PLAN = highspy.SolutionStatus.kSolutionStatusFeasible

Reach = Literal["all", "near", "lean"]


@dataclass(frozen=True, eq=False)
class Better:
    """A better plan: its values, its worth (maximised), the move that found it, and seconds since the start."""

    values: FloatArray
    worth: float
    move: str
    seconds: float


Witness = Literal["prices", "outline", "HiGHS anew"]


@dataclass(frozen=True, eq=False)
class Proven:
    """No plan is worth more than `bound` (maximised), and who says so; found `seconds` after the start, from a relaxation where one is given."""

    bound: float
    seconds: float
    by: Witness
    relaxation: Relaxation | None = None


@dataclass(frozen=True)
class Doubtful:
    """What this witness has proven cannot be believed: none of its bounds is to be used."""

    by: Witness


@dataclass(frozen=True)
class Ready:
    """The opening is over and no finer relaxation follows, or what was to be proven is: from now on there are moves only."""


@dataclass
class _Move:
    """A kind of neighbourhood with its present size and its record."""

    name: str
    size: float
    largest: float
    reach: Reach = "all"
    gain: float = 1.0
    tried: int = 0

    @property
    def title(self) -> str:
        """What better plans say of the move that found them."""
        return self.name if self.reach == "all" else f"{self.name}, {self.reach}"

    def resize(self, factor: float) -> None:
        """Larger or smaller by a factor, within what there is."""
        self.size = min(self.largest, max(1.0, self.size * factor))

    def learn(self, rate: float) -> None:
        """Remember what a try has gained per second."""
        self.gain = 0.7 * self.gain + 0.3 * rate if self.tried else rate
        self.tried += 1


@dataclass
class _Course:
    """One search: the best plan, its worth, the clock and the limits."""

    objective: Objective
    best: FloatArray
    seconds: float | None
    iterations: int | None
    stop: Callable[[], bool]
    pace: Callable[[], float] = lambda: 1.0
    done: int = 0
    # The finest that is known.
    relaxation: Relaxation | None = None
    # Whether the pass over single posts has begun.
    opened: bool = False

    def __post_init__(self) -> None:
        self.begun = time.monotonic()
        self.worth = self.objective.at(self.best)

    def over(self) -> bool:
        """Whether a limit is reached."""
        late = self.seconds is not None and time.monotonic() - self.begun >= self.seconds
        return late or (self.iterations is not None and self.done >= self.iterations) or self.stop()

    def left(self, most: float) -> float:
        """Seconds of wall time for a solve that may take so many at most (of work, where that is what counts)."""
        longest = most * self.pace()
        if self.seconds is None:
            return longest
        return max(0.05, min(longest, self.seconds - (time.monotonic() - self.begun)))

    def take(self, plan: FloatArray | None, move: str) -> Iterator[Better]:
        """Keep a plan where it is better, and tell."""
        worth = float("-inf") if plan is None else self.objective.at(plan)
        if plan is not None and is_better(worth, self.worth):
            self.best, self.worth = plan, worth
            yield Better(plan, worth, move, time.monotonic() - self.begun)

    def gap(self) -> float:
        """What the best plan may still gain; 0 where no bound is known."""
        return 0.0 if self.relaxation is None else max(0.0, self.relaxation.bound - self.worth)


class _Relaxations:
    """The linear relaxation, solved to one tolerance after the other: `beside` what else goes on, or when it is asked for.

    `early`: seconds for an attempt before all else; 0: none.
    """

    def __init__(
        self,
        solve: Callable[[float, float], Relaxation | None],
        tolerances: Sequence[float],
        *,
        early: float = 0.0,
        beside: bool = False,
    ) -> None:
        self._solve, self._left, self._early = solve, list(tolerances), early
        self._found: queue.SimpleQueue[Relaxation] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._solve_all, daemon=True) if beside else None
        if self._thread is not None:
            self._thread.start()

    def _solve_all(self) -> None:
        while self._left and (found := self._solve(self._left.pop(0), float("inf"))) is not None:
            self._found.put(found)

    def arrived(self) -> bool:
        """Whether one that was solved beside waits to be taken."""
        return not self._found.empty()

    def early(self) -> Relaxation | None:
        """The first, where a short attempt finds it; None: `next` has it later."""
        if self._thread is not None or not self._left or self._early == 0.0:
            return None
        found = self._solve(self._left[0], self._early)
        if found is not None or self._early == float("inf"):
            del self._left[0]
        return found

    def next(self) -> Relaxation | None:
        """The next one; None where there is none (yet)."""
        if self._thread is not None:
            return self._found.get() if self.arrived() else None
        return self._solve(self._left.pop(0), float("inf")) if self._left else None

    def exhausted(self) -> bool:
        """Whether no more will come."""
        running = bool(self._left) if self._thread is None else self._thread.is_alive()
        return not running and not self.arrived()


@dataclass
class Improver:
    """Improves plans of one model. `extra` are rows that must hold besides the model's (floors of earlier levels).

    `larger`: how much larger and longer moves begin. `by_work`: the limits of single solves are seconds of work of this thread, not of wall
    time: a busy machine takes longer for each and cuts none off.

    With `iterations` and `node_limit` instead of clocks the course is the same on every machine for the same seed.
    """

    model: LinearModel
    places: Places
    seed: int = 0
    sub_seconds: float = SUB_SECONDS
    larger: float = 1.0
    node_limit: int | None = None
    extra: list[tuple[IntArray, FloatArray, float, float]] = field(default_factory=list)
    by_work: bool = False

    def __post_init__(self) -> None:
        # Wall time and work of all solves so far, in seconds.
        self._wall = self._work = 0.0
        self._random = np.random.default_rng(self.seed)
        places = self.places
        self._posts = np.unique(places.post[places.units])
        self._missions = np.unique(places.mission_of_post[self._posts])
        self._nations = np.unique(places.nation[places.units])
        self._periods = np.unique(places.period[places.units])
        largest = np.bincount(places.post[places.post >= 0]).max(initial=0)
        self.sub_seconds = min(LONGEST_SUB_SECONDS, max(self.sub_seconds, float(largest) / COLUMNS_PER_SECOND))
        self._matrix: Matrix | None = None
        # What moves of a reach may free besides what the plan uses, once the relaxation is known.
        self._reached: dict[Reach, Mask] = {}
        self._units = places.units & self.model.integer
        self._moves = self._kinds("all")

    def _kinds(self, reach: Reach) -> list[_Move]:
        """The kinds of moves of one reach, each as large as frees so many units."""
        posts, nations, periods = len(self._posts), len(self._nations), len(self._periods)
        units = self.places.units & self._reached[reach] if reach in self._reached else self.places.units
        per_unit = self.larger * MOVE_UNITS / max(1, int(units.sum()))

        def kind(name: str, things: int, share: float = 1.0) -> _Move:
            return _Move(name, float(np.clip(things * per_unit / share, 1.0, things)), things, reach)

        kinds = [kind("posts", posts), kind("nations", nations)]
        if 1 < len(self._missions) < posts:
            kinds.append(kind("missions", len(self._missions)))
        if periods > 1:
            kinds.append(kind("periods", periods))
            kinds.append(kind("posts and periods", posts, self._window_size / periods))
            if nations > 3:
                kinds.append(kind("nations and periods", nations, (1 + NATIONS_WINDOW) / 2 / periods))
        if posts > 3 and nations > 3:
            kinds.append(kind("posts and nations", posts, 0.5))
        return kinds

    @property
    def _window_size(self) -> int:
        return min(WINDOW, max(2, (len(self._periods) + 1) // 2))

    def pace(self) -> float:
        """Seconds of wall time that a second of work has taken so far; 1 where wall time is what counts, or too little is known."""
        known = self.by_work and self._work > LEAST_WORK
        return max(1.0, self._wall / self._work) if known else 1.0

    @property
    def places_once(self) -> int:
        """How many solves look at each post, mission and period once."""
        return len(self._posts) + len(self._missions) + len(self._periods)

    def add_row(self, columns: IntArray, values: FloatArray, lower: float, upper: float) -> None:
        """A further row that every plan keeps."""
        self.extra.append((columns, values, lower, upper))
        self._matrix = None

    def improve(
        self,
        plan: FloatArray,
        objective: Objective,
        *,
        seconds: float | None = None,
        iterations: int | None = None,
        relax: bool = True,
        relaxation: Relaxation | None = None,
        stop: Callable[[], bool] = lambda: False,
        news: Callable[[], FloatArray | None] = lambda: None,
    ) -> Iterator[Better | Proven | Ready]:
        """Yield better and better plans, the bound of the relaxation once it is known, and that others may join in.

        Args:
            plan: a feasible plan, a value per column.
            objective: to be maximised.
            seconds: wall-clock limit; None: none.
            iterations: number of moves; None: no limit.
            relax: whether the linear relaxation is solved, for a bound and for prices.
            relaxation: the relaxation where it is known already: the plan has been through the opening, and the moves begin.
            stop: asked between moves.
            news: asked between moves for a plan from elsewhere.
        """
        course = _Course(objective, plan, seconds, iterations, stop, self.pace)
        solved_here = relax and relaxation is None
        relaxations = self._relaxations(objective, seconds) if solved_here else _Relaxations(lambda *_: None, ())

        def heard() -> Iterator[Better | Proven]:
            if relaxations.arrived():
                yield from self._by_prices(course, relaxations.next(), plan, heard)
            yield from self._between(course, news())

        if relaxation is None:
            if not course.over():
                yield from self._by_prices(course, relaxations.early(), plan, heard)
            if not course.opened:
                yield from self._post_by_post(course, relaxations.arrived)
            if course.relaxation is None and not course.over():
                yield from self._by_prices(course, relaxations.next(), plan, heard)
            if course.relaxation is None:
                yield from self._period_by_period(course, relaxations.arrived)
            yield from self._mission_by_mission(course, relaxations.arrived)
        else:
            self._guide(course, relaxation)
        idle, told = 0, relaxation is not None
        limit = min(LONGEST_SUB_SECONDS, self.larger * self.sub_seconds)
        while not course.over():
            yield from self._by_prices(course, relaxations.next(), plan, heard)
            if not told and course.relaxation is not None and relaxations.exhausted():
                told = True
                yield Ready()
            if not course.over():
                yield from self._between(course, news())
            if course.over():
                return
            course.done += 1
            move = self._choose()
            clock, before, hardly = time.monotonic(), course.worth, IDLE_SHARE * course.gap()
            found = self._solve(self._free(move, course), course.best, objective, course.left(limit))
            # Where nodes and not clocks limit the moves, nothing may depend on how fast the machine is.
            spent = 1.0 if self.node_limit is not None else max(1e-3, (time.monotonic() - clock) / self.pace())
            yield from course.take(None if found is None else found[0], move.title)
            gained = course.worth - before
            move.learn(gained / max(1e-9, abs(before)) / spent)
            if gained <= 0:
                quick = self.node_limit is None and spent < QUICK_SHARE * limit
                finished = found is not None and found[2]
                move.resize((GROWTH_QUICK if quick else GROWTH) if finished else SHRINKING)
            idle = 0 if gained > hardly else idle + 1
            if idle >= PATIENCE and limit < LONGEST_SUB_SECONDS:
                idle, limit = 0, min(LONGEST_SUB_SECONDS, LARGER * limit)
                for kind in self._moves:
                    kind.resize(LARGER)

    def _post_by_post(self, course: _Course, enough: Callable[[], bool] = lambda: False) -> Iterator[Better]:
        """Each post once, alone, the most promising first."""
        course.opened = True
        weight = np.abs(costs_of(course.objective, len(self.model.lower)))
        for post in sorted(self._posts, key=lambda post: -float(weight[self.places.post == post].sum())):
            if course.over() or enough():
                return
            yield from self._once(course, self._mask(posts=np.array([post])), "one post")

    def _mission_by_mission(self, course: _Course, enough: Callable[[], bool]) -> Iterator[Better]:
        """Each mission with several posts once, all of them together: what one is mounted for may stand in another."""
        for mission in self._missions:
            posts = self._posts_of(np.array([mission]))
            if course.over() or enough():
                return
            if 1 < len(posts) < len(self._posts):
                yield from self._once(course, self._within("lean", self._mask(posts=posts), course.best), "one mission")

    def _period_by_period(
        self,
        course: _Course,
        enough: Callable[[], bool] = lambda: False,
        heard: Callable[[], Iterator[Better | Proven]] = lambda: iter(()),
    ) -> Iterator[Better | Proven]:
        """Each period once, alone, until some in a row gain nothing. `heard`: as in `_by_reach`."""
        if len(self._periods) < 2 or len(self._posts) < 2:
            return
        idle = 0
        for period in self._periods:
            if course.over() or enough() or idle == IDLE_PERIODS:
                return
            before = course.worth
            free = self._within("lean", self._mask(periods=np.array([period])), course.best)
            yield from self._once(course, free, "one period")
            idle = 0 if course.worth > before else idle + 1
            yield from heard()

    def _by_reach(self, course: _Course, heard: Callable[[], Iterator[Better | Proven]]) -> Iterator[Better | Proven]:
        """Each period, each nation and each period again, with more and more of what the relaxation's prices call good.

        `heard`: asked after each solve for what came meanwhile.
        """
        yield from self._period_by_period(course, heard=heard)
        passes = (("nations", self._nations, "one nation"), ("periods", self._periods, "one period, near"))
        for kind, places, move in passes:
            for place in places if len(places) > 1 else ():
                if course.over():
                    return
                free = self._mask(**{kind: np.array([place])})
                yield from self._once(course, self._within("near", free, course.best), move)
                yield from heard()

    def _once(
        self, course: _Course, free: Mask, move: str, *, seconds: float | None = None, gap: float = PASS_GAP
    ) -> Iterator[Better]:
        """One solve of a pass over single places, or of all, which may take longer (`seconds`)."""
        course.done += 1
        limit = course.left(self.sub_seconds) if seconds is None else seconds
        found = self._solve(free, course.best, course.objective, limit, gap=gap)
        yield from course.take(None if found is None else found[0], move)

    def _by_prices(
        self,
        course: _Course,
        relaxation: Relaxation | None,
        plan: FloatArray,
        heard: Callable[[], Iterator[Better | Proven]],
    ) -> Iterator[Better | Proven]:
        """The bound of a new relaxation; with the first, a sweep at its prices and all places at once (where the best plan is far), and passes by reach."""
        if relaxation is None:
            return
        yield Proven(relaxation.bound, time.monotonic() - course.begun, "prices", relaxation)
        if not self._guide(course, relaxation):
            return
        before = course.worth
        if self._is_far(course, SWEEP_ABOVE):
            yield from self._priced_sweep(plan, course, relaxation)
        # What a first-order method uses are too many units at once.
        if relaxation.exact and self._is_far(course, ALL_GAP) and not course.over():
            free = self._within("lean", self._mask(), course.best)
            yield from self._once(
                course, free, "all places, lean", seconds=course.left(2 * ALL_SECONDS) / 2, gap=ALL_GAP
            )
        if course.worth > before or not course.opened:
            yield from self._post_by_post(course)
        while not course.over():
            before = course.worth
            yield from self._by_reach(course, heard)
            if course.worth - before <= ROUND_SHARE * course.gap():
                break

    def _is_far(self, course: _Course, share: float) -> bool:
        """Whether the best plan is farther from the bound than a share of its worth."""
        return course.gap() > share * abs(course.worth)

    def _guide(self, course: _Course, relaxation: Relaxation) -> bool:
        """Moves of all reaches from now on, or by a better relaxation than before; returns whether it is the first."""
        first, course.relaxation = not self._reached, relaxation
        used = (relaxation.plan > USED) & self._units
        others = np.flatnonzero(self._units & ~used)
        loss = -earned_at(self.all_rows(), course.objective, relaxation.prices, len(used))[others]
        near = used.copy()
        near[others[np.argsort(loss, kind="stable")[: int((NEAR_TIMES - 1.0) * used.sum())]]] = True
        self._reached = {"lean": used | ~self._units, "near": near | ~self._units}
        if first:
            self._moves += [*self._kinds("near"), *self._kinds("lean")]
        return first

    def _between(self, course: _Course, other: FloatArray | None) -> Iterator[Better]:
        """The best that two plans make together: what both have is kept, where they differ is free."""
        if other is None:
            return
        mine = course.best
        for _ in course.take(other, "elsewhere"):
            pass
        differ = np.abs(mine - other) > 0.5
        if course.over() or not (differ & self._units).any():
            return
        course.done += 1
        found = self._solve(differ | ~self._units, course.best, course.objective, course.left(self.sub_seconds))
        yield from course.take(None if found is None else found[0], "between plans")

    def _relaxations(self, objective: Objective, seconds: float | None) -> _Relaxations:
        clocked = self.node_limit is None
        everything = np.ones(len(self.model.lower), dtype=np.bool_)
        rows = self.all_rows()
        large = len(rows.values) >= FIRST_ORDER_NONZEROS
        # Beside the moves only where nobody waits for their end: the process that improves without a limit simply dies.
        beside = large and clocked and seconds is None
        most = FIRST_ORDER_SECONDS if beside else RELAXATION_SECONDS
        if seconds is not None:
            most = min(most, RELAXATION_SHARE * seconds)

        def solve(tolerance: float, longest: float) -> Relaxation | None:
            lp, _ = self._sub_model(everything, np.zeros(len(everything)), objective)
            lp.integrality_ = []
            begun = time.monotonic()
            limit = min(most, longest * self.pace()) if clocked else float("inf")
            found = relaxation_of(lp, rows, self.model, objective, limit, tolerance if large else None)
            if clocked and not large:
                spent = time.monotonic() - begun
                self.sub_seconds = min(LONGEST_SUB_SECONDS, max(self.sub_seconds, SHARE_OF_RELAXATION * spent))
            return found

        # Without a clock one attempt is enough; of a short search the second attempt is the longer one by too little.
        early = QUICK_RELAXATION_SECONDS if most > QUICK_RELAXATION_SECONDS else 0.0
        tolerances = FIRST_ORDER_TOLERANCES if large else (0.0,)
        return _Relaxations(solve, tolerances, early=early if clocked else float("inf"), beside=beside)

    def _priced_sweep(
        self,
        plan: FloatArray,
        course: _Course,
        relaxation: Relaxation,
    ) -> Iterator[Better]:
        """A plan built post by post at the prices of the relaxation, the post that earns most first; told as it grows.

        `plan`: what it begins with where something is a must; else with nobody deployed.
        """
        priced = charged(self.all_rows(), course.objective, relaxation.prices, self.places.post)
        earned = priced.values * relaxation.plan
        nothing = nothing_at_all(self.model)
        built = nothing if self.keeps(nothing) else plan
        for post in sorted(self._posts, key=lambda post: -float(earned[self.places.post == post].sum())):
            if course.over():
                break
            # What follows makes up for what is quick here: all places at once, or each post alone.
            free = self._within("lean", self._mask(posts=np.array([post])), built)
            limit = course.left(min(LONGEST_SUB_SECONDS, 2.0 * self.sub_seconds))
            found = self._solve(free, built, priced, limit, gap=SWEEP_GAP)
            # An equally good one is not derived anew, and leaves the next post the errors of tolerances.
            if found is not None and is_better(found[1], priced.at(built)):
                built = found[0]
                yield from course.take(built, "priced sweep")

    def _mask(
        self,
        posts: IntArray | None = None,
        nations: IntArray | None = None,
        periods: IntArray | None = None,
    ) -> Mask:
        """Columns that are free: those of the places named; columns without a place are always free."""
        free = np.ones(len(self.model.lower), dtype=np.bool_)
        places = self.places
        areas = None if posts is None else places.area_of_post[posts]
        around = ((posts, places.post), (nations, places.nation), (periods, places.period), (areas, places.area))
        for chosen, place in around:
            if chosen is not None:
                free &= (place < 0) | np.isin(place, chosen)
        return free

    def _choose(self) -> _Move:
        gains = np.array([move.gain for move in self._moves])
        weights = (
            EXPLORE / len(gains) + (1.0 - EXPLORE) * gains / gains.sum() if gains.sum() > 0 else np.ones(len(gains))
        )
        return self._moves[int(self._random.choice(len(gains), p=weights / weights.sum()))]

    def _free(self, move: _Move, course: _Course) -> Mask:
        return self._within(move.reach, self._around(move, course), course.best)

    def _within(self, reach: Reach, free: Mask, plan: FloatArray) -> Mask:
        """Less those units that are neither within reach nor used by the plan; all where no relaxation is known."""
        return free & (self._reached[reach] | (plan > 0.5)) if reach in self._reached else free

    def _around(self, move: _Move, course: _Course) -> Mask:
        size, plan, objective = max(1, round(move.size)), course.best, course.objective
        if move.name == "posts":
            return self._mask(posts=self._pick_posts(size, plan, objective))
        if move.name == "missions":
            return self._mask(posts=self._posts_of(self._pick(self._missions, size)))
        if move.name == "nations":
            return self._mask(nations=self._pick(self._nations, size))
        if move.name == "periods":
            return self._mask(periods=self._window(size))
        if move.name == "posts and periods":
            window = self._window(self._window_size)
            return self._mask(posts=self._pick_posts(size, plan, objective), periods=window)
        if move.name == "nations and periods":
            window = self._window(int(self._random.integers(1, NATIONS_WINDOW + 1)))
            return self._mask(nations=self._pick(self._nations, size), periods=window)
        half = max(1, (len(self._nations) + 1) // 2)
        return self._mask(posts=self._pick_posts(size, plan, objective), nations=self._pick(self._nations, half))

    def _posts_of(self, missions: IntArray) -> IntArray:
        return self._posts[np.isin(self.places.mission_of_post[self._posts], missions)]

    def _pick(self, things: IntArray, size: int) -> IntArray:
        return self._random.choice(things, min(size, len(things)), replace=False)

    def _pick_posts(self, size: int, plan: FloatArray, objective: Objective) -> IntArray:
        """Posts at random, those with more still to gain (against their bounds) more often."""
        room = np.where(objective.values > 0, self.model.upper[objective.columns], self.model.lower[objective.columns])
        room = np.where(np.isfinite(room), room - plan[objective.columns], 0.0) * objective.values
        open_ = np.array(
            [max(0.0, float(room[self.places.post[objective.columns] == post].sum())) for post in self._posts]
        )
        even = np.full(len(open_), 1.0 / len(open_))
        weights = 0.3 * even + 0.7 * (open_ / open_.sum() if open_.sum() > 0 else even)
        return self._random.choice(self._posts, min(size, len(self._posts)), replace=False, p=weights / weights.sum())

    def _window(self, size: int) -> IntArray:
        size = min(size, len(self._periods))
        first = int(self._random.integers(0, len(self._periods) - size + 1))
        return self._periods[first : first + size]

    def _solve(
        self,
        free: Mask,
        plan: FloatArray,
        objective: Objective,
        seconds: float,
        *,
        gap: float = SUB_GAP,
    ) -> tuple[FloatArray, float, bool] | None:
        """The best plan with everything but the free columns kept: its values, worth, and whether that is proven."""
        lp, columns = self._sub_model(free, plan, objective)
        if not len(columns):
            return None
        solver = quiet()
        solver.setOptionValue("random_seed", int(self._random.integers(0, 2**31 - 1)))
        solver.setOptionValue("mip_rel_gap", gap)
        if self.node_limit is None:
            solver.setOptionValue("time_limit", seconds)
        else:
            solver.setOptionValue("mip_max_nodes", self.node_limit)
        if solver.passModel(lp) == highspy.HighsStatus.kError:
            return None
        start = highspy.HighsSolution()
        start.col_value = plan[columns].tolist()
        solver.setSolution(start)
        if not self._ran(solver) or solver.getInfo().primal_solution_status != _HAS_PLAN:
            return None
        values = plan.copy()
        values[columns] = np.asarray(solver.getSolution().col_value)
        whole = self.model.integer
        values[whole] = np.rint(values[whole]) + 0.0
        values = np.clip(values, self.model.lower, self.model.upper)
        done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if not whole[columns].all() and is_better(objective.at(values), objective.at(plan)):
            derived = _derived(solver, whole[columns], values[columns])
            if derived is not None:
                values[columns] = derived
                values = np.clip(values, self.model.lower, self.model.upper)
        return (values, objective.at(values), done) if self.keeps(values) else None

    def _ran(self, solver: highspy.Highs) -> bool:
        """Run a solve, and remember what share of a processor it has had."""
        wall, work = time.monotonic(), time.thread_time()
        try:
            return ran(solver)
        finally:
            self._wall += time.monotonic() - wall
            self._work += time.thread_time() - work

    def all_rows(self) -> Matrix:
        """The rows of the model, those that were added last."""
        if self._matrix is None:
            model = self.model
            rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
            parts = [(rows, model.row_columns, model.row_values)]
            parts += [
                (np.full(len(columns), len(model.row_lower) + number), columns, values)
                for number, (columns, values, _, _) in enumerate(self.extra)
            ]
            self._matrix = Matrix(
                np.concatenate([part[0] for part in parts]),
                np.concatenate([part[1] for part in parts]),
                np.concatenate([part[2] for part in parts]),
                np.concatenate([model.row_lower, [row[2] for row in self.extra]]),
                np.concatenate([model.row_upper, [row[3] for row in self.extra]]),
            )
        return self._matrix

    def keeps(self, values: FloatArray) -> bool:
        """Whether values keep every row, relative to its side where that is above 1."""
        matrix = self.all_rows()
        activity, lower, upper = matrix.times(values), matrix.lower, matrix.upper
        below = lower - activity > _FEASIBLE * np.fmax(1.0, np.where(np.isfinite(lower), np.abs(lower), 1.0))
        above = activity - upper > _FEASIBLE * np.fmax(1.0, np.where(np.isfinite(upper), np.abs(upper), 1.0))
        return not (below.any() or above.any())

    def _sub_model(self, free: Mask, plan: FloatArray, objective: Objective) -> tuple[highspy.HighsLp, IntArray]:
        """The model of the free columns alone, the others at their values in the plan."""
        model, known = self.model, self.all_rows()
        rows, columns, coefficients, lower, upper = known.rows, known.columns, known.values, known.lower, known.upper
        is_free = free[columns]
        fixed = np.bincount(
            rows[~is_free], weights=coefficients[~is_free] * plan[columns[~is_free]], minlength=len(lower)
        )
        counts = np.bincount(rows[is_free], minlength=len(lower))
        kept = np.flatnonzero(counts)
        chosen = np.flatnonzero(free)
        number = np.full(len(free), -1, dtype=np.int64)
        number[chosen] = np.arange(len(chosen))
        row_number = np.full(len(lower), -1, dtype=np.int64)
        row_number[kept] = np.arange(len(kept))
        costs = costs_of(objective, len(free))
        # Rows that only the kept part decides are as the plan has them; rounding must not make them look broken.
        slack = _ROUNDING * np.fmax(1.0, np.abs(fixed[kept]))
        lp = lp_of(
            costs[chosen],
            objective.constant + float(costs[~free] @ plan[~free]),
            (model.lower[chosen], model.upper[chosen]),
            (lower[kept] - fixed[kept] - slack, upper[kept] - fixed[kept] + slack),
            (row_number[rows[is_free]], number[columns[is_free]], coefficients[is_free]),
            model.integer[chosen],
        )
        return lp, chosen


def _derived(solver: highspy.Highs, whole: Mask, values: FloatArray) -> FloatArray | None:
    """The values with the continuous ones derived again from the rounded whole numbers; None where HiGHS finds none.

    Without this the errors of tolerances add up from move to move, until what is kept leaves the next move nothing.
    """
    numbers = np.flatnonzero(whole).astype(np.int32)
    solver.changeColsBounds(len(numbers), numbers, values[whole], values[whole])
    solver.setOptionValue("solve_relaxation", True)
    for tolerance in DERIVED_TOLERANCES:
        solver.setOptionValue("primal_feasibility_tolerance", tolerance)
        # HiGHS counts the time of LPs over all runs of one object.
        solver.setOptionValue("time_limit", solver.getRunTime() + SETTLE_SECONDS)
        if ran(solver) and solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            derived = np.asarray(solver.getSolution().col_value)
            derived[whole] = values[whole]
            return derived
    return None


def nothing_at_all(model: LinearModel) -> FloatArray:
    """Every column as near to zero as its bounds allow: nobody deploys. A plan where nothing is a must."""
    return np.clip(np.zeros(len(model.lower)), model.lower, model.upper)


def completed(model: LinearModel, start: FloatArray, objective: Objective, seconds: float = 10.0) -> FloatArray | None:
    """The best plan (by an objective, maximised) that agrees with a start wherever the start says something (not NaN).

    None when there is none, or when the start leaves nothing open.
    """
    free = np.isnan(start)
    if not free.any():
        return None
    values = np.where(free, nothing_at_all(model), np.where(model.integer, np.rint(start), start))
    values = np.clip(values, model.lower, model.upper)
    width = len(model.lower)
    unplaced = np.full(width, -1, dtype=np.int64)
    places = Places(unplaced, unplaced, unplaced, unplaced, unplaced[:0], unplaced[:0], np.zeros(width, dtype=np.bool_))
    improver = Improver(model, places)
    found = improver._solve(free, values, objective, seconds)
    return None if found is None else found[0]
