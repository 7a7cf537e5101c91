"""Folders and workbooks as planners have them: encodings, limits, links, bombs, full disks."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from optimizer.instance.files import convert, read_instance, read_raw, write_instance
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance
from optimizer.instance.read import examine as examine_module
from optimizer.instance.read import folder as folder_module
from optimizer.instance.read import typed
from optimizer.instance.read.examine import examine
from optimizer.instance.regular import UnreadableFile, regular_file

from .base import base_files, put, write


def codes(path: Path) -> list[tuple[str, str, int | None]]:
    """Code, place and row of everything found."""
    try:
        findings = examine(read_raw(path))[1]
    except InvalidInstance as error:
        findings = error.findings
    return [(finding.code, finding.place, finding.row) for finding in findings]


def book(path: Path, sheets: dict[str, list[list[object]]], header: bool = True) -> Path:
    """A workbook with these sheets."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as made:
        for name, rows in ({"instance": [["key", "value"], ["schema", 1]]} if header else {} | {}).items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


SMALL: dict[str, list[list[object]]] = {
    "nations": [["nation", "max_personnel"], ["FRA", 900]],
    "unit_types": [["unit_type", "personnel"], ["battalion", 600]],
    "yields": [["unit_type", "capability", "amount"], ["battalion", "guard", 5]],
    "pledges": [["pledge", "nation", "unit_type", "quantity"], ["p", "FRA", "battalion", 2]],
    "missions": [["mission"], ["protection"]],
    "requirements": [
        ["requirement", "mission", "area", "capability", "target"],
        ["r", "protection", "west", "guard", 10],
    ],
}


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    """Files as spreadsheets save them read like any other."""
    source = write(base_files(), tmp_path / "plain")
    saved = tmp_path / "saved"
    saved.mkdir()
    for path in source.iterdir():
        (saved / path.name).write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_instance(saved).hash == read_instance(source).hash


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings_are_refused(encoding: str, tmp_path: Path) -> None:
    """A file that is not UTF-8 is told as such, at the line where it shows."""
    source = write(base_files(), tmp_path / "source")
    (source / "areas.csv").write_bytes("area,name\nwest,Ouest\neast,Frontière\nhome,x\n".encode(encoding))
    assert codes(source) == [("encoding", "areas.csv", 1 if encoding == "utf-16" else 3)]


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    """A link to a file elsewhere is not followed; a link inside the folder is."""
    source = write(base_files(), tmp_path / "source")
    (source / "areas.csv").rename(tmp_path / "elsewhere.csv")
    (source / "areas.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert codes(source) == [("outside-folder", "areas.csv", None)]
    (source / "areas.csv").unlink()
    (tmp_path / "elsewhere.csv").rename(source / "districts.txt")
    (source / "areas.csv").symlink_to("districts.txt")
    assert codes(source) == []


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as listener:  # a socket's path must be short
        listener.bind(path.name)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES = {"named pipe": _pipe, "socket": _socket, "device": _endless, "folder": Path.mkdir}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_refused(kind: str, tmp_path: Path) -> None:
    """A pipe, socket, device or folder in a file's place is a finding at once: nothing waits for it or reads without end."""
    for name in ("areas.csv", "instance.toml"):
        source = write(base_files(), tmp_path / name)
        (source / name).unlink()
        NO_FILES[kind](source / name)
        # a link to a device leads out of the folder, which is as good a reason
        assert codes(source) == [("outside-folder" if kind == "device" else "not-a-file", name, None)]
    if kind != "folder":  # a folder may have any name
        NO_FILES[kind](tmp_path / "book.xlsx")
        assert codes(tmp_path / "book.xlsx") == [("not-a-file", str(tmp_path / "book.xlsx"), None)]
    with pytest.raises(UnreadableFile, match=f"this is a {kind}"):
        regular_file("/dev/zero" if kind == "device" else source / name)


def test_files_that_cannot_be_reached() -> None:
    """Links that lead nowhere or in a ring, and impossible names, are findings."""
    for name, code in (("nothing", "not-found"), ("a\0b", "unreadable"), ("x" * 5000, "unreadable")):
        with pytest.raises(UnreadableFile) as caught:
            regular_file(name)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("a." * 50_000 + "a = 1", 2),
        ("[" + "'a' . " * 50_000 + "a]", 2),
        ("x = " + "[" * 100_000, None),
        ("x" * 900_000, 2),
        ("x = " + "9" * 5_000, None),
    ],
)
def test_headers_that_would_take_for_ever(text: str, row: int | None, tmp_path: Path) -> None:
    """Keys of thousands of parts, deep lists, and endless words and numbers in the header are findings at once."""
    source = write(base_files(), tmp_path / "source")
    (source / "instance.toml").write_text(f"schema = 1\n{text}\n")
    assert codes(source)[0] == ("toml-syntax", "instance.toml", row)
    (source / "instance.toml").write_text("x" * 2_000_000)
    assert codes(source)[0] == ("file-too-large", "instance.toml", None)


