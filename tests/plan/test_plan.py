"""The plan, its check, its words, and its folder."""

from __future__ import annotations

import dataclasses
import errno
import itertools
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.check import verify
from optimizer.plan.frames import COLUMNS
from optimizer.plan.gather import Decisions
from optimizer.plan.hand import read_assignments
from optimizer.plan.placing import WRITING
from optimizer.plan.plan import Ending, Plan, plan_from_solution
from optimizer.plan.store import load_plan, save_plan
from optimizer.plan.tables import InvalidPlan
from optimizer.plan.verify import RejectedPlan

from .small import BEST_OF_TWO_POSTS, leads, rows, two_posts, world


def solved(**more: Any) -> Plan:
    """The best plan of the small instance."""
    said = [
        {"name": "coverage", "value": 60.0, "bound": 60.0, "gap": 0.0},
        {"name": "cost", "value": 32.0, "bound": 31.0},
    ]
    said_of_itself: dict[str, Any] = {
        "aims": said,
        "timings": {"solve": 0.5},
        "seed": 7,
        "log": "HiGHS\n",
        "events": ("All went well.",),
        "options": {"gap": 0.05},
        "versions": {"highs": "1.11.0", "forcegen": "0.9.0"},
    }
    ending = Ending("optimal", **said_of_itself | more)
    return plan_from_solution(two_posts(), None, ending, Decisions(rows(BEST_OF_TWO_POSTS)))


def rich() -> Plan:
    """A plan with every table filled: leads, instruments, what a fund pays, flows, enablers, limits, a baseline."""
    instance = world(
        periods=3,
        aims=[{"name": "coverage"}, {"name": "changes", "priority": 2}],
        nations=[{"nation": "A", "gateway": "home", "budget": 15.5, "fair_share": 1}, {"nation": "B", "fair_share": 2}],
        pledges=[
            {"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "tour": 2},
            {"pledge": "B", "nation": "B", "unit_type": "inf", "quantity": 4},
        ],
        areas=[{"area": name} for name in ("home", "north", "south")],
        posts=[{"mission": "watch", "area": "north", "lead": "required", "lead_term": 1}],
        participation=[{"may_lead": True}],
        enablers=[{"enabler": "cover", "capability": "guard", "per_personnel": 1 / 7, "hard": False}],
        instruments=[{"instrument": "i", "cost": 1 / 3}],
        links=[
            {"link": "together", "kind": "needs", "nation": "B", "other": "A"},
            {"link": "one of them", "kind": "excludes", "nation": "A", "other": "B", "area": "south"},
        ],
        funding=[{"fund": "trust", "payer": "trust fund", "share": 0.5}],
        routes=[{"origin": "home", "destination": "north", "mode": "", "cost": 0.1}],
    )
    return plan_from_solution(
        instance,
        None,
        Ending("feasible", options={"time_limit": float("inf"), "threads": 2}),
        Decisions(
            rows("A north 1-2 1; B north 3 2"),
            leads("A north 1+2; B north 3"),
            [{"instrument": "i", "used": True}],
            funding=[{"fund": "trust", "nation": "A", "amount": 9.0}],
        ),
        baseline=pd.DataFrame(rows("A north 1-2 2")),
    )


def same(one: Plan, other: Plan) -> None:
    """All fields are equal, tables included, and so are the types of their columns."""
    for field in dataclasses.fields(Plan):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b)
        elif isinstance(a, Instance):
            assert a.hash == b.hash
        elif field.name != "options":
            assert a == b, field.name


# from a solution to a plan -----------------------------------------------------------------------------------------


def test_aims_are_recomputed_and_keep_bound_and_gap() -> None:
    """Value, bound and gap stand in order of solution; the gap is that of the plan's own value."""
    aims = solved().aims
    assert aims["name"].tolist() == ["coverage", "cost"]
    assert aims["value"].tolist() == [60.0, 32.0]
    assert aims["gap"].tolist() == [0.0, pytest.approx(1 / 32)]
    assert solved().aim("cost") == 32.0
    assert solved().aim("nations") is None


