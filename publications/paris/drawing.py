"""The draws: what is certain of each case in each of them, kept between runs.

A full search per draw is not affordable. *At least* comes from plans that are tried, and from the best that three of them send together: the
one made half-way between the ends of the ranges, with the rotation of the draw, the one at the hard end, and that of the tables as they
stand; *at most* from the linear relaxation. The first draws are solved so,
as far as claims ask for it. In all later ones, the plans of the first are tried, and the prices of their relaxations bound by weak duality;
what that leaves open of a claim is solved there too, if it is a claim that holds in most of the first. At last, where a claim lacks few
draws to survive, open ones are solved again with more time (`narrow`).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.findings import InvalidInstance
from optimizer.reporting.text import write_atomically
from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import bounded, named_prices, relax
from optimizer.studies.pool import PooledPlan, Trial
from optimizer.studies.pooled import unpacked
from publications.paris.cases import Case, Variant, drawn
from publications.paris.draws import CASES, DRAWS, RANGES, SHARE, Claim, cells_at, halfway, hardest, holds, points, room
from publications.paris.fitting import Fitting
from publications.paris.ledger import RELAXING, Ledger, asked_as, pool_of
from publications.paris.processes import workers
from publications.paris.setup import Setup

BLOCK: Final = 32
"""A power of two, as Sobol points ask for: whole blocks fill the ranges evenly."""
FIRST: Final = 2 * BLOCK
"""Draws whose prices and plans serve the later ones."""
SECONDS: Final = 2400.0
MERGING: Final = 6.0
"""Seconds for the best that some plans send together."""
LONGER: Final = 24.0
"""The same, where a claim lacks few draws."""
NARROWING: Final = 900.0
"""Seconds for such draws."""
BATCH: Final = 8
LOOSER: Final = {"ground-0": "ground-10000", "ground-10000": "base", "base": "ground-64000"}
"""The case that differs in nothing but a higher ceiling."""
Ends = dict[str, float | None]
"""Per case and end (`base at_least`): points."""


@dataclass(frozen=True)
class Order:
    """What all draws are made of: the cases, the claims, and the keys of the plans that are known per case, and per case and rotation."""

    setup: Setup
    cases: Mapping[str, Case]
    claims: tuple[Claim, ...]
    plans: Mapping[str, tuple[str, ...]]
    near: Mapping[tuple[str, float], tuple[str, ...]]
    folder: str

    @property
    def home(self) -> Path:
        """Where the draws are kept."""
        asked = " ".join([str(RANGES), *(asked_as(case) for case in self.cases.values())])
        return Path(self.folder) / "draws" / hashlib.sha256(asked.encode()).hexdigest()[:16]


def run(setup: Setup, ledger: Ledger, claims: Sequence[Claim]) -> pd.DataFrame:
    """Draw after draw, in blocks, until all are there or the time is over; those of earlier runs are kept."""
    order = _order(setup, ledger, claims)
    order.home.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + SECONDS * ledger.budget
    with workers() as there:
        for begin in range(0, DRAWS, BLOCK):
            if time.monotonic() > until:
                break
            new = [draw for draw in range(begin, begin + BLOCK) if not _path(order.home, draw).is_file()]
            list(there.map(_made, [(order, draw) for draw in new]))
            if new:
                ledger.say(f"draws: {begin + BLOCK} of {DRAWS}")
        narrow(order, there, time.monotonic() + NARROWING * ledger.budget, ledger.say)
    return _table(order.home)


def narrow(order: Order, there: Executor, until: float, say: Callable[[str], None]) -> None:
    """Solve open draws again, with more time, for claims that may survive then: the one that lacks fewest, and draws that come nearest, each once."""
    while time.monotonic() < until:
        known = _known(order.home)
        fresh = [number for number, one in enumerate(known) if "again" not in one]
        chances: list[tuple[int, Claim, list[int]]] = []
        for claim in order.claims:
            told = [holds(claim, one["ends"]) for one in known]
            lacks = math.ceil(SHARE * len(known)) - told.count(True)
            near = sorted((-room(claim, known[one]["ends"])[0], one) for one in fresh if told[one] is None)
            if 0 < lacks <= len(near):
                chances.append((lacks, claim, [number for _, number in near[:BATCH]]))
        if not chances:
            return
        lacks, claim, chosen = min(chances, key=lambda one: one[0])
        list(there.map(_again, [(order, number, claim) for number in chosen]))
        say(f"{claim.name} lacked {lacks} draws; solved again: {', '.join(map(str, chosen))}")


def _order(setup: Setup, ledger: Ledger, claims: Sequence[Claim]) -> Order:
    plans: dict[str, tuple[str, ...]] = {}
    near: dict[tuple[str, float], tuple[str, ...]] = {}

    def known(names: Iterable[str]) -> tuple[str, ...]:
        keys = (ledger.entries[one].plan for one in names if one in ledger.entries)
        return tuple(dict.fromkeys(key for key in keys if key))

    for name in CASES:
        hard, middle = hardest(name), halfway(name)
        plans[name] = known([name, hard, *middle.values()])
        near |= {(name, dwell): known([one, name, hard]) for dwell, one in middle.items()}
    cases = {name: ledger.cases[name] for name in CASES}
    return Order(setup, cases, tuple(claims), plans, near, str(ledger.folder))


def _path(home: Path, draw: int) -> Path:
    return home / f"{draw:04d}.json"


@dataclass
class Made:
    """A case in a draw, with what is certain of it, and of the first draws what serves later ones."""

    variant: Variant
    plan: str = ""
    prices: dict[str, float] = field(default_factory=dict)

    @cached_property
    def fitting(self) -> Fitting:
        """Its model."""
        return Fitting(self.variant)

    @cached_property
    def trial(self) -> Trial:
        """Its rules."""
        return Trial(self.variant.instance, self.variant.scenario)

    def first_that_holds(self, plans: Sequence[PooledPlan]) -> tuple[float, PooledPlan] | None:
        """The first of some plans that keeps the rules here, with its value."""
        for plan in plans:
            if self.fitting.may_fit(plan) and (found := self.trial.tried(plan)) is not None:
                return float(found.evaluation.aims[0].value or 0.0), plan
        return None


class Draw:
    """One draw: its cases, made when they are asked for, and the ends known so far."""

    def __init__(self, order: Order, number: int, merging: float = MERGING) -> None:
        self.order, self.number, self.point, self.merging = order, number, points(DRAWS)[number], merging
        self.ends: Ends = {f"{name} {end}": None for name in CASES for end in ("at_least", "at_most")}
        self.cases: dict[str, Made] = {}
        for name, case in order.cases.items():
            try:
                self.cases[name] = Made(drawn(case, cells_at(order.setup, self.point)))
            except InvalidInstance:
                continue

    def learn(self, name: str, end: str, value: float | None) -> None:
        """Keep an end where it says more than what is known; a looser case has no less, a tighter one no more."""
        known = self.ends[f"{name} {end}"]
        if value is None or (known is not None and (value <= known if end == "at_least" else value >= known)):
            return
        self.ends[f"{name} {end}"] = value
        tighter = {loose: tight for tight, loose in LOOSER.items()}
        other = (LOOSER if end == "at_least" else tighter).get(name)
        if other is not None:
            self.learn(other, end, value)

    def try_known(self, first: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Try the plans that are known, and let the prices of the first draws bound."""
        for name, made in self.cases.items():
            near = first.get(name, ())
            known = [one for one in near if one["plan"]]
            ranked = [_plan(one["plan"]) for one in sorted(known, key=lambda one: -one["value"])]
            for plans in (ranked, [_kept(self.order.folder, key) for key in self.order.plans[name]]):
                found = made.first_that_holds(plans)
                self.learn(name, "at_least", None if found is None else found[0])
            prices = [one["prices"] for one in near if one["prices"] and one["dwell"] == self.point["dwell"]]
            if prices:
                linear = made.fitting.built.linear
                self.learn(name, "at_most", bounded(linear, objective_of(linear.levels[0]), prices))

    def solve(self, name: str, end: str) -> None:
        """Solve a case as far as an end asks for it."""
        made = self.cases.get(name)
        if made is None:
            return
        if end == "at_most":
            linear = made.fitting.built.linear
            found = relax(linear, objective_of(linear.levels[0]), RELAXING)
            if found is not None:
                made.prices = named_prices(linear, found)
                self.learn(name, end, found.bound)
            return
        keys = self.order.near[name, self.point["dwell"]]
        left = made.fitting.within([_kept(self.order.folder, key) for key in keys], self.merging) if keys else None
        held = None if left is None else made.first_that_holds([replace(left, flows=())])
        if held is not None:
            made.plan = held[1].packed
            self.learn(name, end, held[0])

    def settle(self, claims: Iterable[Claim], *, first: bool = False) -> None:
        """Solve what claims need in order to hold; `first`: relaxations also where claims are told without, since their prices serve later draws."""
        solved: set[tuple[str, str]] = set()
        for claim in claims:
            for name, end in claim.needs:
                needed = holds(claim, self.ends) is None or (first and end == "at_most")
                if (name, end) not in solved and needed:
                    self.solve(name, end)
                    solved.add((name, end))

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        kept = {"ends": self.ends, "dwell": self.point["dwell"]}
        if self.number >= FIRST:
            return kept
        return kept | {"cases": {name: {"plan": one.plan, "prices": one.prices} for name, one in self.cases.items()}}


