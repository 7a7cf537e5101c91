"""The here-and-now plan by hand: the tutorial, drawn pledges, leads, caps of nations, what cannot be asked."""

import json
import math
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.solving.solution import Solution
from optimizer.studies.carried import DENIED
from optimizer.studies.hedge import course, runs
from optimizer.studies.hedge.futures import futures_of
from optimizer.studies.hedge.judging import Judged, case_of
from optimizer.studies.hedge.measure import Measure
from optimizer.studies.hedge.ready import Ready
from optimizer.studies.pool import PooledPlan
from optimizer.studies.question import Question
from optimizer.studies.record import Record, failed
from optimizer.studies.study import Study, Variant
from optimizer.studies.workers import Workers
from tests.studies.small import TUTORIAL


def world(**more: object) -> fg.Instance:
    """One battalion of each of two nations, two posts of which each scenario wants one; 100 = both sent there."""
    tables: dict[str, object] = {
        "nations": [{"nation": "FRA"}, {"nation": "POL"}],
        "unit_types": [{"unit_type": "bn", "personnel": 500, "cost": 1}],
        "yields": [{"unit_type": "bn", "capability": "guard", "amount": 1}],
        "pledges": [
            {"pledge": "F", "nation": "FRA", "unit_type": "bn", "quantity": 1},
            {"pledge": "P", "nation": "POL", "unit_type": "bn", "quantity": 1},
        ],
        "missions": [{"mission": "north"}, {"mission": "south"}],
        "requirements": [
            {"requirement": "n", "mission": "north", "area": "N", "capability": "guard", "target": 2},
            {"requirement": "s", "mission": "south", "area": "S", "capability": "guard", "target": 2},
        ],
        "scenarios": [{"scenario": "up", "probability": 0.7}, {"scenario": "down", "probability": 0.3}],
        "changes": [
            {"scenario": "up", "table": "missions", "key": "south", "column": "weight", "value": 0},
            {"scenario": "down", "table": "missions", "key": "north", "column": "weight", "value": 0},
        ],
    }
    return fg.Instance.from_tables({**tables, **more}, header={"aims": [{"name": "coverage"}]})  # type: ignore[dict-item]


def of(found: fg.Hedge, what: str) -> tuple[float, float]:
    row = found.information.set_index("what").loc[what]
    return pytest.approx((row["at_least"], row["at_most"]), abs=1e-4)  # type: ignore[return-value]


@pytest.mark.parametrize(("measure", "value"), [("expected", 70), ("worst", 50), ("cvar", 50)])
def test_a_unit_is_made_ready_for_one_post(measure, value):
    """Both north: 0.7 of 100; one each: 50 in either scenario. Knowing would give 100."""
    found = fg.hedge(world(), measure=measure)
    assert found.termination == "optimal"
    assert found.value == pytest.approx(value)
    assert of(found, "future known") == (100, 100)
    assert (100 - value, 100 - value) == of(found, "value of perfect information")
    usual = {"expected": 70, "worst": 0, "cvar": 0}[measure]
    assert found.usual == "up"
    assert (value - usual, value - usual) == of(found, "value of the stochastic solution")
    assert found.ready["units"].sum() == 2
    for name, plan in found.plans.items():
        value = found.cases.set_index("comes_true").loc[name, "value"]
        assert fg.verify(plan.instance, plan)["value"].tolist() == [pytest.approx(value)]
        assert plan.aims["bound"].isna().all()


def test_one_scenario_is_an_ordinary_plan():
    """With a single scenario nothing is lost by deciding now."""
    tutorial = fg.read_instance(TUTORIAL)
    tables = {name: tutorial.rows(name) for name in tutorial.tables if name != "scenarios"}
    certain = fg.Instance.from_tables(tables, header={"periods": {"count": tutorial.header.periods}})
    assert fg.hedge(certain).value == pytest.approx(fg.solve(certain).aim("coverage"))


def test_the_tutorial():
    """Between the better of the kept plans (60) and the value with the future known (72), as the table of scenarios has them."""
    found = fg.hedge(TUTORIAL)
    assert found.value == pytest.approx(60 + 2 / 3)
    assert of(found, "future known") == (72, 72)
    assert of(found, "usual plan") == (58 + 2 / 3, 58 + 2 / 3)


