"""`withdraw`: what is lost when nations leave, before and after re-planning, for every set of some size or for the worst of all."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Unpack

import pandas as pd

from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from optimizer.studies.carried import DENIED
from optimizer.studies.doubts import MOST_NAMED
from optimizer.studies.hand import Care
from optimizer.studies.pooled import PooledPlan, unpacked
from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.running import Running, begin, must_be_known
from optimizer.studies.study import Study
from optimizer.studies.withdraw.answering import PLAN, VARY, Asked
from optimizer.studies.withdraw.course import Course
from optimizer.studies.withdraw.firm import Firm, firmest
from optimizer.studies.withdraw.indispensable import capabilities, indispensable
from optimizer.studies.withdraw.known import Known, NothingToWithdraw, count_sets, sets_of
from optimizer.studies.withdraw.leaving import Measure, pledging
from optimizer.studies.withdraw.ledger import SAME, Set, room
from optimizer.studies.withdraw.tables import Row, broken_table, closed_table, rows_of, sets_table
from optimizer.studies.withdraw.worst import Worst

MOST_SETS: Final = 600
"""So many sets are each solved; of more, the worst are looked for."""
MOST_OPEN: Final = 100
"""So many sets that may still be the worst are listed, where time was up."""
MOST_SEARCHED: Final = 200_000
"""Among so many sets at most the worst are looked for."""
TITLES: Final = {
    "sets": "What is left when nations leave",
    "closed": "Posts that close when nothing is planned anew",
    "broken": "Other rules that break when nothing is planned anew",
    "indispensable": "Nations that nobody can stand in for",
    "capabilities": "Who can supply each capability",
    "firm": "Plans by what they keep when any one nation leaves",
}
FAULTY: Final = frozenset({"failed", "crashed", "invalid"})
WORKER: Final = "optimizer.studies.withdraw.worker"


@dataclass(frozen=True)
class Withdrawals:
    """What `withdraw` finds. Values are those of the first aim, in its own unit (several aims of the first priority: their weighted sum).

    `rows`: the sets, worst first. `hopeless`: how many sets are proven to leave no plan, which is worst of all. `worst`: the worst of the sets
    that leave a plan leaves at least and at most this (None: nothing is known on that side, or there is no such set). `base`: the same with
    all nations. `searched`: only the worst were looked for; `complete`: no other set can be the worst. `old`: what the plan has of which it
    is asked what is left.
    """

    instance: Instance = field(repr=False)
    scenario: str | None
    study: Study = field(repr=False)
    aim: str
    size: int
    old: float
    base: tuple[float | None, float | None]
    worst: tuple[float | None, float | None]
    hopeless: int
    searched: bool
    complete: bool
    rows: tuple[Row, ...] = field(repr=False)
    sets: pd.DataFrame = field(repr=False)
    closed: pd.DataFrame = field(repr=False)
    broken: pd.DataFrame = field(repr=False)
    indispensable: pd.DataFrame = field(repr=False)
    capabilities: pd.DataFrame = field(repr=False)
    firm: pd.DataFrame = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether it is known what the worst of all sets leaves, but for the gap asked for."""
        least, most = self.worst
        if least is None and most is None and self.complete:
            return True
        room_ = max(self.instance.header.gap, SAME)
        return least is not None and most is not None and abs(most - least) <= room_ * max(1.0, abs(most))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found about the worst, and about plans that keep most, in words."""
        from optimizer.studies.withdraw.words import sentences

        return sentences(self)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {name: getattr(self, name) for name in TITLES}


def withdraw(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    size: int = 1,
    worst: bool = False,
    start: Plan | None = None,
    time_limit: float | None = None,
    **options: Unpack[Running],
) -> Withdrawals:
    """Say what is left when nations leave: of the plan as it is, and of the best plan without them.

    Args:
        instance: an instance, or the path of one.
        scenario: name of a scenario; None takes that of `start`, or the conditions' defaults.
        size: every set of one to so many of the nations that pledge something.
        worst: look for the worst sets of this size only, instead of solving all; so it is done, too, where there are more than 600.
        start: the plan of which is asked what is left; None: one is made.
        time_limit: seconds of wall time for the whole study; None: each solve has the limit of the instance.
        **options: `jobs` (worker processes on this machine, 2), `dask` (address of a Dask scheduler that is used instead), `out` (folder to which every
            finished run is written at once), `resume` (go on with the study in `out`), `report` (called after every run with the progress) and
            `pool` (plans that are known, or their folder: they count wherever they keep the rules, and what is found is added).

    Raises:
        NothingToWithdraw: nobody pledges anything, the first aim compares with another plan, there is no plan at all, `start` is none or
            breaks rules, or there are too many sets.
        ValueError: `size` is below 1.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    must_be_known("withdraw", options, Running)
    if start is not None and not start.has_plan:
        raise NothingToWithdraw(
            "The plan to start from is none: its search ended without a plan. Leave it out, or name another."
        )
    instance = as_instance(instance)
    scenario = start.scenario if scenario is None and start is not None else scenario
    measure, nations = Measure(instance, scenario), pledging(instance)
    size = _checked(size, nations, measure)
    searched = worst or count_sets(len(nations), size) > MOST_SETS
    old = None if start is None else PooledPlan.of(start)
    names = (f"size {size}", "the worst" if searched else "all", "" if old is None else old.key)
    study = Study("withdraw", scenario=scenario, design="rows", vary=VARY, row_names=names)
    question = Question(study, (instance,))
    with begin(question, "withdraw", options, Care(module=WORKER)) as begun:
        course = Course(question, begun.workers, begun.records, time_limit)
        known = Known(instance, scenario, measure, course)
        own = known.begin(_old_plan(course) if old is None else old, map(unpacked, begun.before))
        sets, among = _solved(known, nations, size, searched=searched)
        firm = firmest(known)
        found = _found(known, question, (sets, among), (own, size, searched), firm)
        begun.keep(known.records.values())
        if begun.folder is not None:
            begun.folder.close_with(found.tables, TITLES, found.warnings, _about(found))
    return found