def test_a_ring_of_links_is_a_finding(tmp_path: Path) -> None:
    """A link to itself, and a link to nothing, are findings on the file."""
    source = write(base_files(), tmp_path / "source")
    for target, code in (("areas.csv", "unreadable"), ("missing.txt", "not-found")):
        (source / "areas.csv").unlink()
        (source / "areas.csv").symlink_to(target)
        assert codes(source) == [(code, "areas.csv", None)]


def test_paths_that_are_no_instance(tmp_path: Path) -> None:
    """A path to nothing, and a path to something else, are told apart."""
    (tmp_path / "letter.docx").write_text("x")
    assert codes(tmp_path / "nothing") == [("not-found", str(tmp_path / "nothing"), None)]
    assert codes(tmp_path / "letter.docx") == [("not-an-instance", str(tmp_path / "letter.docx"), None)]


def test_the_header_file_stands_for_its_folder(tmp_path: Path) -> None:
    """Who names instance.toml means the folder."""
    source = write(base_files(), tmp_path / "source")
    assert read_instance(source / "instance.toml") == read_instance(source)


def test_too_many_rows_are_refused_quickly(tmp_path: Path) -> None:
    """A table of a million rows costs a message and a few seconds, not the memory."""
    source = write(base_files(), tmp_path / "source")
    with (source / "areas.csv").open("a") as stream:
        stream.writelines(f"a{number},x\n" for number in range(1_000_000))
    started = time.perf_counter()
    assert codes(source) == [("too-many-rows", "areas.csv", typed.MAXIMUM_ROWS + 2)]
    assert time.perf_counter() - started < 10


def test_many_rows_are_read_in_time(tmp_path: Path) -> None:
    """Fifty thousand pledges, every one of them wrong, are read and told within seconds."""
    rows = "".join(f"P{number},FRA,batalion,{number % 7}\n" for number in range(50_000))
    source = write({**base_files(), "pledges.csv": "pledge,nation,unit_type,quantity\n" + rows}, tmp_path / "source")
    started = time.perf_counter()
    found = codes(source)
    assert time.perf_counter() - started < 15
    assert [code for code, _, _ in found].count("unknown-unit-type") == 21


