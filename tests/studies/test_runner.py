"""The runner: the same table whoever works, whatever breaks, and however often it is killed."""

import errno
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc

import pandas as pd
import pytest

import optimizer as fg
from optimizer.studies.folder import StudyFolder, csv_of, write
from optimizer.studies.journal import LOCK, Journal, line_of, read_journal
from optimizer.studies.record import Record, slim
from optimizer.studies.sweep import ask
from optimizer.studies.table import TIMINGS

from .small import GRID, ROOT, TORNADO, TUTORIAL, canonical, grid_by_one, same, toml, tutorial


def test_the_tornado_of_the_tutorial_is_the_one_made_by_hand(tmp_path):
    """The README derives 80/132 and 60/128; a team less trains 300 of 2,000 less: 5 points and 4 million; and so on."""
    table = fg.sweep(tutorial(), TORNADO, out=tmp_path / "study")
    by_name = {row["name"]: (row["coverage"], row["cost"]) for row in table.to_dict("records")}
    assert by_name == {
        "base": (80, 132),
        "ceasefire=false": (60, 128),
        "east cap=0": (65, 120),
        "east cap=100": (75, 128),
        "east cap=200": (85, 136),
        "team cost=0.5": (80, 126),
        "team cost=2": (80, 144),
    }
    assert table["nations.south.cost"].tolist() == [40] * 7
    assert table["requirements.guard-border.fulfilled"].tolist() == [16, 8, 16, 16, 16, 16, 16]
    tornado = pd.read_csv(tmp_path / "study" / "tornado.csv")
    rows = tornado[tornado["outcome"].isin(["coverage", "cost"])][
        ["outcome", "input", "base", "lowest", "highest", "effect"]
    ]
    assert rows.to_numpy().tolist() == [
        ["coverage", "ceasefire", 80, 60, 80, 20],
        ["coverage", "east cap", 80, 65, 85, 20],
        ["coverage", "team cost", 80, 80, 80, 0],
        ["cost", "team cost", 132, 126, 144, 18],
        ["cost", "east cap", 132, 120, 136, 16],
        ["cost", "ceasefire", 132, 128, 132, 4],
    ]
    assert tornado["lowest_at"].tolist()[:2] == ["false", "0"]
    assert not tornado["doubtful"].any()


def test_any_number_of_workers_gives_the_same_table():
    """One, two and five processes finish in different orders; the tables agree to the last digit."""
    assert len(grid_by_one()) == 24
    for jobs in (2, 5):
        same(grid_by_one(), fg.sweep(tutorial(), GRID, jobs=jobs))


def test_progress_tells_count_rate_and_estimate():
    """The report is told after every run; at the end nothing is left."""
    heard = []
    fg.sweep(tutorial(), TORNADO, report=heard.append)
    assert [progress.done for progress in heard] == list(range(1, 8))
    assert all(progress.total == 7 and progress.rate > 0 for progress in heard)
    assert heard[-1].left == 0


def test_infeasible_and_invalid_variants_and_time_outs_have_their_rows():
    """A floor that nobody can meet is infeasible, a quantity below zero invalid, a limit of an instant stops the search."""
    instance = tutorial()
    rows = {name: frame.to_dict("records") for name, frame in instance.tables.items()}
    rows["limits"] = [{"limit": "floor", "measure": "personnel", "minimum": 0}]
    floored = fg.Instance.from_tables(rows, {"periods": {"count": 2}, "aims": [{"name": "coverage"}]})
    study = {
        "vary": [
            {"name": "floor", "cell": "limits.floor.minimum", "values": [100, 9000]},
            {"name": "battalion", "cell": "pledges.west-battalion.quantity", "mode": "step", "values": [1]},
        ]
    }
    table = fg.sweep(floored, study)
    assert table["termination"].tolist() == ["optimal", "optimal", "infeasible", "optimal"]
    assert "floor-above-pledges" in table["reason"][2]
    big = fg.generate("S", seed=1)
    table = fg.sweep(
        big,
        {
            "limits": {"time_limit": 0.02},
            "vary": [{"name": "all", "table": "nations", "column": "max_personnel", "mode": "factor", "values": [0.9]}],
        },
    )
    assert set(table["termination"]) <= {"feasible", "none_found"}
    assert all(table["reason"].str.contains("time limit"))


