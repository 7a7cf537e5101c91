"""The ledger: every case once, with what is known of the best possible value of its first aim, kept between runs.

A record is a file under the publication's folder in `runs/`, named by the key of the case (instance and scenario); a case whose record has
had its seconds is not searched again. All plans go into one pool. `settle` tries every plan in every case by the verifier's arithmetic, and
lets values travel to cases that are known to be looser, and bounds to those that are tighter; after that, a case has one value, wherever it is named.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.extraction import versions
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.plan.plan import Ending, Plan
from optimizer.reporting.text import write_atomically
from optimizer.solving.highs.lp import versions as solver_versions
from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import relax
from optimizer.studies.pool import Pool, PooledPlan, Trial
from optimizer.studies.pooling import solve_with
from publications.paris.cases import Case, Variant, shipped, variant_of
from publications.paris.fitting import Fitting
from publications.paris.looser import looser_than
from publications.paris.processes import mapped
from publications.paris.sentences import is_blank
from publications.paris.setup import BASE, PLAN

GAP: Final = 0.002
"""Relative gap at which a search of the first aim ends before its time."""
RELAXING: Final = 240.0
"""Seconds at most for a relaxation, which takes 2 on an idle core."""
ROUNDING: Final = 1e-6
SAME: Final = 0.01
"""What a plan of all aims may give up of the first one."""
INDEX: Final = "asked.json"
LEAST: Final = 4.0
"""A search of fewer seconds is not begun where a plan is known: it would hardly find a better one."""
PROOF: Final = 30.0
"""Seconds at least for a case whose relaxation has no plan: that there is none is believed when the solver has said so twice."""
BEGINNING: Final = 8.0
"""Seconds for what is left of the base plan."""
FIRST: Final = frozenset({BASE, PLAN})
RECENT: Final = 6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Entry:
    """What is known of a case. `value`: at least so much, by the plan `plan` (key in the pool); `bound`: no plan has more.

    `relaxation`: the bound of the linear relaxation alone; `searched`: what the case's own search has proven. `seconds`: of search so far.
    `ended`: optimal, feasible, infeasible, none_found, bounded (never searched), or invalid (no instance; `reason` says why).
    """

    case: str
    key: str
    instance: str
    scenario: str
    seconds: float
    ended: str
    value: float | None = None
    bound: float | None = None
    relaxation: float | None = None
    searched: float | None = None
    plan: str = ""
    tried: int = 0
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a plan may exist."""
        return self.ended not in {"infeasible", "invalid"}


