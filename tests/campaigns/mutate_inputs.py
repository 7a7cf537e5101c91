"""Thousands of broken inputs: `python -m tests.campaigns.mutate_inputs FIRST LAST` mutates folders, workbooks, studies and plans by seed.

Every one ends with findings or a result and a documented exit code: never with an internal error, and within ten seconds.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import random
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from click.testing import CliRunner

from optimizer.cli.app import forcegen
from optimizer.instance.files import convert, read_instance, read_raw
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.read.examine import examine
from optimizer.instance.supply import funnel
from optimizer.studies.reading import read_study
from tests.instance.base import base_files, write

TUTORIAL: Final = Path(__file__).parents[2] / "instances" / "tutorial"
LONGEST: Final = 10.0
"""Seconds that reading an input may take."""

HOSTILE: Final = (
    *(
        "",
        " ",
        "-1",
        "0",
        "1e308",
        "-0",
        "nan",
        "inf",
        "9" * 400,
        "1.200",
        "1,5",
        "2026-07-01",
        "01-Mar",
        "#N/A",
        "true",
    ),
    *("=1+1", "<b>", "\u202e", "\u0435", "FRA\u200b", "fra", ";", "!", "!;!", "\x07", "\n", '"', "'", "`", "\x1b[31m"),
    *("Total", "sep=;", "__class__", "constructor", "{0}", "%s", "../../x", "NULL", "None", "\u0661", "\U0001f600" * 9),
    *("a" * 20_000, ";".join("abcdefgh" * 50), "1" * 25, "\ud7ff", "é", "e\u0301", "[[aims]]", "x = {", "[" * 200),
    *("truce & !(vote | x)", "!(truce", "truce |", "& truce", "!" * 2_000 + "truce", "(" * 9_000, "!truce vote", "()"),
)

Files = dict[str, bytes]


def mutate(files: Files, chance: random.Random) -> Files:
    """The files with one to three mutations."""
    files = dict(files)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        name = chance.choice(sorted(files))
        change = chance.choice(CHANGES if name.endswith(".csv") else CHANGES_OF_BYTES)
        files[name] = change(files[name], chance)
        if chance.random() < 0.05:
            other = chance.choice((f"{name}.txt", f".{name}", name.upper(), f"_{name}", f"{name}~", "x.csv"))
            files[other] = files.pop(name) if chance.random() < 0.5 else files[name]
        if len(files) > 1 and chance.random() < 0.03:
            del files[chance.choice(sorted(files))]
    return files


def _flip(data: bytes, chance: random.Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data or b"x")
    for _ in range(chance.randint(1, 5)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random) -> bytes:
    """A piece is missing, or there twice."""
    first, last = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:first] + (data[last:] if chance.random() < 0.5 else data[first:last] * 2 + data[last:])


def _insert(data: bytes, chance: random.Random) -> bytes:
    """Hostile text somewhere."""
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(HOSTILE).encode() + data[place:]


def _recode(data: bytes, chance: random.Random) -> bytes:
    """Another encoding, other line ends, other separators."""
    text = data.decode("utf-8", "replace")
    coding = chance.choice(("utf-16", "utf-8-sig", "cp1252", "utf-32", "lines", "semicolons", "tabs"))
    if coding == "lines":
        return text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\x85"))).encode()
    if coding in {"semicolons", "tabs"}:
        return text.replace(",", ";" if coding == "semicolons" else "\t").encode()
    return text.encode(coding, "replace")


def _word(data: bytes, chance: random.Random) -> bytes:
    """One word or number gives way to hostile text."""
    words = data.decode("utf-8", "replace").split(" ")
    words[chance.randrange(len(words))] = chance.choice(HOSTILE)
    return " ".join(words).encode()


def _table(data: bytes, change: Callable[[list[list[str]]], object]) -> bytes:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline="")))
    except csv.Error:
        return data
    if not rows or not all(rows):
        return data
    change(rows)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode("utf-8", "replace")


def _cell(data: bytes, chance: random.Random) -> bytes:
    """A cell holds hostile text."""

    def change(rows: list[list[str]]) -> None:
        row = chance.choice(rows)
        row[chance.randrange(len(row))] = chance.choice(HOSTILE)

    return _table(data, change)


def _swap(data: bytes, chance: random.Random) -> bytes:
    """Two cells change places."""

    def change(rows: list[list[str]]) -> None:
        one, two = chance.choice(rows), chance.choice(rows)
        first, second = chance.randrange(len(one)), chance.randrange(len(two))
        one[first], two[second] = two[second], one[first]

    return _table(data, change)


def _row(data: bytes, chance: random.Random) -> bytes:
    """A row is missing, there twice, or elsewhere."""

    def change(rows: list[list[str]]) -> None:
        row = rows.pop(chance.randrange(len(rows)))
        for _ in range(chance.choice((0, 1, 2))):
            rows.insert(chance.randint(0, len(rows)), row)

    return _table(data, change)


def _column(data: bytes, chance: random.Random) -> bytes:
    """A column is missing, there twice, or shifted in some rows."""

    def change(rows: list[list[str]]) -> None:
        place, times = chance.randrange(len(rows[0])), chance.choice((0, 2))
        some = rows if chance.random() < 0.7 else rows[chance.randrange(len(rows)) :]
        for row in some:
            row[place : place + 1] = row[place : place + 1] * times

    return _table(data, change)


CHANGES_OF_BYTES: Final = (_flip, _cut, _insert, _recode, _word, _word, _word)
CHANGES: Final = (*CHANGES_OF_BYTES[:4], *(_cell,) * 6, _swap, _swap, _row, _row, _column, _column)


def mutate_workbook(data: bytes, chance: random.Random) -> bytes:
    """A workbook with a mutated part; now and then the archive itself is."""
    if chance.random() < 0.1:
        return chance.choice((_flip, _cut))(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([name for name in parts if "sheet" in name.lower() or "workbook" in name or "Strings" in name])
    parts[name] = chance.choice(CHANGES_OF_BYTES)(parts[name], chance)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return stream.getvalue()


class Campaign:
    """The inputs that are mutated, and a folder to lay the mutated ones in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = {name: text.encode() for name, text in base_files().items()}
        self.tutorial = {path.name: path.read_bytes() for path in TUTORIAL.iterdir() if path.is_file()}
        self.instance = read_instance(TUTORIAL)
        self.study = {"study.toml": (TUTORIAL / "studies" / "tornado.toml").read_bytes()}
        convert(write(base_files(), folder / "base"), folder / "book.xlsx")
        self.book = (folder / "book.xlsx").read_bytes()
        self.plan: Files = {}

    def solve(self) -> None:
        """Find the plan whose folder is mutated."""
        done = CliRunner().invoke(forcegen, ["solve", str(TUTORIAL), "--out", str(self.folder / "plan")])
        assert done.exit_code == 0, done.output
        self.plan = {path.name: path.read_bytes() for path in (self.folder / "plan").iterdir() if path.is_file()}

    def run(self, seed: int, solving: bool = False) -> tuple[str, int, str]:
        """Kind, exit code and output of the mutation with this seed."""
        chance = random.Random(seed)
        kind = chance.choice(
            ("folder", "folder", "folder", "tutorial", "workbook", "study", *("plan",) * bool(self.plan))
        )
        place = self.folder / str(seed)
        place.mkdir()
        if kind == "workbook":
            path = place / "book.xlsx"
            path.write_bytes(mutate_workbook(self.book, chance))
        else:
            source = {"folder": self.base, "tutorial": self.tutorial, "study": self.study, "plan": self.plan}[kind]
            path = place / "input"
            path.mkdir()
            for name, content in mutate(source, chance).items():
                (path / name).write_bytes(content)
        try:
            if kind == "study" or (kind != "plan" and seed % 10):  # the rest goes through the command line
                return kind, *self._read(path / "study.toml" if kind == "study" else path)
            order = ["verify", str(TUTORIAL), str(path)] if kind == "plan" else ["check", str(path)]
            if solving and kind != "plan":
                order = ["solve", str(path), "--time-limit", "1", "--out", str(place / "out")]
            with contextlib.chdir(self.folder):  # where a report of a crash is left
                done = CliRunner().invoke(forcegen, order)
            raised = done.exception is not None and not isinstance(done.exception, SystemExit)
            return kind, -1 if raised else done.exit_code, f"{done.exception!r}\n{done.output}"
        finally:
            shutil.rmtree(place)

    def _read(self, path: Path) -> tuple[int, str]:
        try:
            if path.suffix == ".toml":
                read_study(path, self.instance)
                return 0, ""
            instance, findings = examine(read_raw(path))
            if instance is None:
                return 3, "\n".join(map(str, findings))
            funnel(instance)
        except InvalidInstance as error:
            return 3, str(error)
        except Exception:
            return -1, traceback.format_exc()
        return 0, ""


ALLOWED: Final = frozenset((0, 2, 3, 4, 5, 6))
"""The documented exit codes of inputs that people write; 1 is a fault of the program."""


def main() -> int:
    """Run the seeds, a two-hundredth of them with a solve; print what failed."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    counts: collections.Counter[tuple[str, int]] = collections.Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder))
        campaign.solve()
        for seed in range(first, last):
            begun = time.monotonic()
            kind, code, output = campaign.run(seed, solving=seed % 200 == 0)
            seconds = time.monotonic() - begun
            counts[kind, code] += 1
            if code not in ALLOWED or (seconds > LONGEST and seed % 200):
                failed += 1
                print(f"seed {seed}: {kind}, code {code}, {seconds:.1f} s\n{output[-1500:]}", flush=True)  # noqa: T201
    print(dict(sorted(counts.items())), f"{failed} failed", flush=True)  # noqa: T201
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
