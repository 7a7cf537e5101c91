"""Tiny instances, each made to show the rows and columns of some families; few enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.aims import Baseline
from optimizer.model.assemble import Built, build

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """Tables that replace those of `base`, and the families that the case is the golden of."""

    shows: tuple[str, ...]
    tables: Mapping[str, Rows] = field(default_factory=dict)
    periods: int = 1
    aims: tuple[Mapping[str, Any], ...] = ({"name": "coverage", "priority": 1}, {"name": "cost", "priority": 2})
    baseline: Baseline | None = None
    commitment: bool = False

    def instance(self) -> Instance:
        """The instance."""
        tables = {**base(), **self.tables}
        header = {"name": "tiny", "periods": {"count": self.periods, "months": 6}, "aims": [dict(a) for a in self.aims]}
        return Instance.from_tables(tables, header=header)

    def situation(self) -> Situation:
        """Its only scenario."""
        return build_situation(self.instance())

    def built(self) -> Built:
        """Its model."""
        return build(self.situation(), self.baseline, commitment=self.commitment)


def base() -> dict[str, Rows]:
    """FRA pledges two battalions, ITA one team; one post (guard in the east) with one line of 6 sites."""
    return {
        "nations": [{"nation": "FRA"}, {"nation": "ITA"}],
        "unit_types": [
            {
                "unit_type": "bn",
                "personnel": 600,
                "cost": 20,
                "lift": 5,
                "sustainment": 2,
                "escalation": 3,
                "tags": "heavy",
            },
            {"unit_type": "team", "personnel": 50, "cost": 2, "lift": 1, "sustainment": 0.5, "escalation": 1},
        ],
        "yields": [
            {"unit_type": "bn", "capability": "guard", "amount": 4},
            {"unit_type": "team", "capability": "guard", "amount": 1},
        ],
        "pledges": [pledge("fra-bn", "FRA", "bn", 2), pledge("ita-team", "ITA", "team", 1)],
        "missions": [{"mission": "m"}],
        "requirements": [line("guard")],
    }


def pledge(name: str, nation: str, unit_type: str, quantity: int, **more: Any) -> dict[str, Any]:
    """A row of pledges."""
    return {"pledge": name, "nation": nation, "unit_type": unit_type, "quantity": quantity, **more}


def line(name: str, target: float = 6, area: str = "east", mission: str = "m", **more: Any) -> dict[str, Any]:
    """A row of requirements."""
    return {"requirement": name, "mission": mission, "area": area, "capability": "guard", "target": target, **more}


def post(area: str = "east", **more: Any) -> Rows:
    """A row of posts."""
    return [{"mission": "m", "area": area, **more}]


TWO_LINES: Rows = [line("guard"), line("watch", 2, area="west")]
TOURS: Rows = [
    pledge("fra-bn", "FRA", "bn", 2, tour=2, dwell=1, deployed_at_start=1),
    pledge("ita-team", "ITA", "team", 1),
]
ALL_AREAS: Rows = [{"area": "east", "host": "UKR"}, {"area": "west", "host": "ROU"}, {"area": "home"}, {"area": "port"}]

CASES: dict[str, Case] = {
    "one line, one period": Case(("share", "delivered")),
    "two lines for the same units": Case(("present", "stock"), {"requirements": TWO_LINES}),
    "tours of two periods, one of rest, one unit out at the start": Case(
        ("starts", "rotation"), {"pledges": TOURS, "requirements": TWO_LINES}, periods=4
    ),
    "moves that cost": Case(
        (
            "moves",
            "moves_in",
        ),
        {"deployment_costs": [{"unit_type": "bn", "movement_cost": 3}]},
        periods=3,
    ),
    "moves that a floor rewards": Case(
        ("rises", "moves_exact", "moves_only_rising"),
        {"limits": [{"limit": "busy", "measure": "lift", "per": "horizon", "minimum": 10}]},
        periods=2,
    ),
    "two roads to two areas": Case(
        ("flow", "leaves", "leaves_home", "conservation", "route_capacity"),
        {
            "areas": ALL_AREAS,
            "nations": [{"nation": "FRA", "gateway": "home"}, {"nation": "ITA", "gateway": "port"}],
            "pledges": [pledge("fra-bn", "FRA", "bn", 2), pledge("ita-team", "ITA", "team", 1, until=1)],
            "requirements": TWO_LINES,
            "routes": [
                {"origin": "home", "destination": "east", "mode": "road", "capacity": 8, "cost": 0.5},
                {"origin": "home", "destination": "port", "mode": "road", "until": 1},
                {"origin": "port", "destination": "east", "mode": "sea", "capacity": 12},
                {"origin": "east", "destination": "west", "mode": "road", "capacity": 6},
            ],
        },
        periods=2,
    ),
    "a threshold and continuity": Case(
        ("mounted", "within_mounting", "threshold", "only_if_mounted", "continuity"),
        {"missions": [{"mission": "m", "continuity": True}], "requirements": [line("guard", threshold=3)]},
        periods=2,
    ),
    "limits of every kind": Case(
        ("limit",),
        {
            "areas": [{"area": "east", "max_personnel": 1_000}, {"area": "west"}],
            "requirements": TWO_LINES,
            "nations": [{"nation": "FRA", "budget": 50, "participation_cost": 4}, {"nation": "ITA"}],
            "limits": [
                {"limit": "ceiling", "measure": "escalation", "tag": "heavy", "maximum": 4, "from": 2},
                {"limit": "floor", "measure": "fulfilment", "per": "horizon", "area": "west", "minimum": 0.5},
                {"limit": "fair", "measure": "units_share", "nation": "FRA", "maximum": 0.5, "minimum": 0.1},
                {"limit": "all", "measure": "cost", "maximum": 60},
            ],
            "instruments": [{"instrument": "guarantee", "cost": 5}],
        },
        periods=2,
    ),
    "a floor on units at home and rested": Case(
        ("reserve",),
        {
            "pledges": [
                pledge("fra-bn", "FRA", "bn", 4, tour=2, dwell=1, deployed_at_start=1),
                pledge("fra-free", "FRA", "bn", 3, rotation_factor=1.5, until=2),
                pledge("ita-team", "ITA", "team", 1),
            ],
            "requirements": TWO_LINES,
            "limits": [{"limit": "home guard", "measure": "ready", "nation": "FRA", "minimum": 2}],
        },
        periods=3,
    ),
    "rules of participation": Case(
        (
            "is_present",
            "is_present_link",
            "is_present_supported",
            "min_contingent",
            "max_posts",
            "min_nations",
            "max_nations",
            "max_share",
        ),
        {
            "nations": [{"nation": "FRA", "min_contingent": 700, "max_posts": 1}, {"nation": "ITA"}],
            "requirements": TWO_LINES,
            "pledges": [*base()["pledges"], pledge("fra-team", "FRA", "team", 3)],
            "posts": [*post(min_nations=2, max_share=0.6), *post("west", max_nations=1)],
        },
    ),
    "what is made ready": Case(
        ("ready", "made_ready"),
        {
            "pledges": [
                {**pledge("fra-bn", "FRA", "bn", 3), "tour": 1, "dwell": 1},
                {**pledge("ita-team", "ITA", "team", 5), "rotation_factor": 2.5},
            ],
        },
        periods=3,
        commitment=True,
    ),
    "costs of joining": Case(
        ("serves", "serves_link", "takes_part", "takes_part_link"),
        {
            "nations": [{"nation": "FRA", "participation_cost": 4}, {"nation": "ITA", "participation_cost": 1}],
            "participation": [{"nation": "FRA", "area": "east", "cost": 2}],
            "requirements": TWO_LINES,
        },
        periods=2,
    ),
    "costs of joining where contingents are watched": Case(
        ("follows",),
        {
            "nations": [{"nation": "FRA", "participation_cost": 4, "min_contingent": 700}, {"nation": "ITA"}],
            "participation": [{"nation": "FRA", "cost": 2}],
            "requirements": TWO_LINES,
        },
        periods=2,
    ),
    "costs of joining that a limit on burdens rewards": Case(
        ("serves_supported", "takes_part_supported", "burden"),
        {
            "nations": [
                {"nation": "FRA", "participation_cost": 4, "fair_share": 3},
                {"nation": "ITA", "participation_cost": 1, "fair_share": 1},
            ],
            "participation": [{"nation": "FRA", "area": "east", "cost": 2}],
            "requirements": TWO_LINES,
            "limits": [{"limit": "fair", "measure": "burden_gap", "per": "horizon", "maximum": 1.5}],
        },
    ),
    "stays and arrivals": Case(
        ("opens", "opens_if_mounted", "post_stay", "arrives", "arrives_if_present", "nation_stay"),
        {
            "requirements": [line("guard", threshold=4)],
            "posts": post(min_stay=2),
            "nations": [{"nation": "FRA", "min_stay": 2}, {"nation": "ITA"}],
        },
        periods=3,
    ),
    "nothing falls too far": Case(("max_drop",), {"requirements": [{**line("guard"), "max_drop": 0.25}]}, periods=3),
    "what is committed": Case(
        ("committed",),
        {"requirements": TWO_LINES, "pledges": [{**pledge("fra-bn", "FRA", "bn", 3), "committed": 2, "until": 2}]},
        periods=3,
    ),
    "what is agreed": Case(
        ("agreed",),
        {
            "requirements": TWO_LINES,
            "pledges": [pledge("fra-bn", "FRA", "bn", 4, tour=2), pledge("ita-team", "ITA", "team", 1)],
            "agreed": [
                {"pledge": "fra-bn", "requirement": TWO_LINES[0]["requirement"], "from": 2, "until": 3, "units": 2},
                {
                    "pledge": "ita-team",
                    "requirement": TWO_LINES[1]["requirement"],
                    "until": 1,
                    "units": 1,
                    "kind": "at_least",
                },
                {"pledge": "ita-team", "requirement": TWO_LINES[0]["requirement"], "units": 0},
            ],
        },
        periods=3,
    ),
    "a lead for each period": Case(
        ("leads", "one_lead", "lead_if_mounted", "lead_present", "lead_share", "personnel_at", "personnel_sum"),
        {
            "participation": [{"nation": "FRA", "may_lead": True}, {"nation": "ITA", "may_lead": True}],
            "posts": post(lead="required", lead_min_share=0.4, lead_term=1),
        },
        periods=2,
    ),
    "links in the whole coalition and in one area": Case(
        ("link", "serves_in_scope", "serves_in_scope_link", "serves_in_scope_supported"),
        {
            "nations": [{"nation": "FRA"}, {"nation": "ITA"}, {"nation": "POL"}],
            "pledges": [*base()["pledges"], pledge("pol-team", "POL", "team", 1)],
            "requirements": TWO_LINES,
            "groups": [{"group": "baltic", "nation": nation} for nation in ("FRA", "POL")],
            "links": [
                {"link": "only-with", "kind": "needs", "nation": "ITA", "other": "FRA", "area": "east"},
                {"link": "never-with", "kind": "excludes", "nation": "ITA", "other": "POL"},
                {"link": "one-of", "kind": "at_least", "nation": "ITA", "other": "baltic", "count": 1},
            ],
        },
    ),
    "numbers of nations and posts": Case(
        (
            "counted_nation",
            "counted_nation_link",
            "counted_nation_supported",
            "counted_post",
            "counted_post_link",
            "counted_post_supported",
        ),
        {
            "requirements": TWO_LINES,
            "limits": [
                {"limit": "many", "measure": "nations", "area": "east", "minimum": 2},
                {"limit": "posts", "measure": "posts", "nation": "FRA", "per": "horizon", "minimum": 1, "maximum": 2},
            ],
        },
    ),
    "medics for everybody in the east": Case(
        ("enabler",),
        {
            "requirements": [*TWO_LINES, line("medics", 2, capability="heal", weight=0)],
            "yields": [*base()["yields"], {"unit_type": "team", "capability": "heal", "amount": 1}],
            "enablers": [{"enabler": "medics", "capability": "heal", "per_personnel": 0.002, "applies_to": "heavy"}],
        },
    ),
    "no guard without medics": Case(
        ("enabler_if_mounted",),
        {
            "missions": [{"mission": "m", "continuity": True}],
            "requirements": [line("guard", threshold=3), line("medics", 2, capability="heal", weight=0)],
            "yields": [
                {"unit_type": "bn", "capability": "guard", "amount": 4},
                {"unit_type": "team", "capability": "heal", "amount": 1},
            ],
            "enablers": [{"enabler": "medics", "capability": "heal", "per_personnel": 0.0001, "applies_to": "heavy"}],
        },
        periods=2,
    ),
    "a guarantee with a sponsor": Case(
        ("instrument", "sponsor"),
        {
            "instruments": [{"instrument": "guarantee", "cost": 5, "sponsors": "FRA;ITA"}],
            "instrument_yields": [{"instrument": "guarantee", "capability": "guard", "amount": 3}],
        },
    ),
    "a fund of a nation and one from outside": Case(
        ("amount", "funded", "fund_maximum"),
        {
            "nations": [{"nation": "FRA", "budget": 50, "participation_cost": 4}, {"nation": "ITA"}, {"nation": "POL"}],
            "pledges": [*base()["pledges"], pledge("pol-team", "POL", "team", 1)],
            "deployment_costs": [{"unit_type": "bn", "movement_cost": 3}],
            "funding": [
                {"fund": "partner", "payer": "FRA", "share": 0.5, "from": 2},
                {"fund": "trust", "payer": "trust fund", "nation": "!POL", "share": 0.25, "maximum": 20},
            ],
            "limits": [{"limit": "together", "measure": "paid", "per": "horizon", "nation": "FRA;ITA", "maximum": 60}],
        },
        periods=3,
    ),
    "shares of the burden as deviations": Case(
        ("deviation", "deviation_above", "deviation_below"),
        {"nations": [{"nation": "FRA", "fair_share": 3}, {"nation": "ITA", "fair_share": 1}]},
        aims=({"name": "burden_gap", "priority": 1, "variant": "deviation"},),
    ),
    "the weakest line of the weakest mission": Case(
        ("weakest_line", "weakest_of_lines", "weakest_mission", "weakest_of_missions"),
        {
            "missions": [{"mission": "m", "score": "weakest"}, {"mission": "n"}],
            "requirements": [*TWO_LINES, line("other", 4, mission="n")],
        },
        aims=({"name": "weakest_mission", "priority": 1},),
    ),
    "changes against a plan": Case(
        ("change", "change_more", "change_less"),
        aims=({"name": "changes", "priority": 1},),
        baseline={("fra-bn", "guard", 1): 1},
    ),
}

FAMILIES: dict[str, str] = {family: name for name, case in CASES.items() for family in case.shows}
