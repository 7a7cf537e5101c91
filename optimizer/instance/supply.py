"""What could serve where in a scenario, from the tables alone: for the checks, and for the funnel from pledges to what is left of them."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from optimizer.instance.admissible import rotation_factor
from optimizer.instance.cells import split_words
from optimizer.instance.instance import Row
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.instance.selectors import Selector, parse_selector

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance

_SELECTORS = ("nation", "mission", "area", "unit_type", "tag", "capability")


def window_mask(row: Row, horizon: int) -> int:
    """The periods of a row's window as bits (bit 0 = period 1)."""
    first, last = row["from"] or 1, row["until"] or horizon
    return (1 << last) - (1 << first - 1) if last >= first else 0


def usable(pledge: Row, horizon: int) -> int:
    """Most units of a pledge that can be present at a time: all where there are tours, else what rotation leaves."""
    if pledge["tour"] is not None and horizon > 1:
        return int(pledge["quantity"])
    return int(pledge["quantity"] / rotation_factor(pledge))


def served(pledge: Row, open_: int, horizon: int) -> int:
    """Of the periods (bits) in which a pledge may serve on a line, those in which it can: with tours, whole tours must fit.

    A tour may run over the end of the horizon, and starts when a unit is there that is not still out, or resting, from before.
    """
    if pledge["tour"] is None or horizon <= 1:
        return open_
    tour, dwell = int(pledge["tour"]), int(pledge["dwell"] or 0)
    return _toured(open_, tour, tour + dwell if pledge["deployed_at_start"] >= pledge["quantity"] else 1, horizon)


@lru_cache(maxsize=4096)
def _toured(open_: int, tour: int, earliest: int, horizon: int) -> int:
    found = 0
    for start in range(earliest, horizon + 1):
        whole = (1 << min(start + tour - 1, horizon)) - (1 << start - 1)
        if whole & ~open_ == 0:
            found |= whole
    return found


def services(tables: ScenarioTables, horizon: int) -> dict[tuple[str, str], int]:
    """Periods (as bits) in which a pledge could serve on a line; pairs without any are absent.

    The pledge's condition holds, rotation leaves a unit, the period is in both windows, the type yields the line's capability, no caveat
    forbids it, and with tours a whole tour fits around it.
    """
    types = {row["unit_type"]: row for row in tables.rows("unit_types")}
    capabilities: dict[str, list[str]] = defaultdict(list)
    for row in tables.rows("yields"):
        if row["amount"] > 0:
            capabilities[row["unit_type"]].append(row["capability"])
    lines: dict[str, list[tuple[Row, int]]] = defaultdict(list)
    for row in tables.rows("requirements"):
        lines[row["capability"]].append((row, window_mask(row, horizon)))
    caveats = _caveats_in_force(tables, horizon)
    found = {}
    for pledge in tables.rows("pledges"):
        if usable(pledge, horizon) < 1 or not tables.holds(pledge["condition"]):
            continue
        own = window_mask(pledge, horizon)
        tags = {*split_words(pledge["tags"] or ""), *split_words(types[pledge["unit_type"]]["tags"] or "")}
        barring = [(selectors, mask) for selectors, mask in caveats if _takes_pledge(selectors, pledge, tags)]
        for capability in capabilities[pledge["unit_type"]]:
            for line, window in lines[capability]:
                periods = own & window
                for selectors, mask in barring:
                    if all(selectors[name].matches(line[name]) for name in ("mission", "area", "capability")):
                        periods &= ~mask
                if periods := served(pledge, periods, horizon):
                    found[pledge["pledge"], line["requirement"]] = periods
    return found


def _caveats_in_force(tables: ScenarioTables, horizon: int) -> list[tuple[dict[str, Selector], int]]:
    caveats = []
    for row in tables.rows("caveats"):
        holds = tables.holds(row["condition"])
        if (row["rule"] == "forbid" and holds) or (row["rule"] == "unless" and not holds):
            caveats.append(({name: parse_selector(row[name]) for name in _SELECTORS}, window_mask(row, horizon)))
    return caveats


