"""What a report says: one reading of a plan, which page, workbook, markdown and screen then only have to write down."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.plan.proof import proven_by
from optimizer.reporting.text import (
    as_flag,
    as_number,
    as_text,
    figure,
    joined,
    percent,
    ranges,
    shorten,
    told_apart,
    visible,
)
from optimizer.reporting.words import AIMS, GLOSSARY, aim_figure, aim_label, heading, is_calm, verdict_in_words

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

Kind = Literal["text", "figure", "percent", "flag"]
Cell = str | float | bool | None
Record = dict[str, Any]

MOST_ROWS: Final = 60
"""Rows of a table or chart on the page; the workbook has all."""
MOST_COLUMNS: Final = 40


@dataclass(frozen=True)
class Column:
    """A column of a table that is shown."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """A table that is shown; `rest` rows are left out."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: int = 0


@dataclass(frozen=True)
class Chart:
    """A chart in neutral terms: marks at (row, column), or bars when there is one column.

    `kind`: `share` for 0..1, `amount` for anything from 0 on; `span` for bars from lowest to highest around a base (three columns);
    `line` for one value per row, the rows being numbers. `summary` is what somebody who cannot see the chart reads.
    """

    title: str
    summary: str
    kind: Literal["share", "amount", "span", "line"]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[int, int], float]
    row_title: str = ""
    column_title: str = ""
    value_title: str = ""
    rest: int = 0


@dataclass(frozen=True)
class Section:
    """A part of the report. A `folded` one is closed until somebody opens it."""

    key: str
    title: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    folded: bool = False


@dataclass(frozen=True)
class Content:
    """The whole report. `changed`: what was changed for this plan beside the instance as it was given, a sentence each."""

    title: str
    question: str
    scenario: str
    has_plan: bool
    termination: str
    verdict: str
    key_figures: tuple[tuple[str, str], ...]
    calm: bool = False
    broken: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    sections: tuple[Section, ...] = field(default=())

    def section(self, key: str) -> Section | None:
        """A section by its key."""
        return next((section for section in self.sections if section.key == key), None)


def describe(plan: Plan, check: bool = True) -> Content:
    """The report on a plan. `check` runs the independent check first; leave it out only for a plan that was just checked."""
    reader = _Reader(plan, check)
    sections = (
        reader.aims(),
        reader.missions(),
        reader.gaps(),
        reader.fulfilment(),
        reader.contributions(),
        reader.nations(),
        reader.limits(),
        reader.leads(),
        reader.links(),
        reader.instruments(),
        reader.enablers(),
        reader.flows(),
        reader.timeline(),
        reader.pledges(),
        reader.conditions(),
        reader.sources(),
        reader.proof(),
        _glossary(),
    )
    header = plan.instance.header
    return Content(
        title=as_text(header.title) or as_text(header.name) or "Plan",
        question=as_text(header.description),
        scenario=reader.scenario,
        has_plan=bool(plan.has_plan),
        termination=str(plan.termination),
        verdict=verdict_in_words(plan),
        calm=is_calm(plan),
        key_figures=reader.key_figures(),
        broken=reader.broken,
        changed=tuple(map(as_text, plan.changes.lines())),
        sections=tuple(section for section in sections if section is not None),
    )


