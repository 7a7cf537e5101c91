"""From the rows of a plan to its facts. Rows that name nothing known become violations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.case import Case, Post
from optimizer.plan.facts import Facts, Key
from optimizer.plan.services import Floats, services_of
from optimizer.plan.violation import Violation

Rows = pd.DataFrame | Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True)
class Decisions:
    """What a plan decides, row by row in the planner's words; everything else follows from it.

    `assignments`: pledge, requirement, period, units; further columns are not read. `leads`: nation, mission, area, leads, and (where
    terms differ) lead_terms such as `1;3`. `instruments`: instrument and used (missing: every instrument listed is used). `flows`: origin,
    destination, mode, destination_area, period, tonnes; None: nothing is said of them. `starts`: tours started, as a search says (pledge,
    requirement, period, units); they are held against those that follow from presence. `funding`: fund, nation, amount; None: funds pay nothing.
    """

    assignments: Rows
    leads: Rows = None
    instruments: Rows = None
    flows: Rows = None
    starts: Rows = None
    funding: Rows = None


def records(rows: Rows, columns: Sequence[str], optional: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
    """The columns named, of each row, as plain Python values."""
    frame = pd.DataFrame() if rows is None else rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if not len(frame):
        return []
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ValueError(f"The rows lack the column {', '.join(missing)}.")
    optional = optional or {}
    cells = [frame[column].tolist() for column in columns]
    cells += [frame[c].tolist() if c in frame else [blank] * len(frame) for c, blank in optional.items()]
    return list(zip(*cells, strict=True))


def _as_number(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _is_true(cell: object) -> bool:
    return cell is True or str(cell).strip().lower() in {"true", "1", "1.0", "yes"}


def gather(case: Case, decisions: Decisions, baseline: Rows = None) -> Facts:
    """Index the rows of a plan. Rows that name nothing known, or no whole number of units, become violations."""
    broken: list[Violation] = []
    presence = _presence(case, decisions.assignments, broken)
    pairs = sorted({(pledge, line) for pledge, line, _ in presence}, key=_order(case))
    units = np.zeros((len(pairs), case.periods))
    number = {pair: index for index, pair in enumerate(pairs)}
    for (pledge, line, period), amount in presence.items():
        units[number[pledge, line], period - 1] = amount
    services = services_of(case, pairs)
    starts, ends, cut = _tours(case, pairs, units)
    broken += cut
    old = _earlier(baseline, broken)
    amounts = _amounts(case, decisions.funding, broken)
    return Facts(
        case=case,
        services=services,
        units=units,
        starts=starts,
        ends=ends,
        used=_used(case, decisions.instruments, broken),
        leads=_leads(case, decisions.leads, broken),
        given_flows=None if decisions.flows is None else _flows(case, decisions.flows, broken),
        baseline=None if baseline is None else {(p, r, t): x for p, r, t, x, _ in old},
        baseline_nations={p: str(n) for p, _, _, _, n in old},
        row_violations=tuple(broken),
        amounts=amounts,
    )


SERVICE = ("pledge", "requirement", "period", "units")


def _earlier(baseline: Rows, broken: list[Violation]) -> list[tuple[str, str, int, float, object]]:
    """The rows of the baseline; they may name what the instance does not know any more."""
    found = []
    for pledge, line, when, cell, nation in records(baseline, SERVICE, {"nation": ""}):
        period, units = _as_number(when), _as_number(cell)
        if not period.is_integer() or not math.isfinite(units):
            message = f"The baseline has {cell} units of {pledge} on {line} in period {when}."
            broken.append(Violation("row", str(pledge), str(line), None, None, None, message))
            continue
        found.append((str(pledge), str(line), int(period), units, nation))
    return found


def _order(case: Case) -> Any:
    pledges = {name: index for index, name in enumerate(case.pledges)}
    lines = {name: index for index, name in enumerate(case.lines)}
    return lambda pair: (pledges[pair[0]], lines[pair[1]])


def _presence(case: Case, assignments: Rows, broken: list[Violation]) -> dict[Key, float]:
    presence: dict[Key, float] = {}
    for pledge, line, when, cell in records(assignments, SERVICE):
        pledge, line, period, units = str(pledge), str(line), _as_number(when), _as_number(cell)

        def reject(
            message: str,
            limit: float | None = None,
            period: float = period,
            name: str = pledge,
            place: str = line,
            units: float = units,
        ) -> None:
            at = int(period) if math.isfinite(period) else None
            broken.append(Violation("row", name, place, at, units, limit, message))

        if pledge not in case.pledges:
            reject(f"There is no pledge {pledge!r}.")
        elif line not in case.lines:
            reject(f"There is no requirement {line!r}.")
        elif not period.is_integer() or not 1 <= period <= case.periods:
            reject(f"{pledge} on {line}: there is no period {when}; periods are 1 to {case.periods}.")
        elif not math.isfinite(units) or units < 0:
            reject(f"{pledge} on {line}: {cell} is not a number of units.", 0.0)
        elif (pledge, line, int(period)) in presence:
            reject(f"{pledge} on {line} is listed twice.")
        else:
            whole = round(units)
            if abs(units - whole) > 1e-6:
                reject(f"{pledge} on {line}: {units:g} is not a whole number of units.", float(whole))
                presence[pledge, line, int(period)] = units
            elif whole:
                presence[pledge, line, int(period)] = float(whole)
    return presence


def _tours(case: Case, pairs: Sequence[tuple[str, str]], units: Floats) -> tuple[Floats, Floats, list[Violation]]:
    """Moves out and moves home per service and period, and the tours that end too early.

    With tours of fixed length the starts follow from presence: whoever is there and is not on a tour that still runs, has started.
    """
    before = np.concatenate([np.zeros((len(pairs), 1)), units[:, :-1]], axis=1)
    starts, ends = np.maximum(units - before, 0.0), np.maximum(before - units, 0.0)
    cut: list[Violation] = []
    for index, (name, line) in enumerate(pairs):
        tour = case.pledges[name].tour
        if tour is None:
            continue
        starts[index], ends[index] = 0.0, 0.0
        running: list[list[float]] = []  # [first period at home, units], oldest first
        present = units[index].tolist()
        for t, there in enumerate(present):
            if running and running[0][0] <= t:
                ends[index, t] = sum(group[1] for group in running if group[0] == t)
                running = [group for group in running if group[0] > t]
            out = sum(group[1] for group in running)
            if there < out - 1e-6:
                missing = out - there
                message = (
                    f"{name} on {line}: {missing:g} of {out:g} units leave before their tour of {tour} periods is over."
                )
                cut.append(Violation("tour", name, line, t + 1, there, out, message, f"pledges/{name}.tour"))
                for group in running:
                    gone = min(missing, group[1])
                    group[1] -= gone
                    missing -= gone
                    ends[index, t] += gone
            elif there > out:
                starts[index, t] = there - out
                running.append([t + tour, there - out])
    return starts, ends, cut


def _used(case: Case, instruments: Rows, broken: list[Violation]) -> frozenset[str]:
    used = set()
    for name, used_cell in records(instruments, ("instrument",), {"used": True}):
        if str(name) not in case.instruments:
            broken.append(Violation("row", str(name), str(name), None, None, None, f"There is no instrument {name!r}."))
        elif _is_true(used_cell):
            used.add(str(name))
    return frozenset(used)


def _leads(case: Case, leads: Rows, broken: list[Violation]) -> dict[tuple[str, Post], frozenset[int] | None]:
    found: dict[tuple[str, Post], frozenset[int] | None] = {}
    columns = ("nation", "mission", "area", "leads")
    for nation, mission, area, cell, terms in records(leads, columns, {"lead_terms": ""}):
        if not _is_true(cell):
            continue
        nation, post = str(nation), (str(mission), str(area))
        if nation not in case.nations or post not in case.posts:
            message = f"{nation} is named as lead of {post[0]} in {post[1]}: there is no such nation or post."
            broken.append(Violation("row", nation, f"{post[0]} in {post[1]}", None, None, None, message))
            continue
        words = [] if terms is None or pd.isna(terms) else str(terms).removesuffix(".0").split(";")
        numbers = [word.strip() for word in words if word.strip()]
        if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in numbers):
            message = f"{nation} is named as lead of {post[0]} in {post[1]}, but {terms} is no list of terms."
            broken.append(Violation("row", nation, f"{post[0]} in {post[1]}", None, None, None, message))
            continue
        found[nation, post] = frozenset(map(int, numbers)) or None
    return found


def _flows(case: Case, flows: Rows, broken: list[Violation]) -> dict[tuple[tuple[str, str, str], str, int], float]:
    routes = {route.key for route in case.routes}
    found: dict[tuple[tuple[str, str, str], str, int], float] = {}
    columns = ("origin", "destination", "mode", "destination_area", "period", "tonnes")
    for origin, destination, mode, area, when, cell in records(flows, columns):
        key = (str(origin), str(destination), "" if mode is None or pd.isna(mode) else str(mode))
        place = f"{key[0]} to {key[1]}" + (f" by {key[2]}" if key[2] else "")
        period, tonnes = _as_number(when), _as_number(cell)
        message = None
        if key not in routes:
            message = f"There is no route {place}."
        elif not period.is_integer() or not 1 <= period <= case.periods:
            message = f"There is no period {when}."
        elif not math.isfinite(tonnes):
            message = f"{cell} is no number of tonnes on {place}."
        elif tonnes:
            at = (key, str(area), int(period))
            found[at] = found.get(at, 0.0) + tonnes
        if message:
            number = int(period) if math.isfinite(period) else None
            broken.append(Violation("row", place, str(area), number, tonnes, None, message))
    return found


def _amounts(case: Case, funding: Rows, broken: list[Violation]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for fund, nation, cell in records(funding, ("fund", "nation", "amount")):
        fund, nation, amount = str(fund), str(nation), _as_number(cell)
        message = None
        if fund not in case.funds:
            message = f"There is no fund {fund!r}."
        elif nation not in case.nations:
            message = f"{fund} pays to {nation!r}: there is no such nation."
        elif not math.isfinite(amount):
            message = f"{cell} is no amount that {fund} pays to {nation}."
        elif amount:
            found[fund, nation] = found.get((fund, nation), 0.0) + amount
        if message:
            broken.append(
                Violation("row", fund, nation, None, amount if math.isfinite(amount) else None, None, message)
            )
    return dict(sorted(found.items()))
