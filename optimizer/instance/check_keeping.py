"""Checks of rules that nobody could keep, or that contradict each other, on every scenario as it is resolved for the model.

What leaves no plan at all is an error where it does so in every scenario, and a warning that names the scenarios where it does so in some. What only
keeps somebody out is a warning, where it does so in every scenario in which the rule is in force.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.instance.attributes import TABLES
from optimizer.instance.findings import Finding
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.instance.selectors import parse_selector
from optimizer.instance.situation import Limit, Link, Pledge, PostKey, Selection, Situation

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row

COUNTED: Final = frozenset({"units", "personnel", "escalation", "sustainment", "lift"})
SHARES: Final = frozenset({"personnel_share", "cost_share", "units_share"})
ROUNDING: Final = 1e-9


class Place(NamedTuple):
    """A cell: the table, the key of its row joined by `/`, the column; and the kind of finding."""

    code: str
    table: str
    key: str
    column: str


class Fault(NamedTuple):
    """What is wrong with a rule and what to do; `no_plan`: no plan keeps it, with nobody deployed either."""

    message: str
    remedy: str
    no_plan: bool = False


Told = tuple[Place, Fault | None]
"""A rule in force, and what is wrong with it; None: it can be kept."""


@dataclass(frozen=True)
class Scene:
    """One scenario, and who could serve where in it: the pairs (pledge, line)."""

    situation: Situation
    services: Iterable[tuple[str, str]]

    @cached_property
    def _tables(self) -> ScenarioTables:
        return scenario_tables(self.situation.instance, self.situation.scenario)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table as they are in this scenario."""
        return self._tables.rows(table)

    @cached_property
    def lines_of(self) -> dict[str, list[str]]:
        """The lines on which each pledge could serve."""
        found: dict[str, list[str]] = defaultdict(list)
        for pledge, line in self.services:
            found[pledge].append(line)
        return found

    @cached_property
    def pledges_of(self) -> dict[str, list[Pledge]]:
        """The pledges of each nation that could serve anywhere."""
        found: dict[str, list[Pledge]] = defaultdict(list)
        for name in self.lines_of:
            found[self.situation.pledges[name].nation].append(self.situation.pledges[name])
        return found

    @cached_property
    def pledges_at(self) -> dict[PostKey, dict[str, list[Pledge]]]:
        """The pledges that could serve at each post, by nation."""
        found: dict[PostKey, dict[str, list[Pledge]]] = defaultdict(lambda: defaultdict(list))
        for name, lines in self.lines_of.items():
            pledge = self.situation.pledges[name]
            for post in dict.fromkeys(self.situation.lines[line].post for line in lines):
                found[post][pledge.nation].append(pledge)
        return found

    def selected(self, selection: Selection) -> Iterator[tuple[Pledge, list[str]]]:
        """The pledges that could serve in a selection, with the lines."""
        for nation in self.pledges_of if selection.nations is None else sorted(selection.nations):
            for pledge in self.pledges_of.get(nation, ()):
                if selection.takes_pledge(pledge):
                    lines = [x for x in self.lines_of[pledge.name] if selection.takes_line(self.situation.lines[x])]
                    if lines:
                        yield pledge, lines

    def could(self, nation: str, selection: Selection) -> bool:
        """Whether a nation could serve in a selection of posts."""
        lines = self.situation.lines
        return any(
            selection.takes_line(lines[line])
            for pledge in self.pledges_of.get(nation, ())
            for line in self.lines_of[pledge.name]
        )

    @cached_property
    def ceilings(self) -> dict[str | None, list[Limit]]:
        """The caps on personnel that hold throughout and count everybody at a post, by the nations that they select (None: all together)."""
        found: dict[str | None, list[Limit]] = defaultdict(list)
        for limit in self.situation.limits:
            throughout = limit.per == "period" and (limit.first, limit.last) == (1, self.situation.horizon)
            if limit.measure == "personnel" and limit.maximum is not None and throughout:
                for nation in limit.selection.nations or (None,) if limit.selection.by_nation_and_post_only else ():
                    found[nation].append(limit)
        return found

    def ceiling(self, post: PostKey, nation: str | None = None) -> tuple[float, str]:
        """The lowest cap on the personnel of a nation (None: of all together) at a post, and its name."""
        line = self.situation.lines[self.situation.posts[post].lines[0]]
        limits = [*self.ceilings.get(None, ()), *(self.ceilings.get(nation, ()) if nation is not None else ())]
        caps = [(limit.maximum or 0.0, limit.name) for limit in limits if limit.selection.takes_line(line)]
        return min(caps, default=(math.inf, ""))