@dataclass
class Ledger:
    """The entries under a folder, by case, and the pool of plans beside them."""

    folder: Path
    budget: float = 1.0
    say: Say = print
    entries: dict[str, Entry] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    pool: Pool = field(init=False)
    _last: list[str] = field(default_factory=list)
    _tried_to_begin: set[str] = field(default_factory=set)
    _plans: dict[Entry, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pool = pool_of(str(self.folder))

    def know(self, cases: Iterable[Case]) -> None:
        """Bound and search the cases that have not had their seconds yet."""
        listed = list(cases)
        index = self._index()
        asked = {case.name: asked_as(case) for case in listed}
        new = [case for case in listed if asked[case.name] not in index]
        orders = [(case, str(self.folder)) for case in new]
        for case, entry in zip(new, mapped(first_entry, orders), strict=True):
            self.entries[case.name] = entry
            index[asked[case.name]] = entry.key
        write_atomically(self.folder / INDEX, (json.dumps(index, indent=0) + "\n").encode())
        for case in listed:
            self.cases[case.name] = case
            if case not in new:
                self.entries[case.name] = first_entry((case, str(self.folder)), index[asked[case.name]])
        first = [case for case in listed if case.name in FIRST]
        for case in first:
            self.entries[case.name] = self._known(case, self.entries[case.name])
        self._begin(listed)
        for case in listed:
            if case not in first:
                self.entries[case.name] = self._known(case, self.entries[case.name])

    def recall(self, published: Iterable[tuple[Case, Mapping[str, Any]]]) -> None:
        """Know cases as rows of a published table say, whose plans are in the pool, without making anything again.

        Raises:
            ValueError: the tables of a case have changed since.
        """
        keys = {plan.key[:16]: plan.key for plan in self.pool.plans()}
        for case, row in published:
            key = row["key"] if row["ended"] == "invalid" else variant_of(case).key
            if key != row["key"]:
                raise ValueError(f"{case.name}: published as {row['key']}, made again as {key}")
            value, bound, relaxation = (
                None if is_blank(row[end]) else float(row[end]) for end in ("at_least", "at_most", "relaxation")
            )
            plan = "" if is_blank(row["plan"]) else keys[row["plan"]]
            instance, reason = ("" if is_blank(row[name]) else row[name] for name in ("instance_hash", "reason"))
            about = (case.name, key, instance, case.scenario or "", float(row["seconds"]), row["ended"])
            known = Entry(*about, value=value, bound=bound, relaxation=relaxation, plan=plan, reason=reason)
            self.entries[case.name], self.cases[case.name] = known, case

    def _begin(self, cases: Iterable[Case]) -> None:
        """Cases that are to be searched and have no plan yet get what is left of the base plan, several at a time."""
        base = self.entries[BASE].plan if BASE in self.entries else ""
        orders = [
            (case, self.entries[case.name], str(self.folder), base)
            for case in cases
            if base and case.seconds and self.entries[case.name].is_open and not self.entries[case.name].plan
        ]
        for entry in mapped(begun, [order for order in orders if order[1].key not in self._tried_to_begin]):
            self.entries[entry.case] = entry
            self._tried_to_begin.add(entry.key)
            write_entry(self.folder, entry)

    def _index(self) -> dict[str, str]:
        """The keys of cases that were asked before, by how they were asked."""
        path = self.folder / INDEX
        return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}

    def plan(self, case: str) -> Plan:
        """The plan of a case, as the verifier accepts it.

        Raises:
            LookupError: there is none.
        """
        entry = self.entries[case]
        if entry not in self._plans:
            found = next((plan for plan in self.pool.plans() if plan.key == entry.plan), None)
            variant = variant_of(self.cases[case])
            tried = None if found is None else Trial(variant.instance, variant.scenario).tried(found)
            if tried is None:
                raise LookupError(f"no plan is known of the case {case!r}")
            first = tried.evaluation.aims[0]
            proven = ({"name": first.aim.name, "value": first.value, "bound": entry.bound},)
            ending = Ending("feasible", aims=proven, versions={**solver_versions(), **versions()})
            self._plans[entry] = tried.plan(ending)
        return self._plans[entry]

    def _known(self, case: Case, entry: Entry) -> Entry:
        """The entry of a case that has had its seconds."""
        seconds = case.seconds * self.budget
        if case.seconds and entry.bound is None:
            seconds = max(seconds, PROOF)
        enough = entry.seconds >= seconds - 1e-9 or (entry.plan and seconds < LEAST and case.name not in FIRST)
        if not entry.is_open or enough:
            return entry
        begun = time.monotonic()
        entry = self._searched(entry, case, variant_of(case), seconds)
        self._last.append(entry.plan)
        write_entry(self.folder, entry)
        self.say(f"{case.name}: {_shown(entry.value)} to {_shown(entry.bound)} ({time.monotonic() - begun:.0f} s)")
        return entry

    def _searched(self, entry: Entry, case: Case, variant: Variant, seconds: float) -> Entry:
        gap = variant.instance.header.gap if case.every_aim else GAP
        start = self._start(variant)
        near = self._near(entry)
        plan = solve_with(near, variant.instance, variant.scenario, time_limit=seconds, gap=gap, start=start)
        if plan.termination == "interrupted":
            raise KeyboardInterrupt
        if not plan.has_plan:
            return replace(entry, ended=plan.termination, seconds=seconds)
        self.pool.add(plan)
        first = plan.aims.iloc[0]
        searched = None if math.isnan(first["bound"]) else float(first["bound"])
        bounds = [bound for bound in (entry.relaxation, searched) if bound is not None]
        return replace(
            entry,
            ended=plan.termination,
            seconds=seconds,
            value=float(first["value"]),
            bound=min(bounds, default=None),
            searched=searched,
            plan=PooledPlan.of(plan).key,
        )

    def _near(self, entry: Entry) -> Pool:
        """The plans that a search begins with: the case's own, that of the base case, and the last few; `settle` tries all others later."""
        return self.part(
            {entry.plan, *(self.entries[one].plan for one in FIRST & self.entries.keys()), *self._last[-RECENT:]}
        )

    def part(self, keys: Container[str]) -> Pool:
        """Some plans of the pool, by their keys: to try every one of hundreds by the verifier takes minutes."""
        some = Pool()
        for plan in self.pool.plans():
            if plan.key in keys:
                some.add(plan)
        return some

    def _start(self, variant: Variant) -> pd.DataFrame | None:
        """What the base plan sends, as far as its pledges and lines are there: where no plan that is near keeps the rules, it is repaired into one."""
        if BASE not in self.entries or not self.entries[BASE].plan:
            return None
        plan = self.plan(BASE).assignments
        pledges, lines = (
            {row[name] for row in variant.instance.rows(f"{name}s")} for name in ("pledge", "requirement")
        )
        return plan[plan["pledge"].isin(pledges) & plan["requirement"].isin(lines)].reset_index(drop=True)

    def settle(self) -> None:
        """Try every plan of the pool in every case, and let values and bounds travel; afterwards no case is beaten by another's plan."""
        count = len(self.pool.plans())
        self._try({name: None for name, entry in self.entries.items() if entry.is_open and entry.tried < count})
        self._travel()

    def _try(self, keys: Mapping[str, frozenset[str] | None]) -> None:
        """Try some plans in cases, by the name of the case; None: all of the pool."""
        waiting = [(self.cases[name], self.entries[name], str(self.folder), some) for name, some in keys.items()]
        for entry in mapped(tried_again, waiting):
            self.entries[entry.case] = entry
            write_entry(self.folder, entry)

    def _travel(self) -> None:
        """A case has no less than one that is known to be tighter, and no more than one that is known to be looser."""
        names = [name for name, entry in self.entries.items() if entry.is_open]
        looser = dict(zip(names, looser_than([self.cases[name] for name in names]), strict=True))
        better: dict[str, frozenset[str]] = {}
        for name, places in looser.items():
            entry = self.entries[name]
            for loose in (names[place] for place in places):
                # The plan of a case with every aim is one for the later aims; another case's plan of more coverage does not replace it.
                if not self.cases[loose].every_aim and _beats(entry, self.entries[loose]):
                    better[loose] = better.get(loose, frozenset()) | {entry.plan}
        self._try(better)
        for name, places in looser.items():
            entry = self.entries[name]
            known = [self.entries[names[place]].bound for place in places]
            bounds = [bound for bound in (entry.bound, *known) if bound is not None]
            if bounds:
                self.entries[name] = replace(entry, bound=max(min(bounds), entry.value or 0.0))

    def table(self) -> pd.DataFrame:
        """One row per case: what was asked, what is known, and the command that asks it again."""
        return pd.DataFrame([_row(self.cases[name], entry) for name, entry in self.entries.items()])


