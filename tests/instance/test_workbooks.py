"""Workbooks as spreadsheets, other programs and attackers write them: the right values, or findings, within bounds."""

from __future__ import annotations

import datetime
import io
import random
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.instance.files import read_instance, read_raw, write_instance
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawInstance
from optimizer.instance.read import package, sheets
from optimizer.instance.read.examine import examine
from optimizer.instance.read.sheet_values import as_date, column_letters, column_number, shown_as
from optimizer.instance.read.workbook import read_workbook
from optimizer.instance.write.workbook import workbook_bytes

from .base import base_files, put, write

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TABLES: dict[str, list[list[object]]] = {
    "instance": [["key", "value"], ["schema", 1]],
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
CAP = '<c r="B2"><v>900</v></c>'
"""The cell that most tests replace: the cap of FRA."""


def written(value: object, address: str) -> str:
    if isinstance(value, str):
        return f'<c r="{address}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{address}"><v>{value}</v></c>'


def sheet_xml(rows: list[list[object]]) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(written(value, f"{column_letters(place)}{number}") for place, value in enumerate(row, 1))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f"<worksheet {NAMESPACE}><sheetData>{''.join(lines)}</sheetData></worksheet>"


def parts(more: dict[str, list[list[object]]] | None = None, names: dict[str, str] | None = None) -> dict[str, str]:
    """The parts of a small valid workbook by path; the sheet of nations is `xl/worksheets/sheet2.xml`."""
    tables = TABLES | (more or {})
    made = {
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    }
    listed, related = [], [f'<Relationship Id="st" Type="{OFFICE}/styles" Target="styles.xml"/>']
    for number, (name, rows) in enumerate(tables.items(), 1):
        shown = (names or {}).get(name, f'name="{name}"')
        listed.append(f'<sheet {shown} sheetId="{number}" r:id="rId{number}"/>')
        target = f"worksheets/sheet{number}.xml"
        related.append(f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="{target}"/>')
        made[f"xl/{target}"] = sheet_xml(rows)
    made["xl/workbook.xml"] = (
        f'<workbook {NAMESPACE} xmlns:r="{OFFICE}"><workbookPr/><sheets>{"".join(listed)}</sheets></workbook>'
    )
    made["xl/_rels/workbook.xml.rels"] = f"<Relationships>{''.join(related)}</Relationships>"
    formats = '<numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/><numFmt numFmtId="165" formatCode="0 &quot;days&quot;"/></numFmts>'
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 164, 165, 9))
    made["xl/styles.xml"] = f"<styleSheet {NAMESPACE}>{formats}<cellXfs>{cells}</cellXfs></styleSheet>"
    return made


NATIONS = "xl/worksheets/sheet2.xml"


