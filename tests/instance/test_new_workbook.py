"""`forcegen new x.xlsx`: all tables, drop-downs, units, examples; and sheets of the planner's own, which travel."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import parse_cell
from optimizer.instance.examples import examples_of
from optimizer.instance.files import convert, read_instance, read_raw, write_instance
from optimizer.instance.instance import Header, Instance
from optimizer.instance.raw import Formula
from optimizer.instance.read.examine import check_instance
from optimizer.instance.settings import with_settings
from optimizer.instance.template import write_template
from tests.office import needs_office, written_anew

from .base import base_files, write


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook that `forcegen new question.xlsx` writes."""
    return write_template(tmp_path_factory.mktemp("new") / "question.xlsx")


def part(book: Path, sheet: str, kind: str) -> str:
    """The marks of a sheet (`worksheets/sheet`), or of its comments (`comments`, of which the first sheet has none)."""
    with zipfile.ZipFile(book) as archive:
        order = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        return archive.read(f"xl/{kind}{order.index(sheet) + (kind != 'comments')}.xml").decode()


def test_it_has_all_tables_and_says_what_the_folder_says(new: Path, tmp_path: Path) -> None:
    """Every table there is has a sheet with all its columns; the instance is that of `forcegen new question`, without a finding."""
    book = CalamineWorkbook.from_path(str(new))
    assert book.sheet_names == ["instance", *TABLES]
    for name, table in TABLES.items():
        heading = book.get_sheet_by_name(name).to_python()[0]
        assert {column.name for column in table.columns} <= set(heading), name
    instance = read_instance(new)
    assert instance == read_instance(write_template(tmp_path / "question"))
    assert not [finding for finding in check_instance(instance) if finding.severity != "info"]


@pytest.mark.parametrize("name", TABLES)
def test_whatever_names_something_has_a_drop_down(new: Path, name: str) -> None:
    """Each column that refers to a table offers its keys, in the rows to come too; only where one key is asked for it warns of others."""
    marks = part(new, name, "worksheets/sheet")
    found = {
        place: (options, source)
        for options, place, source in re.findall(
            r'<dataValidation ([^>]*)sqref="([A-Z]+)2:[A-Z]+\d{4}">\s*<formula1>([^<]*)</formula1>', marks
        )
    }
    heading = CalamineWorkbook.from_path(str(new)).get_sheet_by_name(name).to_python()[0]
    for column in TABLES[name].columns:
        letter = chr(65 + heading.index(column.name)) if heading.index(column.name) < 26 else None
        if column.refers and letter:
            options, source = found[letter]
            assert source.startswith(f"'{column.refers[0]}'!$"), column.name
            assert ("showErrorMessage" in options) == (column.kind == "reference" and len(column.refers) == 1)
        elif column.choices and letter:
            assert found[letter][1] == f'"{",".join(column.choices)}"'


def test_headings_say_unit_and_example(new: Path) -> None:
    """Units, what a blank means, and examples with the names of this instance."""
    pledges, caveats, routes = (part(new, name, "comments") for name in ("pledges", "caveats", "routes"))
    nation = read_instance(new).rows("nations")[0]["nation"]
    assert f"For example: {nation} · {nation};" in caveats
    assert "Unit: " in routes
    assert "For example: " in pledges
    assert TABLES["routes"].description.split("`")[0] in routes


def test_every_example_is_one(tmp_path: Path) -> None:
    """What is given as an example can be read in its column."""
    instance = read_instance(write(base_files(), tmp_path / "base"))
    shown = 0
    for name, table in TABLES.items():
        for column in table.columns:
            for example in examples_of(column, name, instance):
                assert parse_cell(column, example) is not None, (name, column.name, example)
                shown += 1
            if column.kind not in {"text", "own"} and (column.kind != "selector" or column.refers):
                assert examples_of(column, name, instance), (name, column.name)
    assert shown > 200


def test_an_example_of_a_number_keeps_its_range() -> None:
    """Also where nothing stands in the column yet."""
    instance = Instance(Header(), {})
    for kind, low, high in (("number", 2.0, 2.5), ("integer", 3.0, None), ("number", None, None)):
        column = Attribute("n", kind, "A number.", minimum=low, maximum=high)
        (example,) = examples_of(column, "nothing", instance)
        parse_cell(column, example)


def own_book(path: Path) -> Path:
    """The base as a workbook, with two sheets of the planner's own."""
    files = base_files()
    convert(write(files, path / "base"), path / "plain.xlsx")
    instance = read_instance(path / "plain.xlsx")
    rows = {
        1: ["who", "when", "how many"],
        3: ["Rome", datetime.date(2026, 7, 1), 2.5],
        4: ["'=not a formula", True, Formula("SUM(C3:C3)*2", 5.0)],
    }
    write_instance(
        type(instance)(instance.header, instance.tables, own={"_calls": rows, "_empty": {}}), path / "own.xlsx"
    )
    return path / "own.xlsx"