def test_what_is_ready_keeps_the_caps_of_a_nation():
    """With two units each nation could be ready everywhere, were it not for its cap or its budget."""
    pledges = [
        {"pledge": "F", "nation": "FRA", "unit_type": "bn", "quantity": 4},
        {"pledge": "P", "nation": "POL", "unit_type": "bn", "quantity": 0},
    ]
    assert fg.hedge(world(pledges=pledges)).value == pytest.approx(100)
    for cell in ({"max_personnel": 1000}, {"max_units": 2}, {"budget": 2}):
        nations = [{"nation": "FRA", **cell}, {"nation": "POL"}]
        assert fg.hedge(world(pledges=pledges, nations=nations)).value == pytest.approx(70), cell


def test_who_leads_is_decided_now():
    """North and south need each one lead, and each scenario lets only one nation be there; the one who is named must be right in both."""
    posts = [{"mission": "north", "area": "N", "lead": "required"}]
    participation = [{"nation": nation, "may_lead": True} for nation in ("FRA", "POL")]
    changes = [
        {"scenario": "up", "table": "pledges", "key": "P", "column": "quantity", "value": 0},
        {"scenario": "down", "table": "pledges", "key": "F", "column": "quantity", "value": 0},
    ]
    missions = [{"mission": "north"}, {"mission": "south", "weight": 0}]
    instance = world(posts=posts, participation=participation, changes=changes, missions=missions)
    found = fg.hedge(instance)
    assert found.leads[["nation", "mission", "area"]].to_numpy().tolist() == [["FRA", "north", "N"]]
    values = dict(zip(found.cases["comes_true"], found.cases["value"], strict=True))
    assert values == {"up": pytest.approx(50), "down": pytest.approx(0)}
    assert fg.hedge(instance, measure="worst").value == pytest.approx(0)


def test_draws_are_the_same_in_every_scenario_and_merged():
    pledges = [
        {"pledge": "F", "nation": "FRA", "unit_type": "bn", "quantity": 1, "probability": 0.5},
        {"pledge": "P", "nation": "POL", "unit_type": "bn", "quantity": 1},
    ]
    futures = futures_of(world(pledges=pledges), draws=40, seed=3)
    assert len(futures.each) == 4
    assert sum(futures.weights) == pytest.approx(1)
    fails = {(one.scenario, one.fails): one.probability for one in futures.each}
    assert fails["up", ("F",)] / 0.7 == pytest.approx(fails["down", ("F",)] / 0.3)
    assert 0.2 < fails["up", ("F",)] / 0.7 < 0.8
    assert futures == futures_of(world(pledges=pledges), draws=40, seed=3)
    third = [*pledges, {"pledge": "A", "nation": "POL", "unit_type": "bn", "quantity": 1, "probability": 0.5}]
    more = futures_of(world(pledges=third), draws=40, seed=3)
    again = sum(one.probability for one in more.each if one.scenario == "up" and "F" in one.fails)
    assert again == pytest.approx(fails["up", ("F",)])
    found = fg.hedge(world(pledges=pledges), draws=40, seed=3)
    share = 1 - fails["up", ("F",)] / 0.7
    assert found.value == pytest.approx(70 * (0.5 + 0.5 * share))
    assert fg.hedge(world(pledges=pledges)).value == pytest.approx(70)


def test_a_pledge_that_fails_is_not_in_the_plan():
    pledges = [{"pledge": "F", "nation": "FRA", "unit_type": "bn", "quantity": 1, "probability": 0}]
    found = fg.hedge(world(pledges=pledges), draws=1)
    assert found.cases["fails"].tolist() == ["F", "F"]
    assert found.value == pytest.approx(0)


def test_what_must_be_and_cannot_is_named():
    posts = [{"mission": "north", "area": "N", "must": True}, {"mission": "south", "area": "S", "must": True}]
    requirements = [
        {"requirement": name, "mission": mission, "area": area, "capability": "guard", "target": 2, "threshold": 1}
        for name, mission, area in (("n", "north", "N"), ("s", "south", "S"))
    ]
    changes = [{"scenario": "down", "table": "pledges", "key": "P", "column": "quantity", "value": 0}]
    found = fg.hedge(world(posts=posts, requirements=requirements, changes=changes))
    assert (found.termination, found.value) == ("infeasible", None)
    assert any(warning.startswith("down: no plan keeps all rules") for warning in found.warnings)