def test_a_broken_plan_does_not_come_into_being() -> None:
    """The solution of a search that breaks a rule is rejected, with the rule."""
    with pytest.raises(RejectedPlan, match="no Italian troops"):
        plan_from_solution(two_posts(), None, Ending("feasible"), Decisions(rows("ITA-tt guard-west 1 1")))


@pytest.mark.parametrize(
    "said",
    [
        {"name": "coverage", "value": 61.0},
        {"name": "cost", "value": 31.0},
        {"name": "coverage", "value": 59.0, "bound": 59.5},
        {"name": "cost", "value": 33.0, "bound": 32.5},
    ],
)
def test_a_search_that_says_what_cannot_be_is_rejected(said: dict[str, Any]) -> None:
    """A stated value better than the plan's own, or a bound that the plan beats, is a disagreement."""
    with pytest.raises(RejectedPlan) as rejected:
        solved(aims=[said])
    assert [violation.rule for violation in rejected.value.violations] == ["stated"]


def test_a_search_may_count_less_than_the_plan_has() -> None:
    """A solver need not count all that is delivered; the plan states what is true."""
    assert solved(aims=[{"name": "coverage", "value": 50.0, "bound": 70.0}]).aims["value"].tolist() == [60.0, 32.0]


@pytest.mark.parametrize("termination", ["infeasible", "none_found", "interrupted", "crashed"])
def test_a_search_may_end_without_a_plan(termination: str, tmp_path: Path) -> None:
    """Without a plan there are a head, a log and the input, and no tables; reading gives the same."""
    plan = plan_from_solution(two_posts(), None, Ending(termination, log="none"))
    assert not plan.has_plan
    save_plan(plan, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "SHA256SUMS",
        "input",
        "plan.json",
        "solver.log",
    ]
    same(plan, load_plan(tmp_path / "out"))
    with pytest.raises(ValueError, match="no plan to verify"):
        verify(two_posts(), plan)


def test_termination_and_plan_must_fit() -> None:
    """What is optimal has a plan; what is infeasible has none; other words are unknown."""
    for termination, decisions in (("optimal", None), ("infeasible", Decisions([])), ("done", Decisions([]))):
        with pytest.raises(ValueError, match=termination):
            plan_from_solution(two_posts(), None, Ending(termination), decisions)


def test_a_plan_is_frozen_and_can_be_pickled() -> None:
    """A plan crosses process borders unchanged and its fields cannot be set."""
    plan = rich()
    same(plan, pickle.loads(pickle.dumps(plan)))  # noqa: S301 - our own bytes
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.termination = "optimal"  # type: ignore[misc]


def test_a_rejection_can_be_pickled() -> None:
    """A rejection keeps its violations across process borders."""
    with pytest.raises(RejectedPlan) as rejected:
        solved(aims=[{"name": "coverage", "value": 61.0}])
    again = pickle.loads(pickle.dumps(rejected.value))  # noqa: S301 - our own bytes
    assert again.violations == rejected.value.violations


# summary -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("termination", "has_plan", "words"),
    [
        ("optimal", True, "Optimal: proven"),
        ("feasible", True, "within 3.2 % of the best possible (cost)"),
        ("interrupted", True, "Interrupted: the best plan"),
        ("interrupted", False, "Interrupted: no plan"),
        ("crashed", False, "The solver broke down"),
        ("infeasible", False, "Infeasible: the rules contradict"),
        ("none_found", False, "Nothing found in time"),
    ],
)
def test_every_end_has_its_own_words(termination: str, has_plan: bool, words: str) -> None:
    """Optimal, feasible, infeasible and nothing found in time are different sentences."""
    plan = dataclasses.replace(solved(), termination=termination, has_plan=has_plan)
    assert words in plan.summary()


