"""Seeded tiny instances, small enough for the oracle to enumerate, rich enough to make the rules bite.

`tiny(seed, families)` returns (tables, header, baseline): plain rows with blanks left out, a header in the form of
`instance.toml`, and the baseline plan for the aim `changes` (None without the family `aims2`). What the semantics
leave open is not generated: tolerances on levels of several aims, floors on costs that contain route costs.
"""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import numpy as np

from .brute import (
    MAXIMISED,
    Facts,
    Outcome,
    Row,
    Tables,
    TooLarge,
    best,
    count,
    pair_value,
    pledge_options,
    read,
    scenario_names,
    truth,
    words,
)

PART_ONE = frozenset({"availability", "coverage", "limits", "caveats", "aims"})
PART_TWO = frozenset(
    {"participation", "lead", "links", "enablers", "movement", "instruments", "counts", "burden", "aims2"}
)
PART_THREE = frozenset({"steadiness", "agreed", "ready", "funding"})
PART_FOUR = frozenset({"conditions"})
FAMILIES = PART_ONE | PART_TWO | PART_THREE | PART_FOUR

NATIONS = ("FRA", "ITA", "POL")
TYPES = ("bn", "team", "ship")
HOSTS = {"east": "UKR", "west": "ROU"}
CAPABILITIES = ("patrol", "teach")
TAGS = ("heavy", "light")
UNIT_MEASURES = ("units", "personnel", "cost", "escalation", "sustainment", "lift")
SIZES: dict[str, tuple[float, ...]] = {
    "units": (1, 2, 3),
    "personnel": (20, 30, 50, 70),
    "cost": (2, 3.5, 5, 8),
    "escalation": (0.5, 1, 2, 3),
    "sustainment": (1, 2, 2.5),
    "lift": (1, 2, 4),
    "nations": (1, 2),
    "posts": (1, 2),
    "personnel_share": (0.4, 0.5, 0.75),
    "cost_share": (0.4, 0.5, 0.75),
    "units_share": (0.4, 0.5, 0.75),
    "fulfilment": (0.25, 0.4, 0.5),
}


def tiny(seed: int, families: set[str] | frozenset[str], most: int = 20_000) -> tuple[Tables, Row, list[Row] | None]:
    """A tiny instance with the named rule families; at most `most` plans in every scenario."""
    return tiny_with_outcomes(seed, families, most)[:3]


def tiny_with_outcomes(
    seed: int, families: set[str] | frozenset[str], most: int = 20_000
) -> tuple[Tables, Row, list[Row] | None, dict[str | None, Outcome]]:
    """Like `tiny`, with what the oracle says of every scenario: it was asked already to draw a telling instance."""
    unknown = set(families) - FAMILIES
    if unknown:
        raise ValueError(f"unknown families: {sorted(unknown)}")
    if families & {"movement", "funding"}:  # every plan may need its own flows, or amounts
        most = min(most, 300)
    for attempt in itertools.count():
        rng = Random(f"{seed}/{attempt}/{sorted(families)}")
        drawn = _thinned(rng, set(families))
        try:
            tables, header = _draft(rng, drawn)
            header["name"] = f"tiny-{seed}"
            sizes = [count(tables, header, scenario, cap=most) for scenario in scenario_names(tables)]
        except TooLarge:
            continue
        if max(sizes) < 60 and rng.random() < 0.8:
            continue
        baseline = _baseline(rng, tables, header) if "aims2" in drawn else None
        outcomes = {scenario: best(tables, header, scenario, baseline, cap=most) for scenario in scenario_names(tables)}
        if not all(outcome.feasible for outcome in outcomes.values()) and rng.random() < 0.4:
            continue
        if not any(outcome.example for outcome in outcomes.values()) and rng.random() < 0.8:
            continue
        return tables, header, baseline, outcomes
    raise AssertionError("unreachable")


def _thinned(rng: Random, families: set[str]) -> set[str]:
    """With many families at once little is deployed: an instance takes three of the later ones, some of the first."""
    later = sorted(families - PART_ONE)
    chance = {"limits": 0.6, "caveats": 0.5} if later else {"limits": 0.8, "caveats": 0.7}
    drawn = {name for name in sorted(families & PART_ONE) if rng.random() < chance.get(name, 0.85)}
    return drawn | set(rng.sample(later, min(3, len(later))))


