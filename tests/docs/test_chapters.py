"""The chapter on a coalition of one's own: its tables are written, its commands run, and its answers are those of the program."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli.app import forcegen

CHAPTER = Path(__file__).parents[2] / "docs" / "own-coalition.md"
BLOCK = re.compile(r"^```(\{csv-table\}|\{code-block\}|console|text)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
OPTION = re.compile(r":([a-z-]+): *(.*)\n")


def blocks() -> list[tuple[str, str, str]]:
    """What stands in the chapter, in its order: kind, title or caption, and content."""
    found = []
    for kind, title, body in BLOCK.findall(CHAPTER.read_text(encoding="utf-8")):
        options = dict(OPTION.findall(body))
        content = OPTION.sub("", body).lstrip("\n") if kind.startswith("{") else body
        found.append((kind, options.get("caption", title.strip()), content))
    return found


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


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance that the chapter writes, row by row."""
    folder = tmp_path_factory.mktemp("chapter")
    for kind, title, content in blocks():
        if kind.startswith("{") and title.startswith("escort/"):
            (folder / title).parent.mkdir(exist_ok=True)
            (folder / title).write_text(content, encoding="utf-8")
    return folder / "escort"


def test_the_chapter_leads_from_tables_to_the_brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block in its order: what is typed, what is asked, and what the program answers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "170")
    shown, compared = "", 0
    for kind, title, content in blocks():
        if kind.startswith("{") and title.startswith("escort/"):
            (tmp_path / title).parent.mkdir(exist_ok=True)
            (tmp_path / title).write_text(content, encoding="utf-8")
        elif kind == "console":
            # An answer stands below the last of the commands.
            shown = [run(line) for line in content.splitlines()][-1]
        elif kind == "text":
            assert not missing(content, shown), f"{missing(content, shown)}\n--- is not in:\n{shown}"
            compared += 1
    assert compared > 5
    for file in ("brief.html", "brevia.html", "plan/report.html", "plan/report.xlsx"):
        assert (tmp_path / file).stat().st_size > 5_000, file


MISTAKES = [
    row for kind, title, content in blocks() if title == "mistakes" for row in csv.DictReader(io.StringIO(content))
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
