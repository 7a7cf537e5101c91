"""The report on a study as files: page, markdown, workbook."""

from __future__ import annotations

from pathlib import Path

from optimizer.reporting.content import Column, Content, Table
from optimizer.reporting.markdown import render_markdown
from optimizer.reporting.page import render_page
from optimizer.reporting.study import describe_study, head_of
from optimizer.reporting.study_tables import keys_of, read_table
from optimizer.reporting.text import as_text, write_atomically
from optimizer.reporting.workbook import render_tables


def write_study_html(directory: str | Path, file: str | Path, content: Content | None = None) -> Path:
    """Write the report on a study (or its `content`, if that was made already) as one self-contained page, whole or not at all."""
    write_atomically(Path(file), render_page(content or describe_study(directory)).encode())
    return Path(file)


def write_study_markdown(directory: str | Path, file: str | Path, content: Content | None = None) -> Path:
    """Write the report on a study (or its `content`, if that was made already) as markdown, whole or not at all."""
    write_atomically(Path(file), render_markdown(content or describe_study(directory)).encode())
    return Path(file)


def write_study_workbook(directory: str | Path, file: str | Path, content: Content | None = None) -> Path:
    """Write every table of a study as a workbook, one sheet each, whole or not at all."""
    folder = Path(directory)
    content = content or describe_study(folder)
    head = head_of(folder)
    inputs = keys_of(head)
    tables = [
        (name, read_table(folder / f"{name}.csv", as_text(title), (), inputs)) for name, title in head["tables"].items()
    ]
    if head["kind"] in {"robust", "sweep"}:
        tables.insert(0, ("runs", read_table(folder / "runs.csv", "All runs", (), inputs)))
    proof = content.section("proof")
    tables += [("provenance", table) for table in (proof.tables if proof else ())]
    warnings = tuple((line,) for line in (content.verdict, *map(as_text, head["warnings"])))
    tables.insert(0, ("summary", Table(content.title, (Column(content.title, key="in words"),), warnings)))
    write_atomically(Path(file), render_tables(content.title, tables))
    return Path(file)
