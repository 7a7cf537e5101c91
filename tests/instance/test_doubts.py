"""What can be read but is hardly meant: near-equal names, thousands with a point, dates, sums, misplaced headings, near-tables."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from optimizer.instance.files import convert, read_instance, read_raw, write_instance
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import examine

from .base import Files, add, base_files, put, put_rows, table_rows, write

Found = tuple[str, str, str, int | None, str | None]


def found(files: Files, folder: Path) -> list[Finding]:
    """All findings of these files."""
    return list(examine(read_raw(write(files, folder)))[1])


def briefly(findings: list[Finding]) -> list[Found]:
    """Severity, code, place, row and column of each."""
    return [(one.severity, one.code, one.place, one.row, one.column) for one in findings]


# rows


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("swamp", "short-row"),
        ("swamp,UKR,", "short-row"),
        ("swamp,UKR,,,", "extra-cell"),
        ("swamp,UKR,1,5,47", "extra-cell"),
    ],
)
def test_a_row_has_as_many_cells_as_its_heading(row: str, code: str, tmp_path: Path) -> None:
    """Too few and too many cells are an error, also where those too many are blank."""
    files = base_files()
    files["areas.csv"] += f"{row}\n"
    assert briefly(found(files, tmp_path / "a")) == [("error", code, "areas.csv", 5, None)]


def test_blank_columns_to_the_right_are_fine(tmp_path: Path) -> None:
    """A spreadsheet that writes blank cells behind all rows, the heading too, changes nothing; nor do rows of commas alone."""
    files = base_files()
    plain = read_instance(write(files, tmp_path / "plain"))
    files["areas.csv"] = files["areas.csv"].replace("\n", ",,\n") + ",,\n,\n   \n"
    assert read_instance(write(files, tmp_path / "wide")) == plain


# headings


def test_the_heading_is_looked_for_below_a_title(tmp_path: Path) -> None:
    """A title or a band above the headings is one error that names both rows, and nothing else is found."""
    for number, above in enumerate(("Areas of the mission\n", "\nAreas,,,\n\n,as of March,,\n", "WHO,,WHERE,\n")):
        files = base_files()
        files["areas.csv"] = above + files["areas.csv"]
        findings = found(files, tmp_path / str(number))
        assert briefly(findings) == [("error", "title-row", "areas.csv", None, None)]
        first, second = ((1, 2), (2, 5), (1, 2))[number]
        assert findings[0].message == f"row {first} is no heading; the headings seem to be in row {second}."


def test_a_misspelt_heading_is_still_told_by_its_columns(tmp_path: Path) -> None:
    """A heading with one wrong name stays the heading."""
    files = base_files()
    files["areas.csv"] = files["areas.csv"].replace("area,host", "aera,host")
    assert briefly(found(files, tmp_path / "a")) == [("error", "unknown-column", "areas.csv", None, "aera")]


def test_the_separator_line_of_excel_is_skipped(tmp_path: Path) -> None:
    """`sep=,` in the first line is no row; after `sep=;` the semicolons are told."""
    files = base_files()
    plain = read_instance(write(files, tmp_path / "plain"))
    areas = files["areas.csv"]
    for number, line in enumerate(("sep=,\n", '"sep=,"\r\n', "\ufeffSEP=,\n")):
        files["areas.csv"] = line + areas
        assert read_instance(write(files, tmp_path / f"good{number}")) == plain
    files["areas.csv"] = "sep=;\n" + areas.replace(",", ";")
    assert briefly(found(files, tmp_path / "bad")) == [("error", "delimiter", "areas.csv", 1, None)]


# numbers


@pytest.mark.parametrize(
    ("table", "column", "cells", "severity"),
    [
        ("requirements", "target", ["1.500", "10", "900"], "warning"),
        ("requirements", "target", ["1.500", "2.250", "10.000"], "warning"),
        ("requirements", "target", ["1.500", "10.5", "900"], None),  # 10.5: a point is a point in this column
        ("requirements", "target", ["1.5000", "10", "900"], None),
        ("requirements", "target", ["0.500", "1.500", "1.250"], None),  # no thousands begin with 0
        ("areas", "latitude", ["50.450", "49.230", "47.100"], None),  # 50,450 degrees are none
        ("unit_types", "personnel", ["1.200", "40", "30"], "error"),
        ("unit_types", "personnel", ["1.200", "40.5", "30"], "error"),
        ("pledges", "quantity", ["1.000", "4", "2"], "error"),  # would be read as one
        ("pledges", "quantity", ["1.200", "4", "2"], "error"),
        ("pledges", "from", ["1.000", "1", ""], "error"),
    ],
)
def test_three_decimals_are_doubted(
    table: str, column: str, cells: list[str], severity: str | None, tmp_path: Path
) -> None:
    """1.200 is doubted where no other number of the column shows that the point is a decimal point, and where people or units are counted."""
    files = base_files()
    for row, cell in enumerate(cells, 2):
        put(files, table, row, **{column: cell})
    findings = [one for one in found(files, tmp_path / "a") if one.code == "thousands-point"]
    rows = [row for row, cell in enumerate(cells, 2) if "." in cell and len(cell.split(".")[1]) == 3]
    assert [(one.severity, one.row, one.column) for one in findings] == (
        [(severity, row, column) for row in rows] if severity else []
    )
    assert all("thousands separators" in one.remedy for one in findings)


def test_a_written_instance_is_not_doubted(tmp_path: Path) -> None:
    """Numbers with three decimals are written with a fourth, so that what forcegen wrote is never doubted."""
    files = base_files()
    put(files, "unit_types", 2, cost="24.1250")
    convert(write(files, tmp_path / "a"), tmp_path / "b")
    assert "24.1250" in (tmp_path / "b" / "unit_types.csv").read_text()
    assert examine(read_raw(tmp_path / "b"))[1] == ()


def test_a_part_of_a_person_is_doubted(tmp_path: Path) -> None:
    """A fraction of a person is told, in a folder as in a data frame."""
    files = base_files()
    put(files, "unit_types", 3, personnel="40.5")
    assert briefly(found(files, tmp_path / "a")) == [("warning", "part-of-person", "unit_types.csv", 3, "personnel")]


@pytest.mark.parametrize("cell", ["1'200", "1 200", "1\u202f200", "1.200.000", "1,200", "12,5"])
def test_separators_are_explained(cell: str, tmp_path: Path) -> None:
    """A number with thousands separators or a decimal comma is an error that says how numbers are written."""
    files = base_files()
    put(files, "nations", 2, max_personnel=cell)
    [finding] = found(files, tmp_path / "a")
    assert (finding.code, finding.row) == ("number", 2)
    assert "thousands separators" in finding.remedy


# dates


@pytest.mark.parametrize(
    ("cell", "period"),
    [("2026-07", 2), ("2026-07-01", 2), ("2027-12-31 00:00:00", 4), ("2031-01", None), ("1.7.2026", None)],
)
def test_a_date_is_no_number_of_a_period(cell: str, period: int | None, tmp_path: Path) -> None:
    """A date in `from` is shown, with the numbers of the periods, and with the one that it lies in."""
    files = base_files()
    put(files, "pledges", 2, from_=cell)
    [finding] = found(files, tmp_path / "a")
    assert (finding.code, finding.row, finding.column) == ("number", 2, "from")
    assert finding.message == f"{cell!r} is a date, but periods are numbered."
    assert "1 to 4" in finding.remedy
    assert (f"is in period {period}" in finding.remedy) == (period is not None)


def test_dates_of_data_frames_and_workbooks(tmp_path: Path) -> None:
    """A real date is shown as such wherever a number belongs, and doubted where it is a key."""
    tables: dict[str, object] = {
        name: pd.DataFrame(read_instance(write(base_files(), tmp_path / name)).tables[name]) for name in ("nations",)
    }
    frame = tables["nations"]
    assert isinstance(frame, pd.DataFrame)
    frame.loc[0, "max_personnel"] = datetime.datetime(2026, 7, 1)
    frame.loc[1, "nation"] = datetime.date(2026, 3, 1)
    with pytest.raises(ValueError, match="'2026-07-01 00:00:00' is a date, not a number") as caught:
        Instance.from_tables({"nations": frame})
    assert "warning [date-key] nations, row 3, column nation: the key is a date (2026-03-01)" in str(caught.value)


@pytest.mark.parametrize("key", ["2026-03-01", "01.03.2026", "1-Mar", "Mar-26", "01-Mrz"])
def test_a_key_that_is_a_date_is_doubted(key: str, tmp_path: Path) -> None:
    """Names that a spreadsheet has turned into dates are told."""
    files = base_files()
    put(files, "areas", 4, area=key)
    files["routes.csv"] = files["routes.csv"].replace("home", key)
    files["nations.csv"] = files["nations.csv"].replace("home", key)
    assert briefly(found(files, tmp_path / "a")) == [("warning", "date-key", "areas.csv", 4, "area")]


@pytest.mark.parametrize("key", ["MAR-1", "3-1", "2026", "Mar", "FRA-2026-1"])
def test_a_key_that_is_no_date_is_fine(key: str, tmp_path: Path) -> None:
    """Names with digits and hyphens are names."""
    files = base_files()
    add(files, "areas", area=key)
    assert found(files, tmp_path / "a") == []


# errors and sums


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#BEZUG!", "#NV", "Err:502"])
def test_errors_of_spreadsheets_are_no_values(cell: str, tmp_path: Path) -> None:
    """An error value is a finding on its cell, in columns of numbers and of text."""
    for number, (table, column) in enumerate((("nations", "max_personnel"), ("unit_types", "tags"), ("areas", "host"))):
        files = base_files()
        put(files, table, 2, **{column: cell})
        findings = briefly(found(files, tmp_path / str(number)))
        assert ("error", "error-value", f"{table}.csv", 2, column) in findings
    files = base_files()
    put(files, "areas", 2, note="#1 of the list! #hashtag")
    assert found(files, tmp_path / "text") == []


@pytest.mark.parametrize("key", ["Total", "TOTAL:", "Gesamt", "sum"])
def test_a_row_of_sums_is_doubted(key: str, tmp_path: Path) -> None:
    """A last row of sums is told: it would count as one more nation."""
    files = base_files()
    add(files, "nations", nation=key, max_personnel=3800, fair_share=6, gateway="home")
    findings = briefly(found(files, tmp_path / "a"))
    assert ("warning", "total-row", "nations.csv", 5, "nation") in findings


# names


@pytest.mark.parametrize(
    ("twin", "severity", "code", "words"),
    [
        ("West", "warning", "similar-names", "differs only in case from 'west' in row 2"),
        ("w\u0435st", "error", "look-alike", "CYRILLIC SMALL LETTER IE"),
        ("\uff57est", "error", "look-alike", "FULLWIDTH LATIN SMALL LETTER W"),
        ("we\u200bst", "error", "look-alike", "ZERO WIDTH SPACE"),
        ("W\u0435st", "warning", "similar-names", "differs only in case"),
    ],
)
def test_keys_that_only_look_different(twin: str, severity: str, code: str, words: str, tmp_path: Path) -> None:
    """Two keys that look the same are an error, two that differ in case a warning; both rows are named."""
    files = base_files()
    add(files, "areas", area=twin)
    [finding] = found(files, tmp_path / "a")
    assert briefly([finding]) == [(severity, code, "areas.csv", 5, "area")]
    assert words in finding.message
    assert "row 2" in finding.message


@pytest.mark.parametrize(
    ("table", "key", "twin"),
    [
        ("nations", "FRA", "Fra"),
        ("unit_types", "team", "TEAM"),
        ("capabilities", "heal", "Heal"),
        ("pledges", "FRA-bn", "fra-BN"),
        ("missions", "training", "Training"),
        ("requirements", "guard-west", "Guard-west"),
        ("conditions", "truce", "Truce"),
        ("scenarios", "calm", "Calm"),
        ("caveats", "few French", "Few french"),
        ("limits", "cap", "CAP"),
        ("links", "apart", "Apart"),
        ("instruments", "guarantee", "Guarantee"),
        ("enablers", "care", "Care"),
        ("groups", "south", "South"),
    ],
)
def test_keys_of_every_table_are_compared(table: str, key: str, twin: str, tmp_path: Path) -> None:
    """Every kind of key is compared without case."""
    files = base_files()
    rows = table_rows(files, table)
    copy = next(row for row in rows[1:] if row[0] == key)
    put_rows(files, table, [*rows, [twin, *copy[1:]]])
    findings = [one for one in found(files, tmp_path / "a") if one.code == "similar-names"]
    assert briefly(findings) == [("warning", "similar-names", f"{table}.csv", len(rows) + 1, rows[0][0])]


def test_names_without_a_table_are_compared(tmp_path: Path) -> None:
    """Areas that only the requirements name, hosts, and tags (also between tables) are compared too."""
    files = base_files()
    put(files, "areas", 4, host="Ukr")
    put(files, "pledges", 2, tags="Heavy")
    findings = briefly(found(files, tmp_path / "a"))
    assert ("warning", "similar-names", "areas.csv", 4, "host") in findings
    assert ("warning", "similar-names", "pledges.csv", 2, "tags") in findings
    tables = {
        "nations": [{"nation": "FRA"}],
        "unit_types": [{"unit_type": "team"}],
        "yields": [{"unit_type": "team", "capability": "guard", "amount": 1}],
        "pledges": [{"pledge": "p", "nation": "FRA", "unit_type": "team", "quantity": 2}],
        "missions": [{"mission": "m"}],
        "requirements": [
            {"requirement": str(n), "mission": "m", "area": area, "capability": "guard", "target": 1}
            for n, area in enumerate(("west", "West"))
        ],
    }
    write_instance(Instance.from_tables(tables), tmp_path / "b")
    assert briefly(list(examine(read_raw(tmp_path / "b"))[1])) == [
        ("warning", "similar-names", "requirements.csv", 3, "area")
    ]


@pytest.mark.parametrize(
    ("word", "meant"), [("fra", "FRA"), ("\u0424RA", "FRA"), ("F\u0420A", "FRA"), ("France", "FRA"), ("italy", "ITA")]
)
def test_references_that_nearly_name_something(word: str, meant: str, tmp_path: Path) -> None:
    """A reference in another case, in look-alike letters, or by the nation's name, comes with the key that is meant."""
    files = base_files()
    for row, name in ((2, "France"), (3, "Italy"), (4, "Poland")):
        put(files, "nations", row, name=name)
    put(files, "caveats", 2, nation=word)
    [finding] = [one for one in found(files, tmp_path / "a") if one.severity == "error"]
    assert (finding.code, finding.place, finding.row) == ("unknown-nation", "caveats.csv", 2)
    assert f"Did you mean {meant!r}" in finding.remedy


