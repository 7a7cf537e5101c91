"""A plan's folder that was edited: bounds, gaps, endings, tables, input, digest; and every kind of wrong value in it."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.cli.app import forcegen
from optimizer.instance.findings import InvalidInstance
from optimizer.plan.check import check_folder, load_checked, verify
from optimizer.plan.digest import DIGEST_FILE, digest_of
from optimizer.plan.frames import COLUMNS, PLAN_TABLES
from optimizer.plan.plan import Ending, plan_from_solution
from optimizer.plan.store import save_plan
from optimizer.plan.tables import InvalidPlan
from optimizer.plan.verify import RejectedPlan
from optimizer.plan.violation import Violation
from optimizer.reporting.markdown import write_markdown

from .small import Row, two_posts, world
from .test_plan import rich, solved

Head = dict[str, Any]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two plans as they were written: `solved` (bounds) and `rich` (every table filled)."""
    root = tmp_path_factory.mktemp("written")
    return {plan.__name__: save_plan(plan(), root / plan.__name__) for plan in (solved, rich)}


@pytest.fixture
def written(folders: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """A fresh copy of one of the two."""
    return lambda name: Path(shutil.copytree(folders[name], tmp_path / name))


def sign(folder: Path) -> None:
    """Write the digest anew: a forger can do so, too."""
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != DIGEST_FILE
    }
    (folder / DIGEST_FILE).write_bytes(digest_of(files))


def broken(folder: Path) -> tuple[Violation, ...]:
    """What the check finds, against the plan's own input."""
    try:
        load_checked(folder)
    except RejectedPlan as error:
        return error.violations
    return ()


def rules(folder: Path) -> set[str]:
    """The rules that the check finds broken."""
    return {violation.rule for violation in broken(folder)}


def edit(folder: Path, change: Callable[[Head], object]) -> None:
    """Change the head."""
    head = json.loads((folder / "plan.json").read_text())
    change(head)
    (folder / "plan.json").write_text(json.dumps(head))


def first(**values: object) -> Callable[[Head], object]:
    """Change the first aim."""
    return lambda head: head["aims"][0].update(values)


def second(**values: object) -> Callable[[Head], object]:
    """Change the second aim."""
    return lambda head: head["aims"][1].update(values)


def test_a_plan_as_written_passes(written: Callable[[str], Path]) -> None:
    """Nothing is found in a folder as it was written, nor in one whose report and notes were added."""
    for name in ("solved", "rich"):
        folder = written(name)
        (folder / "report.html").write_text("a page")
        assert rules(folder) == set()
        assert verify(load_checked(folder).instance, folder)["name"].iloc[0] == "coverage"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (first(bound=59.0, gap=0.0), "bounds nothing"),
        (second(bound=33.0, gap=0.0), "bounds nothing"),
        (second(gap=0.0), "value and bound make it"),
        (second(gap=None), "value and bound make it"),
        (second(bound=None), "no bound that it could be measured against"),
        (second(bound=None, gap=None), "has no bound"),
        (second(bound=20.0, gap=0.375), "said to be optimal within"),
        (lambda head: head["options"].update(gap=0.01), "said to be optimal within"),
        (first(bound=80.0, gap=1 / 3), "said to be optimal within"),
        (first(value=61.0, bound=61.0), "states coverage = 61"),
        (first(priority=2), "priority"),
        (lambda head: head["aims"].append(dict(head["aims"][0], name="personnel")), "no more among its aims"),
        (lambda head: head["aims"].pop(), "the plan states nothing"),
        (lambda head: head.update(termination="infeasible"), "ended as infeasible"),
        (lambda head: head.update(termination="none_found"), "ended as none_found"),
        (lambda head: head.update(versions={}), "no solver is named"),
    ],
)
def test_a_forged_proof_contradicts_the_plan(
    change: Callable[[Head], object], words: str, written: Callable[[str], Path]
) -> None:
    """Bound, gap, ending and aims are held against the recomputed values, also where the digest was written anew."""
    folder = written("solved")
    edit(folder, change)
    sign(folder)
    with pytest.raises(RejectedPlan) as rejected:
        verify(two_posts(), folder)
    assert words in str(rejected.value)
    assert {violation.rule for violation in rejected.value.violations} == {"stated"}


