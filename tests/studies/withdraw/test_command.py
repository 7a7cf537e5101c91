"""The command, its folder and its report; and what is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from tests.studies.small import TUTORIAL, tutorial
from tests.studies.withdraw.reference import work_here


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are answered in this process."""
    work_here(monkeypatch)


def run(*words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    result = CliRunner().invoke(forcegen, ["withdraw", *words], standalone_mode=False)
    assert result.exception is None, result.exception
    return int(result.return_value or 0), result.stdout


@pytest.mark.usefixtures("here")
def test_the_machine_form_is_a_bare_list_worst_first() -> None:
    """Every nation and every pair, with what is kept, the value and its bound."""
    code, text = run(str(TUTORIAL), "--size", "2", "--json")
    found = json.loads(text)
    assert code == 0
    assert len(found) == 4 + 6
    assert found[0]["nations"] == ["east", "north"]
    assert {"nations", "value_kept", "value", "bound"} <= found[0].keys()
    values = [row["value"] for row in found]
    assert values == sorted(values)
    assert values[0] == pytest.approx(70 / 3)


def test_a_study_that_was_stopped_ends_with_the_same_tables(tmp_path) -> None:
    """In worker processes: some records are cut off, and the rest is asked again; another question is refused."""
    plan = fg.solve(tutorial())
    found = fg.withdraw(tutorial(), size=2, start=plan, out=tmp_path / "out")
    lines = (tmp_path / "out" / "runs.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + 4 + 6
    (tmp_path / "out" / "runs.jsonl").write_bytes(b"".join(lines[:3]))
    again = fg.withdraw(tutorial(), size=2, start=plan, out=tmp_path / "out", resume=True)
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name], check_exact=True)
    with pytest.raises(FileExistsError, match="another study"):
        fg.withdraw(tutorial(), size=1, start=plan, out=tmp_path / "out", resume=True)


@pytest.mark.usefixtures("here")
def test_the_report_has_a_section_for_it(tmp_path) -> None:
    """A page and a workbook are made of the folder."""
    run(str(TUTORIAL), "--out", str(tmp_path / "out"))
    result = CliRunner().invoke(forcegen, ["report", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    page = (tmp_path / "out" / "report.html").read_text()
    assert "When nations leave" in page
    assert "north" in page
    assert "<svg" in page


@pytest.mark.usefixtures("here")
def test_the_plans_found_join_the_pool(tmp_path) -> None:
    """Another command begins with them."""
    fg.withdraw(tutorial(), pool=tmp_path / "pool")
    assert list((tmp_path / "pool").glob("*.json"))


def test_a_plan_that_breaks_rules_is_no_start() -> None:
    """That is said."""
    plan = fg.solve(tutorial(), child=False)
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items()}
    rows["nations"] = [{**row, "max_personnel": 0} for row in rows["nations"]]
    other = fg.Instance.from_tables(rows, {"periods": {"count": 2}, "aims": [{"name": "coverage"}]})
    with pytest.raises(ValueError, match="does not keep the rules"):
        fg.withdraw(other, start=plan)


def test_a_size_below_one_is_refused() -> None:
    """That is said."""
    with pytest.raises(ValueError, match="at least 1"):
        fg.withdraw(tutorial(), size=0)
