"""All checks of a draft, together: names, rows, scenarios, and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.instance.attributes import TABLES
from optimizer.instance.check.concessions import check_concessions
from optimizer.instance.check.references import check_aims, check_keys, check_references, known_names
from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.check.rows import check_rows
from optimizer.instance.check.rows_scenarios import check_scenario_rows
from optimizer.instance.check.whole import LOOKED_AT, check_whole
from optimizer.instance.check.written import check_similar_names
from optimizer.instance.findings import Finding, Notes
from optimizer.instance.instance import Instance, Row
from optimizer.instance.scenario import row_key, scenario_tables

if TYPE_CHECKING:
    from optimizer.instance.draft import Draft
    from optimizer.instance.raw import RawInstance


def check_draft(draft: Draft, raw: RawInstance) -> None:
    """All checks beyond single cells."""
    unsound = set(draft.notes.faulty_rows)
    known = known_names(draft)
    for name, table in TABLES.items():
        if table.required and name in draft.rows and not draft.rows[name] and name not in draft.broken:
            draft.notes.warning("empty-table", name, None, None, "the table has no rows.", "Fill it in.")
    check_keys(draft)
    check_similar_names(draft)
    check_references(draft, known)
    check_aims(draft, known, raw.header_place, dict(raw.header_rows))
    checks = RowChecks(draft, known, unsound)
    check_rows(checks)
    check_scenario_rows(checks)


def check_scenarios(draft: Draft, instance: Instance) -> None:
    """The checks that look at the instance under every scenario; for tables that are without errors."""
    if (
        not draft.horizon_known
        or (draft.notes.faulty_tables | draft.broken) & LOOKED_AT
        or any(table.required and name not in draft.rows for name, table in TABLES.items())
    ):
        return
    _check_changed_rows(draft, instance)
    check_whole(instance, draft.notes)
    if "concessions" not in draft.notes.faulty_tables | draft.broken:
        check_concessions(instance, draft.notes)


def _check_changed_rows(draft: Draft, instance: Instance) -> None:
    """Rows that contradict themselves only after a scenario's changes."""
    before = _rows_found(draft, draft.rows)
    for scenario in instance.scenarios:
        changes = [(index, row) for index, row in enumerate(instance.rows("changes")) if row["scenario"] == scenario]
        if not changes:
            continue
        changed = scenario_tables(instance, scenario).tables
        for finding in _rows_found(draft, changed):
            if finding not in before and finding.severity == "error":
                index = _guilty(finding, changes, instance, draft.notes)
                row = f", row {finding.row}" if finding.row is not None else ""
                message = f"in scenario {scenario!r}, {finding.place}{row}: {finding.message}"
                draft.notes.error(finding.code, "changes", index, "value", message, finding.remedy)


def _guilty(finding: Finding, changes: list[tuple[int, Row]], instance: Instance, notes: Notes) -> int:
    """The change of the row that a finding is about; else the first change."""
    for index, change in changes:
        table = change["table"]
        if notes.place(table) == finding.place:
            keys = [row_key(table, row) for row in instance.rows(table)]
            if change["key"] in keys and notes.row(table, keys.index(change["key"])) == finding.row:
                return index
    return changes[0][0]


def _rows_found(draft: Draft, rows: Mapping[str, list[Row]]) -> list[Finding]:
    notes = Notes()
    notes.places, notes.numbers = draft.notes.places, draft.notes.numbers
    changed = replace(draft, rows=dict(rows), notes=notes)
    check_rows(RowChecks(changed, known_names(changed), set()))
    return list(notes.all())