def check_keeping(instance: Instance, scenes: Mapping[str | None, Scene], notes: Notes) -> None:
    """All checks of this module on every scenario (None: the defaults)."""
    found: dict[Place, dict[str | None, Fault | None]] = defaultdict(dict)
    for scenario, scene in scenes.items():
        for check in CHECKS:
            for place, fault in _worst(check(scene)):
                found[place][scenario] = fault
    for place, faults in found.items():
        told = [fault for fault in faults.values() if fault is not None]
        failing = {scenario: fault for scenario, fault in faults.items() if fault is not None and fault.no_plan}
        if not failing and len(told) < len(faults):
            continue
        key = TABLES[place.table].key
        for row in (number for number, row in enumerate(instance.rows(place.table)) if _named(row, key) == place.key):
            if failing:
                message, remedy, _ = next(iter(failing.values()))
                finding = Finding("error", place.code, "", None, place.column, message, remedy)
                notes.infeasible(finding, place.table, row, list(failing), list(scenes))
            elif told:
                notes.warning(place.code, place.table, row, place.column, told[0].message, told[0].remedy)


def _named(row: Row, key: Iterable[str]) -> str:
    return _joined(row[column] for column in key)


def _worst(told: Iterable[Told]) -> Iterator[Told]:
    """Each place once: kept, where it is kept for any of those whom it binds."""
    found: dict[Place, Fault | None] = {}
    for place, fault in told:
        found[place] = fault if found.get(place, fault) is not None else None
    yield from found.items()


def _joined(parts: Iterable[object]) -> str:
    return "/".join("" if part is None else str(part) for part in parts)


def _cell(limit: Limit, column: str) -> tuple[str, str, str]:
    """Table, key and column of the row that a limit came from."""
    table, _, rest = limit.source.partition("/")
    if table in {"limits", "caveats"}:
        return table, rest, column
    key, _, shorthand = rest.rpartition("/")
    return table, key, shorthand


def _caps(scene: Scene) -> Iterator[Told]:
    """A cap that is above zero leaves room for one unit, and a budget for one unit and one period."""
    for limit in scene.situation.limits:
        if not limit.maximum or limit.measure not in COUNTED | {"cost"} or limit.source.startswith("participation/"):
            continue
        if limit.measure in {"lift", "cost"} and (limit.first, limit.last) != (1, scene.situation.horizon):
            continue  # whoever has moved there before may stay
        lightest = math.inf
        for pledge, lines in scene.selected(limit.selection):
            least = min(_cost(scene, pledge, line) for line in lines) if limit.measure == "cost" else None
            lightest = min(lightest, _amount(limit.measure, pledge) if least is None else least)
            if lightest <= limit.maximum:
                break
        if lightest == math.inf:
            continue
        fault = None
        if limit.maximum + ROUNDING < lightest:
            what = "budget" if limit.source.endswith("/budget") else "cap"
            fault = Fault(
                f"the {what} of {limit.maximum:g} is below the {limit.measure} of every unit that it counts (at least {lightest:g}): none can serve there.",
                "Raise it, check its unit, or forbid the service by a caveat.",
            )
        yield Place("cap-below-unit", *_cell(limit, "maximum")), fault


def _cost(scene: Scene, pledge: Pledge, line: str) -> float:
    """What one unit costs at least that serves on a line: its move and one period."""
    costs, place = scene.situation.costs, scene.situation.lines[line]
    return costs.presence(pledge, place) + costs.move(pledge, place)


