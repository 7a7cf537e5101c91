"""The report as markdown, for a wiki or a repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.reporting.content import Content, Table, for_reading
from optimizer.reporting.describe import describe
from optimizer.reporting.page import shown
from optimizer.reporting.text import write_atomically

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

_FIRST = re.compile(r"^(\s*\d*)([-+=.)])")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$<>&@=-])")


def write_markdown(plan: Plan, file: str | Path, content: Content | None = None) -> Path:
    """Write the report on a plan (or its `content`, if that was made already) as markdown, whole or not at all."""
    file = Path(file)
    write_atomically(file, render_markdown(content or describe(plan)).encode())
    return file


def render_markdown(content: Content) -> str:
    """The report as text."""
    parts = [f"# {plain(content.title)}"]
    parts += [
        plain(line) for line in (content.question, f"Scenario: {content.scenario}" if content.scenario else "") if line
    ]
    parts.append(f"**{plain(content.termination.replace('_', ' ').capitalize())}.** {plain(content.verdict)}")
    parts += [f"**{plain(line)}**" for line in content.changed]
    if content.broken:
        parts.append("**This plan breaks rules.** The independent check found:")
        parts.append("\n".join(f"- {plain(line)}" for line in content.broken))
    if content.answer:
        parts.append("\n".join(f"- **{plain(one.label)}.** {plain(one.text)}" for one in content.answer))
    for section in content.sections:
        if not section.text and not section.tables:
            continue
        parts.append(f"## {plain(section.title)}")
        parts += [plain(line) for line in section.text]
        for table in map(for_reading, section.tables):
            if len(section.tables) > 1:
                parts.append(f"**{plain(table.caption)}**")
            parts.append(_table(table))
            if table.rest:
                parts.append(f"{table.rest} more rows are in {plain(table.whole)}.")
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Text that markdown shows as it is."""
    return _FIRST.sub(r"\1\\\2", _everywhere(text))


def _everywhere(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match.group(), "\\" + match.group()), text)


_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "-": "-", "=": "=", "(": "(", ")": ")", "+": "+", "@": "&#64;"}


def _table(table: Table) -> str:
    head = "| " + " | ".join(plain(column.title) for column in table.columns) + " |"
    rule = "|" + "|".join("---:" if column.kind in {"figure", "percent"} else "---" for column in table.columns) + "|"
    rows = [
        "| " + " | ".join(plain(shown(column, cell)) for column, cell in zip(table.columns, row, strict=True)) + " |"
        for row in table.rows
    ]
    return "\n".join([head, rule, *rows])
