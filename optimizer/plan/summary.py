"""A plan on one screen, in a planner's words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from optimizer.plan.tightness import by_tightness

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

MOST_ROWS: Final = 5
"""Rows of each list; the tables of the plan hold all."""

_AIM_UNITS: Final = {
    "coverage": "%",
    "personnel": "personnel-periods",
    "escalation": "points",
    "changes": "unit-periods",
}

FULL: Final = 1e-9
"""What is missing of a full figure, relative to it, that is only rounding."""
FULL_AT: Final = {"coverage": 100.0, "weakest_mission": 1.0}
"""The value at which an aim is met in full."""
PROVEN: Final = 1e-6
"""A gap up to this is none."""


def plain(text: object, width: int = 48) -> str:
    """A name as it is safe to print: no control characters or marks that turn the reading direction, not over-long."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(text))
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def short_of(value: float, full: float, digits: int) -> float:
    """A figure with so many decimals that stays below what is full, as long as something is open: 99.9976 of 100 is 99.99, not 100."""
    if not full * (1 - 10.0**-digits) < value < full * (1 - FULL):
        return value
    return math.floor(value * 10.0**digits) / 10.0**digits


def number(value: float | None, full: float | None = None) -> str:
    """A figure with as many digits as a reader needs; never rounded up to what is full."""
    if value is None or math.isnan(value):
        return "unknown"
    if full is not None and short_of(value, full, 2) != value:
        return f"{short_of(value, full, 2):,.2f}"
    if abs(value - round(value)) < 5e-7 * max(1.0, abs(value)):
        return f"{round(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4g}"


def percent(share: float) -> str:
    """A share in percent; 100 % only where nothing is open."""
    if 0 < abs(share) < 5e-5:
        return "less than 0.01 %"
    return f"{short_of(100 * share, 100.0, 2):.2f} %".replace(".00 %", " %")


def at_most(gap: float) -> str:
    """A relative gap in percent, rounded up: 0.00093 is 0.1 %."""
    value = 100 * gap
    places = max(1, -math.floor(math.log10(value)))
    rounded = math.ceil(value * 10.0**places - 1e-9) / 10.0**places
    return f"{rounded:.{places}f}".rstrip("0").rstrip(".") + " %"


def open_gap(plan: Plan) -> tuple[str, float] | None:
    """The first aim that is not proven best and how far it may be from the best (not a number: nobody knows); None where all are."""
    for name, gap in zip(plan.aims["name"], plan.aims["gap"], strict=True):
        if math.isnan(gap) or gap > PROVEN:
            return str(name), float(gap)
    return None


def verdict(plan: Plan) -> str:
    """How the search ended, in one sentence."""
    if plan.termination == "optimal":
        return (
            f"Optimal: proven that the plan keeps every rule{_within(plan)}, as near as was asked for."
            if _within(plan)
            else "Optimal: proven that no plan that keeps the rules is better (by more than the gap shown)."
        )
    if plan.termination == "infeasible":
        return "Infeasible: the rules contradict each other; no plan keeps them all."
    if plan.termination == "none_found":
        return "Nothing found in time: no plan was found before a limit stopped the search. There may be one."
    found = (
        f"the best plan found until then keeps every rule{_within(plan)}."
        if plan.has_plan
        else "no plan had been found."
    )
    if plan.termination == "interrupted":
        return f"Interrupted: {found}"
    if plan.termination == "crashed":
        return f"The solver broke down: {found}"
    return f"Feasible: the plan keeps every rule{_within(plan) or ', but how good it is has not been proven'}."


def _within(plan: Plan) -> str:
    """How far the first aim that is not proven best may be from the best."""
    found = open_gap(plan)
    return (
        ""
        if found is None or math.isnan(found[1])
        else f" and is within {at_most(found[1])} of the best possible ({found[0]})"
    )


def _table(rows: Iterable[Sequence[str]], indent: str = "  ") -> list[str]:
    listed = [list(row) for row in rows]
    if not listed:
        return []
    widths = [max(len(row[column]) for row in listed) for column in range(len(listed[0]))]
    return [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in listed
    ]


def summarise(plan: Plan) -> str:
    """The text of `Plan.summary`."""
    header = plan.instance.header
    scenario = "conditions as by default" if plan.scenario is None else f"scenario {plain(plan.scenario)}"
    lines = [f"{plain(header.title or header.name, 80)} ({scenario})", verdict(plan)]
    if plan.has_plan:
        lines += _aims(plan) + _missions(plan) + _gaps(plan) + _steadiness(plan) + _nations(plan)
        lines += _limits(plan) + _routes(plan)
    lines += [plain(line, 300) for line in plan.changes.lines()]
    lines += [plain(event, 300) for event in plan.events]
    return "\n".join(lines)


