"""A campaign by hand: python -m tests.exactness.campaign FAMILIES FIRST LAST, with families as in one+two, `one` or `all`."""

from __future__ import annotations

import collections
import sys
import time

from tests.exactness.compare import compare
from tests.oracle.random_instances import FAMILIES, PART_ONE


def main() -> None:
    """Compare every seed and print what differs."""
    families, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chosen = {"one": PART_ONE, "all": FAMILIES}.get(families) or frozenset(families.split("+"))
    link = sys.argv[4] if len(sys.argv) > 4 else "per_pledge"
    kinds: collections.Counter[str] = collections.Counter()
    begun = time.monotonic()
    for seed in range(first, last):
        found = compare(seed, chosen, link)
        kind = "different" if found.differences else "same" if found.feasible else "same, infeasible"
        kinds[kind] += 1
        if found.differences:
            print(found, flush=True)  # noqa: T201
    print(families, first, last, dict(kinds), f"{time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
