"""Three ways to tie presence to units: the same optimum in whole numbers, bounds of different strength without."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pytest

from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import build
from optimizer.model.families.presence import PRESENCE_LINKS, Participation
from optimizer.model.linear import LinearModel
from tests.exactness.compare import compare
from tests.model.presence import WAYS, in_way, with_plain_stays
from tests.oracle.random_instances import tiny

from .cases import TWO_LINES, Case, base, line, pledge
from .lp_text import lp_text

FAMILIES = {"availability", "coverage", "limits", "aims", "participation", "counts", "lead", "links"}
BOUNDS = Path(__file__).parent / "goldens" / "bounds.toml"
SIZE = {"nations": 12, "unit_types": 6, "posts": 5, "periods": 4, "seed": 3}


def costly(size: dict[str, int] = SIZE) -> Situation:
    """A synthetic instance that must be half fulfilled at least cost, where taking part costs 50 million and a post 10."""
    instance = generate(**size, steady=False)
    tables = {name: instance.rows(name) for name in instance.tables}
    tables["nations"] = [{**row, "participation_cost": 50.0} for row in tables["nations"]]
    tables["participation"] = [{"nation": row["nation"], "cost": 10.0, "may_lead": True} for row in tables["nations"]]
    floor = {"limit": "half", "measure": "fulfilment", "per": "horizon", "minimum": 0.5}
    tables["limits"] = [floor]
    header = {"periods": {"count": size["periods"], "months": 6}, "aims": [{"name": "cost", "priority": 1}]}
    return build_situation(Instance.from_tables(tables, header=header, impossible=True))


def solver_of(model: LinearModel) -> highspy.Highs:
    """The first level without whole numbers, handed to the solver."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.lower), len(model.row_lower)
    costs = np.zeros(len(model.lower))
    objective = model.levels[0].objective
    np.add.at(costs, objective.columns, objective.values)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = model.row_starts.astype(np.int32), model.row_columns.astype(np.int32)
    lp.a_matrix_.value_ = model.row_values
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.offset_ = objective.constant
    solver.passModel(lp)
    return solver


def relaxed(model: LinearModel) -> float:
    """The first level's optimum without whole numbers."""
    solver = solver_of(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)


def whole(model: LinearModel, time_limit: float = 60.0) -> highspy.HighsInfo:
    """What the solver says of the first level in whole numbers."""
    solver = solver_of(model)
    kinds = [highspy.HighsVarType.kInteger if one else highspy.HighsVarType.kContinuous for one in model.integer]
    solver.changeColsIntegrality(len(kinds), np.arange(len(kinds), dtype=np.int32), np.array(kinds))
    for option, value in (("mip_rel_gap", 1e-6), ("threads", 1), ("random_seed", 1), ("time_limit", time_limit)):
        solver.setOptionValue(option, value)
    solver.run()
    return solver.getInfo()


@pytest.mark.parametrize("link", PRESENCE_LINKS)
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_all_reach_the_optimum(link: str, first: int) -> None:
    """Random instances with participation, counts, leads and links: the oracle's optimum under each way."""
    wrong = [found for seed in range(first, first + 20) if (found := compare(seed, FAMILIES, link)).differences]
    assert not wrong, "\n".join(map(str, wrong))


def test_bounds_of_the_relaxations(update_goldens: bool) -> None:
    """On a synthetic instance every way's bound without whole numbers is as recorded; the aggregated one is the weakest."""
    situation = costly()
    models = {link: build(situation, None, link).linear for link in PRESENCE_LINKS}
    found = {link: relaxed(model) for link, model in models.items()}
    if update_goldens:
        lines = [f"# minus the cost without whole numbers, and rows; see `costly` of test_formulations.py, size {SIZE}"]
        lines += [f"[{link}]\nbound = {found[link]:.9f}\nrows = {models[link].size['rows']}" for link in PRESENCE_LINKS]
        BOUNDS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    recorded = tomllib.loads(BOUNDS.read_text(encoding="utf-8"))
    for link in PRESENCE_LINKS:
        assert found[link] == pytest.approx(recorded[link]["bound"], rel=1e-6)
        assert models[link].size["rows"] == recorded[link]["rows"]
    assert found["aggregated"] >= found["per_pledge"] - 1e-6
    assert found["aggregated"] > max(found["per_pledge"], found["per_unit"]) + 1.0


def test_only_units_too_small_for_a_contingent_need_presence() -> None:
    """A battalion of 600 is a contingent of 500 of its own: it counts as 500 beside teams of 50, and alone needs no presence."""
    nations = [{"nation": "FRA", "min_contingent": 500}, {"nation": "ITA"}]
    alone = Case((), {"nations": nations}).built().linear
    assert lp_text(alone, "is_present") == lp_text(alone, "min_contingent") == ""
    pledges = [*base()["pledges"], pledge("fra-team", "FRA", "team", 3)]
    beside = Case((), {"nations": nations, "pledges": pledges}).built().linear
    row = "+ 500 present[fra-bn,guard,1] + 50 present[fra-team,guard,1] - 500 is_present[FRA,m,east,1] >= 0"
    assert row in lp_text(beside, "min_contingent")
    assert [key[-2] for family in beside.rows if family.name == "is_present_link" for key in family.keys] == [
        "fra-team"
    ]


