"""Columns whose name begins with `_` are the planner's own: they travel with their table, and nothing else looks at them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from optimizer.instance.attributes import TABLES
from optimizer.instance.files import convert, read_instance, write_instance
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.read.header import header_mapping
from optimizer.instance.settings import InvalidSetting, with_settings
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build

from .base import base_files, findings_of, write

ROOT = Path(__file__).parents[2]
NOTE, DOUBTFUL = '=SUM(A1), "ask" Rome', "1.200"


def with_own_columns() -> dict[str, str]:
    """The base with a note, and a doubtful number, in every row of every table; one is named as a column that is there already."""
    files = base_files()
    for name in TABLES:
        heading, *rows = files[f"{name}.csv"].splitlines()
        quoted = '"' + NOTE.replace('"', '""') + '"'
        first = heading.split(",")[0]
        lines = [f"_note,{heading},_{first}", *(f"{quoted},{row},{DOUBTFUL}" for row in rows)]
        files[f"{name}.csv"] = "\n".join(lines) + "\n"
    return files


def test_own_columns_cost_no_finding_and_travel_both_ways(tmp_path: Path) -> None:
    plain = write(base_files(), tmp_path / "plain")
    folder = write(with_own_columns(), tmp_path / "folder")
    before = {(one.code, one.row) for one in findings_of(plain)}
    assert {(one.code, one.row) for one in findings_of(folder)} == before
    instance = convert(folder, tmp_path / "book.xlsx")
    again = convert(tmp_path / "book.xlsx", tmp_path / "again")
    for read in (instance, again, read_instance(tmp_path / "again")):
        for name, table in TABLES.items():
            frame = read.tables[name]
            assert set(frame["_note"]) == {NOTE}, name
            assert set(frame[f"_{table.columns[0].name}"]) == {DOUBTFUL}, name
        assert read == read_instance(plain)


def test_errors_and_merged_cells_of_own_columns_are_kept_as_they_show(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    for name, text in base_files().items():
        sheet = book.add_worksheet(Path(name).stem)
        rows = (
            [["key", "value"], ["schema", 1], ["periods.count", 4]]
            if name == "instance.toml"
            else [*csv.reader(io.StringIO(text))]
        )
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
        if name == "nations.csv":
            sheet.write_string(0, 5, "_note")
            sheet.merge_range("F2:F3", "both")
            sheet.write_formula("F4", "=1/0", None, "#DIV/0!")
    book.add_worksheet("_scratch").write_formula("A1", "=1/0", None, "#DIV/0!")
    book.close()
    assert not findings_of(tmp_path / "book.xlsx")
    nations = read_instance(tmp_path / "book.xlsx").tables["nations"]
    assert dict(zip(nations["nation"], nations["_note"], strict=True)) == {"FRA": "both", "ITA": None, "POL": "#DIV/0!"}


def test_a_key_is_missing_also_where_an_own_column_is_named_like_it(tmp_path: Path) -> None:
    files = base_files()
    files["nations.csv"] = files["nations.csv"].replace("nation,", "_nation,", 1)
    found = [one for one in findings_of(write(files, tmp_path / "folder")) if one.severity == "error"]
    assert ("missing-column", "nation") in {(one.code, one.column) for one in found}


def test_a_condition_may_be_named_like_an_own_column(tmp_path: Path) -> None:
    """The table of conditions decides: what it names is a condition, and a cell that is neither true nor false a finding."""
    files = base_files()
    for name in files:
        files[name] = files[name].replace("truce", "_truce")
    folder = write(files, tmp_path / "folder")
    assert convert(folder, tmp_path / "book.xlsx") == read_instance(tmp_path / "book.xlsx")
    files["scenarios.csv"] = files["scenarios.csv"].replace("calm,0.6,true", "calm,0.6,perhaps")
    found = findings_of(write(files, tmp_path / "other"))
    assert ("boolean", "_truce") in {(one.code, one.column) for one in found}


@pytest.mark.parametrize("value", [3, 2.5, True, "text", pd.Timestamp("2026-01-01"), float("inf"), 10**400, None])
def test_whatever_stands_in_an_own_column_can_be_written(value: object, tmp_path: Path) -> None:
    instance = read_instance(ROOT / "instances/tutorial")
    nations = instance.tables["nations"].assign(
        _mine=pd.Series([value] * len(instance.tables["nations"]), dtype=object)
    )
    instance = Instance.from_tables({**instance.tables, "nations": nations}, header_mapping(instance.header))
    for target in ("book.xlsx", "folder"):
        write_instance(instance, tmp_path / target)
        cells = set(read_instance(tmp_path / target).tables["nations"]["_mine"])
        shown = {None} if value is None else {value, str(value), str(value).lower()}
        assert len(cells) == 1
        assert cells <= shown


def test_nothing_can_be_set_in_an_own_column_and_no_model_changes(tmp_path: Path) -> None:
    plain, own = (
        read_instance(write(base_files(), tmp_path / "a")),
        read_instance(write(with_own_columns(), tmp_path / "b")),
    )
    with pytest.raises(InvalidSetting, match="no column '_note'"):
        with_settings(own, ["nations.FRA._note=x"])
    changed = with_settings(own, ["nations.FRA.max_personnel=1999"])
    assert set(changed.tables["nations"]["_note"]) == {NOTE}
    header = replace(plain.header, aims=(Aim("coverage"),))
    for name in ("storm", None):
        models = [build(build_situation(replace(one, header=header), name)).linear for one in (plain, own)]
        assert models[0].row_names() == models[1].row_names()
        assert models[0].row_values.tolist() == models[1].row_values.tolist()
