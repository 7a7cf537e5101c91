"""The reference for curves and ways out: every set of concessions, each made in plain rows by code of its own, each solved by the oracle."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from random import Random
from typing import Any

from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import rules_of
from tests.oracle.brute import KEYS as ORACLE_KEYS
from tests.oracle.brute import Outcome, TooLarge, best
from tests.oracle.random_instances import FAMILIES, Row, Tables, tiny

KEYS = ORACLE_KEYS | {"agreed": ("pledge", "requirement", "from")}
SHARES = {"fulfilment", "personnel_share", "cost_share", "units_share"}


@dataclass(frozen=True)
class Asked:
    """A rule that may bend in the reference: `change` is `lift` or the size of a step."""

    rule: str
    change: float | str
    weight: int
    most: int


@dataclass(frozen=True)
class Case:
    """A tiny instance with a table of concessions, and what the table means."""

    tables: Tables
    header: Row
    scenario: str | None
    asked: tuple[Asked, ...]


def draw(seed: int, families: frozenset[str] = FAMILIES, rules: int = 5, most: int = 400) -> Case:
    """A tiny instance in which a few rules bend, drawn at random, and no others."""
    try:
        return _draw(seed, families, rules, most)
    except InvalidInstance:  # a scenario's change that contradicts the row
        return draw(seed + 1_000_003, families, rules, most)


def _draw(seed: int, families: frozenset[str], rules: int, most: int) -> Case:
    tables, header, _ = tiny(seed, families, most)
    if header.get("aims"):  # another plan to compare with is no part of the question
        header["aims"] = [aim for aim in header["aims"] if aim["name"] != "changes"] or [{"name": "coverage"}]
    rng = Random(f"concessions/{seed}")
    instance = Instance.from_tables(tables, header=header, impossible=True)
    scenario = rng.choice([None, *instance.scenarios])
    bend = [rule for rule in rules_of(build_situation(instance, scenario)) if rule.bendable or rule.table == "agreed"]
    chosen = rng.sample(bend, min(rules, len(bend)))
    asked, rows = [], []
    for number, rule in enumerate(bend):
        row: Row = {"concession": f"c{number}", "rule": rule.id}
        if rule not in chosen:
            if rule.bendable or number % 2:  # what is agreed stays unless a row names it
                rows.append(row | {"never": True})
            continue
        how = rule.bend or "lift"
        one = _drawn(rng, rule.id, how)
        asked.append(one)
        if one.change != "lift" or how != "lift":
            row["change"] = one.change
        rows.append(row | {"weight": one.weight, "most": one.most})
    return Case({**tables, "concessions": rows} if rows else tables, header, scenario, tuple(asked))


def _drawn(rng: Random, rule: str, bend: str) -> Asked:
    weight, most = rng.choice((1, 1, 1, 2, 3)), rng.choice((1, 1, 2))
    quantity = rule.startswith("pledges/") and rule.endswith(".quantity")
    if bend == "lift" or (not quantity and rng.random() < 0.4):
        return Asked(rule, "lift", weight, 1)
    share = rule.endswith("max_share") or (rule.startswith("limits/") and rng.random() < 0.2)
    whole = quantity or any(word in rule for word in ("units", "nations", "posts", "min_stay", "committed"))
    return Asked(rule, 0.2 if share and not whole else rng.choice((1, 1, 2) if whole else (1, 5, 10, 20)), weight, most)


def conceded(tables: Tables, scenario: str | None, asked: tuple[Asked, ...], steps: tuple[int, ...]) -> Tables:
    """The rows with so many steps of each concession made, in one scenario."""
    made = {name: [dict(row) for row in rows] for name, rows in tables.items() if name != "concessions"}
    for one, count in zip(asked, steps, strict=True):
        if count:
            _concede(made, scenario, one, count)
    for row in [row for row in made.get("limits", []) if row.get("minimum") is None and row.get("maximum") is None]:
        made["limits"].remove(row)
    present = {name: {_key(name, row, "/") for row in rows} for name, rows in made.items() if name in KEYS}
    if "changes" in made:
        made["changes"] = [row for row in made["changes"] if row["key"] in present.get(row["table"], {row["key"]})]
    return {name: rows for name, rows in made.items() if rows or name in {"pledges", "requirements"}}


def _key(table: str, row: Row, mark: str) -> str:
    return mark.join("" if row.get(column) is None else str(row[column]) for column in KEYS[table])


def _concede(tables: Tables, scenario: str | None, one: Asked, count: int) -> None:
    table, _, rest = one.rule.partition("/")
    row = next(row for row in tables[table] if rest == (key := _key(table, row, ":")) or rest.startswith(f"{key}."))
    column = rest[len(_key(table, row, ":")) + 1 :]
    if table in {"links", "enablers", "agreed"} or (
        table == "caveats" and (row["rule"] != "limit" or one.change == "lift")
    ):
        tables[table].remove(row)
        return
    if not column:
        column = "maximum" if table == "caveats" or row.get("maximum") is not None else "minimum"
    changes = tables.get("changes", [])
    about = [
        change
        for change in changes
        if change["table"] == table and change["key"] == _key(table, row, "/") and change["column"] == column
    ]
    value: Any = row.get(column)
    for change in about:
        if change["scenario"] == scenario:
            factor = change.get("factor")
            value = change["value"] if factor is None else value * factor
            if column == "quantity" and factor is not None:
                value = math.floor(value + 1e-9)
    tables["changes"] = [change for change in changes if change not in about]
    if one.change == "lift":
        row.pop(column)
        return
    moved = float(one.change) * count
    if column in {"threshold", "minimum", "min_nations", "min_contingent", "min_stay", "committed"}:
        value = max(1 if column == "min_stay" else 0, float(value) - moved)
    else:
        share = column == "max_share" or row.get("measure") in SHARES
        value = min(1.0 if share else math.inf, float(value) + moved)
    whole = column in {"quantity", "min_nations", "max_nations", "max_posts", "max_units", "min_stay", "committed"}
    row[column] = int(value) if whole else value


def outcome(case: Case, steps: tuple[int, ...], cap: int = 60_000) -> Outcome:
    """What the oracle says of the instance with some steps made."""
    return best(conceded(case.tables, case.scenario, case.asked, steps), case.header, case.scenario, cap=cap)


def all_sets(case: Case, most: int) -> list[tuple[int, tuple[int, ...]]]:
    """Every set of at most a weight, as steps, with its weight."""
    found = []
    for steps in itertools.product(*(range(one.most + 1) for one in case.asked)):
        weight = sum(one.weight * count for one, count in zip(case.asked, steps, strict=True))
        if weight <= most:
            found.append((weight, steps))
    return sorted(found)


def curve(case: Case, most: int = 3) -> list[float | None] | None:
    """The best first level per weight, as a sum that is maximised; None where the oracle has too much to do."""
    try:
        values = [(weight, outcome(case, steps)) for weight, steps in all_sets(case, most)]
    except TooLarge:
        return None
    return [
        max((one.levels[0] for weight, one in values if weight <= limit and one.feasible), default=None)
        for limit in range(most + 1)
    ]


def instance_of(case: Case) -> Instance:
    """The case as the product reads it."""
    return Instance.from_tables(case.tables, header=case.header, impossible=True)


def lifted(tables: Tables, rules: list[str]) -> Tables:
    """The rows without some rules: rows deleted, cells emptied, and what scenarios change in them left out."""
    left = {name: [dict(row) for row in rows] for name, rows in tables.items() if name != "concessions"}
    for rule in rules:
        table, _, rest = rule.partition("/")
        for row in list(left.get(table, [])):
            key = _key(table, row, ":")
            if rest == key:
                left[table].remove(row)
            elif rest.startswith(f"{key}."):
                for column in _WITH.get(rest[len(key) + 1 :], (rest[len(key) + 1 :],)):
                    row.pop(column, None)
            else:
                continue
            columns = {rest[len(key) + 1 :]}
            left["changes"] = [
                change
                for change in left.get("changes", [])
                if change["table"] != table
                or change["key"] != key.replace(":", "/")
                or (rest != key and change["column"] not in columns)
            ]
    left["limits"] = [row for row in left.get("limits", []) if "minimum" in row or "maximum" in row]
    kept = {row["limit"] for row in left["limits"]}
    left["changes"] = [row for row in left.get("changes", []) if row["table"] != "limits" or row["key"] in kept]
    return {name: rows for name, rows in left.items() if rows or name in {"pledges", "requirements"}}


_WITH = {"tour": ("tour", "dwell", "deployed_at_start")}
