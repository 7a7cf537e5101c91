"""The runs of prices on the runner of studies: the instance as it is, each rule loosened, and the sets that the search over concessions meets.

What runs follow depends on the records of those before, never on who worked or how quickly: a resumed search goes the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypedDict, Unpack

from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.interrupts import keep, listening
from optimizer.plan.plan import Plan
from optimizer.studies.hand import Care
from optimizer.studies.pool import Pool, as_pool
from optimizer.studies.pooled import PooledPlan, Trial, unpacked
from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.runner import Pace, Report, Workload, ignore
from optimizer.studies.running import Begun, begin_with, must_be_known
from optimizer.studies.study import Study, Variant
from optimizer.studies.why.judge import Judge
from optimizer.studies.why.pricer import (
    FEW,
    MODULE,
    MOST_TOGETHER,
    OPEN,
    RELAXED,
    ROUGH,
    SETS,
    WHOLE,
    Pricer,
    PriceSetup,
    one_step_each,
)
from optimizer.studies.why.prices import TITLE, Known, Price, Priced, Rules, table_of
from optimizer.studies.workers import Workers

FIRST_SHARE: Final = 0.2
"""The share of the time for the plan of a large instance as it is."""
SECONDS: Final = 60.0
"""The longest that a set of rules of a large instance is solved in whole units, and how long where nobody asks for an end."""
LEAST_SECONDS: Final = 10.0
GROUP: Final = 24
"""So many rules that seem to gain nothing are relaxed together at first; of the others a few, one by one."""
LONG: Final = 1e6
QUICK_SECONDS = 10.0
"""What is likely to take less altogether is worked off in this process: starting others would take longer."""
AS_IT_IS, RELAXED_AS_IT_IS, EVERYTHING, SEARCH, FIRST = range(5)
"""The numbers of runs. Those of single rules follow from FIRST on, then those of groups, then those of sets."""


def question_of(instance: Instance, scenario: str | None, seed: int, start: str, sets: Iterable[Rules]) -> Question:
    """The study behind prices: what must be the same for it to be resumed. Its time is not: more of it may be given."""
    given = [sorted(rules) for rules in sets]
    about = hashlib.sha256(json.dumps([start, given]).encode()).hexdigest()
    study = Study("prices", scenario=scenario, design="rows", rows=((about,),), solver_seed=seed)
    return Question(study, (instance,))


@dataclass
class Pricing:
    """The search for prices. `start`: a packed plan, or blank; `until`: when the time is over, by the clock of the day."""

    judge: Judge
    begun: Begun
    start: str = ""
    until: float | None = None
    sets: Sequence[Rules] = ()
    known: Known = field(init=False)
    interrupted: bool = False

    def __post_init__(self) -> None:
        self.known = Known(self.judge)
        self.question, self.workers = self.begun.question, self.begun.workers
        self.records, self.plans = self.begun.records, self.begun.before
        for record in self.records.values():
            self.known.learn(record)
        self.large = self.judge.is_large
        self.quick = not self.large and QUICK_SECONDS > 0.0
        self.rules = [one.id for one in self.judge.concessions]

    def begin(self, plan: Plan | None) -> None:
        """Take up the plan to start from, or a better one of the pool, as far as half the time allows."""
        if plan is not None and plan.has_plan:
            self.know(plan)
        if not self.plans:
            return
        judge, given = self.judge, [unpacked(packed) for packed in (self.start, *self.plans) if packed]
        trial = Trial(judge.instance, judge.scenario, judge.aims)
        if self.start:
            # It counts, however short the time is.
            trial.tried(given[0])
        found = trial.best(given, None if self.until is None else self._left() / 2)
        if found is not None:
            self.start = found.pooled.packed
            self.known.reach(judge.score(found.evaluation))

    def keep_found(self) -> None:
        """The best plan that was found, which keeps every rule, joins the pool; one that was found with a rule loosened counts as well."""
        worth = {run: found for run, record in self.records.items() if (found := _worth(record)) is not None}
        best = max(worth, key=lambda run: (worth[run], -run), default=None)
        self.begun.keep([] if best is None else [self.records[best]])

    def know(self, plan: Plan) -> None:
        """Take a plan of the instance as it is where it keeps every rule; and the bound that was proven with it, where it is of this very question."""
        judge = self.judge
        found = judge.check(judge.instance, plan)
        if found.holds:
            self.known.reach(judge.score(found))
        first = plan.aims.iloc[0] if len(plan.aims) else None
        same = plan.instance.hash == self.question.first.hash and plan.scenario == judge.scenario
        if first is None or not same or plan.changes or len(judge.aims) > 1 or first["name"] != judge.aims[0].name:
            return
        if not math.isnan(first["bound"]):
            self.known.bound = min(self.known.bound, judge.as_score(float(first["bound"])))

    def run(self) -> Priced:
        """All that is found in time; Ctrl-C ends it, and keeps what is known."""
        with contextlib.suppress(KeyboardInterrupt):
            self.interrupted = True
            self._run()
            self.interrupted = False
        return Priced(self.known.all(), self._termination(), tuple(self._warnings()))

    def _warnings(self) -> Iterator[str]:
        """A sentence per run that failed."""
        for run in sorted(self.records):
            outcome = self.records[run].outcome
            if outcome.get("termination") == "failed":
                yield f"Failed: {outcome['reason']}"

    def _termination(self) -> str:
        if self.known.impossible:
            return "infeasible"
        if self.interrupted:
            return "interrupted"
        if self.known.score is None:
            return "none_found"
        exact = all(one.gain_at_most == one.gain_at_least for one in self.known.all())
        return "optimal" if exact else "feasible"

    def _run(self) -> None:
        first = self._left() * FIRST_SHARE
        as_it_is = self._whole(AS_IT_IS, (), min(first, 2 * SECONDS))
        knows = self.known.score is not None
        if self.large:
            self._wave([*([] if knows else [as_it_is]), self._variant(RELAXED_AS_IT_IS, RELAXED, ())])
        else:
            begun = time.monotonic()
            self._wave([as_it_is, self._variant(EVERYTHING, OPEN, self.rules)])
            self.quick = self.quick and (time.monotonic() - begun) * len(self.rules) < QUICK_SECONDS
        if self.known.score is None or not self.rules:
            return
        singles = [self._whole(FIRST + index, (rule,)) for index, rule in enumerate(self.rules)]
        if not self.large:
            self._wave([self._variant(SEARCH, SETS, ()), *singles])
            self._wave(self._of_sets(rules for rules in self._candidates() if self._may_be_more(rules)))
            self._wave(self._of_sets(self._parts()))
            return
        self._wave(self._groups())
        self._wave(self._shared([*([as_it_is] if knows else []), *self._ordered(singles)]))

    def _left(self) -> float:
        return math.inf if self.until is None else self.until - time.time()

    def _variant(self, run: int, how: str, rules: Collection[str], seconds: float | None = None) -> Variant:
        limit = None if seconds is None or math.isinf(seconds) else seconds
        return Variant(run, " and ".join(rules) or "as it is", 0, (how, json.dumps(list(rules)), limit))

    def _whole(self, run: int, rules: Collection[str], seconds: float | None = None) -> Variant:
        return self._variant(run, WHOLE, rules, seconds if self.large else None)

    def _groups(self) -> list[Variant]:
        """The rules by relaxation. First those that seem to gain nothing at the prices of the relaxation as it is: many are settled at once.

        Those that are lifted come last: they change what there is to decide, and their relaxations take longest.
        """
        gains, lifted = self.known.gains, {one.id for one in self.judge.concessions if one.step is None}
        ordered = sorted(self.rules, key=lambda rule: -gains.get(rule, 0.0))
        stepped = [rule for rule in ordered if rule not in lifted]
        many = [rule for rule in stepped if gains.get(rule, 0.0) <= 0.0]
        groups = [many[at : at + GROUP] for at in range(0, len(many), GROUP)]
        for rules in (
            [rule for rule in stepped if rule not in set(many)],
            [rule for rule in ordered if rule in lifted],
        ):
            groups += [rules[at : at + FEW] for at in range(0, len(rules), FEW)]
        number = FIRST + len(self.rules)
        return [self._variant(number + place, RELAXED, group) for place, group in enumerate(groups)]

    def _ordered(self, singles: Sequence[Variant]) -> list[Variant]:
        """What to solve in whole units: rules by the width of what is open, sets after the first of them, and those last that the relaxation settles."""
        known, close = self.known, ROUGH * max(1.0, abs(self.known.relaxed))
        width = {frozenset([rule]): known.bound_of(frozenset([rule])) for rule in self.rules}
        ranked = sorted(
            (one for one in singles if not self._rules(one) <= known.same), key=lambda one: -width[self._rules(one)]
        )
        wide = [one for one in ranked if width[self._rules(one)] > known.relaxed + close]
        settled = [one for one in ranked if one not in wide] if self.until is not None else []
        sets = self._of_sets(self._candidates())
        return [*wide[:FEW], *sets, *wide[FEW:], *settled]

    def _rules(self, variant: Variant) -> Rules:
        return frozenset(json.loads(str(variant.inputs[1])))

    def _shared(self, variants: Sequence[Variant]) -> list[Variant]:
        """The same runs with the seconds that each may take."""
        each = SECONDS
        if self.until is not None:
            each = min(SECONDS, max(LEAST_SECONDS, self._left() * self.workers.jobs / max(1, len(variants))))
        return [replace(one, inputs=(*one.inputs[:2], each)) for one in variants]

    def _candidates(self) -> list[Rules]:
        """The sets that were named, and those that the search has met."""
        rules = set(self.rules)
        named = [one for one in self.sets if 1 < len(one) <= MOST_TOGETHER and one <= rules]
        return list(dict.fromkeys([*named, *(one for one, _ in self.known.sets)]))

    def _may_be_more(self, rules: Rules) -> bool:
        """Whether a set may gain more than its rules one by one."""
        met = dict(self.known.sets).get(rules)
        apart = self.known.apart(rules)
        return apart is None or met is None or met - (self.known.score or 0.0) > apart * self.judge.unit

    def _parts(self) -> list[Rules]:
        """The pairs within the triples that gain more than their rules one by one: a triple may be a pair, and a rule beside it."""
        triples = [rules for rules in self.known.scores if len(rules) == MOST_TOGETHER and self.known.is_more(rules)]
        pairs = [rules - {rule} for rules in triples for rule in sorted(rules)]
        return [pair for pair in dict.fromkeys(pairs) if pair not in self.known.scores]

    def _of_sets(self, sets: Iterable[Rules]) -> list[Variant]:
        """A run per set; its number is the set's own, whatever the order."""
        place = {rule: index for index, rule in enumerate(self.rules)}
        width = len(self.rules)
        found = []
        for rules in sets:
            number = 0
            for index in sorted(place[rule] for rule in rules):
                number = number * (width + 1) + index + 1
            found.append(self._whole(FIRST + 2 * width + number, sorted(rules, key=place.__getitem__)))
        return found

    def _wave(self, variants: Sequence[Variant]) -> None:
        """Work off what is not done; every finished run is at once on the disk."""
        done = self.records
        left = [one for one in variants if one.run not in done or done[one.run].outcome.get("cut")]
        if not left or self._left() <= 0.0:
            return
        longest = max((float(str(one.inputs[2])) if one.inputs[2] is not None else LONG for one in left), default=LONG)
        study = replace(self.question.study, time_limit=min(longest, LONG))
        setup = PriceSetup(self.question.sources, study, self.plans, self.until)
        workers = replace(self.workers, take=self._take)
        total = sum(run >= 0 for run in done) + len(left)
        if not self.quick and (workers.jobs > 1 or workers.dask is not None):
            workers.work_off(Workload(setup, [(one,) for one in left], {}, self.start), total)
            return
        pricer, pace = Pricer(setup), Pace(total, total - len(left))
        for variant in left:
            record = pricer.answer(variant, self.start)
            self._take(record)
            workers.report(pace.count(record))
            if pricer.interrupted:
                raise KeyboardInterrupt

    def _take(self, record: Record) -> None:
        if record.outcome.get("nothing"):
            return
        self.records[record.run] = record
        self.known.learn(record)
        self.workers.take(record)


