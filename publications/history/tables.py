"""The tables of an instance, made from the facts of the earlier date and from what is chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from optimizer.instance.instance import Instance
from publications.history.cases import Case, Choices
from publications.history.facts import Fact, amounts, coalition, names

Row = dict[str, Any]
ASSUMED: Final = "assumed"
GAP: Final = 0.005
"""Relative gap at which the fairest division counts as found: at most so much of the part that is not decided is placed differently."""
OPEN: Final = 0.001
"""The part of the total that may stay open for a fairer division."""
_PLACES: Final = {"kosovo": "Kosovo", "north": "North", "elsewhere": "The rest of Afghanistan"}


def asked(case: Case, facts: tuple[Fact, ...], choices: Choices) -> int:
    """How many soldiers are asked for: the only fact of the later date, or what was planned at the earlier one."""
    kind, date = ("planned", "") if choices.planned else ("came", case.later[0])
    return round(sum(amounts(facts, kind, date).values()))


def split(total: int, parts: dict[str, float]) -> dict[str, int]:
    """A total divided in proportion, in whole numbers: the largest remainders are rounded up."""
    exact = {name: total * part / sum(parts.values()) for name, part in parts.items()}
    found = {name: math.floor(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[: total - sum(found.values())]:
        found[name] += 1
    return found


def there(case: Case, facts: tuple[Fact, ...], choices: Choices) -> dict[str, int]:
    """What each nation has in the mission and does not take home before the year that is asked about."""
    found = {nation: round(value) for nation, value in amounts(facts, "was").items()}
    if choices.ends:
        for nation, year in amounts(facts, "ends").items():
            if year < case.year:
                found.pop(nation)
    return found


def announced(facts: tuple[Fact, ...], choices: Choices) -> dict[str, int]:
    """What each nation has announced to send in addition."""
    return {nation: round(value) for nation, value in amounts(facts, "announced").items()} if choices.announced else {}


def ceilings(case: Case, facts: tuple[Fact, ...], choices: Choices) -> dict[str, int]:
    """Most that each nation can have there: the usable part of its forces, never less than what is decided."""
    decided = decisions(case, facts, choices)
    forces, everything = amounts(facts, "forces"), asked(case, facts, choices)
    factor = None if choices.ceiling is None else case.usable * choices.ceiling
    found = {}
    for nation in coalition(facts):
        usable = math.floor(factor * forces.get(nation, 0.0) + 1e-9) if factor is not None else everything
        usable = usable if nation in forces else 0
        found[nation] = max(decided.get(nation, 0), min(usable, everything))
    if choices.ends:
        found |= {nation: decided.get(nation, 0) for nation in amounts(facts, "ends")}
    return found


def decisions(case: Case, facts: tuple[Fact, ...], choices: Choices) -> dict[str, int]:
    """What is there and stays, and what is announced, together."""
    stay, more = there(case, facts, choices), announced(facts, choices)
    return {nation: stay.get(nation, 0) + more.get(nation, 0) for nation in coalition(facts)}


def instance_of(case: Case, facts: tuple[Fact, ...], choices: Choices) -> Instance:
    """The instance of a case."""
    tables: dict[str, list[Row]] = {
        "areas": _areas(facts),
        "capabilities": [{"capability": "presence", "measure": "soldiers", "source": ASSUMED}],
        "unit_types": [_unit_type()],
        "yields": [{"unit_type": "soldier", "capability": "presence", "amount": 1, "source": ASSUMED}],
        "nations": _nations(case, facts, choices),
        "pledges": _pledges(case, facts, choices),
        "missions": [{"mission": case.mission, "name": case.mission.upper(), "source": ASSUMED}],
        "requirements": (lines := _requirements(case, facts, choices)),
        "posts": [_post(line) for line in lines],
    }
    caveats = _caveats(facts) if choices.caveats else []
    if caveats:
        tables["caveats"] = caveats
    return Instance.from_tables(tables, _header(case))


def _header(case: Case) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": case.instance,
        "title": case.title,
        "description": "Who was expected to send how many, from the facts of the earlier date. Held against history: see README.md.",
        "periods": {"count": 1, "months": 12},
        "solver": {"gap": GAP},
        "aims": [
            {"name": "coverage", "priority": 1, "tolerance": OPEN},
            {"name": "burden_gap", "priority": 2},
            {"name": "cost", "priority": 3},
        ],
    }


def _unit_type() -> Row:
    note = "the cost counts persons: 1 for each soldier who is neither there nor announced"
    return {"unit_type": "soldier", "personnel": 1, "cost": 1, "source": ASSUMED, "note": note}


def _area_facts(facts: tuple[Fact, ...]) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts if fact.kind == "area"}


def _areas(facts: tuple[Fact, ...]) -> list[Row]:
    places = list(_area_facts(facts)) or ["kosovo"]
    return [{"area": place, "name": _PLACES[place], "source": ASSUMED} for place in places]


def _requirements(case: Case, facts: tuple[Fact, ...], choices: Choices) -> list[Row]:
    known = _area_facts(facts)
    total = asked(case, facts, choices)
    targets = split(total, {place: float(fact.value) for place, fact in known.items()} or {"kosovo": 1.0})
    kind = "planned" if choices.planned else "came"
    source = next(fact for fact in facts if fact.kind == kind and (choices.planned or fact.date == case.later[0]))
    rows = []
    for place, target in targets.items():
        divided = f"; divided by {known[place].cited}" if place in known else ""
        rows.append(
            {
                "requirement": f"presence-{place}",
                "mission": case.mission,
                "area": place,
                "capability": "presence",
                "target": target,
                "weight": round(target / total, 6),
                "source": f"{source.cited}{divided}",
                "note": f"of {total} in all: the sum of the list" if not choices.planned else f"of {total} in all",
            }
        )
    return rows


def _post(line: Row) -> Row:
    ceiling = {"max_personnel": line["target"], "source": ASSUMED, "note": "no more than what is asked for"}
    return {"mission": line["mission"], "area": line["area"], **ceiling}


def _nations(case: Case, facts: tuple[Fact, ...], choices: Choices) -> list[Row]:
    decided, caps, called = decisions(case, facts, choices), ceilings(case, facts, choices), names(facts)
    keys: Mapping[str, float] = decided if choices.key == "decided" else amounts(facts, choices.key)
    forces = {fact.nation: fact for fact in facts if fact.kind == "forces"}
    wealth = {fact.nation: fact for fact in facts if fact.kind == "gdp"}
    rows = []
    for nation in coalition(facts):
        of = forces.get(nation)
        ceiling = f"{case.target}, of {of.value} in {of.date}" if of else "no figure of its forces: what is decided"
        rows.append(
            {
                "nation": nation,
                "name": called[nation],
                "fair_share": (keys.get(nation) or None) if caps[nation] else None,
                "source": "; ".join(fact.cited for fact in (of, wealth.get(nation)) if fact),
                "note": f"ceiling {caps[nation]}, held by its pledges: {ceiling}; at least what is there or announced. Fair share: {choices.key}",
            }
        )
    return rows


def _pledges(case: Case, facts: tuple[Fact, ...], choices: Choices) -> list[Row]:
    stay, more, caps = there(case, facts, choices), announced(facts, choices), ceilings(case, facts, choices)
    outside = amounts(facts, "outside") if choices.outside else {}
    rows = []
    for nation in coalition(facts):
        if choices.stays:
            offers = {"there": stay.get(nation, 0), "announced": more.get(nation, 0)}
            rows += [_decided(facts, nation, name, quantity) for name, quantity in offers.items()]
            further = caps[nation] - sum(offers.values())
        else:
            further = caps[nation]
        if nation in outside:
            further -= round(outside[nation])
            rows.append(
                _pledge(nation, "outside", round(outside[nation]), cost=0, source=_cited(facts, nation, "outside"))
            )
        note = "up to the ceiling" if choices.stays else "all that there may be, up to the ceiling"
        rows.append(_pledge(nation, "further", further, source=ASSUMED, note=note))
    return [row for row in rows if row["quantity"]]


def _pledge(nation: str, name: str, quantity: int, **more: Any) -> Row:
    return {
        "pledge": f"{nation}-{name}",
        "nation": nation,
        "unit_type": "soldier",
        "quantity": quantity,
        "cost": 1,
        **more,
    }


def _decided(facts: tuple[Fact, ...], nation: str, name: str, quantity: int) -> Row:
    kind = {"there": "was", "announced": "announced"}[name]
    return _pledge(nation, name, quantity, committed=quantity, cost=0, source=_cited(facts, nation, kind))


def _cited(facts: tuple[Fact, ...], nation: str, kind: str) -> str:
    found = [fact for fact in facts if fact.nation == nation and fact.kind == kind]
    notes = [fact.note for fact in found if fact.note]
    return "; ".join([*dict.fromkeys(fact.cited for fact in found), *notes])


def _caveats(facts: tuple[Fact, ...]) -> list[Row]:
    places = set(_area_facts(facts))
    return [
        {
            "caveat": f"{fact.name} only in the {fact.value}",
            "nation": fact.nation,
            "area": ";".join(sorted(places - {fact.value})),
            "rule": "forbid",
            "source": fact.cited,
            "note": fact.note,
        }
        for fact in facts
        if fact.kind == "caveat"
    ]
