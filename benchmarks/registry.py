"""The measured instances: generated ones of three sizes and three seeds, and the Paris instance in every scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from optimizer.instance.files import read_instance
from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance

SEEDS = (1, 2, 3)
PARIS = Path(__file__).resolve().parent.parent / "instances" / "paris-2025"


@dataclass(frozen=True)
class Entry:
    """One measured question."""

    name: str
    instance: Instance
    scenario: str | None = None


def entries(chosen: str = "") -> Iterator[Entry]:
    """The entries whose name contains the chosen text, made one at a time."""
    for size in ("S", "M", "L"):
        for seed in SEEDS:
            name = f"{size}-{seed}"
            if chosen in name:
                yield Entry(name, generate(size, seed=seed))
    paris = read_instance(PARIS)
    for scenario in paris.scenarios:
        name = f"paris-{scenario}"
        if chosen in name:
            yield Entry(name, paris, scenario)