def _amount(measure: str, pledge: Pledge) -> float:
    return 1.0 if measure == "units" else float(getattr(pledge, measure))


def _floors(scene: Scene) -> Iterator[Told]:
    """A floor is not above all that could be there."""
    for limit in scene.situation.limits:
        if not limit.minimum or limit.measure not in COUNTED | {"nations", "posts"}:
            continue
        if limit.measure == "escalation" and limit.selection.is_everything:
            continue
        selected = list(scene.selected(limit.selection))
        if limit.measure == "nations":
            most = float(len({pledge.nation for pledge, _ in selected}))
        elif limit.measure == "posts":
            most = float(len({scene.situation.lines[line].post for _, lines in selected for line in lines}))
        else:
            most = math.fsum(_amount(limit.measure, pledge) * pledge.available for pledge, _ in selected)
            most *= limit.last - limit.first + 1 if limit.per == "horizon" else 1
        fault = None
        if limit.minimum > most + ROUNDING * max(1.0, most):
            fault = Fault(
                f"the floor is {limit.minimum:g}, and all that could serve there make {most:g} {limit.measure}: no plan can keep it.",
                "Lower it, or check its selection, the pledges and the caveats.",
                no_plan=True,
            )
        yield Place("floor-above-pledges", *_cell(limit, "minimum")), fault


def _selections(scene: Scene) -> Iterator[Told]:
    """A limit selects some nation."""
    for limit in scene.situation.limits:
        fault = None
        if limit.selection.nations is not None and not limit.selection.nations:
            fault = Fault("its selectors leave no nation.", "Correct nation or group.")
        table, key, _ = _cell(limit, "nation")
        if table in {"limits", "caveats"}:
            yield Place("selects-nobody", table, key, "nation"), fault


def _contradictions(scene: Scene) -> Iterator[Told]:
    """No floor is above a cap on the very same."""
    caps: dict[tuple[object, ...], Limit] = {}
    for limit in scene.situation.limits:
        same = (limit.measure, limit.per, limit.selection, limit.first, limit.last)
        if limit.maximum is not None and (same not in caps or limit.maximum < (caps[same].maximum or 0.0)):
            caps[same] = limit
    for limit in scene.situation.limits:
        cap = caps.get((limit.measure, limit.per, limit.selection, limit.first, limit.last))
        if limit.minimum is None or cap is None or cap.source == limit.source or cap.maximum is None:
            continue
        fault = None
        if limit.minimum > cap.maximum:
            # a share of nobody is none: with nobody deployed both are kept
            share = limit.measure in SHARES
            what = "nobody can deploy" if share else "no plan can keep both"
            fault = Fault(
                f"the floor {limit.minimum:g} is above the cap {cap.maximum:g} on the same selection ({cap.source}): {what}.",
                "Lower one, or raise the other.",
                no_plan=not share,
            )
        yield Place("limits-contradict", *_cell(limit, "minimum")), fault


