"""The plan as a workbook: a summary, then every table in full, one sheet each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.write.names import free_name
from optimizer.plan.frames import PLAN_TABLES
from optimizer.plan.moves import moved_from_baseline
from optimizer.reporting.columns import about_column
from optimizer.reporting.content import Cell, Column, Content, Section, Table
from optimizer.reporting.describe import describe
from optimizer.reporting.text import as_number, as_text, write_atomically
from optimizer.reporting.words import GLOSSARY, heading

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.reporting.picture.shapes import Picture

MOST_ROWS: Final = 1_048_576
_NOTE: Final = {"x_scale": 2}
MOST_CHARACTERS: Final = 32_767
_SHARES: Final = frozenset({"share", "score", "fair_share_of_total", "drop_share"})


def write_workbook(plan: Plan, file: str | Path, content: Content | None = None) -> Path:
    """Write a plan and the report on it (`content`, if that was made already) as an `.xlsx` workbook, whole or not at all."""
    file = Path(file)
    write_atomically(file, render_workbook(plan, content))
    return file


def render_workbook(plan: Plan, content: Content | None = None) -> bytes:
    """The workbook as bytes; equal plans give equal bytes."""
    stream = BytesIO()
    with _book(stream, as_text(plan.instance.header.title)) as writer:
        content = content or describe(plan)
        if content.answer:
            writer.brief(content, nation_periods(plan))
        writer.summary(content)
        for name, table_of in PLAN_TABLES.items():
            frame = getattr(plan, name, None)
            if frame is not None and len(frame.columns):
                writer.frame(name, table_of.about, list(frame.columns), frame.to_numpy(dtype=object).tolist())
        if (changes := moved_from_baseline(plan)) is not None:
            about = "Spells in which a pledge serves with other units than in the baseline plan."
            writer.frame("changes", about, list(changes.columns), changes.to_numpy(dtype=object).tolist())
        for key in ("why", "fill", "asks", "prices", "compare", "studies"):
            section = content.section(key)
            for table in section.tables if section else ():
                writer.table(table.name, table)
        # The first table of the pledges is one of the plan's, which is there in full.
        for key, sheet, first in (
            ("pledges", "idle_pledges", 1),
            ("sources", "sources", 0),
            ("proof", "provenance", 0),
        ):
            section = content.section(key)
            for table in section.tables[first:] if section else ():
                writer.table(sheet, table)
        writer.table("glossary", Table("Glossary", (Column("Word"), Column("Meaning")), GLOSSARY))
    return stream.getvalue()


def render_tables(title: str, tables: Sequence[tuple[str, Table]]) -> bytes:
    """A workbook of tables, one sheet each, as bytes."""
    stream = BytesIO()
    with _book(stream, title) as writer:
        for name, table in tables:
            writer.table(name, table)
    return stream.getvalue()


def nation_periods(plan: Plan) -> dict[str, dict[int, float]]:
    """Personnel of each serving nation in each period, from the assignments; those that bring most first."""
    names = {row["nation"]: as_text(row.get("name")) for row in plan.instance.rows("nations")}
    found: dict[str, dict[int, float]] = {}
    for row in plan.assignments.to_dict("records"):
        periods = found.setdefault(names.get(row["nation"]) or str(row["nation"]), {})
        periods[int(row["period"])] = periods.get(int(row["period"]), 0.0) + (as_number(row["personnel"]) or 0.0)
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))


@contextmanager
def _book(stream: BytesIO, title: str) -> Iterator[_Writer]:
    import xlsxwriter

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as workbook:
        # A date of its own would make equal plans unequal files.
        workbook.set_properties({"title": title, "created": datetime(2026, 1, 1)})
        yield _Writer(workbook)


def _first_sentence(section: Section | None) -> tuple[str, ...]:
    return section.text[:1] if section else ()


class _Writer:
    """Writes sheets; text is always written as text, whatever it looks like."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.title = workbook.add_format({"bold": True, "font_size": 16})
        self.section = workbook.add_format({"bold": True, "font_size": 12})
        self.head = workbook.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top"}
        )
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.figure = workbook.add_format({"num_format": "#,##0.######", "valign": "top"})
        self.percent = workbook.add_format({"num_format": "0.0%", "valign": "top"})
        self.nearly_all = workbook.add_format({"num_format": "0.0#######%", "valign": "top"})

    def brief(self, content: Content, nations: Mapping[str, Mapping[int, float]]) -> None:
        """The first sheet: the answer, posts and periods as traffic lights, nations and periods, and a chart of them."""
        sheet = self.workbook.add_worksheet("brief")
        sheet.set_column(0, 0, 60)
        sheet.set_column(1, 60, 10)
        sheet.write_string(0, 0, content.title[:MOST_CHARACTERS], self.title)
        row = 1
        for sentence in content.answer:
            sheet.write_string(row, 0, sentence.label, self.section)
            sheet.merge_range(row, 1, row, 10, "", self.wrapped)
            sheet.write_string(row, 1, sentence.text[:MOST_CHARACTERS], self.wrapped)
            sheet.set_row(row, 15.0 * (1 + len(sentence.text) // 95))
            row += 1
        if content.picture:
            row = self._lights(sheet, row + 1, content.picture)
        if nations:
            self._nation_periods(sheet, row + 1, nations)
        sheet.fit_to_pages(1, 0)
        sheet.set_landscape()

    def _lights(self, sheet: Any, row: int, picture: Picture) -> int:
        """Posts and periods; red where a post is not mounted or has less than half, green where it has everything."""
        sheet.write_string(row, 0, "Share of what is asked for, by post and period", self.section)
        for number, name in enumerate(("Post", *picture.periods)):
            sheet.write_string(row + 1, number, name, self.head)
        first = row + 2
        for at, strip in enumerate(picture.strips, first):
            sheet.write_string(at, 0, f"{strip.mission}: {strip.area}"[:MOST_CHARACTERS])
            for number, square in enumerate(strip.squares, 1):
                if square.share is not None:
                    sheet.write_number(at, number, square.share, self.percent)
        last, width = first + len(picture.strips) - 1, len(picture.periods)
        lights = (("<", 0.5, "#F4B183"), (">=", 0.9999999, "#9DC3E6"), ("between", None, "#FFE699"))
        for criterion, value, colour in lights:
            rule: dict[str, Any] = {
                "type": "cell",
                "criteria": criterion,
                "format": self.workbook.add_format({"bg_color": colour}),
            }
            rule |= {"minimum": 0.5, "maximum": 0.9999999} if value is None else {"value": value}
            blank = {"type": "blanks", "stop_if_true": True, "format": self.workbook.add_format({})}
            if criterion == "<":
                sheet.conditional_format(first, 1, last, width, blank)
            sheet.conditional_format(first, 1, last, width, rule)
        return last + 1

    def _nation_periods(self, sheet: Any, row: int, nations: Mapping[str, Mapping[int, float]]) -> None:
        periods = range(1, 1 + max(max(found) for found in nations.values()))
        sheet.write_string(row, 0, "Personnel by nation and period", self.section)
        for number, name in enumerate(("Nation", *map(str, periods))):
            sheet.write_string(row + 1, number, name, self.head)
        first = row + 2
        for at, (nation, found) in enumerate(nations.items(), first):
            sheet.write_string(at, 0, as_text(nation)[:MOST_CHARACTERS])
            for number, period in enumerate(periods, 1):
                if found.get(period):
                    sheet.write_number(at, number, found[period], self.figure)
        chart = self.workbook.add_chart({"type": "column", "subtype": "stacked"})
        for at in range(first, first + min(len(nations), 12)):
            chart.add_series(
                {
                    "name": ["brief", at, 0],
                    "categories": ["brief", row + 1, 1, row + 1, len(periods)],
                    "values": ["brief", at, 1, at, len(periods)],
                }
            )
        chart.set_title({"name": "Personnel by period", "name_font": {"size": 11}})
        sheet.insert_chart(first + len(nations) + 1, 0, chart, {"x_scale": 1.4})

    def summary(self, content: Content) -> None:
        """Aims, missions, gaps, nations, links and limits on one sheet."""
        sheet = self.workbook.add_worksheet("summary")
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 12, 18)
        sheet.write_string(0, 0, content.title[:MOST_CHARACTERS], self.title)
        row = 1
        state = f"{content.termination.replace('_', ' ').capitalize()}. {content.verdict}"
        for line in (
            content.question,
            f"Scenario: {content.scenario}" if content.scenario else "",
            state,
            *content.changed,
            *content.broken,
            *_first_sentence(content.section("steadiness")),
        ):
            if line:
                sheet.write_string(row, 0, line[:MOST_CHARACTERS])
                row += 1
        for key in ("aims", "missions", "gaps", "nations", "links", "limits"):
            section = content.section(key)
            for table in section.tables if section else ():
                sheet.write_string(row + 1, 0, table.caption[:MOST_CHARACTERS], self.section)
                row = self._rows(sheet, row + 2, table.columns, table.rows)
        sheet.fit_to_pages(1, 0)
        sheet.set_landscape()

    def table(self, name: str, table: Table) -> None:
        """A sheet with one of the report's tables; where the name is taken, with a number behind it."""
        taken = [sheet.get_name() for sheet in self.workbook.worksheets()]
        sheet = self.workbook.add_worksheet(free_name(name, taken))
        self._rows(sheet, 0, table.columns, table.rows)
        self._finish(sheet, len(table.rows), [column.title for column in table.columns], table.rows)

    def frame(self, name: str, description: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A sheet with one of the plan's tables in full, under the names that its CSV file has."""
        sheet = self.workbook.add_worksheet(name)
        for number, column in enumerate(columns):
            sheet.write_string(0, number, as_text(column), self.head)
            about = about_column(column)
            sheet.write_comment(0, number, about if number else f"{description}\n{about}", _NOTE)
        for number, row in enumerate(rows[: MOST_ROWS - 1], 1):
            for at, cell in enumerate(row):
                self._cell(sheet, number, at, cell, self.percent if columns[at] in _SHARES else self.figure)
        self._finish(sheet, len(rows), [heading(column) for column in columns], rows)

    def _rows(self, sheet: Any, first: int, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> int:
        for number, column in enumerate(columns):
            sheet.write_string(first, number, column.title[:MOST_CHARACTERS], self.head)
            sheet.write_comment(first, number, column.about, _NOTE)
        for row in rows:
            first += 1
            for number, (column, cell) in enumerate(zip(columns, row, strict=True)):
                self._cell(sheet, first, number, cell, self.percent if column.kind == "percent" else self.figure)
        return first + 1

    def _cell(self, sheet: Any, row: int, column: int, cell: object, number_format: Any) -> None:
        if isinstance(cell, bool) or type(cell).__name__ == "bool_":
            sheet.write_boolean(row, column, bool(cell))
        elif (number := as_number(cell)) is not None:
            if number_format is self.percent and 0.9995 <= number < 1:
                number_format = self.nearly_all  # no rounding up to 100 %
            sheet.write_number(row, column, number, number_format)
        elif text := as_text(cell):
            sheet.write_string(row, column, text[:MOST_CHARACTERS], self.wrapped if len(text) > 60 else None)

    def _finish(self, sheet: Any, rows: int, columns: Sequence[str], cells: Sequence[Sequence[object]]) -> None:
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, min(rows, MOST_ROWS - 1), len(columns) - 1)
        for number, title in enumerate(columns):
            longest = max(
                (len(as_text(row[number])) for row in cells[:200] if not isinstance(row[number], float)), default=0
            )
            sheet.set_column(number, number, min(60, max(10, len(title) + 3, longest + 2)))
