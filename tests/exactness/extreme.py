"""Random tiny instances with one number that is a thousand to 1e12 times too large or too small, held against every plan.

Such a number is a finding on its cell, or it is answered as exactly as any other: never refused by the solver, never a plan
that the verifier does not accept, and nothing lost. By hand: python -m tests.exactness.extreme FIRST LAST.
"""

from __future__ import annotations

import collections
import copy
import itertools
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from optimizer.instance.attributes import TABLES
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from tests.exactness.compare import compare_case
from tests.oracle.brute import Outcome, Row, Tables, TooLarge, best
from tests.oracle.random_instances import FAMILIES, tiny_with_outcomes

MOST_PLANS = 300
EACH = 12
"""Cells that are changed, one at a time, in each instance."""
MOST_UNITS = 1_000
"""Of a pledge; with more, the oracle does not begin to count."""
POWERS = (-12, -9, -6, -5, -4, -3, 3, 4, 5, 6, 8, 9, 10, 11, 12)


@dataclass(frozen=True)
class Verdict:
    """What became of a case: `kind` is one of refused, same, infeasible, uncounted (too many plans to hold it against) or wrong."""

    seed: int
    cell: str
    kind: str
    text: str = ""

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.cell}: {self.kind}; {self.text}"


@lru_cache(1)
def _base(seed: int) -> tuple[Tables, Row, list[Row] | None, dict[str | None, Outcome]]:
    for attempt in itertools.count():
        drawn = tiny_with_outcomes(1_000 * seed + attempt, FAMILIES, MOST_PLANS)
        if any(outcome.example for outcome in drawn[3].values()):
            return drawn
    raise AssertionError("unreachable")


def numbers(tables: Tables) -> list[tuple[str, int, str]]:
    """Table, row and column of every number that is not zero."""
    return [
        (name, index, column)
        for name, rows in tables.items()
        for index, row in enumerate(rows)
        for column, value in row.items()
        if column in TABLES[name].by_name
        and TABLES[name].by_name[column].kind in {"number", "integer"}
        and not isinstance(value, bool)
        and value
    ]


def changed(seed: int) -> tuple[Tables, Row, list[Row] | None, str]:
    """The tables, header and baseline of a case, and the cell with its new value."""
    tables, header, baseline, _ = _base(seed // EACH)
    tables, rng = copy.deepcopy(tables), Random(f"extreme/{seed}")
    name, index, column = rng.choice(numbers(tables))
    factor = 10.0 ** rng.choice(POWERS)
    value = tables[name][index][column] * factor
    tables[name][index][column] = max(1, round(value)) if TABLES[name].by_name[column].kind == "integer" else value
    return tables, header, baseline, f"{name}[{index}].{column} = {tables[name][index][column]:g}"


def verdict(seed: int) -> Verdict:
    """Solve one scenario of a case in this process and hold the answer against every plan."""
    tables, header, baseline, cell = changed(seed)
    scenarios = [name for name, outcome in _base(seed // EACH)[3].items() if outcome.example]
    scenario = scenarios[seed % len(scenarios)]
    try:
        Instance.from_tables(tables, header=header, impossible=True)
    except InvalidInstance as error:
        return Verdict(seed, cell, "refused", f"InvalidInstance: {error}")
    counted = True
    try:
        if any(row["quantity"] > MOST_UNITS for row in tables["pledges"]):
            raise TooLarge  # noqa: TRY301
        outcome = best(tables, header, scenario, baseline, cap=MOST_PLANS)
    except TooLarge:
        counted, outcome = False, Outcome(feasible=True)
    found = compare_case(tables, header, baseline, scenario, outcome, seed=seed)
    text = "; ".join(found.differences)
    if text.startswith("InvalidInstance"):
        return Verdict(seed, cell, "refused", text)
    if not counted:
        text = "; ".join(one for one in found.differences if "Failed" in one or "Rejected" in one or "Error" in one)
        return Verdict(seed, cell, "wrong" if text else "uncounted", text)
    return Verdict(seed, cell, "wrong" if text else "same" if found.feasible else "infeasible", text)


def main() -> None:
    """Judge consecutive seeds and print what is wrong."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    begun, kinds = time.monotonic(), collections.Counter[str]()
    for seed in range(first, last):
        one = verdict(seed)
        kinds[one.kind] += 1
        if one.kind == "wrong":
            print(one, flush=True)  # noqa: T201
    print(first, last, dict(kinds), f"{time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
