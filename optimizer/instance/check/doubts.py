"""Figures that can be read but are probably not meant: what no rule forbids, and what makes a plan look better or worse than it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.instance.scenario import ScenarioTables
from optimizer.instance.selectors import parse_selector

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance

DEAR_PER_PERSON: Final = 10.0
"""Million per person and period beyond which a cost is probably not in millions: a hundred times what a soldier costs."""
DEAR_PER_UNIT: Final = 1_000.0
"""Million per unit and period beyond which it is: no unit costs a thousand million in a few months. Both are exceeded, or nothing is said."""
MANY_TIMES: Final = 100.0
"""How often the smallest unit may fill a line's target before the target is probably in another unit."""
DISTINGUISHED: Final = 1e6
"""How many times less one unit may do for coverage than another: below a millionth it cannot be told from the solver's rounding."""

_COUNTING: Final = {"cost": ("cost", "cost_share"), "personnel": ("personnel", "personnel_share")}


class Doubts:
    """The checks of this module on an instance and its scenarios (None: the defaults), with the pairs (pledge, line) that could serve in each."""

    def __init__(
        self,
        instance: Instance,
        scenarios: Mapping[str | None, ScenarioTables],
        services: Mapping[str | None, Iterable[tuple[str, str]]],
        notes: Notes,
    ) -> None:
        self.instance, self.scenarios, self.services, self.notes = instance, scenarios, services, notes
        self.aims = {aim.name: aim for aim in instance.header.aims}

    def run(self) -> None:
        """All of them."""
        self.burden()
        self.blanks()
        self.costs()
        if {"coverage", "weakest_mission"} & set(self.aims):
            self.nothing_counts()
        self.targets()
        if "coverage" in self.aims:
            self.weights()
        self.uncertain()

    def uncertain(self) -> None:
        """Whoever gives probabilities to pledges knows what uses them."""
        chances = [row["probability"] for row in self.instance.rows("pledges")]
        uncertain = sum(chance is not None and chance < 1 for chance in chances)
        if uncertain:
            self.notes.warning(
                "uncertain-pledges",
                "pledges",
                None,
                "probability",
                f"{uncertain} of the pledges {'is' if uncertain == 1 else 'are'} not certain; `solve` and every study but `hedge` plan as if all held.",
                "Ask `forcegen hedge --draws N` what to make ready.",
            )

    def burden(self) -> None:
        """Every nation that pledges has a fair share, where the burden is compared."""
        limited = any(row["measure"] == "burden_gap" for row in self.instance.rows("limits"))
        compared = any(row["fair_share"] for row in self.instance.rows("nations"))
        if not compared or ("burden_gap" not in self.aims and not limited):
            return
        pledging = {row["nation"] for row in self.instance.rows("pledges") if row["quantity"] > 0}
        for index, row in enumerate(self.instance.rows("nations")):
            if row["fair_share"] is None and row["nation"] in pledging:
                self.notes.warning(
                    "burden-partial",
                    "nations",
                    index,
                    "fair_share",
                    f"{row['nation']} pledges, but is left out of the burden: the others are compared among themselves.",
                    "Fill in its fair share; write 0 if it is meant to be left out.",
                )

    def blanks(self) -> None:
        """A unit type that is pledged has the personnel and the cost that others have, or that a rule counts."""
        able = {pledge for pairs in self.services.values() for pledge, _ in pairs}
        pledged = {row["unit_type"] for row in self.instance.rows("pledges") if row["pledge"] in able}
        frame = self.instance.table("unit_types")
        for column in _COUNTING:
            given = frame[column].tolist() if column in frame else []
            some, counted = any(value is not None for value in given), self._counted(column)
            for index, (row, value) in enumerate(zip(self.instance.rows("unit_types"), given, strict=False)):
                name = row["unit_type"]
                if value is not None or name not in pledged or not (some or counted):
                    continue
                if column == "cost" and self._priced_elsewhere(name):
                    continue
                why = "other types have one" if some else "a rule counts it"
                self.notes.warning(
                    "blank-figure",
                    "unit_types",
                    index,
                    column,
                    f"the {column} of {name!r} is blank, which means 0, and {why}: caps, budgets and aims do not see its units.",
                    "Fill it in; write 0 if there is none.",
                )

    def _counted(self, column: str) -> bool:
        """Whether a cap or floor of the instance counts the measure."""
        caps = {
            "cost": (("nations", "budget"),),
            "personnel": tuple((t, "max_personnel") for t in ("nations", "areas")),
        }
        return any(row["measure"] in _COUNTING[column] for row in self.instance.rows("limits")) or any(
            row[cap] is not None for table, cap in caps[column] for row in self.instance.rows(table)
        )

    def _priced_elsewhere(self, unit_type: str) -> bool:
        """Whether pledges or `deployment_costs` say what the units of a type cost."""
        rows = self.instance.rows("deployment_costs")
        if any(row["cost"] is not None and row["unit_type"] in {None, unit_type} and not row["pledge"] for row in rows):
            return True
        named = {row["pledge"] for row in rows if row["cost"] is not None}
        mine = [row for row in self.instance.rows("pledges") if row["unit_type"] == unit_type]
        return all(row["cost"] is not None or row["pledge"] in named for row in mine)

    def costs(self) -> None:
        """No cost per unit and period is far beyond what can be, in millions."""
        if not any(letter.isalpha() for letter in self.instance.header.currency):
            return  # figures without a currency are no millions
        people = {row["unit_type"]: row["personnel"] for row in self.instance.rows("unit_types")}
        of_pledge = {row["pledge"]: row["unit_type"] for row in self.instance.rows("pledges")}
        for table in ("unit_types", "pledges", "deployment_costs"):
            for index, row in enumerate(self.instance.rows(table)):
                cost, kind = row["cost"], row["unit_type"]
                kind = of_pledge.get(row["pledge"]) if kind is None and table == "deployment_costs" else kind
                persons = people.get(kind, 0.0)
                if cost and cost > max(DEAR_PER_PERSON * persons, DEAR_PER_UNIT):
                    each = f"{cost / persons:,.6g} million per person" if persons else f"{cost:,.6g} million per unit"
                    self.notes.warning(
                        "cost-not-in-millions",
                        table,
                        index,
                        "cost",
                        f"{cost:,.10g} is {each} and period, which can hardly be.",
                        "Write costs in millions.",
                    )

    def nothing_counts(self) -> None:
        """Some line of some mission counts in coverage, in every scenario."""
        scopes = [dict(self.aims[name].scope) for name in ("coverage", "weakest_mission") if name in self.aims]
        for scope in scopes:
            chosen = parse_selector(scope.get("mission"))
            if not any(chosen.matches(row["mission"]) for row in self.instance.rows("missions")):
                continue  # the scope names nothing, which is reported where it stands
            empty = [name for name, tables in self.scenarios.items() if not _counting(tables, chosen.matches)]
            if empty:
                where = (
                    "" if len(empty) == len(self.scenarios) else f" in {', '.join(n or 'the default' for n in empty)}"
                )
                self.notes.warning(
                    "nothing-counts",
                    "missions",
                    None,
                    "weight",
                    f"no mission with a weight above 0 has a line with a weight above 0{where}: nothing counts in coverage, "
                    "and a plan with nobody is as good as any.",
                    "Give a weight to what is wanted.",
                )
                return

    def targets(self) -> None:
        """No target is so small that even the smallest unit fills it many times over."""
        amounts = {(row["unit_type"], row["capability"]): row["amount"] for row in self.instance.rows("yields")}
        of_pledge = {row["pledge"]: row["unit_type"] for row in self.instance.rows("pledges")}
        smallest: dict[str, float] = {}
        lines = {row["requirement"]: row for row in self.instance.rows("requirements")}
        for pledge, line in sorted({pair for pairs in self.services.values() for pair in pairs}):
            amount = amounts.get((of_pledge[pledge], lines[line]["capability"]), 0.0)
            smallest[line] = min(smallest.get(line, amount), amount)
        for index, row in enumerate(self.instance.rows("requirements")):
            least = smallest.get(row["requirement"], 0.0)
            if least >= MANY_TIMES * row["target"]:
                self.notes.warning(
                    "target-below-unit",
                    "requirements",
                    index,
                    "target",
                    f"one unit, the smallest that could serve there, delivers {least:g}, which is {least / row['target']:,.0f} times "
                    f"the target {row['target']:g}.",
                    "Check the unit of the target and of the yields; write 1500, not 1.500.",
                )

    def weights(self) -> None:
        """No mission, and no line within a mission, weighs so little that a unit for it cannot be told from rounding."""
        chosen = parse_selector(dict(self.aims["coverage"].scope).get("mission"))
        noted: set[tuple[str, str]] = set()
        for name, tables in self.scenarios.items():
            effects = _effects(tables, self.services[name])
            missions = []
            for row in tables.rows("missions"):
                lines = effects.get(row["mission"], [])
                self._compare("requirements", lines, noted)
                if lines and row["weight"] > 0 and chosen.matches(row["mission"]):
                    least, most = min(one.least for one in lines), max(one.most for one in lines)
                    missions.append(Effect(row["mission"], least * row["weight"], most * row["weight"]))
            self._compare("missions", missions, noted)

    def _compare(self, table: str, effects: list[Effect], noted: set[tuple[str, str]]) -> None:
        heavy = max(effects, key=lambda one: one.most, default=None)
        for light in effects:
            if heavy is not None and heavy.most > DISTINGUISHED * light.least and (table, light.name) not in noted:
                noted.add((table, light.name))
                self._too_light(table, light, heavy)

    def _too_light(self, table: str, light: Effect, heavy: Effect) -> None:
        key = "mission" if table == "missions" else "requirement"
        remedy = (
            f'Give the aim coverage the scope {{ mission = "{heavy.name}" }} and {light.name} an aim of its own level '
            f'(weakest_mission with the scope {{ mission = "{light.name}" }}), or bring the weights closer.'
            if table == "missions"
            else "Bring the weights closer, or give the line a mission, and the mission an aim of its own level (aims with `scope`)."
        )
        index = next(number for number, row in enumerate(self.instance.rows(table)) if row[key] == light.name)
        self.notes.warning(
            "weights-far-apart",
            table,
            index,
            "weight",
            f"one unit for {light.name!r} may do {heavy.most / light.least:,.0f} times less for coverage than one for {heavy.name!r}: "
            "that cannot be told from rounding.",
            remedy,
        )