def test_a_search_without_a_plan_cannot_be_given_another_ending(tmp_path: Path) -> None:
    """An ending that needs a plan, values of aims, or tables where there is no plan, is found."""
    folder = save_plan(
        plan_from_solution(two_posts(), None, Ending("infeasible", versions={"highs": "1.11.0"})), tmp_path / "no"
    )
    assert rules(folder) == set()
    edit(folder, lambda head: head.update(termination="none_found"))
    assert rules(folder) == {"changed"}
    edit(folder, lambda head: head.update(termination="optimal"))
    sign(folder)
    assert rules(folder) == {"stated"}
    (folder / "nations.csv").write_text("nation\n")
    with pytest.raises(InvalidPlan, match="none was found"):
        load_checked(folder)


@pytest.mark.parametrize("table", COLUMNS)
def test_every_table_is_recomputed(table: str, written: Callable[[str], Path]) -> None:
    """In every table, a changed cell of every column, a row taken away, a row twice, and a table taken away are found."""
    folder = written("rich")
    path = folder / f"{table}.csv"
    heading, *lines = path.read_text().splitlines()
    names, cells = heading.split(","), lines[0].split(",")
    other = [{"true": "false", "false": "true"}.get(cell, "77") for cell in cells]
    keys = PLAN_TABLES[table].key
    for parts in ([name for name in names if name not in keys], *([key] for key in keys)):
        row = [new if name in parts else old for name, old, new in zip(names, cells, other, strict=True)]
        path.write_text("\n".join([heading, ",".join(row), *lines[1:], ""]))
        sign(folder)
        found = broken(folder)
        assert found, parts
        if table not in {"assignments", "participation", "instruments", "flows", "funding"} and parts[0] not in keys:
            assert {violation.name for violation in found} == {f"{table}.{name}" for name in parts}
    for wrong in (lines[1:], [*lines, lines[0]]):
        path.write_text("\n".join([heading, *wrong, ""]))
        sign(folder)
        assert broken(folder), wrong
    path.unlink()
    sign(folder)
    with pytest.raises(InvalidPlan, match=f"{table}.csv: the file is missing"):
        load_checked(folder)


@pytest.mark.parametrize(
    "name", ["plan.json", "nations.csv", "solver.log", "baseline.csv", "input/nations.csv", DIGEST_FILE]
)
def test_the_digest_shows_every_change(name: str, written: Callable[[str], Path]) -> None:
    """A blank line more in any file, or the file taken away, is named (a lost digest too)."""
    folder = written("rich")
    path = folder / name
    path.write_text(path.read_text() + "\n")
    with pytest.raises(RejectedPlan) as rejected:
        verify(rich().instance, folder)
    assert {(v.rule, v.name) for v in rejected.value.violations} == {("changed", name)}
    if name in {"solver.log", DIGEST_FILE}:
        path.unlink()
        with pytest.raises(RejectedPlan, match=f"{name}.* (was taken away|is not there)"):
            verify(rich().instance, folder)


def test_files_added_to_the_input_are_found(written: Callable[[str], Path]) -> None:
    """The input copy is part of the digest; its content is that which the head names."""
    folder = written("solved")
    (folder / "input" / "notes.txt").write_text("mine")
    assert rules(folder) == {"changed"}
    path = folder / "input" / "nations.csv"
    path.write_text(path.read_text().replace("900", "901"))
    sign(folder)
    with pytest.raises(InvalidPlan, match="input-changed"):
        load_checked(folder)