def _contingents(scene: Scene) -> Iterator[Told]:
    """Every smallest contingent fits under the caps of some post where it is asked for; and so do those of the fewest nations."""
    rows = scene.rows("participation")
    if not any(row["min_contingent"] for table in ("nations", "participation") for row in scene.rows(table)):
        return
    said = {(row["nation"], row["mission"], row["area"]): row for row in rows if row["min_contingent"] is not None}
    own = {row["nation"]: row["max_personnel"] for row in scene.rows("nations")}
    for post, nations in scene.pledges_at.items():
        leasts = []
        for nation in nations:
            rules = scene.situation.pairs.get((nation, post))
            by_pair = rules is not None and rules.min_contingent is not None
            least = (rules.min_contingent if rules and by_pair else None) or 0.0
            least = least if by_pair else scene.situation.nations[nation].min_contingent
            leasts.append(least)
            if not least:
                continue
            cap, name = scene.ceiling(post, nation)
            key = _saying(nation, post, said) if by_pair else (nation,)
            beside = said[key]["max_personnel"] if len(key) == 3 else own[nation]
            if beside is not None and beside < least:  # told where the row is read
                continue
            fault = None
            if cap < least:
                fault = Fault(
                    f"the smallest contingent, {least:g}, is above the cap of {cap:g} ({name}): it can serve nowhere that the row is about.",
                    "Lower one, or raise the other.",
                )
            table = "participation" if by_pair else "nations"
            yield Place("contingent-above-cap", table, _joined(key), "min_contingent"), fault
        rule = scene.situation.posts[post]
        together, (cap, name) = math.fsum(sorted(leasts)[: rule.min_nations]), scene.ceiling(post)
        if not 1 < rule.min_nations <= len(leasts):
            continue
        fault = None
        if together > cap:
            fault = Fault(
                f"{rule.min_nations} nations bring at least {together:g} persons, and the cap is {cap:g} ({name}): the post cannot be mounted.",
                "Lower the number of nations or the contingents, or raise the cap.",
                no_plan=rule.must,
            )
        yield Place("contingents-above-cap", "posts", _joined(post), "min_nations"), fault


Triple = tuple[str | None, str | None, str | None]


def _saying(nation: str, post: PostKey, said: Mapping[Triple, object]) -> Triple:
    """The key of the most specific row of `participation` that states a contingent for a nation at a post."""
    mission, area = post
    keys: list[Triple] = [(nation, mission, area), (nation, mission, None), (nation, None, area), (None, mission, area)]
    keys += [(nation, None, None), (None, mission, None), (None, None, area), (None, None, None)]
    return next(key for key in keys if key in said)


def _shares(scene: Scene) -> Iterator[Told]:
    """As many nations could be at a post as its largest share asks for."""
    for post, rules in scene.situation.posts.items():
        if rules.max_share is None or (rules.max_nations and rules.max_nations * rules.max_share < 1 - ROUNDING):
            continue
        able = [nation for nation, pledges in scene.pledges_at[post].items() if any(one.personnel for one in pledges)]
        fault = None
        if able and len(able) * rules.max_share < 1 - ROUNDING:
            fault = Fault(
                f"{len(able)} nation(s) could serve there, with at most {rules.max_share:g} each: they do not make up the whole, so no personnel can be there.",
                "Raise the share, or check pledges and caveats.",
            )
        yield Place("shares-below-whole", "posts", _joined(post), "max_share"), fault


def _within(inner: Selection, outer: Selection) -> bool:
    """Whether serving in one scope is serving in the other."""
    return (outer.mission.is_any or outer.mission == inner.mission) and (outer.area.is_any or outer.area == inner.area)


def _links(scene: Scene) -> Iterator[Told]:
    """Whoever a nation brings with it, link by link, may serve together; and so may the sponsors of an instrument."""
    links = scene.situation.links
    needs = [link for link in links if link.kind != "excludes" and link.count >= len(link.others) > 0]
    excludes = [link for link in links if link.kind == "excludes"]
    apart_now = {link.name for link in excludes}
    for row in scene.rows("links"):
        if needs and row["kind"] == "excludes" and row["link"] not in apart_now:
            yield Place("needs-and-excludes", "links", row["link"], "kind"), None
    for link in needs if excludes else ():
        start = (link.nation, link.selection)
        apart = _apart([start], needs, excludes) if scene.could(*start) else None
        if apart is not None:
            name, pair = apart
            message = f"it keeps {pair} apart, and by {link.name!r} and what follows from it both serve where {link.nation} does: it never can."
            yield Place("needs-and-excludes", "links", name, "kind"), Fault(message, "Remove one of the links.")
    for instrument in scene.situation.instruments:
        apart = _apart([(sponsor, Selection()) for sponsor in instrument.sponsors], needs, excludes)
        fault = None
        if apart is not None:
            fault = Fault(
                f"all sponsors have to take part, and the link {apart[0]!r} keeps {apart[1]} apart: {instrument.name!r} can never be used.",
                "Remove a sponsor, or the link.",
            )
        yield Place("sponsors-apart", "instruments", instrument.name, "sponsors"), fault