def test_own_sheets_travel(tmp_path: Path) -> None:
    """From workbook to workbook with their formulas, through a folder with their values; checks, settings and equality do not see them."""
    book = own_book(tmp_path)
    first = read_instance(book)
    assert dict(first.own["_calls"])[4] == ["'=not a formula", True, Formula("SUM(C3:C3)*2", 5.0)]
    assert first == read_instance(tmp_path / "plain.xlsx")
    again = convert(book, tmp_path / "again.xlsx")
    assert read_instance(tmp_path / "again.xlsx").own == again.own == first.own
    changed = with_settings(first, ["nations.FRA.max_personnel=1999"])
    assert changed.own == first.own
    convert(book, tmp_path / "folder")
    assert (tmp_path / "folder" / "_calls.csv").is_file()
    back = convert(tmp_path / "folder", tmp_path / "back.xlsx")
    assert [list(row) for row in back.own["_calls"].values()] == [
        ["who", "when", "how many"],
        ["Rome", "2026-07-01", "2.5"],
        ["'=not a formula", "true", "5"],
    ]
    assert read_instance(tmp_path / "back.xlsx").own["_calls"] == back.own["_calls"]


def test_formulas_that_give_dates_keep_them(tmp_path: Path) -> None:
    """A date, a moment, a time of day and a duration that are worked out are shown as such in the next workbook too."""
    moments = (
        datetime.date(2026, 7, 1),
        datetime.datetime(2026, 7, 1, 12, 30),
        datetime.time(6, 45),
        datetime.timedelta(hours=30),
    )
    row = [Formula("A1+1", moment) for moment in moments]
    instance = read_instance(write(base_files(), tmp_path / "base"))
    write_instance(type(instance)(instance.header, instance.tables, own={"_when": {2: row}}), tmp_path / "own.xlsx")
    assert read_instance(tmp_path / "own.xlsx").own["_when"] == {2: row}


def test_the_first_row_of_an_own_sheet_is_no_heading(tmp_path: Path) -> None:
    """Numbers and truths there are written as in every other row."""
    row = ["sum", 5.0, True, None, datetime.date(2026, 7, 1)]
    instance = Instance(Header(), {}, own={"_sums": {1: row, 2: row}})
    write_instance(instance, tmp_path / "folder")
    first, second = (tmp_path / "folder" / "_sums.csv").read_text(encoding="utf-8").splitlines()
    assert first == second == "sum,5,true,,2026-07-01"


def test_hostile_names_of_own_sheets_stay_in_their_folder(tmp_path: Path) -> None:
    """A name that is no name of a file or a sheet becomes one; two that become the same are told apart."""
    instance = read_instance(write(base_files(), tmp_path / "base"))
    names = ("_../../up", "_a:b", "_a?b", "_" + "x" * 60, "_A_B")
    made = type(instance)(instance.header, instance.tables, own={name: {1: ["cell"]} for name in names})
    for target in ("made", "made.xlsx"):
        write_instance(made, tmp_path / "deep" / "er" / target)
        read = read_instance(tmp_path / "deep" / "er" / target)
        assert len(read.own) == len(names)
        assert all(name.startswith("_") and len(name) <= 31 for name in read.own)
    assert {one.name for one in (tmp_path / "deep").iterdir()} == {"er"}
    assert {one.name for one in (tmp_path / "deep" / "er").iterdir()} == {"made", "made.xlsx"}


def test_an_own_sheet_that_cannot_be_read_costs_a_warning(tmp_path: Path) -> None:
    """The instance is read all the same."""
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    plain = CalamineWorkbook.from_path(str(own_book(tmp_path)))
    for name in plain.sheet_names:
        if not name.startswith("_"):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(plain.get_sheet_by_name(name).to_python()):
                for column, cell in enumerate(row):
                    if cell != "":
                        sheet.write(number, column, cell)
    book.add_worksheet("_wide").write_string(0, 5000, "far out")
    book.close()
    (finding,) = [one for one in read_raw(tmp_path / "book.xlsx").findings if "your own" in one.message]
    assert finding.severity == "warning"
    assert read_instance(tmp_path / "book.xlsx") == read_instance(tmp_path / "own.xlsx")


def test_an_own_file_that_cannot_be_read_costs_a_warning(tmp_path: Path) -> None:
    """What is lost when the folder is converted is said; an empty file loses nothing."""
    folder = write(base_files(), tmp_path / "base")
    (folder / "_sums.csv").write_text("who;how many\nRome;2\n", encoding="utf-8")
    (folder / "_empty.csv").write_text("", encoding="utf-8")
    (finding,) = [one for one in read_raw(folder).findings if "your own" in one.message]
    assert (finding.severity, finding.place, finding.row) == ("warning", "_sums.csv", 1)
    assert "semicolons" in finding.message
    assert read_instance(folder).own == {}


@needs_office
def test_libreoffice_writes_it_anew_and_nothing_is_lost(new: Path, tmp_path: Path) -> None:
    """What LibreOffice saves is read as the same instance, with the same own sheets."""
    instance = read_instance(new)
    rows = {1: ["who", 2.5], 2: ["sum", Formula("SUM(B1:B1)*2", 5.0)]}
    write_instance(type(instance)(instance.header, instance.tables, own={"_calls": rows}), tmp_path / "question.xlsx")
    anew = read_instance(written_anew(tmp_path / "question.xlsx", "xlsx"))
    assert anew == instance
    assert {number: list(row) for number, row in anew.own["_calls"].items()} == rows
