"""What the table `participation` says of each nation at each post: the most specific row wins, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from optimizer.instance.instance import Row
from optimizer.instance.rule import rule_id
from optimizer.instance.scenario import ScenarioTables
from optimizer.instance.situation.limits import exactly, shorthand
from optimizer.instance.situation.records import PostKey
from optimizer.instance.situation.rules import Limit, PairRules
from optimizer.instance.situation.selection import Selection

Place = tuple[str | None, str | None, str | None]
"""The nation, mission and area that a row is about; None: any."""


def participation(
    tables: ScenarioTables, nations: Iterable[str], posts: Iterable[PostKey], horizon: int
) -> tuple[dict[tuple[str, PostKey], PairRules], list[Limit]]:
    """The rules of each (nation, post) of which the table says anything, and the caps that it states."""
    rows = rows_by_place(tables)
    pairs: dict[tuple[str, PostKey], PairRules] = {}
    limits: list[Limit] = []
    if not rows:
        return pairs, limits
    for nation in nations:
        for post in posts:
            about = rows_about(rows, nation, post)
            if about:
                pairs[nation, post] = _rules(about)
                limits += _caps(about, nation, post, horizon)
    return pairs, limits


def rows_by_place(tables: ScenarioTables) -> dict[Place, Row]:
    """The rows of the table, by what they are about."""
    return {(row["nation"], row["mission"], row["area"]): row for row in tables.rows("participation")}


def rows_about(rows: Mapping[Place, Row], nation: str, post: PostKey) -> list[Row]:
    """The rows that are about a nation at a post, the most specific first."""
    mission, area = post
    keys: tuple[Place, ...] = (
        (nation, mission, area),
        (nation, mission, None),
        (nation, None, area),
        (None, mission, area),
        (nation, None, None),
        (None, mission, None),
        (None, None, area),
        (None, None, None),
    )
    return [rows[key] for key in keys if key in rows]


def stating(about: Iterable[Row], column: str) -> Row | None:
    """The most specific row with something in a column."""
    return next((row for row in about if row[column] is not None), None)


def _rules(about: list[Row]) -> PairRules:
    columns = ("cost", "min_contingent", "may_lead", "min_stay")
    cost, contingent, lead, stay = (stating(about, column) for column in columns)
    return PairRules(
        0.0 if cost is None else cost["cost"],
        None if contingent is None else contingent["min_contingent"],
        lead is not None and lead["may_lead"],
        "" if contingent is None else rule_id("participation", contingent, "min_contingent"),
        None if stay is None else int(stay["min_stay"]),
        "" if stay is None else rule_id("participation", stay, "min_stay"),
    )


def _caps(about: list[Row], nation: str, post: PostKey, horizon: int) -> Iterable[Limit]:
    there = Selection(nations=frozenset({nation}), mission=exactly(post[0]), area=exactly(post[1]))
    for column, measure in (("max_personnel", "personnel"), ("max_units", "units")):
        row = stating(about, column)
        if row is not None:
            yield shorthand("participation", (nation, *post), row, column, measure, there, horizon)