def test_caps_stand_on_what_a_limit_counts() -> None:
    """A cap on a nation or in an area is gated by the variable of a limit on nations or posts that covers its periods, and by no narrower one."""
    nations = [{"nation": "FRA", "max_personnel": 700}, {"nation": "ITA"}]
    areas = [{"area": "east", "max_personnel": 900}, {"area": "west"}]
    counts = [
        {"limit": "few", "measure": "nations", "maximum": 1, "until": 1},
        {"limit": "places", "measure": "posts", "maximum": 1, "per": "horizon"},
        {"limit": "Italian places", "measure": "posts", "maximum": 1, "per": "horizon", "nation": "ITA", "until": 1},
    ]
    tables = {"nations": nations, "areas": areas, "requirements": TWO_LINES, "limits": counts}
    text = lp_text(Case((), tables, periods=2).built().linear, "limit")
    nation, place = "counted_nation[few,1,FRA]", "counted_post[places,horizon,m,east]"
    assert f"600 present[fra-bn,watch,1] - 700 {nation} <= 0" in text
    assert "600 present[fra-bn,watch,2] <= 700" in text
    assert text.count(f"- 650 {place} <= 0") == 2


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_presence_as_a_variable_changes_nothing(first: int) -> None:
    """Units present as variables of their own or as sums of tours: the same bound without whole numbers, the same optimum with."""
    compared = 0
    for seed in range(first, first + 20):
        tables, header, baseline = tiny(seed, FAMILIES)
        assert baseline is None
        built = build(build_situation(Instance.from_tables(tables, header=header, impossible=True)))
        sums, variables = (in_way(built, way) for way in WAYS)
        if len(variables.lower) == len(sums.lower):
            continue
        found = [whole(model) for model in (sums, variables)]
        assert found[0].primal_solution_status == found[1].primal_solution_status
        if found[0].primal_solution_status:
            compared += 1
            assert found[0].objective_function_value == pytest.approx(found[1].objective_function_value, abs=1e-6)
            assert relaxed(sums) == pytest.approx(relaxed(variables), abs=1e-6)
    assert compared >= 2


STAYS = {"availability", "coverage", "steadiness"}


@pytest.mark.parametrize("first", [0, 10])
def test_sums_of_starts_change_nothing_in_whole_numbers(first: int) -> None:
    """Stays by sums of starts or a row for every start: the same optimum, and without whole numbers no worse a bound by the sums."""
    compared = 0
    for seed in range(first, first + 10):
        tables, header, _ = tiny(seed, STAYS)
        sums = build(build_situation(Instance.from_tables(tables, header=header, impossible=True))).linear
        plain = with_plain_stays(sums)
        if len(plain.row_lower) == len(sums.row_lower) or sums.levels[0].ratio is not None:
            continue
        found = [whole(model) for model in (sums, plain)]
        assert found[0].primal_solution_status == found[1].primal_solution_status
        if found[0].primal_solution_status:
            compared += 1
            assert found[0].objective_function_value == pytest.approx(found[1].objective_function_value, abs=1e-6)
            assert relaxed(sums) <= relaxed(plain) + 1e-6
    assert compared >= 2


def test_sums_of_starts_bound_more() -> None:
    """The site is to be guarded in the second of four periods, by who stays for three: two halves of a stay are none."""
    tables = {
        "requirements": [line("guard", 4)],
        "pledges": [pledge("fra-bn", "FRA", "bn", 1)],
        "nations": [{"nation": "FRA", "min_stay": 3}, {"nation": "ITA"}],
        "limits": [{"limit": "all", "measure": "fulfilment", "per": "period", "minimum": 1, "from": 2, "until": 2}],
    }
    sums = Case((), tables, periods=4, aims=({"name": "cost", "priority": 1},)).built().linear
    plain = with_plain_stays(sums)
    for same in (whole(sums), whole(plain)):
        assert same.objective_function_value == pytest.approx(-60.0)
    assert relaxed(sums) == pytest.approx(-60.0)
    assert relaxed(plain) == pytest.approx(-50.0)


def test_unknown_ways_are_refused() -> None:
    """A way that does not exist is named with those that do."""
    with pytest.raises(ValueError, match="per_pledge, per_unit, aggregated"):
        build(build_situation(generate("S")), None, "per_nation")
    assert Participation.link == "per_pledge"


