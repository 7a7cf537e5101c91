"""Which case is known to be at least as loose as which: every plan of the tighter one keeps its rules, and is worth no less by the first aim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from optimizer.studies.tightening import Ladder, Profile, is_tighter, profile
from publications.paris.cases import Case, variant_of

LOOSER: Final[Mapping[tuple[str, str], int]] = {
    ("deployment_costs", "cost"): -1,
    ("missions", "continuity"): -1,
    ("pledges", "dwell"): -1,
    ("routes", "capacity"): 1,
    ("unit_types", "cost"): -1,
}
"""Cells of which more (1) or less (-1) only ever allows more plans, none worth less in the first aim; beside those of which studies know it."""


def loosens(tight: Case, loose: Case) -> bool:
    """Whether a case is known to be at least as loose as another; False: not known."""
    return _lifts_more(tight, loose) or is_tighter(profile_of(tight), profile_of(loose))


def looser_than(cases: Sequence[Case]) -> list[list[int]]:
    """For each case the places of the others that are known to be at least as loose."""
    ladder = Ladder([profile_of(case) for case in cases])
    return [
        sorted(
            {*ladder.looser(place), *(at for at, loose in enumerate(cases) if at != place and _lifts_more(one, loose))}
        )
        for place, one in enumerate(cases)
    ]


@lru_cache(maxsize=1024)
def profile_of(case: Case) -> Profile:
    """What a case is compared by; the bound of the first aim holds whatever aims come after it."""
    variant = variant_of(replace(case, every_aim=False))
    found = profile(variant.instance, variant.scenario)
    known = {cell: LOOSER[cell[0], cell[2]] for cell in found.fixed if (cell[0], cell[2]) in LOOSER}
    free = {cell: sign * float(found.fixed[cell]) for cell, sign in known.items() if found.fixed[cell] is not None}
    fixed = {cell: value for cell, value in found.fixed.items() if cell not in free}
    return replace(found, free={**found.free, **free}, fixed=fixed)


def _lifts_more(tight: Case, loose: Case) -> bool:
    """Whether two cases are asked alike, but that more rules are lifted in the second."""
    return set(tight.lifted) <= set(loose.lifted) and _but_lifted(tight) == _but_lifted(loose)


@lru_cache(maxsize=1024)
def _but_lifted(case: Case) -> Case:
    """What a case asks, but for the rules that it lifts."""
    return replace(case, name="", says="", seconds=0.0, lifted=(), every_aim=False)
