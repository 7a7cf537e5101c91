"""From what is pledged to what is left of it, per capability: which condition, window, rotation, caveat or cap takes how much."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from optimizer.instance.admissible import Admissible, admissible, periods_of, rotation_factor, served, window_mask
from optimizer.instance.instance import Row
from optimizer.instance.rule import rule_id
from optimizer.instance.scenario import ScenarioTables, scenario_tables

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance

STEPS: Final = ("window", "tour", "rotation", "condition", "caveat", "cap")
"""Why units fall out, in the order in which they are counted: each unit once, at the first step that takes it."""


def instrument_supply(tables: ScenarioTables) -> dict[str, list[float]]:
    """What all instruments could deliver to each line that they reach, in each period (first: period 1) in which their conditions hold."""
    holding = {row["instrument"]: periods_of(tables.when(row["condition"])) for row in tables.rows("instruments")}
    supply: dict[str, list[float]] = defaultdict(lambda: [0.0] * tables.horizon)
    for given in tables.rows("instrument_yields"):
        periods = holding.get(given["instrument"], ())
        if periods and given["amount"] > 0:
            for line in tables.rows("requirements"):
                if (
                    line["capability"] == given["capability"]
                    and given["mission"] in {None, line["mission"]}
                    and given["area"] in {None, line["area"]}
                ):
                    for period in periods:
                        supply[line["requirement"]][period - 1] += given["amount"]
    return dict(supply)


@dataclass(frozen=True)
class Loss:
    """What falls out at one step: the rules that take it (all that are needed), the pledge or (of a cap) the nation, and how much."""

    step: str
    rules: tuple[str, ...]
    whose: str
    amount: float


@dataclass
class _Stream:
    """One capability in its busiest period: what is pledged, what falls out, what is left per nation."""

    capability: str
    period: int
    demand: float
    aid: float
    pledged: float = 0.0
    losses: list[Loss] = field(default_factory=list)
    left: dict[str, list[tuple[int, float, float]]] = field(default_factory=lambda: defaultdict(list))

    def lost(self, *steps: str) -> float:
        return sum(loss.amount for loss in self.losses if loss.step in steps)


def funnel(instance: Instance, scenario: str | None = None) -> pd.DataFrame:
    """Demand against supply per capability, step by step, in the period in which most is asked for.

    Columns: `demand` (targets), `pledged` (yield of all units of all pledges), `available` (pledges whose window holds the period),
    `sustainable` (after rotation; with tours only where one fits on some line), `allowed` (condition true in the period, and some line
    with the capability that no caveat forbids), `within_caps` (what the nations' own caps on personnel and units let come at a time),
    `instruments`, and `short` (demand that neither units nor instruments can meet). Each capability is looked at alone: a unit that can
    deliver two capabilities appears at both, so what is not short here may still stay open in a plan. `losses` says which rules take how much.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    import pandas as pd

    measures = {row["capability"]: row["measure"] for row in scenario_tables(instance, scenario).rows("capabilities")}
    records = []
    for stream in _streams(instance, scenario):
        available = stream.pledged - stream.lost("window")
        sustainable = available - stream.lost("tour", "rotation")
        allowed = sustainable - stream.lost("condition", "caveat")
        within = allowed - stream.lost("cap")
        records.append(
            {
                "capability": stream.capability,
                "measure": measures.get(stream.capability) or "",
                "period": stream.period,
                "demand": stream.demand,
                "pledged": stream.pledged,
                "available": available,
                "sustainable": sustainable,
                "allowed": allowed,
                "within_caps": within,
                "instruments": stream.aid,
                "short": max(0.0, stream.demand - within - stream.aid),
            }
        )
    return pd.DataFrame(records)


def losses(instance: Instance, scenario: str | None = None) -> pd.DataFrame:
    """Which rules take how much of what is pledged, per capability in its busiest period; with what is left they add up to `pledged`.

    Columns: `capability`, `step` (one of `STEPS`), `rules` (ids joined by `; `: where several caveats shut all lines between them,
    all of them), `whose` (the pledge; of a cap the nation), `amount` (in the measure of the capability).

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    import pandas as pd

    records = [
        (stream.capability, loss.step, "; ".join(loss.rules), loss.whose, loss.amount)
        for stream in _streams(instance, scenario)
        for loss in stream.losses
    ]
    return pd.DataFrame(records, columns=["capability", "step", "rules", "whose", "amount"])


def _streams(instance: Instance, scenario: str | None) -> Iterator[_Stream]:
    tables, horizon = scenario_tables(instance, scenario), instance.header.periods
    known, helped = admissible(tables, horizon), instrument_supply(tables)
    amounts = {(row["unit_type"], row["capability"]): row["amount"] for row in tables.rows("yields")}
    people = {row["unit_type"]: row["personnel"] for row in tables.rows("unit_types")}
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in tables.rows("requirements"):
        lines[row["capability"]].append(row)
    named = [row["capability"] for row in tables.rows("capabilities")]
    for name in dict.fromkeys([*named, *sorted({*lines, *(capability for _, capability in amounts)})]):
        demand, period = _busiest(lines[name], horizon)
        active = [line for line in lines[name] if window_mask(line, horizon) >> period - 1 & 1]
        aid = sum(helped[line["requirement"]][period - 1] for line in active if line["requirement"] in helped)
        stream = _Stream(name, period, demand, aid)
        for pledge in tables.rows("pledges"):
            amount = amounts.get((pledge["unit_type"], name), 0.0)
            if amount > 0:
                units = _after_losses(stream, pledge, amount, active, (known, tables.when(pledge["condition"])))
                stream.left[pledge["nation"]].append((units, float(people[pledge["unit_type"]]), amount))
        for nation in tables.rows("nations"):
            _cap(stream, nation)
        yield stream


def _after_losses(
    stream: _Stream, pledge: Row, amount: float, active: Sequence[Row], admitted: tuple[Admissible, int]
) -> int:
    """Units of a pledge that are left for a capability in a period; what falls out is noted.

    `admitted`: which services are admissible, and the periods in which the pledge's condition holds.
    """
    known, holding = admitted
    name, quantity, bit, horizon = pledge["pledge"], int(pledge["quantity"]), 1 << stream.period - 1, known.horizon
    stream.pledged += amount * quantity

    def lose(step: str, rules: Iterable[str], units: int = quantity) -> None:
        if units:
            stream.losses.append(Loss(step, tuple(rules), name, amount * units))

    own = window_mask(pledge, horizon)
    if not own & bit:
        side = "from" if pledge["from"] is not None and stream.period < pledge["from"] else "until"
        lose("window", [rule_id("pledges", pledge, side)])
        return 0

    def fits(periods: int) -> bool:
        return any(served(pledge, periods & window_mask(line, horizon), horizon) & bit for line in active)

    if active and not fits(own):
        lose("tour", [rule_id("pledges", pledge, "tour")])
        return 0
    sustained = int(quantity / rotation_factor(pledge))
    column = "rotation_factor" if pledge["rotation_factor"] is not None else "dwell"
    lose("rotation", [rule_id("pledges", pledge, column)], quantity - sustained)
    if any(known.services.get((name, line["requirement"]), 0) & bit for line in active):
        return sustained
    if active and not fits(own & holding):
        lose("condition", [rule_id("pledges", pledge, "condition")], sustained)
    elif active:
        refusing = {rule: None for line in active for rule in known.reasons(name, line["requirement"], stream.period)}
        lose("caveat", refusing, sustained)
    else:
        return sustained
    return 0


def _cap(stream: _Stream, nation: Row) -> None:
    """What a nation's own caps on personnel and units keep at home, where it would serve this capability alone."""
    offers = [offer for offer in stream.left.get(nation["nation"], ()) if offer[0] > 0]
    most_people, most_units = nation["max_personnel"], nation["max_units"]
    everything = sum(units * amount for units, _, amount in offers)
    fits = _most(offers, most_people, most_units)
    if fits < everything:
        tight = [
            column
            for column, alone in (
                ("max_personnel", _most(offers, most_people, None)),
                ("max_units", _most(offers, None, most_units)),
            )
            if alone < everything
        ]
        rules = tuple(rule_id("nations", nation, column) for column in tight)
        stream.losses.append(Loss("cap", rules, nation["nation"], everything - fits))


def _most(offers: Sequence[tuple[int, float, float]], people: float | None, units: int | None) -> float:
    """The most that offers (units, personnel and yield of one) deliver within caps: a small knapsack, solved by its efficient states.

    A state counts personnel and units only where they are capped.
    """
    states = {(0.0, 0): 0.0}
    for count, each, amount in offers:
        found = dict(states)
        for (crowd, used), value in states.items():
            for more in range(1, count + 1):
                key = (0.0 if people is None else crowd + more * each, 0 if units is None else used + more)
                if (people is not None and key[0] > people) or (units is not None and key[1] > units):
                    break
                found[key] = max(found.get(key, 0.0), value + more * amount)
        states = _efficient(found)
    return max(states.values())


def _efficient(states: dict[tuple[float, int], float]) -> dict[tuple[float, int], float]:
    """The states that no other beats in personnel, units and yield."""
    kept: dict[tuple[float, int], float] = {}
    # Of the states so far, those with the fewest units for their personnel: personnel ascending, units descending.
    stairs: list[tuple[float, int]] = []
    for state, value in sorted(states.items(), key=lambda item: (-item[1], item[0])):
        place = bisect_right(stairs, state[0], key=itemgetter(0))
        if place and stairs[place - 1][1] <= state[1]:
            continue
        kept[state] = value
        place = bisect_left(stairs, state[0], key=itemgetter(0))
        end = next((at for at in range(place, len(stairs)) if stairs[at][1] < state[1]), len(stairs))
        stairs[place:end] = [state]
    return kept


def _busiest(lines: Sequence[Row], horizon: int) -> tuple[float, int]:
    """The largest sum of targets in a period, and the first such period."""
    sums = [0.0] * (horizon + 1)
    for line in lines:
        for period in range(line["from"] or 1, (line["until"] or horizon) + 1):
            sums[period] += line["target"]
    most = max(sums[1:])
    return most, sums.index(most, 1)
