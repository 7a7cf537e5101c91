"""Whether the values of an input fit the cells that it varies: type, range, and names that are there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any, Final

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, is_blank, quoted
from optimizer.instance.header_attributes import HEADER
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import check_instance
from optimizer.studies.change import UnusableChangeError, changed, new_value
from optimizer.studies.faults import Fault
from optimizer.studies.study import Study, Value, Vary
from optimizer.studies.table import rows_by_key

MOST_DEPTH: Final = 8
"""Levels of a study file; what is deeper cannot be meant."""
MOST_WHOLE: Final = 10**18
_NAMING: Final = frozenset({"reference", "selector", "list", "condition"})
_PLACEHOLDER: Final = 1


def shown(value: object) -> str:
    """A value of a study file as messages quote it, shortened."""
    if isinstance(value, str):
        return quoted(value)
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"this {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:80]}…"


def sound(content: Any, path: str = "", depth: int = 0) -> tuple[Any, list[tuple[str, Fault]]]:
    """The content of a study file with what no key takes replaced by a 1 (or left out), and a fault for each, by its key path.

    No key takes a number that is not finite or beyond 64 bits, a date, or tables in tables without end.
    """
    if isinstance(content, (Mapping, list, tuple)) and depth == MOST_DEPTH:
        return _PLACEHOLDER, [(path, ("too-deep", f"this is more than {MOST_DEPTH} levels deep.", "Remove it."))]
    faults: list[tuple[str, Fault]] = []
    if isinstance(content, Mapping):
        kept: dict[str, Any] = {}
        for key, value in content.items():
            kept[str(key)], more = sound(value, f"{path}.{key}" if path else str(key), depth + 1)
            faults += more
        return kept, faults
    if isinstance(content, (list, tuple)):
        listed = []
        for number, value in enumerate(content, 1):
            inner = f"{path}.{number}" if isinstance(value, Mapping) else path
            value, more = sound(value, inner, depth + 1)
            listed.append(value)
            faults += more
        return listed, faults
    fault = _fault_of(content)
    return (content, []) if fault is None else (_PLACEHOLDER, [(path, fault)])


def _fault_of(content: object) -> Fault | None:
    if isinstance(content, float) and not math.isfinite(content):
        return "not-finite", f"{content!r} is not a finite number.", "Write a finite number."
    if isinstance(content, int) and abs(content) > MOST_WHOLE:
        return "too-large", f"the number is beyond {MOST_WHOLE:.0e}.", "Write a smaller one."
    if isinstance(content, (date, time)):
        return "date", f"{content} is a date or a time.", "Periods are numbers; put text in quotation marks."
    if content is not None and not isinstance(content, (str, int, float)):
        return "type", f"{type(content).__name__} is no value.", "Write text, a number or true/false."
    return None


def unknown_scenario(name: str, instance: Instance) -> Fault | None:
    """The fault of a name that is no scenario of the instance."""
    known = instance.scenarios
    if name in known:
        return None
    remedy = f"Scenarios: {', '.join(known) or 'none'}.{did_you_mean(name, known)}"
    return "unknown-scenario", f"the instance has no scenario {quoted(name)}.", remedy


def of_aims(column: str) -> Attribute:
    """What a column of the aims takes; it cannot be left blank."""
    return next(replace(one, required=True) for one in HEADER["aims"] if one.name == column)


def misfit(vary: Vary, value: Value, instance: Instance, scenario: str | None) -> Fault | None:
    """Why a value does not fit the input; of many cells the first that it does not fit."""
    if vary.kind not in {"cells", "aim"}:
        return None
    if vary.mode != "value" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return "not-a-number", f"{shown(value)} is not a number.", "Write a number, without quotation marks."
    attribute = of_aims(vary.column) if vary.kind == "aim" else TABLES[vary.table].by_name[vary.column]
    if is_blank(value) and attribute.required:
        return "value", f"{attribute.name} cannot be blank.", "Give a value."
    rows = rows_by_key(instance, scenario, vary.table) if vary.kind == "cells" else {}
    for key in vary.keys or ("",):
        before = rows[key][vary.column] if rows else 0.0
        if vary.mode != "value" and before is None:
            continue
        try:
            new_value(attribute, vary.mode, before, value)
        except UnusableChangeError as error:
            where = f" (row {quoted(key)})" if vary.mode != "value" else ""
            return "value", f"{shown(value)} does not fit {attribute.name}{where}: {error}.", "Correct the value."
    return None


def strangers(vary: Vary, value: Value, instance: Instance) -> Iterator[Fault]:
    """Names in a value that the instance has not: no run could use them."""
    if vary.kind != "cells" or TABLES[vary.table].by_name[vary.column].kind not in _NAMING or is_blank(value):
        return
    alone = Study("", vary=(vary,))
    for finding in check_instance(changed(instance, alone, (value,))[0]):
        if finding.severity == "error" and finding.code.startswith("unknown-") and finding.column == vary.column:
            yield finding.code, f"{shown(value)}: {finding.message}", finding.remedy
            return