def test_ten_thousand_finished_runs_fit_into_a_few_megabytes():
    """Records come from other processes, each with words of its own; what is kept until the table is made shares them, and plans that are the same."""
    outcome = {"termination": "optimal", "has_plan": True, "reason": "", "coverage": 1.5, "coverage_bound": 2.5}
    outcome |= {f"missions.number {number}.score": number / 7 for number in range(8)}
    timing = {
        "seconds": 0.1,
        "model": "in place",
        "why": "a number of the model does not follow the inputs in proportion",
    }
    sent = [pickle.dumps(Record(run, outcome, timing, "plan" * 500)) for run in range(1000)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        found = [slim(pickle.loads(message)) for message in sent]  # noqa: S301
        each = (tracemalloc.get_traced_memory()[0] - before) / len(found)
    finally:
        tracemalloc.stop()
    assert found[-1].outcome == outcome
    assert found[-1].timing == timing
    assert found[-1].start == "plan" * 500
    assert each < 1500


def test_a_journal_cut_anywhere_gives_its_whole_lines(tmp_path, monkeypatch):
    """Whatever byte a kill cuts a journal at, the lines before it are read and writing goes on behind them."""
    monkeypatch.setattr(os, "fsync", lambda _file: None)
    path = tmp_path / "runs.jsonl"
    records = [
        Record(run, {"termination": "optimal", "name": "Zürich\n"}, {"seconds": 0.5}, "x" * run) for run in range(4)
    ]
    content = b"".join(map(line_of, records))
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        found = read_journal(path)
        whole = content[:cut].count(b"\n")
        assert found == {record.run: record for record in records[:whole]}
        journal = Journal(path)
        journal.append(records[2])
        journal.close()
        assert read_journal(path) == {**found, 2: records[2]}


def test_a_damaged_line_ends_the_journal(tmp_path):
    """A flipped byte is noticed by the checksum; what stands behind it is solved again."""
    path = tmp_path / "runs.jsonl"
    lines = [line_of(Record(run, {"termination": "optimal"})) for run in range(3)]
    path.write_bytes(lines[0] + lines[1].replace(b"optimal", b"optimum") + lines[2])
    assert list(read_journal(path)) == [0]
    assert path.read_bytes() == lines[0]


def killed(command, folder, lines):
    """Start the command, and kill -9 it once its journal has so many lines more (or it ends)."""
    path = folder / "runs.jsonl"
    before = path.read_bytes().count(b"\n") if path.exists() else 0
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while process.poll() is None and (path.read_bytes().count(b"\n") if path.exists() else 0) < before + lines:
        time.sleep(0.002)
    finished = process.poll() is not None
    if not finished:
        os.kill(process.pid, signal.SIGKILL)
    _, said = process.communicate()
    assert not finished or process.returncode == 0, said
    return finished


@pytest.mark.parametrize(
    ("steps", "least"), [(6, 2), pytest.param(50, 20, marks=pytest.mark.slow)], ids=["some kills", "twenty kills"]
)
def test_killed_again_and_again_and_resumed_the_table_is_the_same(steps, least, tmp_path):
    """kill -9 in the middle, several times; --resume ends with the table of an undisturbed run, and runs nothing twice."""
    given = {**GRID, "vary": [{**GRID["vary"][0], "steps": steps}, *GRID["vary"][1:]]}
    file = tmp_path / "grid.toml"
    file.write_text(toml(given))
    folder = tmp_path / "out"
    command = [sys.executable, "-m", "optimizer", "sweep", str(TUTORIAL), str(file), "--out", str(folder)]
    chance = random.Random(4)
    kills = 0
    while not killed([*command, "--resume"], folder, chance.randint(1, 9)):
        kills += 1
    assert kills >= least
    write(tmp_path / "undisturbed.csv", csv_of(fg.sweep(tutorial(), given)))
    same(pd.read_csv(folder / "runs.csv"), pd.read_csv(tmp_path / "undisturbed.csv"))
    runs = [line.split(b'"run": ')[1].split(b",")[0] for line in (folder / "runs.jsonl").read_bytes().splitlines()]
    assert len(runs) == len(set(runs)) == 4 * steps


def test_a_folder_is_not_taken_for_another_study(tmp_path):
    """Without resume a study is not overwritten; with it, another study, or other input, is refused; foreign folders too."""
    fg.sweep(tutorial(), TORNADO, out=tmp_path / "out")
    (tmp_path / "out" / "runs.jsonl").unlink()
    with pytest.raises(FileExistsError, match="--resume"):
        fg.sweep(tutorial(), TORNADO, out=tmp_path / "out")
    assert not (tmp_path / "out" / "runs.jsonl").exists()
    with pytest.raises(FileExistsError, match="another study"):
        fg.sweep(tutorial(), GRID, out=tmp_path / "out", resume=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="something else"):
        fg.sweep(tutorial(), TORNADO, out=tmp_path / "mine")


def test_two_do_not_write_into_one_folder(tmp_path):
    """While a study is at work in a folder, a second is refused, and nothing of the first is touched."""
    question = ask(tutorial(), TORNADO)
    with StudyFolder(tmp_path / "out", question, resume=False) as folder:
        folder.append(Record(0, {"termination": "optimal", "has_plan": True}))
        with pytest.raises(FileExistsError, match="at work"):
            fg.sweep(tutorial(), TORNADO, out=tmp_path / "out", resume=True)
    assert list(read_journal(tmp_path / "out" / "runs.jsonl")) == [0]


def test_what_a_kill_leaves_before_the_first_run_is_no_obstacle(tmp_path):
    """An empty journal and half a head are swept away, with and without resume."""
    for resume in (False, True):
        folder = tmp_path / str(resume)
        folder.mkdir()
        (folder / "runs.jsonl").touch()
        (folder / ".study.json.abc.part").write_text("{")
        assert len(fg.sweep(tutorial(), TORNADO, out=folder, resume=resume)) == 7
        assert [path.name for path in folder.glob(".*")] == [LOCK]


def test_a_study_that_fails_before_its_first_run_leaves_nothing(tmp_path):
    """The same command may be given again."""

    class Broken(Exception):
        pass

    with pytest.raises(Broken), StudyFolder(tmp_path / "out", ask(tutorial(), TORNADO), resume=False):
        raise Broken
    assert not (tmp_path / "out").exists()


def test_other_versions_and_other_files_are_not_mixed(tmp_path):
    """A table has one maker and one input: resuming with another version, or after a file was edited, is refused."""
    for name in "ab":
        shutil.copytree(TUTORIAL, tmp_path / name, ignore=shutil.ignore_patterns("studies"))
    paths = [tmp_path / "a", tmp_path / "b"]
    fg.sweep(paths, out=tmp_path / "out")
    head = json.loads((tmp_path / "out" / "study.json").read_text())
    assert len({one["hash"] for one in head["instances"]}) == 1
    nations = (tmp_path / "b" / "nations.csv").read_text()
    (tmp_path / "b" / "nations.csv").write_text(nations.replace(",150,", ",100,"))
    with pytest.raises(FileExistsError, match="other input"):
        fg.sweep(paths, out=tmp_path / "out", resume=True)
    (tmp_path / "b" / "nations.csv").write_text(nations)
    head["versions"]["highs"] = "1.0"
    (tmp_path / "out" / "study.json").write_text(json.dumps(head))
    with pytest.raises(FileExistsError, match=r"highs 1\.0"):
        fg.sweep(paths, out=tmp_path / "out", resume=True)


def test_a_full_disk_keeps_what_is_written(tmp_path, monkeypatch):
    """The line that did not fit is cut off later; the command says how to go on, and resuming gives the table."""
    from click.testing import CliRunner

    from optimizer.cli.app import forcegen

    file, folder = tmp_path / "tornado.toml", tmp_path / "out"
    file.write_text(toml(TORNADO))
    whole = Journal.append

    def full(journal, record):
        if journal_lines(folder) == 3:
            journal.write(line_of(record)[:40])
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(journal, record)

    monkeypatch.setattr(Journal, "append", full)
    command = ["sweep", str(TUTORIAL), str(file), "--out", str(folder)]
    result = CliRunner().invoke(forcegen, command)
    assert result.exit_code == 1
    assert "disk is full" in result.output
    assert "--resume" in result.output
    monkeypatch.undo()
    assert CliRunner().invoke(forcegen, [*command, "--resume"]).exit_code == 0
    one = pd.read_csv(folder / "runs.csv")
    fg.sweep(tutorial(), file, out=tmp_path / "undisturbed")
    same(one, pd.read_csv(tmp_path / "undisturbed" / "runs.csv"))


def journal_lines(folder):
    return (folder / "runs.jsonl").read_bytes().count(b"\n")


def test_the_written_table_is_the_returned_one(tmp_path):
    """runs.csv reads back to the table that the function returns."""
    table = fg.sweep(tutorial(), TORNADO, out=tmp_path / "out")
    written = pd.read_csv(tmp_path / "out" / "runs.csv", keep_default_na=False, na_values={"reason": []})
    numbers = ["run", "coverage", "cost", "east cap", "team cost", "nations.south.cost", "coverage_gap"]
    assert written[numbers].astype(float).to_numpy().tolist() == table[numbers].astype(float).to_numpy().tolist()
    assert list(written.columns) == list(table.columns)
    assert set(TIMINGS) <= set(table.columns)
    head = json.loads((tmp_path / "out" / "study.json").read_text())
    assert [vary["keys"] for vary in head["vary"]] == [[], ["east"], ["training_team"]]
    assert head["solver"] == {"seed": 0, "threads": 1}
    assert "seconds" not in canonical(table)


def test_many_instances_make_one_table(tmp_path):
    """Variants kept as files: one run each, a broken one gets its row; a study asks each of them."""
    for name, cap in (("a", 100), ("b", 150), ("c", 200)):
        rows = {table: frame.to_dict("records") for table, frame in tutorial().tables.items()}
        rows["nations"] = [
            {**row, "max_personnel": cap if row["nation"] == "east" else None} for row in rows["nations"]
        ]
        fg.write_instance(
            fg.Instance.from_tables(rows, {"periods": {"count": 2}, "aims": [{"name": "coverage"}]}), tmp_path / name
        )
    (tmp_path / "b" / "nations.csv").write_text("nation,max_personnel\neast,plenty\n")
    table = fg.sweep(str(tmp_path / "[abc]"))
    assert table["instance"].tolist() == ["a", "b", "c"]
    assert table["termination"].tolist() == ["optimal", "invalid", "optimal"]
    assert "plenty" in table["reason"][1]
    assert [table["coverage"][0], table["coverage"][2]] == [75, 85]
    study = {"vary": [{"name": "ceasefire", "condition": "ceasefire", "values": [False]}]}
    table = fg.sweep([tmp_path / "a", tmp_path / "c"], study)
    assert table["name"].tolist() == ["a", "a, ceasefire=false", "c", "c, ceasefire=false"]
    with pytest.raises(fg.InvalidInstance, match="called so"):
        fg.sweep(str(tmp_path / "none*"))


def test_a_folder_has_one_study_at_a_time_and_a_killed_one_lets_go(tmp_path):
    """While a process works in a folder no other may; when it is killed by -9 the folder is free at once."""
    program = (
        "import sys, time; from pathlib import Path; from optimizer.studies.journal import Journal;"
        "j = Journal(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    path = tmp_path / "runs.jsonl"
    holder = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(FileExistsError, match="another study is at work"):
        Journal(path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    for _ in range(2):
        journal = Journal(path)
        with pytest.raises(FileExistsError, match="another study is at work"):
            Journal(path)
        journal.close()
