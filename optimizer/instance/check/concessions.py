"""Rows of `concessions` that are about no rule, or ask of it what it cannot give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from optimizer.instance.bending import BENDING_TABLES, LIFT, bending, can_ever_bend, is_whole, step_of
from optimizer.instance.cells import did_you_mean, quoted
from optimizer.instance.scenario import scenario_tables

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance
    from optimizer.instance.rule import Bend


@dataclass
class _Rules:
    """The rules that bend in some scenario, each with the column of its cell and how; and all that could, whatever the cells say."""

    bends: dict[str, set[tuple[str, str | None, Bend]]] = field(default_factory=dict)
    possible: set[str] = field(default_factory=set)


def check_concessions(instance: Instance, notes: Notes) -> None:
    """Every row of the table is about some rule, and the change that it names suits it."""
    rows = instance.rows("concessions")
    if not rows:
        return
    rules, nations = _rules(instance), {row["nation"] for row in instance.rows("nations")}
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        if (pattern := row["rule"]) is None:
            continue
        if pattern in first:
            where = notes.row("concessions", first[pattern])
            message = f"{quoted(pattern)} is already in row {where}."
            notes.error("concession-twice", "concessions", index, "rule", message, "Keep one of the two rows.")
        first.setdefault(pattern, index)
        met = {name: kinds for name, kinds in rules.bends.items() if name == pattern or fnmatchcase(name, pattern)}
        if not met:
            _note_unmet(pattern, rules, index, notes)
        _check_change(row["change"], [kind for kinds in met.values() for kind in kinds], index, notes)
        if row["asked"] is not None and row["asked"] not in nations:
            message = f"{quoted(row['asked'])} is no nation of the table `nations`."
            remedy = f"Correct it, unless somebody else is to be asked.{did_you_mean(row['asked'], nations)}"
            notes.warning("concession-asks-nobody", "concessions", index, "asked", message, remedy)


def _rules(instance: Instance) -> _Rules:
    found = _Rules()
    for scenario in (None, *instance.scenarios):
        tables = scenario_tables(instance, scenario)
        for table in BENDING_TABLES:
            for row in tables.rows(table):
                for name, column, bend in bending(table, row):
                    found.bends.setdefault(name, set()).add((table, column, bend))
                found.possible.update(can_ever_bend(table, row))
    return found


def _note_unmet(pattern: str, rules: _Rules, index: int, notes: Notes) -> None:
    if "*" in pattern or pattern in rules.possible:
        message = f"no rule that bends is called {quoted(pattern)} in any scenario: the row changes nothing."
        remedy = "`forcegen rules` lists the rules in force and whether they bend."
        notes.warning("concession-changes-nothing", "concessions", index, "rule", message, remedy)
    else:
        message = f"there is no rule {quoted(pattern)}, or it never bends."
        remedy = f"`forcegen rules` lists the rules in force and whether they bend.{did_you_mean(pattern, rules.bends)}"
        notes.error("concession-without-rule", "concessions", index, "rule", message, remedy)


def _check_change(change: str | None, kinds: Iterable[tuple[str, str | None, Bend]], index: int, notes: Notes) -> None:
    """The change is `lift` or the size of a step, and some of the rules can be changed so."""
    if change is None:
        return

    def wrong(code: str, message: str, remedy: str) -> None:
        notes.error(code, "concessions", index, "change", message, remedy)

    known = list(kinds)
    cells = [(table, column) for table, column, bend in known if bend != LIFT]
    try:
        step = step_of(change)
    except ValueError:
        message = f"{quoted(change)} is neither `lift` nor a number above zero."
        wrong("concession-change", message, "Write lift, or the size of one step.")
        return
    if step == LIFT:
        if known and all((table, column) == ("pledges", "quantity") for table, column, _ in known):
            wrong("concession-cannot-lift", "a quantity cannot be lifted.", "Write by how many units it may rise.")
    elif known and not cells:
        message = "the rule can only be lifted, not changed by a number."
        wrong("concession-only-lifts", message, "Write lift, or leave the cell blank.")
    elif not float(step or 1.0).is_integer() and cells and all(is_whole(*cell) for cell in cells):
        wrong("concession-not-whole", f"{step:g} is not a whole number.", "Write a whole number.")
