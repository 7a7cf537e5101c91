"""One reading of a plan, from which the sections of the report take their rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from optimizer.reporting.content import MOST_COLUMNS, MOST_ROWS, Cell, Chart, Column, Content, Record, Table
from optimizer.reporting.text import as_flag, as_number, as_text, shorten, visible
from optimizer.reporting.words import heading

if TYPE_CHECKING:
    from optimizer.instance.scenario import ScenarioTables
    from optimizer.plan.candidates import Candidate
    from optimizer.plan.plan import Plan

_NAMED: Final = {
    "nations": "nation",
    "unit_types": "unit_type",
    "capabilities": "capability",
    "missions": "mission",
    "areas": "area",
    "instruments": "instrument",
}
"""Tables with full names, and the column by which other tables name their rows."""


@dataclass
class Line:
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


@dataclass(frozen=True)
class Study:
    """A study that lies in or beside a plan's folder.

    `where`: its folder as the plan's folder sees it; `name`: that folder's own. `scenario`: the one of all its runs, where that has to be said.
    """

    where: str
    name: str
    kind: str
    title: str
    content: Content
    scenario: str = ""


class Reader:
    """A plan's tables, its input as it holds in the scenario, names in full, and what lies beside the plan: answers and studies."""

    def __init__(
        self,
        plan: Plan,
        check: bool,
        answers: Mapping[str, Sequence[Record]] | None = None,
        studies: Sequence[Study] = (),
    ) -> None:
        self.plan = plan
        self.check = check
        self.answers = answers or {}
        self.studies = studies
        self.instance = plan.instance
        self.horizon = max(1, int(plan.instance.header.periods))
        self._frames: dict[str, list[Record]] = {}

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
        return self.instance.rows if self._tables is None else self._tables.rows

    @cached_property
    def conditions(self) -> Mapping[str, bool | str]:
        """Whether each condition holds in the plan's scenario; where only in some periods, in which."""
        if self._tables is None:
            return {row["condition"]: row["default"] for row in self.instance.rows("conditions")}
        from optimizer.instance.scenario import every_period
        from optimizer.instance.wording import in_periods

        every = every_period(self.instance.header.periods)
        return {
            name: in_periods(periods) if 0 < periods < every else periods > 0
            for name, periods in self._tables.conditions.items()
        }

    @cached_property
    def _tables(self) -> ScenarioTables | None:
        from optimizer.instance.scenario import UnknownScenario, scenario_tables

        try:
            return scenario_tables(self.instance, self.plan.scenario or None)
        except UnknownScenario:
            return None

    def candidates(self, posts: Collection[tuple[str, str]] | None = None) -> dict[tuple[str, str], list[Candidate]]:
        """Per post (of these, or of all) that misses something who could fill it; none where the scenario is not known, or there is no plan."""
        from optimizer.instance.scenario import UnknownScenario
        from optimizer.plan.candidates import candidates_by_post

        if not self.plan.has_plan:
            return {}
        try:
            return candidates_by_post(self.plan, posts)
        except (UnknownScenario, KeyError):  # a plan that breaks rules may name what is not there
            return {}

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
        cells = {at: (sum(found) / len(found) if mean else max(found)) for at, found in parts.items()}
        return Chart(
            rows=tuple(kept),
            columns=tuple(columns),
            cells=cells,
            column_title="Period",
            rest=max(0, len(rows) - MOST_ROWS),
            **options,
        )

    @property
    def money(self) -> str:
        """The unit of money."""
        return f"million {as_text(self.instance.header.currency)}".strip()

    @cached_property
    def lines(self) -> dict[str, Line]:
        """Requirement lines over their periods."""
        lines: dict[str, Line] = {}
        for row in self.frame("requirements"):
            line = lines.setdefault(
                row["requirement"],
                Line(row["requirement"], row.get("mission", ""), row.get("area", ""), row.get("capability", "")),
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
    def open_lines(self) -> list[Line]:
        """Requirement lines that miss something, the weightiest first."""
        open_ = [line for line in self.lines.values() if line.open]
        return sorted(open_, key=lambda line: (-importance(self, line), line.name))

    @cached_property
    def measures(self) -> dict[str, str]:
        """In what each capability is counted; blank where that is not said."""
        return {row["capability"]: as_text(row.get("measure")) for row in self.rows("capabilities")}

    @cached_property
    def weights(self) -> tuple[dict[str, float], dict[str, float]]:
        """The weights of the missions and of the requirement lines, by name."""
        missions = {row["mission"]: as_number(row.get("weight")) or 0.0 for row in self.rows("missions")}
        return missions, {row["requirement"]: as_number(row.get("weight")) or 0.0 for row in self.rows("requirements")}

    def generic(self, caption: str, rows: Sequence[Record], names: Sequence[str], most: int = MOST_ROWS) -> Table:
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


def importance(reader: Reader, line: Line) -> float:
    """What a line leaves open, times the weights of its mission and of the line."""
    missions, lines = reader.weights
    return (1 - line.share) * missions.get(line.mission, 1.0) * lines.get(line.name, 1.0)


def joined_period(names: Sequence[str]) -> str:
    """Name of a block of periods."""
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
