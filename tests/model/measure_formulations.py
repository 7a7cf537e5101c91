"""Bound and time of each way to tie presence to units, as the table of the design note: python -m tests.model.measure_formulations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from optimizer.instance.files import read_instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import build
from optimizer.model.families.presence import PRESENCE_LINKS
from optimizer.model.linear import LinearModel
from tests.model.presence import WAYS, in_way
from tests.model.test_formulations import costly, relaxed, whole

CLASSICAL = Path(__file__).parents[2] / "instances" / "classical"
NAMES = ("shipping-multmip1", "fctp-bal8x12")
SMALL = {"nations": 6, "unit_types": 4, "posts": 2, "periods": 3, "seed": 4}
MOST_SECONDS = 900.0


def situations() -> Iterator[tuple[str, Situation]]:
    """Published problems whose optimum is known, and a small one of the costly synthetic instances of the tests."""
    for name in NAMES:
        yield name, build_situation(read_instance(CLASSICAL / name))
    yield "costly, 6 nations", costly(SMALL)


def measured(model: LinearModel) -> tuple[str | int, ...]:
    """Rows, bound without whole numbers, value and proven bound, nodes; times in seconds of the processor."""
    begun = time.process_time()
    bound = relaxed(model)
    first = time.process_time()
    info = whole(model, MOST_SECONDS)
    took = time.process_time() - first
    value, proven = info.objective_function_value, info.mip_dual_bound
    figures = (f"{-bound:.2f}", f"{first - begun:.2f}", f"{-value:.2f}", f"{-proven:.2f}", f"{took:.1f}")
    return (model.size["rows"], *figures, info.mip_node_count)


def main() -> None:
    """Print a row per instance and way."""
    print("| instance | way | rows | bound without whole numbers | s | best | proven | s | nodes |")  # noqa: T201
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")  # noqa: T201
    for name, situation in situations():
        ways = {link: build(situation, None, link).linear for link in PRESENCE_LINKS}
        if situation.horizon > 1:
            ways[WAYS[1]] = in_way(build(situation), WAYS[1])
        for way, model in ways.items():
            print("|", " | ".join(map(str, (name, f"`{way}`", *measured(model)))), "|", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