@pytest.mark.parametrize(
    "column", [c for c in COLUMNS["assignments"] if c not in {"pledge", "requirement", "period", "units"}]
)
def test_a_column_that_contradicts_its_pledge_is_a_violation(column: str, tmp_path: Path) -> None:
    """Every further column of a plan by hand may be blank or right, and nothing else."""
    right = {"nation": "FRA", "unit_type": "battalion", "mission": "protection", "area": "west", "capability": "guard"}
    right |= {"personnel": "600", "delivered": "5", "cost": "24"}
    other = {
        "nation": "ITA",
        "unit_type": "training_team",
        "mission": "training",
        "area": "romania",
        "capability": "train",
    }
    for value, holds in ((right[column], True), ("", True), (other.get(column, "7"), False)):
        (tmp_path / "assignments.csv").write_text(
            f"pledge,requirement,period,units,{column}\nFRA-bn,guard-west,1,1,{value}\n"
        )
        if holds:
            verify(two_posts(), tmp_path)
            continue
        with pytest.raises(RejectedPlan) as rejected:
            verify(two_posts(), tmp_path)
        assert [violation.name for violation in rejected.value.violations] == [f"assignments.{column}"]


def test_other_tables_beside_a_plan_by_hand_are_compared(tmp_path: Path) -> None:
    """A table of figures beside hand-made assignments may be partial, but not wrong."""
    (tmp_path / "assignments.csv").write_text("pledge,requirement,period,units\nFRA-bn,guard-west,1,1\n")
    (tmp_path / "nations.csv").write_text("nation,cost,personnel\nFRA,24,\n")
    found = check_folder(two_posts(), tmp_path)
    assert (found.plan, found.proof) == (None, "by hand, no bound")
    (tmp_path / "nations.csv").write_text("nation,cost,personnel\nFRA,25,\nNowhere,0,0\n")
    with pytest.raises(RejectedPlan) as rejected:
        verify(two_posts(), tmp_path)
    assert sorted(violation.name for violation in rejected.value.violations) == ["nations", "nations.cost"]


def test_a_damaged_head_makes_no_plan_by_hand(written: Callable[[str], Path]) -> None:
    """A folder with a head that cannot be read is not taken for a plan by hand."""
    folder = written("solved")
    for text in ("{}", "", '{"format": 1}', '{"format": 1, "format": 1}', '{"seed": NaN}'):
        (folder / "plan.json").write_text(text)
        with pytest.raises(InvalidPlan, match=r"plan\.json"):
            verify(two_posts(), folder)


