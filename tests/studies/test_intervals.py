"""What is certain of a study's figures: at least, at most, and where a bound says nothing."""

import math

import pandas as pd
import pytest
from rich.console import Console

import optimizer as fg
from optimizer.cli.scenarios import _show_nations
from optimizer.instance.instance import Aim
from optimizer.plan.proof import LEFT_OPEN
from optimizer.reporting.words import reach_in_words
from optimizer.studies.analysis import tornado
from optimizer.studies.intervals import Interval, aim_interval, span
from optimizer.studies.regret import compared, priorities_of

from .test_scenarios import told

AIMS = (Aim("coverage", 1), Aim("cost", 2))


def outcome(coverage, bound, cost=10.0, cost_bound=10.0):
    gap = None if bound is None else abs(bound - coverage) / coverage
    return {
        "has_plan": True,
        "coverage": coverage,
        "coverage_bound": bound,
        "coverage_gap": gap,
        "cost": cost,
        "cost_bound": cost_bound,
        "cost_gap": None if cost_bound is None else abs(cost - cost_bound) / cost,
    }


@pytest.mark.parametrize(
    ("given", "coverage", "cost"),
    [
        (outcome(60, 60), (60, 60), (10, 10)),
        (outcome(60, 70), (60, 70), (None, None)),
        (outcome(60, 60, 40, 35), (60, 60), (35, 40)),
        (outcome(60, 100), (60, None), (None, None)),
        (outcome(60, 107.25), (60, None), (None, None)),
        (outcome(60, None), (60, None), (None, None)),
        (outcome(60, 60, 40315, 107.25), (60, 60), (None, 40315)),
        (outcome(60, 60, 40, 0), (60, 60), (None, 40)),
    ],
)
def test_plan_and_bound_are_the_ends_where_they_say_something(given, coverage, cost):
    """A bound of 107.25 beside 40,315 says nothing, nor one beyond what can be; a later aim hangs on the proof of the first."""
    assert aim_interval(given, "coverage", AIMS).cells == coverage
    assert aim_interval(given, "cost", AIMS).cells == cost


def test_aims_that_share_a_level_have_no_figure_of_their_own():
    """Of a sum neither part is known."""
    shared = (Aim("coverage", 1), Aim("cost", 1, weight=0.1))
    assert aim_interval(outcome(60, 60), "coverage", shared) == Interval()


def test_a_difference_holds_whatever_the_ends_are():
    """Every pair of figures within the intervals differs by something within the interval of the difference."""
    one, other = Interval(60, 70), Interval(50, 65)
    assert (one - other).loss.cells == (0, 20)
    assert span([one, other]).cells == (0, 20)
    assert span([one]).cells == (0, 0)
    assert span([Interval(60, 61), Interval(40, 45)]).cells == (15, 21)
    assert span([Interval(60, math.inf), Interval(40, 45)]).cells == (15, None)
    assert Interval().times(0.0).cells == (0, 0)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((8, 15), "8 to 15"),
        ((8, 8), "8"),
        ((8, None), "at least 8"),
        ((0, 3.2), f"at most 3.2, {LEFT_OPEN}"),
        ((0, None), LEFT_OPEN),
        ((0, 0), "0"),
        ((None, None), ""),
    ],
)
def test_words_for_what_is_certain(ends, words):
    """As planners read it."""
    assert reach_in_words(*ends) == words


def test_regret_lies_between_its_ends():
    """Own 80 to 85, kept 60 to 78: the regret shown is 20; at least 2, at most 25. Where both may be equal, it may be none."""
    levels = priorities_of(AIMS)
    row = next(compared(levels, outcome(60, 78), outcome(80, 85)))
    assert row == ("coverage", 60, 80, 20, 2, 25)
    row = next(compared(levels, outcome(60, 90), outcome(80, 85)))
    assert row[3:] == (20, 0, 25)
    *_, of_cost = compared(levels, outcome(80, 80, 50, 40), outcome(80, 80, 30, 28))
    assert of_cost == ("cost", 50, 30, 20, 10, 22)
    *_, of_cost = compared(levels, outcome(80, 85, 50, 40), outcome(80, 85, 30, 28))
    assert of_cost[3:] == (20, None, None)


def test_an_effect_that_the_search_may_have_made_is_called_so():
    """Base 80 (proven); 70 with up to 82 open may be no effect; 60 with 65 open is one of 15 to 20."""
    rows = [outcome(80, 80), outcome(70, 82), outcome(60, 65)]
    table = pd.DataFrame(rows).assign(
        varied=["", "a", "b"], a=[1, 2, 1], b=[1, 1, 2], termination=["optimal", "feasible", "feasible"]
    )
    found = tornado(table, ["a", "b"], ["coverage"], AIMS).set_index("input")
    assert found.loc["a", ["effect", "effect_at_least", "effect_at_most", "remark"]].tolist() == [10, 0, 10, LEFT_OPEN]
    assert found.loc["b", ["effect", "effect_at_least", "effect_at_most", "remark"]].tolist() == [20, 15, 20, ""]


def test_no_nation_is_in_every_scenario_where_one_has_no_plan():
    """It is said which scenario has none."""
    found, _ = told((80, 100), (60, 90), (60, 90), (70, 50))
    nations = found.nations.assign(takes_part=1.0, peak_personnel=100.0)
    aims = found.aims.copy()
    aims.loc[aims["scenario"] == "no-ceasefire", "value"] = math.nan
    for table, words in ((found.aims, "In every scenario: east"), (aims, "(none has no-ceasefire): east")):
        console = Console(width=200, record=True)
        shown = type(found)(found.instance, found.study, table, found.missions, nations, found.regret, found.expected)
        _show_nations(shown, console)
        assert words in console.export_text()


def test_the_tables_of_scenarios_hold_both_ends():
    """Proven plans: what is shown is certain."""
    found = fg.scenarios(told((80, 100), (60, 90), (60, 90), (70, 50))[0].instance)
    first = found.regret[found.regret["aim"] == "coverage"]
    assert (first["regret"] - first["regret_at_least"]).abs().max() < 1e-6
    assert (first["regret_at_most"] - first["regret"]).abs().max() < 1e-6
    expected = found.expected[found.expected["aim"] == "coverage"]
    for name in ("expected", "largest_regret"):
        assert (expected[name] - expected[f"{name}_at_least"]).abs().max() < 1e-6
        assert (expected[f"{name}_at_most"] - expected[name]).abs().max() < 1e-6