class Options(TypedDict, total=False):
    """How prices are searched for. `jobs`: worker processes on this machine (2); `dask`: address of a Dask scheduler that is used instead; `out`: folder
    for the journal of finished runs and prices.csv; `resume`: go on with the search in `out`; `progress`: called after every run; `pool`: plans that are
    known, or their folder.
    """

    jobs: int
    dask: str | None
    out: str | Path | None
    resume: bool
    progress: Report
    pool: Pool | str | Path | None


def prices(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    start: Plan | None = None,
    sets: Iterable[Collection[str]] = (),
    time_limit: float | None = None,
    seed: int = 0,
    **options: Unpack[Options],
) -> tuple[Price, ...]:
    """What each rule that bends costs the first aim by itself, and sets of rules that cost more together than their parts.

    Args:
        instance: what the planner filled in, or its path.
        scenario: name of a scenario; None takes the conditions' defaults.
        start: a plan, from which every run begins.
        sets: sets of two or three rules to price, such as those on a curve of concessions; of a small instance, others are searched for.
        time_limit: wall-clock seconds; rules that are not reached by then have a wide interval.
        seed: of the solver.
        **options: `jobs` (worker processes, 2), `dask` (address of a scheduler that is used instead), `out` (a folder to which every finished run
            is written at once, and prices.csv), `resume` (go on with the search in `out`), `progress` (called after every run), `pool` (plans that are
            known, or their folder: every run begins from the best of them, and the best that is found as it is joins them).

    Returns:
        Intervals, the largest certain gain first; empty where there is no plan as it is. Ctrl-C ends the search; what is known by then is returned.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        NothingToCompare: the first aim compares with another plan.
        FileExistsError: `out` holds something already, and `resume` is false; or another search.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    return priced(instance, scenario, start=start, sets=sets, time_limit=time_limit, seed=seed, **options).prices


def priced(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    start: Plan | None = None,
    sets: Iterable[Collection[str]] = (),
    time_limit: float | None = None,
    seed: int = 0,
    **options: Unpack[Options],
) -> Priced:
    """As `prices`, with how the search ended."""
    must_be_known("prices", options, Options)
    until = None if time_limit is None else time.time() + time_limit
    with listening():
        given = as_instance(instance, impossible=True)
        judge = one_step_each(Judge(given, scenario, seed=seed))
        begin = "" if start is None or not start.has_plan else PooledPlan.of(start).packed
        named = [frozenset(rules) for rules in sets]
        question = question_of(given, scenario, seed, begin, named)
        pool, resume, care = as_pool(options.get("pool")), options.get("resume", False), Care(module=MODULE)
        workers = Workers(options.get("jobs", 2), options.get("dask"), care, options.get("progress", ignore))
        with begin_with(question, "prices", workers, options.get("out"), resume=resume, pool=pool) as begun:
            pricing = Pricing(judge, begun, begin, until, named)
            pricing.begin(start)
            found = pricing.run()
            keep()
            pricing.keep_found()
            if begun.folder is not None and found.prices:
                about = {"termination": found.termination, "terminations": {found.termination: 1}}
                begun.folder.close_with({"prices": table_of(found.prices)}, {"prices": TITLE}, found.warnings, about)
        return found


def _worth(record: Record) -> float | None:
    """The score, in the instance as it is, of the plan that a run has found; None where it has none that keeps every rule."""
    if not record.start or record.run < 0:
        return None
    found = record.outcome["score"] if not record.outcome["rules"] else record.outcome["as_it_is"]
    return None if found is None else float(found)
