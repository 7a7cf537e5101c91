"""What commands of the studies refuse, with the reason and the way out."""

from __future__ import annotations

import shutil

import optimizer as fg

from .conftest import TUTORIAL


def test_part_of_a_curve_is_not_written_into_the_folder_of_a_plan(run, solved, tmp_path) -> None:
    """The page would take it for the whole curve; a folder of its own gets it."""
    for part in (("--line", "guard-border"), ("--nation", "east")):
        refused = run("concessions", solved, "--most", 1, *part, "--out", solved)
        assert refused.exit_code == 2
        assert "takes a curve for the whole one" in refused.stderr
    assert not (solved / "concessions.csv").exists()
    done = run("concessions", solved, "--most", 1, "--nation", "east", "--out", tmp_path / "curve")
    assert done.exit_code in {0, 5}
    assert (tmp_path / "curve" / "concessions.csv").is_file()


def test_a_curve_is_not_written_over_the_table_of_concessions(run, tmp_path) -> None:
    """The instance says in `concessions.csv` what may be asked; the curve has the same name."""
    instance = tmp_path / "x"
    shutil.copytree(TUTORIAL, instance)
    table = instance / "concessions.csv"
    table.write_text("rule,steps,weight\nnations.east.max_personnel,1,1\n", encoding="utf-8")
    before = table.read_bytes()
    for header in ("", "instance.toml"):
        refused = run("concessions", instance / header, "--most", 1, "--out", instance)
        assert refused.exit_code == 2
        assert "nothing was overwritten" in refused.stderr
        assert table.read_bytes() == before


def test_withdraw_begins_with_a_plan(run, tmp_path) -> None:
    """A folder of a search that ended without one is refused as wrong input."""
    instance, folder = tmp_path / "x", tmp_path / "none"
    run("new", instance)
    (instance / "limits.csv").write_text(
        "limit,measure,per,minimum,maximum\nfew,personnel,horizon,,1\nmany,units,horizon,3,\n", encoding="utf-8"
    )
    assert run("solve", instance, "--out", folder).exit_code == 4
    refused = run("withdraw", instance, "--start", folder)
    assert refused.exit_code == 3
    assert "its search ended without a plan" in refused.stderr


def test_a_brief_is_made_of_a_plan(run, tmp_path) -> None:
    """Of a study it is refused, before anything is written."""
    study = tmp_path / "study"
    cap = {"name": "cap", "cell": "nations.east.max_personnel", "values": [100]}
    fg.sweep(TUTORIAL, {"name": "one", "design": {"kind": "grid"}, "vary": [cap]}, jobs=1, out=study)
    refused = run("report", study, "--brief", tmp_path / "brief.html")
    assert refused.exit_code == 2
    assert "a brief is made of a plan" in refused.stderr
    assert not (tmp_path / "brief.html").exists()
