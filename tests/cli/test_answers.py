"""Answers to the questions why, written beside a plan and shown in its report."""

from __future__ import annotations

import shutil
from pathlib import Path

from .conftest import TUTORIAL


def test_answers_lie_beside_the_plan_and_in_its_report(run, solved, tmp_path) -> None:
    """Curve and prices of a plan's instance are written into its folder, the report shows them, and a new plan takes them away."""
    plan = Path(shutil.copytree(solved, tmp_path / "plan"))
    for command in (("concessions", plan, "--most", "1"), ("prices", plan), ("explain", plan)):
        assert run(*command).exit_code == 0
    assert (
        (plan / "concessions.csv").read_text("utf-8").splitlines()[0].startswith("weight,aim,value,bound,proven,rule")
    )
    assert "caveats/Westland stays away from the border" in (plan / "prices.csv").read_text("utf-8")
    assert run("verify", plan / "input", plan).exit_code == 0
    files = [tmp_path / name for name in ("r.md", "r.html", "r.xlsx")]
    assert run("report", plan, "--md", files[0], "--html", files[1], "--xlsx", files[2]).exit_code == 0
    for caption in ("Why lines are open", "What concessions would bring", "What one step of each rule gains"):
        assert all(caption in file.read_text("utf-8") for file in files[1:2])
    assert "## Why" in files[0].read_text("utf-8")
    assert run("solve", TUTORIAL, "--out", plan, "--force").exit_code == 0
    assert not [name for name in ("reasons", "concessions", "prices") if (plan / f"{name}.csv").exists()]


def test_answers_to_other_questions_stay_out_of_the_plan(run, solved, tmp_path) -> None:
    """What one line could get is written only where a folder is named; a plan has its own scenario; a file of other columns is not shown."""
    plan = Path(shutil.copytree(solved, tmp_path / "plan"))
    assert run("concessions", plan, "--most", "0", "--line", "guard-border").exit_code == 0
    assert not (plan / "concessions.csv").exists()
    out = tmp_path / "elsewhere"
    assert run("concessions", TUTORIAL, "--most", "0", "--line", "guard-border", "--out", out).exit_code == 0
    assert "fulfilment of guard-border" in (out / "concessions.csv").read_text("utf-8")
    assert run("prices", plan, "--scenario", "no-ceasefire").exit_code == 2
    (plan / "prices.csv").write_text("rules,<b>\n1,2\n", "utf-8")
    assert run("report", plan, "--md", tmp_path / "r.md").exit_code == 0
    assert "## Why" not in (tmp_path / "r.md").read_text("utf-8")