def _counting(tables: ScenarioTables, chosen: Callable[[str], bool]) -> bool:
    """Whether any line of a chosen mission counts."""
    weighty = {row["mission"] for row in tables.rows("missions") if row["weight"] > 0 and chosen(row["mission"])}
    return any(row["weight"] > 0 and row["mission"] in weighty for row in tables.rows("requirements"))


class Effect(NamedTuple):
    """What one unit does for the coverage of a line or mission: the least and the most useful one."""

    name: str
    least: float
    most: float


def _effects(tables: ScenarioTables, services: Iterable[tuple[str, str]]) -> dict[str, list[Effect]]:
    """What one unit does for each line's share, times the line's part of its mission, by mission; only lines that count."""
    amounts = {(row["unit_type"], row["capability"]): row["amount"] for row in tables.rows("yields")}
    of_pledge = {row["pledge"]: row["unit_type"] for row in tables.rows("pledges")}
    lines = {row["requirement"]: row for row in tables.rows("requirements") if row["weight"] > 0}
    total: dict[str, float] = defaultdict(float)
    for row in lines.values():
        total[row["mission"]] += row["weight"]
    shares: dict[str, set[float]] = defaultdict(set)
    for pledge, name in services:
        if name in lines:
            share = amounts.get((of_pledge[pledge], lines[name]["capability"]), 0.0) / lines[name]["target"]
            shares[name].add(min(1.0, share))
    found: dict[str, list[Effect]] = defaultdict(list)
    for name, reached in shares.items():
        part = lines[name]["weight"] / total[lines[name]["mission"]]
        if min(reached) > 0 and part > 0:
            found[lines[name]["mission"]].append(Effect(name, min(reached) * part, max(reached) * part))
    return found
