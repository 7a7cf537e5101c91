"""Options: misspelt and impossible ones are refused with a hint."""

from __future__ import annotations

import pickle
from types import MappingProxyType

import pytest

from optimizer.solving.child import solve_here
from optimizer.solving.highs.live import LiveModel
from optimizer.solving.options import SolveOptions, UnknownOption, make_options
from tests.solving.small import one_row


def test_a_misspelt_option_names_the_nearest():
    """A typo is refused with the name that was probably meant."""
    with pytest.raises(UnknownOption, match=r"unknown option 'time_limt'; did you mean 'time_limit'\?"):
        make_options({"time_limt": 3})
    with pytest.raises(UnknownOption, match=r"unknown option 'xyz'$"):
        make_options({"xyz": 3})


def test_a_misspelt_option_of_highs_names_the_nearest():
    """Options of HiGHS are checked with HiGHS itself."""
    with pytest.raises(UnknownOption, match=r"HiGHS has no option 'mip_max_node'; did you mean 'mip_max_nodes'\?"):
        SolveOptions(highs={"mip_max_node": 3})


@pytest.mark.parametrize(
    ("name", "value"), [("presolve", "sometimes"), ("mip_max_nodes", -3), ("mip_max_nodes", "many")]
)
def test_a_value_that_highs_refuses(name, value):
    """A value of the wrong kind or out of range is refused before anything is solved."""
    with pytest.raises(UnknownOption, match=f"HiGHS refuses the value {value!r} for its option {name!r}"):
        SolveOptions(highs={name: value})


@pytest.mark.parametrize(
    "given",
    [
        {"time_limit": 0},
        {"time_limit": -1.0},
        {"time_limit": "60"},
        {"gap": -0.1},
        {"gap": None},
        {"gap": float("nan")},
        {"seed": 1.5},
        {"seed": -1},
        {"seed": 2**31},
        {"threads": -1},
        {"threads": True},
        {"highs": None},
        {"highs": "presolve"},
        {"highs": []},
        {"highs": {1: "off"}},
    ],
    ids=str,
)
def test_impossible_values(given):
    """Values out of range are refused by name."""
    with pytest.raises(UnknownOption, match=f"option {next(iter(given))} is "):
        SolveOptions(**given)


def test_options_go_to_other_processes():
    """Whatever kind of mapping is given, and what is changed in it later."""
    given = {"mip_heuristic_effort": 0.0}
    options = SolveOptions(highs=MappingProxyType(given))
    given["mip_heuristic_effort"] = 1.0
    assert pickle.dumps(options)
    assert options.highs == {"mip_heuristic_effort": 0.0}


def test_options_reach_highs(tmp_path):
    """Seed, threads and further options are set in HiGHS."""
    options = make_options({"seed": 5, "threads": 1, "highs": {"mip_max_nodes": 17, "mip_heuristic_effort": 0.5}})
    live = LiveModel(one_row([1, 1], [1, 1], 3.0), options)
    set_to = {name: live._solver.getOptionValue(name)[1] for name in ("random_seed", "threads", "mip_max_nodes")}
    assert set_to == {"random_seed": 5, "threads": 1, "mip_max_nodes": 17}


def test_gap_is_the_asked_one():
    """With a gap of one half a plan half as good as the bound is called optimal, and its gap is told."""
    solution = solve_here(one_row([3, 4, 5], [3, 4, 5], 11.0), SolveOptions(gap=0.5))
    assert solution.termination == "optimal"
    assert solution.levels[0].gap <= 0.5


def test_large_models_get_other_options(monkeypatch):
    """Above a size presolve's probing is off and the root is solved by interior point; below it is not."""
    small = LiveModel(one_row([1, 1], [1, 1], 3.0), SolveOptions())
    assert small._solver.getOptionValue("presolve_rule_off")[1] == 0
    monkeypatch.setattr("optimizer.solving.highs.live.LARGE_NONZEROS", 1)
    monkeypatch.setattr("optimizer.solving.highs.live.LARGE_ROOT_ROWS", 1)
    large = LiveModel(one_row([1, 1], [1, 1], 3.0), SolveOptions())
    assert large._solver.getOptionValue("presolve_rule_off")[1] == 32768
    assert large._solver.getOptionValue("mip_lp_solver")[1] == "ipm"
    asked = LiveModel(one_row([1, 1], [1, 1], 3.0), SolveOptions(highs={"mip_lp_solver": "simplex"}))
    assert asked._solver.getOptionValue("mip_lp_solver")[1] == "simplex"