def pack(path: Path, contents: dict[str, str | bytes] | dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def changed(path: Path, *edits: tuple[str, str], part: str = NATIONS, **also: str) -> Path:
    contents = parts()
    for old, new in edits:
        assert old in contents[part]
        contents[part] = contents[part].replace(old, new)
    return pack(path, contents | also)


def found(path: Path) -> list[tuple[str, str, int | None, str | None]]:
    return [(each.code, each.place, each.row, each.column) for each in findings(path)]


def findings(path: Path) -> tuple[Finding, ...]:
    return examine(read_raw(path))[1]


def cell(path: Path, xml: str) -> object:
    """What is read in place of the cap of FRA."""
    return read_workbook(changed(path / "cell.xlsx", (CAP, xml))).tables["nations"].rows[0][1]


def test_the_small_workbook_is_valid(tmp_path: Path) -> None:
    """What the other tests change is itself without a finding."""
    assert found(pack(tmp_path / "a.xlsx", parts())) == []
    assert read_instance(tmp_path / "a.xlsx").rows("nations")[0]["max_personnel"] == 900


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<c r="B2"><v>900</v></c>', 900.0),
        ("<c><v>900</v></c>", 900.0),
        ('<c r="B2" t="n"><f>1+1</f><v>1.5E3</v></c>', 1500.0),
        ('<c r="B2"><v> 900 </v></c>', 900.0),
        ('<c r="B2"><v>9<!-- x -->0<![CDATA[0]]></v></c>', 900.0),
        ('<c r="B2" t="str"><v>many</v></c>', "many"),
        ('<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r></is></c>', "a b"),
        ('<c r="B2" t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>aloud</t></rPh></is></c>', "a"),
        ('<c r="B2" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c>', "a\rb_x0041_"),
        ('<c r="B2" t="b"><v>1</v></c>', True),
        ('<c r="B2" t="b"><v>0</v></c>', False),
        ('<c r="B2" t="d"><v>2026-01-01</v></c>', datetime.date(2026, 1, 1)),
        ('<c r="B2" t="d"><v>2026-01-01T06:30:00</v></c>', datetime.datetime(2026, 1, 1, 6, 30)),
        ('<c r="B2" t="d"><v>2026-01-01T06:30:00+02:00</v></c>', datetime.datetime(2026, 1, 1, 6, 30)),
        ('<c r="B2" s="1"><v>46204</v></c>', datetime.date(2026, 7, 1)),
        ('<c r="B2" s="2"><v>46204.25</v></c>', datetime.datetime(2026, 7, 1, 6)),
        ('<c r="B2" s="2"><v>0.25</v></c>', datetime.time(6)),
        ('<c r="B2" s="1"><v>59</v></c>', datetime.date(1900, 2, 28)),
        ('<c r="B2" s="1"><v>61</v></c>', datetime.date(1900, 3, 1)),
        ('<c r="B2" s="1"><v>99999999</v></c>', 99999999.0),
        ('<c r="B2" s="3"><v>1.5</v></c>', datetime.timedelta(days=1.5)),
        ('<c r="B2" s="4"><v>7</v></c>', 7.0),
        ('<c r="B2" s="5"><v>0.5</v></c>', 0.5),
        ('<c r="B2" s="99"><v>7</v></c>', 7.0),
        ('<c r="B2" s="1"/>', None),
        ('<c r="B2"><v></v></c>', None),
    ],
)
def test_values(xml: str, value: object, tmp_path: Path) -> None:
    """Every way to write a value gives that value, of its own type."""
    read = cell(tmp_path, xml)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<c r="B2" t="e"><v>#N/A</v></c>', "formula"),
        ("<c t='e' r='B2'><v>#REF!</v></c>", "formula"),
        ('<c t="e"><v>#N/A</v></c>', "formula"),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "formula"),
        ('<c r="B2"><f>100+50</f></c>', "formula"),
        ("<c r='B2'><f>100+50</f><v/></c>", "formula"),
        ('<c r="B2"><f><![CDATA[IF(A1<2,1,2)]]></f><v></v></c>', "formula"),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', "formula"),
        ('<c r="B2"><f t="shared" si="0"/></c>', "formula"),
        ('<c r="B2"><v>nan</v></c>', "number"),
        ('<c r="B2"><v>1E999</v></c>', "number"),
        ('<c r="B2"><v>1_000</v></c>', "number"),
        ('<c r="B2" t="b"><v>2</v></c>', "number"),
        ('<c r="B2" t="what"><v>2</v></c>', "number"),
        ('<c r="B2" t="b"><v>1</v></c>', "number"),
    ],
)
@pytest.mark.parametrize("prefixed", [False, True])
def test_cells_without_a_value_are_named(xml: str, code: str, prefixed: bool, tmp_path: Path) -> None:
    """An error, an uncalculated formula and a broken value are findings at tab, row and heading, with any prefix."""
    contents = parts()
    contents[NATIONS] = contents[NATIONS].replace(CAP, xml)
    if prefixed:
        contents[NATIONS] = contents[NATIONS].replace("xmlns=", "xmlns:x=").replace("</", "\0").replace("<", "<x:")
        contents[NATIONS] = contents[NATIONS].replace("\0", "</x:").replace("<x:!", "<!")
    assert found(pack(tmp_path / "a.xlsx", contents)) == [(code, "sheet nations", 2, "max_personnel")]


