"""The sections of a report on a here-and-now plan, and its sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from optimizer.reporting.content import Column, Section, Table
from optimizer.reporting.study_tables import number, read_table, records
from optimizer.reporting.text import as_text, figure
from optimizer.reporting.words import aim_figure, aim_label, aim_title

Interval = tuple[float | None, float | None]
TITLE: Final = "What to make ready before it is known what comes true"
_SAME: Final = 1e-6
_MEANING: Final = (
    "Here and now it is decided which units are made ready, where and when, and who leads. When a scenario comes true, nothing beyond that may be "
    "sent and nobody else leads; all else is decided then. What a nation makes ready keeps its caps on people and units, and its budget as if all "
    "were sent. Regret is how much more a plan made for the case alone would reach."
)
_ENDED: Final = {
    "optimal": "proven: no here-and-now plan is better by more than the gap",
    "feasible": "a limit stopped the search: a better one is possible",
    "interrupted": "interrupted: a better one is possible",
    "infeasible": "there is none",
    "none_found": "none was found before a limit stopped the search, which does not mean that there is none",
}


def in_words(intervals: Mapping[str, Interval], aim: str, measure: str, usual: str) -> list[str]:
    """What the here-and-now plan is worth, and what knowing and hedging are, in sentences.

    Args:
        intervals: at least and at most, by the name in the table `information`; None: not known.
        aim: the first aim.
        measure: by what the plan was judged, in words.
        usual: what is usually planned for; blank where that is not known.
    """
    here = intervals["here and now"]
    if here[0] is None and here[1] is None:
        return ["There is no here-and-now plan, or none was found."]
    name, lines = aim_title(aim), []
    lines.append(f"Here and now, {measure}: {name} {_between(here)}.")
    lines.append(
        f"With the future known: {_between(intervals['future known'])}. Knowing it would be worth "
        f"{_amount(intervals['value of perfect information'])}."
    )
    if usual:
        lines.append(
            f"The usual plan, made for {usual} and made ready: {_between(intervals['usual plan'])}. What the here-and-now plan gains on it: "
            f"{_amount(intervals['value of the stochastic solution'])}."
        )
    return lines


def _between(interval: Interval) -> str:
    low, high = interval
    if low is not None and high is not None and abs(high - low) <= _SAME * max(1.0, abs(high)):
        return figure(low)
    if low is None and high is None:
        return "not known"
    if low is None:
        return f"at most {figure(high)}"
    return f"at least {figure(low)}" if high is None else f"at least {figure(low)}, at most {figure(high)}"


def _amount(interval: Interval) -> str:
    """A difference that is never less than 0."""
    low, high = interval
    if low is None and high is None:
        return "an amount that is not known"
    if high is not None and high <= _SAME:
        return "nothing"
    if low is not None and low <= _SAME:
        return (
            f"at most {figure(high)}, and perhaps nothing: the search left that open" if high else "an unknown amount"
        )
    return _between(interval)


def intervals_of(what: list[Any], at_least: list[Any], at_most: list[Any]) -> dict[str, Interval]:
    """The table `information` by its first column."""
    return {str(name): (_known(low), _known(high)) for name, low, high in zip(what, at_least, at_most, strict=True)}


def _known(value: Any) -> float | None:
    found = number(value) if isinstance(value, str) else value
    return None if found is None or math.isnan(found) else float(found)


def hedge_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, the plan in sentences and by case, what is ready, who leads, all aims."""
    titles, about, aim = head["tables"], head["hedge"], head["measure"]
    rows = records(folder / "information.csv")
    intervals = intervals_of(*([row[column] for row in rows] for column in ("what", "at_least", "at_most")))
    leads = read_table(folder / "leads.csv", titles["leads"])
    words = in_words(intervals, aim, about["name"], about["usual"])
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section(
            "plan",
            titles["measures"],
            (_MEANING, *map(as_text, words)),
            (
                read_table(folder / "measures.csv", titles["measures"]),
                read_table(folder / "information.csv", titles["information"]),
            ),
        ),
        Section("cases", titles["cases"], (), (_cases(folder, titles, aim),)),
        Section("ready", titles["ready"], (), (_ready(folder), *([leads] if leads.rows else []))),
        Section(
            "all",
            titles["aims"],
            (),
            (read_table(folder / "aims.csv", titles["aims"]), read_table(folder / "ready.csv", titles["ready"])),
            folded=True,
        ),
    )


def _cases(folder: Path, titles: dict[str, str], aim: str) -> Table:
    columns = (
        Column("Comes true"),
        Column("Pledges that fail"),
        Column("Probability", "figure"),
        Column(f"{aim_label(aim)}: with what is ready", "figure", "aim with what is ready"),
        Column("made for it alone", "figure"),
        Column("no plan beats", "figure"),
        Column("regret at least", "figure"),
        Column("at most", "figure", "regret at most"),
    )
    lines = []
    for row in records(folder / "cases.csv"):
        values = [aim_figure(aim, number(row[name])) for name in ("value", "own_value", "bound")]
        regret = (number(row["regret_at_least"]), number(row["regret_at_most"]))
        fails = as_text(row["fails"].replace(";", ", "))
        lines.append((as_text(row["comes_true"]), fails, number(row["probability"]), *values, *regret))
    return Table(titles["cases"], columns, tuple(lines))


def _ready(folder: Path) -> Table:
    """Per pledge the most units that are ready at a time, and on which lines."""
    at_a_time: dict[tuple[str, str], dict[str, float]] = {}
    lines: dict[tuple[str, str], dict[str, None]] = {}
    for row in records(folder / "ready.csv"):
        key = (row["nation"], row["pledge"])
        periods = at_a_time.setdefault(key, {})
        periods[row["period"]] = periods.get(row["period"], 0.0) + float(row["units"])
        lines.setdefault(key, {})[row["requirement"]] = None
    return Table(
        "Per pledge",
        (Column("Nation"), Column("Pledge"), Column("Most units ready at a time, all lines", "figure"), Column("For")),
        tuple(
            (as_text(nation), as_text(pledge), max(periods.values()), as_text(", ".join(lines[nation, pledge])))
            for (nation, pledge), periods in sorted(at_a_time.items())
        ),
    )


def hedge_verdict(head: dict[str, Any]) -> str:
    """How the search ended."""
    (ended,) = head["terminations"]
    judged = f"{head['hedge']['name']} of {aim_title(head['measure'])}"
    return f"The best here-and-now plan by the {judged}: {_ENDED.get(ended, ended)}."
