"""From what a viewer clicks to the switches of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from optimizer.board.question import Switches
from optimizer.instance.scenario import row_key, scenario_tables
from optimizer.rulebook import rules_in_force

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

MOST_TEXT: Final = 300
_NUMBERS: Final = ("number", "integer")


class WrongChangeError(ValueError):
    """What was asked for is no change that the board knows."""


@dataclass(frozen=True)
class Switch:
    """Something that can be switched. `what`: how the board names it; `group`: where it stands; `value`: the number or truth that holds
    as given; `short`: its name in the title of an entry.
    """

    what: str
    group: str
    label: str
    nation: str
    value: float | bool | None = None
    short: str = ""


def switches_of(instance: Instance, scenario: str | None) -> tuple[Switch, ...]:
    """All switches of an instance: conditions, rules that can be switched off, and numbers of rules."""
    from optimizer.instance.attributes import TABLES

    tables = scenario_tables(instance, scenario)
    found = [
        Switch(
            f"conditions.{row['condition']}",
            "Conditions",
            str(row.get("name") or row["condition"]),
            "",
            bool(tables.conditions.get(row["condition"])),
        )
        for row in instance.rows("conditions")
    ]
    rows = {
        name: {
            ":".join("" if row.get(c) is None else str(row[c]) for c in TABLES[name].key): row
            for row in tables.rows(name)
        }
        for name in instance.tables
        if name in TABLES
    }
    for rule in rules_in_force(instance, scenario):
        nation = rule.nation or "the coalition"
        attribute = None if rule.column is None else TABLES[rule.table].by_name[rule.column]
        row = rows.get(rule.table, {}).get(rule.key)
        if attribute is not None and attribute.kind in _NUMBERS and row is not None and rule.column is not None:
            value = row.get(rule.column)
            if isinstance(value, (int, float)):
                what = f"{rule.table}.{row_key(rule.table, row)}.{rule.column}"
                found.append(Switch(what, "Numbers", rule.sentence, nation, float(value), f"{rule.key} {rule.column}"))
        elif rule.bendable and (attribute is None or not attribute.required):
            found.append(
                Switch(
                    rule.id, "Rules", rule.sentence, nation, True, rule.key + (f" {rule.column}" if rule.column else "")
                )
            )
    return tuple(found)


def changed(
    switches: Switches, form: Mapping[str, str], known: Mapping[str, Switch], entry: str
) -> tuple[Switches, str, tuple[str, ...]]:
    """The switches after a click, the change in words, and the nations that it concerns.

    Raises:
        WrongChangeError: it is no change that the board knows.
    """
    kind, what, value = (form.get(name, "")[:MOST_TEXT].strip() for name in ("kind", "what", "value"))
    if kind in ("pin", "unpin"):
        kept = tuple(one for one in switches.kept if one[1] != what)
        if kind == "pin":
            kept = (*kept, (entry, what))
        word = "pinned" if kind == "pin" else "free again"
        return replace(switches, kept=kept), f"{what} {word}", (what,)
    switch = known.get(what)
    if switch is None or kind not in ("switch", "set"):
        raise WrongChangeError("There is no such switch on this board.")
    nations = () if switch.nation in ("", "the coalition") else (switch.nation,)
    if kind == "switch" and switch.group == "Rules":
        off = what not in switches.without
        without = tuple(sorted({*switches.without, what} if off else set(switches.without) - {what}))
        return replace(switches, without=without), f"{'off' if off else 'on'}: {switch.short}", nations
    others = tuple(text for text in switches.settings if not text.startswith(f"{what}="))
    if switch.group == "Conditions":
        now = next(
            (text.endswith("=true") for text in switches.settings if text.startswith(f"{what}=")), bool(switch.value)
        )
        settings = others if (not now) == switch.value else (*others, f"{what}={str(not now).lower()}")
        return replace(switches, settings=tuple(sorted(settings))), f"{switch.label}: {'no' if now else 'yes'}", nations
    try:
        number = float(value)
    except ValueError:
        raise WrongChangeError(f"{value!r} is no number.") from None
    text = f"{number:.12g}"
    settings = others if number == switch.value else (*others, f"{what}={text}")
    return replace(switches, settings=tuple(sorted(settings))), f"{switch.short or what} = {text}", nations