def supported(
    yields: list[dict[str, object]], more: dict[str, list[dict[str, object]]] | None = None, threshold: float = 4
) -> LinearModel:
    """Guards in the east and in the west, of 4 of 4 sites each or none, who need hardly more than nothing of one medic."""
    lines = [line(place, 4, area=place, threshold=threshold) for place in ("east", "west")]
    medics = [line(f"medics-{place}", 2, area=place, capability="heal", weight=0) for place in ("east", "west")]
    enabler = {
        "enabler": "medics",
        "capability": "heal",
        "per_personnel": 0.0001,
        "scope": "post",
        "applies_to": "heavy",
    }
    tables = {"requirements": [*lines, *medics], "yields": yields, "enablers": [enabler], **(more or {})}
    return Case((), tables).built().linear


GUARDS: list[dict[str, object]] = [{"unit_type": "bn", "capability": "guard", "amount": 4}]
MEDICS: list[dict[str, object]] = [{"unit_type": "team", "capability": "heal", "amount": 1}]


def test_half_a_unit_of_support_is_none() -> None:
    """One team of medics serves guards in one place: without whole numbers too, where it was split between both before."""
    model = supported([*GUARDS, *MEDICS])
    family = next(family for family in model.rows if family.name == "enabler_if_mounted")
    dropped = slice(family.start, family.start + len(family.keys))
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[dropped], upper[dropped] = -np.inf, np.inf
    without = replace(model, row_lower=lower, row_upper=upper)
    assert relaxed(without) == pytest.approx(100.0)
    for same in (whole(model), whole(without)):
        assert same.objective_function_value == pytest.approx(50.0)
    assert relaxed(model) == pytest.approx(50.0)


@pytest.mark.parametrize("helped", ["another unit", "an instrument"])
def test_who_can_do_without_support_asks_for_none(helped: str) -> None:
    """Where some unit reaches the threshold without support, or an instrument helps, mounting asks for no unit of support."""
    yields, more = [*GUARDS, *MEDICS], {}
    if helped == "another unit":
        yields.append({"unit_type": "team", "capability": "guard", "amount": 1})
    if helped == "an instrument":
        more = {
            "instruments": [{"instrument": "drones"}],
            "instrument_yields": [{"instrument": "drones", "capability": "guard", "amount": 1}],
        }
    model = supported(yields, more)
    assert lp_text(model, "enabler")
    assert lp_text(model, "enabler_if_mounted") == ""


def test_support_is_asked_for_while_the_line_is_active() -> None:
    """A post that must be there in two periods, with guards in the first only: no medics are asked for in the second."""
    lines = [line("guard", 4, threshold=4, until=1), line("medics", 2, capability="heal", weight=0)]
    enabler = {"enabler": "medics", "capability": "heal", "per_personnel": 0.0001, "applies_to": "heavy"}
    tables = {"requirements": lines, "yields": [*GUARDS, *MEDICS], "enablers": [enabler]}
    tables["posts"] = [{"mission": "m", "area": "east", "must": True}]
    text = lp_text(Case((), tables, periods=2).built().linear, "enabler_if_mounted")
    assert "enabler_if_mounted[medics,m,east,1]" in text
    assert "enabler_if_mounted[medics,m,east,2]" not in text


def test_an_instrument_may_bring_the_support() -> None:
    """Where an instrument brings medics, it counts beside the teams."""
    more = {
        "instruments": [{"instrument": "hospital"}],
        "instrument_yields": [{"instrument": "hospital", "capability": "heal", "area": "east", "amount": 1}],
    }
    text = lp_text(supported([*GUARDS, *MEDICS], more), "enabler_if_mounted")
    assert "1 instrument[hospital]" in text
    assert text.count("instrument[hospital]") == 1


def test_without_a_threshold_mounting_asks_for_none() -> None:
    """A post may be mounted by medics alone, where nobody has to guard."""
    posts = [{"mission": "m", "area": "east", "min_nations": 1}]
    model = supported([*GUARDS, *MEDICS], {"posts": posts}, threshold=0)
    assert lp_text(model, "mounted")
    assert lp_text(model, "enabler_if_mounted") == ""


def test_who_brings_enough_for_himself_asks_for_none() -> None:
    """Where medics need medics too, and each brings as much as he needs or more, their own line asks for no other."""
    for each in (0.02, 0.01):
        tables = {
            "requirements": [line("medics", 2, capability="heal", threshold=1)],
            "yields": MEDICS,
            "enablers": [{"enabler": "medics", "capability": "heal", "per_personnel": each}],
        }
        assert lp_text(Case((), tables).built().linear, "enabler_if_mounted") == ""


def test_a_must_asks_for_support_outright() -> None:
    """A post that is always mounted needs a unit of support in every period."""
    model = supported([*GUARDS, *MEDICS], {"posts": [{"mission": "m", "area": "east", "must": True}]})
    text = lp_text(model, "enabler_if_mounted")
    assert "+ 1 present[ita-team,medics-east,1] >= 1" in text
    assert "- 1 mounted[m,west,1] >= 0" in text
