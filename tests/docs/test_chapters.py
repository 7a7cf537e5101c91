"""The chapter on a coalition of one's own: its tables are written, its commands run, and its answers are those of the program."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli.app import forcegen

from .blocks import Block, blocks

CHAPTER = "docs/own-coalition.md"


def run(line: str) -> str:
    """What a command shows; it must not fail."""
    done = CliRunner().invoke(forcegen, shlex.split(line, comments=True)[1:])
    assert done.exit_code == 0, f"{line}\n{done.output}"
    return done.output


def missing(extract: str, shown: str) -> str:
    """The first part of an extract that is not in what was shown; its parts, between dots, stand there in this order."""
    text, position = " ".join(shown.split()), 0
    for part in (" ".join(part.split()) for part in extract.split("...")):
        position = text.find(part, position)
        if position < 0:
            return part
        position += len(part)
    return ""


def typed(block: Block) -> bool:
    """Whether a block is a file of the instance, to be typed."""
    return block.title.startswith("escort/")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance that the chapter writes, row by row."""
    folder = tmp_path_factory.mktemp("chapter")
    for block in filter(typed, blocks(CHAPTER)):
        (folder / block.title).parent.mkdir(exist_ok=True)
        (folder / block.title).write_text(block.content, encoding="utf-8")
    return folder / "escort"


def test_the_chapter_leads_from_tables_to_the_brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block in its order: what is typed, what is asked, and what the program answers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "170")
    shown, compared = "", 0
    for block in blocks(CHAPTER):
        if typed(block):
            (tmp_path / block.title).parent.mkdir(exist_ok=True)
            (tmp_path / block.title).write_text(block.content, encoding="utf-8")
        elif block.kind == "console":
            # An answer stands below the last of the commands.
            shown = [run(line) for line in block.content.splitlines()][-1]
        elif block.kind == "text":
            gone = missing(block.content, shown)
            assert not gone, f"{gone}\n--- is not in:\n{shown}"
            compared += 1
    assert compared > 5
    for file in ("brief.html", "brevia.html", "plan/report.html", "plan/report.xlsx"):
        assert (tmp_path / file).stat().st_size > 5_000, file


MISTAKES = [
    row for block in blocks(CHAPTER) if block.title == "mistakes" for row in csv.DictReader(io.StringIO(block.content))
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[row["what happened"] for row in MISTAKES])
def test_each_mistake_is_told_as_the_chapter_says(tables: Path, tmp_path: Path, mistake: dict[str, str]) -> None:
    """One cell is typed wrongly, and `check` says of its row what stands in the chapter."""
    instance = Path(shutil.copytree(tables, tmp_path / "escort"))
    file = instance / f"{mistake['table']}.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    (row,) = (row for row in rows if next(iter(row.values())) == mistake["row"])
    assert row[mistake["column"]] != mistake["typed"]
    row[mistake["column"]] = mistake["typed"]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerows(rows)
    shown = CliRunner().invoke(forcegen, ["check", str(instance), "--json"])
    assert mistake["what check says"] in {finding["message"] for finding in json.loads(shown.stdout)["findings"]}
