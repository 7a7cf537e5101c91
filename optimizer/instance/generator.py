"""Synthetic instances of any size: seeded, the same on every platform, shaped like a real force generation.

Nations of very unequal size pledge units of several types; posts compete for the same units; caveats, conditions, tours,
thresholds, ceilings and (unless left out) rules of participation and steadiness bite. Numbers are invented: they describe no real nation.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any, Final

import numpy as np

from optimizer.instance.admissible import admissible, rotation_factor
from optimizer.instance.attributes import TABLES
from optimizer.instance.instance import Instance, with_defaults
from optimizer.instance.scenario import ScenarioTables, every_period
from optimizer.instance.standing import make_steady

SIZES: Final[dict[str, dict[str, int]]] = {
    "S": {"nations": 30, "unit_types": 12, "posts": 4, "periods": 1},
    "M": {"nations": 30, "unit_types": 12, "posts": 12, "periods": 8},
    "L": {"nations": 30, "unit_types": 20, "posts": 40, "periods": 20},
}
"""The sizes at which this program is measured."""

_DOMAINS: Final = ("land", "land", "land", "air", "sea", "hq", "land", "cyber")
_PERSONNEL: Final = (600, 150, 40, 120, 250, 30, 80, 400, 60, 500, 100, 20)
_CAPABILITIES: Final = ("guard", "train", "monitor", "clear", "supply", "heal", "command", "sense", "escort", "build")
_LARGEST_CAP: Final = 9_000
_STEADY_SEEDS: Final = 2**31
"""What is added to the seed for the rules of steadiness: draws of their own, so that they change nothing else."""

Rows = list[dict[str, Any]]


class Draws:
    """Draws from PCG64 that use nothing but whole numbers below a bound: the same on every platform."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self._generator.integers(low, high + 1))

    def share(self, low: float, high: float) -> float:
        """A number from low to high, in hundredths."""
        return self.whole(round(low * 100), round(high * 100)) / 100

    def happens(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.whole(1, 100) <= percent

    def pick(self, items: list[Any] | tuple[Any, ...], count: int = 1) -> list[Any]:
        """Some of the items, each once."""
        rest = list(items)
        return [rest.pop(self.whole(0, len(rest) - 1)) for _ in range(min(count, len(rest)))]


def generate(
    size: str | None = None,
    *,
    nations: int | None = None,
    unit_types: int | None = None,
    posts: int | None = None,
    periods: int | None = None,
    seed: int = 0,
    participation: bool = True,
    steady: bool = True,
) -> Instance:
    """A synthetic instance of a named size (S, M, L), or of explicit numbers (which go before those of the size).

    `participation=False` leaves out smallest contingents, smallest numbers of nations and leads: much easier to solve.
    `steady=False` leaves out continuity, least stays and standing contingents, which instances of two periods or more have;
    all else is the same. The sizes are measured without them.

    Raises:
        ValueError: the size is unknown, or a number is missing or below 1.
    """
    if size is not None and size not in SIZES:
        raise ValueError(f"There is no size {size!r}; sizes: {', '.join(SIZES)}.")
    numbers: dict[str, int | None] = {**(SIZES[size] if size else {})}
    explicit = {"nations": nations, "unit_types": unit_types, "posts": posts, "periods": periods}
    numbers |= {name: number for name, number in explicit.items() if number is not None}
    for name in explicit:
        number = numbers.get(name)
        if number is None or number < 1:
            raise ValueError(f"Give a size, or {name} (at least 1).")
    horizon = int(numbers["periods"] or 1)
    draws = Draws(seed)
    tables: dict[str, Rows] = {}
    _forces(tables, draws, int(numbers["nations"] or 1), int(numbers["unit_types"] or 1), horizon)
    _places(tables, draws, int(numbers["posts"] or 1))
    _conditions(tables)
    _requirements(tables, draws, horizon)
    _caveats(tables, draws)
    _ceilings(tables, draws)
    if participation:
        _participation(tables, draws, horizon)
    if steady and horizon > 1:
        make_steady(tables, Draws(seed + _STEADY_SEEDS), horizon)
    name = f"generated-{'-'.join(str(numbers[part]) for part in explicit)}-{seed}"
    header = {
        "name": name,
        "title": f"Synthetic instance {name}",
        "description": "Invented numbers; they describe no real nation.",
        "periods": {"count": horizon, "months": 6, "first": "2026-01"},
        "aims": [{"name": "coverage", "priority": 1}, {"name": "cost", "priority": 2}],
    }
    return Instance.from_tables({table: rows for table, rows in tables.items() if rows}, header)


def _names(prefix: str, count: int) -> list[str]:
    width = max(2, len(str(count)))
    return [f"{prefix}{number:0{width}d}" for number in range(1, count + 1)]


def _forces(tables: dict[str, Rows], draws: Draws, nations: int, unit_types: int, horizon: int) -> None:
    """Nations with caps that fall with their rank, unit types, what types yield, and pledges in proportion to the caps."""
    capabilities = list(_CAPABILITIES[: max(2, min(len(_CAPABILITIES), unit_types // 2 + 1))])
    tables["capabilities"] = [{"capability": name, "measure": f"{name} points per period"} for name in capabilities]
    types: Rows = []
    yields: Rows = []
    for number, name in enumerate(_names("T", unit_types)):
        personnel = _PERSONNEL[number % len(_PERSONNEL)] + 10 * draws.whole(0, 3)
        domain = _DOMAINS[number % len(_DOMAINS)]
        types.append(
            {
                "unit_type": name,
                "domain": domain,
                "personnel": personnel,
                "cost": round(personnel * draws.share(0.02, 0.06), 2),
                "lift": 5 * round(personnel * draws.share(0.3, 0.8)),
                "sustainment": round(personnel * draws.share(0.2, 0.5)),
                "escalation": draws.whole(1, 10),
                "tags": ";".join(draws.pick(("heavy", "light", "support"))),
            }
        )
        first = capabilities[number % len(capabilities)]
        others = [capability for capability in capabilities if capability != first]
        amount = max(1, round(personnel / 20 * draws.share(0.6, 1.6)))
        yields.append({"unit_type": name, "capability": first, "amount": amount})
        yields += [
            {"unit_type": name, "capability": other, "amount": max(1, amount // 2)}
            for other in draws.pick(others, draws.whole(1, 2))
        ]
    tables["unit_types"], tables["yields"] = types, yields
    people = {row["unit_type"]: row["personnel"] for row in types}
    tables["nations"], tables["pledges"] = [], []
    for rank, nation in enumerate(_names("N", nations), 1):
        cap = max(150, round(_LARGEST_CAP * draws.share(0.8, 1.2) / rank / 50) * 50)
        tables["nations"].append({"nation": nation, "max_personnel": cap, "fair_share": cap})
        offered = draws.pick(list(people), max(2, round(unit_types * draws.share(0.45, 0.9))))
        for unit_type in sorted(offered):
            pledge: dict[str, Any] = {"pledge": f"{nation}-{unit_type}", "nation": nation, "unit_type": unit_type}
            pledge |= _rotation(draws, horizon)
            # together the pledges could sustain a little more than the cap, so that the cap bites
            wanted = cap * draws.share(0.8, 1.8) / len(offered) / people[unit_type]
            pledge["quantity"] = max(1, math.ceil(wanted * float(rotation_factor({"rotation_factor": None, **pledge}))))
            if horizon > 3 and draws.happens(20):
                pledge["from"] = draws.whole(2, horizon // 2)
            tables["pledges"].append(pledge)


def _rotation(draws: Draws, horizon: int) -> dict[str, Any]:
    tour = 2 if horizon > 1 and draws.happens(35) else 1
    return {"tour": tour, "dwell": tour * draws.whole(1, 3)}


def _places(tables: dict[str, Rows], draws: Draws, posts: int) -> None:
    """Missions and areas, as near to a square of posts as can be."""
    missions = _names("M", math.isqrt(posts - 1) + 1)
    areas = _names("A", math.ceil(posts / len(missions)))
    tables["missions"] = [{"mission": name, "weight": draws.whole(1, 5)} for name in missions]
    tables["areas"] = [{"area": name, "host": f"H{number % 5 + 1}"} for number, name in enumerate(areas)]
    tables["_posts"] = [{"mission": mission, "area": area} for area in areas for mission in missions][:posts]


def _conditions(tables: dict[str, Rows]) -> None:
    tables["conditions"] = [{"condition": "ceasefire", "default": True}, {"condition": "backstop", "default": False}]
    tables["scenarios"] = [
        {"scenario": "settlement", "probability": 0.3, "ceasefire": True, "backstop": True},
        {"scenario": "unsupported", "probability": 0.5, "ceasefire": True, "backstop": False},
        {"scenario": "no-ceasefire", "probability": 0.2, "ceasefire": False, "backstop": False},
    ]


def _requirements(tables: dict[str, Rows], draws: Draws, horizon: int) -> None:
    """Two or three lines per post; together they ask for somewhat more than all pledges could sustain."""
    supply: dict[str, float] = defaultdict(float)
    amounts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in tables["yields"]:
        amounts[row["unit_type"]].append((row["capability"], row["amount"]))
    for row in tables["pledges"]:
        sustained = int(row["quantity"] / rotation_factor({"rotation_factor": None, **row}))
        for capability, amount in amounts[row["unit_type"]]:
            # a unit serves on one line: count it in part where it could deliver several capabilities
            supply[capability] += sustained * amount / len(amounts[row["unit_type"]])
    capabilities = list(supply)
    lines: list[tuple[dict[str, Any], str]] = []
    posts = tables.pop("_posts")
    for position, post in enumerate(posts):
        first = capabilities[position % len(capabilities)]
        others = [capability for capability in capabilities if capability != first]
        lines += [(post, capability) for capability in (first, *draws.pick(others, draws.whole(1, 2)))]
    asked: dict[str, int] = defaultdict(int)
    for _, capability in lines:
        asked[capability] += 1
    tables["requirements"] = []
    for post, capability in lines:
        target = max(2, round(supply[capability] / asked[capability] * draws.share(1.2, 3.2)))
        row = {
            "requirement": f"{post['mission']}-{post['area']}-{capability}",
            **post,
            "capability": capability,
            "target": target,
        }
        row["threshold"] = round(target * draws.share(0.1, 0.4))
        row["weight"] = draws.whole(1, 3)
        if horizon > 3 and draws.happens(15):
            row["from"] = draws.whole(2, horizon // 2)
        tables["requirements"].append(row)


def _caveats(tables: dict[str, Rows], draws: Draws) -> None:
    """About every second nation restricts something: an area, a condition, a type, or how many may go where."""
    areas = [row["area"] for row in tables["areas"]]
    types = [row["unit_type"] for row in tables["unit_types"]]
    tables["caveats"] = []
    for row in tables["nations"]:
        nation, cap = row["nation"], row["max_personnel"]
        if not draws.happens(50):
            continue
        rule = draws.whole(1, 4)
        caveat: dict[str, Any] = {"caveat": f"{nation} caveat", "nation": nation}
        if rule == 1 and len(areas) > 1:
            caveat |= {"area": draws.pick(areas)[0], "rule": "forbid"}
        elif rule == 2:
            caveat |= {
                "area": draws.pick(areas)[0],
                "rule": "unless",
                "condition": draws.pick(("ceasefire", "backstop"))[0],
            }
        elif rule == 3 and len(types) > 1:
            caveat |= {
                "area": draws.pick(areas)[0],
                "unit_type": draws.pick(types)[0],
                "rule": "forbid",
                "condition": "!ceasefire",
            }
        else:
            caveat |= {
                "area": draws.pick(areas)[0],
                "rule": "limit",
                "measure": "personnel",
                "maximum": max(100, cap // 2),
            }
        tables["caveats"].append(caveat)


def _ceilings(tables: dict[str, Rows], draws: Draws) -> None:
    """Some hosts admit only so many; lift into some areas is scarce."""
    total = sum(row["max_personnel"] for row in tables["nations"])
    for row in tables["areas"]:
        if draws.happens(40):
            row["max_personnel"] = max(500, round(total / len(tables["areas"]) * draws.share(0.5, 1.0) / 100) * 100)


def _participation(tables: dict[str, Rows], draws: Draws, horizon: int) -> None:
    """Smallest contingents, smallest numbers of nations and leads, none of them beyond who could serve by default."""
    for row in tables["nations"]:
        row["min_contingent"] = min(draws.whole(2, 6) * 20, row["max_personnel"] // 3)
    largest = [row["nation"] for row in tables["nations"]][: max(1, math.ceil(len(tables["nations"]) * 0.3))]
    tables["participation"] = [{"nation": nation, "may_lead": True} for nation in largest]
    filled = {
        name: with_defaults(TABLES[name], [{**dict.fromkeys(TABLES[name].by_name), **row} for row in rows])
        for name, rows in tables.items()
    }
    defaults = {row["condition"]: every_period(horizon) if row["default"] else 0 for row in tables["conditions"]}
    post_of = {row["requirement"]: (row["mission"], row["area"]) for row in tables["requirements"]}
    nation_of = {row["pledge"]: row["nation"] for row in tables["pledges"]}
    able: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pledge, line in admissible(ScenarioTables(defaults, filled, horizon), horizon).services:
        able[post_of[line]].add(nation_of[pledge])
    tables["posts"] = []
    for mission, area in dict.fromkeys(post_of.values()):
        post: dict[str, Any] = {"mission": mission, "area": area}
        if draws.happens(50) and len(able[mission, area]) >= 4:
            post["min_nations"] = draws.whole(2, 3)
        if draws.happens(30) and able[mission, area] & set(largest):
            post |= {"lead": "required", "lead_min_share": draws.share(0.1, 0.3)}
            if horizon > 4:
                post["lead_term"] = max(2, horizon // 4)
        if len(post) > 2:
            tables["posts"].append(post)
