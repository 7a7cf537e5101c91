"""The header of an instance (`instance.toml`, or the sheet `instance`): read, checked, and written back."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.attribute import Attribute
from optimizer.instance.cells import CellError, Value, did_you_mean, parse_cell
from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import HEADER, SCHEMA_VERSION
from optimizer.instance.instance import Aim, Header

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.raw import RawInstance

SERVICE_SELECTORS: Final = ("nation", "group", "mission", "area", "host", "unit_type", "tag", "domain", "capability")
AIM_SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "coverage": ("mission",),
    "weakest_mission": ("mission",),
    "cost": SERVICE_SELECTORS,
    "personnel": SERVICE_SELECTORS,
    "escalation": SERVICE_SELECTORS,
}
"""The selectors that the scope of an aim may name."""

_MONTH: Final = re.compile(r"([0-9]{4}-(?:0[1-9]|1[0-2]))(?:-[0-9]{2}(?:[ T].*)?)?")


class _Reader:
    """Reads header values one by one, noting what is wrong where."""

    def __init__(self, raw: RawInstance, notes: Notes) -> None:
        self.raw, self.notes = raw, notes

    def error(self, code: str, key: str, message: str, remedy: str) -> None:
        self.notes.add(
            Finding("error", code, self.raw.header_place, self.raw.header_rows.get(key), key, message, remedy)
        )

    def section(self, value: object, key: str) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            return value
        self.error(
            "header-type", key, f"{key!r} is not a section.", f"Write [{key}] and below it one `key = value` per line."
        )
        return {}

    def values(
        self, section: str, given: Mapping[str, object], prefix: str, also: tuple[str, ...] = ()
    ) -> dict[str, Value]:
        """The typed values of a section with defaults filled in; `also` are keys read elsewhere."""
        attributes = {attribute.name: attribute for attribute in HEADER[section]}
        for key in given:
            if key not in attributes and key not in also:
                where = f"[{section}]" if section else "the header"
                self.error(
                    "unknown-key",
                    f"{prefix}{key}",
                    f"{where} has no key {key!r}.",
                    f"Rename or remove it.{did_you_mean(str(key), {*attributes, *also})}",
                )
        return {
            name: self.value(attribute, given.get(name), f"{prefix}{name}")
            for name, attribute in attributes.items()
            if name not in also
        }

    def value(self, attribute: Attribute, given: object, key: str) -> Value:
        default = (
            int(attribute.default)
            if attribute.kind == "integer" and isinstance(attribute.default, float)
            else attribute.default
        )
        if isinstance(given, float) and math.isnan(given):  # a blank in a table of pandas, but TOML has it as a number
            self.error("not-finite", key, "'nan' is not a finite number.", "Write a finite number, or leave it out.")
            return default
        try:
            value = parse_cell(attribute, given)
        except CellError as error:
            self.error(error.code, key, f"{error.message}.", error.remedy)
            return default
        if value is None and attribute.required:
            self.error("missing-cell", key, f"{key!r} is missing.", f"Fill it in: {attribute.description}")
        return default if value is None else value


def read_header(raw: RawInstance, notes: Notes) -> Header:
    """The typed header; aims stay empty where none is given."""
    reader = _Reader(raw, notes)
    given = dict(raw.header)
    top = reader.values("", given, "", ("periods", "aims", "solver"))
    periods = reader.values("periods", reader.section(given.get("periods", {}), "periods"), "periods.")
    solver = reader.values("solver", reader.section(given.get("solver", {}), "solver"), "solver.")
    if isinstance(top["schema"], int) and top["schema"] > SCHEMA_VERSION:
        reader.error(
            "schema-newer",
            "schema",
            f"the instance has version {top['schema']} of the format; this program knows {SCHEMA_VERSION}.",
            "Update the program.",
        )
    first = str(periods["first"] or "")
    match = _MONTH.fullmatch(first)
    if first and not match:
        reader.error("month", "periods.first", f"{first!r} is not a month.", "Write it as 2026-01.")
    return Header(
        name=str(top["name"] or raw.name),
        title=str(top["title"] or ""),
        description=str(top["description"] or ""),
        currency=str(top["currency"]),
        periods=int(periods["count"] or 1),
        months=int(periods["months"] or 6),
        first=match.group(1) if match else "",
        aims=_aims(reader, given.get("aims", [])),
        time_limit=None if solver["time_limit"] is None else float(solver["time_limit"]),
        gap=float(solver["gap"]) if solver["gap"] is not None else 1e-6,
    )


def _aims(reader: _Reader, given: object) -> tuple[Aim, ...]:
    if not isinstance(given, (list, tuple)) or not all(isinstance(aim, Mapping) for aim in given):
        reader.error("header-type", "aims", "the aims are not a list.", "Write [[aims]] (two brackets) above each aim.")
        return ()
    aims: list[Aim] = []
    for number, entry in enumerate(given, 1):
        prefix = f"aims.{number}."
        values: dict[str, Any] = reader.values("aims", entry, prefix, ("scope", "weights"))
        if values["name"] is None:
            continue
        if any(aim.name == values["name"] for aim in aims):
            reader.error(
                "duplicate-aim", f"{prefix}name", f"the aim {values['name']!r} is there twice.", "Keep one of them."
            )
            continue
        scope = _scope(reader, values["name"], entry.get("scope", {}), f"{prefix}scope")
        aims.append(
            Aim(
                **values,
                scope=scope,
                weights=_weights(reader, values["name"], entry.get("weights", {}), f"{prefix}weights"),
            )
        )
    return tuple(aims)


def _scope(reader: _Reader, aim: str, given: object, key: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, Mapping):
        reader.error(
            "aim-scope", key, "the scope is not a table of selectors.", 'Write, for example, scope = { area = "west" }.'
        )
        return ()
    allowed = AIM_SCOPES.get(aim, ())
    scope = []
    for name, value in given.items():
        if name not in allowed:
            remedy = (
                f"Use {', '.join(allowed)}.{did_you_mean(str(name), allowed)}" if allowed else "Leave the scope out."
            )
            reader.error("aim-scope", f"{key}.{name}", f"the aim {aim!r} cannot be scoped by {name!r}.", remedy)
            continue
        joined = ";".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        selector = reader.value(Attribute(str(name), "selector", "Selector."), joined, f"{key}.{name}")
        if selector is not None:
            scope.append((str(name), str(selector)))
    return tuple(sorted(scope))


def _weights(reader: _Reader, aim: str, given: object, key: str) -> tuple[tuple[str, float], ...]:
    if not isinstance(given, Mapping):
        reader.error(
            "aim-weights",
            key,
            "the weights are not a table of numbers.",
            "Write, for example, weights = { FRA = 2.0 }.",
        )
        return ()
    if given and aim != "changes":
        reader.error("aim-weights", key, f"the aim {aim!r} has no weights per nation.", "Leave them out.")
        return ()
    weights = {}
    for nation, value in given.items():
        weight = reader.value(
            Attribute(str(nation), "number", "Weight of the nation.", minimum=0.0), value, f"{key}.{nation}"
        )
        if weight is not None:
            weights[str(nation).strip()] = float(weight)
    return tuple(sorted(weights.items()))


def header_mapping(header: Header) -> dict[str, Any]:
    """The header in the form of `instance.toml`: what `read_header` reads back to the same header."""
    mapping: dict[str, Any] = {"schema": header.schema, "name": header.name}
    mapping |= {name: getattr(header, name) for name in ("title", "description") if getattr(header, name)}
    mapping["currency"] = header.currency
    mapping["periods"] = {
        "count": header.periods,
        "months": header.months,
        **({"first": header.first} if header.first else {}),
    }
    mapping["solver"] = {**({} if header.time_limit is None else {"time_limit": header.time_limit}), "gap": header.gap}
    mapping["aims"] = [_aim_mapping(aim) for aim in header.aims]
    return mapping


def _aim_mapping(aim: Aim) -> dict[str, Any]:
    blank = Aim(aim.name)
    mapping: dict[str, Any] = {"name": aim.name, "priority": aim.priority}
    mapping |= {
        name: getattr(aim, name)
        for name in ("weight", "tolerance", "measure", "variant")
        if getattr(aim, name) != getattr(blank, name)
    }
    mapping |= {name: dict(getattr(aim, name)) for name in ("scope", "weights") if getattr(aim, name)}
    return mapping