def _aims(plan: Plan) -> list[str]:
    rows = []
    for aim in plan.aims.to_dict("records"):
        unit = (
            f"million {plan.instance.header.currency}"
            if aim["name"] == "cost"
            else _AIM_UNITS.get(str(aim["name"]), "")
        )
        full = FULL_AT.get(str(aim["name"]))
        bound = "" if math.isnan(aim["bound"]) else f"best possible {number(aim['bound'], full)}"
        gap = "" if math.isnan(aim["gap"]) else f"gap {percent(aim['gap'])}"
        rows.append(
            (f"{aim['priority']}.", str(aim["name"]), f"{number(aim['value'], full)} {unit}".rstrip(), bound, gap)
        )
    return ["Aims, in order:", *_table(rows)]


def _missions(plan: Plan) -> list[str]:
    scored = [row for row in plan.missions.to_dict("records") if not math.isnan(row["score"])]
    rows = [(plain(row["mission"]), percent(row["score"]), f"weight {number(row['weight'])}") for row in scored]
    return ["Missions:", *_table(rows)] if rows else []


def _gaps(plan: Plan) -> list[str]:
    totals: dict[str, dict[Any, Any]] = {}
    for row in plan.requirements.to_dict("records"):
        line = totals.setdefault(row["requirement"], dict(row) | {"gap": 0.0, "target": 0.0, "periods": 0, "idle": 0})
        line["gap"] += row["gap"]
        line["target"] += row["target"]
        line["periods"] += 1
        line["idle"] += not row["mounted"]
    open_ = [line for line in totals.values() if line["gap"] > 1e-6 * max(1.0, line["target"])]
    if not totals:
        return []
    if not open_:
        return ["Every requirement is met in full."]
    open_.sort(key=lambda line: -line["gap"] / line["target"])
    rows = []
    for line in open_[:MOST_ROWS]:
        idle = f"not mounted in {line['idle']} of {line['periods']} periods" if line["idle"] else ""
        place = f"{plain(line['mission'])} in {plain(line['area'])}"
        rows.append((plain(line["requirement"]), f"{percent(line['gap'] / line['target'])} open", place, idle))
    return [f"Largest gaps ({len(open_)} of {len(totals)} requirements stay open):", *_table(rows)]


def _steadiness(plan: Plan) -> list[str]:
    from optimizer.plan.steadiness import sentence  # with pandas, which no help text should pay for

    header = plan.instance.header
    said = sentence(plan.steadiness, header.periods, header.months)
    return [said] if said else []


def _nations(plan: Plan) -> list[str]:
    serving = [row for row in plan.nations.to_dict("records") if row["takes_part"]]
    if not serving:
        return ["Nobody deploys."]
    serving.sort(key=lambda row: (-row["personnel"], -row["cost"]))
    rows = []
    for row in serving[:MOST_ROWS]:
        units = f"{row['peak_units']} unit{'s' * (row['peak_units'] != 1)} and {number(row['peak_personnel'])} personnel at most"
        posts = f"{row['posts']} post{'s' * (row['posts'] != 1)}"
        cost = f"cost {number(row['cost'])}"
        share = "" if math.isnan(row["ratio"]) else f"{number(row['ratio'])} × its fair share"
        rows.append((plain(row["nation"]), units, posts, cost, share))
    return [f"Nations that bring most ({len(serving)} take part):", *_table(rows)]


def _limits(plan: Plan) -> list[str]:
    binding = plan.limits[plan.limits["binding"]]
    if not len(binding):
        return ["No limit binds."]
    ordered = by_tightness(binding.to_dict("records"))
    rows = []
    for name, uses in ordered[:MOST_ROWS]:
        most = max(uses, key=lambda row: row["used"])
        bound = most["maximum"] if not math.isnan(most["maximum"]) else most["minimum"]
        periods = "over the horizon" if most["per"] == "horizon" else f"in {len(uses)} period{'s' * (len(uses) != 1)}"
        rows.append((plain(name), f"{number(most['used'])} of {number(bound)} {most['measure']}", periods))
    return [f"Limits that bind (no further unit fits; {len(ordered)} in all, the tightest first):", *_table(rows)]


def _routes(plan: Plan) -> list[str]:
    full: dict[str, list[dict[Any, Any]]] = {}
    for row in plan.routes[plan.routes["binding"]].to_dict("records"):
        mode = f" by {row['mode']}" if row["mode"] else ""
        full.setdefault(plain(f"{row['origin']} to {row['destination']}{mode}"), []).append(row)
    if not full:
        return []
    rows = []
    for name, uses in sorted(full.items(), key=lambda item: -len(item[1]))[:MOST_ROWS]:
        most = max(uses, key=lambda row: row["tonnes"])
        periods = f"in {len(uses)} period{'s' * (len(uses) != 1)}"
        rows.append((name, f"{number(most['tonnes'])} of {number(most['capacity'])} t", periods))
    return [f"Bottlenecks (no further unit fits; {len(full)} in all):", *_table(rows)]
