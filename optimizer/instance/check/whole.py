"""Checks that need the whole instance under every scenario: what can serve where, who may lead, which conditions ever hold.

They run only when the tables that they look at are without errors; otherwise the same fault would be reported twice.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Final

from optimizer.instance.admissible import admissible, usable, window_mask
from optimizer.instance.attributes import TABLES
from optimizer.instance.check.doubts import Doubts
from optimizer.instance.check.enabler_lines import check_enablers
from optimizer.instance.check.funds import check_funds
from optimizer.instance.check.keeping import check_keeping
from optimizer.instance.check.never_true import check_conditions
from optimizer.instance.check.reach import check_reach, reach_of
from optimizer.instance.check.scene import Scene
from optimizer.instance.check.selections import check_selections
from optimizer.instance.check.sizes import check_sizes
from optimizer.instance.check.unsteady import check_unsteady
from optimizer.instance.findings import Finding
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.instance.situation import PostKey, build_situation
from optimizer.instance.situation.participation import Place, rows_about, rows_by_place, stating
from optimizer.instance.supply import instrument_supply

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row

SHOWN_RULES: Final = 3
"""Rules that a finding names; the others are counted."""
LOOKED_AT: Final = frozenset(TABLES) - {
    "limits",
    "links",
    "groups",
    "deployment_costs",
    "enablers",
    "agreed",
    "funding",
    "concessions",
}


class _State:
    """One scenario, with what could serve in it."""

    def __init__(self, instance: Instance, scenario: str | None) -> None:
        self.name = scenario
        self.tables: ScenarioTables = scenario_tables(instance, scenario)
        self.admissible = admissible(self.tables, instance.header.periods)
        self.services = self.admissible.services
        self.instruments = instrument_supply(self.tables)
        self.reached: dict[str, int] = defaultdict(int)
        self.serving: dict[str, list[str]] = defaultdict(list)
        for (pledge, line), periods in self.services.items():
            self.reached[line] |= periods
            self.serving[line].append(pledge)
        self._horizon = instance.header.periods

    def most(self, line: Row, period: int) -> float:
        """What all pledges that could serve on a line in a period (0 is the first) would deliver there together."""
        name = line["requirement"]
        return math.fsum(
            self._amounts.get((pledge["unit_type"], line["capability"]), 0.0) * usable(pledge, self._horizon)
            for pledge in map(self._pledges.__getitem__, self.serving[name])
            if self.services[pledge["pledge"], name] >> period & 1
        )

    @cached_property
    def _pledges(self) -> dict[str, Row]:
        return {row["pledge"]: row for row in self.tables.rows("pledges")}

    @cached_property
    def _amounts(self) -> dict[tuple[str, str], float]:
        return {(row["unit_type"], row["capability"]): row["amount"] for row in self.tables.rows("yields")}

    @cached_property
    def able(self) -> dict[tuple[str, str], set[str]]:
        """The nations that could serve at each post."""
        post = {row["requirement"]: (row["mission"], row["area"]) for row in self.tables.rows("requirements")}
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for pledge, line in self.services:
            found[post[line]].add(self._pledges[pledge]["nation"])
        return found

    @cached_property
    def _participation(self) -> dict[Place, Row]:
        return rows_by_place(self.tables)

    def may_lead(self, nation: str, post: PostKey) -> bool:
        """What the most specific row of `participation` says that says anything."""
        row = stating(rows_about(self._participation, nation, post), "may_lead")
        return row is not None and bool(row["may_lead"])


def check_whole(instance: Instance, notes: Notes) -> None:
    """All checks of this module."""
    names = [None, *instance.scenarios]
    states = [_State(instance, name) for name in names]
    reported = _check_must(instance, states, notes)
    _check_lines(instance, states, notes, reported)
    _check_nations(instance, states, notes)
    _check_leads(instance, states, notes)
    check_conditions(instance, [state.tables for state in states], notes)
    _check_instruments(instance, notes)
    check_enablers(instance, notes)
    check_sizes([state.tables for state in states], notes)
    check_reach(instance, [reach_of(state.tables, state.services) for state in states], notes)
    if not notes.faulty_tables:
        services = {state.name: state.services for state in states}
        situations = {state.name: build_situation(instance, state.name) for state in states}
        Doubts(instance, {state.name: state.tables for state in states}, services, notes).run()
        check_unsteady(instance, notes)
        check_selections(instance, list(situations.values()), notes)
        check_funds(instance, situations, notes)
        check_keeping(instance, {name: Scene(situations[name], services[name]) for name in situations}, notes)


def _check_must(instance: Instance, states: list[_State], notes: Notes) -> set[str]:
    """Posts that must be mounted can be; gives the lines that were named as the reason why not."""
    reported: set[str] = set()
    for index, post in enumerate(instance.rows("posts")):
        failing = {
            state.name: found for state in states if (found := _unservable(post, index, state, instance.header.periods))
        }
        if not failing:
            continue
        everywhere = len(failing) == len(states)
        if everywhere:
            reported |= {line for line, _ in failing.values()}
        finding = Finding(
            "error",
            "must-unservable" if everywhere else "must-unservable-in-scenario",
            "",
            None,
            "must",
            f"the post must be mounted, but {next(iter(failing.values()))[1]}{', in any scenario' if everywhere else ''}.",
            "Check yields, windows, tours, caveats and conditions; or lower the threshold; or do not write must.",
        )
        notes.infeasible(finding, "posts", index, list(failing), states)
    return reported


def _unservable(post: Row, index: int, state: _State, horizon: int) -> tuple[str, str] | None:
    """A line of a post that must be mounted whose threshold is out of reach in one of its periods, whoever serves; and why."""
    if not state.tables.rows("posts")[index]["must"]:
        return None
    for line in state.tables.rows("requirements"):
        here = line["mission"] == post["mission"] and line["area"] == post["area"]
        name, threshold = str(line["requirement"]), line["threshold"]
        if not here or threshold <= 0:
            continue
        helped, window = state.instruments.get(name, [0.0] * horizon), window_mask(line, horizon)
        periods = [period for period in range(horizon) if window >> period & 1]
        if any(not helped[period] and not state.reached[name] >> period & 1 for period in periods):
            return name, f"no pledge and no instrument can serve its line {name!r} in all its periods"
        most = min(state.most(line, period) + helped[period] for period in periods)
        if most < threshold * (1 - 1e-9):
            return (
                name,
                f"all that could serve its line {name!r} deliver {most:g} at most, below its threshold {threshold:g}",
            )
    return None


def _check_lines(instance: Instance, states: list[_State], notes: Notes, reported: set[str]) -> None:
    served = {line for state in states for line in (*state.reached, *state.instruments)}
    for index, row in enumerate(instance.rows("requirements")):
        if row["requirement"] not in served | reported:
            notes.warning(
                "unserved-line",
                "requirements",
                index,
                "requirement",
                f"no pledge and no instrument can serve {row['requirement']!r} in any scenario: it stays open. "
                + _refused(states, requirement=row["requirement"]),
                "Check yields, windows, tours, caveats and conditions.",
            )
    serving = {pledge for state in states for pledge, _ in state.services}
    for index, row in enumerate(instance.rows("pledges")):
        if row["pledge"] not in serving and row["quantity"] > 0:
            notes.warning(
                "idle-pledge",
                "pledges",
                index,
                "pledge",
                f"{row['pledge']!r} can serve no line in any scenario. {_refused(states, pledge=row['pledge'])}",
                "Check yields, windows, tours, caveats and conditions.",
            )
    missions = {row["mission"] for row in instance.rows("requirements")}
    for index, row in enumerate(instance.rows("missions")):
        if row["mission"] not in missions:
            notes.warning(
                "mission-without-line",
                "missions",
                index,
                "mission",
                f"no requirement line belongs to {row['mission']!r}.",
                "Add a line to requirements, or remove the mission.",
            )


def _refused(states: list[_State], *, pledge: str | None = None, requirement: str | None = None) -> str:
    """Which rules refuse all service of a pledge, or on a requirement line, in words: those met most often first."""
    counts: Counter[str] = Counter()
    for state in states:
        horizon = state.admissible.horizon
        offers = [row for row in state.tables.rows("pledges") if pledge in {None, row["pledge"]}]
        lines = [row for row in state.tables.rows("requirements") if requirement in {None, row["requirement"]}]
        for offer, line in product(offers, lines):
            if state.admissible.delivers(offer, line):
                found = state.admissible.refusals(offer["pledge"], line["requirement"])
                counts.update(rule for rule, periods in found.items() if periods & window_mask(line, horizon))
    if not counts:
        return "Units of its kind deliver nothing that is asked for." if pledge else "No pledged unit delivers it."
    named = [rule for rule, _ in counts.most_common(SHOWN_RULES)]
    more = len(counts) - len(named)
    return f"Refused by {', '.join(named)}{f' and {more} more' if more else ''}."


def _check_nations(instance: Instance, states: list[_State], notes: Notes) -> None:
    for index, post in enumerate(instance.rows("posts")):
        short = {}
        for state in states:
            row, count = state.tables.rows("posts")[index], len(state.able[post["mission"], post["area"]])
            if row["min_nations"] > count:
                short[state.name] = (row["min_nations"], count, row["must"])
        failing = [name for name, (_, _, must) in short.items() if must]
        # unless the post is a must it can stay unmounted
        if failing or len(short) == len(states):
            least, count, _ = short[failing[0] if failing else states[0].name]
            message = f"at least {least} nations, but only {count} could serve there."
            finding = Finding(
                "error",
                "min-nations-unreachable",
                "",
                None,
                "min_nations",
                message,
                "Lower the number, or check pledges and caveats.",
            )
            if failing:
                notes.infeasible(finding, "posts", index, failing, states)
            else:
                notes.warning(finding.code, "posts", index, finding.column, message, finding.remedy)
    if instance.rows("routes"):
        pledging = {row["nation"] for row in instance.rows("pledges")}
        for index, row in enumerate(instance.rows("nations")):
            if row["gateway"] is None and row["nation"] in pledging:
                notes.warning(
                    "no-gateway",
                    "nations",
                    index,
                    "gateway",
                    f"{row['nation']} pledges, but has no gateway: its movements do not use the routes.",
                    "Fill in the area where they start.",
                )


def _check_leads(instance: Instance, states: list[_State], notes: Notes) -> None:
    for index, post in enumerate(instance.rows("posts")):
        here = (post["mission"], post["area"])
        leading = [state for state in states if state.tables.rows("posts")[index]["lead"] == "required"]
        willing = {
            state.name: {row["nation"] for row in instance.rows("nations") if state.may_lead(row["nation"], here)}
            for state in leading
        }
        if leading and not any(willing.values()):
            notes.error(
                "lead-nobody-willing",
                "posts",
                index,
                "lead",
                "a lead is required, but no nation is willing to lead the post.",
                "Write may_lead = true for a nation in participation, or require no lead.",
            )
            continue
        without = [state for state in leading if not willing[state.name] & state.able[here]]
        failing = [state.name for state in without if state.tables.rows("posts")[index]["must"]]
        if failing or (leading and len(without) == len(leading)):
            names = ", ".join(sorted(set().union(*(willing[state.name] for state in without)))) or "nobody"
            message = f"no nation that is willing to lead ({names}) could serve there: the post cannot be mounted."
            finding = Finding("error", "lead-cannot-serve", "", None, "lead", message, "Check its pledges and caveats.")
            if failing:
                notes.infeasible(finding, "posts", index, failing, states)
            else:
                notes.warning(finding.code, "posts", index, "lead", message, finding.remedy)


def _check_instruments(instance: Instance, notes: Notes) -> None:
    """Instruments deliver something."""
    giving = {row["instrument"] for row in instance.rows("instrument_yields") if row["amount"] > 0}
    for index, row in enumerate(instance.rows("instruments")):
        if row["instrument"] not in giving:
            notes.warning(
                "instrument-without-yield",
                "instruments",
                index,
                "instrument",
                f"{row['instrument']!r} delivers nothing.",
                "Add rows to instrument_yields, or remove it.",
            )