def _made(given: tuple[Order, int]) -> None:
    """Make a draw and keep it."""
    order, number = given
    draw = Draw(order, number)
    if number < FIRST:
        draw.try_known({})
        draw.settle(order.claims, first=True)
    else:
        draw.try_known(_first(order.home))
        draw.settle(_worth_solving(order))
    write_atomically(_path(order.home, number), (json.dumps(draw.record()) + "\n").encode())


def _again(given: tuple[Order, int, Claim]) -> None:
    """Solve what a claim needs in a draw, with more time, and keep what is learnt."""
    order, number, claim = given
    path = _path(order.home, number)
    record = json.loads(path.read_text("utf-8"))
    draw = Draw(order, number, LONGER)
    draw.ends |= record["ends"]
    draw.settle([claim])
    write_atomically(path, (json.dumps(record | {"ends": draw.ends, "again": LONGER}) + "\n").encode())


def _worth_solving(order: Order) -> list[Claim]:
    """The claims that hold for certain in most of the first draws: the others would stay open, whatever is solved."""
    ends = [record["ends"] for record in _first_known(order.home)]
    return [claim for claim in order.claims if 2 * sum(holds(claim, one) is True for one in ends) >= FIRST]


@lru_cache(maxsize=1)
def _first_known(home: Path) -> list[dict[str, Any]]:
    """The records of the first draws, read once."""
    return _known(home, FIRST)


