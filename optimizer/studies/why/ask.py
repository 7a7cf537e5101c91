"""The questions why, as functions of the library: instance in, tables out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.instance.cells import did_you_mean
from optimizer.instance.concessions import as_record
from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.interrupts import keep, listening
from optimizer.plan.plan import Plan
from optimizer.plan.store import is_saved_plan, load_plan
from optimizer.studies.why.conflict import find_conflict
from optimizer.studies.why.curve import Point, Search
from optimizer.studies.why.infeasible import Infeasible, WayOut
from optimizer.studies.why.judge import Judge, NothingToCompare, State, Stopped, within
from optimizer.studies.why.large import LargeSearch
from optimizer.studies.why.presence import Presence, find_presence
from optimizer.studies.why.reason import Reason
from optimizer.studies.why.reasons import find_reasons
from optimizer.studies.why.ways_out import find_ways_out

if TYPE_CHECKING:
    import pandas as pd


class UnknownLine(ValueError):  # noqa: N818 - the name says what is wrong
    """No requirement line, or no nation, of that name."""


@dataclass(frozen=True)
class Weighed:
    """The curve at one weight.

    `value`: the best of the aim, in its own unit, with concessions of at most this weight, None without a plan; `bound`: no such
    concessions give more; `concessions`: records with rule, change, steps, asked, weight, before, after and sentence. `nested`: whether they
    contain those of the weight before. `others`: further sets that are as good. `plan`: verified, on the instance with the concessions made.
    """

    weight: int
    value: float | None
    bound: float | None
    proven: bool
    concessions: tuple[Mapping[str, Any], ...]
    nested: bool
    others: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    plan: Plan | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Curve:
    """What concessions of a growing political weight would bring. `aim`: what is counted; `termination`: how the search ended.

    `names`: of nations, by code. `start_kept`: whether the plan to start from keeps every rule of the instance, and was used; None: none was given.
    """

    aim: str
    termination: str
    points: tuple[Weighed, ...]
    start_kept: bool | None = None
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def name(self, nation: str) -> str:
        """The name of whoever is asked."""
        return self.names.get(nation, nation)

    @property
    def table(self) -> pd.DataFrame:
        """One row per weight and concession (one without a rule where nothing is conceded): weight, value, bound, proven, and the concession."""
        import pandas as pd

        nothing = {"rule": None, "change": None, "steps": 0, "asked": None, "before": None, "after": None}
        rows = [
            {"weight": point.weight, "value": point.value, "bound": point.bound, "proven": point.proven}
            | {name: made[name] for name in nothing}
            for point in self.points
            for made in point.concessions or (nothing,)
        ]
        return pd.DataFrame(rows)

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "aim": self.aim,
            "termination": self.termination,
            "curve": [
                {
                    "weight": point.weight,
                    "value": point.value,
                    "bound": point.bound,
                    "proven": point.proven,
                    "nested": point.nested,
                    "concessions": [dict(made) for made in point.concessions],
                    "as_good": [[dict(made) for made in other] for other in point.others],
                }
                for point in self.points
            ],
        }


def concessions(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    most: int = 3,
    line: str | None = None,
    nation: str | None = None,
    start: Plan | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    report: Callable[[Weighed], None] = lambda _: None,
) -> Curve:
    """For every political weight up to `most` the best value of the first aim, and the concessions that bring it.

    Args:
        instance: what the planner filled in, or its path; the table `concessions` says what may be asked of whom.
        scenario: name of a scenario; None takes the conditions' defaults.
        most: the largest weight.
        line: a requirement line: what it gets (percent of its target) is counted in place of the first aim.
        nation: only concessions for which this nation would be asked.
        start: a plan of the instance as it is, from which the search starts; it is used where it keeps every rule.
        time_limit: wall-clock seconds; when they are over, values and bounds are what is known by then.
        seed: of the solver.
        report: gets every point as it is known.

    Ctrl-C ends the search; what is known by then is returned.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        UnknownLine: the instance has no such requirement line, or nobody of that name can be asked.
        NothingToCompare: the first aim compares with another plan.
    """
    with listening():
        instance = as_instance(instance, impossible=True)
        _must_know(instance, line, nation)
        judge = Judge(instance, scenario, line=line, nation=nation, seconds=time_limit, seed=seed)
        search = LargeSearch(judge) if judge.is_large else Search(judge)
        kept = None if start is None else start.has_plan and search.know(start)

        def told_of(point: Point) -> None:
            report(_weighed(judge, search, point, search.points[-2] if len(search.points) > 1 else None))

        points = search.run(most, told_of)
        keep()
        names = {row["nation"]: row["name"] or row["nation"] for row in judge.situation.tables.rows("nations")}
        return Curve(judge.aim, _termination(judge, points), tuple(_all(judge, search, points)), kept, names)


def explain(
    what: Plan | Instance | str | Path,
    scenario: str | None = None,
    *,
    line: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[Reason, ...] | Infeasible:
    """Why lines of a plan are open; or, of an instance (or where the search ended without a plan), why there is no plan.

    Args:
        what: a plan or its folder; or an instance or its path.
        scenario: of an instance; a plan has its own.
        line: only this requirement line of a plan.
        time_limit: wall-clock seconds; what is not known by then says so.
        seed: of the solver.
        report: gets a sentence whenever something is found.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        UnknownLine: the plan has no such requirement line.
    """
    if isinstance(what, (str, Path)) and is_saved_plan(what):
        what = load_plan(what)
    if not isinstance(what, Plan):
        return explain_infeasible(what, scenario, time_limit=time_limit, seed=seed, report=report)
    if not what.has_plan:
        return explain_infeasible(what.instance, what.scenario, time_limit=time_limit, seed=seed, report=report)
    _must_know(what.instance, line, None)
    with listening():
        found = find_reasons(
            what, line=line, seconds=time_limit, seed=seed, report=lambda reason: report(reason.sentence)
        )
        keep()
        return tuple(found)


def why(
    plan: Plan | str | Path,
    nation: str,
    post: str | tuple[str, str] | None = None,
    period: int | None = None,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[Presence, ...]:
    """Why a nation serves at a post, or does not: which rules refuse it, or what every aim loses if it must not, or must, and what else moves.

    Args:
        plan: a plan or its folder.
        nation: code of the nation.
        post: mission and area, as a pair or as `MISSION:AREA`; None: every post for which the nation pledges something.
        period: only this period; None: all in which something is asked for at the post.
        time_limit: wall-clock seconds; what is not known by then says so.
        seed: of the solver.
        report: gets a sentence whenever something is found.

    Raises:
        UnknownLine: there is no such nation or post, or nothing is asked for at the post in that period.
        NothingToCompare: the search ended without a plan.
    """
    if not isinstance(plan, Plan):
        plan = load_plan(plan)
    if not plan.has_plan:
        raise NothingToCompare(
            "There is no plan in which anybody serves: ask `forcegen explain` of it without a nation."
        )
    _must_know(plan.instance, None, nation)
    posts = {
        f"{row['mission']}:{row['area']}": (row["mission"], row["area"]) for row in plan.instance.rows("requirements")
    }
    name = ":".join(post) if isinstance(post, tuple) else post
    if name is not None and name not in posts:
        raise UnknownLine(f"There is no post {name!r}.{did_you_mean(name, posts)}")
    periods = plan.instance.header.periods
    if period is not None and not 1 <= period <= periods:
        raise UnknownLine(f"There is no period {period}: the plan has periods 1 to {periods}.")
    with listening():
        found = find_presence(
            plan,
            nation,
            None if name is None else posts[name],
            period,
            seconds=time_limit,
            seed=seed,
            report=lambda one: report(one.sentence),
        )
        keep()
    if name is not None and not found:
        raise UnknownLine(f"Nothing is asked for at {name} in {'period ' + str(period) if period else 'any period'}.")
    return tuple(found)


def explain_infeasible(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    count: int = 5,
    time_limit: float | None = None,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> Infeasible:
    """Why an instance has no plan: an irreducible conflict of rules, and the lightest concessions that make a plan possible.

    Args:
        instance: what the planner filled in, or its path.
        scenario: name of a scenario; None takes the conditions' defaults.
        count: most ways out to look for.
        time_limit: wall-clock seconds; when they are over, what is known by then is returned and says so.
        seed: of the solver.
        report: gets a sentence whenever something is found.

    Ctrl-C ends the search; what is known by then is returned.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    with listening():
        instance = as_instance(instance, impossible=True)
        judge = Judge(instance, scenario, seconds=time_limit, seed=seed, any_aim=True)
        try:
            possible = judge.possible(judge.nothing, judge.nothing)
        except (Stopped, KeyboardInterrupt):
            possible = None
        if possible is not False:
            return Infeasible(possible, aim=judge.aim)
        conflict = find_conflict(judge, report)
        ways = find_ways_out(judge, count, lambda state: report(f"A way out of weight {judge.weight(state)} is found."))
        made = tuple(_way_out(judge, state) for state in ways.states)
        keep()
        rules, irreducible = ((), False) if conflict is None else (conflict.rules, conflict.irreducible)
        return Infeasible(False, rules, irreducible, made, ways.least, judge.aim)


