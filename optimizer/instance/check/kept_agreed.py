"""What is agreed and cannot be, as one row of `agreed` shows; what several rows together ask for is left to the search."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.admissible import NO_YIELD, longest_run, periods_of, window_mask
from optimizer.instance.check.kept import Fault, RuleCell, Verdict, joined
from optimizer.instance.check.scene import Scene
from optimizer.instance.instance import Row
from optimizer.instance.situation import Pledge
from optimizer.instance.wording import counted


def agreed(scene: Scene) -> Iterator[Verdict]:
    """The pledge can serve there in every period, with so many units."""
    situation = scene.situation
    for row in scene.rows("agreed"):
        periods = window_mask(row, situation.horizon) & situation.tables.when(row["condition"])
        if periods and row["units"]:
            key = joined((row["pledge"], row["requirement"], row["from"]))
            missing = periods & ~situation.admissible.services.get((row["pledge"], row["requirement"]), 0)
            fault = _unservable(scene, row, missing) if missing else None
            yield RuleCell("agreed-unservable", "agreed", key, "requirement"), fault
            pledge = situation.pledges.get(row["pledge"])
            if pledge is not None and not missing:
                fault = _too_many(row, pledge)
                yield RuleCell("agreed-above-quantity", "agreed", key, "units"), fault
                fault = None if fault is not None else _above_rotation(row, pledge, periods)
                yield RuleCell("agreed-above-rotation", "agreed", key, "units"), fault


def _unservable(scene: Scene, row: Row, missing: int) -> Fault:
    """No unit of the pledge can be there in some periods, for the rules that are named."""
    period, admissible = periods_of(missing)[0], scene.situation.admissible
    reasons = admissible.reasons(row["pledge"], row["requirement"], period)
    why = "refused by " + ", ".join(reasons)
    if not reasons or NO_YIELD in reasons:
        why = "units of its kind deliver nothing that is asked for there"
    return Fault(
        f"{_what(row)}, but in period {period} it cannot serve there: {why}.",
        "Correct the window or the names, or remove what stands against it.",
        no_plan=True,
    )


def _too_many(row: Row, pledge: Pledge) -> Fault | None:
    if row["units"] <= pledge.available:
        return None
    held = "" if pledge.available == pledge.quantity else f", and rotation keeps at most {pledge.available} out"
    return Fault(
        f"{_what(row)}, but the pledge has only {pledge.quantity}{held}.",
        "Lower the units, or raise the quantity.",
        no_plan=True,
    )


def _above_rotation(row: Row, pledge: Pledge, periods: int) -> Fault | None:
    """Tours and rest leave too few units in some of the periods, or for so many in a row."""
    if pledge.tour is None:
        return None
    cycle = pledge.tour + pledge.dwell
    remedy = "Lower the units, shorten the window, or raise the quantity."
    first = periods_of(periods)[0]
    if first < cycle and row["units"] > pledge.quantity - pledge.deployed_at_start:
        away = f"{pledge.deployed_at_start} of the {pledge.quantity} pledged are still out or at rest from before the start"
        message = f"{_what(row)}, but in period {first} {away}."
        return Fault(message, remedy, no_plan=True)
    # In so many periods in a row, tours that do not overlap follow each other within one cycle of tour and rest.
    reliefs = min(cycle // pledge.tour, -(-longest_run(periods) // pledge.tour))
    needed = reliefs * row["units"]
    if needed > pledge.quantity:
        rhythm = f"a tour of {pledge.tour} and a rest of {pledge.dwell}"
        message = f"{_what(row)}, which with {rhythm} takes at least {needed} units; the pledge has {pledge.quantity}."
        return Fault(message, remedy, no_plan=True)
    return None


def _what(row: Row) -> str:
    bound = "at least " if row["kind"] == "at_least" else ""
    return f"{row['pledge']!r} is agreed on {row['requirement']!r} with {bound}{counted(row['units'], 'unit')}"