def test_faulty_headings_keys_and_header_values(tmp_path: Path) -> None:
    """An error in a heading, in a key, and in a value of the sheet `instance` is shown as what the cell shows."""
    error = '<c r="B1" t="e"><v>#NAME?</v></c>'
    path = changed(tmp_path / "a.xlsx", (written("max_personnel", "B1"), error))
    assert ("unknown-column", "sheet nations", None, "#NAME?") in found(path)
    path = changed(tmp_path / "b.xlsx", (written("FRA", "A2"), '<c r="A2" t="e"><v>#N/A</v></c>'))
    assert ("formula", "sheet nations", 2, "nation") in found(path)
    old, part = written(1, "B2"), "xl/worksheets/sheet1.xml"
    path = changed(tmp_path / "c.xlsx", (old, '<c r="B2" t="e"><v>#N/A</v></c>'), part=part)
    assert ("formula", "sheet instance", 2, "schema") in found(path)


def test_dates_from_1904(tmp_path: Path) -> None:
    """A workbook that counts days from 1904 gives the same dates."""
    contents = parts()
    contents["xl/workbook.xml"] = contents["xl/workbook.xml"].replace("<workbookPr/>", '<workbookPr date1904="1"/>')
    contents[NATIONS] = contents[NATIONS].replace(CAP, '<c r="B2" s="1"><v>44742</v></c>')
    raw = read_workbook(pack(tmp_path / "a.xlsx", contents))
    assert raw.tables["nations"].rows[0][1] == datetime.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", ""),
        ("0.00E+00", ""),
        ('#,##0 "days"', ""),
        ("[Red]0;[Blue]-0", ""),
        (r"0\d", ""),
        ("yyyy-mm-dd", "date"),
        ("[$-409]d mmm yy;@", "date"),
        ("h:mm AM/PM", "date"),
        ("[mm]:ss", "duration"),
        ('"' * 255, ""),
    ],
)
def test_number_formats(code: str, shown: str) -> None:
    """A format shows a date only by its own letters, not by quoted, escaped or bracketed ones."""
    assert shown_as(code) == shown


def test_addresses() -> None:
    """Columns are counted as spreadsheets count them."""
    assert [column_number(letters) for letters in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16_384]
    assert all(column_number(column_letters(number)) == number for number in range(1, 16_385))
    assert as_date(-1.0, "date", datetime.datetime(1904, 1, 1)) == -1.0


def test_rows_and_cells_out_of_order(tmp_path: Path) -> None:
    """Rows and cells without addresses follow one another; those with addresses stand where these say."""
    heading = "<row>" + written("nation", "A1").replace(' r="A1"', "") + written("max_personnel", "B1") + "</row>"
    body = f'<row r="7">{written(700, "B7")}{written("ITA", "A7")}</row><row r="4">{written("FRA", "A4")}</row>'
    xml = f"<worksheet {NAMESPACE}><dimension ref='A1:XFD1048576'/><sheetData>{heading}{body}</sheetData></worksheet>"
    path = pack(tmp_path / "a.xlsx", parts() | {NATIONS: xml})
    table = read_workbook(path).tables["nations"]
    assert (list(table.numbers), list(table.rows)) == ([4, 7], [["FRA", None], ["ITA", 700.0]])
    assert found(path) == []


def test_formatted_blanks_cost_nothing(tmp_path: Path) -> None:
    """Blank cells with a format, to the right and below, are no part of the table."""
    blanks = '<c r="AA2" s="1"/></row>' + "".join(f'<row r="{n}"><c r="ZZ{n}" s="1"/></row>' for n in range(3, 3000))
    path = changed(tmp_path / "a.xlsx", (f"{CAP}</row>", f"{CAP}{blanks}"))
    table = read_workbook(path).tables["nations"]
    assert (list(table.header), len(table.rows)) == (["nation", "max_personnel"], 1)


def test_shared_strings(tmp_path: Path) -> None:
    """A text is looked up by its number; a number that is not there makes the sheet unreadable."""
    contents = parts()
    rels = contents["xl/_rels/workbook.xml.rels"]
    more = f'<Relationship Id="ss" Type="{OFFICE}/sharedStrings" Target="/xl/Strings.xml"/></Relationships>'
    contents["xl/_rels/workbook.xml.rels"] = rels.replace("</Relationships>", more)
    contents["xl/strings.XML"] = "<sst><si><t>x</t></si><si><r><t>I</t></r><r><t>TA</t></r></si></sst>"
    contents[NATIONS] = contents[NATIONS].replace(written("FRA", "A2"), '<c r="A2" t="s"><v>1</v></c>')
    assert read_workbook(pack(tmp_path / "a.xlsx", contents)).tables["nations"].rows[0][0] == "ITA"
    contents[NATIONS] = contents[NATIONS].replace("<v>1</v>", "<v>2</v>")
    assert ("workbook-unreadable", "sheet nations", None, None) in found(pack(tmp_path / "b.xlsx", contents))


