"""Checks that need the whole instance under every scenario: what can serve where, who may lead, which conditions ever hold.

They run only when the tables that they look at are without errors; otherwise they would tell the same fault a second time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.check_keeping import check_keeping
from optimizer.instance.check_reach import check_reach, reach_of
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.instance.supply import instrument_supply, services, window_mask

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row

LOOKED_AT: Final = frozenset(TABLES) - {"limits", "links", "groups", "deployment_costs", "enablers"}


class _State:
    """One scenario, with what could serve in it."""

    def __init__(self, instance: Instance, scenario: str | None) -> None:
        self.name = scenario
        self.tables: ScenarioTables = scenario_tables(instance, scenario)
        self.services = services(self.tables, instance.header.periods)
        self.instruments = instrument_supply(self.tables)
        self.reached: dict[str, int] = defaultdict(int)
        for (_, line), periods in self.services.items():
            self.reached[line] |= periods


def check_whole(instance: Instance, notes: Notes) -> None:
    """All checks of this module."""
    names = [None, *instance.scenarios]
    states = [_State(instance, name) for name in names]
    told = _check_must(instance, states, notes)
    _check_lines(instance, states, notes, told)
    _check_nations(instance, states, notes)
    _check_leads(instance, states, notes)
    _check_conditions(instance, states, notes)
    _check_support(instance, notes)
    check_reach(instance, [reach_of(state.tables, state.services) for state in states], notes)
    if not notes.faulty_tables:
        check_keeping(instance, {state.name: state.services for state in states}, notes)


def _check_must(instance: Instance, states: list[_State], notes: Notes) -> set[str]:
    """Posts that must be mounted can be; gives the lines that were named as the reason why not."""
    told: set[str] = set()
    for index, post in enumerate(instance.rows("posts")):
        failing = {
            state.name: line for state in states if (line := _unservable(post, index, state, instance.header.periods))
        }
        if not failing:
            continue
        line = next(iter(failing.values()))
        message = f"the post must be mounted, but no pledge and no instrument can serve its line {line!r}"
        if len(failing) == len(states):
            told |= set(failing.values())
            notes.error(
                "must-unservable",
                "posts",
                index,
                "must",
                f"{message} in all its periods, in any scenario.",
                "Check yields, windows, caveats and conditions; or lower the threshold; or do not write must.",
            )
        else:
            where = ", ".join("the default" if name is None else name for name in failing)
            notes.warning(
                "must-unservable-in-scenario",
                "posts",
                index,
                "must",
                f"{message} in all its periods in these scenarios: {where}. They are infeasible.",
                "Change `must` in these scenarios (table changes), if that is not intended.",
            )
    return told


def _unservable(post: Row, index: int, state: _State, horizon: int) -> str | None:
    """A line of a post that must be mounted whose threshold nothing at all could serve in one of its periods."""
    if not state.tables.rows("posts")[index]["must"]:
        return None
    for line in state.tables.rows("requirements"):
        here = line["mission"] == post["mission"] and line["area"] == post["area"]
        name = str(line["requirement"])
        if (
            here
            and line["threshold"] > 0
            and name not in state.instruments
            and window_mask(line, horizon) & ~state.reached[name]
        ):
            return name
    return None


def _check_lines(instance: Instance, states: list[_State], notes: Notes, told: set[str]) -> None:
    served = {line for state in states for line in (*state.reached, *state.instruments)}
    for index, row in enumerate(instance.rows("requirements")):
        if row["requirement"] not in served | told:
            notes.warning(
                "unserved-line",
                "requirements",
                index,
                "requirement",
                f"no pledge and no instrument can serve {row['requirement']!r} in any scenario: it stays open.",
                "Check yields, windows, caveats and conditions.",
            )
    serving = {pledge for state in states for pledge, _ in state.services}
    for index, row in enumerate(instance.rows("pledges")):
        if row["pledge"] not in serving and row["quantity"] > 0:
            notes.warning(
                "idle-pledge",
                "pledges",
                index,
                "pledge",
                f"{row['pledge']!r} can serve no line in any scenario.",
                "Check yields, windows, caveats and conditions.",
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


def _check_nations(instance: Instance, states: list[_State], notes: Notes) -> None:
    able = _able(instance, states)
    for index, post in enumerate(instance.rows("posts")):
        count = len(able[post["mission"], post["area"]])
        if post["min_nations"] > count:
            # unless the post is a must it can stay unmounted
            must = any(state.tables.rows("posts")[index]["must"] for state in states)
            note = notes.error if must else notes.warning
            note(
                "min-nations-unreachable",
                "posts",
                index,
                "min_nations",
                f"at least {post['min_nations']} nations, but only {count} could serve there.",
                "Lower the number, or check pledges and caveats.",
            )
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


def _able(instance: Instance, states: list[_State]) -> dict[tuple[str, str], set[str]]:
    """The nations that could serve at each post in some scenario."""
    nation = {row["pledge"]: row["nation"] for row in instance.rows("pledges")}
    able: dict[tuple[str, str], set[str]] = defaultdict(set)
    for state in states:
        post = {row["requirement"]: (row["mission"], row["area"]) for row in state.tables.rows("requirements")}
        for pledge, line in state.services:
            able[post[line]].add(nation[pledge])
    return able


def _check_leads(instance: Instance, states: list[_State], notes: Notes) -> None:
    able = _able(instance, states)
    for index, post in enumerate(instance.rows("posts")):
        leading = [state for state in states if state.tables.rows("posts")[index]["lead"] == "required"]
        if not leading:
            continue
        willing = {
            row["nation"]
            for state in leading
            for row in instance.rows("nations")
            if _may_lead(row["nation"], post, state.tables)
        }
        if not willing:
            notes.error(
                "lead-nobody-willing",
                "posts",
                index,
                "lead",
                "a lead is required, but no nation is willing to lead the post.",
                "Write may_lead = true for a nation in participation, or require no lead.",
            )
        elif not willing & able[post["mission"], post["area"]]:
            notes.warning(
                "lead-cannot-serve",
                "posts",
                index,
                "lead",
                f"no nation that is willing to lead ({', '.join(sorted(willing))}) could serve there: the post cannot be mounted.",
                "Check its pledges and caveats.",
            )


def _may_lead(nation: str, post: Row, tables: ScenarioTables) -> bool:
    """What the most specific row of `participation` says that says anything."""
    best: tuple[tuple[int, bool, bool, bool], bool] | None = None
    for row in tables.rows("participation"):
        fits = (
            row["nation"] in {None, nation}
            and row["mission"] in {None, post["mission"]}
            and row["area"] in {None, post["area"]}
        )
        if fits and row["may_lead"] is not None:
            filled = (row["nation"] is not None, row["mission"] is not None, row["area"] is not None)
            best = max(best or ((-1, False, False, False), False), ((sum(filled), *filled), row["may_lead"]))
    return best is not None and best[1]


def _check_conditions(instance: Instance, states: list[_State], notes: Notes) -> None:
    """Every condition that something depends on holds in some scenario."""
    dependents: dict[str, list[str]] = defaultdict(list)
    for name in instance.tables:
        if (
            "condition" in TABLES[name].by_name
            and name not in {"conditions", "scenario_conditions"} | notes.faulty_tables
        ):
            for index, row in enumerate(instance.rows(name)):
                if row["condition"] is not None:
                    dependents[row["condition"]].append(f"{notes.place(name)} row {notes.row(name, index)}")
    position = {row["condition"]: index for index, row in enumerate(instance.rows("conditions"))}
    for condition, places in sorted(dependents.items()):
        if not any(state.tables.holds(condition) for state in states):
            shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
            notes.warning(
                "condition-never-true",
                "conditions",
                position[condition.removeprefix("!")],
                "condition",
                f"{condition!r} is true in no scenario, and {shown} depend on it.",
                "Add a scenario in which it holds, or change its default.",
            )


def _check_support(instance: Instance, notes: Notes) -> None:
    """Instruments deliver something; enablers' capabilities are delivered by something, on a line where they are needed."""
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
    delivered = {
        row["capability"]
        for table in ("yields", "instrument_yields")
        for row in instance.rows(table)
        if row["amount"] > 0
    }
    asked: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    scopes = {"post": ("mission", "area"), "area": ("area",), "mission": ("mission",)}
    for line in instance.rows("requirements"):
        for columns in scopes.values():
            asked["/".join(columns), line["capability"]].add(tuple(line[column] for column in columns))  # type: ignore[index]
            asked["/".join(columns), None].add(tuple(line[column] for column in columns))  # type: ignore[index]
    for index, row in enumerate(instance.rows("enablers")):
        if not row["per_personnel"] or "enablers" in notes.faulty_tables:
            continue
        scope = "/".join(scopes[row["scope"]])
        here, everywhere = asked[scope, row["capability"]], asked[scope, None]  # type: ignore[index]
        tell = notes.error if row["hard"] else notes.warning
        if row["capability"] not in delivered:
            tell(
                "enabler-unserved",
                "enablers",
                index,
                "capability",
                f"nothing delivers {row['capability']!r}.",
                "Add a yield, or remove the rule.",
            )
        elif not here:
            tell(
                "enabler-unserved",
                "enablers",
                index,
                "capability",
                f"no requirement line asks for {row['capability']!r}, so no unit can deliver it.",
                "Add a line (weight 0, if it should not count in the score), or remove the rule.",
            )
        elif here != everywhere:
            lacking = ", ".join("/".join(part) for part in sorted(everywhere - here)[:3])
            notes.warning(
                "enabler-without-line",
                "enablers",
                index,
                "scope",
                f"no line asks for {row['capability']!r} in {len(everywhere - here)} {row['scope']}(s): {lacking}.",
                "Add a line there (weight 0, if it should not count in the score), or widen the scope.",
            )
