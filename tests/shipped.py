"""The shipped instances: where they are, their baselines and what they are expected to give."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1] / "instances"


def folders() -> list[Path]:
    """Every shipped instance with an expected.toml."""
    return sorted(path.parent for path in ROOT.rglob("expected.toml"))


def expected_of(folder: Path) -> dict[str, Any]:
    """What an instance is expected to give."""
    return tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))


def baseline_of(folder: Path) -> dict[tuple[str, str, int], int] | None:
    """Units of the plan that the aim `changes` compares with; None where none is shipped."""
    path = folder / "baseline" / "assignments.csv"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["pledge"], row["requirement"], int(row["period"])): int(row["units"]) for row in csv.DictReader(file)
        }