@pytest.mark.parametrize(
    ("target", "member"),
    [
        ("Worksheets/Sheet2.XML", NATIONS),
        ("/xl/elsewhere/n.xml", "xl/elsewhere/n.xml"),
        ("../other%20place/n.xml", "other place/n.xml"),
        ("worksheets\\sheet2.xml", "xl\\worksheets\\sheet2.xml"),
        ("./worksheets/../n.xml", "XL/N.xml"),
    ],
)
def test_parts_are_found_as_the_format_says(target: str, member: str, tmp_path: Path) -> None:
    """The sheet is where its relation says, in any case of letters; what is found there is checked like any other."""
    contents = parts()
    contents["xl/_rels/workbook.xml.rels"] = contents["xl/_rels/workbook.xml.rels"].replace(
        "worksheets/sheet2.xml", target
    )
    contents[member] = contents.pop(NATIONS).replace(CAP, '<c r="B2" t="e"><v>#N/A</v></c>')
    assert found(pack(tmp_path / "a.xlsx", contents)) == [("formula", "sheet nations", 2, "max_personnel")]


def test_sheets_that_are_no_tables(tmp_path: Path) -> None:
    """Own sheets (`_…`) are left alone, hidden ones are named, unknown ones are findings with the name that was meant."""
    own = {"_notes": [["whatever", "#N/A"]]}
    assert found(pack(tmp_path / "a.xlsx", parts(own))) == []
    hidden = parts(names={"nations": 'name="nations" state="veryHidden"'})
    assert found(pack(tmp_path / "b.xlsx", hidden)) == [("hidden-sheet", "sheet nations", None, None)]
    for name in ("Pledges", "PLEDGES", "pledge", " pledges"):
        path = pack(tmp_path / "c.xlsx", parts(names={"pledges": f'name="{name}"'}))
        assert found(path)[0] == ("unknown-table", f"sheet {name}", None, None)
        assert "Did you mean 'pledges'?" in findings(path)[0].remedy
        assert "missing-table" not in [each.code for each in findings(path)]
    path = pack(tmp_path / "d.xlsx", parts(names={"instance": 'name="Instance"'}))
    assert "Did you mean 'instance'?" in findings(path)[0].remedy


def test_merged_cells_are_a_finding(tmp_path: Path) -> None:
    """Merged cells below the heading, of which only the first holds the value, are named; a band of headings is not."""
    table = [["nation", "max_personnel"], ["FRA", 900], ["ITA", ""]]
    contents = parts({"nations": table})
    merged = '</sheetData><mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="A1:B1"/><mergeCell ref="?"/></mergeCells>'
    contents[NATIONS] = contents[NATIONS].replace("</sheetData>", merged)
    assert found(pack(tmp_path / "a.xlsx", contents)) == [("merged-cells", "sheet nations", 2, "max_personnel")]


def test_one_broken_sheet_costs_no_other(tmp_path: Path) -> None:
    """A sheet that is no XML is a finding; the faults of the other sheets are found as well."""
    contents = parts({"missions": [["mission", "priority"], ["protection", "high"]]})
    contents[NATIONS] = contents[NATIONS].replace("</row>", "<")
    codes = found(pack(tmp_path / "a.xlsx", contents))
    assert ("workbook-unreadable", "sheet nations", None, None) in codes
    assert [each for each in codes if each[1] == "sheet missions"]


