"""The outcomes that a study keeps (TABLE.KEY.COLUMN), checked against the tables of a plan and the names of the instance."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.instance.cells import did_you_mean
from optimizer.instance.instance import Instance
from optimizer.plan.frames import COLUMNS, PLAN_TABLES
from optimizer.studies.faults import Fault, Faults
from optimizer.studies.outcomes import EVERY, split_outcome


def checked_outcomes(given: Sequence[str], instance: Instance, faults: Faults) -> tuple[str, ...]:
    """The outcomes that a plan of the instance can have, each once; the others are faults."""
    kept = []
    for outcome in dict.fromkeys(given):
        fault = fault_of_outcome(outcome, instance)
        if fault is None:
            kept.append(outcome)
        else:
            faults.error(fault, "keep")
    return tuple(kept)


def fault_of_outcome(outcome: str, instance: Instance) -> Fault | None:
    """What is wrong with an outcome; None where a plan of the instance can have it."""
    table, key, column = split_outcome(outcome)
    if not key:
        return "outcome", f"{outcome!r} is not TABLE.KEY.COLUMN.", "Write, for example, nations.FRA.cost."
    if table not in COLUMNS:
        remedy = f"Tables: {', '.join(COLUMNS)}.{did_you_mean(table, COLUMNS)}"
        return "outcome-table", f"a plan has no table {table!r}.", remedy
    if column not in COLUMNS[table]:
        remedy = f"Columns: {', '.join(COLUMNS[table])}.{did_you_mean(column, COLUMNS[table])}"
        return "outcome-column", f"the table {table} of a plan has no column {column!r}.", remedy
    return _fault_of_key(outcome, table, key, instance)


def _fault_of_key(outcome: str, table: str, key: str, instance: Instance) -> Fault | None:
    """What is wrong with a key: a part is no name of the instance (which of them make a row is not known before there is a plan)."""
    names = PLAN_TABLES[table].outcome_key
    forms = [names, *([(*names, "period")] if "period" in COLUMNS[table] else [])]
    if key == EVERY or any(_fits(key, [_names_of(part, instance) for part in form]) for form in forms):
        return None
    words = key.split("/")
    for part, word in next((zip(form, words, strict=True) for form in forms if len(form) == len(words)), ()):
        known = _names_of(part, instance)
        if known is not None and word not in known:
            message = f"{outcome!r}: there is no {part} {word!r}."
            return "outcome-key", message, f"Correct it.{did_you_mean(word, known)}"
    parts = " or ".join("/".join(form) for form in forms)
    return "outcome-key", f"{outcome!r}: {key!r} is no key of {table}.", f"Write {parts}, or *."


def _names_of(part: str, instance: Instance) -> set[str] | None:
    """The names that may stand in a part of a key; None where they are made by the plan."""
    if part == "period":
        return {str(period) for period in range(1, instance.header.periods + 1)}
    home = "areas" if part == "destination_area" else f"{part}s"
    if part == "limit" or home not in instance.tables:
        return None
    column = home[:-1]
    return {str(row[column]) for row in instance.rows(home)}


def _fits(key: str, parts: Sequence[set[str] | None]) -> bool:
    """Whether a key is made of these parts, joined by `/` (which names may hold too); None: any name."""
    ends = [index for index, sign in enumerate(key) if sign == "/"]
    if len(parts) == 1:
        return bool(key) and (parts[0] is None or key in parts[0])
    return any((parts[0] is None or key[:end] in parts[0]) and _fits(key[end + 1 :], parts[1:]) for end in ends)
