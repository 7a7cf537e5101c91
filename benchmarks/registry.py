"""The measured instances: generated ones of three sizes and three seeds, the Paris instance in every scenario, and series of sizes."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARIS = ROOT / "instances" / "paris-2026-01"
SIZES = ("S", "M", "L")
SEEDS = (1, 2, 3)
SERIES = ((4, 2), (4, 4), (8, 4), (8, 8), (12, 8), (16, 12), (24, 16), (40, 20))
"""(posts, periods) of the series that shows how time grows with the model: 30 nations, 20 unit types."""


@dataclass(frozen=True)
class Entry:
    """One measured question: (size, seed) of a generated instance, or a scenario of the Paris instance.

    `plain`: only availability, coverage and caps, with coverage as the only aim.
    """

    name: str
    size: str
    seed: int = 0
    scenario: str | None = None
    nations: int | None = None
    unit_types: int | None = None
    posts: int | None = None
    periods: int | None = None
    plain: bool = False


def entries() -> list[Entry]:
    """The registry."""
    found = [Entry(f"{size}-{seed}", size, seed) for size in SIZES for seed in SEEDS]
    with (PARIS / "scenarios.csv").open(encoding="utf-8", newline="") as file:
        found += [Entry(f"paris-{row['scenario']}", "paris", scenario=row["scenario"]) for row in csv.DictReader(file)]
    return found


def series() -> list[Entry]:
    """Instances that grow from few posts and periods to those of size L."""
    return [Entry(f"series-{posts}x{periods}", "L", 1, posts=posts, periods=periods) for posts, periods in SERIES]


def plain(sizes: Iterable[str] = SIZES) -> list[Entry]:
    """One instance per size with only the rules that linopy and PyOptInterface are given too."""
    return [Entry(f"plain-{size}", size, 1, plain=True) for size in sizes]


def tiny(*, plain: bool = False) -> Entry:
    """An instance that is built and solved in no time, to try the measuring itself."""
    return Entry("tiny-plain" if plain else "tiny", "S", 1, nations=5, unit_types=4, posts=2, periods=3, plain=plain)


def chosen(listed: Iterable[Entry], names: Iterable[str]) -> list[Entry]:
    """Those whose name begins with one of the names; all without a name."""
    wanted = tuple(names)
    return [entry for entry in listed if not wanted or entry.name.startswith(wanted)]


def folder_of(entry: Entry, kept: Path) -> Path:
    """The folder of the entry's instance: that of Paris, or a generated one, written under `kept` if it is not there."""
    if entry.size == "paris":
        return PARIS
    folder = kept / entry.name
    if not folder.exists():
        from optimizer.instance.files import write_instance
        from optimizer.instance.generator import generate
        from optimizer.instance.instance import Aim

        instance = generate(
            entry.size,
            nations=entry.nations,
            unit_types=entry.unit_types,
            posts=entry.posts,
            periods=entry.periods,
            seed=entry.seed,
            participation=not entry.plain,
            steady=False,  # what was measured before these rules stays comparable
        )
        if entry.plain:
            instance = replace(instance, header=replace(instance.header, aims=(Aim("coverage"),)))
        kept.mkdir(parents=True, exist_ok=True)
        unfinished = folder.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        write_instance(instance, unfinished)
        unfinished.rename(folder)
    return folder


def fingerprint(files: Iterable[Path], base: Path) -> str:
    """Twelve letters that change with the name or the content of any of the files."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(base).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def code_of(checkout: Path) -> str:
    """The fingerprint of the program in a checkout."""
    return fingerprint((checkout / "optimizer").rglob("*.py"), checkout)


def tables_of(folder: Path) -> str:
    """The fingerprint of an instance's tables."""
    return fingerprint([*folder.glob("*.csv"), folder / "instance.toml"], folder)
