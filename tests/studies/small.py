"""A study of the tutorial whose every figure follows from the tutorial's README by hand, and what tests need around it."""

import functools
from pathlib import Path

import pandas as pd

import optimizer as fg
from optimizer.studies.table import TIMINGS

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "instances" / "tutorial"

TORNADO = {
    "name": "tornado",
    "keep": ["nations.south.cost", "requirements.guard-border.fulfilled"],
    "vary": [
        {"name": "ceasefire", "condition": "ceasefire", "values": [False]},
        {"name": "east cap", "cell": "nations.east.max_personnel", "values": [0, 100, 200]},
        {
            "name": "team cost",
            "table": "unit_types",
            "key": "training_team",
            "column": "cost",
            "mode": "factor",
            "values": [0.5, 2],
        },
    ],
}

GRID = {
    "name": "grid",
    "design": {"kind": "grid", "neighbours": 4},
    "vary": [
        {"name": "east cap", "cell": "nations.east.max_personnel", "low": 0, "high": 250, "steps": 6},
        {
            "name": "battalions",
            "table": "pledges",
            "column": "quantity",
            "where": {"unit_type": "battalion"},
            "mode": "step",
            "values": [0, 1],
        },
        {"name": "ceasefire", "condition": "ceasefire"},
    ],
}


def tutorial():
    """The tutorial, read."""
    return fg.read_instance(TUTORIAL)


@functools.cache
def grid_by_one():
    """The table of GRID from one process here: what every other way to work must give."""
    return fg.sweep(tutorial(), GRID, jobs=1)


def canonical(table):
    """A table of runs without what differs from one execution to the next."""
    return table.drop(columns=list(TIMINGS))


def same(one, other):
    """Two tables of runs agree to the last digit in all but timings."""
    pd.testing.assert_frame_equal(canonical(one), canonical(other), check_exact=True)


def toml(study):
    """A study as TOML text."""

    def text(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{key} = {text(item)}" for key, item in value.items()) + " }"
        if isinstance(value, list):
            return "[" + ", ".join(map(text, value)) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value)

    lines = [f"{key} = {text(value)}" for key, value in study.items() if key != "vary"]
    for vary in study.get("vary", []):
        lines += ["[[vary]]", *(f'"{key}" = {text(value)}' for key, value in vary.items())]
    return "\n".join(lines) + "\n"


def planted(*caps, **limits):
    """A study whose caps plant faults in `faulty_worker`."""
    return {
        "design": {"kind": "grid", "neighbours": 10},
        "limits": limits,
        "vary": [{"name": "cap", "cell": "nations.east.max_personnel", "values": [150, *caps, 100]}],
    }