def _checked(size: int, nations: tuple[str, ...], measure: Measure) -> int:
    """The size, no larger than there are nations.

    Raises:
        NothingToWithdraw, ValueError: as `withdraw`.
    """
    if size < 1:
        raise ValueError("The size of a set of nations is at least 1.")
    if not nations:
        raise NothingToWithdraw("No nation pledges anything, so none can leave.")
    if any(aim.name == "changes" for aim in measure.aims):
        raise NothingToWithdraw(
            "The first aim is `changes`, which compares with another plan; this question has none. Put another aim before it in instance.toml."
        )
    size = min(size, len(nations))
    if count_sets(len(nations), size) > MOST_SEARCHED:
        raise NothingToWithdraw(
            f"{len(nations)} nations have {count_sets(len(nations), size):,} sets of at most {size}, more than can be looked at; choose a smaller size."
        )
    return size


def _old_plan(course: Course) -> PooledPlan:
    """The plan of which is asked what is left, where none is given.

    Raises:
        NothingToWithdraw: there is none.
    """
    limit = None if math.isinf(course.left) else max(2.0, course.left / 5)
    (record,) = course.run([(Asked(PLAN, ()), ())], limit)
    if not record.outcome["has_plan"]:
        why = {"infeasible": "no plan keeps all rules (`forcegen explain` names those in conflict)"}
        ended_as = str(record.outcome["termination"])
        ended = why.get(ended_as, record.outcome["reason"])
        raise NothingToWithdraw(f"There is no plan of which something could be left: {ended}.", ended_as)
    return unpacked(record.start)