DEEP = "<c>" * 100_000
HOSTILE: dict[str, Callable[[str], str | bytes]] = {
    "entities": lambda xml: (
        '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + xml.replace("FRA", "&b;")
    ),
    "external": lambda xml: '<!DOCTYPE w SYSTEM "/etc/hostname">' + xml,
    "external-entity": lambda xml: '<!DOCTYPE w [<!ENTITY a SYSTEM "/etc/hostname">]>' + xml.replace("FRA", "&a;"),
    "deep": lambda xml: xml.replace(CAP, DEEP),
    "cell-in-cell": lambda xml: xml.replace(CAP, "<c><c><v>1</v></c></c>"),
    "row-in-row": lambda xml: xml.replace(CAP, f'<row r="3">{CAP}</row>'),
    "long-attribute": lambda xml: xml.replace('r="B2"', f'r="B2" x="{"a" * 20_000_000}"'),
    "long-text": lambda xml: xml.replace("900", "9" * 3_000_000 + "x"),
    "unclosed": lambda xml: xml[: len(xml) // 2] + "<c " * 1_500_000,
    "cut": lambda xml: xml[: len(xml) // 2],
    "twice": lambda xml: xml.replace(CAP, CAP + CAP),
    "rows-twice": lambda xml: xml.replace('<row r="2">', '<row r="1">'),
    "wrong-row": lambda xml: xml.replace('r="B2"', 'r="B9"'),
    "no-address": lambda xml: xml.replace('r="B2"', 'r="2B"'),
    "far-row": lambda xml: xml.replace('r="2"', 'r="99999999"').replace('r="B2"', 'r="B99999999"'),
    "far-column": lambda xml: xml.replace('r="B2"', 'r="XFE2"'),
    "wide": lambda xml: xml.replace('r="B2"', 'r="XFD2"'),
    "empty": lambda _: "",
    "binary": lambda _: bytes(range(256)) * 50,
    "spaces": lambda xml: xml + " " * 60_000_000,
    "blank-cells": lambda xml: xml.replace(CAP, CAP + '<c s="1"/>' * 3_000_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_sheets_are_findings(kind: str, tmp_path: Path) -> None:
    """Whatever a sheet holds costs a finding, little time and little memory."""
    contents = parts()
    path = pack(tmp_path / "a.xlsx", contents | {NATIONS: HOSTILE[kind](contents[NATIONS])})  # type: ignore[dict-item]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found_there = [(each.code, each.place, each.row) for each in findings(path) if each.severity == "error"]
    row = 2 if kind == "long-text" else None
    assert [(place, number) for _, place, number in found_there] == [("sheet nations", row)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kilobytes
    assert found_there[0][0] in {"workbook-unreadable", "workbook-too-large", "too-many-columns", "number"}


def test_members_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    """Of two parts with the same name it is not guessed which is meant."""
    path = pack(tmp_path / "a.xlsx", parts())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(NATIONS.upper(), parts()[NATIONS])
    assert found(path) == [("workbook-unreadable", "sheet nations", None, None)]


def test_packages_that_are_no_workbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old and encrypted workbooks, missing parts, other compressions and too many parts are one finding each."""
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    pack(tmp_path / "nothing.xlsx", {"a": "b"})
    pack(tmp_path / "no-main.xlsx", {"_rels/.rels": "<Relationships/>"})
    pack(tmp_path / "gone.xlsx", {"_rels/.rels": parts()["_rels/.rels"]})
    with zipfile.ZipFile(tmp_path / "packed.xlsx", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("_rels/.rels", parts()["_rels/.rels"])
    pack(tmp_path / "many.xlsx", parts() | {f"m{number}": "" for number in range(2_100)})
    for name, code in {"many": "workbook-too-large"}.items():
        assert found(tmp_path / f"{name}.xlsx") == [(code, f"{name}.xlsx", None, None)]
    for name in ("old", "nothing", "no-main", "gone", "packed"):
        assert found(tmp_path / f"{name}.xlsx") == [("workbook-unreadable", f"{name}.xlsx", None, None)]
    monkeypatch.setattr(package, "MAXIMUM_EXPANDED_BYTES", 500)
    assert [code for code, *_ in found(pack(tmp_path / "large.xlsx", parts()))] == ["workbook-too-large"]


def test_packages_with_marks_that_no_spreadsheet_writes(tmp_path: Path) -> None:
    """A part that asks for a later kind of zip file, is encrypted or patched, or begins beyond what can be counted, is one finding in words."""
    data = pack(tmp_path / "a.xlsx", {"_rels/.rels": parts()["_rels/.rels"]}).read_bytes()
    listed, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")

    def with_listed(at: int, value: bytes, more: bytes = b"") -> bytes:
        entry = bytearray(data[listed:end])
        entry[at : at + len(value)] = value
        entry[30:32] = len(more).to_bytes(2, "little")
        size = len(entry) + len(more)
        return data[:listed] + entry + more + data[end : end + 12] + size.to_bytes(4, "little") + data[end + 16 :]

    far = b"\x01\x00\x08\x00" + b"\xff" * 8
    says_utf8 = with_listed(8, b"\x00\x08")
    for content, said in (
        (
            says_utf8[: listed + 46] + b"\xff" + says_utf8[listed + 47 :],
            "this is no readable workbook ('utf-8' codec can't decode",
        ),
        (with_listed(6, b"\x63\x00"), "this is no readable workbook (zip file version 9.9)."),
        (with_listed(8, b"\x01\x00"), "is encrypted"),
        (with_listed(8, b"\x20\x00"), "compressed patched data"),
        (with_listed(42, b"\xff" * 4, far), "its part _rels/.rels cannot be unpacked"),
    ):
        (tmp_path / "b.xlsx").write_bytes(content)
        (finding,) = findings(tmp_path / "b.xlsx")
        assert finding.code == "workbook-unreadable"
        assert said in finding.message
        assert "save it again as .xlsx" in finding.remedy


def test_too_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are counted while they are read, blank ones and those that a rectangle adds among them."""
    whole = sheets._Budget
    monkeypatch.setattr(sheets, "_Budget", lambda: whole(cells=45))
    assert found(pack(tmp_path / "a.xlsx", parts()))[0][0] == "too-many-cells"
    monkeypatch.setattr(sheets, "_Budget", lambda: whole(slots=30))
    path = changed(tmp_path / "b.xlsx", (CAP, CAP.replace("B2", "AA2")))
    assert ("too-many-cells", "sheet nations", None, None) in found(path)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A workbook with a few bytes, marks or parts altered, inside its parts or in the file as it lies on the disk."""
    if chance.random() < 0.25:
        raw = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        return bytes(raw[: chance.randrange(len(raw))] if chance.random() < 0.2 else raw)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        contents = [(name, archive.read(name)) for name in archive.namelist()]
    likely = [n for n, (name, _) in enumerate(contents) if "sheet" in name or "rels" in name or "tring" in name]
    for _ in range(chance.randint(1, 3)):
        place = chance.choice(likely)
        name, content = contents[place]
        contents[place] = (name, altered(content, chance))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return stream.getvalue()


MARKS = (b"<", b">", b'"', b"&", b"</c>", b"<c>", b"<row>", b't="e"', b't="s"', b'r="A1"', b"]]>", b"\0", b"1E9", b"-")


def altered(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice((0, 1, 4, 40, 400)))
    kind = chance.randrange(4)
    if kind == 0:
        return content[:start] + chance.choice(MARKS) + content[start:]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:end] * chance.choice((1, 50)) + content[end:]
    return content[:start] + bytes(chance.randrange(256) for _ in range(end - start)) + content[end:]


def survives(data: bytes, path: Path) -> bool:
    """Findings or an instance, and nothing else, in bounded time. Returns whether it was an instance."""
    path.write_bytes(data)
    started = time.monotonic()
    raw = read_workbook(path)
    assert isinstance(raw, RawInstance)
    instance, noted = examine(raw)
    assert instance is not None or any(each.severity == "error" for each in noted)
    assert all(str(each) for each in noted)
    assert time.monotonic() - started < 10
    return instance is not None


def base(folder: Path) -> Instance:
    files = base_files()
    put(files, "nations", 2, name="Ελλάδα")
    return read_instance(write(files, folder / "base"))


def campaign(cases: int, seed: int, path: Path) -> None:
    data = workbook_bytes(base(path.parent))
    chance = random.Random(seed)
    read = sum(survives(mutated(data, chance), path) for _ in range(cases))
    assert 0 < read < cases


def test_mutated_workbooks(tmp_path: Path) -> None:
    """Some hundreds of damaged workbooks give findings or an instance, never anything else."""
    campaign(200, 1, tmp_path / "a.xlsx")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_mutated_workbooks(seed: int, tmp_path: Path) -> None:
    """Twenty thousand damaged workbooks give findings or an instance, never anything else."""
    campaign(2_000, 100 + seed, tmp_path / "a.xlsx")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """A workbook of ours gives back the instance that it was made of."""
    instance = base(tmp_path)
    write_instance(instance, tmp_path / "a.xlsx")
    assert read_instance(tmp_path / "a.xlsx").hash == instance.hash