@lru_cache(maxsize=1)
def _first(home: Path) -> dict[str, list[dict[str, Any]]]:
    """What the first draws know of each case."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in _first_known(home):
        for name, one in record["cases"].items():
            value = record["ends"][f"{name} at_least"] or 0.0
            found.setdefault(name, []).append({**one, "dwell": record["dwell"], "value": value})
    return found


@lru_cache(maxsize=1024)
def _plan(packed: str) -> PooledPlan:
    return unpacked(packed)


@lru_cache(maxsize=64)
def _kept(folder: str, key: str) -> PooledPlan:
    """A plan of the pool, without its flows: the cheapest are found anew."""
    return replace(next(plan for plan in pool_of(folder).plans() if plan.key == key), flows=())


def _known(home: Path, most: int = DRAWS) -> list[dict[str, Any]]:
    """The records of the draws, up to the first that is not there."""
    paths = itertools.takewhile(Path.is_file, (_path(home, number) for number in range(most)))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def _table(home: Path) -> pd.DataFrame:
    """A row per draw: its inputs, and both ends of each case."""
    found = []
    for number, (point, record) in enumerate(zip(points(DRAWS), _known(home), strict=False)):
        ends = {name: None if value is None else _outward(name, value) for name, value in record["ends"].items()}
        found.append({"draw": number, **point, **ends})
    ends_of = [f"{name} {end}" for name in CASES for end in ("at_least", "at_most")]
    return pd.DataFrame(found, columns=["draw", *(one.name for one in RANGES), *ends_of])


def _outward(end: str, value: float) -> float:
    """An end with four digits, rounded so that it still holds."""
    return (math.floor if end.endswith("at_least") else math.ceil)(value * 1e4) / 1e4
