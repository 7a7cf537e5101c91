"""The tables of a plan as they follow from the facts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.aims import mission_scores, mission_scores_by_period
from optimizer.plan.facts import Facts
from optimizer.plan.frames import frame
from optimizer.plan.rules.burden import burdens
from optimizer.plan.rules.enablers import supports
from optimizer.plan.rules.lead import leaders, mounted_in_term, terms_of
from optimizer.plan.rules.limits import Use
from optimizer.plan.rules.movement import Load, Movement, loads
from optimizer.plan.steadiness import steadiness
from optimizer.plan.tipping import Web, consequences, stands


def derive(facts: Facts, movement: Movement, limit_uses: Sequence[Use], share_measure: str) -> dict[str, pd.DataFrame]:
    """All tables of a plan. `share_measure`: the measure of which `nations` shows shares."""
    web = Web.of(facts)
    assignments, requirements, posts = _assignments(facts), _requirements(facts), _posts(facts)
    return {
        "assignments": assignments,
        "requirements": requirements,
        "posts": posts,
        "missions": _missions(facts),
        "mission_periods": _mission_periods(facts),
        "nations": _nations(facts, movement, share_measure),
        "participation": _participation(facts),
        "steadiness": steadiness(posts, assignments, requirements),
        "instruments": _instruments(facts),
        "funding": frame(
            "funding",
            ((fund, facts.case.funds[fund].payer, nation, amount) for (fund, nation), amount in facts.amounts.items()),
        ),
        "limits": _limits(limit_uses),
        "links": _links(web),
        "tipping": _tipping(web),
        "enablers": frame(
            "enablers", ((s.enabler, s.scope, s.period, s.needed, s.delivered, s.gap, s.hard) for s in supports(facts))
        ),
        "flows": frame(
            "flows",
            ((*route, area, period, tonnes) for (route, area, period), tonnes in sorted(movement.flows.items())),
        ),
        "routes": _routes(loads(facts, movement)),
        "pledges": _pledges(facts),
    }


def _assignments(facts: Facts) -> pd.DataFrame:
    case, services = facts.case, facts.services
    rows, times = np.nonzero(facts.units)

    def each(values: Iterable[Any]) -> list[Any]:
        return [listed[row] for row in rows] if (listed := list(values)) else []

    pledges = [case.pledges[pledge] for pledge, _ in services.pairs]
    lines = [case.lines[line] for _, line in services.pairs]
    return frame(
        "assignments",
        {
            "pledge": each(pledge.name for pledge in pledges),
            "nation": each(pledge.nation for pledge in pledges),
            "unit_type": each(pledge.unit_type for pledge in pledges),
            "requirement": each(line.name for line in lines),
            "mission": each(line.post[0] for line in lines),
            "area": each(line.post[1] for line in lines),
            "capability": each(line.capability for line in lines),
            "period": (times + 1).tolist(),
            "units": [round(units) for units in facts.units[rows, times].tolist()],
            "personnel": facts.measure("personnel")[rows, times].tolist(),
            "delivered": (services.amount[:, None] * facts.units)[rows, times].tolist(),
            "cost": facts.measure("cost")[rows, times].tolist(),
        },
    )


def _requirements(facts: Facts) -> pd.DataFrame:
    case = facts.case
    lines, times = list(case.lines.values()), np.nonzero(facts.active)
    where = list(zip(times[0].tolist(), times[1].tolist(), strict=True))
    fulfilled = facts.fulfilled[times].tolist()
    delivered = facts.delivered[times].tolist()
    return frame(
        "requirements",
        {
            "requirement": [lines[r].name for r, _ in where],
            "mission": [lines[r].post[0] for r, _ in where],
            "area": [lines[r].post[1] for r, _ in where],
            "capability": [lines[r].capability for r, _ in where],
            "period": [t + 1 for _, t in where],
            "mounted": [facts.mounted[facts.line_posts[r], t] for r, t in where],
            "threshold": [lines[r].threshold for r, _ in where],
            "target": [lines[r].target for r, _ in where],
            "delivered": delivered,
            "fulfilled": fulfilled,
            "gap": [lines[r].target - f for (r, _), f in zip(where, fulfilled, strict=True)],
        },
    )


def _posts(facts: Facts) -> pd.DataFrame:
    case = facts.case
    personnel = facts.personnel_at.sum(axis=0)
    nations = facts.present.sum(axis=0)
    rows = []
    for j, post in enumerate(case.posts):
        lead = _lead_by_period(facts, post)
        for t in range(case.periods):
            active, mounted = bool(facts.post_active[j, t]), bool(facts.mounted[j, t])
            rows.append(
                (*post, t + 1, active, mounted, int(nations[j, t]), float(personnel[j, t]), lead.get(t + 1, ""))
            )
    return frame("posts", rows)


def _lead_by_period(facts: Facts, post: tuple[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, term in enumerate(terms_of(facts, post), start=1):
        named = ";".join(leaders(facts, post, number))
        if named:
            found.update(dict.fromkeys(mounted_in_term(facts, post, term), named))
    return found


def _missions(facts: Facts) -> pd.DataFrame:
    scores = mission_scores(facts)
    return frame("missions", ((m, row["weight"], scores.get(m)) for m, row in facts.case.missions.items()))


def _mission_periods(facts: Facts) -> pd.DataFrame:
    by_period = mission_scores_by_period(facts)
    rows = ((m, t, score) for m, scores in by_period.items() for t, score in enumerate(scores.tolist(), start=1))
    return frame("mission_periods", (row for row in rows if not math.isnan(row[2])))


def _nations(facts: Facts, movement: Movement, share_measure: str) -> pd.DataFrame:
    case = facts.case
    each = {burden.nation: burden for burden in burdens(facts, share_measure)}
    costs, people = facts.by_nation(facts.measure("cost")), facts.by_nation(facts.measure("personnel"))
    units = facts.by_nation(facts.units)
    rows = []
    for n, nation in enumerate(case.nations):
        deployment, participation = costs[nation], facts.participation_cost[nation]
        routes = float(movement.cost_of(nation).sum())
        burden = each.get(nation)
        rows.append(
            (
                nation,
                facts.takes_part[nation],
                round(units[nation]),
                round(float(facts.units_at[n].sum(axis=0).max(initial=0.0))),
                people[nation],
                float(facts.personnel_at[n].sum(axis=0).max(initial=0.0)),
                int(facts.serves[n].sum()),
                deployment,
                participation,
                routes,
                deployment + participation + routes,
                deployment + participation + facts.transfers[nation],
                burden.share if burden else None,
                burden.fair_share if burden else None,
                burden.ratio if burden else None,
            )
        )
    return frame("nations", rows)


def _participation(facts: Facts) -> pd.DataFrame:
    case = facts.case
    rows = []
    terms = {post: list(enumerate(terms_of(facts, post), start=1)) for post in case.posts}
    for n, nation in enumerate(case.nations):
        for j, post in enumerate(case.posts):
            periods = np.flatnonzero(facts.present[n, j])
            led: list[int] = []
            if (nation, post) in facts.leads:
                stated = facts.leads[nation, post]
                led = [
                    k
                    for k, term in terms[post]
                    if (stated is None or k in stated) and mounted_in_term(facts, post, term)
                ]
            if len(periods) or led:
                first = int(periods[0]) + 1 if len(periods) else None
                peak = float(facts.personnel_at[n, j].max(initial=0.0))
                rows.append(
                    (nation, *post, bool(len(periods)), bool(led), ";".join(map(str, led)), first, len(periods), peak)
                )
    return frame("participation", rows)


def _instruments(facts: Facts) -> pd.DataFrame:
    return frame(
        "instruments",
        (
            (name, name in facts.used, item.cost * (name in facts.used), item.escalation * (name in facts.used))
            for name, item in facts.case.instruments.items()
        ),
    )


def _limits(limit_uses: Sequence[Use]) -> pd.DataFrame:
    return frame(
        "limits",
        (
            (
                use.limit.name,
                use.limit.source,
                use.limit.measure,
                use.limit.per,
                use.period,
                use.used,
                use.limit.minimum,
                use.limit.maximum,
                use.slack if math.isfinite(use.slack) else None,
                use.binds,
            )
            for use in limit_uses
        ),
    )


def _links(web: Web) -> pd.DataFrame:
    rows = []
    for stand in stands(web):
        bond = stand.bond
        partners, serving = ";".join(bond.partners), ";".join(stand.serving)
        bound, least = (bond.link, bond.kind, bond.mission, bond.area, bond.nation), bond.least or None
        rows.append((*bound, stand.serves, stand.state, partners, serving, least, stand.spare))
    return frame("links", rows)


def _routes(found: Iterable[Load]) -> pd.DataFrame:
    return frame(
        "routes",
        (
            (*load.route.key, load.period, load.tonnes, load.route.capacity, _or_blank(load.slack), load.binds)
            for load in found
        ),
    )


def _or_blank(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _tipping(web: Web) -> pd.DataFrame:
    return frame(
        "tipping",
        (
            (c.nation, c.decision, c.other, c.effect, ";".join(c.links), c.steps, c.posts, c.personnel)
            for c in consequences(web)
        ),
    )


def _pledges(facts: Facts) -> pd.DataFrame:
    case = facts.case
    present = {name: np.zeros(case.periods) for name in case.pledges}
    tours = dict.fromkeys(case.pledges, 0.0)
    for index, (name, _) in enumerate(facts.services.pairs):
        present[name] += facts.units[index]
        tours[name] += float(facts.starts[index].sum())
    return frame(
        "pledges",
        (
            (
                name,
                pledge.nation,
                pledge.unit_type,
                bool(pledge.true_in),
                pledge.quantity,
                pledge.usable,
                pledge.quantity - pledge.usable,
                round(float(present[name].max(initial=0.0))),
                round(float(present[name].sum())),
                round(tours[name]),
            )
            for name, pledge in case.pledges.items()
        ),
    )