def test_the_summary_tells_the_story() -> None:
    """Aims with bound and gap, missions, gaps, nations and binding limits stand in the summary."""
    text = solved().summary()
    for words in (
        "Two nations, two posts",
        "60 %",
        "32 million EUR",
        "best possible 31",
        "guard-west",
        "50 % open",
        "FRA max_personnel",
        "600 of 900",
        "All went well.",
    ):
        assert words in text


def test_the_summary_of_a_plan_without_troubles() -> None:
    """Where all is met, nobody deploys or no limit binds, the summary says so instead of showing empty lists."""
    full = plan_from_solution(
        world(), None, Ending("feasible"), Decisions(rows("A north 1 4; B north 1 1; B south 1 3; C south 1 2"))
    ).summary()
    assert "Every requirement is met in full." in full
    assert "No limit binds." in full
    assert "how good it is has not been proven" in full
    assert "Nobody deploys." in plan_from_solution(world(), None, Ending("feasible"), Decisions([])).summary()


def test_the_summary_of_a_longer_plan() -> None:
    """Open posts, burden and changes are told in their own units."""
    text = rich().summary()
    for words in ("watch in south", "× its fair share", "unit-periods", "personnel at most"):
        assert words in text


def test_an_empty_baseline_is_one() -> None:
    """A baseline plan that deploys nobody counts every unit-period as a change."""
    instance = world(aims=[{"name": "changes"}])
    plan = plan_from_solution(
        instance, None, Ending("feasible"), Decisions(rows("A north 1 2")), baseline=pd.DataFrame()
    )
    assert plan.aim("changes") == 2
    verify(instance, plan)


def test_hostile_names_cannot_rule_the_screen() -> None:
    """Escape sequences, line breaks and marks that turn the reading direction do not reach the terminal."""
    plan = dataclasses.replace(solved(), scenario="a\x1b[2Jb\u202ec\nd" + "x" * 500)
    text = plan.summary()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) < 150


# verify ------------------------------------------------------------------------------------------------------------


def test_verify_returns_the_aims() -> None:
    """A plan that holds gives its recomputed aims: as a plan, as tables, as a folder."""
    plan = solved()
    expected = [("coverage", 60.0), ("cost", 32.0)]
    for given_plan in (plan, {"assignments": plan.assignments}):
        found = verify(two_posts(), given_plan)
        assert list(zip(found["name"], found["value"], strict=True)) == expected


def test_verify_accepts_a_rich_plan() -> None:
    """Leads, instruments, flows and baseline of a plan are read from its own tables."""
    plan = rich()
    assert verify(plan.instance, plan)["value"].tolist()[1] == 4.0


@pytest.mark.parametrize(
    ("table", "column", "row", "value"),
    [
        ("assignments", "cost", 0, 25.0),
        ("assignments", "nation", 0, "ITA"),
        ("requirements", "gap", 1, 0.0),
        ("requirements", "mounted", 0, False),
        ("posts", "personnel", 0, 1.0),
        ("missions", "score", 0, 0.9),
        ("nations", "cost", 1, 7.0),
        ("limits", "used", 0, 900.0),
        ("pledges", "usable", 0, 1),
        ("aims", "value", 0, 60.1),
        ("aims", "name", 0, "cost"),
    ],
)
def test_verify_finds_every_altered_figure(table: str, column: str, row: int, value: object) -> None:
    """One altered cell of a derived table is found and named."""
    plan = solved()
    altered = getattr(plan, table).copy()
    altered.loc[row, column] = value
    with pytest.raises(RejectedPlan) as rejected:
        verify(two_posts(), dataclasses.replace(plan, **{table: altered}))
    assert [violation.rule for violation in rejected.value.violations] == ["stated"]
    assert str(value) in rejected.value.violations[0].message