def _draft(rng: Random, families: set[str]) -> tuple[Tables, Row]:
    horizon = rng.choice((1, 2, 2, 3, 3) if "availability" in families else (1, 1, 2))
    if "steadiness" in families:
        horizon = rng.choice((2, 3, 3, 4))
    if "conditions" in families:
        horizon = max(2, horizon)
    several = families & {"participation", "lead", "links", "counts", "burden", "aims2", "funding"}
    nations = NATIONS[: rng.choice((2, 2, 3) if several else (1, 2, 2, 3))]
    types = TYPES[: rng.choice((1, 2, 2, 3))]
    tables: Tables = {}
    conditions = _conditions(rng, tables) if "caveats" in families and rng.random() < 0.7 else []
    if "conditions" in families:
        conditions = _conditions_over_time(rng, tables, horizon)
    tables["nations"] = [{"nation": n} for n in nations]
    _types(rng, tables, types, families)
    _missions_and_lines(rng, tables, horizon, families)
    _pledges(rng, tables, nations, types, horizon, families, conditions)
    if "availability" in families and any(row.get("continuity") for row in tables["missions"]) and rng.random() < 0.6:
        row = rng.choice(tables["pledges"])  # whoever leaves early makes continuity bite
        row["until"] = max(row.get("from", 1), horizon - 1)
    if "limits" in families or "aims" in families:
        _deployment_costs(rng, tables)
    if "participation" in families or "lead" in families:
        _participation(rng, tables, families)
    if "coverage" in families or "participation" in families or "lead" in families:
        _posts(rng, tables, horizon, families)
    if "steadiness" in families:
        _steadiness(rng, tables, horizon)
    if several & {"links", "counts"} or rng.random() < 0.2:
        _groups(rng, tables)
    if "limits" in families:
        _shorthands(rng, tables)
        _limits(rng, tables, (*UNIT_MEASURES, *UNIT_MEASURES, "fulfilment"), horizon, families, conditions, "cap")
    if "counts" in families:
        measures = ("nations", "posts", "personnel_share", "cost_share", "units_share")
        _limits(rng, tables, measures, horizon, families, conditions, "count")
    if "ready" in families:
        _ready(rng, tables, horizon, conditions)
    if "caveats" in families:
        _caveats(rng, tables, horizon, conditions)
    if "links" in families:
        _links(rng, tables, conditions)
    if "enablers" in families:
        _enablers(rng, tables)
    if "instruments" in families:
        _instruments(rng, tables, conditions)
    if "movement" in families:
        _movement(rng, tables, horizon, conditions)
    if "funding" in families:
        _funding(rng, tables, horizon, conditions)
    if families & {"burden", "aims2"} and "funding" not in families:
        for row in tables["nations"]:
            row["fair_share"] = rng.choice((1, 1, 2, 3))
    if "burden" in families and rng.random() < 0.6:
        row = {"limit": "sharing", "measure": "burden_gap", "per": "horizon", "maximum": rng.choice((1.25, 1.5, 2.2))}
        tables.setdefault("limits", []).append(row)
    if "scenarios" in tables and rng.random() < 0.5:
        _changes(rng, tables)
    header: Row = {"periods": {"count": horizon, "months": 6}}
    if families & {"aims", "aims2", "steadiness", "funding"}:
        header["aims"] = _aims(rng, tables, families)
    elif "burden" not in families and rng.random() < 0.8:
        header["aims"] = [{"name": "coverage", "priority": 1}, {"name": "cost", "priority": 2}]
    _repair(rng, tables, header)
    if "agreed" in families:
        _agreed(rng, tables, header, conditions)
    return {name: rows for name, rows in tables.items() if rows}, header


# ---------------------------------------------------------------- the tables


def _conditions(rng: Random, tables: Tables) -> list[str]:
    """Conditions, each true in some scenario and false in another."""
    names = ["ceasefire", "mandate"][: rng.choice((1, 1, 2))]
    tables["conditions"] = [{"condition": name, **({"default": True} if rng.random() < 0.5 else {})} for name in names]
    flip = rng.random() < 0.5
    states = {"calm": (True, not flip), "storm": (False, flip)}
    probability = rng.choice((0.5, 0.25))
    tables["scenarios"] = [
        {"scenario": "calm", "probability": probability},
        {"scenario": "storm", "probability": 1 - probability},
    ]
    for row, name, k in ((row, name, k) for row in tables["scenarios"] for k, name in enumerate(names)):
        if k == 1 and not flip:  # the second condition in long form
            long = {"scenario": row["scenario"], "condition": name, "holds": states[row["scenario"]][k]}
            tables.setdefault("scenario_conditions", []).append(long)
        else:
            row[name] = states[row["scenario"]][k]
    return names


def _conditions_over_time(rng: Random, tables: Tables, horizon: int) -> list[str]:
    """Conditions that some scenario makes true in some periods only, and expressions over them."""
    names = ["ceasefire", "mandate", "vote"][: rng.choice((1, 2, 3))]
    tables["conditions"] = [{"condition": name, **({"default": True} if rng.random() < 0.5 else {})} for name in names]
    tables["scenarios"] = [{"scenario": name, "probability": 0.5} for name in ("calm", "storm")]
    tables["scenario_conditions"] = []
    for scenario, name in itertools.product(tables["scenarios"], names):
        if rng.random() < 0.6:
            scenario[name] = rng.random() < 0.5
        if rng.random() < 0.7:
            ends = sorted(rng.sample(range(1, horizon + 1), rng.randint(1, horizon)))
            windows: list[Row] = [{"from": ends[0], "until": ends[-1]}]
            if len(ends) > 2:
                windows = [{"until": ends[0]}, {"from": ends[1]}]
            elif rng.random() < 0.3:
                windows = [{"from": ends[0]}]
            said = {"scenario": scenario["scenario"], "condition": name}
            tables["scenario_conditions"] += [{**said, **row, "holds": rng.random() < 0.5} for row in windows]
    a, b, c = (rng.choice(names) for _ in range(3))
    return [
        *names,
        *names,
        f"{a} & !{b}",
        f"({a} | {b})",
        f"!({a} & {b}) | {c}",
        f"{a} | !{b} & {c}",
        f"({a} | !{b}) & {c}",
    ]