def _takes_pledge(selectors: dict[str, Selector], pledge: Row, tags: set[str]) -> bool:
    return (
        selectors["nation"].matches(pledge["nation"])
        and selectors["unit_type"].matches(pledge["unit_type"])
        and selectors["tag"].matches_tags(tags)
    )


def instrument_supply(tables: ScenarioTables) -> dict[str, float]:
    """What all instruments whose condition holds could deliver to each line that they reach, per period."""
    usable = {row["instrument"] for row in tables.rows("instruments") if tables.holds(row["condition"])}
    supply: dict[str, float] = defaultdict(float)
    for given in tables.rows("instrument_yields"):
        if given["instrument"] in usable and given["amount"] > 0:
            for line in tables.rows("requirements"):
                if (
                    line["capability"] == given["capability"]
                    and given["mission"] in {None, line["mission"]}
                    and given["area"] in {None, line["area"]}
                ):
                    supply[line["requirement"]] += given["amount"]
    return dict(supply)


def funnel(instance: Instance, scenario: str | None = None) -> pd.DataFrame:
    """Demand against supply per capability, step by step, in the period in which most is asked for.

    Columns: `demand` (targets), `pledged` (yield of all units of all pledges), `available` (pledges whose window holds the period),
    `sustainable` (after rotation; with tours only where one fits on some line), `allowed` (condition true, and some line with the
    capability that no caveat forbids), `instruments`, and `short` (demand that neither units nor instruments can meet). Each capability
    is looked at alone: a unit that can deliver two capabilities appears at both, so what is not short here may still stay open in a plan.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    import pandas as pd

    tables, horizon = scenario_tables(instance, scenario), instance.header.periods
    possible, helped = services(tables, horizon), instrument_supply(tables)
    amounts = {(row["unit_type"], row["capability"]): row["amount"] for row in tables.rows("yields")}
    measures = {row["capability"]: row["measure"] for row in tables.rows("capabilities")}
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in tables.rows("requirements"):
        lines[row["capability"]].append(row)
    names = list(dict.fromkeys([*measures, *sorted({*lines, *(capability for _, capability in amounts)})]))
    records = []
    for name in names:
        asked = lines[name]
        demand, period = _busiest(asked, horizon)
        bit = 1 << period - 1
        windows = {line["requirement"]: window_mask(line, horizon) for line in asked}
        active = {line for line, window in windows.items() if window & bit}
        steps = [0.0, 0.0, 0.0, 0.0]
        for pledge in tables.rows("pledges"):
            amount = amounts.get((pledge["unit_type"], name), 0.0)
            if amount <= 0:
                continue
            steps[0] += amount * pledge["quantity"]
            if not window_mask(pledge, horizon) & bit:
                continue
            steps[1] += amount * pledge["quantity"]
            own = window_mask(pledge, horizon)
            if active and not any(served(pledge, own & windows[line], horizon) & bit for line in active):
                continue
            sustained = amount * int(pledge["quantity"] / rotation_factor(pledge))
            steps[2] += sustained
            if any(possible.get((pledge["pledge"], line), 0) & bit for line in active):
                steps[3] += sustained
        aid = sum(helped.get(line, 0.0) for line in active)
        short = max(0.0, demand - steps[3] - aid)
        records.append((name, measures.get(name) or "", period, demand, *steps, aid, short))
    columns = [
        "capability",
        "measure",
        "period",
        "demand",
        "pledged",
        "available",
        "sustainable",
        "allowed",
        "instruments",
        "short",
    ]
    return pd.DataFrame(records, columns=columns)


def _busiest(lines: list[Row], horizon: int) -> tuple[float, int]:
    """The largest sum of targets in a period, and the first such period."""
    sums = [0.0] * (horizon + 1)
    for line in lines:
        for period in range(line["from"] or 1, (line["until"] or horizon) + 1):
            sums[period] += line["target"]
    most = max(sums[1:])
    return most, sums.index(most, 1)
