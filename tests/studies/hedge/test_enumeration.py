"""The here-and-now plan, and what knowing and hedging are worth, equal enumeration on tiny random instances."""

import numpy as np
import pytest

from optimizer.instance.instance import Instance
from optimizer.studies.hedge.course import Course, run
from optimizer.studies.hedge.futures import futures_of
from optimizer.studies.hedge.hedge import study_of
from optimizer.studies.hedge.judging import Search
from optimizer.studies.hedge.measure import Measure
from optimizer.studies.hedge.tables import (
    HERE_AND_NOW,
    KNOWN,
    PERFECT_INFORMATION,
    STOCHASTIC_SOLUTION,
    USUAL,
    information,
)
from optimizer.studies.intervals import Interval
from optimizer.studies.question import Question
from optimizer.studies.running import Begun
from optimizer.studies.workers import Workers

from .reference import Reference, draw, failing, reference

LEVEL = 0.7
CLOSE = 1e-5


def close(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= CLOSE * max(1.0, abs(other))


def holds(interval: Interval, value: float) -> bool:
    """Whether an interval is a point, within tolerance, and the value in it."""
    return all(close(end, value) for end in interval.ends)


def usual_scores(course: Course, known: Reference) -> list[float] | None:
    """What enumeration makes of the plan that the product found for the most likely scenario."""
    plan = course.usual_plan
    if plan is None:
        return None
    pledges = [row["pledge"] for row in known.cases[0].facts.pledges]
    lines = [row["requirement"] for row in known.cases[0].facts.lines]
    ready = np.zeros(known.cases[0].x.shape[1:])
    for row in plan.assignments.to_dict("records"):
        ready[pledges.index(row["pledge"]), lines.index(row["requirement"]), row["period"] - 1] = row["units"]
    leaders = {}
    for row in plan.participation[plan.participation["leads"]].to_dict("records"):
        said = str(row["lead_terms"] or "").split(";")
        for key in {key for case in known.cases for key in case.led_by}:
            if key[:2] == (row["mission"], row["area"]) and (said in ([""], ["nan"]) or str(key[2]) in said):
                leaders[key] = row["nation"]
    return known.scores(ready, leaders)


def wrong_in(course: Course, known: Reference, measure: Measure) -> list[str]:
    """How a course differs from enumeration."""
    best = known.best(measure.kind, measure.level)
    alone = known.alone()
    if min(alone) == -np.inf or best == -np.inf:
        return [] if course.termination == "infeasible" else [f"{course.termination}, and there is no plan"]
    found, wrong = information(course, measure), []
    expected = {HERE_AND_NOW: best, KNOWN: known.measured(alone, measure.kind, measure.level)}
    usual = usual_scores(course, known)
    if usual is not None and min(usual) > -np.inf:
        expected[USUAL] = known.measured(usual, measure.kind, measure.level)
        expected[STOCHASTIC_SOLUTION] = best - expected[USUAL]
    elif usual is not None and found[STOCHASTIC_SOLUTION] != Interval():
        wrong.append("the usual plan cannot be kept, and has a value")
    expected[PERFECT_INFORMATION] = expected[KNOWN] - best
    wrong += [
        f"{name}: {found[name]}, not {value}" for name, value in expected.items() if not holds(found[name], value)
    ]
    return wrong


def campaign(first: int, last: int, least: int, draws: int = 0) -> None:
    compared, telling, wrong = 0, 0, []
    for seed in range(first, last):
        drawn = draw(seed)
        if drawn is None:
            continue
        tables, header = drawn
        if draws:
            for number, row in enumerate(tables["pledges"]):
                row["probability"] = (0.5, 0.8, 1.0)[number % 3]
        instance = Instance.from_tables(tables, header=header, impossible=True)
        futures = futures_of(instance, draws, seed)
        cases = [(failing(tables, list(one.fails)), one.scenario, one.probability) for one in futures.each]
        known = reference(header, cases)
        if known is None:
            continue
        measure = Measure(("expected", "worst", "cvar")[seed % 3], LEVEL)
        search = Search(1e-9, seed)
        question = Question(study_of(measure, search, draws), (instance,))
        course = run(futures, measure, search, Begun(question, Workers(1)))
        compared += 1
        differences = wrong_in(course, known, measure)
        if course.kept:
            telling += information(course, measure)[PERFECT_INFORMATION].at_least > 0
        if differences:
            wrong.append(f"seed {seed}, {measure.name}: {'; '.join(differences)}")
    assert not wrong, "\n".join(wrong)
    assert compared >= least, compared
    assert telling >= 2, telling


def test_here_and_now_is_what_enumeration_finds() -> None:
    campaign(0, 24, 8)


def test_with_drawn_pledges_too() -> None:
    campaign(108, 118, 5, draws=3)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 2000, 100))
def test_here_and_now_is_what_enumeration_finds_long(first: int) -> None:
    campaign(first, first + 100, 30)