def _condition(rng: Random, conditions: list[str], chance: float) -> Row:
    if len(conditions) > len(CAPABILITIES):  # expressions are among them
        chance = max(chance, 0.5)
    if not conditions or rng.random() >= chance:
        return {}
    return {"condition": rng.choice(("", "!")) + rng.choice(conditions)}


def _window(rng: Random, horizon: int, chance: float) -> Row:
    if horizon == 1 or rng.random() >= chance:
        return {}
    first, last = sorted((rng.randint(1, horizon), rng.randint(1, horizon)))
    return {key: t for key, t in (("from", first), ("until", last)) if rng.random() < 0.8}


def _some(rng: Random, row: Row, chance: float, **values: tuple[Any, ...]) -> None:
    """Fills each column with the given chance."""
    for column, choices in values.items():
        if rng.random() < chance:
            row[column] = rng.choice(choices)


def _types(rng: Random, tables: Tables, types: tuple[str, ...], families: set[str]) -> None:
    tables["unit_types"] = []
    tables["yields"] = []
    capabilities = (*CAPABILITIES, "support") if "enablers" in families else CAPABILITIES
    for k, name in enumerate(types):
        row: Row = {"unit_type": name, "personnel": rng.choice((10, 20, 20, 30)), "cost": rng.choice((0.5, 1, 2, 2.5))}
        _some(rng, row, 0.6, escalation=(0.5, 1, 2), tags=(*TAGS, "heavy;light"), domain=("land", "air", "sea"))
        _some(rng, row, 1.0 if "movement" in families else 0.8, lift=(1, 2, 0.5), sustainment=(0.5, 1, 1.5))
        tables["unit_types"].append(row)
        able = set(rng.sample(capabilities, rng.choice((1, 2, 2)))) | {capabilities[k % len(capabilities)]}
        for capability in sorted(able):
            tables["yields"].append(
                {"unit_type": name, "capability": capability, "amount": rng.choice((1, 1, 2, 3, 0.5, 1.5, 2.5))}
            )
    if "enablers" in families and all(row["capability"] != "support" for row in tables["yields"]):
        tables["yields"].append({"unit_type": types[-1], "capability": "support", "amount": rng.choice((1, 2))})


def _missions_and_lines(rng: Random, tables: Tables, horizon: int, families: set[str]) -> None:
    rich = "coverage" in families
    areas = ("east", "west")[: rng.choice((1, 1, 2, 2))]
    tables["areas"] = [{"area": area, **({"host": HOSTS[area]} if rng.random() < 0.8 else {})} for area in areas]
    provided = sorted({row["capability"] for row in tables["yields"]} - {"support"}) or ["patrol"]
    missions = ("guard", "train")[: rng.choice((1, 1, 2))]
    tables["missions"] = []
    for mission in missions:
        row: Row = {"mission": mission}
        _some(rng, row, 0.6, weight=(1, 2, 0.5, 3))
        if rich:
            _some(rng, row, 0.5, score=("weakest", "weakest", "mean"))
            _some(rng, row, 0.5, continuity=(True, True, True, False))
        tables["missions"].append(row)
    lines = []
    for k in range(max(len(missions), rng.choice((1, 2, 2, 3, 3)))):
        target = rng.choice((1, 2, 2, 3, 4, 5, 2.5))
        line: Row = {"requirement": f"r{k + 1}", "mission": missions[k % len(missions)], "area": rng.choice(areas)}
        line |= {"capability": rng.choice(provided), "target": target, **_window(rng, horizon, 0.4 if rich else 0.15)}
        if rich:
            _some(rng, line, 0.6, threshold=(0.25 * target, 0.5 * target, target, min(target, 1)))
            _some(rng, line, 0.4, weight=(1, 2, 0.5, 3))
        lines.append(line)
    if "enablers" in families and len(lines) < 4:
        beside = rng.choice(lines)
        line = {"requirement": "s1", "mission": beside["mission"], "area": beside["area"], "capability": "support"}
        lines.append(line | {"target": rng.choice((1, 2)), "weight": rng.choice((0, 0, 1))})
    tables["requirements"] = lines


def _pledges(
    rng: Random,
    tables: Tables,
    nations: tuple[str, ...],
    types: tuple[str, ...],
    horizon: int,
    families: set[str],
    conditions: list[str],
) -> None:
    number = max(rng.choice((1, 2, 2, 3, 4)), len(nations) if rng.random() < 0.7 else 1)
    tables["pledges"] = []
    for k in range(number):
        row: Row = {"pledge": f"p{k + 1}", "nation": nations[k] if k < len(nations) else rng.choice(nations)}
        quantity = rng.choice((0, 1, 1, 1, 2, 2, 2, 3))
        row |= {"unit_type": types[-1 - k] if k < len(types) else rng.choice(types), "quantity": quantity}
        _some(rng, row, 0.2, cost=(0.75, 1.5, 3), tags=TAGS)
        if "availability" in families:
            kind = rng.choice(("tour", "tour", "factor", "free"))
            row |= _window(rng, horizon, 0.3)
            if kind == "tour":
                row["tour"] = rng.choice((1, 1, 2, 2, 3))
                _some(rng, row, 0.7, dwell=(1, 1, 2))
                if quantity:
                    _some(rng, row, 0.3, deployed_at_start=tuple(range(quantity + 1)))
            elif kind == "factor":
                row["rotation_factor"] = rng.choice((1.2, 1.5, 2, 1))
            row |= _condition(rng, conditions, 0.2)
        tables["pledges"].append(row)