class _Reader:
    """Reads one plan section by section."""

    def __init__(self, plan: Plan, check: bool) -> None:
        self.plan = plan
        self.check = check
        self.instance = plan.instance
        self.horizon = max(1, int(plan.instance.header.periods))
        self._frames: dict[str, list[Record]] = {}

    # what the plan holds -------------------------------------------------------------------------

    def frame(self, name: str) -> list[Record]:
        """The rows of one of the plan's tables; none where the plan has none."""
        if name not in self._frames:
            frame = getattr(self.plan, name, None)
            self._frames[name] = [] if frame is None else frame.to_dict("records")
        return self._frames[name]

    @property
    def aim_rows(self) -> list[Record]:
        """The aims in order of solution."""
        return self.frame("aims")

    @cached_property
    def rows(self) -> Callable[[str], list[Record]]:
        """The input tables as they hold in the plan's scenario."""
        from optimizer.instance.scenario import UnknownScenario, scenario_tables

        try:
            tables = scenario_tables(self.instance, self.plan.scenario or None)
        except UnknownScenario:
            return self.instance.rows
        rows: Callable[[str], list[Record]] = tables.rows
        return rows

    @cached_property
    def scenario(self) -> str:
        """The scenario in words."""
        if not self.plan.scenario:
            return "Every condition at its default" if self.instance.rows("conditions") else ""
        name = as_text(self.plan.scenario)
        for row in self.instance.rows("scenarios"):
            if row["scenario"] == self.plan.scenario and as_text(row.get("description")):
                return f"{name}: {as_text(row['description'])}"
        return name

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        labels: dict[str, dict[str, str]] = {}
        for table, key in _NAMED.items():
            rows = self.rows(table)
            names = [as_text(row.get("name")) for row in rows]
            labels[key] = {
                row[key]: as_text(row[key])
                if not name
                else name
                if names.count(name) == 1
                else f"{name} ({as_text(row[key])})"
                for row, name in zip(rows, names, strict=True)
            }
        return labels

    def label(self, key: str, value: object) -> str:
        """A nation, mission, area … by its full name."""
        text = as_text(value)
        return shorten(self._labels.get(key, {}).get(value if isinstance(value, str) else text, text), 80)

    @cached_property
    def periods(self) -> list[str]:
        """Names of the periods: number, and first month where it is known."""
        header = self.instance.header
        first = as_text(header.first)
        if len(first) == 7 and first[:4].isdigit() and first[4] == "-" and first[5:].isdigit():
            months = int(first[:4]) * 12 + int(first[5:]) - 1
            starts = [months + header.months * t for t in range(self.horizon)]
            return [f"{t} ({start // 12}-{start % 12 + 1:02d})" for t, start in enumerate(starts, 1)]
        return [str(t) for t in range(1, self.horizon + 1)]

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """What the independent check says against the plan."""
        if not self.plan.has_plan or not self.check:
            return ()
        from optimizer.plan.verify import RejectedPlan, verify

        try:
            verify(self.instance, self.plan)
        except RejectedPlan as error:
            lines = [shorten(visible(line), 400) for line in str(error).splitlines() if line.strip()]
            return (*lines[:MOST_ROWS], *((f"and {len(lines) - MOST_ROWS} more.",) if len(lines) > MOST_ROWS else ()))
        return ()

    def table(
        self, caption: str, columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], most: int = MOST_ROWS
    ) -> Table:
        """A table, cut to what a page can hold."""
        return Table(caption, tuple(columns), tuple(rows[:most]), max(0, len(rows) - most))

    def periods_chart(
        self, values: Mapping[tuple[str, int], float], rows: Sequence[str], mean: bool, **options: Any
    ) -> Chart:
        """A chart of rows × periods; many periods are put together in equal blocks (mean, or the largest)."""
        block = -(-self.horizon // MOST_COLUMNS)
        columns = [joined_period(self.periods[t : t + block]) for t in range(0, self.horizon, block)]
        parts: dict[tuple[int, int], list[float]] = {}
        kept = {row: index for index, row in enumerate(rows[:MOST_ROWS])}
        for (row, period), value in values.items():
            if row in kept and 1 <= period <= self.horizon:
                parts.setdefault((kept[row], (period - 1) // block), []).append(value)
        cells = {place: (sum(found) / len(found) if mean else max(found)) for place, found in parts.items()}
        return Chart(
            rows=tuple(kept),
            columns=tuple(columns),
            cells=cells,
            column_title="Period",
            rest=max(0, len(rows) - MOST_ROWS),
            **options,
        )

    # sections ------------------------------------------------------------------------------------

    def key_figures(self) -> tuple[tuple[str, str], ...]:
        """A handful of figures for the head of the page."""
        if not self.plan.has_plan:
            return ()
        figures = []
        for aim in self.aim_rows[:3]:
            title, unit, _ = AIMS.get(aim["name"], (heading(as_text(aim["name"])), "", ""))
            unit = self.money if aim["name"] == "cost" else unit
            figures.append(
                (
                    re.split("[:,(]", title)[0].strip(),
                    f"{figure(aim_figure(aim['name'], aim.get('value')))} {unit}".strip(),
                )
            )
        serving = {row["nation"] for row in self.frame("assignments")}
        personnel: dict[int, float] = {}
        for row in self.frame("assignments"):
            period = int(row["period"])
            personnel[period] = personnel.get(period, 0.0) + (as_number(row.get("personnel")) or 0.0)
        figures += [
            ("Nations serving", str(len(serving))),
            ("Most personnel at a time", figure(max(personnel.values(), default=0.0), 0)),
        ]
        return tuple(figures)

    @property
    def money(self) -> str:
        """The unit of money."""
        return f"million {as_text(self.instance.header.currency)}".strip()

    def aims(self) -> Section:
        """The aims in order, with what is proven about them."""
        rows: list[tuple[Cell, ...]] = [
            (
                as_number(aim.get("priority")),
                aim_label(as_text(aim.get("name"))).replace("million", self.money),
                aim_figure(as_text(aim.get("name")), aim.get("value")),
                aim_figure(as_text(aim.get("name")), aim.get("bound")),
                as_number(aim.get("gap")),
            )
            for aim in self.aim_rows
        ]
        columns = (
            Column("Order", "figure"),
            Column("Aim"),
            Column("Value", "figure"),
            Column("No plan beats", "figure"),
            Column("Gap", "percent"),
        )
        text = () if rows else ("Without a plan there is nothing to measure.",)
        tables = (self.table("Aims in order of priority", columns, rows),) if rows else ()
        return Section("aims", "What the plan achieves", text, tables)

    def missions(self) -> Section | None:
        """Score of each mission."""
        if not self.plan.has_plan:
            return None
        weights = {row["mission"]: row for row in self.rows("missions")}
        lines: dict[str, list[float]] = {}
        for line in self.lines.values():
            lines.setdefault(line.mission, []).append(line.share)
        rows: list[tuple[Cell, ...]] = []
        scores: dict[tuple[int, int], float] = {}
        labels: list[str] = []
        for row in self.frame("missions"):
            mission, score = row["mission"], as_number(row.get("score"))
            shares = lines.get(mission, [])
            full = sum(share >= 1 - 1e-9 for share in shares)
            rule = "weakest line" if weights.get(mission, {}).get("score") == "weakest" else "mean of lines"
            rows.append(
                (self.label("mission", mission), as_number(row.get("weight")), score, f"{full} of {len(shares)}", rule)
            )
            if score is not None:
                scores[len(labels), 0] = score
                labels.append(self.label("mission", mission))
        columns = (
            Column("Mission"),
            Column("Weight", "figure"),
            Column("Score", "percent"),
            Column("Lines filled in full"),
            Column("Score is the"),
        )
        summary = (
            "; ".join(f"{label}: {percent(scores[index, 0])}" for index, label in enumerate(labels[:12]))
            or "No scores."
        )
        chart = Chart(
            "Score of each mission",
            summary,
            "share",
            tuple(labels[:MOST_ROWS]),
            ("Score",),
            scores,
            "Mission",
            "",
            "Score",
        )
        return Section(
            "missions",
            "What is filled and what stays open",
            (),
            (self.table("Missions", columns, rows),),
            (chart, *self._missions_over_time(labels)) if labels else (),
        )

    def _missions_over_time(self, labels: Sequence[str]) -> tuple[Chart, ...]:
        if self.horizon == 1:
            return ()
        values = {
            (self.label("mission", row["mission"]), int(row["period"])): score
            for row in self.frame("mission_periods")
            if (score := as_number(row.get("score"))) is not None
        }
        chart = self.periods_chart(
            values,
            labels,
            mean=True,
            title="Score of each mission in each period",
            summary=f"Scores of {len(labels)} missions in {self.horizon} periods; blank where a mission asks for nothing.",
            kind="share",
            row_title="Mission",
            value_title="Score",
        )
        return (chart,)

    @cached_property
    def lines(self) -> dict[str, _Line]:
        """Requirement lines over their periods."""
        lines: dict[str, _Line] = {}
        for row in self.frame("requirements"):
            line = lines.setdefault(
                row["requirement"],
                _Line(row["requirement"], row.get("mission", ""), row.get("area", ""), row.get("capability", "")),
            )
            target, fulfilled = as_number(row.get("target")) or 0.0, as_number(row.get("fulfilled")) or 0.0
            line.targets.append(target)
            line.fulfilled.append(fulfilled)
            line.periods.append(int(row["period"]))
            if fulfilled < target * (1 - 1e-9):
                line.open.append(int(row["period"]))
            if not as_flag(row.get("mounted")):
                line.unmounted.append(int(row["period"]))
        return lines

    @cached_property
    def _weights(self) -> tuple[dict[str, float], dict[str, float]]:
        missions = {row["mission"]: as_number(row.get("weight")) or 0.0 for row in self.rows("missions")}
        return missions, {row["requirement"]: as_number(row.get("weight")) or 0.0 for row in self.rows("requirements")}

    def _importance(self, line: _Line) -> float:
        missions, lines = self._weights
        return (1 - line.share) * missions.get(line.mission, 1.0) * lines.get(line.name, 1.0)

    def gaps(self) -> Section | None:
        """What stays open, the weightiest first."""
        if not self.plan.has_plan:
            return None
        measures = {row["capability"]: as_text(row.get("measure")) for row in self.rows("capabilities")}
        open_lines = sorted(
            (line for line in self.lines.values() if line.open), key=lambda line: (-self._importance(line), line.name)
        )
        if not open_lines:
            return Section("gaps", "Largest gaps", ("Every requirement is filled in full in every period.",))
        rows: list[tuple[Cell, ...]] = [
            (
                as_text(line.name),
                self.label("mission", line.mission),
                self.label("area", line.area),
                self.label("capability", line.capability),
                measures.get(line.capability, ""),
                told_apart(line.mean(line.targets), line.mean(line.fulfilled)),
                told_apart(line.mean(line.fulfilled), line.mean(line.targets)),
                line.mean(line.targets) - line.mean(line.fulfilled),
                line.share,
                ranges(line.open),
                ranges(line.unmounted),
            )
            for line in open_lines
        ]
        columns = (
            Column("Requirement"),
            Column("Mission"),
            Column("Area"),
            Column("Capability"),
            Column("Measure"),
            Column("Wanted", "figure"),
            Column("Fulfilled", "figure"),
            Column("Gap", "figure"),
            Column("Filled", "percent"),
            Column("Open in periods"),
            Column("Not mounted in"),
        )
        text = (
            f"{len(open_lines)} of {len(self.lines)} requirement lines stay open in at least one period. "
            "The weightiest come first; wanted, fulfilled and gap are means over the periods of the line."
        )
        return Section(
            "gaps", "Largest gaps", (text,), (self.table("Requirement lines that stay open", columns, rows, 40),)
        )

    def fulfilment(self) -> Section | None:
        """Requirement × period."""
        if not self.lines:
            return None
        order = sorted(self.lines.values(), key=lambda line: (line.mission, line.area, line.name))
        if len(order) > MOST_ROWS:
            order = sorted(order, key=lambda line: (-self._importance(line), line.name))
        values = {
            (as_text(line.name), period): (done / target if target else 1.0)
            for line in order
            for period, done, target in zip(line.periods, line.fulfilled, line.targets, strict=True)
        }
        summary = (
            f"Share of the target fulfilled, for {min(len(order), MOST_ROWS)} requirement lines in {self.horizon} periods. "
            "The table of gaps lists what stays open."
        )
        chart = self.periods_chart(
            values,
            [as_text(line.name) for line in order],
            mean=True,
            title="Fulfilment of each requirement line in each period, in percent of its target; blank where it asks for nothing",
            summary=summary,
            kind="share",
            row_title="Requirement",
            value_title="Fulfilled",
        )
        return Section("fulfilment", "Fulfilment over time", (), (), (chart,))

    def contributions(self) -> Section | None:
        """Who sends what where."""
        if not self.frame("assignments"):
            return Section("contributions", "Who sends what", ("Nobody is sent.",)) if self.plan.has_plan else None
        personnel: dict[tuple[str, str], float] = {}
        groups: dict[tuple[str, str, str, str], dict[int, tuple[float, float]]] = {}
        for row in self.frame("assignments"):
            nation, mission = row["nation"], row["mission"]
            units, people = as_number(row.get("units")) or 0.0, as_number(row.get("personnel")) or 0.0
            personnel[nation, mission] = personnel.get((nation, mission), 0.0) + people
            per_period = groups.setdefault((nation, row["unit_type"], mission, row["area"]), {})
            before = per_period.get(int(row["period"]), (0.0, 0.0))
            per_period[int(row["period"])] = (before[0] + units, before[1] + people)
        nations = _by_size(personnel, 0)
        missions = _by_size(personnel, 1)
        cells = {
            (nations.index(nation), missions.index(mission)): value / self.horizon
            for (nation, mission), value in personnel.items()
            if nations.index(nation) < MOST_ROWS and missions.index(mission) < MOST_COLUMNS
        }
        chart = Chart(
            "Mean personnel per period, by nation and mission",
            "; ".join(
                f"{self.label('nation', nation)}: {figure(sum(v for (n, _), v in personnel.items() if n == nation) / self.horizon, 0)}"
                for nation in nations[:12]
            )
            + ".",
            "amount",
            tuple(self.label("nation", nation) for nation in nations[:MOST_ROWS]),
            tuple(self.label("mission", mission) for mission in missions[:MOST_COLUMNS]),
            cells,
            "Nation",
            "Mission",
            "Personnel",
            max(0, len(nations) - MOST_ROWS),
        )
        order = {nation: index for index, nation in enumerate(nations)}
        rows: list[tuple[Cell, ...]] = [
            (
                self.label("nation", nation),
                self.label("unit_type", unit_type),
                self.label("mission", mission),
                self.label("area", area),
                max(units for units, _ in per_period.values()),
                sum(people for _, people in per_period.values()) / self.horizon,
                ranges(per_period),
            )
            for (nation, unit_type, mission, area), per_period in sorted(
                groups.items(), key=lambda item: (order[item[0][0]], item[0])
            )
        ]
        columns = (
            Column("Nation"),
            Column("Unit type"),
            Column("Mission"),
            Column("Area"),
            Column("Most units at a time", "figure"),
            Column("Mean personnel per period", "figure"),
            Column("In periods"),
        )
        table = self.table("Contributions", columns, rows, 300)
        return Section("contributions", "Who sends what", (), (table,), (chart,), folded=len(rows) > 40)

    def nations(self) -> Section | None:
        """What each nation bears, against its cap and its fair share."""
        if not self.plan.has_plan:
            return None
        given = {row["nation"]: row for row in self.rows("nations")}
        rows: list[tuple[Cell, ...]] = []
        idle = []
        for row in self.frame("nations"):
            nation = row["nation"]
            if not as_flag(row.get("takes_part")):
                idle.append(self.label("nation", nation))
                continue
            peak = as_number(row.get("peak_personnel"))
            cap, budget = (as_number(given.get(nation, {}).get(name)) for name in ("max_personnel", "budget"))
            cost, share, fair, ratio = (as_number(row.get(name)) for name in ("cost", "share", "fair_share", "ratio"))
            used = peak / cap if cap and peak is not None else None
            rows.append((self.label("nation", nation), peak, cap, used, cost, budget, share, fair, ratio))
        rows.sort(key=lambda row: (-(as_number(row[1]) or 0.0), str(row[0])))
        columns = (
            Column("Nation"),
            Column("Most personnel at a time", "figure"),
            Column("Personnel cap", "figure"),
            Column("Cap used", "percent"),
            Column(f"Cost ({self.money})", "figure"),
            Column("Budget", "figure"),
            Column("Share of the burden", "percent"),
            Column("Fair share", "percent"),
            Column("Burden ÷ fair share", "figure"),
        )
        kept = [index for index in range(len(columns)) if index < 2 or any(row[index] is not None for row in rows)]
        rows = [tuple(row[index] for index in kept) for row in rows]
        text = (f"Not serving: {joined(idle, 40)}.",) if idle else ()
        tables = (self.table("Nations", [columns[index] for index in kept], rows, 150),) if rows else ()
        return Section("nations", "What each nation bears", text, tables)

    def limits(self) -> Section | None:
        """Limits that bind."""
        if not self.plan.has_plan:
            return None
        groups: dict[str, list[Record]] = {}
        for row in self.frame("limits"):
            if as_flag(row.get("binding")):
                groups.setdefault(as_text(row["limit"]), []).append(row)
        if not groups:
            text = "No limit binds." if self.frame("limits") else "The instance has no limits."
            return Section("limits", "Limits that bind", (text,))
        rows: list[tuple[Cell, ...]] = []
        for name, found in sorted(groups.items()):
            periods = [int(number) for row in found if (number := as_number(row.get("period"))) is not None]
            used = max((as_number(row.get("used")) or 0.0 for row in found), key=abs)
            bounds = (as_number(found[0].get("minimum")), as_number(found[0].get("maximum")))
            when = ranges(periods) or "whole horizon"
            rows.append((name, heading(as_text(found[0].get("measure"))), used, *bounds, when))
        columns = (
            Column("Limit"),
            Column("Measure"),
            Column("Used", "figure"),
            Column("At least", "figure"),
            Column("At most", "figure"),
            Column("Binds in periods"),
        )
        text = "No further unit fits under these: with more room, the plan might do better."
        return Section("limits", "Limits that bind", (text,), (self.table("Limits that bind", columns, rows, 80),))

    def leads(self) -> Section | None:
        """Posts, who serves there and who leads."""
        posts: dict[tuple[str, str], tuple[list[str], list[tuple[str, str]]]] = {}
        for row in self.frame("participation"):
            serving, leading = posts.setdefault((row["mission"], row["area"]), ([], []))
            if as_flag(row.get("serves")):
                serving.append(self.label("nation", row["nation"]))
            if as_flag(row.get("leads")):
                terms = as_text(row.get("lead_terms")).replace(";", ", ")
                leading.append((self.label("nation", row["nation"]), terms))
        rows: list[tuple[Cell, ...]] = [
            (
                self.label("mission", mission),
                self.label("area", area),
                _leads_in_words(leading),
                len(serving),
                joined(serving, 20),
            )
            for (mission, area), (serving, leading) in posts.items()
            if serving or leading
        ]
        columns = [Column("Mission"), Column("Area"), Column("Lead"), Column("Nations", "figure"), Column("Serving")]
        if not any(row[2] for row in rows):
            rows = [row[:2] + row[3:] for row in rows]
            columns.pop(2)
        return Section("posts", "Who serves at which post", (), (self.table("Posts", columns, rows),)) if rows else None

    def links(self) -> Section | None:
        """Whose joining brings whom."""
        rows = self.frame("links")
        if not rows or not self.plan.has_plan:
            return None
        decisions: dict[tuple[str, str], list[Record]] = {}
        for row in self.frame("tipping"):
            decisions.setdefault((row["nation"], row["decision"]), []).append(row)

        def others(found: Sequence[Record], effect: str) -> str:
            return joined([self.label("nation", row["other"]) for row in found if row["effect"] == effect], 20)

        tipping: list[tuple[Cell, ...]] = [
            (
                self.label("nation", nation),
                decision,
                others(found, "leaves"),
                others(found, "serves less"),
                others(found, "may come"),
                sum(row["effect"] != "may come" for row in found),
                sum(as_number(row["personnel"]) or 0.0 for row in found),
            )
            for (nation, decision), found in decisions.items()
        ]
        tipping.sort(key=lambda row: (-(as_number(row[6]) or 0.0), -(as_number(row[5]) or 0.0)))
        text = []
        for nation, _, leave, less, _, count, people in tipping[:3]:
            if count:
                who = "; ".join(
                    [f"{leave} may not serve"] * bool(leave) + [f"{less} serve at fewer posts"] * bool(less)
                )
                text.append(f"Without {nation}: {who} ({figure(people, 0)} personnel).")
        if not text:
            text = ["No nation that serves would have to leave if one other did."]
        text.append(
            "By links alone, all else as in this plan; nothing is solved again. Personnel is the sum of the most that each "
            "of the others has at a time where it would have to leave."
        )
        columns = (
            Column("Nation"),
            Column("If it"),
            Column("May not serve"),
            Column("Serve at fewer posts"),
            Column("May come"),
            Column("Nations that lose", "figure"),
            Column("Personnel that go", "figure"),
        )
        standing: list[tuple[Cell, ...]] = [
            (
                as_text(row["link"]),
                self.label("nation", row["nation"]),
                heading(row["kind"]).lower(),
                joined([self.label("nation", name) for name in as_text(row["partners"]).split(";") if name], 20),
                as_text(row["mission"]),
                as_text(row["area"]),
                joined([self.label("nation", name) for name in as_text(row["serving"]).split(";") if name], 20),
                as_number(row["least"]),
                as_text(row["state"]),
            )
            for row in rows
        ]
        link_columns = (
            Column("Link"),
            Column("Nation"),
            Column("Kind"),
            Column("Partners"),
            Column("Mission"),
            Column("Area"),
            Column("Partners that serve there"),
            Column("At least", "figure"),
            Column("State"),
        )
        tables = [self.table("If one nation decided otherwise", columns, tipping)] if tipping else []
        tables.append(self.table("How each link stands", link_columns, standing))
        return Section("links", "Whose joining brings whom", tuple(text), tuple(tables))

    def instruments(self) -> Section | None:
        """Options without deployment."""
        rows = self.frame("instruments")
        if not rows or not self.plan.has_plan:
            return None
        names = [name for name in rows[0] if name != "instrument"]
        return Section(
            "instruments",
            "Options without deployment",
            (),
            (self._generic("Instruments", rows, ["instrument", *names]),),
        )

    def _generic(self, caption: str, rows: Sequence[Record], names: Sequence[str], most: int = MOST_ROWS) -> Table:
        """A table shown as it is."""
        columns, kinds = [], {}
        for name in names:
            cells = [row.get(name) for row in rows]
            if any(type(cell).__name__ in {"bool", "bool_"} for cell in cells):
                kinds[name] = "flag"
            elif any(as_number(cell) is not None for cell in cells):
                kinds[name] = "figure"
            else:
                kinds[name] = "text"
            columns.append(Column(heading(name), kinds[name]))  # type: ignore[arg-type]
        convert: dict[str, Callable[[str, object], Cell]] = {
            "flag": lambda _, cell: as_flag(cell),
            "figure": lambda _, cell: as_number(cell),
            "text": self.label,
        }
        return self.table(
            caption, columns, [tuple(convert[kinds[name]](name, row.get(name)) for name in names) for row in rows], most
        )

    def enablers(self) -> Section | None:
        """Support that is short."""
        rows = self.frame("enablers")
        if not rows:
            return None
        short = [row for row in rows if (as_number(row.get("gap")) or 0.0) > 1e-6]
        text = (
            f"In {len(short)} of {len(rows)} cases support stays short of what the personnel deployed need."
            if short
            else "All personnel deployed have the support that they need."
        )
        return Section(
            "enablers",
            "Support",
            (text,),
            (self._generic("Support that stays short", short, list(rows[0])),) if short else (),
        )

    def flows(self) -> Section | None:
        """Movement on the routes."""
        rows = self.frame("flows")
        if not rows:
            return None
        totals: dict[tuple[str, str, str], float] = {}
        for row in rows:
            totals[_route(row)] = totals.get(_route(row), 0.0) + (as_number(row.get("tonnes")) or 0.0)
        narrow: dict[tuple[str, str, str], list[int]] = {}
        for row in self.frame("routes"):
            if as_flag(row.get("binding")) and row.get("period") is not None:
                narrow.setdefault(_route(row), []).append(int(row["period"]))
        shown: list[tuple[Cell, ...]] = [
            (
                self.label("area", key[0]),
                self.label("area", key[1]),
                key[2],
                totals.get(key, 0.0),
                ranges(narrow.get(key, [])),
            )
            for key in sorted(totals | dict.fromkeys(narrow, 0.0), key=lambda key: (-totals.get(key, 0.0), key))
        ]
        columns = (
            Column("From"),
            Column("To"),
            Column("By"),
            Column("Tonnes over the horizon", "figure"),
            Column("Full in periods"),
        )
        text = (
            f"{len(narrow)} route(s) are bottlenecks in some period: not even the lightest unit more would fit."
            if narrow
            else "No route is a bottleneck: on each there is room for a further unit."
        )
        return Section("flows", "Movement", (text,), (self.table("Tonnes on each route", columns, shown),))

    def timeline(self) -> Section | None:
        """Units of each pledge in each period."""
        if not self.frame("assignments") or self.horizon == 1:
            return None
        values: dict[tuple[str, int], float] = {}
        sizes: dict[str, tuple[str, float]] = {}
        for row in self.frame("assignments"):
            name = f"{as_text(row['pledge'])} → {as_text(row['area'])}"
            place = (name, int(row["period"]))
            values[place] = values.get(place, 0.0) + (as_number(row.get("units")) or 0.0)
            sizes[name] = (
                as_text(row["nation"]),
                sizes.get(name, ("", 0.0))[1] + (as_number(row.get("personnel")) or 0.0),
            )
        names = list(sizes)
        if len(names) > MOST_ROWS:
            names = sorted(names, key=lambda name: (-sizes[name][1], name))[:MOST_ROWS]
        shown = sorted(names, key=lambda name: (sizes[name][0], name))
        chart = self.periods_chart(
            values,
            shown,
            mean=False,
            title="Units of each pledge on duty in each period",
            summary=f"Units on duty for {len(shown)} pairs of pledge and area in {self.horizon} periods; all rows are in the workbook, sheet assignments.",
            kind="amount",
            row_title="Pledge and area",
            value_title="Units",
        )
        chart = Chart(**{**chart.__dict__, "rest": max(0, len(sizes) - MOST_ROWS)})
        return Section("timeline", "Rotation over time", (), (), (chart,))

    def pledges(self) -> Section | None:
        """How far pledges are used."""
        rows = self.frame("pledges")
        if not rows or not self.plan.has_plan:
            return None
        return Section(
            "pledges",
            "How the pledges are used",
            (),
            (self._generic("Pledges", rows, list(rows[0]), 150),),
            folded=True,
        )

    def conditions(self) -> Section | None:
        """Political facts as this plan takes them."""
        given = self.instance.rows("conditions")
        if not given:
            return None
        from optimizer.instance.scenario import UnknownScenario, scenario_tables

        try:
            truth = scenario_tables(self.instance, self.plan.scenario or None).conditions
        except UnknownScenario:
            truth = {row["condition"]: row["default"] for row in given}
        rows: list[tuple[Cell, ...]] = [
            (
                as_text(row.get("name")) or as_text(row["condition"]),
                bool(truth.get(row["condition"])),
                as_text(row.get("description")),
            )
            for row in given
        ]
        columns = (Column("Condition"), Column("Holds", "flag"), Column("Meaning"))
        return Section(
            "conditions",
            "Political facts assumed",
            (self.scenario,) if self.scenario else (),
            (self.table("Conditions", columns, rows),),
        )

    def sources(self) -> Section:
        """Where the figures come from."""
        groups: dict[tuple[str, str, str], list[str]] = {}
        rows = bare = 0
        from optimizer.instance.attributes import TABLES
        from optimizer.instance.scenario import row_key

        for table in TABLES:
            for row in self.instance.rows(table):
                rows += 1
                source, note = as_text(row.get("source")), as_text(row.get("note"))
                if source or note:
                    groups.setdefault((table, source, note), []).append(as_text(row_key(table, row)))
                bare += not source
        assumed = sum(len(keys) for (_, source, note), keys in groups.items() if "assum" in f"{source} {note}".lower())
        text = f"{rows} input rows; {bare} name no source; {assumed} are marked as assumed."
        shown: list[tuple[Cell, ...]] = [
            (table, joined(keys, 6), shorten(source, 400), shorten(note, 400))
            for (table, source, note), keys in groups.items()
        ]
        columns = (Column("Table"), Column("Rows"), Column("Source"), Column("Note"))
        tables = (self.table("Sources and assumptions of the input", columns, shown, 400),) if shown else ()
        return Section("sources", "Assumptions and sources", (text,), tables, folded=len(shown) > 30)

    def proof(self) -> Section:
        """What makes the plan trustworthy, and how to get it again."""
        plan = self.plan
        text = []
        if plan.has_plan and not self.broken:
            text.append(
                "An independent check, which shares no code with the model and knows no solver, recomputed every rule "
                "and every aim from the input tables and the assignments alone. It agrees with this plan."
            )
        if self.broken:
            text.append("The independent check rejects this plan; what it found is listed at the head of the page.")
        text += [as_text(getattr(event, "text", event)) for event in plan.events or ()]
        rows: list[tuple[Cell, ...]] = [
            ("Instance", as_text(self.instance.header.name)),
            ("SHA-256 of the instance", as_text(self.instance.hash)),
            ("Scenario", as_text(plan.scenario) or "defaults"),
            ("Termination", as_text(plan.termination)),
            ("Bound proven by", proven_by(plan)),
            ("Seed", as_text(plan.seed)),
        ]
        rows += [(f"Option {name}", as_text(value)) for name, value in sorted((plan.options or {}).items())]
        rows += [(f"Version of {name}", as_text(value)) for name, value in sorted((plan.versions or {}).items())]
        rows += [(f"Seconds for {name}", figure(value)) for name, value in (plan.timings or {}).items()]
        return Section(
            "proof",
            "Proof and provenance",
            tuple(text),
            (self.table("Provenance", (Column("What"), Column("Value")), rows),),
        )


@dataclass
class _Line:
    """A requirement line over its periods."""

    name: str
    mission: str
    area: str
    capability: str
    targets: list[float] = field(default_factory=list)
    fulfilled: list[float] = field(default_factory=list)
    periods: list[int] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    unmounted: list[int] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Mean share fulfilled."""
        shares = [done / target if target else 1.0 for done, target in zip(self.fulfilled, self.targets, strict=True)]
        return sum(shares) / len(shares) if shares else 1.0

    @staticmethod
    def mean(values: Sequence[float]) -> float:
        """Mean over the line's periods."""
        return sum(values) / len(values) if values else 0.0


_NAMED: Final = {
    "nations": "nation",
    "unit_types": "unit_type",
    "capabilities": "capability",
    "missions": "mission",
    "areas": "area",
    "instruments": "instrument",
}
"""Tables with full names, and the column by which other tables name their rows."""


def _leads_in_words(leading: Sequence[tuple[str, str]]) -> str:
    """Who leads; where several do, in which terms."""
    if len(leading) < 2:
        return "".join(name for name, _ in leading)
    return ", ".join(f"{name} (term {terms})" if terms else name for name, terms in leading)


def joined_period(names: Sequence[str]) -> str:
    """Name of a block of periods."""
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _by_size(values: Mapping[tuple[str, str], float], place: int) -> list[str]:
    totals: dict[str, float] = {}
    for key, value in values.items():
        totals[key[place]] = totals.get(key[place], 0.0) + value
    return sorted(totals, key=lambda name: (-totals[name], name))


def _route(row: Record) -> tuple[str, str, str]:
    return (as_text(row.get("origin")), as_text(row.get("destination")), as_text(row.get("mode")))


def _glossary() -> Section:
    return Section(
        "glossary",
        "Words used here",
        (),
        (Table("Glossary", (Column("Word"), Column("Meaning")), GLOSSARY),),
        folded=True,
    )
