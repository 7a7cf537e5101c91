"""What searches have proven, said of a plan that none of them ended with: which of their bounds still stand beside it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from optimizer.extraction import versions
from optimizer.instance.instance import Aim
from optimizer.plan.aims import AimValue
from optimizer.plan.plan import Ending, Plan, aim_table
from optimizer.plan.proof import gap_of, missed, room
from optimizer.solving.highs.lp import versions as solver_versions
from optimizer.solving.solution import SolverFailed
from optimizer.studies.order import EQUAL, Standing, best_of, in_order, standing
from optimizer.studies.pooled import Tried
from optimizer.studies.record import Record

_ROUNDING: Final = 1e-9
KNOWN: Final = "The plan was known before: the search found none that is better."
"""What is said of a plan that a search did not beat."""
DENIED: Final = "the search says that there is no plan, but one that keeps all rules is known; please report this"


class DeniedPlan(SolverFailed):
    """A search says that there is no plan, and one that keeps all rules is known: one of the two is wrong, so nothing is claimed."""

    def __init__(self) -> None:
        super().__init__(DENIED)


def deny_none(known: Tried | None) -> None:
    """After a search that says that there is no plan.

    Raises:
        DeniedPlan: one was known.
    """
    if known is not None:
        raise DeniedPlan


def is_denied(record: Record) -> bool:
    """Whether a run failed because its search denied a plan that is known."""
    return DENIED in str(record.outcome.get("reason", ""))


@dataclass(frozen=True)
class Search:
    """What a search ended with: value, bound and gap per aim, in order of solution (None where unknown)."""

    aims: tuple[AimValue, ...]
    bounds: tuple[float | None, ...]
    gaps: tuple[float | None, ...]

    @staticmethod
    def of(aims: Sequence[Aim], rows: Iterable[Mapping[str, Any]]) -> Search:
        """From rows with value, bound and gap, which are in order of solution."""
        cells = [tuple(_known(row.get(name)) for name in ("value", "bound", "gap")) for row in rows]
        values = tuple(AimValue(aim, value) for aim, (value, _, _) in zip(in_order(aims), cells, strict=True))
        return Search(values, tuple(bound for _, bound, _ in cells), tuple(gap for _, _, gap in cells))

    @staticmethod
    def of_outcome(aims: Sequence[Aim], outcome: Mapping[str, Any]) -> Search:
        """From the outcome of a run. Where two aims have one name, it does not say which is meant, and nothing is known."""
        names = [aim.name for aim in in_order(aims)]
        known = outcome if len(set(names)) == len(names) else {}
        rows = [{"value": known.get(n), "bound": known.get(f"{n}_bound"), "gap": known.get(f"{n}_gap")} for n in names]
        return Search.of(aims, rows)


def _known(number: Any) -> float | None:
    return None if number is None or not math.isfinite(float(number)) else float(number)


def carried(now: Sequence[AimValue], searches: Sequence[Search], asked: float) -> tuple[list[dict[str, Any]], bool]:
    """The rows of the aims of a plan (name, priority, value, bound, gap), and whether it is proven within the gap asked for.

    A bound of the first aim holds for every plan. One of a later aim holds beside what the search had reached in the earlier ones: it
    stands where the plan has no less there. A bound that the plan itself beats is nobody's.
    """
    rows: list[dict[str, Any]] = []
    proven, scores = True, standing(now)
    numbered = itertools.groupby(enumerate(now), key=lambda one: one[1].aim.priority)
    for level, (_, group) in enumerate(numbered):
        members = list(group)
        good = [search for search in searches if level == 0 or _kept(search, scores, level)]
        most = asked + max(item.aim.tolerance for _, item in members) + _ROUNDING
        if len(members) > 1:
            gap = _gap_of_level(members, good, scores[level].value, level)
            found: list[tuple[float | None, float | None]] = [(None, gap)] * len(members)
        else:
            place, item = members[0]
            found = [_of_aim(item, place, good)]
        for (_, item), (bound, gap) in zip(members, found, strict=True):
            rows.append(
                {"name": item.aim.name, "priority": item.aim.priority, "value": item.value, "bound": bound, "gap": gap}
            )
            proven = proven and gap is not None and gap <= most
    return rows, proven


def with_proofs(known: Tried, searches: Sequence[Search], gap: float, ended: Plan | None = None) -> Plan:
    """A plan that was known, with what searches have proven of it within the gap asked for; `ended`: the plan that the last of them ended with."""
    rows, proven = carried(known.evaluation.aims, searches, gap)
    termination = "optimal" if proven else "feasible"
    if ended is None:
        return known.plan(Ending(termination, rows, versions=_versions(), options={"gap": gap}))
    if ended.termination in {"interrupted", "crashed"} and not proven:
        termination = ended.termination
    more = {name: getattr(ended, name) for name in ("timings", "versions", "options", "seed", "events", "log")}
    more["events"] = (*ended.events, KNOWN)
    return known.plan(Ending(termination, rows, **more))


def better_of(plan: Plan, known: Sequence[Tried], searches: Sequence[Search], gap: float) -> Plan:
    """What a search ended with, or the best of all with the plans that were known before; with all that is proven of it.

    With tolerances, the best of several is not always the better one of two of them: so all that keep the rules count.

    Raises:
        DeniedPlan: the search says that there is no plan, and one was known.
    """
    if plan.termination == "infeasible":
        deny_none(next(iter(known), None))
    found = Search.of(plan.instance.header.aims, _records(plan)) if plan.has_plan else None
    standings = [standing(found.aims)] if found is not None else []
    best = best_of([*standings, *(one.standing for one in known)])
    if best is None:
        return plan
    if found is not None and best == 0:
        if not searches:
            return plan
        rows, proven = carried(found.aims, [found, *searches], gap)
        return replace(plan, aims=aim_table(rows), termination="optimal" if proven else plan.termination)
    return with_proofs(known[best - len(standings)], [*([] if found is None else [found]), *searches], gap, plan)


def _records(plan: Plan) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in plan.aims.to_dict("records")]


def _versions() -> dict[str, str]:
    return {**solver_versions(), **versions()}


def _of_aim(item: AimValue, place: int, searches: Sequence[Search]) -> tuple[float | None, float | None]:
    """Bound and gap of an aim that is alone on its level."""
    value = item.value
    if value is None:
        return None, None
    known = [bound for search in searches if (bound := search.bounds[place]) is not None]
    known = [bound for bound in known if missed(value, bound, item.maximise) >= -room(value)]
    if not known:
        # Where the level counts nothing, it has a gap and no bound.
        same = [gap for search in searches if (gap := search.gaps[place]) == 0.0 and search.aims[place].value == value]
        return None, min(same, default=None)
    bound = min(known) if item.maximise else max(known)
    if missed(value, bound, item.maximise) <= 0:
        bound = value
    return bound, gap_of(value, bound, item.maximise)


def _gap_of_level(
    members: Sequence[tuple[int, AimValue]], searches: Sequence[Search], score: float, level: int
) -> float | None:
    """The gap of aims that share a level: their search says how far its own plan was from the bound."""
    gaps = []
    for search in searches:
        gap = search.gaps[members[0][0]]
        if gap is None or any(search.aims[place].value is None for place, _ in members):
            continue
        own = standing(search.aims)[level].value
        short = own + gap * abs(own) - score
        if any(item.aim.tolerance for _, item in members) and abs(own - score) > EQUAL * max(1.0, abs(score)):
            continue
        if short >= -room(score):
            gaps.append(gap_of(score, max(score, score + short), maximise=True))
    return min((gap for gap in gaps if gap is not None), default=None)


def _kept(search: Search, scores: Standing, level: int) -> bool:
    """Whether a plan has, in all levels before one, no less than the search had reached."""
    earlier = {aim.aim.priority for aim in search.aims}
    first = sorted(earlier)[:level]
    if any(item.value is None for item in search.aims if item.aim.priority in first):
        return False
    own = standing(search.aims)
    return all(
        scores[index].value >= own[index].value - _ROUNDING * max(1.0, abs(own[index].value)) for index in range(level)
    )
