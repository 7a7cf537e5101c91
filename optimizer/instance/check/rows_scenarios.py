"""Rows of conditions, scenarios and changes that cannot be meant."""

from __future__ import annotations

import math
from typing import Final

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import CellError, did_you_mean, is_blank, parse_cell
from optimizer.instance.check.references import wrongly_named
from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.conditions import SIGNS
from optimizer.instance.findings import SHOWN
from optimizer.instance.instance import Row
from optimizer.instance.scenario import apply_factor, is_rounded, periods_between, rounding_in_words, row_key
from optimizer.instance.wording import in_periods

UNCHANGEABLE: Final = ("conditions", "scenarios", "scenario_conditions", "changes")
"""Tables that make the scenarios, and that a scenario therefore cannot change."""


def check_scenario_rows(checks: RowChecks) -> None:
    """Those of the tables that make the scenarios."""
    for check in (conditions, probabilities, changes):
        check(checks)


def conditions(checks: RowChecks) -> None:
    """No condition bears a name that cannot be written, and each scenario says of each once, in each period, whether it holds."""
    reserved = TABLES["scenarios"].by_name
    for index, row in checks.rows("conditions"):
        name = row["condition"]
        if name is not None and (name in reserved or any(sign in name for sign in SIGNS)):
            signs = "" if name in reserved else f"Rename it without any of {' '.join(SIGNS)}: they join conditions."
            message = f"a condition cannot be called {name!r}."
            checks.error("condition-name", "conditions", index, "condition", message, signs or "Rename it.")
    _stated(checks)
    _windows(checks)


def _stated(checks: RowChecks) -> None:
    """`scenarios` says nothing of a condition that `scenario_conditions` contradicts, or takes the place of."""
    stated = {row["scenario"]: row for _, row in checks.rows("scenarios")}
    for index, row in checks.rows("scenario_conditions"):
        short = stated.get(row["scenario"], {}).get(row["condition"])
        if not isinstance(short, bool) or row["holds"] is None:
            continue
        message = f"the table scenarios says {str(short).lower()}"
        if row["from"] is not None or row["until"] is not None:
            message += ", which counts in no period: outside the windows here the default holds."
            remedy = "Empty the cell in scenarios, and add rows here for other periods."
            checks.warning("condition-twice", "scenario_conditions", index, "holds", message, remedy)
        elif short != row["holds"]:
            checks.error("condition-twice", "scenario_conditions", index, "holds", f"{message}.", "State it once.")


def _windows(checks: RowChecks) -> None:
    """No two windows of one condition in a scenario have a period in common."""
    if not checks.draft.horizon_known:
        return
    taken: dict[tuple[str, str], list[tuple[int, Row, int]]] = {}
    for index, row in checks.rows("scenario_conditions"):
        if row["scenario"] is None or row["condition"] is None:
            continue
        window = periods_between(row["from"], row["until"], checks.draft.header.periods)
        known = taken.setdefault((row["scenario"], row["condition"]), [])
        for place, other, periods in known:
            # Two rows with the same first period have the same key, which is reported elsewhere.
            if periods & window and other["from"] != row["from"]:
                where = checks.draft.notes.row("scenario_conditions", place)
                checks.error(
                    "condition-windows-overlap",
                    "scenario_conditions",
                    index,
                    "from" if row["from"] is not None else "until",
                    f"row {where} says already whether {row['condition']!r} holds {in_periods(periods & window)}.",
                    "Let one window end before the other begins.",
                )
                break
        known.append((index, row, window))


def probabilities(checks: RowChecks) -> None:
    """All scenarios have a probability, together 1, or none has."""
    rows = list(checks.rows("scenarios"))
    if len(rows) != len(checks.draft.rows.get("scenarios", [])):
        return
    given = [row["probability"] for _, row in rows if row["probability"] is not None]
    if given and len(given) < len(rows):
        for index, row in rows:
            if row["probability"] is None:
                checks.error(
                    "probability-missing",
                    "scenarios",
                    index,
                    "probability",
                    "the scenario has no probability, but others have.",
                    "Fill it in for all, or for none.",
                )
    elif given and abs(math.fsum(given) - 1) > 1e-6:
        checks.error(
            "probabilities-sum",
            "scenarios",
            None,
            "probability",
            f"the probabilities sum to {math.fsum(given):g}, not to 1.",
            "Correct them.",
        )