def _deployment_costs(rng: Random, tables: Tables) -> None:
    seen = set()
    rows: list[Row] = []
    blanket = rng.random() < 0.2  # rows that name neither a pledge nor a type
    for _ in range(rng.choice((0, 1, 2))):
        line = rng.choice(tables["requirements"])
        row: Row = {key: line[key] for key in ("mission", "area") if rng.random() < 0.5}
        if blanket:
            pass
        elif rng.random() < 0.5:
            row["pledge"] = rng.choice(tables["pledges"])["pledge"]
        else:
            row["unit_type"] = rng.choice(tables["unit_types"])["unit_type"]
        key = tuple(sorted(row.items()))
        if key in seen:
            continue
        seen.add(key)
        row["cost" if rng.random() < 0.5 else "movement_cost"] = rng.choice((0.25, 1, 1.5, 4))
        _some(rng, row, 0.4, movement_cost=(0.25, 0.5, 1), cost=(0.5, 1.5))
        rows.append(row)
    tables["deployment_costs"] = rows


def _participation(rng: Random, tables: Tables, families: set[str]) -> None:
    posts = _posts_of(tables)
    seen = set()
    rows: list[Row] = []
    for k in range(rng.choice((1, 2, 3))):
        mission, area = rng.choice(posts)
        nation = rng.choice(tables["nations"])["nation"]
        row: Row = {
            key: value
            for key, value, chance in (("nation", nation, 0.7), ("mission", mission, 0.4), ("area", area, 0.4))
            if rng.random() < chance
        }
        if tuple(row.items()) in seen:
            continue
        seen.add(tuple(row.items()))
        if "lead" in families:
            row["may_lead"] = k == 0 or rng.random() < 0.6
        if "participation" in families:
            _some(rng, row, 0.4, cost=(0.5, 1, 2), max_personnel=(40, 50, 80), max_units=(1, 2, 3))
            _some(rng, row, 0.4, min_contingent=(15, 20, 30, 40))
        if not set(row) - {"nation", "mission", "area"}:
            row["cost"] = 0.5
        rows.append(row)
    tables["participation"] = rows
    if "participation" in families:
        for row in tables["nations"]:
            _some(rng, row, 0.25, participation_cost=(1, 2.5), min_contingent=(20, 30, 40), max_posts=(1, 1, 2))


def _posts(rng: Random, tables: Tables, horizon: int, families: set[str]) -> None:
    pledging = {row["nation"] for row in tables["pledges"]}
    tables["posts"] = []
    for mission, area in _posts_of(tables):
        row: Row = {"mission": mission, "area": area}
        if "coverage" in families:
            _some(rng, row, 0.4, must=(True, True, True, False))
        if "participation" in families:
            _some(rng, row, 0.25, min_nations=tuple(range(1, len(pledging) + 1)), max_share=(0.5, 0.6, 0.75))
            if rng.random() < 0.3:
                least = row.get("min_nations", 1)
                row["max_nations"] = rng.randint(least, max(least, 2))
            _some(rng, row, 0.15, max_personnel=(30, 50, 80))
        if "lead" in families and rng.random() < 0.8:
            row["lead"] = "required"
            _some(rng, row, 0.5, lead_min_share=(0.4, 0.5, 0.6), lead_term=(1, max(1, horizon - 1)))
            if row.get("lead_min_share", 0) > row.get("max_share", 1):
                row["lead_min_share"] = row["max_share"]
        if len(row) > 2:
            tables["posts"].append(row)


def _steadiness(rng: Random, tables: Tables, horizon: int) -> None:
    """Least stays, largest drops, commitments; some that bite, some that do not."""
    stays = (1, 2, 2, 3, horizon)
    rows = {(row["mission"], row["area"]): row for row in tables.get("posts", [])}
    for mission, area in _posts_of(tables):
        row = rows.setdefault((mission, area), {"mission": mission, "area": area})
        _some(rng, row, 0.4, min_stay=stays)
    tables["posts"] = [row for row in rows.values() if len(row) > 2]
    for row in tables["nations"]:
        _some(rng, row, 0.3, min_stay=stays)
    if rng.random() < 0.5:
        keyed = {(row.get("nation"), row.get("mission"), row.get("area")) for row in tables.get("participation", [])}
        mission, area = rng.choice(_posts_of(tables))
        key = (
            rng.choice([None, *(row["nation"] for row in tables["nations"])]),
            rng.choice((None, mission)),
            rng.choice((None, area)),
        )
        if key not in keyed:
            named = {name: value for name, value in zip(("nation", "mission", "area"), key, strict=True) if value}
            tables.setdefault("participation", []).append({**named, "min_stay": rng.choice(stays)})
    for row in tables["requirements"]:
        _some(rng, row, 0.3, max_drop=(0, 0.25, 0.5, 1))
    for row in tables["pledges"]:
        if rng.random() < 0.15 and row["quantity"] > 0:
            row["committed"] = 1