def test_limits_of_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, cells and tables beyond the limits are refused with the number."""
    source = write(base_files(), tmp_path / "source")
    monkeypatch.setattr(folder_module, "MAXIMUM_FILE_BYTES", 350)
    assert ("file-too-large", "limits.csv", None) in codes(source)
    monkeypatch.undo()
    monkeypatch.setattr(examine_module, "MAXIMUM_CELLS", 100)
    assert [code for code, _, _ in codes(source)] == ["too-many-cells"]
    monkeypatch.undo()
    monkeypatch.setattr(typed, "MAXIMUM_ROWS", 2)
    tables = {"nations": [{"nation": str(number)} for number in range(3)]}
    with pytest.raises(InvalidInstance, match="too-many-rows"):
        Instance.from_tables(tables)


def test_empty_rows_keep_the_numbers(tmp_path: Path) -> None:
    """Blank rows are skipped, and the rows after them are numbered as the spreadsheet numbers them."""
    files = base_files()
    files["missions.csv"] = files["missions.csv"].replace("training,1", "\n,,\ntraining,x")
    assert codes(write(files, tmp_path / "source")) == [("number", "missions.csv", 5)]


def test_a_workbook_by_hand(tmp_path: Path) -> None:
    """A workbook as a planner types it is read: numbers for names, blank rows, a date for the first month."""
    sheets = {**SMALL, "areas": [[], ["area", "max_personnel"], [], ["west", "1000"]]}
    path = book(tmp_path / "hand.xlsx", sheets)
    instance = read_instance(path)
    assert instance.header.name == "hand"
    assert instance.origin["areas"] == ("sheet areas", (4,))
    assert instance.rows("nations")[0]["max_personnel"] == 900.0


def test_faults_of_a_workbook(tmp_path: Path) -> None:
    """Unknown and empty sheets, a missing header and wrong cells are told with sheet and row."""
    rows = [["pledge", "nation", "unit_type", "quantity"], ["p", "FRA", "battalion", 2.5]]
    assert codes(book(tmp_path / "a.xlsx", {**SMALL, "pledges": rows})) == [("not-whole", "sheet pledges", 2)]
    assert codes(book(tmp_path / "b.xlsx", {**SMALL, "Areas": []})) == [("unknown-table", "sheet Areas", None)]
    assert codes(book(tmp_path / "c.xlsx", {**SMALL, "areas": []})) == [("empty-file", "sheet areas", None)]
    assert codes(book(tmp_path / "d.xlsx", SMALL, header=False)) == [("missing-header", "d.xlsx", None)]


def test_header_rows_of_a_workbook(tmp_path: Path) -> None:
    """Wrong header values of a workbook are told with their row."""
    path = tmp_path / "a.xlsx"
    rows = [
        ["key", "value"],
        ["schema", 1],
        ["periods.cuont", 2],
        ["aims.1.name", "coverage"],
        ["aims.3.name", "coverge"],
        ["schema", 1],
        ["aims.x", 1],
    ]
    book(path, {"instance": rows, **SMALL}, header=False)
    place = "sheet instance"
    expected = [("unknown-key", place, 3), ("choice", place, 5), ("duplicate-key", place, 6), ("unknown-key", place, 7)]
    assert sorted(codes(path), key=lambda item: item[2] or 0) == expected


def test_formulas_of_a_workbook(tmp_path: Path) -> None:
    """The stored value of a formula is read; an error value, or a formula never calculated, is told."""
    for name, value in (("good", 900), ("bad", "#DIV/0!"), ("never", "")):
        with xlsxwriter.Workbook(tmp_path / f"{name}.xlsx") as made:
            made.add_worksheet("instance").write_row(0, 0, ["schema", 1])
            for table, rows in SMALL.items():
                sheet = made.add_worksheet(table)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
                if table == "nations":
                    sheet.write_formula(1, 1, "=1/0", None, value)
    assert read_instance(tmp_path / "good.xlsx").rows("nations")[0]["max_personnel"] == 900
    assert [code for code, _, _ in codes(tmp_path / "bad.xlsx")] == ["formula"]
    assert [code for code, _, _ in codes(tmp_path / "never.xlsx")] == ["formula"]


def test_what_is_no_workbook(tmp_path: Path) -> None:
    """Text, a cut-off workbook and an encrypted one are told as unreadable, without further findings."""
    write_instance(generate("S"), tmp_path / "good.xlsx")
    data = (tmp_path / "good.xlsx").read_bytes()
    for name, content in (
        ("text", b"nation,FRA"),
        ("cut", data[: len(data) // 2]),
        ("empty", b""),
        ("torn", data[:900] + bytes(400) + data[1300:]),
    ):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        assert codes(path) == [("workbook-unreadable", path.name, None)]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with content and a file that is there are left alone."""
    instance = generate("S")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    (tmp_path / "book.xlsx").write_text("mine")
    for name in ("full", "book.xlsx"):
        with pytest.raises(FileExistsError, match="there already"):
            write_instance(instance, tmp_path / name)
    assert (tmp_path / "book.xlsx").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    write_instance(instance, tmp_path / "empty")
    assert read_instance(tmp_path / "empty") == instance


@pytest.mark.parametrize("name", ["out", "out.xlsx"])
def test_a_full_disk_leaves_nothing_behind(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the error names the file, and no half-written folder or workbook stays."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_instance(generate("S"), tmp_path / name)
    assert name in str(caught.value.filename)
    assert list(tmp_path.iterdir()) == []


def test_convert_reports_an_invalid_source(tmp_path: Path) -> None:
    """What is invalid is not converted."""
    files = base_files()
    put(files, "nations", 2, max_personnel="many")
    with pytest.raises(InvalidInstance):
        convert(write(files, tmp_path / "source"), tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_drop_downs_of_a_workbook(tmp_path: Path) -> None:
    """Choices, booleans and references have drop-downs, and headings have comments."""
    convert(write(base_files(), tmp_path / "source"), tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        sheets = "".join(
            archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/")
        )
        comments = "".join(archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/comments"))
    assert '"forbid,unless,limit"' in sheets
    assert '"TRUE,FALSE"' in sheets
    assert "'nations'!$A$2:" in sheets
    assert "Units in the pool" in comments
    assert 'state="frozen"' in sheets


def test_attribute_tables_load_nothing_heavy() -> None:
    """The attribute tables, which the command line needs for its help, import neither pandas nor numpy."""
    program = "import sys, optimizer.instance.attributes; print({'pandas', 'numpy', 'xlsxwriter'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
