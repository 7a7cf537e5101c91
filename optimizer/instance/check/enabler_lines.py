"""Enablers whose support nobody can give where it is needed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from optimizer.instance.admissible import tags_of
from optimizer.instance.selectors import parse_selector

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row

_SCOPES: Final = {"post": ("mission", "area"), "area": ("area",), "mission": ("mission",)}
Scope = tuple[str, ...]


def check_enablers(instance: Instance, notes: Notes) -> None:
    """Something delivers what each enabler asks for, on a line wherever units that need it can serve."""
    delivered = {
        row["capability"]
        for table in ("yields", "instrument_yields")
        for row in instance.rows(table)
        if row["amount"] > 0
    }
    for index, row in enumerate(instance.rows("enablers")):
        if not row["per_personnel"] or "enablers" in notes.faulty_tables:
            continue
        here = {_scope(row, line) for line in instance.rows("requirements") if line["capability"] == row["capability"]}
        note = notes.error if row["hard"] else notes.warning
        if row["capability"] not in delivered:
            note(
                "enabler-unserved",
                "enablers",
                index,
                "capability",
                f"nothing delivers {row['capability']!r}.",
                "Add a yield, or remove the rule.",
            )
        elif not here:
            note(
                "enabler-unserved",
                "enablers",
                index,
                "capability",
                f"no requirement line asks for {row['capability']!r}, so no unit can deliver it.",
                "Add a line (weight 0, if it should not count in the score), or remove the rule.",
            )
        elif needed := _needed(instance, row) - here:
            lacking = ", ".join("/".join(part) for part in sorted(needed)[:3])
            notes.warning(
                "enabler-without-line",
                "enablers",
                index,
                "scope",
                f"no line asks for {row['capability']!r} in {len(needed)} {row['scope']}(s): {lacking}.",
                "Add a line there (weight 0, if it should not count in the score), or widen the scope.",
            )


def _scope(enabler: Row, line: Row) -> Scope:
    return tuple(line[column] for column in _SCOPES[enabler["scope"]])


def _needed(instance: Instance, enabler: Row) -> set[Scope]:
    """Where pledged units that need the support deliver what some line asks for."""
    types = {row["unit_type"]: row for row in instance.rows("unit_types")}
    chosen = parse_selector(enabler["applies_to"])
    kinds = {
        row["unit_type"]
        for row in instance.rows("pledges")
        if chosen.matches_tags(tags_of(row, types[row["unit_type"]]))
    }
    able: dict[str, set[str]] = defaultdict(set)
    for row in instance.rows("yields"):
        if row["amount"] > 0:
            able[row["capability"]].add(row["unit_type"])
    return {_scope(enabler, line) for line in instance.rows("requirements") if able[line["capability"]] & kinds}