def _way_out(judge: Judge, state: State) -> WayOut:
    try:
        verdict = judge.verdict(state, state)
    except (Stopped, KeyboardInterrupt):
        return WayOut(judge.weight(state), _made(judge, state), None)
    return WayOut(judge.weight(state), _made(judge, state), judge.in_own_unit(verdict.score), verdict.plan)


def _must_know(instance: Instance, line: str | None, nation: str | None) -> None:
    lines = [row["requirement"] for row in instance.rows("requirements")]
    if line is not None and line not in lines:
        raise UnknownLine(f"There is no requirement line {line!r}.{did_you_mean(line, lines)}")
    nations = [row["nation"] for row in instance.rows("nations")]
    asked = {row["asked"] for row in instance.rows("concessions")}
    if nation is not None and nation not in {*nations, *asked}:
        raise UnknownLine(f"There is no nation {nation!r}.{did_you_mean(nation, nations)}")


def _all(judge: Judge, search: Search | LargeSearch, points: list[Point]) -> list[Weighed]:
    before = [None, *points]
    return [_weighed(judge, search, point, last) for point, last in zip(points, before, strict=False)]


def _weighed(judge: Judge, search: Search | LargeSearch, point: Point, before: Point | None) -> Weighed:
    nested = before is None or within(before.state, point.state)
    value = judge.in_own_unit(point.score)
    bound = value if point.proven else judge.in_own_unit(point.bound)
    return Weighed(
        point.weight,
        value,
        bound,
        point.proven,
        _made(judge, point.state),
        nested,
        tuple(_made(judge, other) for other in point.others),
        search.plan_of(point.state),
    )


def _made(judge: Judge, state: tuple[int, ...]) -> tuple[Mapping[str, Any], ...]:
    return tuple(as_record(one, steps) for one, steps in zip(judge.concessions, state, strict=True) if steps)


def _termination(judge: Judge, points: list[Point]) -> str:
    if judge.interrupted:
        return "interrupted"
    known = [point.score for point in points if point.score is not None]
    if all(point.proven for point in points):
        return "optimal" if known else "infeasible"
    return "feasible" if known else "none_found"