@pytest.mark.parametrize(
    ("table", "column", "row", "value"),
    [
        ("links", "state", 0, "kept out"),
        ("links", "spare", 1, 2),
        ("tipping", "personnel", 0, 1.0),
        ("tipping", "links", 0, "one of them"),
    ],
)
def test_verify_finds_altered_answers_on_links(table: str, column: str, row: int, value: object) -> None:
    """Who brings whom is derived anew, and an altered answer found."""
    plan = rich()
    altered = getattr(plan, table).copy()
    assert altered.loc[row, column] != value
    altered.loc[row, column] = value
    with pytest.raises(RejectedPlan) as rejected:
        verify(plan.instance, dataclasses.replace(plan, **{table: altered}))
    assert [violation.name for violation in rejected.value.violations] == [f"{table}.{column}"]


def test_verify_finds_missing_rows() -> None:
    """A derived table without one of its rows is found."""
    plan = solved()
    with pytest.raises(RejectedPlan, match="table requirements has 1 rows"):
        verify(two_posts(), dataclasses.replace(plan, requirements=plan.requirements.iloc[:1]))


def test_verify_in_another_scenario() -> None:
    """A plan may be held against another scenario than its own."""
    instance = world(
        conditions=[{"condition": "war"}],
        caveats=[{"caveat": "no", "rule": "forbid", "condition": "war"}],
        scenarios=[{"scenario": "worst", "probability": 1, "war": True}],
    )
    tables = {"assignments": pd.DataFrame(rows("A north 1 1"))}
    assert len(verify(instance, tables)) == 2
    with pytest.raises(RejectedPlan, match="while war is true"):
        verify(instance, tables, scenario="worst")


# the folder --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [solved, rich])
def test_saving_and_loading_give_the_same_plan(make: Callable[[], Plan], tmp_path: Path) -> None:
    """Every table, every type and every figure survives the folder; so does the check."""
    plan = make()
    save_plan(plan, tmp_path / "out")
    again = load_plan(tmp_path / "out")
    same(plan, again)
    verify(again.instance, again)
    verify(again.instance, tmp_path / "out")


def test_the_folder_holds_what_the_interface_says(tmp_path: Path) -> None:
    """The head, its keys and the columns that scripts rely on are there."""
    save_plan(solved(), tmp_path / "out")
    head = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert {
        "instance",
        "scenario",
        "termination",
        "has_plan",
        "aims",
        "timings",
        "versions",
        "options",
        "seed",
    } <= head.keys()
    assert head["instance"] == {"name": "two-posts", "hash": two_posts().hash}
    assert head["aims"][0] == {"name": "coverage", "priority": 1, "value": 60.0, "bound": 60.0, "gap": 0.0}
    first = (tmp_path / "out" / "assignments.csv").read_text().splitlines()
    assert (
        first[0] == "pledge,nation,unit_type,requirement,mission,area,capability,period,units,personnel,delivered,cost"
    )
    assert first[1] == "FRA-bn,FRA,battalion,guard-west,protection,west,guard,1,1,600,5,24"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "plan.json",
        "solver.log",
        "SHA256SUMS",
        "input",
        *(f"{name}.csv" for name in COLUMNS),
    }


