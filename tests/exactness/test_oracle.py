"""The whole corridor against every plan of random tiny instances."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oracle.brute import best
from tests.oracle.random_instances import FAMILIES, PART_ONE, PART_TWO

from .compare import compare, compare_case

pytestmark = pytest.mark.no_cover  # thousands of solves would be traced line by line
CASES = Path(__file__).parent / "cases"
CHUNK = 100
SLOW = 100_000


def check(first: int, families: frozenset[str], count: int = CHUNK) -> None:
    """Compare consecutive seeds and show everything that differs."""
    found = [compare(seed, families) for seed in range(first, first + count)]
    wrong = [one for one in found if one.differences]
    assert not wrong, "\n".join(map(str, wrong))
    assert sum(one.feasible for one in found) > count // 2


@pytest.mark.parametrize("first", range(0, 200, CHUNK))
def test_part_one(first: int) -> None:
    """Availability, coverage, limits, caveats, aims: the same feasibility, levels and aims, and a plan that verifies."""
    check(first, PART_ONE)


@pytest.mark.parametrize("first", range(0, 400, CHUNK))
def test_all_families(first: int) -> None:
    """All families, three of the later ones in each instance: the same feasibility, levels and aims, and a plan that verifies."""
    check(first, FAMILIES)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_found_before(path: Path) -> None:
    """Instances on which a campaign once found a mismatch; each file says what it was."""
    case = json.loads(path.read_text(encoding="utf-8"))
    tables, header, baseline, scenario = (case[name] for name in ("tables", "header", "baseline", "scenario"))
    outcome = best(tables, header, scenario, baseline)
    found = compare_case(tables, header, baseline, scenario, outcome)
    assert not found.differences, f"{case['why']}: {found}"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SLOW, SLOW + 5_000, CHUNK))
def test_part_one_long(first: int) -> None:
    """The long campaign over the families of part one."""
    check(first, PART_ONE)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SLOW, SLOW + 5_000, CHUNK))
def test_all_families_long(first: int) -> None:
    """The long campaign over all families together."""
    check(first, FAMILIES)


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(PART_TWO))
def test_each_family_alone(family: str) -> None:
    """Each later family with all the rules of part one."""
    check(SLOW, frozenset({*PART_ONE, family}), 300)
