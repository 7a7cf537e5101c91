"""Where two inputs of a study meet in one cell, and where an input meets what a scenario says about the same cell."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance, Row
from optimizer.instance.scenario import row_key
from optimizer.studies.effective import asked_scenarios
from optimizer.studies.study import Study, Vary

Cell = tuple[str, str, str]
"""Table, key and column."""

MOST_CELLS = 3
"""Cells that a message lists."""


def meetings(
    vary: Sequence[Vary], instance: Instance, file: str, numbers: Sequence[int] | None = None
) -> list[Finding]:
    """A finding per pair of inputs that set one cell: one of them would have no effect, without notice. `numbers`: their numbers in the study."""
    numbers = numbers or range(1, len(vary) + 1)
    touched = [_touched(one, instance) for one in vary]
    found = []
    for at, other_at in itertools.combinations(range(len(vary)), 2):
        shared = [cell for cell in touched[at] if cell in touched[other_at]]
        if shared:
            first, second = (f"{vary[which].name!r} (vary.{numbers[which]})" for which in (at, other_at))
            message = f"{first} and {second} both vary {_in_words(shared)}."
            remedy = "Keep one of them there, or make two studies."
            found.append(Finding("error", "same-cell", file, None, f"vary.{numbers[other_at]}", message, remedy))
    return found


def replaced_changes(instance: Instance, study: Study) -> Iterator[str]:
    """Sentences on inputs that meet a change of a scenario that is asked: the study's value holds."""
    for scenario in asked_scenarios(study):
        changes = {
            (row["table"], row["key"], row["column"])
            for row in instance.rows("changes")
            if row["scenario"] == scenario and scenario is not None
        }
        for vary in study.vary:
            both = [cell for cell in _cells(vary) if cell in changes] if vary.kind == "cells" else []
            if both and vary.mode == "value":
                yield f"{vary.name}: the scenario {scenario!r} changes {_in_words(both)} too; the study's value takes the place of its change."
            elif both:
                yield f"{vary.name}: the scenario {scenario!r} changes {_in_words(both)} too; the study's {vary.mode} starts from what it says."


def _touched(vary: Vary, instance: Instance) -> dict[Cell, None]:
    """What an input decides, in one form whatever the way it is written: a change of a scenario stands for the cell that it changes."""
    if vary.kind == "condition":
        # Windows of a condition stand beside each other; whoever decides the condition decides all of them.
        windows = [row for row in instance.rows("scenario_conditions") if row["condition"] == vary.table and _part(row)]
        cells = [("scenario_conditions", row_key("scenario_conditions", row), "holds") for row in windows]
        return dict.fromkeys([("condition", vary.table, ""), *cells])
    if vary.kind != "cells":
        return {(vary.kind, vary.table, vary.column): None}
    found = dict.fromkeys(_cells(vary))
    if vary.table == "conditions" and vary.column == "default":
        found |= {("condition", key, ""): None for key in vary.keys}
    elif vary.table in {"changes", "scenario_conditions"}:
        rows = {row_key(vary.table, row): row for row in instance.rows(vary.table)}
        chosen = [rows[key] for key in vary.keys]
        if vary.table == "changes":
            found |= {(row["table"], row["key"], row["column"]): None for row in chosen}
        else:
            found |= {("condition", row["condition"], ""): None for row in chosen if not _part(row)}
    return found


def _part(row: Row) -> bool:
    """Whether a row of `scenario_conditions` speaks of some periods only."""
    return row["from"] is not None or row["until"] is not None


def _cells(vary: Vary) -> list[Cell]:
    return [(vary.table, key, vary.column) for key in vary.keys]


def _in_words(cells: Sequence[Cell]) -> str:
    kinds = {"condition": "the condition {1!r}", "scenario": "the scenario", "aim": "the {2} of the aim {1!r}"}
    words = [kinds.get(cell[0], "{0}.{1}.{2}").format(*cell) for cell in cells[:MOST_CELLS]]
    more = len(cells) - MOST_CELLS
    return ", ".join([*words, f"and {more:,} more"] if more > 0 else words)