def test_an_unknown_bound_is_null(tmp_path: Path) -> None:
    """What is not known is null in the head, not a word that JSON does not have."""
    save_plan(rich(), tmp_path / "out")
    text = (tmp_path / "out" / "plan.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["aims"][0]["bound"] is None


def test_a_plan_replaces_a_plan_and_keeps_other_files(tmp_path: Path) -> None:
    """A second plan takes the place of the first; notes of the user stay, and no leftovers."""
    save_plan(rich(), tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    save_plan(solved(), tmp_path / "out")
    same(solved(), load_plan(tmp_path / "out"))
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "out" / "baseline.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """A folder that holds anything but a plan is refused, and so is a file; an empty folder is taken."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    for name in ("photos", "file"):
        with pytest.raises(FileExistsError, match="something else than a plan"):
            save_plan(solved(), tmp_path / name)
    save_plan(solved(), tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "photos"]


@pytest.mark.parametrize("writes", [0, 1, 5, 14])
def test_a_full_disk_leaves_nothing_half_written(writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full after some writes, the error says so, the old plan is whole and nothing else is left."""
    save_plan(rich(), tmp_path / "old")
    done = 0
    write = os.write

    def full(handle: int, content: bytes) -> int:
        nonlocal done
        done += 1
        if done > writes:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, content)

    monkeypatch.setattr(os, "write", full)
    for name in ("old", "new"):
        done = 0
        with pytest.raises(OSError, match=r"No space left on device: the plan was not written.*" + name) as caught:
            save_plan(solved(), tmp_path / name)
        assert caught.value.errno == errno.ENOSPC
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    same(rich(), load_plan(tmp_path / "old"))


@pytest.mark.parametrize("failing", [1, 2, 21, 30])
def test_a_failing_rename_puts_the_old_plan_back(failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of the renames fails or is interrupted, the old plan stands there as before, beside the user's notes and the report."""
    save_plan(rich(), tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "report.html").write_text("of the old plan")
    before = sorted(tmp_path.rglob("*"))
    calls = 0
    rename = Path.rename

    def fail(path: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(KeyboardInterrupt):
        save_plan(solved(), tmp_path / "out")
    monkeypatch.undo()
    same(rich(), load_plan(tmp_path / "out"))
    assert sorted(tmp_path.rglob("*")) == before


def test_reports_go_with_the_plan_they_were_made_of(tmp_path: Path) -> None:
    """A report of the old plan beside the new one would be believed."""
    save_plan(rich(), tmp_path / "out")
    for name in ("report.html", "report.xlsx", "brief.html", "notes.html"):
        (tmp_path / "out" / name).write_text("old")
    save_plan(solved(), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").glob("*.html")] == ["notes.html"]
    assert not (tmp_path / "out" / "report.xlsx").exists()


def test_a_plan_is_replaced_only_on_demand(tmp_path: Path) -> None:
    """With `replace=False` a plan that is there stays."""
    save_plan(rich(), tmp_path / "out")
    with pytest.raises(FileExistsError, match="a plan already"):
        save_plan(solved(), tmp_path / "out", replace=False)
    same(rich(), load_plan(tmp_path / "out"))


def test_a_folder_that_is_there_stays_the_same(tmp_path: Path) -> None:
    """A mounted disk, or somebody's current folder, cannot be renamed: it is written into; its parent need not be writable."""
    (tmp_path / "out").mkdir()
    number = (tmp_path / "out").stat().st_ino
    for plan in (rich(), solved()):
        save_plan(plan, tmp_path / "out")
        same(plan, load_plan(tmp_path / "out"))
        assert (tmp_path / "out").stat().st_ino == number


def test_what_a_kill_left_is_recovered(tmp_path: Path) -> None:
    """Killed while it was replacing: the next write puts the old files back, and removes what waits; while another writes it gives up."""
    save_plan(rich(), tmp_path / "out")
    waiting = tmp_path / "out" / WRITING
    (waiting / "old").mkdir(parents=True)
    (tmp_path / "out" / "plan.json").rename(waiting / "old" / "plan.json")
    (tmp_path / ".new.forcegen-abcdefgh").mkdir()
    with pytest.raises(FileExistsError):
        save_plan(solved(), tmp_path / "out")
    (tmp_path / "out" / "plan.json").write_bytes((waiting / "old" / "plan.json").read_bytes())
    with pytest.raises(OSError, match="another run is writing there"):
        save_plan(solved(), tmp_path / "out")
    (tmp_path / "out" / "plan.json").unlink()
    for path in (waiting, tmp_path / ".new.forcegen-abcdefgh"):
        os.utime(path, (0, 0))
    save_plan(solved(), tmp_path / "out")
    save_plan(rich(), tmp_path / "new")
    same(solved(), load_plan(tmp_path / "out"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out"]
    assert not waiting.exists()


def test_a_plan_of_hostile_names_survives(tmp_path: Path) -> None:
    """Names that are formulas, quotations, line breaks or mark-up come back letter by letter, and no cell begins like a formula."""
    names = ["=1+1", "-DEU", "@x", "+y", "'=z", "a,b", 'say "hi"', "two\nlines", "<b>bold</b>", "\u202eabc", "'plain"]
    instance = world(
        nations=[{"nation": name} for name in names],
        pledges=[{"pledge": name, "nation": name, "unit_type": "inf", "quantity": 1} for name in names],
        links=[
            {"link": one, "kind": "needs", "nation": one, "other": other, "area": "north"}
            for one, other in itertools.pairwise(names)
        ],
    )
    plan = plan_from_solution(
        instance,
        None,
        Ending("feasible"),
        Decisions([{"pledge": name, "requirement": "north", "period": 1, "units": 1} for name in names]),
    )
    save_plan(plan, tmp_path / "out")
    same(plan, load_plan(tmp_path / "out"))
    assert set(load_plan(tmp_path / "out").assignments["pledge"]) == set(names)
    assert set(load_plan(tmp_path / "out").tipping["nation"]) == set(names[1:])
    for path in (tmp_path / "out").glob("*.csv"):
        for line in path.read_text().replace(',"', ",").split(","):
            assert not line.startswith(("=", "+", "@")), path.name
    verify(instance, tmp_path / "out")


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda folder: (folder / "plan.json").unlink(), "not-a-plan"),
        (lambda folder: (folder / "plan.json").write_text("{"), "unreadable"),
        (lambda folder: (folder / "plan.json").write_text("[]"), "not-a-plan"),
        (lambda folder: (folder / "nations.csv").unlink(), "missing-file"),
        (lambda folder: (folder / "nations.csv").write_text(""), "empty-file"),
        (lambda folder: (folder / "nations.csv").write_text("nation\nFRA\n"), "missing-column"),
        (lambda folder: (folder / "nations.csv").write_bytes(b"\xff\xfe\x00"), "encoding"),
        (lambda folder: _edit(folder / "missions.csv", "training,1", "training,one"), "number"),
        (lambda folder: _edit(folder / "assignments.csv", ",1,600,", ",1.5,600,"), "not-whole"),
        (lambda folder: _edit(folder / "missions.csv", "training,1,", "training,1,2,"), "cells"),
        (lambda folder: _edit(folder / "input" / "nations.csv", "900", "901"), "input-changed"),
        (lambda folder: _edit(folder / "plan.json", '"format": 1', '"format": 2'), "not-a-plan"),
    ],
)
def test_a_damaged_folder_is_a_finding(break_it: Callable[[Path], Any], code: str, tmp_path: Path) -> None:
    """Whatever is damaged, reading says which file and what to do, and never crashes."""
    save_plan(solved(), tmp_path / "out")
    break_it(tmp_path / "out")
    with pytest.raises(InvalidPlan) as invalid:
        load_plan(tmp_path / "out")
    assert code in {finding.code for finding in invalid.value.findings}
    assert all(finding.remedy for finding in invalid.value.findings)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_edited_folder_is_rejected(tmp_path: Path) -> None:
    """One more unit written into the assignments of a solved plan: the check names the cap and the figures that no longer fit."""
    save_plan(solved(), tmp_path / "out")
    _edit(tmp_path / "out" / "assignments.csv", ",guard,1,1,", ",guard,1,2,")
    with pytest.raises(RejectedPlan) as rejected:
        verify(two_posts(), tmp_path / "out")
    assert {violation.rule for violation in rejected.value.violations} == {"limit", "stated", "changed"}


# plans by hand -----------------------------------------------------------------------------------------------------


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_a_plan_by_hand_needs_four_columns(tmp_path: Path) -> None:
    """Pledge, requirement, period and units, in any order, with anything beside, are a plan."""
    write(
        tmp_path, assignments="note,units,pledge,period,requirement\n,1,FRA-bn,1,guard-west\nyes,4,ITA-tt,1,train-ro\n"
    )
    assert verify(two_posts(), tmp_path)["value"].tolist() == [60.0, 32.0]


def test_leads_and_instruments_by_hand(tmp_path: Path) -> None:
    """Leads and instruments are read from their files; a lead without terms leads in all."""
    instance = world(
        posts=[{"mission": "watch", "area": "north", "lead": "required"}],
        participation=[{"may_lead": True}],
        instruments=[{"instrument": "i", "cost": 5}],
    )
    folder = write(tmp_path, assignments="pledge,requirement,period,units\nA,north,1,1\n")
    with pytest.raises(RejectedPlan, match="nobody is named"):
        verify(instance, folder)
    write(
        folder,
        participation="nation,mission,area,leads\nA,watch,north,true\nB,watch,north,\n",
        instruments="instrument\ni\n",
    )
    assert verify(instance, folder)["value"].tolist() == [10.0, 15.0]


@pytest.mark.parametrize(
    ("file", "text", "code", "row", "column"),
    [
        ("assignments", "A,north,1,1\nD,north,1,1", "unknown", 3, "pledge"),
        ("assignments", "A,nort,1,1", "unknown", 2, "requirement"),
        ("assignments", "A,north,1,1.5", "not-whole", 2, "units"),
        ("assignments", "A,north,1,-1", "negative", 2, "units"),
        ("assignments", "A,north,1,many", "number", 2, "units"),
        ("assignments", "A,north,1,", "blank", 2, "units"),
        ("assignments", "A,north,3,1", "too-large", 2, "period"),
        ("assignments", "A,north,0,1", "too-small", 2, "period"),
        ("assignments", "A,north,1,1\n\nA,north,1,1", "duplicate", 4, "pledge"),
        ("assignments", "A,north,1", "cells", 2, None),
        ("assignments", '"A,north,1,1', "csv-syntax", 2, None),
        ("participation", "A,watch,east,true,", "unknown", 2, "area"),
        ("participation", "A,watch,north,maybe,", "boolean", 2, "leads"),
        ("participation", "A,watch,north,true,first", "terms", 2, "lead_terms"),
        ("instruments", "x", "unknown", 2, "instrument"),
        ("flows", "home,north,road,north,1,much", "unknown", 2, "origin"),
    ],
)
def test_findings_on_a_plan_by_hand(
    file: str, text: str, code: str, row: int, column: str | None, tmp_path: Path
) -> None:
    """One fault in a plan by hand gives one finding with file, row, column and remedy (all of them, when there are more)."""
    headings = {
        "assignments": "pledge,requirement,period,units",
        "participation": "nation,mission,area,leads,lead_terms",
        "instruments": "instrument",
        "flows": "origin,destination,mode,destination_area,period,tonnes",
    }
    write(tmp_path, assignments="pledge,requirement,period,units\nA,north,1,1\n")
    write(tmp_path, **{file: f"{headings[file]}\n{text}\n"})
    with pytest.raises(InvalidPlan) as invalid:
        read_assignments(tmp_path, world(periods=2))
    finding = invalid.value.findings[0]
    assert (finding.place, finding.code, finding.row, finding.column) == (f"{file}.csv", code, row, column)
    assert finding.remedy
    assert len(invalid.value.findings) == (2 if file == "flows" else 1)


def test_a_missing_column_suggests_the_likely_one(tmp_path: Path) -> None:
    """A misspelt heading is named with what it could be."""
    write(tmp_path, assignments="pledge,requirment,period,units\nA,north,1,1\n")
    with pytest.raises(InvalidPlan, match="Did you mean 'requirment'"):
        read_assignments(tmp_path, world())
    with pytest.raises(InvalidPlan, match="missing"):
        read_assignments(tmp_path / "nowhere", world())
