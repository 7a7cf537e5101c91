"""The instance without some nations' pledges, and what follows of it from the tables alone."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from optimizer.instance.attributes import TABLES
from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import scenario_tables
from optimizer.plan.aims import AimValue
from optimizer.plan.case import default_aims

_NAMING: Final = ("agreed", "deployment_costs")
"""Tables beside `pledges` whose rows name a pledge."""


def pledging(instance: Instance) -> tuple[str, ...]:
    """The nations that pledge something, in the order of the table of nations."""
    there = {row["nation"] for row in instance.rows("pledges")}
    return tuple(row["nation"] for row in instance.rows("nations") if row["nation"] in there)


def without_nations(instance: Instance, nations: Collection[str]) -> Instance:
    """The instance without the pledges of some nations, and without what other rows say of these pledges.

    Instruments that they sponsor stay in the table: nobody may use them, because a sponsor that sends nothing does not take part.
    """
    if not nations:
        return instance
    gone = {row["pledge"] for row in instance.rows("pledges") if row["nation"] in nations}
    tables = dict(instance.tables)
    tables["pledges"] = _kept(tables["pledges"], [row["pledge"] not in gone for row in instance.rows("pledges")])
    keys = {("pledges", pledge) for pledge in gone}
    for name in _NAMING:
        if name in tables:
            stays = [row["pledge"] not in gone for row in instance.rows(name)]
            keys |= {(name, _key(name, row)) for row, kept in zip(instance.rows(name), stays, strict=True) if not kept}
            tables[name] = _kept(tables[name], stays)
    if "changes" in tables:
        stays = [(row["table"], row["key"]) not in keys for row in instance.rows("changes")]
        tables["changes"] = _kept(tables["changes"], stays)
    tables.pop("concessions", None)
    return Instance(instance.header, tables, instance.place)


def _key(table: str, row: dict[str, Any]) -> str:
    return "/".join("" if row.get(column) is None else str(row[column]) for column in TABLES[table].key)


def _kept(frame: pd.DataFrame, stays: list[bool]) -> pd.DataFrame:
    return frame[pd.Series(stays, index=frame.index, dtype=bool)].reset_index(drop=True)


def loosening(instance: Instance, scenario: str | None) -> frozenset[str]:
    """The nations whose leaving also takes rules away: they have committed units, or something is agreed with them.

    Of all others holds: without one nation more, nothing more is possible.
    """
    tables = scenario_tables(instance, scenario)
    nation = {row["pledge"]: row["nation"] for row in tables.rows("pledges")}
    committed = {row["nation"] for row in tables.rows("pledges") if row["committed"]}
    return frozenset(committed | {nation[row["pledge"]] for row in tables.rows("agreed") if row["pledge"] in nation})


def without_promises(instance: Instance) -> Instance:
    """The instance without what is committed or agreed: whatever no plan can keep there, none can keep when more nations leave."""
    tables = {name: frame for name, frame in instance.tables.items() if name not in {"agreed", "concessions"}}
    rows = [None] * len(tables["pledges"])
    tables["pledges"] = tables["pledges"].assign(committed=pd.Series(rows, dtype=object, index=tables["pledges"].index))
    if "changes" in tables:
        said = [
            row["table"] != "agreed" and (row["table"], row["column"]) != ("pledges", "committed")
            for row in instance.rows("changes")
        ]
        tables["changes"] = _kept(tables["changes"], said)
    return Instance(instance.header, tables, instance.place)


class Measure:
    """What a plan is worth in the first level of aims. A *score* is that level as one number, more is better.

    Attributes:
        aims: the aims of the first level.
        name: the aim, or the aims joined by a plus sign.
    """

    def __init__(self, instance: Instance, scenario: str | None) -> None:
        aims = instance.header.aims or default_aims(scenario_tables(instance, scenario))
        first = min(aim.priority for aim in aims)
        self.aims: tuple[Aim, ...] = tuple(aim for aim in aims if aim.priority == first)
        self.name = " + ".join(aim.name for aim in self.aims)

    def of(self, instance: Instance) -> Instance:
        """The instance with the first level of aims alone."""
        return replace(instance, header=replace(instance.header, aims=self.aims))

    def _weight(self, aim: Aim) -> float:
        return (1.0 if aim.name in MAXIMISED_AIMS else -1.0) * (aim.weight if len(self.aims) > 1 else 1.0)

    def score(self, values: Iterable[AimValue]) -> float:
        """The score of a plan with these aims; later levels among them do not count."""
        first = self.aims[0].priority
        return sum(self._weight(item.aim) * (item.value or 0.0) for item in values if item.aim.priority == first)

    def score_of_level(self, bound: float) -> float:
        """The score of what the search says of the first level: the weighted sum of its terms, or a ratio that is made small."""
        if len(self.aims) > 1:
            return bound
        aim = self.aims[0]
        if aim.name == "burden_gap":
            return -bound
        return bound / aim.weight if aim.weight else math.inf

    def value(self, score: float) -> float:
        """A score in the unit of the aim; of several aims the weighted sum of the level."""
        return self._weight(self.aims[0]) * score + 0.0 if len(self.aims) == 1 else score
