r"""Family 15: what is agreed. Capitals have said yes to a part of the plan, and the rest is planned around it.

With $x_{prt}$ the units of a pledge present on a line, and for every row of `agreed` its pledge $p$, its line $r$, its units $q$ and the
set $T$ of the periods of its window in which its condition holds:

$$x_{prt}=q\quad\text{for all }t\in T\quad(\text{or }x_{prt}\ge q\text{ where the row says at least}).$$

Where no unit of the pledge can be on the line, presence is 0: such a row leaves no plan, unless it asks for none. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from optimizer.instance.bending import names_agreed
from optimizer.instance.instance import Row
from optimizer.instance.rule import Bend, Rule, rule_id, rule_of
from optimizer.instance.situation import Situation
from optimizer.instance.situation.limits import periods_in_force
from optimizer.instance.wording import condition_clause, counted, sentence
from optimizer.model.family import Assembly, Family, Rows, states
from optimizer.model.linear import INFINITY

_ROUNDING = 1e-9


class Agreed(NamedTuple):
    """Units of a pledge on a line in one period; `start`: the cell `from` of the row that says so, blank where it is."""

    pledge: str
    line: str
    start: int | str
    period: int
    least: int
    exactly: bool


def in_force(situation: Situation) -> Iterator[tuple[Row, tuple[int, ...]]]:
    """The rows that restrict, and the periods in which they do."""
    for row in situation.tables.rows("agreed"):
        periods = periods_in_force(row, situation.tables)
        if periods and (row["units"] or row["kind"] == "exactly"):
            yield row, periods


def index_agreed(situation: Situation) -> list[Agreed]:
    """What is agreed, period by period."""
    return [
        Agreed(
            row["pledge"],
            row["requirement"],
            "" if row["from"] is None else row["from"],
            period,
            int(row["units"]),
            row["kind"] == "exactly",
        )
        for row, periods in in_force(situation)
        for period in periods
    ]


def add(assembly: Assembly) -> None:
    """Add the row of each period; none where nobody is to serve and nobody could."""
    presence = assembly.units.presence
    for one in index_agreed(assembly.situation):
        columns = presence.get((one.pledge, one.line), {}).get(one.period, [])
        if columns or one.least:
            upper = float(one.least) if one.exactly else INFINITY
            assembly.builder.add_row(
                "agreed",
                (one.pledge, one.line, one.start, one.period),
                columns,
                [1.0] * len(columns),
                lower=float(one.least),
                upper=upper,
            )


def _rules(situation: Situation) -> Iterator[Rule]:
    words, asked = situation.words, situation.tables.rows("concessions")
    nation_of = {row["pledge"]: row["nation"] for row in situation.tables.rows("pledges")}
    for row, _ in in_force(situation):
        nation = nation_of[row["pledge"]]
        who = f"{row['pledge']} of {words.name('nation', nation)}"
        serve = "serves" if row["units"] <= 1 else "serve"
        many = counted(row["units"], "unit") if row["units"] else "no unit"
        bound = "at least " if row["kind"] == "at_least" else "exactly " if row["units"] else ""
        text = f"{bound}{many} of {who} {serve} on {row['requirement']}"
        clause = condition_clause(words.condition(row["condition"]))
        bend: Bend | None = "lift" if names_agreed(asked, rule_id("agreed", row)) else None
        said = sentence(text, words.when(row), clause)
        yield rule_of("agreed", row, None, "agreed", said, nation=nation, bend=bend)


def _rewards_excess(situation: Situation) -> bool:
    """Somebody has agreed to more units on a line than its target asks for."""
    for row, _ in in_force(situation):
        pledge, line = situation.pledges.get(row["pledge"]), situation.lines[row["requirement"]]
        if pledge is not None and row["units"] > 1:
            enough = (row["units"] - 1) * situation.yield_on(pledge.name, line.name)
            if enough >= line.target * (1.0 - _ROUNDING):
                return True
    return False


FAMILY = Family(
    name="agreed",
    tables=("agreed",),
    rules=_rules,
    columns={},
    rows={
        "agreed": Rows(
            "As many units serve as were agreed: agreed[pledge, requirement, from, period].", states("agreed")
        )
    },
    add=add,
    rewards_excess=_rewards_excess,
)