def test_what_cannot_be_asked():
    scenarios = [{"scenario": "up"}, {"scenario": "down"}]
    unknown = world(scenarios=scenarios)
    with pytest.raises(fg.InvalidStudy, match="no probability"):
        fg.hedge(unknown)
    worst = fg.hedge(unknown, measure="worst")
    assert worst.value == pytest.approx(50)
    assert worst.cases["probability"].isna().all()
    assert worst.information.set_index("what").loc["usual plan"].isna().all()
    with pytest.raises(fg.InvalidStudy, match="no pledge has a probability below 1"):
        fg.hedge(world(), draws=5)
    with pytest.raises(ValueError, match="level"):
        fg.hedge(world(), measure="cvar", level=1)


def test_a_scenario_that_cannot_be_does_not_count():
    scenarios = [{"scenario": "up", "probability": 1}, {"scenario": "down", "probability": 0}]
    found = fg.hedge(world(scenarios=scenarios), measure="worst")
    assert found.value == pytest.approx(100)
    assert any("probability of 0" in warning for warning in found.warnings)


def test_cvar_of_scores():
    """The mean of the worst tenth; of a part of a case where it must be."""
    cvar = Measure("cvar", 0.9)
    assert cvar.of([10, 20, 30], [0.05, 0.05, 0.9]) == pytest.approx(15)
    assert cvar.of([10, 20, 30], [0.02, 0.04, 0.94]) == pytest.approx((0.2 + 0.8 + 1.2) / 0.1)
    assert Measure("cvar", 0).of([10, 20], [0.5, 0.5]) == pytest.approx(15)
    assert Measure("worst").of([30, -math.inf], [0.5, 0.5]) == -math.inf


@pytest.mark.parametrize("kind", ["expected", "worst", "cvar"])
def test_one_case_without_a_plan_outweighs_what_is_not_known_of_another(kind):
    """The usual plan cannot be kept in one case, and nothing was found in time in the other."""
    assert Measure(kind, 0.25).of([math.inf, -math.inf], [0.5, 0.5]) == -math.inf


def test_check_says_who_uses_probabilities():
    from optimizer.instance.read.examine import check_instance

    pledges = [{"pledge": "F", "nation": "FRA", "unit_type": "bn", "quantity": 1, "probability": 0.5}]
    codes = {finding.code for finding in check_instance(world(pledges=pledges))}
    assert "uncertain-pledges" in codes
    assert "uncertain-pledges" not in {finding.code for finding in check_instance(world())}
    with pytest.raises(fg.InvalidInstance, match="probability"):
        world(pledges=[{**pledges[0], "probability": 1.5}])


def test_known_plans_are_put_together(monkeypatch, tmp_path):
    """Where the search for all cases together finds nothing, the best that known plans make together is the plan; a pool makes it better."""
    monkeypatch.setattr(course, "COMBINED", 0)
    pool = tmp_path / "pool"
    assert fg.hedge(world(), jobs=1, measure="worst", pool=pool).value == pytest.approx(50)
    monkeypatch.setattr(course._Run, "_joint", lambda *_: (None, [], math.inf, "none_found"))
    for measure, value in (("expected", 70), ("worst", 50), ("cvar", 50)):
        found = fg.hedge(world(), jobs=1, measure=measure, pool=pool)
        assert found.value == pytest.approx(value)
        assert found.termination == "feasible"
        for plan in found.plans.values():
            assert len(fg.verify(plan.instance, plan)) == 1
    assert fg.hedge(world(), jobs=1, measure="worst").value == pytest.approx(0)