def _solved(known: Known, nations: tuple[str, ...], size: int, *, searched: bool) -> tuple[list[Set], Worst]:
    """The sets to be listed, and what is known of the worst of all."""
    course = known.course
    if searched:
        among = Worst(known, sets_of(nations, range(1, size + 1)))
        among.search()
        listed = dict.fromkeys([*(out for out in known.records if out), *among.open()[:MOST_OPEN]])
        return list(listed), among
    sets = sets_of(nations, range(1, size + 1))
    left = len(sets) + 1
    rounds: list[list[Set]] = [[()], *([out for out in sets if len(out) == one] for one in range(1, size + 1))]
    for round_ in rounds:
        known.solve(round_, course.share(left), left - len(round_))
        left -= len(round_)
    # What was found for one set may be better for another, and where it is, the search for that one goes on from there.
    again = [out for out in sets if _beaten(known, out)]
    if again and not course.is_over:
        known.solve(again, course.share(len(again)))
    among = Worst(known, sets)
    among.complete = True
    return sets, among


def _beaten(known: Known, out: Set) -> bool:
    """Whether a better plan is known of a set than the one that its own search found, and it may be that there are better ones still."""
    outcome = known.records[out].outcome
    score, most = known.value(out)
    mine = outcome["score"] if outcome["has_plan"] else -math.inf
    return score > mine + room(score) and most > score + room(score)


def _found(
    known: Known,
    question: Question,
    solved: tuple[list[Set], Worst],
    asked: tuple[float, int, bool],
    firm: Firm,
) -> Withdrawals:
    (sets, among), (own, size, searched) = solved, asked
    known.confirm(sets)
    rows = rows_of(known, sets, question.first.header.gap)
    impossible = [row.out for row in rows if row.termination == "infeasible"]
    alone = {out[0] for out in impossible if len(out) == 1} | {
        out[0] for out, none in known.proofs.items() if none and len(out) == 1
    }
    value = known.measure.value

    def sides(least: float, most: float) -> tuple[float | None, float | None]:
        most = max(least, most)
        return (value(least) if math.isfinite(least) else None), (value(most) if math.isfinite(most) else None)

    return Withdrawals(
        question.first,
        question.study.scenario,
        question.study,
        known.measure.name,
        size,
        value(own),
        sides(*known.value(())),
        sides(*among.interval()),
        among.hopeless,
        searched,
        among.complete,
        tuple(rows),
        sets_table(rows),
        closed_table(rows),
        broken_table(rows),
        indispensable(question.first, question.study.scenario, known.nations, alone),
        capabilities(question.first, question.study.scenario),
        firm.table(known.measure),
        tuple(_warnings(known, rows, complete=among.complete)),
    )


def _warnings(known: Known, rows: list[Row], *, complete: bool) -> list[str]:
    found = []
    if known.ledger.loose:
        names = ", ".join(nation for nation in known.nations if nation in known.ledger.loose)
        found.append(
            f"When one of {names} leaves, what was committed or agreed goes too. That takes rules away: more may be possible without than with it."
        )
    denied = [" and ".join(row.out) for row in rows if row.termination == "failed"]
    if denied:
        found.append(f"Failed: {'; '.join(denied[:MOST_NAMED])}: {DENIED}")
    failed = [record for record in known.course.records.values() if record.outcome["termination"] in FAULTY]
    for reason, records in itertools.groupby(sorted(failed, key=_reason), _reason):
        found.append(f"Failed: {sum(1 for _ in records)} of {known.course.asked} runs: {reason}")
    unproven = sum(row.termination == "feasible" for row in rows)
    if unproven:
        found.append(
            f"{unproven} of {len(rows)} sets are not solved to the end: their value lies between the two figures."
        )
    missing = sum(row.termination == "none_found" for row in rows)
    if missing:
        found.append(f"For {missing} sets no plan was found in time, which does not mean that there is none.")
    if not complete:
        found.append("The time came before every set that may be the worst was looked at.")
    return found


def _reason(record: Record) -> str:
    return str(record.outcome["reason"])


def _about(found: Withdrawals) -> dict[str, Any]:
    counted: dict[str, int] = {}
    for row in found.rows:
        counted[row.termination] = counted.get(row.termination, 0) + 1
    return {
        "measure": found.aim,
        "size": found.size,
        "old": found.old,
        "base": list(found.base),
        "worst": list(found.worst),
        "hopeless": found.hopeless,
        "searched": found.searched,
        "complete": found.complete,
        "sentences": list(found.sentences),
        "terminations": dict(sorted(counted.items())),
    }
