"""Support, routes and instruments that cannot do what they are there for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from optimizer.instance.attributes import TABLES
from optimizer.instance.check.kept import ROUNDING, Fault, RuleCell, Verdict, joined
from optimizer.instance.check.scene import Scene


def support(scene: Scene) -> Iterator[Verdict]:
    """Something that gives a support gives more than it needs itself."""
    situation = scene.situation
    for enabler in situation.enablers:
        if not enabler.hard:
            continue
        lines = {line.name for line in situation.lines.values() if line.capability == enabler.capability}
        helped = any(instrument.yields.get(line) for instrument in situation.instruments for line in lines)
        gives, lacks = helped, False
        for pledge, line in () if helped else scene.services:
            unit = situation.pledges[pledge]
            given = situation.yield_on(pledge, line) if line in lines else 0.0
            needed = enabler.per_personnel * unit.personnel if enabler.applies_to.matches_tags(unit.tags) else 0.0
            gives, lacks = gives or given > needed, lacks or needed > given
        supported = any(line in lines for _, line in scene.services)
        fault = None
        if supported and lacks and not gives:
            fault = Fault(
                f"whatever delivers {enabler.capability!r} needs as much of it as it gives: whoever needs more can never deploy.",
                "Check the unit of the ratio, or name by tags (`applies_to`) who needs the support.",
            )
        yield RuleCell("enabler-feeds-itself", "enablers", enabler.name, "per_personnel"), fault


def ways(scene: Scene) -> Iterator[Verdict]:
    """What leaves a gateway, and what comes in where its units could serve, carries one unit."""
    situation = scene.situation
    if not situation.has_routes:
        return
    out: dict[str, float] = defaultdict(float)
    into: dict[str, float] = defaultdict(float)
    for route in situation.routes:
        capacity = math.inf if route.capacity is None else route.capacity
        out[route.origin] += capacity
        into[route.destination] += capacity
    for nation in situation.nations.values():
        gateway = nation.gateway
        if gateway is None:
            continue
        areas: dict[str, float] = {}
        for pledge in scene.pledges_of.get(nation.name, ()):
            for area in {situation.lines[line].area for line in scene.lines_of[pledge.name]} - {gateway}:
                areas[area] = min(areas.get(area, math.inf), pledge.lift + pledge.sustainment)
        narrow = {
            area: tonnes for area, tonnes in areas.items() if 0.0 < min(out[gateway], into[area]) < tonnes - ROUNDING
        }
        fault = None
        if narrow:
            area, tonnes = min(narrow.items())
            way = f"from {gateway!r} to {area!r} routes carry at most {min(out[gateway], into[area]):g} t"
            fault = Fault(
                f"{way}, and the lightest unit of {nation.name} takes {tonnes:g} t.",
                "Check the unit of capacity, lift and sustainment, or add routes.",
            )
        yield RuleCell("way-too-narrow", "nations", nation.name, "gateway"), fault


def yields(scene: Scene) -> Iterator[Verdict]:
    """What an instrument delivers is asked for somewhere."""
    for row in scene.rows("instrument_yields"):
        asked = any(
            row["mission"] in {None, line.mission}
            and row["area"] in {None, line.area}
            and row["capability"] == line.capability
            for line in scene.situation.lines.values()
        )
        key = joined(row[column] for column in TABLES["instrument_yields"].key)
        fault = Fault(
            f"no requirement line asks for {row['capability']!r} there: it delivers nothing.",
            "Correct capability, mission or area, or remove the row.",
        )
        yield RuleCell("yield-without-line", "instrument_yields", key, "capability"), None if asked else fault