def test_known_plans_with_tours_of_two_periods_are_put_together(monkeypatch, tmp_path):
    """Both periods of a tour ask for the same columns to be made ready."""
    pledges = [
        {"pledge": name[0], "nation": name, "unit_type": "bn", "quantity": 1, "tour": 2} for name in ("FRA", "POL")
    ]
    lines = [{**row, "until": 2} for row in world().rows("requirements")]
    tables = {name: world().rows(name) for name in world().tables} | {"pledges": pledges, "requirements": lines}
    header = {"aims": [{"name": "coverage"}], "periods": {"count": 3}}
    instance, pool = fg.Instance.from_tables(tables, header=header), tmp_path / "pool"
    assert fg.hedge(instance, jobs=1, pool=pool).value == pytest.approx(70)
    monkeypatch.setattr(course, "COMBINED", 0)
    monkeypatch.setattr(course._Run, "_joint", lambda *_: (None, [], math.inf, "none_found"))
    assert fg.hedge(instance, jobs=1, pool=pool).value == pytest.approx(70)


def test_an_interruption_keeps_what_was_found(monkeypatch):
    """Ctrl-C while the cases are solved with what is ready: what was found together is the plan; before there is one, nothing is."""
    judge, told, ends = runs.judge, [], ["each case, with what is ready"]

    def interrupted(case, model, search, start=None):
        if told and told[-1] in ends:
            raise KeyboardInterrupt
        return judge(case, model, search, start)

    monkeypatch.setattr(runs, "judge", interrupted)
    found = fg.hedge(world(), report=told.append)
    assert (found.termination, found.value) == ("interrupted", pytest.approx(70))
    assert set(found.plans) == {"up", "down"}
    ends.append("the plan of each other case alone")
    with pytest.raises(KeyboardInterrupt):
        fg.hedge(world(), report=told.append)


def same(one, other):
    """Whether two searches found the same, to the last digit."""
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name], check_exact=True)
    assert (one.value, one.bound, one.termination) == (other.value, other.bound, other.termination)


def test_killed_anywhere_it_goes_on_to_the_same_end(tmp_path):
    """Early and late; nothing is solved twice; another measure is another study."""
    out = tmp_path / "out"
    found = fg.hedge(world(), out=out, pool=tmp_path / "pool")
    journal = (out / "runs.jsonl").read_bytes().splitlines(keepends=True)
    head = (out / "study.json").read_bytes().replace(b'"done"', b'"running"')
    for cut in (1, 2, len(journal) - 3, len(journal) - 1):
        (out / "study.json").write_bytes(head)
        (out / "runs.jsonl").write_bytes(b"".join(journal[:cut]) + journal[cut][:-3])
        same(fg.hedge(world(), out=out, resume=True, pool=tmp_path / "pool"), found)
        again = (out / "runs.jsonl").read_bytes().splitlines(keepends=True)
        assert (again[:cut], len(again)) == (journal[:cut], len(journal))
    with pytest.raises(FileExistsError, match="another study"):
        fg.hedge(world(), measure="worst", out=out, resume=True)


@pytest.mark.parametrize(("here", "seconds"), [(True, 14.0), (False, 8.0)])
def test_a_resumed_search_has_what_its_records_leave(here, seconds):
    """Runs that are shared out took a part of their seconds; one after another, or together, they took all."""
    timed = [(runs.BEGUN, 1.0), ("one", 4.0), ("another", 8.0), (runs.TOGETHER, 1.0)]
    records = {run: Record(run, {runs.MARK: mark}, {"seconds": took}) for run, (mark, took) in enumerate(timed)}
    question = Question(Study("hedge"), (world(),))
    assert runs.Runs(question, futures_of(world()), {}, Workers(2), records, here).spent == seconds


def test_two_processes_find_the_same_as_one(monkeypatch):
    """The cases of a large instance are shared out."""
    alone = fg.hedge(world(), jobs=1)
    monkeypatch.setattr(course, "COMBINED", 0)
    monkeypatch.setattr(course, "combined", lambda *_: None)
    same(fg.hedge(world(), jobs=2), alone)


@pytest.mark.parametrize("ended", ["crashed", "none_found"])
def test_a_worker_that_is_lost_costs_one_run(monkeypatch, ended):
    """The usual plan's run ends without an answer: a warning says so, and the rest goes on."""
    answer = runs.Hedger.answer

    def lost(self, variant, start):
        if variant.inputs[0] == runs.WHOLE:
            return failed(variant.run, ended, "the run's process died twice (signal 9)")
        return answer(self, variant, start)

    monkeypatch.setattr(runs.Hedger, "answer", lost)
    found = fg.hedge(world())
    assert (found.termination, found.value) == ("optimal", pytest.approx(70))
    assert "Failed: up: the run's process died twice (signal 9)" in found.warnings


