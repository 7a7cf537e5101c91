"""The table of results: one tidy row per figure, only ever added to, each with what it was measured with."""

from __future__ import annotations

import csv
import datetime
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.registry import ROOT

COLUMNS = {
    "task": "phases, matrix, family, anytime; `compare` before it where two checkouts were compared",
    "entry": "name in the registry",
    "method": "forcegen, or a peer",
    "phase": "what was measured; `job` closes the rows of one process",
    "at": "seconds since the search began, for values and bounds over time",
    "value": "the figure",
    "unit": "s, MB, count, or that of the first aim",
    "limit": "seconds that the search may take; 0 where nothing is searched",
    "cores": "how many cores the method may use",
    "repetition": "number of the process among equal ones",
    "subject": "fingerprint of what was measured: program and tables, or for a peer the model",
    "note": "how a job ended, where not as planned",
    "version": "of the method",
    "commit": "of the project; + where there were changes",
    "python": "version",
    "highs": "version of highspy",
    "machine": "cores of the machine",
    "day": "when",
}
KEY = ("task", "entry", "method", "limit", "cores", "repetition", "subject", "version")
Row = dict[str, Any]


@cache
def commit_of(checkout: Path) -> str:
    """The commit of a checkout, with + where its program or its measuring differs from it."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(checkout), *words], capture_output=True, text=True, check=False
        ).stdout.strip()

    changed = git("status", "--porcelain", "--", "optimizer", "benchmarks/*.py")
    return git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")


def version_of(package: str) -> str:
    """The installed version of a package; blank where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def provenance(package: str, checkout: Path = ROOT) -> Row:
    """What a figure was measured with."""
    return {
        "version": version_of(package),
        "commit": commit_of(checkout),
        "python": platform.python_version(),
        "highs": version_of("highspy"),
        "machine": os.cpu_count(),
        "day": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }


def append(file: Path, rows: Iterable[Row]) -> None:
    """Add rows, all in one write, so that an interruption leaves none in halves."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = not file.exists()
    with file.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(COLUMNS), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows({name: _cell(row.get(name, "")) for name in COLUMNS} for row in rows)


def _cell(value: Any) -> Any:
    return f"{value:.9g}" if isinstance(value, float) else value


def read(file: Path) -> pd.DataFrame:
    """All rows so far; blank notes, units and versions are empty texts."""
    if not file.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    texts = {name: str for name in COLUMNS if name not in {"at", "value", "limit", "cores", "repetition", "machine"}}
    return pd.read_csv(file, dtype=texts, keep_default_na=False, na_values={"at": [""], "value": [""]})


def key_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two jobs the same."""
    return tuple(_number(row[name]) if name in {"limit", "cores", "repetition"} else str(row[name]) for name in KEY)


def _number(value: Any) -> str:
    return f"{float(value):g}"


def finished(file: Path) -> set[tuple[str, ...]]:
    """The jobs that need not be done again."""
    table = read(file)
    return {key_of(row) for row in table[table["phase"] == "job"].to_dict("records")}