def _agreed(rng: Random, tables: Tables, header: Row, conditions: list[str]) -> None:
    """Rows from one plan that availability allows, some of them a unit off; windows of one pledge and line apart."""
    horizon = header["periods"]["count"]
    units = {(row["pledge"], row["requirement"], row["period"]): row["units"] for row in _baseline(rng, tables, header)}
    served = sorted({key[:2] for key in units})
    others = [
        (pledge["pledge"], line["requirement"]) for pledge in tables["pledges"] for line in tables["requirements"]
    ]
    rows: list[Row] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        pledge, line = rng.choice(served) if served and rng.random() < 0.75 else rng.choice(others)
        first = rng.randint(1, horizon)
        last = rng.choice((first, rng.randint(first, horizon)))
        count = [units.get((pledge, line, t), 0) for t in range(first, last + 1)]
        row: Row = {"pledge": pledge, "requirement": line, "units": max(0, min(count) + rng.choice((0,) * 9 + (1, -1)))}
        row |= {"from": first} if first > 1 or rng.random() < 0.5 else {}
        row |= {"until": last} if last < horizon or rng.random() < 0.5 else {}
        _some(rng, row, 1.0 if len(set(count)) > 1 else 0.5, kind=("at_least",))
        _some(rng, row, 0.2, kind=("exactly",))
        row |= _condition(rng, conditions, 0.3)
        periods = set(range(first, last + 1))
        if not any(
            (pledge, line) == (other["pledge"], other["requirement"])
            and periods & set(range(other.get("from", 1), other.get("until", horizon) + 1))
            for other in rows
        ):
            rows.append(row)
    tables["agreed"] = rows


def _groups(rng: Random, tables: Tables) -> None:
    nations = [row["nation"] for row in tables["nations"]]
    tables["groups"] = [
        {"group": name, "nation": nation}
        for name in ("north", "south")[: rng.choice((1, 2))]
        for nation in sorted(rng.sample(nations, rng.randint(1, len(nations))))
    ]


def _shorthands(rng: Random, tables: Tables) -> None:
    for row in tables["nations"]:
        _some(rng, row, 0.15, max_personnel=(20, 30, 50), max_units=(1, 2), budget=(2, 4, 6.5, 10))
    for row in tables["areas"]:
        _some(rng, row, 0.12, max_personnel=(30, 50), max_escalation=(1, 2.5), lift_capacity=(1, 2, 3))
        _some(rng, row, 0.12, sustainment_capacity=(1, 2, 2.5))


def _tags(tables: Tables) -> list[str]:
    """The tags that some unit bears; beside two of them one that nobody bears."""
    borne = {tag for name in ("unit_types", "pledges") for row in tables[name] for tag in words(row.get("tags"))}
    return sorted(borne | ({"amphibious"} if len(borne) > 1 else set()))


def _values(rng: Random, values: list[str]) -> str:
    """A selector: one value, two values, or all but one."""
    kind = rng.random()
    if kind < 0.55 or not values:
        return rng.choice(values)
    if kind < 0.75:
        return "!" + rng.choice(values)
    if len(values) > 1 and kind < 0.95:
        return ";".join(rng.sample(values, 2))
    return ";".join([rng.choice(values), "!" + rng.choice(values)])


def _selectors(rng: Random, tables: Tables, columns: tuple[str, ...], least: int, most: int) -> Row:
    known: dict[str, list[str]] = {
        "nation": [row["nation"] for row in tables["nations"]],
        "group": sorted({row["group"] for row in tables.get("groups", [])}),
        "mission": [row["mission"] for row in tables["missions"]],
        "area": sorted({row["area"] for row in tables["requirements"]}),
        "host": sorted({row["host"] for row in tables["areas"] if "host" in row}),
        "unit_type": [row["unit_type"] for row in tables["unit_types"]],
        "tag": _tags(tables),
        "domain": sorted({row.get("domain", "land") for row in tables["unit_types"]}),
        "capability": sorted({row["capability"] for row in tables["requirements"]}),
    }
    usable = [column for column in columns if known[column]]
    chosen = rng.sample(usable, min(len(usable), rng.randint(least, most)))
    return {column: _values(rng, known[column]) for column in columns if column in chosen}


