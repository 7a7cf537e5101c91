"""The report on a study: its folder read back, in the words and shapes of the report on a plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.reporting.answers import answer_table, read_answers
from optimizer.reporting.content import Cell, Column, Content, Section, Table
from optimizer.reporting.study_alternatives import alternatives_sections
from optimizer.reporting.study_compare import compare_sections
from optimizer.reporting.study_frontier import frontier_sections
from optimizer.reporting.study_hedge import TITLE as HEDGE
from optimizer.reporting.study_hedge import hedge_sections, hedge_verdict
from optimizer.reporting.study_robust import robust_sections
from optimizer.reporting.study_scenarios import scenario_sections
from optimizer.reporting.study_sweep import sweep_sections
from optimizer.reporting.study_tables import ENDINGS
from optimizer.reporting.study_withdraw import withdraw_sections
from optimizer.reporting.text import as_text, joined

HEAD: Final = "study.json"
_COUNTED: Final = {"compare": "plans", "scenarios": "scenarios", "withdraw": "sets of nations"}


def is_study(directory: str | Path) -> bool:
    """Whether a folder holds the results of a study."""
    return bool(head_of(Path(directory)))


def is_finished(directory: str | Path) -> bool:
    """Whether a folder holds the results of a study that came to its end."""
    return head_of(Path(directory)).get("state") == "done"


def head_of(folder: Path) -> dict[str, Any]:
    """What a study says of itself; nothing where the folder holds none."""
    try:
        head = json.loads(read_text(folder / HEAD))
    except (UnreadableFile, ValueError, RecursionError):
        return {}
    return head if isinstance(head, dict) and {"kind", "tables", "instances", "warnings"} <= head.keys() else {}


def name_of(head: Mapping[str, Any]) -> str:
    """What a study is called, without its instance."""
    return _NAMES.get(head["kind"]) or as_text(head.get("title") or head["name"])


def describe_study(directory: str | Path) -> Content:
    """The report on a finished study.

    Raises:
        FileNotFoundError: the folder holds no study, or one that is not finished.
    """
    folder = Path(directory)
    head = head_of(folder)
    if head.get("state") != "done":
        raise FileNotFoundError(None, "no finished study is there", str(folder))
    sections = _SECTIONS.get(head["kind"], sweep_sections)(folder, head)
    instances = head["instances"]
    title = as_text(instances[0].get("title") or instances[0].get("name"))
    name = name_of(head)
    return Content(
        title=f"{title}: {name}" if len(instances) == 1 else name,
        question=as_text(head.get("description")),
        scenario=as_text(head.get("scenario")),
        has_plan=True,
        termination="finished"
        if head["terminations"].keys() <= {"optimal", "infeasible"}
        else "finished, not all proven",
        verdict=_verdict(head),
        key_figures=(),
        broken=(),
        sections=tuple(section for section in (*sections, _proof(head)) if section.text or section.tables),
    )


def _prices(folder: Path, _head: dict[str, Any]) -> tuple[Section, ...]:
    rows = read_answers(folder).get("prices")
    text = "Gains of one step of each rule in the first aim: certain at least, and no more at most. Sets gain more together than their parts."
    return (Section("prices", "Prices", (text,), (answer_table("prices", rows),)),) if rows else ()


_SECTIONS: Final[Mapping[str, Callable[[Path, dict[str, Any]], Sequence[Section]]]] = {
    "alternatives": alternatives_sections,
    "compare": compare_sections,
    "frontier": frontier_sections,
    "hedge": hedge_sections,
    "prices": _prices,
    "robust": robust_sections,
    "scenarios": scenario_sections,
    "withdraw": withdraw_sections,
}
"""By the kind of study; all others are sweeps."""
_NAMES: Final = {
    "alternatives": "Near-best plans in which others serve",
    "frontier": "What one aim gains where another gives way",
    "hedge": HEDGE,
    "prices": "What each rule costs",
    "scenarios": "Scenarios side by side",
    "withdraw": "When nations leave",
}


def _verdict(head: dict[str, Any]) -> str:
    if head["kind"] == "hedge":
        return hedge_verdict(head)
    if "verdict" in head:
        return as_text(head["verdict"])
    if head["kind"] == "prices":
        exact = head["terminations"].keys() <= {"optimal"}
        return (
            "Every price is exact."
            if exact
            else "Prices are intervals, as far as they were known when the search ended."
        )
    parts = [f"{count} {ENDINGS.get(name, name)}" for name, count in head["terminations"].items()]
    what = _COUNTED.get(head["kind"], "runs")
    ended = f"{sum(head['terminations'].values())} {what}: {joined(parts)}."
    return f"{ended} Each plan was kept under every other scenario." if what == "scenarios" else ended


def _proof(head: dict[str, Any]) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (f"instance {as_text(one.get('name'))}", as_text(one.get("hash") or one.get("path")))
        for one in head["instances"]
    ]
    rows += [(as_text(name), as_text(version)) for name, version in head["versions"].items()]
    rows.append(("mark of study and input", as_text(head["mark"])))
    return Section(
        "proof",
        "Where this comes from",
        (),
        (Table("Input and versions", (Column("What"), Column("Which")), tuple(rows)),),
    )