@lru_cache(maxsize=2)
def pool_of(folder: str) -> Pool:
    """The pool of a ledger's folder: one per process, so that each plan is read once."""
    return Pool(Path(folder) / "pool")


def _beats(one: Entry, other: Entry) -> bool:
    return one.value is not None and (other.value is None or one.value > other.value + ROUNDING)


def asked_as(case: Case) -> str:
    """The same for cases that are asked in the same words of the same tables: what comes out needs not be made again to be known."""
    words = replace(case, name="", says="", seconds=0.0)
    return hashlib.sha256(f"{shipped(case.instance).hash} {words}".encode()).hexdigest()[:16]


def first_entry(order: tuple[Case, str], key: str = "") -> Entry:
    """What the folder knows of a case; where that is nothing, the relaxation alone, which is then known.

    `key`: of the case, where it was asked before.
    """
    case, folder = order
    if key and _path(Path(folder), key).is_file():
        return replace(Entry(**json.loads(_path(Path(folder), key).read_text("utf-8"))), case=case.name)
    try:
        variant = variant_of(case)
    except InvalidInstance as error:
        return Entry(case.name, "", "", case.scenario or "", 0.0, "invalid", reason=error.findings[0].message)
    path = _path(Path(folder), variant.key)
    if path.is_file():
        return replace(Entry(**json.loads(path.read_text("utf-8"))), case=case.name)
    built = build(build_situation(variant.instance, variant.scenario))
    level = built.linear.levels[0]
    found = relax(replace(built.linear, levels=(level,)), objective_of(level), RELAXING)
    bound = None if found is None or not math.isfinite(found.bound) else found.bound
    about = (case.name, variant.key, variant.instance.hash, variant.scenario or "")
    entry = Entry(*about, 0.0, "bounded", bound=bound, relaxation=bound)
    write_entry(Path(folder), entry)
    return entry