WRONG: tuple[Any, ...] = (
    None, True, "", "x", -1, 0.5, 1e308, 10**400, [], {}, [[]], {"a": 1}, "\ud800", "=1+1", "\x00", 2**70, [None],
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_wrong_types_are_findings(seed: int, written: Callable[[str], Path]) -> None:
    """Some hundred heads and tables with values of every wrong type: a finding, a violation or no change, nothing else."""
    rng = random.Random(seed)
    folder = written("rich")
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found, instance = 0, rich().instance
    for _ in range(30):
        path = rng.choice([folder / "plan.json", *folder.glob("*.csv")])
        path.write_bytes(mutated(rng, path))
        sign(folder)
        try:
            verify(instance, folder)
        except (InvalidInstance, RejectedPlan):
            found += 1
        path.write_bytes(kept[path])
    assert found > 18


def mutated(rng: random.Random, path: Path) -> bytes:
    """The file with one value of the wrong kind, or cut, or with a byte too many."""
    if path.name != "plan.json":
        rows = [line.split(",") for line in path.read_text().splitlines()]
        row = rng.choice(rows)
        wrong = ["", "x", "-1", "0.5", "nan", "inf", "1e999", "9" * 30, "true", "1_0", "'=", '"', "\x00", "１"]
        row[rng.randrange(len(row))] = rng.choice(wrong)
        return "\n".join([*map(",".join, rows), ""]).encode()
    head = json.loads(path.read_text())
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    walk(head)
    node, key = rng.choice(places)
    if rng.random() < 0.2:
        del node[key]
    else:
        node[key] = rng.choice(WRONG)
    return json.dumps(head).encode()


def named_keys(folder: Path) -> set[str]:
    """The keys of the head that reading finds wrong."""
    try:
        load_checked(folder)
    except InvalidPlan as error:
        return {re.split("[,.]", str(finding.column))[0] for finding in error.findings if finding.place == "plan.json"}
    except RejectedPlan:
        return set()
    return set()


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_every_key_of_the_head_has_its_type(wrong: Any, folders: dict[str, Path], tmp_path: Path) -> None:
    """A wrong value at any key names the key, and costs no traceback, at the command line either."""
    folder = Path(shutil.copytree(folders["solved"], tmp_path / "plan"))
    head = json.loads((folder / "plan.json").read_text())
    for key in head:
        (folder / "plan.json").write_text(json.dumps(head | {key: wrong}))
        assert named_keys(folder) <= {key}
    (folder / "plan.json").write_text(json.dumps(head | {"aims": wrong, "options": wrong}))
    result = CliRunner().invoke(forcegen, ["verify", str(folder / "input"), str(folder)])
    assert result.exit_code != 0
    assert "Traceback" not in result.output


def test_rows_that_name_nothing_are_violations() -> None:
    """Leads, flows and baselines with cells of the wrong kind are broken rules."""
    instance = world(
        routes=[{"origin": "home", "destination": "north"}], areas=[{"area": a} for a in ("home", "north", "south")]
    )
    flow: Row = {"origin": "home", "destination": "north", "mode": "", "destination_area": "north", "period": 1}
    lead: Row = {"nation": "A", "mission": "watch", "area": "north", "leads": True}
    tables: list[dict[str, list[Row]]] = [
        {"flows": [flow | {"tonnes": float("nan")}]},
        {"flows": [flow | {"tonnes": None}]},
        {"flows": [flow | {"tonnes": 1.0, "period": pd.NA}]},
        {"participation": [lead | {"lead_terms": "first"}]},
    ]
    for given in tables:
        with pytest.raises(RejectedPlan) as rejected:
            verify(
                instance, {"assignments": pd.DataFrame(), **{name: pd.DataFrame(rows) for name, rows in given.items()}}
            )
        assert "row" in {violation.rule for violation in rejected.value.violations}
    with pytest.raises(RejectedPlan, match="The baseline has"):
        verify(
            world(),
            {"assignments": pd.DataFrame()},
            baseline=pd.DataFrame([{"pledge": "A", "requirement": "north", "period": pd.NA, "units": 1}]),
        )


def test_a_plan_by_hand_has_no_bound_anywhere(tmp_path: Path) -> None:
    """The screen, the machine form and the page say that nobody proved a bound."""
    save_plan(solved(), tmp_path / "solved")
    (tmp_path / "hand").mkdir()
    shutil.copy(tmp_path / "solved" / "assignments.csv", tmp_path / "hand")
    question = str(tmp_path / "solved" / "input")
    screen = CliRunner().invoke(forcegen, ["verify", question, str(tmp_path / "hand")])
    assert (screen.exit_code, "by hand, no bound" in screen.output) == (0, True)
    machine = json.loads(CliRunner().invoke(forcegen, ["verify", question, str(tmp_path / "hand"), "--json"]).stdout)
    assert machine["bound"] == "by hand, no bound"
    assert [set(aim) for aim in machine["aims"]] == [{"name", "priority", "value"}] * 2
    machine = json.loads(CliRunner().invoke(forcegen, ["verify", question, str(tmp_path / "solved"), "--json"]).stdout)
    assert machine["bound"] == "HiGHS 1.11.0"
    assert [aim["bound"] for aim in machine["aims"]] == [60, 31]
    unproven = dataclasses.replace(
        solved(aims=(), versions={}), termination="feasible", aims=solved(aims=()).aims.assign(bound=float("nan"))
    )
    assert "by hand, no bound" in write_markdown(unproven, tmp_path / "plan.md").read_text()
    assert "HiGHS 1.11.0" in write_markdown(solved(), tmp_path / "plan.md").read_text()


def test_no_report_of_a_forged_proof(written: Callable[[str], Path]) -> None:
    """A folder that does not pass the check gets no page: exit code 3, the reason, and no file."""
    folder = written("solved")
    edit(folder, second(bound=32.0, gap=0.0))
    edited = CliRunner().invoke(forcegen, ["report", str(folder)])
    edit(folder, first(bound=59.0))
    sign(folder)
    signed = CliRunner().invoke(forcegen, ["report", str(folder)])
    for result, words in ((edited, "changed after the plan was written"), (signed, "bounds nothing")):
        assert (result.exit_code, words in result.output) == (3, True)
    assert not (folder / "report.html").exists()