def _limits(
    rng: Random,
    tables: Tables,
    measures: tuple[str, ...],
    horizon: int,
    families: set[str],
    conditions: list[str],
    prefix: str,
) -> None:
    everything = ("nation", "group", "mission", "area", "host", "unit_type", "tag", "domain", "capability")
    for k in range(rng.choice((1, 1, 2, 3))):
        measure = rng.choice(measures)
        row: Row = {"limit": f"{prefix}{k + 1}", "measure": measure}
        if rng.random() < 0.5:
            row["per"] = rng.choice(("horizon", "horizon", "period"))
        over_horizon = row.get("per") == "horizon" and horizon > 1 and not measure.endswith("_share")
        sizes = [size * (2 if over_horizon and measure in UNIT_MEASURES else 1) for size in SIZES[measure]]
        if measure == "fulfilment":
            row["minimum"] = rng.choice(sizes)
            row |= _selectors(rng, tables, ("mission", "area", "host", "capability"), 0, 2)
        else:
            if rng.random() < 0.75:
                row["maximum"] = rng.choice(sizes)
            if rng.random() < 0.15 or "maximum" not in row:
                row["minimum"] = min(sizes[0], row.get("maximum", sizes[0])) * (0.5 if measure.endswith("e") else 1)
            least = 1 if measure.endswith("_share") else 0
            row |= _selectors(rng, tables, everything, least, rng.choice((1, 2)))
        row |= _window(rng, horizon, 0.3)
        if measure == "cost" and "movement" in families and not set(row) & set(everything):
            row.setdefault("maximum", rng.choice(sizes))
            row.pop("minimum", None)
        tables.setdefault("limits", []).append(row | _condition(rng, conditions, 0.25))


def _ready(rng: Random, tables: Tables, horizon: int, conditions: list[str]) -> None:
    """Floors on units at home and rested; some that bite, now and then one that nobody can keep."""
    for k in range(rng.choice((1, 1, 2))):
        row: Row = {"limit": f"home{k + 1}", "measure": "ready", "minimum": rng.choice((1, 1, 1, 2, 2, 3))}
        row |= _selectors(rng, tables, ("nation", "group", "unit_type", "tag", "domain"), 0, 2)
        row |= _window(rng, horizon, 0.4) | _condition(rng, conditions, 0.25)
        tables.setdefault("limits", []).append(row)


def _caveats(rng: Random, tables: Tables, horizon: int, conditions: list[str]) -> None:
    columns = ("nation", "mission", "area", "unit_type", "tag", "capability")
    tables["caveats"] = []
    for k in range(rng.choice((1, 1, 2, 3))):
        rule = rng.choice(("forbid", "limit", "limit", "unless") if conditions else ("forbid", "limit", "limit"))
        row: Row = {"caveat": f"c{k + 1}", "rule": rule, **_selectors(rng, tables, columns, 1, 3)}
        row |= _window(rng, horizon, 0.3)
        row |= _condition(rng, conditions, {"unless": 1.0, "forbid": 0.6, "limit": 0.3}[rule])
        if rule == "limit":
            row["measure"] = rng.choice(UNIT_MEASURES)
            row["maximum"] = rng.choice((0, *SIZES[row["measure"]]))
        tables["caveats"].append(row)


def _links(rng: Random, tables: Tables, conditions: list[str]) -> None:
    nations = [row["nation"] for row in tables["nations"]]
    groups: dict[str, list[str]] = {}
    for row in tables.get("groups", []):
        groups.setdefault(row["group"], []).append(row["nation"])
    tables["links"] = []
    for k in range(rng.choice((1, 2, 2))):
        bound = rng.choice(nations)
        kind = rng.choice(("needs", "excludes", "at_least"))
        others = [name for name in nations if name != bound]
        row: Row = {"link": f"l{k + 1}", "kind": kind}
        if kind == "at_least":
            usable = [name for name, members in groups.items() if set(members) - {bound}]
            if not usable:
                continue
            row |= {"nation": bound, "other": rng.choice(usable)}
            row["count"] = rng.randint(1, len(set(groups[row["other"]]) - {bound}))
        else:
            row |= {"nation": bound, "other": rng.choice([*others, *groups])}
            if rng.random() < 0.2 and len(nations) > 2 and row["other"] in others:
                row["nation"] = ";".join(name for name in nations if name != row["other"])
        if rng.random() < 0.3:
            row |= _selectors(rng, tables, ("mission", "area"), 1, 2)
        tables["links"].append(row | _condition(rng, conditions, 0.25))


def _enablers(rng: Random, tables: Tables) -> None:
    tables["enablers"] = []
    for k in range(rng.choice((1, 1, 2))):
        row: Row = {"enabler": f"e{k + 1}", "capability": "support", "per_personnel": rng.choice((0.01, 0.02, 0.05))}
        _some(rng, row, 0.6, scope=("post", "area", "mission"))
        if _tags(tables) and rng.random() < 0.4:
            row["applies_to"] = _values(rng, _tags(tables))
        if rng.random() < 0.25:
            row["hard"] = False
        tables["enablers"].append(row)


def _instruments(rng: Random, tables: Tables, conditions: list[str]) -> None:
    nations = [row["nation"] for row in tables["pledges"]]
    tables["instruments"], tables["instrument_yields"] = [], []
    for k in range(rng.choice((1, 1, 2))):
        row: Row = {"instrument": f"i{k + 1}"}
        _some(rng, row, 0.7, cost=(0.5, 1, 3), escalation=(0.5, 1, 2))
        if rng.random() < 0.5:
            row["sponsors"] = ";".join(sorted(set(rng.choices(nations, k=rng.choice((1, 1, 2))))))
        tables["instruments"].append(row | _condition(rng, conditions, 0.4))
        for line in rng.sample(tables["requirements"], 1 + (len(tables["requirements"]) > 1 and rng.random() < 0.4)):
            gain: Row = {"instrument": row["instrument"], "capability": line["capability"]}
            gain |= {key: line[key] for key in ("mission", "area") if rng.random() < 0.4}
            if all({**gain, "amount": other["amount"]} != other for other in tables["instrument_yields"]):
                tables["instrument_yields"].append({**gain, "amount": rng.choice((0.5, 1, 2))})


