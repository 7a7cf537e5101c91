"""The report on a plan: every section that the plan has content for, in the order of a planner's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from optimizer.reporting.answer import answer
from optimizer.reporting.answer.told import Told
from optimizer.reporting.content import Content, Record
from optimizer.reporting.picture.build import picture
from optimizer.reporting.reader import Reader, Study
from optimizer.reporting.sections import SECTIONS
from optimizer.reporting.text import as_number, as_text, figure
from optimizer.reporting.words import AIMS, aim_figure, aim_title, is_calm, verdict_in_words

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


def describe(
    plan: Plan,
    check: bool = True,
    answers: Mapping[str, Sequence[Record]] | None = None,
    studies: Sequence[Study] = (),
    *,
    annexes: bool = True,
) -> Content:
    """The report on a plan.

    `check` runs the independent check first; leave it out only for a plan that was just checked. `answers`: the rows of the answers that lie in
    the plan's folder (`answers.read_answers`); `studies`: those in and beside it (`folder.studies_of`).
    `annexes`: with all sections; without them it is what the first screen shows.
    """
    reader = Reader(plan, check, answers, studies)
    told = Told(reader)
    sections = (section(reader) for section in (SECTIONS if annexes else ()))
    header = plan.instance.header
    return Content(
        title=as_text(header.title) or as_text(header.name) or "Plan",
        question=as_text(header.description),
        scenario=reader.scenario,
        has_plan=bool(plan.has_plan),
        termination=str(plan.termination),
        verdict=verdict_in_words(plan),
        calm=is_calm(plan),
        key_figures=key_figures(reader),
        broken=reader.broken,
        changed=tuple(map(as_text, plan.changes.lines())),
        answer=answer(told),
        picture=picture(reader, told.rows("reasons")),
        sections=tuple(section for section in sections if section is not None),
    )


def key_figures(reader: Reader) -> tuple[tuple[str, str], ...]:
    """A handful of figures for the head of the page."""
    if not reader.plan.has_plan:
        return ()
    figures = []
    for aim in reader.aim_rows[:3]:
        unit = reader.money if aim["name"] == "cost" else AIMS.get(aim["name"], ("", "", ""))[1]
        figures.append(
            (
                aim_title(as_text(aim["name"])).capitalize(),
                f"{_rounded(aim_figure(aim['name'], aim.get('value')))} {unit}".strip(),
            )
        )
    serving = {row["nation"] for row in reader.frame("assignments")}
    personnel: dict[int, float] = {}
    for row in reader.frame("assignments"):
        period = int(row["period"])
        personnel[period] = personnel.get(period, 0.0) + (as_number(row.get("personnel")) or 0.0)
    figures += [
        ("Nations serving", str(len(serving))),
        ("Most personnel at a time", figure(max(personnel.values(), default=0.0), 0)),
    ]
    return tuple(figures)


def _rounded(value: float | None) -> str:
    """A figure for the head of the page: large ones without decimals, which say nothing there."""
    return figure(value, 0 if value is not None and abs(value) >= 1000 else 2)
