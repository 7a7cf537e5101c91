"""Which case is known to be at least as loose as which: every plan of the tighter one keeps its rules, and is worth no less by the first aim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from optimizer.instance.scenario import row_key
from optimizer.studies.tightening import Ladder, Profile, is_tighter, profile
from publications.paris.cases import Case, shipped, variant_of

LOOSER: Final[Mapping[tuple[str, str], int]] = {
    ("areas", "lift_capacity"): 1,
    ("areas", "sustainment_capacity"): 1,
    ("deployment_costs", "cost"): -1,
    ("limits", "maximum"): 1,
    ("missions", "continuity"): -1,
    ("nations", "max_personnel"): 1,
    ("pledges", "dwell"): -1,
    ("posts", "min_nations"): -1,
    ("routes", "capacity"): 1,
    ("unit_types", "cost"): -1,
}
"""Cells of which more (1) or less (-1) only ever allows more plans, none worth less in the first aim."""


def loosens(tight: Case, loose: Case) -> bool:
    """Whether a case is known to be at least as loose as another; False: not known."""
    return _as_asked(tight, loose) or is_tighter(profile_of(tight), profile_of(loose))


def looser_than(cases: Sequence[Case]) -> list[list[int]]:
    """For each case the places of the others that are known to be at least as loose."""
    ladder = Ladder([profile_of(case) for case in cases])
    return [
        sorted(
            {*ladder.looser(place), *(at for at, loose in enumerate(cases) if at != place and _as_asked(one, loose))}
        )
        for place, one in enumerate(cases)
    ]


@lru_cache(maxsize=1024)
def profile_of(case: Case) -> Profile:
    """What a case is compared by; the bound of the first aim holds whatever aims come after it."""
    variant = variant_of(replace(case, every_aim=False))
    return profile(variant.instance, variant.scenario)


def _as_asked(tight: Case, loose: Case) -> bool:
    """Whether this follows from what is asked: more rules lifted, or cells alone of which it is known that they loosen that way."""
    parts = [(case.instance, case.scenario, case.conceded, case.absent) for case in (tight, loose)]
    if parts[0] != parts[1]:
        return False
    if tight.cells == loose.cells:
        return set(tight.lifted) <= set(loose.lifted)
    return tight.lifted == loose.lifted and tight.scenario is None and _by_cells(tight, loose)


def _by_cells(tight: Case, loose: Case) -> bool:
    before, after = (dict(cell.rsplit("=", 1) for cell in case.cells) for case in (tight, loose))
    for cell in {*before, *after}:
        table, column = cell.partition(".")[0], cell.rpartition(".")[2]
        sign = LOOSER.get((table, column))
        if sign is None:
            return False
        key = cell.removeprefix(f"{table}.").removesuffix(f".{column}")
        there = _rows(tight.instance, table)[key].get(column)
        ends = [_as_number(values.get(cell, there)) for values in (before, after)]
        if ends[0] is None or ends[1] is None or sign * (ends[1] - ends[0]) < 0:
            return False
    return True


@lru_cache(maxsize=64)
def _rows(instance: str, table: str) -> dict[str, Mapping[str, Any]]:
    return {row_key(table, row): row for row in shipped(instance).rows(table)}


def _as_number(content: object) -> float | None:
    if content is None:
        return None
    words = {"true": 1.0, "false": 0.0}
    return words[str(content).lower()] if str(content).lower() in words else float(str(content))
