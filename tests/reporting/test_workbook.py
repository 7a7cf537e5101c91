"""The workbook, read back with another library."""

import zipfile
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from optimizer.instance.instance import Instance
from optimizer.plan.frames import PLAN_TABLES
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Ending, plan_from_solution
from optimizer.reporting.workbook import render_workbook, write_workbook
from tests.office import needs_office, written_anew


def sheets(content):
    """All sheets as rows of values."""
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names}


@pytest.fixture(scope="module")
def tutorial_sheets(tutorial):
    return sheets(render_workbook(tutorial))


def test_there_is_a_sheet_for_every_table(tutorial_sheets):
    """The brief and the summary first, then every table of the plan, provenance and glossary."""
    names = list(tutorial_sheets)
    assert names[:2] == ["brief", "summary"]
    assert set(PLAN_TABLES) <= set(names)
    assert names[-2:] == ["provenance", "glossary"]


def test_tables_are_whole(tutorial, tutorial_sheets):
    """A sheet holds every row and every figure of its table, under the names of the CSV files."""
    head, *rows = tutorial_sheets["assignments"]
    assert head == list(tutorial.assignments.columns)
    assert [row[head.index("units")] for row in rows] == tutorial.assignments["units"].tolist()
    assert [row[head.index("pledge")] for row in rows] == tutorial.assignments["pledge"].tolist()
    head, *rows = tutorial_sheets["requirements"]
    assert rows[0][head.index("mounted")] is True


def test_summary_says_how_the_search_ended(tutorial_sheets, infeasible):
    """The first sheet begins with title and termination, with a plan and without."""
    assert tutorial_sheets["summary"][0][0] == "Four nations, one bridge, one school"
    assert any("Optimal." in str(row[0]) for row in tutorial_sheets["summary"])
    assert any("There is no plan" in str(row[0]) for row in sheets(render_workbook(infeasible))["summary"])


def test_text_is_text(hostile):
    """Names that look like formulas, links or numbers are written as strings, and nothing is a formula or a link."""
    content = render_workbook(hostile)
    cells = {str(cell) for rows in sheets(content).values() for row in rows for cell in row}
    assert '=HYPERLINK("http://example.org/x","click")' in cells
    assert "<script>alert(1)</script>" in cells
    with zipfile.ZipFile(BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                part = parts.read(name)
                assert b"<f>" not in part
                assert b"<hyperlink" not in part


def test_same_plan_gives_the_same_bytes(tutorial):
    """The workbook does not depend on when it was made."""
    assert render_workbook(tutorial) == render_workbook(tutorial)


def test_workbook_is_written(tutorial, tmp_path):
    """The file can be opened from its path."""
    file = write_workbook(tutorial, tmp_path / "a" / "plan.xlsx")
    assert CalamineWorkbook.from_path(str(file)).sheet_names[0] == "brief"


def test_every_idle_pledge_and_every_source_is_there():
    """The sheets that no table of the plan has in full are not cut to what a page once held."""
    names = [f"p{number:03d}" for number in range(500)]
    instance = Instance.from_tables(
        {
            "nations": [{"nation": "N"}],
            "unit_types": [{"unit_type": "u"}],
            "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
            "pledges": [
                {"pledge": name, "nation": "N", "unit_type": "u", "quantity": 1, "source": f"letter {name}"}
                for name in names
            ],
            "missions": [{"mission": "m"}],
            "requirements": [{"requirement": "r", "mission": "m", "area": "a", "capability": "c", "target": 1}],
        }
    )
    book = sheets(render_workbook(plan_from_solution(instance, None, Ending("feasible"), Decisions([]))))
    assert [row[0] for row in book["idle_pledges"][1:]] == names
    assert {f"letter {name}" for name in names} <= {cell for row in book["sources"] for cell in row}


@needs_office
def test_libreoffice_opens_the_workbook(tutorial, tmp_path):
    """Opened and written anew by LibreOffice, every figure of the assignments is what the plan says."""
    file = write_workbook(tutorial, tmp_path / "plan.xlsx")
    sheets = CalamineWorkbook.from_path(str(written_anew(file, "ods")))
    rows = sheets.get_sheet_by_name("assignments").to_python()
    units = rows[0].index("units")
    assert [row[units] for row in rows[1:]] == tutorial.assignments["units"].tolist()
    brief = sheets.get_sheet_by_name("brief").to_python()
    assert any("mounted in every period" in str(cell) for row in brief for cell in row)
