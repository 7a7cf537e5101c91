"""The sentences of the publication, made from its tables."""

from __future__ import annotations

import pandas as pd

from publications.marathon.facts import runs
from publications.marathon.tables import LEVEL, fewer


def headline(frame: pd.DataFrame, levels: pd.DataFrame) -> str:
    """How many unit-days more than the greedy rule, and how much of that is no merit of planning."""
    gained, filled = levels["difference"].sum(), levels["greedy"].sum()
    if gained <= 0:
        return f"forcegen's plans fill {_days(-gained)} unit-days fewer than MARATHON's greedy rule, {_share(-gained, filled)}."
    return (
        f"forcegen's plans fill {_days(gained)} unit-days more than MARATHON's greedy rule, {_share(gained, filled)}. Up to "
        f"{_share(_explained(frame), frame['difference'].sum())} of the difference is no merit of planning: "
        "the simulator ends tours that begin on its first day early."
    )


def figures(levels: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Unit-days of all levels together, each with its name."""
    named = {
        "greedy": "Unit-days of the greedy rule",
        "at_least": "Unit-days of forcegen's plans",
        "at_most": "No plan of whole tours fills more than",
    }
    return tuple((name, _days(levels[column].sum())) for column, name in named.items())


def sentences(frame: pd.DataFrame, levels: pd.DataFrame) -> list[str]:
    """What the tables say, one sentence each."""
    return [
        _scope(frame, levels),
        _never_fewer(frame, levels),
        _bound(levels),
        _starts(frame),
        _first_day(frame),
        _periods(levels),
        _phases(frame),
    ]


def _scope(frame: pd.DataFrame, levels: pd.DataFrame) -> str:
    every = len(runs())
    planned = "All" if len(frame) == every else f"{len(frame)} of the"
    return (
        f"{planned} {every} published runs are planned, at {len(levels)} levels of supply of {levels['src'].nunique()} "
        f"types of unit: the same demand, the same rotation"
        " policies, and the very starts of each published run, drawn anew from its seed."
    )


def _never_fewer(frame: pd.DataFrame, levels: pd.DataFrame) -> str:
    worse = fewer(levels)
    gained = f"{_days(levels['difference'].sum())} unit-days more in all, {_share(levels['difference'].sum(), levels['greedy'].sum())}"
    same = int((levels["difference"] == 0).sum())
    if worse.empty:
        runs_worse = int((frame["difference"] < 0).sum())
        single = "nor in any single run" if not runs_worse else f"though in {runs_worse} single runs it does"
        return (
            f"At no level does forcegen's plan fill fewer unit-days than MARATHON's greedy rule, {single}; at {same} levels "
            f"it fills as many, at the others more ({gained}). forcegen"
            " begins with the greedy rule's own tours, but nothing forces more in both phases together."
        )
    named = ", ".join(
        f"{row['src']} with {row['active']} active and {row['reserve']} reserve units ({row['difference']:+.1f})"
        for row in worse.to_dict("records")
    )
    return (
        f"At {len(worse)} of {len(levels)} levels forcegen's plan fills fewer unit-days than the greedy rule: {named}."
    )


def _bound(levels: pd.DataFrame) -> str:
    proven = int((levels["at_least"] == levels["at_most"]).sum())
    filled, most, greedy = (levels[column].sum() for column in ("at_least", "at_most", "greedy"))
    return (
        f"At {proven} levels the plan is proven to be best; over all levels, no plan of whole tours exceeds forcegen's by"
        f" more than {_share(most - filled, filled)} ({_days(most - filled)} unit-days). What the best such plan fills"
        f" beyond the greedy rule lies between {_share(filled - greedy, greedy)} and {_share(most - greedy, greedy)} of"
        " what greedy fills."
    )


def _starts(frame: pd.DataFrame) -> str:
    replayed = int(frame["replayed"].sum())
    spread = frame.groupby(LEVEL)["difference"].agg(["min", "max"]).sum()
    return (
        f"The starts are no assumption: replayed from them, the greedy rule fills before the surge exactly the "
        f"published unit-days in {replayed} of {len(frame)} runs. Taking the worse of each level's runs"
        f" throughout, the difference in forcegen's favour is {_days(spread['min'])} unit-days, taking the better {_days(spread['max'])}."
    )


def _first_day(frame: pd.DataFrame) -> str:
    beyond = int((frame["difference"] > frame["cut"]).sum())
    return (
        f"Up to {_share(_explained(frame), frame['difference'].sum())} of the difference is no merit of planning: the simulator"
        " ends tours that begin on the very first day with the stage of the unit's cycle, whereas a unit that waits a day"
        " gets the whole tour of its policy, as all units do in forcegen. In"
        f" {beyond} runs the difference is larger than what such tours lose."
    )


def _explained(frame: pd.DataFrame) -> float:
    """Of each run, no more of the difference than the first day's tours lose."""
    return float(frame["difference"].clip(upper=frame["cut"]).sum())


def _periods(levels: pd.DataFrame) -> str:
    below = int((levels["month"] < levels["greedy"]).sum())
    longer = levels["period_length"]
    less, more = levels[longer < 0], levels[longer > 0]
    return (
        f"In periods of thirty days, with days of availability and tours rounded to the safe side, the plans fill fewer unit-days than in days at {len(less)} "
        f"levels ({_days(-less['period_length'].sum())} unit-days, {_share(-less['period_length'].sum(), less['at_least'].sum())}); at {below} of"
        f" {len(levels)} levels they are below the greedy rule, which decides by the day: there the length of periods decides, and not the planning."
        f" At {len(more)} levels they fill more ({_days(more['period_length'].sum())} unit-days). That has two possible reasons, which the tables do not tell"
        " apart: the plan in periods lets every tour run on into the surge, also of units whose cycle is over by then; and it has both phases at once, whereas"
        " the plans in days have one after the other and need not be the best."
    )


def _phases(frame: pd.DataFrame) -> str:
    before = int((frame["presurge"] < frame["greedy_presurge"]).sum())
    after = int((frame["surge"] < frame["greedy_surge"]).sum())
    gained = "; there the other phase gains at least as much" if (frame["difference"] >= 0).all() else ""
    return (
        "The comparison is of both phases together. Taken alone, forcegen fills fewer unit-days before the surge in"
        f" {before} runs, and fewer in the surge in {after}{gained}."
    )


def _days(number: float) -> str:
    return f"{number:,.0f}"


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"
