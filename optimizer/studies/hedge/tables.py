"""The tables of a here-and-now plan: what each case is worth, each measure, and what knowing and hedging are worth, all as intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from optimizer.studies.hedge.course import Course
from optimizer.studies.hedge.futures import Futures
from optimizer.studies.hedge.judging import First, Judged
from optimizer.studies.hedge.measure import KINDS, Measure
from optimizer.studies.intervals import UNKNOWN, Interval, point
from optimizer.studies.order import EQUAL

TITLES: Final = {
    "measures": "The here-and-now plan",
    "information": "What knowing, and what hedging, is worth",
    "cases": "What the here-and-now plan is worth when each case comes true",
    "aims": "All aims when each case comes true",
    "ready": "What is made ready",
    "leads": "Who is named to lead",
}
KNOWN: Final = "future known"
HERE_AND_NOW: Final = "here and now"
USUAL: Final = "usual plan"
PERFECT_INFORMATION: Final = "value of perfect information"
STOCHASTIC_SOLUTION: Final = "value of the stochastic solution"
_FIGURES: Final = frozenset(
    {
        "probability",
        "level",
        "value",
        "bound",
        "gap",
        "own_value",
        "regret_at_least",
        "regret_at_most",
        "at_least",
        "at_most",
    }
)


def difference(one: Interval, other: Interval) -> Interval:
    """What the first may be more than the second; it is never less."""
    ends = (one.at_least, one.at_most, other.at_least, other.at_most)
    rounding = EQUAL * max([1.0, *(abs(end) for end in ends if math.isfinite(end))])
    found = one - other
    return Interval(*(end if end > rounding else 0.0 for end in (found.at_least, found.at_most)))


def hedged(course: Course, measure: Measure) -> Interval:
    """Between what and what the best here-and-now plan is, as a score; (-inf, -inf): there is none."""
    if course.termination == "infeasible":
        return point(-math.inf)
    return Interval(_measured(course.kept, measure, course.futures).at_least, course.bound)


def information(course: Course, measure: Measure) -> dict[str, Interval]:
    """All intervals, as scores; differences as amounts."""
    known, here = _measured(course.own, measure, course.futures), hedged(course, measure)
    usual = _measured(course.usual, measure, course.futures) if course.futures.known else UNKNOWN
    compared = math.isfinite(here.at_least)
    return {
        KNOWN: known,
        HERE_AND_NOW: here,
        USUAL: usual,
        PERFECT_INFORMATION: difference(known, here) if compared else UNKNOWN,
        STOCHASTIC_SOLUTION: difference(here, usual) if compared and math.isfinite(usual.at_least) else UNKNOWN,
    }


def _measured(found: Sequence[Judged], measure: Measure, futures: Futures) -> Interval:
    if not found:
        return UNKNOWN
    ends = ([one.at_least for one in found], [one.bound for one in found])
    return Interval(*(measure.of(scores, futures.weights) for scores in ends))


def information_table(found: dict[str, Interval], first: First) -> pd.DataFrame:
    """The intervals as values of the first aim."""
    rows = []
    for name, known in found.items():
        shown = -known if first.sign < 0 and name in {KNOWN, HERE_AND_NOW, USUAL} else known
        rows.append((name, shown.at_least, shown.at_most))
    return _frame(("what", "at_least", "at_most"), rows)


def measures_table(course: Course, measure: Measure, first: First) -> pd.DataFrame:
    """Each measure of the plan, with what no plan beats in it; the plan is made for one of them."""
    rows = []
    for kind in KINDS:
        one = Measure(kind, measure.level)
        if course.kept and (course.futures.known or kind == "worst"):
            value = _measured(course.kept, one, course.futures).at_least
            bound = course.bound if kind == measure.kind else _measured(course.own, one, course.futures).at_most
            level = one.level if kind == "cvar" else None
            rows.append((kind, level, first.sign * value, first.said(value, bound), kind == measure.kind))
    return _frame(("measure", "level", "value", "bound", "made_for"), rows)


def cases_table(course: Course, first: First) -> pd.DataFrame:
    """Per case the value with what is ready, that of the plan made for it alone, what no plan beats, and the regret."""
    rows = []
    for number, (future, own) in enumerate(zip(course.futures.each, course.own, strict=True)):
        kept = course.kept[number] if course.kept else None
        regret = point(math.inf)
        if kept is not None and kept.score is not None:
            most = own.bound if first.said(own.score, own.bound) is not None else math.inf
            regret = difference(Interval(own.at_least, most), point(kept.score))
        rows.append(
            (
                future.name,
                future.scenario or "",
                ";".join(future.fails),
                future.probability if course.futures.known else None,
                "" if kept is None else kept.termination,
                None if kept is None or kept.score is None else first.sign * kept.score,
                None if own.score is None else first.sign * own.score,
                first.said(own.score, own.bound),
                *regret.ends,
            )
        )
    columns = ("comes_true", "scenario", "fails", "probability", "termination", "value", "own_value", "bound")
    return _frame((*columns, "regret_at_least", "regret_at_most"), rows)


def aims_table(course: Course) -> pd.DataFrame:
    """Per case and aim the value with what is ready; no plan that uses only that beats the bound."""
    rows = []
    for number, kept in enumerate(course.kept):
        if kept.plan is not None:
            name = course.futures.each[number].name
            aims = kept.plan.aims
            columns = (aims[column].tolist() for column in ("name", "value", "bound", "gap"))
            rows += [(name, *row) for row in zip(*columns, strict=True)]
    return _frame(("comes_true", "aim", "value", "bound", "gap"), rows)


def ready_table(course: Course) -> pd.DataFrame:
    """Most units of each pledge that any case uses on each line in each period."""
    instance = course.futures.given
    nation_of = {str(row["pledge"]): str(row["nation"]) for row in instance.rows("pledges")}
    units = {} if course.ready is None else course.ready.units
    rows = [(pledge, nation_of[pledge], line, period, count) for (pledge, line, period), count in sorted(units.items())]
    return _frame(("pledge", "nation", "requirement", "period", "units"), rows)


def leads_table(course: Course) -> pd.DataFrame:
    """Who is named to lead which post in which term."""
    leads = () if course.ready is None else course.ready.leads
    return _frame(("nation", "mission", "area", "term"), sorted(leads, key=lambda key: (key[1:], key[0])))


def _frame(columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for name in _FIGURES.intersection(columns):
        known = [math.nan if value is None or not math.isfinite(value) else float(value) + 0.0 for value in frame[name]]
        frame[name] = pd.Series(known, dtype="float64")
    return frame
