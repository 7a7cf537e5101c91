"""The measuring itself: what is done is kept, what hangs is ended, and each checkout runs its own program."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import campaign, rows
from benchmarks.campaign import Job, Workshop, compare_jobs, phase_jobs
from benchmarks.registry import ROOT, chosen, entries, series, tiny


def test_the_registry_has_three_seeds_of_each_size_and_paris_in_every_scenario() -> None:
    """And names choose by their beginning."""
    names = [entry.name for entry in entries()]
    assert names[:9] == ["S-1", "S-2", "S-3", "M-1", "M-2", "M-3", "L-1", "L-2", "L-3"]
    assert sum(name.startswith("paris-") for name in names) == 8
    assert [entry.name for entry in chosen(entries(), ["M", "L-2"])] == ["M-1", "M-2", "M-3", "L-2"]
    assert len({entry.name for entry in series()}) == len(series())


def test_phases_are_measured_once_and_again_only_where_they_are_missing(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second campaign measures the repetition that the first did not have, and nothing else."""
    shop.run(phase_jobs([tiny()], 1))
    once = rows.read(shop.table)
    product = once[once["method"] == "forcegen"].set_index("phase")["value"]
    parts = product[["situation", "build", "hand over"]]
    assert parts.min() > 0
    assert parts.sum() == pytest.approx(product["tables to solver"], rel=1e-6)
    floor = once[once["method"] == "numpy"].set_index("phase")["value"]
    assert floor["non-zeros"] == product["non-zeros"] > 1000
    assert 20 < product["peak memory"] < 1000
    capsys.readouterr()
    shop.run(phase_jobs([tiny()], 2), only_list=True)
    assert capsys.readouterr().out.count("phases tiny forcegen") == 1
    shop.run(phase_jobs([tiny()], 2))
    twice = rows.read(shop.table)
    assert twice.iloc[: len(once)].equals(once)
    assert sorted(twice[twice["phase"] == "job"]["repetition"]) == [1, 1, 2, 2]


def test_rows_name_versions_commit_and_cores_and_no_place(shop: Workshop) -> None:
    """Each figure says what it was measured with, and nothing of the machine but its cores."""
    found = shop.perform(Job("matrix", tiny(), "numpy"))
    for row in found:
        assert set(row) <= set(rows.COLUMNS)
        assert row["highs"]
        assert row["commit"]
        assert row["machine"] >= 1
    assert str(Path.home()) not in json.dumps(found)
    assert str(ROOT) not in json.dumps(found)


def test_a_search_that_does_not_end_is_ended_and_what_it_told_counts(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its values stand in the rows, and the note says how it ended."""
    told = [
        {"phase": "begun", "value": None, "unit": "s", "at": None},
        {"phase": "value", "value": 3.0, "unit": "aim", "at": 0.25},
        {"phase": "value", "value": 2.0, "unit": "aim", "at": 0.5},
        {"phase": "bound", "value": 9.0, "unit": "aim", "at": 0.5},
    ]
    monkeypatch.setattr(
        campaign,
        "_START",
        f"import time\nfor line in {[*map(json.dumps, told)]}: print(line, flush=True)\ntime.sleep(60)",
    )
    monkeypatch.setattr(campaign, "OVERRUN", (1.0, 0.0))
    monkeypatch.setattr(campaign, "MARKS", (0.1, 0.3, 5.0))
    found = shop.perform(Job("anytime", tiny(), "forcegen", 0.5, 1))
    figures = {row["phase"]: row.get("value") for row in found}
    assert [row["value"] for row in found if row["phase"] == "value"] == [3.0], "a worse plan is no news"
    assert figures["first plan"] == 0.25
    assert figures["value at 0.3 s"] == 3.0
    assert not {"value at 0.1 s", "bound at 0.3 s", "value at 5 s"} & figures.keys()
    assert found[-1]["phase"] == "job"
    assert found[-1]["note"] == "ended by the clock"


def test_a_process_that_dies_says_why(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of its errors is in the note."""
    monkeypatch.setattr(campaign, "_START", "raise SystemExit('no licence')")
    found = shop.perform(Job("phases", tiny(), "forcegen"))
    assert [row["phase"] for row in found] == ["job"]
    assert found[0]["note"] == "died with code 1: no licence"


def test_a_peer_that_is_not_installed_is_said_to_be_missing(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a failure, and with no figure."""
    monkeypatch.setitem(campaign.families.PACKAGES, "linopy", "a-package-that-is-nowhere")
    found = shop.perform(Job("family", tiny(plain=True), "linopy"))
    assert [(row["phase"], row["note"]) for row in found] == [("job", "a-package-that-is-nowhere is not installed")]


def test_each_of_two_checkouts_runs_its_own_program(shop: Workshop, tmp_path: Path) -> None:
    """Old, new, old, new; a checkout whose program is broken says so, the other is measured."""
    shutil.copytree(ROOT / "optimizer", tmp_path / "optimizer", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "optimizer" / "model" / "assemble.py").write_text("raise RuntimeError('the other checkout')\n")
    jobs = compare_jobs([tiny()], tmp_path, ROOT, 2, 0.0)
    assert [(job.side, job.repetition) for job in jobs] == [("old", 1), ("new", 1), ("old", 2), ("new", 2)]
    old, new = (shop.perform(job)[-1] for job in jobs[:2])
    assert (old["method"], new["method"]) == ("forcegen old", "forcegen new")
    assert old["note"].endswith("the other checkout")
    assert new["note"] == ""
    assert old["subject"] != new["subject"]
