"""Small instances for the tests of the check, and plans in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.instance.header_attributes import AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.plan.aims import aim_values
from optimizer.plan.case import read_case
from optimizer.plan.evaluate import Evaluation, evaluate
from optimizer.plan.flows import cheapest_flows
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.rules.movement import move

Row = dict[str, Any]


def world(periods: int = 1, aims: list[Row] | None = None, **tables: list[Row]) -> Instance:
    """Nations A, B and C with four units `inf` each (100 persons, cost 10, 2 guards) for two posts of target 10; overridable."""
    base: dict[str, list[Row]] = {
        "nations": [{"nation": nation} for nation in "ABC"],
        "unit_types": [
            {
                "unit_type": "inf",
                "personnel": 100,
                "cost": 10,
                "lift": 5,
                "sustainment": 2,
                "escalation": 3,
                "tags": "army",
            },
            {
                "unit_type": "med",
                "personnel": 10,
                "cost": 1,
                "lift": 1,
                "sustainment": 1,
                "escalation": 0,
                "domain": "sea",
            },
        ],
        "yields": [
            {"unit_type": "inf", "capability": "guard", "amount": 2},
            {"unit_type": "med", "capability": "care", "amount": 1},
        ],
        "pledges": [{"pledge": nation, "nation": nation, "unit_type": "inf", "quantity": 4} for nation in "ABC"],
        "missions": [{"mission": "watch"}],
        "areas": [{"area": "north", "host": "NOR"}, {"area": "south", "host": "SOU"}],
        "requirements": [
            {"requirement": area, "mission": "watch", "area": area, "capability": "guard", "target": 10}
            for area in ("north", "south")
        ],
    }
    return Instance.from_tables(base | tables, {"name": "world", "periods": {"count": periods}, "aims": aims or []})


def rows(text: str) -> list[Row]:
    """`A north 1-3 2; B south 2 1`: pledge, requirement, period or periods, units."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        pledge, line, when, units = part.split()
        first, _, last = when.partition("-")
        periods = range(int(first), int(last or first) + 1)
        found += [{"pledge": pledge, "requirement": line, "period": t, "units": float(units)} for t in periods]
    return found


def leads(text: str) -> list[Row]:
    """`A north; B south 1;2`: nation, area (of the mission `watch`), terms joined by `+`."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        nation, area, *terms = part.split()
        found.append(
            {
                "nation": nation,
                "mission": "watch",
                "area": area,
                "leads": True,
                "lead_terms": ";".join("+".join(terms).split("+")),
            }
        )
    return found


@dataclass(frozen=True)
class Judged(Evaluation):
    """What the check finds, and every aim there is, without scope; None where it is unknown (changes without a baseline)."""

    values: Mapping[str, float | None]


def judge(instance: Instance, plan: str, scenario: str | None = None, lead: str = "", **more: Any) -> Judged:
    """Evaluate a plan in one line, with the cheapest flows unless some are given."""
    if "flows" not in more:
        more["flows"] = cheapest_flows(instance, scenario, rows(plan), more.get("instruments"))
    baseline, aims = more.pop("baseline", None), more.pop("aims", None)
    decisions = Decisions(rows(plan), leads(lead), **more)
    facts = gather(read_case(instance, scenario, aims), decisions, baseline)
    values = {item.aim.name: item.value for item in aim_values(facts, move(facts), [Aim(name) for name in AIMS])}
    return Judged(**vars(evaluate(instance, scenario, decisions, baseline, aims)), values=values)


def two_posts() -> Instance:
    """The complete small instance of the instance format: coverage 60, cost 32."""
    return Instance.from_tables(
        {
            "nations": [{"nation": "FRA", "max_personnel": 900}, {"nation": "ITA", "max_personnel": 500}],
            "unit_types": [
                {"unit_type": "battalion", "personnel": 600, "cost": 24},
                {"unit_type": "training_team", "personnel": 40, "cost": 2},
            ],
            "capabilities": [
                {"capability": "guard", "measure": "sites"},
                {"capability": "train", "measure": "trainees per period"},
            ],
            "yields": [
                {"unit_type": "battalion", "capability": "guard", "amount": 5},
                {"unit_type": "training_team", "capability": "train", "amount": 300},
                {"unit_type": "battalion", "capability": "train", "amount": 900},
            ],
            "pledges": [
                {"pledge": "FRA-bn", "nation": "FRA", "unit_type": "battalion", "quantity": 2},
                {"pledge": "ITA-tt", "nation": "ITA", "unit_type": "training_team", "quantity": 4},
            ],
            "missions": [{"mission": "training", "weight": 1}, {"mission": "protection", "weight": 2}],
            "areas": [{"area": "west", "host": "UKR"}, {"area": "romania", "host": "ROU"}],
            "requirements": [
                {
                    "requirement": "guard-west",
                    "mission": "protection",
                    "area": "west",
                    "capability": "guard",
                    "threshold": 4,
                    "target": 10,
                },
                {
                    "requirement": "train-ro",
                    "mission": "training",
                    "area": "romania",
                    "capability": "train",
                    "threshold": 300,
                    "target": 1500,
                },
            ],
            "caveats": [{"caveat": "no Italian troops in Ukraine", "nation": "ITA", "area": "west", "rule": "forbid"}],
        },
        {
            "name": "two-posts",
            "title": "Two nations, two posts",
            "aims": [{"name": "coverage", "priority": 1}, {"name": "cost", "priority": 2}],
        },
    )


BEST_OF_TWO_POSTS = "FRA-bn guard-west 1 1; ITA-tt train-ro 1 4"
