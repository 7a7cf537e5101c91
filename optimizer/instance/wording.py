"""Rows of the input in a planner's words: names for keys, selections, windows and conditions as parts of a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from optimizer.instance.cells import split_words
from optimizer.instance.conditions import parse_condition
from optimizer.instance.instance import Row
from optimizer.instance.scenario import ScenarioTables, every_period

NAMED = {
    "nation": "nations",
    "mission": "missions",
    "area": "areas",
    "unit_type": "unit_types",
    "capability": "capabilities",
    "condition": "conditions",
    "instrument": "instruments",
}
"""The table that gives a key its full name."""


MEASURES = {
    "units": "units",
    "personnel": "personnel",
    "cost": "million of cost",
    "escalation": "points of escalation",
    "sustainment": "t of sustainment",
    "lift": "t of lift",
    "nations": "nations",
    "posts": "posts",
    "fulfilment": "of the targets (1 = all)",
    "personnel_share": "of all personnel (1 = all)",
    "cost_share": "of all cost (1 = all)",
    "units_share": "of all units (1 = all)",
    "burden_gap": "times the fair share of the cost",
    "ready": "units at home and rested",
    "paid": "million paid",
}
"""What a measure counts, behind a number."""


class Words:
    """Phrases for the rows of one scenario."""

    def __init__(self, tables: ScenarioTables, horizon: int) -> None:
        self.tables, self.horizon = tables, horizon

    @cached_property
    def _names(self) -> Mapping[str, Mapping[str, str]]:
        return {
            column: {row[column]: row["name"] or row[column] for row in self.tables.rows(table)}
            for column, table in NAMED.items()
        }

    def name(self, column: str, key: str) -> str:
        """The full name of a nation, mission, area, unit type, capability, condition or instrument; else the key."""
        return self._names.get(column, {}).get(key, key)

    def names(self, column: str, selector: str | None) -> str:
        """The names that a selector lists: `A or B`, `all but C`."""
        words = split_words(selector or "")
        taken = [self.name(column, word) for word in words if not word.startswith("!")]
        left = [self.name(column, word[1:].strip()) for word in words if word.startswith("!")]
        parts = [" or ".join(taken)] if taken else []
        if left:
            parts.append(("but not " if taken else "all but ") + " and ".join(left))
        return ", ".join(parts)

    def post(self, row: Row) -> str:
        """A post: the mission in the area."""
        return f"{self.name('mission', row['mission'])} in {self.name('area', row['area'])}"

    def who(self, row: Row, otherwise: str = "the coalition") -> str:
        """The nations that a row speaks of."""
        nations = self.names("nation", row.get("nation"))
        groups = row.get("group")
        if groups:
            nations = f"{nations} (members of {groups})" if nations else f"the members of {groups}"
        return nations or otherwise

    def units(self, row: Row) -> str:
        """The units that a row selects, blank where it selects any."""
        parts = []
        if row.get("unit_type"):
            parts.append(self.names("unit_type", row["unit_type"]))
        if row.get("tag"):
            parts.append(f"units tagged {self.names('tag', row['tag'])}")
        if row.get("domain"):
            parts.append(f"{self.names('domain', row['domain'])} units")
        return ", ".join(parts)

    def where(self, row: Row) -> str:
        """The posts that a row selects: `in the mission … in …`; blank where it selects any."""
        parts = []
        if row.get("capability"):
            parts.append(f"for {self.names('capability', row['capability'])}")
        if row.get("mission"):
            parts.append(f"in the mission {self.names('mission', row['mission'])}")
        if row.get("area"):
            parts.append(f"in {self.names('area', row['area'])}")
        if row.get("host"):
            parts.append(f"on the soil of {self.names('host', row['host'])}")
        return " ".join(parts)

    def when(self, row: Row) -> str:
        """The window of a row: `in periods 2 to 4`; blank for the whole horizon."""
        first, last = int(row.get("from") or 1), int(row.get("until") or self.horizon)
        if (first, last) == (1, self.horizon):
            return ""
        return f"in period {first}" if first == last else f"in periods {first} to {last}"

    def condition(self, text: str | None) -> str:
        """A condition as a clause: `“Ceasefire” is true and “Backstop” is false`; blank where there is none."""

        def fact(name: str, true: bool) -> str:
            return f"“{self.name('condition', name)}” is {'true' if true else 'false'}"

        return parse_condition(text).in_words(fact) if text else ""

    def holding(self, text: str | None) -> str:
        """When a condition holds, behind `which`: `does not hold`, `holds only in periods 2 to 3`; blank where it always holds."""
        periods = self.tables.when(text)
        if not periods:
            return "does not hold"
        return "" if periods == every_period(self.horizon) else f"holds only {in_periods(periods)}"


def in_periods(mask: int) -> str:
    """Periods (bits of a whole number, bit 0 is period 1) in words: `in period 2`, `in periods 1 and 3 to 5`."""
    runs: list[list[int]] = []
    for period in (number for number in range(1, mask.bit_length() + 1) if mask >> number - 1 & 1):
        if runs and runs[-1][-1] == period - 1:
            runs[-1][1:] = [period]
        else:
            runs.append([period])
    said = [" to ".join(map(str, run)) for run in runs]
    listed = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    return f"in period{'s' * (mask.bit_count() != 1)} {listed}"


def counted(number: float, what: str) -> str:
    """A number with what it counts, in the plural where it is not one."""
    return f"{number:,.10g} {what}{'' if number == 1 else 's'}"


def condition_clause(condition: str) -> str:
    """`while …` before a condition; blank where there is none."""
    return condition and f"while {condition}"


def sentence(*parts: str) -> str:
    """One sentence from parts, blank ones left out, with a capital letter and a full stop."""
    text = " ".join(part for part in parts if part)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def only_one(selector: str | None, known: Iterable[str]) -> str | None:
    """The one key that a selector takes; None where it takes several or any."""
    from optimizer.instance.selectors import parse_selector

    if not selector:
        return None
    chosen = [key for key in known if parse_selector(selector).matches(key)]
    return chosen[0] if len(chosen) == 1 else None