DENYING = Judged(None, -math.inf, "infeasible")


@pytest.mark.parametrize("denied", [runs.OWN, runs.WHOLE, runs.READY, "together"])
def test_a_search_that_denies_a_known_plan_has_failed(monkeypatch, denied):
    """A warning says so, and what else is known is kept."""
    answer = runs.Hedger.answer

    def denying(self, variant, start):
        with monkeypatch.context() as patch:
            if variant.inputs[0] == denied and variant.inputs[-1]:
                patch.setattr(runs, "judge", lambda *_: DENYING)
            return answer(self, variant, start)

    monkeypatch.setattr(runs.Hedger, "answer", denying)
    if denied == "together":
        monkeypatch.setattr(course, "solve_levels", lambda *_: Solution(None, "infeasible"))
    found = fg.hedge(world())
    assert found.value == pytest.approx(70)
    who = {runs.OWN: "down", "together": "all together"}.get(denied, "up")
    assert any(one.startswith(f"Failed: {who}: ") and DENIED in one for one in found.warnings)
    assert not any("no plan keeps all rules" in one or "cannot be kept" in one for one in found.warnings)


def test_nothing_is_denied_where_a_start_needs_more_than_is_ready(monkeypatch):
    """Units that are not ready, or a nation that is not named to lead, make a start no plan of its case."""
    posts = [{"mission": "north", "area": "N", "lead": "required"}]
    participation = [{"nation": nation, "may_lead": True} for nation in ("FRA", "POL")]
    instance = world(posts=posts, participation=participation)
    futures = futures_of(instance)
    plan = fg.solve(instance, "up", child=False)
    units = {(one["pledge"], one["requirement"], one["period"]): 1 for one in plan.assignments.to_dict("records")}
    leads = [(one["nation"], "north", "N", 1) for one in plan.participation.to_dict("records") if one["leads"]]
    assert (len(units), len(leads)) == (2, 1)
    hedger = runs.Hedger(
        Question(Study("hedge"), (instance,)).setup, futures, dict(enumerate(map(case_of, futures.each)))
    )
    monkeypatch.setattr(runs, "judge", lambda *_: DENYING)
    ended = []
    for ready in (Ready(units, frozenset(leads)), Ready({}, frozenset(leads)), Ready(units, frozenset())):
        inputs = (runs.READY, 0, runs.text_of(ready, None), PooledPlan.of(plan).packed)
        ended.append(hedger.answer(Variant(0, "", 0, inputs), "").outcome["termination"])
    assert ended == ["failed", "infeasible", "infeasible"]


def test_the_command(tmp_path):
    """The folder holds the tables and a plan for each case, each of which verifies; a report is made of it; the pool is kept."""
    run = CliRunner().invoke
    out, pool = tmp_path / "out", tmp_path / "pool"
    done = run(forcegen, ["hedge", str(TUTORIAL), "--out", str(out), "--pool", str(pool), "--json"])
    said = json.loads(done.stdout)
    assert (done.exit_code, said["exit_code"], said["termination"]) == (0, 0, "optimal")
    assert said["value"] == pytest.approx(60 + 2 / 3)
    assert len(list(pool.iterdir())) >= 4
    for number in (1, 2):
        plan = fg.load_plan(out / "plans" / str(number))
        assert fg.verify(plan.instance, plan)["value"].tolist()[0] == pytest.approx(said["cases"][number - 1]["value"])
    page = tmp_path / "page.md"
    assert run(forcegen, ["report", str(out), "--md", str(page)]).exit_code == 0
    text = page.read_text()
    assert "Knowing it would be worth 11.33" in text
    assert "What the here-and-now plan gains on it: 2." in text
    again = run(forcegen, ["hedge", str(TUTORIAL), "--out", str(out)])
    assert again.exit_code == 2
    assert "holds a study already" in again.stderr
    shutil.rmtree(out)
    shown = run(forcegen, ["hedge", str(TUTORIAL), "--out", str(out), "--measure", "worst"])
    assert shown.exit_code == 0
    assert "Here and now, worst case: coverage 60." in shown.output
