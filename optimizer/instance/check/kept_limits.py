"""Caps and floors that cannot be kept, or contradict each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from optimizer.instance.check.kept import ROUNDING, Fault, RuleCell, Verdict, cell_of
from optimizer.instance.check.scene import Scene
from optimizer.instance.situation import Limit, Pledge, at_home

COUNTED: Final = frozenset({"units", "personnel", "escalation", "sustainment", "lift"})
SHARES: Final = frozenset({"personnel_share", "cost_share", "units_share"})


def caps(scene: Scene) -> Iterator[Verdict]:
    """A cap that is above zero leaves room for one unit, and a budget for one unit and one period."""
    for limit in scene.situation.limits:
        if not limit.maximum or limit.measure not in COUNTED | {"cost"} or limit.source.startswith("participation/"):
            continue
        if limit.measure in {"lift", "cost"} and len(limit.periods) < scene.situation.horizon:
            continue  # whoever has moved there before may stay
        lightest = math.inf
        for pledge, lines in scene.selected(limit.selection):
            least = min(_cost(scene, pledge, line) for line in lines) if limit.measure == "cost" else None
            lightest = min(lightest, _amount(limit.measure, pledge) if least is None else least)
            if lightest <= limit.maximum:
                break
        if lightest == math.inf:
            continue
        fault = None
        if limit.maximum + ROUNDING < lightest:
            what = "budget" if limit.source.endswith("/budget") else "cap"
            fault = Fault(
                f"the {what} of {limit.maximum:g} is below the {limit.measure} of every unit that it counts (at least {lightest:g}): none can serve there.",
                "Raise it, check its unit, or forbid the service by a caveat.",
            )
        yield RuleCell("cap-below-unit", *cell_of(limit, "maximum")), fault


def _cost(scene: Scene, pledge: Pledge, line: str) -> float:
    """What one unit costs at least that serves on a line: its move and one period."""
    costs, where = scene.situation.costs, scene.situation.lines[line]
    return costs.presence(pledge, where) + costs.move(pledge, where)


def _amount(measure: str, pledge: Pledge) -> float:
    return 1.0 if measure == "units" else float(getattr(pledge, measure))


def floors(scene: Scene) -> Iterator[Verdict]:
    """A floor is not above all that could be there."""
    for limit in scene.situation.limits:
        if not limit.minimum or limit.measure not in COUNTED | {"nations", "posts"}:
            continue
        if limit.measure == "escalation" and limit.selection.is_everything:
            continue
        selected = list(scene.selected(limit.selection))
        if limit.measure == "nations":
            most = float(len({pledge.nation for pledge, _ in selected}))
        elif limit.measure == "posts":
            most = float(len({scene.situation.lines[line].post for _, lines in selected for line in lines}))
        else:
            most = math.fsum(_amount(limit.measure, pledge) * pledge.available for pledge, _ in selected)
            most *= len(limit.periods) if limit.per == "horizon" else 1
        fault = None
        if limit.minimum > most + ROUNDING * max(1.0, most):
            fault = Fault(
                f"the floor is {limit.minimum:g}, and all that could serve there make {most:g} {limit.measure}: no plan can keep it.",
                "Lower it, or check its selection, the pledges and the caveats.",
                no_plan=True,
            )
        yield RuleCell("floor-above-pledges", *cell_of(limit, "minimum")), fault


def reserves(scene: Scene) -> Iterator[Verdict]:
    """A floor on units at home and rested is not above what the selected pledges have in some period with nobody deployed."""
    situation = scene.situation
    for limit in situation.limits:
        if limit.measure != "ready" or not limit.minimum:
            continue
        chosen = [pledge for pledge in situation.pledges.values() if limit.selection.takes_pledge(pledge)]
        least, period = min((sum(at_home(pledge, t) for pledge in chosen), t) for t in limit.periods)
        fault = None
        if limit.minimum > least:
            fault = Fault(
                f"the floor is {limit.minimum:g}, and with nobody deployed {least} units of its selection are at home and rested "
                f"in period {period}: no plan can keep it.",
                "Lower it, or check its window, its selection and the pledges.",
                no_plan=True,
            )
        yield RuleCell("floor-above-pledges", *cell_of(limit, "minimum")), fault


def selections(scene: Scene) -> Iterator[Verdict]:
    """A limit selects some nation."""
    for limit in scene.situation.limits:
        fault = None
        if limit.selection.nations is not None and not limit.selection.nations:
            fault = Fault("its selectors leave no nation.", "Correct nation or group.")
        table, key, _ = cell_of(limit, "nation")
        if table in {"limits", "caveats"}:
            yield RuleCell("selects-nobody", table, key, "nation"), fault


def contradictions(scene: Scene) -> Iterator[Verdict]:
    """No floor is above a cap on the very same."""
    caps: dict[tuple[object, ...], Limit] = {}
    for limit in scene.situation.limits:
        same = (limit.measure, limit.per, limit.selection, limit.periods)
        if limit.maximum is not None and (same not in caps or limit.maximum < (caps[same].maximum or 0.0)):
            caps[same] = limit
    for limit in scene.situation.limits:
        cap = caps.get((limit.measure, limit.per, limit.selection, limit.periods))
        if limit.minimum is None or cap is None or cap.source == limit.source or cap.maximum is None:
            continue
        fault = None
        if limit.minimum > cap.maximum:
            # a share of nobody is none: with nobody deployed both are kept
            share = limit.measure in SHARES
            what = "nobody can deploy" if share else "no plan can keep both"
            fault = Fault(
                f"the floor {limit.minimum:g} is above the cap {cap.maximum:g} on the same selection ({cap.source}): {what}.",
                "Lower one, or raise the other.",
                no_plan=not share,
            )
        yield RuleCell("limits-contradict", *cell_of(limit, "minimum")), fault


def burden(scene: Scene) -> Iterator[Verdict]:
    """A limit on the burden gap is not below the least that there can be."""
    keys = {nation.name: nation.fair_share for nation in scene.situation.nations.values() if nation.fair_share}
    able = math.fsum(key for nation, key in keys.items() if scene.pledges_of.get(nation))
    for limit in scene.situation.limits:
        if limit.measure == "burden_gap" and limit.maximum is not None and able:
            least, fault = math.fsum(keys.values()) / able, None
            if limit.maximum < least - ROUNDING:
                fault = Fault(
                    f"whoever bears most bears at least {least:.4g} times its fair share, the limit is {limit.maximum:g}: none of them can deploy at a cost.",
                    "Raise it, or leave out the fair share of nations that can send nothing.",
                )
            yield RuleCell("burden-unreachable", "limits", limit.name, "maximum"), fault