def _path(folder: Path, key: str) -> Path:
    return folder / "cases" / f"{key}.json"


def write_entry(folder: Path, entry: Entry) -> None:
    """Keep what is known of a case."""
    write_atomically(_path(folder, entry.key), (json.dumps(asdict(entry), indent=1) + "\n").encode())


def begun(order: tuple[Case, Entry, str, str]) -> Entry:
    """A case with the plan of the base case, where that keeps the rules, or with what is left of it where it does not."""
    case, entry, folder, base = order
    pool = pool_of(folder)
    variant = variant_of(case)
    fitting = Fitting(variant)
    (plan,) = [one for one in pool.plans() if one.key == base]
    there = {row["pledge"] for row in variant.instance.rows("pledges")} >= {row[0] for row in plan.assignments}
    found = plan if there and fitting.may_fit(plan) else fitting.within([plan], BEGINNING)
    tried = None if found is None else Trial(variant.instance, variant.scenario).tried(found)
    if tried is None or found is None:
        return entry
    pool.add(found)
    return replace(entry, ended="feasible", value=tried.evaluation.aims[0].value, plan=found.key)


def tried_again(order: tuple[Case, Entry, str, frozenset[str] | None]) -> Entry:
    """A case with the best of some plans of the pool in a folder, by their keys; None: of all.

    The verifier is asked only about plans that break no row of the model for certain, and that are worth more than what is known.
    """
    case, entry, folder, keys = order
    plans = [plan for plan in pool_of(folder).plans() if keys is None or plan.key in keys]
    if keys is None:
        entry = replace(entry, tried=len(plans))
    variant = variant_of(case)
    trial = Trial(variant.instance, variant.scenario)
    fitting = Fitting(variant)
    there = [plan for plan in plans if fitting.may_fit(plan)]
    worth = [(score[0].value, plan) for plan in there if (score := trial.worth(plan)) is not None]
    least = -math.inf if entry.value is None else entry.value * (1 - SAME) if case.every_aim else entry.value + ROUNDING
    ranked = sorted(worth, key=lambda one: (-one[0], one[1].key))
    left = [plan for value, plan in ranked if value > least]
    first = (found for plan in left if (found := trial.tried(plan)) is not None)
    best = trial.best(left) if case.every_aim else next(first, None)
    if best is None:
        return entry
    ended = "feasible" if entry.ended == "none_found" else entry.ended
    return replace(entry, value=best.evaluation.aims[0].value, plan=best.pooled.key, ended=ended)


def _row(case: Case, entry: Entry) -> dict[str, Any]:
    return {
        "case": case.name,
        "says": case.says,
        "instance": case.instance,
        "scenario": case.scenario or "",
        "changes": case.changes,
        "at_least": _rounded(entry.value),
        "at_most": _rounded(entry.bound),
        "relaxation": _rounded(entry.relaxation),
        "ended": entry.ended,
        "seconds": round(entry.seconds, 1),
        "reason": entry.reason,
        "plan": entry.plan[:16],
        "key": entry.key,
        "instance_hash": entry.instance[:16],
        "command": case.command,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _shown(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"