def _funding(rng: Random, tables: Tables, horizon: int, conditions: list[str]) -> None:
    """Funds of nations and of others that pay no service more than once; budgets and limits that make them pay, shares to be fair by."""
    nations = [row["nation"] for row in tables["nations"]]
    count = rng.choice((1, 1, 2, 3))
    tables["funding"] = []
    for k in range(count):
        row: Row = {"fund": f"f{k + 1}", "payer": rng.choice([*nations, "trust"])}
        row |= _selectors(rng, tables, ("nation", "mission", "area", "unit_type", "tag"), 0, 2)
        row |= _window(rng, horizon, 0.3) | _condition(rng, conditions, 0.2)
        if count > 1 or rng.random() < 0.5:
            row["share"] = rng.choice((0.2, 0.25, 0.3) if count > 2 else (0.25, 0.4, 0.5))
        _some(rng, row, 0.4, maximum=(0.5, 1, 2.5, 4))
        tables["funding"].append(row)
    for row in tables["nations"]:
        _some(rng, row, 0.5, budget=(0, 0.5, 1, 2, 3, 5))
        _some(rng, row, 0.3, participation_cost=(0.5, 1))
        row["fair_share"] = rng.choice((0, 1, 1, 2, 3))
    if not any(row["fair_share"] for row in tables["nations"]):
        tables["nations"][0]["fair_share"] = 1
    if rng.random() < 0.4:
        row = {
            "limit": "paying",
            "measure": "paid",
            "per": "horizon",
            **_selectors(rng, tables, ("nation", "group"), 0, 1),
        }
        row["maximum" if rng.random() < 0.6 else "minimum"] = rng.choice((0.5, 1, 2, 4))
        tables.setdefault("limits", []).append(row | _condition(rng, conditions, 0.25))


def _movement(rng: Random, tables: Tables, horizon: int, conditions: list[str]) -> None:
    served = sorted({row["area"] for row in tables["requirements"]})
    present = {row["area"] for row in tables["areas"]}
    tables["areas"] += [{"area": area} for area in ("home", "hub") if area not in present]
    for row in tables["nations"]:
        if rng.random() < 0.85:
            row["gateway"] = rng.choice(("home", "home", "hub", served[0]))
    pairs = [("home", "hub"), *(("hub", area) for area in served), *(("home", area) for area in served)]
    if len(served) > 1:
        pairs += [(served[0], served[1]), (served[1], served[0])]
    pairs += [("home", "hub")]
    tables["routes"] = []
    for k, (origin, destination) in enumerate(pairs):
        if rng.random() < 0.65:
            mode = "sea" if k == len(pairs) - 1 else "road"
            row: Row = {"origin": origin, "destination": destination, "mode": mode}
            _some(rng, row, 0.7, capacity=(1, 1.5, 2, 3, 4.5), cost=(0.25, 0.5, 1))
            row |= _window(rng, horizon, 0.15) | _condition(rng, conditions, 0.2)
            tables["routes"].append(row)


def _changes(rng: Random, tables: Tables) -> None:
    pledge = rng.choice([row for row in tables["pledges"] if "deployed_at_start" not in row] or [None])
    unit_type = rng.choice(tables["unit_types"])
    line = rng.choice(tables["requirements"])
    options: list[Row] = [
        {"table": "unit_types", "key": unit_type["unit_type"], "column": "cost", "factor": rng.choice((0.5, 2))},
        {"table": "requirements", "key": line["requirement"], "column": "target", "factor": 2},
        {"table": "requirements", "key": line["requirement"], "column": "threshold", "value": "0"},
        {"table": "missions", "key": line["mission"], "column": "weight", "value": "1.5"},
    ]
    if pledge:
        options.append({"table": "pledges", "key": pledge["pledge"], "column": "quantity", "value": rng.choice("012")})
        if "tour" not in pledge and "rotation_factor" not in pledge:
            options.append({"table": "pledges", "key": pledge["pledge"], "column": "until", "value": "1"})
    capped = [row for row in tables["nations"] if "max_personnel" in row]
    if capped:
        row = rng.choice(capped)
        options.append({"table": "nations", "key": row["nation"], "column": "max_personnel", "factor": 0.5})
    first = {row["pledge"]: row.get("from", 1) for row in tables["pledges"]}
    options = [row for row in options if row["column"] != "until" or first[row["key"]] == 1]
    names = [row["scenario"] for row in tables["scenarios"]]
    tables["changes"] = [{"scenario": rng.choice(names), **row} for row in rng.sample(options, rng.choice((1, 2)))]


# ---------------------------------------------------------------- aims