# files


@pytest.mark.parametrize(
    "name",
    [
        *("caveats.csv.txt", ".caveats.csv", "caveats.xlsx", "caveats.tsv", "caveats.csv~", "caveats.txt", "caveats"),
        *(
            "Caveats.CSV",
            "caveats (1).csv",
            "caveat.csv",
            "caveats - Copy.csv",
            "Copy of caveats.csv",
            "caveats.csv.bak",
        ),
        *("caveats_old.csv", "caveats.ods", "Caveats.xls", "c\u0430veats.csv", "caveets.tsv", "caveats.json"),
    ],
)
def test_files_that_are_nearly_tables(name: str, tmp_path: Path) -> None:
    """A file that is nearly a table's is one error that names the table; beside the table itself it is told too."""
    files = base_files()
    files[name] = files.pop("caveats.csv")
    [finding] = found(files, tmp_path / "off")
    assert (finding.severity, finding.place) == ("error", name)
    assert "caveats" in finding.message + finding.remedy
    files["caveats.csv"] = files[name]
    [finding] = found(files, tmp_path / "both")
    assert finding.place == name
    assert finding.severity == ("error" if name.lower().endswith(".csv") and name[0] != "." else "warning")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "README.md",
            "expected.toml",
            "notes.txt",
            "caveats.md",
            "caveats.pdf",
            "_caveats.csv",
            "_old.csv",
            "map.png",
        ),
        *(".~lock.caveats.csv#", "~$caveats.xlsx", ".caveats.csv.swp", ".DS_Store", "sources.xlsx", "LICENSE"),
    ],
)
def test_other_files_are_left_alone(name: str, tmp_path: Path) -> None:
    """Documents, the planner's own files (`_…`) and what programs lay beside open files are no matter."""
    files = base_files()
    del files["caveats.csv"]
    files[name] = "x"
    assert found(files, tmp_path / "a") == []


def test_a_table_twice(tmp_path: Path) -> None:
    """Two files of one table are an error, and what a Mac lays beside a table is none."""
    files = base_files()
    files["areas.CSV"] = files["areas.csv"]
    files["._caveats.csv"] = "x"
    assert [one[:3] for one in briefly(found(files, tmp_path / "a"))] == [("error", "duplicate-table", "areas.csv")]


def test_a_header_under_another_name(tmp_path: Path) -> None:
    """A header that was saved as instance.toml.txt is named."""
    files = base_files()
    files["instance.toml.txt"] = files.pop("instance.toml")
    [finding] = [one for one in found(files, tmp_path / "a") if one.code == "missing-header"]
    assert "Did you mean 'instance.toml.txt'" in finding.remedy


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that the system does not list is a finding, and no table is said to be missing."""
    source = write(base_files(), tmp_path / "a")

    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    assert briefly(list(examine(read_raw(source))[1])) == [("error", "unreadable", str(source), None, None)]
