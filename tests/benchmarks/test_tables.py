"""The page: which rows count, medians of ratios, and charts that can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks import rows, tables


def table(*given: dict[str, Any]) -> pd.DataFrame:
    """Rows with the same provenance, as they are read from a file."""
    common = {"limit": 0.0, "cores": 1, "repetition": 1, "subject": "a", "note": "", "version": "1", "machine": 2}
    named = {"commit": "c", "python": "3", "highs": "1", "day": "2026-01-01", "unit": "s", "at": float("nan")}
    return pd.DataFrame(
        [{**common, **named, "value": float("nan"), **row} for row in given], columns=list(rows.COLUMNS)
    )


def search(method: str, limit: float, subject: str, steps: list[tuple[str, float, float]]) -> list[dict[str, Any]]:
    """The rows of one search on the entry M-1."""
    head = {"task": "anytime", "entry": "M-1", "method": method, "limit": limit, "subject": subject}
    return [
        *({**head, "phase": phase, "at": at, "value": value} for phase, at, value in steps),
        {**head, "phase": "job", "value": 1.0},
    ]


def test_the_last_program_measured_counts_and_of_its_searches_the_longest() -> None:
    """An older program's longer search does not."""
    found = table(
        *search("forcegen", 300, "old", [("value", 1, 10.0)]),
        *search("forcegen", 60, "new", [("value", 1, 20.0)]),
        *search("forcegen", 10, "new", [("value", 1, 30.0)]),
        *search("SCIP", 10, "model", [("value", 1, 5.0)]),
    )
    kept = tables.latest(found, "anytime")
    kept = kept[kept["phase"] == "value"].set_index("method")["value"]
    assert kept.to_dict() == {"forcegen": 20.0, "SCIP": 5.0}


def test_ratios_are_medians_over_pairs_not_ratios_of_medians() -> None:
    """Pairs 2/1, 9/3, 4/4: the median of the ratios is 2, the ratio of the medians 4/3."""

    def of(method: str, *seconds: float) -> pd.DataFrame:
        head = {"task": "phases", "entry": "M-1", "method": method, "phase": "build"}
        return table(*({**head, "repetition": number, "value": value} for number, value in enumerate(seconds)))

    assert tables.ratios(of("forcegen", 2, 9, 4), of("numpy", 1, 3, 4), "build")["M-1"] == 2.0
    head = {"task": "compare phases", "entry": "M-1", "phase": "build"}
    both = table(
        *({**head, "method": "forcegen old", "repetition": i, "value": v} for i, v in enumerate((1.0, 3.0, 4.0))),
        *({**head, "method": "forcegen new", "repetition": i, "value": v} for i, v in enumerate((2.0, 9.0, 4.0))),
    )
    last = tables.comparison(both).splitlines()[-1].split()
    assert [float(number) for number in last[-4:]] == [3.0, 4.0, 2.0, 3.0]


def test_the_page_holds_tables_and_a_chart_per_instance(tmp_path: Path) -> None:
    """What stands outside the marks stays."""
    (tmp_path / "README.md").write_text(
        f"before\n{tables.BEGIN}\nwhat was there\n{tables.END}\nafter\n", encoding="utf-8"
    )
    phases = {"task": "phases", "entry": "M-1", "method": "forcegen"}
    floor = {"task": "matrix", "entry": "M-1", "method": "numpy"}
    found = table(
        {**phases, "phase": "tables to solver", "value": 3.0},
        {**phases, "phase": "build", "value": 2.5},
        {**phases, "phase": "non-zeros", "value": 215152.0},
        {**phases, "phase": "peak memory", "value": 123.0},
        {**phases, "phase": "job", "value": 4.0},
        {**floor, "phase": "tables to solver", "value": 0.5},
        {**floor, "phase": "job", "value": 1.0},
        *search("forcegen", 10, "a", [("value", 0.5, 40.0), ("value", 4, 80.0), ("bound", 2, 90.0)]),
        *search("HiGHS", 10, "m", [("value", 6, 60.0), ("bound", 1, 88.0)]),
        {"task": "anytime", "entry": "M-1", "method": "Gurobi", "phase": "job", "note": "larger than allowed"},
    )
    tables.write(found, tmp_path)
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "what was there" not in page
    assert "| M-1 | 215 152 | 3 | 0.5 | 6.0 |" in page
    assert "| M-1 | forcegen | 10 |  | 0.5 | 80.00 | 90.00 | 12.50% |" in page
    assert "| M-1 | HiGHS | 10 |  | 6 | 60.00 | 88.00 | 46.67% |" in page
    assert "- Gurobi: larger than allowed (anytime: M-1)" in page
    assert "![M-1](charts/M-1.svg)" in page
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", (tmp_path / "charts" / "M-1.svg").read_text(encoding="utf-8"))
    assert {"forcegen", "HiGHS", "value", "bound", "seconds"} <= set(texts)


def test_growth_is_the_exponent_of_seconds_over_non_zeros(tmp_path: Path) -> None:
    """Four times the non-zeros in eight times the seconds: 1.5."""

    def entry(name: str, size: float, seconds: float) -> list[dict[str, Any]]:
        head = {"task": "phases", "entry": name, "method": "forcegen"}
        figures = (("non-zeros", size), ("tables to solver", seconds), ("job", 1.0))
        return [{**head, "phase": phase, "value": value} for phase, value in figures]

    text = tables.series_table(table(*entry("series-4x2", 1e4, 1.0), *entry("series-8x4", 4e4, 8.0)))
    assert "to the power 1.50" in text


def test_rows_are_only_ever_added(tmp_path: Path) -> None:
    """What is read is what was written, blanks included."""
    file = tmp_path / "results.csv"
    first = {"task": "phases", "entry": "S-1", "method": "forcegen", "phase": "build", "value": 0.25, "limit": 0.0}
    rest = {"cores": 1, "repetition": 1, "subject": "0e12", "version": "1", "machine": 2}
    rows.append(file, [{**first, **rest}])
    before = file.read_bytes()
    rows.append(file, [{**first, **rest, "phase": "job", "note": 'a, "b"'}])
    assert file.read_bytes().startswith(before)
    found = rows.read(file)
    assert found["note"].tolist() == ["", 'a, "b"']
    assert found["subject"].tolist() == ["0e12", "0e12"]
    assert found["at"].isna().all()
    assert rows.finished(file) == {rows.key_of({**first, **rest})}


@pytest.mark.parametrize("task", ["phases", "anytime"])
def test_an_empty_table_makes_a_page_that_says_so(tmp_path: Path, task: str) -> None:
    """No table, no chart."""
    (tmp_path / "README.md").write_text(f"{tables.BEGIN}{tables.END}", encoding="utf-8")
    assert tables.latest(rows.read(tmp_path / "none.csv"), task).empty
    tables.write(rows.read(tmp_path / "none.csv"), tmp_path)
    assert "Nothing has been measured yet." in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert not (tmp_path / "charts").exists()