def _aims(rng: Random, tables: Tables, families: set[str]) -> list[Row]:
    minimised = ["cost", "personnel", "escalation"] if "aims" in families or "aims2" not in families else ["cost"]
    extra = ["burden_gap", "changes", "nations"] if "aims2" in families else []
    extra += ["burden_gap"] if "funding" in families else []
    extra += ["turnover", "turnover"] if "steadiness" in families else []
    first = rng.choice(["coverage", "coverage", "coverage", "weakest_mission"])
    others = [name for name in (*minimised, *extra, *extra, "weakest_mission", "coverage") if name != first]
    names = [first]
    for name in rng.sample(others, min(len(others), rng.choice((1, 2, 2, 3)))):
        if name not in names:
            names.append(name)
    if rng.random() < 0.25:
        rng.shuffle(names)
    aims: list[Row] = []
    priority = 1
    for name in names:
        alone = name == "burden_gap" or (aims and aims[-1]["name"] == "burden_gap")
        if aims and (alone or rng.random() < 0.7):
            priority += rng.choice((1, 1, 2))
        aims.append({"name": name, "priority": priority, **_aim_details(rng, tables, name)})
        if name == "burden_gap" and "funding" in families and rng.random() < 0.8:
            aims[-1]["measure"] = "paid"
    for aim in aims:
        level = [other for other in aims if other["priority"] == aim["priority"]]
        if len(level) > 1:
            weight = rng.choice((1.0, 0.5, 2.0))
            aim["weight"] = weight * 50 if aim["name"] == "weakest_mission" else weight
        elif rng.random() < 0.4 and aim.get("measure") != "paid":
            aim["tolerance"] = rng.choice((0.013, 0.057, 0.113, 0.229))
    if rng.random() < 0.2:
        aims.reverse()
    return aims


def _aim_details(rng: Random, tables: Tables, name: str) -> Row:
    if name in MAXIMISED:
        weighted = [row["mission"] for row in tables["requirements"] if row.get("weight", 1) > 0]
        if rng.random() < 0.2 and weighted:
            return {"scope": {"mission": rng.choice(weighted)}}
    elif name in {"cost", "personnel", "escalation"}:
        if rng.random() < 0.25:
            columns = ("nation", "mission", "area", "unit_type", "capability")
            return {"scope": _selectors(rng, tables, columns, 1, 2)}
    elif name == "burden_gap":
        details: Row = {}
        _some(rng, details, 0.5, measure=("cost", "personnel", "units"), variant=("ratio", "deviation"))
        return details
    elif name == "changes" and rng.random() < 0.4:
        return {"weights": {row["nation"]: rng.choice((0.5, 1.0, 2.0)) for row in tables["nations"]}}
    return {}


def _baseline(rng: Random, tables: Tables, header: Row) -> list[Row]:
    """A plan that keeps availability and rotation, not necessarily the other rules."""
    facts = read(tables, header, None)
    rows: list[Row] = []
    for p, pledge in enumerate(facts.pledges):
        x = rng.choice(pledge_options(facts, p, 100_000).x)
        rows += [
            {"pledge": pledge["pledge"], "requirement": line["requirement"], "period": t + 1, "units": int(x[r, t])}
            for (r, line), t in itertools.product(enumerate(facts.lines), range(facts.horizon))
            if x[r, t]
        ]
    return rows


# ---------------------------------------------------------------- keeping it valid


def _posts_of(tables: Tables) -> list[tuple[str, str]]:
    return sorted({(row["mission"], row["area"]) for row in tables["requirements"]})


def _reachable(facts: Facts) -> np.ndarray:
    """Where rotation and windows let some unit of the pledge be (p, r, t)."""
    options = [pledge_options(facts, p, 20_000) for p in range(len(facts.pledges))]
    return np.array([option.x.max(axis=0) > 0 for option in options])


def _repair(rng: Random, tables: Tables, header: Row) -> None:
    """Takes out what the cross-field checks would refuse."""
    every = [read(tables, header, scenario) for scenario in scenario_names(tables)]
    able_to = [_reachable(facts) for facts in every] if "posts" in tables else []
    for row in tables.get("posts", []):
        post = row["mission"], row["area"]
        for facts, reachable in zip(every, able_to, strict=True):
            here = [r for r, line in enumerate(facts.lines) if (line["mission"], line["area"]) == post]
            served = reachable[:, here].any(axis=0)  # r, t
            able = {pledge["nation"] for p, pledge in enumerate(facts.pledges) if reachable[p, here].any()}
            if row.get("min_nations", 0) > len(able):  # then the post cannot be a must
                row.pop(rng.choice(("min_nations", "must")), None)
                if row.get("min_nations", 0) > len(able):
                    row.pop("must", None)
            if not served.any() or any(
                (facts.active[r] & ~served[k]).any() and float(facts.lines[r].get("threshold", 0)) > 0
                for k, r in enumerate(here)
            ):
                row.pop("must", None)
        willing = {
            nation["nation"]
            for nation in tables["nations"]
            if truth(pair_value(every[0], nation["nation"], post, "may_lead", False))
        }
        if row.get("lead") == "required" and not willing & {pledge["nation"] for pledge in tables["pledges"]}:
            for column in ("lead", "lead_min_share", "lead_term"):
                row.pop(column, None)
    for row in tables.get("participation", []):
        most = [row["max_personnel"] for row in tables["participation"] if "max_personnel" in row]
        if row.get("min_contingent", 0) > min(most, default=100):
            row["min_contingent"] = min(most)
    if "posts" in tables:
        tables["posts"] = [row for row in tables["posts"] if len(row) > 2]