def changes(checks: RowChecks) -> None:
    """Every change names a cell that is there, and says what becomes of it."""
    hinted = 0
    keys = {table: {row_key(table, row): row for row in rows} for table, rows in checks.draft.rows.items()}
    for index, row in checks.rows("changes"):
        if row["value"] is not None and row["factor"] is not None:
            checks.error("change-twice", "changes", index, "factor", "both a value and a factor.", "Keep one of them.")
        elif row["value"] is None and row["factor"] is None:
            message = "neither a value nor a factor."
            checks.error("change-without-value", "changes", index, "value", message, "Fill in one of them.")
        table, key, column = row["table"], row["key"], row["column"]
        if table not in TABLES or table in UNCHANGEABLE:
            _wrong_table(checks, index, table)
        elif table not in checks.draft.broken:
            attribute = _changed_column(checks, index, table, column)
            found = keys.get(table, {}).get(key)
            if found is None:
                hinted += 1
                near = did_you_mean(key, keys.get(table, {}) if hinted <= SHOWN else ())
                remedy = f"Write the key of the row ({'/'.join(TABLES[table].key)}).{near}"
                checks.error("change-key", "changes", index, "key", f"{table} has no row {key!r}.", remedy)
            elif attribute is not None:
                _changed_value(checks, index, row, found, attribute)


def _wrong_table(checks: RowChecks, index: int, table: str) -> None:
    if table in TABLES:
        message, remedy = f"a scenario cannot change the table {table!r}.", "Describe another scenario instead."
    else:
        message, remedy = f"there is no table {table!r}.", f"Correct the name.{did_you_mean(table, TABLES)}"
    checks.error("change-table", "changes", index, "table", message, remedy)


def _changed_column(checks: RowChecks, index: int, table: str, column: str) -> Attribute | None:
    attribute = TABLES[table].by_name.get(column)
    if attribute is None:
        checks.error(
            "change-column",
            "changes",
            index,
            "column",
            f"{table} has no column {column!r}.",
            f"Correct the name.{did_you_mean(column, TABLES[table].by_name)}",
        )
    elif column in TABLES[table].key:
        checks.error(
            "change-column",
            "changes",
            index,
            "column",
            f"a scenario cannot change the key column {column!r}.",
            "Change another column.",
        )
        return None
    return attribute


def _changed_value(checks: RowChecks, index: int, row: Row, found: Row, attribute: Attribute) -> None:
    if row["factor"] is not None and row["value"] is None:
        old = found[attribute.name]
        if attribute.kind not in {"number", "integer", "period"}:
            checks.error(
                "change-factor",
                "changes",
                index,
                "factor",
                f"{attribute.name} is no number.",
                "Give the new value instead.",
            )
        elif old is None:
            checks.error(
                "change-factor",
                "changes",
                index,
                "factor",
                f"{attribute.name} is blank there: nothing to multiply.",
                "Give the new value instead.",
            )
        else:
            _fits(checks, index, attribute, apply_factor(attribute, old, row["factor"]), "factor")
            if is_rounded(attribute, old, row["factor"]):
                checks.warning(
                    "factor-rounded",
                    "changes",
                    index,
                    "factor",
                    f"{attribute.name} is a whole number: {rounding_in_words(attribute, old, row['factor'])}",
                    "If another number is meant, give it as the value.",
                )
    elif row["value"] is not None and row["factor"] is None:
        _fits(checks, index, attribute, row["value"], "value")


def _fits(checks: RowChecks, index: int, attribute: Attribute, value: object, column: str) -> None:
    try:
        parsed = parse_cell(attribute, value)
    except CellError as fault:
        checks.error("change-value", "changes", index, column, f"{attribute.name}: {fault.message}.", fault.remedy)
        return
    wrong = wrongly_named(attribute, checks.known) if isinstance(parsed, str) and not is_blank(parsed) else None
    for severity, code, message, remedy in wrong(str(parsed)) if wrong else ():
        note = checks.error if severity == "error" else checks.warning
        note(code, "changes", index, column, message, remedy)