def _apart(
    start: Iterable[tuple[str, Selection]], needs: Iterable[Link], excludes: Iterable[Link]
) -> tuple[str, str] | None:
    """The link that keeps apart two of those who follow from the start, and the two; None where all may serve together."""
    facts = list(start)
    for nation, scope in facts:  # grows while it is walked
        for link in needs:
            if link.nation == nation and _within(scope, link.selection):
                facts += [one for other in link.others if (one := (other, link.selection)) not in facts]
    for link in excludes:
        there = {nation for nation, scope in facts if _within(scope, link.selection)}
        apart = sorted(there & set(link.others))
        if link.nation in there and apart:
            return link.name, " and ".join(sorted((link.nation, apart[0])))
    return None


def _partners(scene: Scene) -> Iterator[Told]:
    """A link binds somebody to somebody else, and its scope holds a post."""
    nations, lines = scene.situation.nations, scene.situation.lines.values()
    bound = {link.name: link for link in scene.situation.links if link.others}
    for row in scene.rows("links"):
        fault = None
        if not any(parse_selector(row["nation"]).matches(nation) for nation in nations):
            fault = Fault("its selector leaves no nation.", "Name the nations that are bound.")
        yield Place("selects-nobody", "links", row["link"], "nation"), fault
    for link in scene.situation.links:
        fault = None
        if link.name not in bound:
            fault = Fault(
                "nobody is left whom the nation could be linked to: it changes nothing.", "Correct the group."
            )
        yield Place("link-without-partner", "links", link.name, "other"), fault
        fault = None
        if not any(link.selection.takes_line(line) for line in lines):
            fault = Fault("no requirement line lies in its scope: it changes nothing.", "Correct mission and area.")
        column = "mission" if link.selection.area.is_any else "area"
        yield Place("link-without-post", "links", link.name, column), fault


def _support(scene: Scene) -> Iterator[Told]:
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
        yield Place("enabler-feeds-itself", "enablers", enabler.name, "per_personnel"), fault


def _ways(scene: Scene) -> Iterator[Told]:
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
        yield Place("way-too-narrow", "nations", nation.name, "gateway"), fault


def _yields(scene: Scene) -> Iterator[Told]:
    """What an instrument delivers is asked for somewhere."""
    for row in scene.rows("instrument_yields"):
        asked = any(
            row["mission"] in {None, line.mission}
            and row["area"] in {None, line.area}
            and row["capability"] == line.capability
            for line in scene.situation.lines.values()
        )
        key = _joined(row[column] for column in TABLES["instrument_yields"].key)
        fault = Fault(
            f"no requirement line asks for {row['capability']!r} there: it delivers nothing.",
            "Correct capability, mission or area, or remove the row.",
        )
        yield Place("yield-without-line", "instrument_yields", key, "capability"), None if asked else fault


def _burden(scene: Scene) -> Iterator[Told]:
    """A limit on the burden gap is not below the least that there can be."""
    keys = {nation.name: nation.fair_share for nation in scene.situation.nations.values() if nation.fair_share}
    able = math.fsum(key for nation, key in keys.items() if scene.pledges_of.get(nation))
    for limit in scene.situation.limits:
        if limit.measure == "burden_gap" and limit.maximum is not None and able:
            least, fault = math.fsum(keys.values()) / able, None
            if limit.maximum < least - ROUNDING:
                fault = Fault(
                    f"whoever bears most bears at least {least:.4g} times its fair share, the limit is {limit.maximum:g}: none of them can deploy at a cost.",
                    "Raise it, or leave out the fair share of nations that can send nothing.",
                )
            yield Place("burden-unreachable", "limits", limit.name, "maximum"), fault


CHECKS: Final[tuple[Callable[[Scene], Iterator[Told]], ...]] = (
    _caps,
    _floors,
    _selections,
    _contradictions,
    _contingents,
    _shares,
    _links,
    _partners,
    _support,
    _ways,
    _yields,
    _burden,
)
