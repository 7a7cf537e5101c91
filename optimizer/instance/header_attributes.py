"""The header `instance.toml`, section by section: the only source for reading, checks, templates and the schema page."""

from __future__ import annotations

from typing import Final

from optimizer.instance.attribute import Attribute, integer, number, text

AIMS: Final = (
    "coverage",
    "weakest_mission",
    "cost",
    "personnel",
    "escalation",
    "burden_gap",
    "changes",
    "nations",
    "turnover",
)
MAXIMISED_AIMS: Final = frozenset({"coverage", "weakest_mission"})


HEADER: Final[dict[str, tuple[Attribute, ...]]] = {
    "": (
        integer("schema", "Version of the format.", default=1.0, minimum=1.0),
        text("name", "Short name; blank = the folder's name."),
        text("title", "Title for reports."),
        text("description", "What the instance is about."),
        text("currency", "Currency; amounts are in millions of it.", default="EUR"),
    ),
    "periods": (
        integer("count", "Number of equal periods H.", "periods", minimum=1.0, maximum=1000.0, default=1.0),
        integer("months", "Length of a period.", "months", minimum=1.0, default=6.0),
        text("first", "First month, for example 2026-01."),
    ),
    "aims": (
        Attribute("name", "choice", "The aim.", required=True, choices=AIMS),
        integer("priority", "Level: 1 is solved first.", minimum=1.0, default=1.0),
        number("weight", "Weight inside its level.", default=1.0),
        number(
            "tolerance",
            "Share of the value that later levels may give away (0.01 = one percent).",
            default=0.0,
            maximum=1.0,
        ),
        Attribute("scope", "list", 'A table of selectors, for example { area = "west" }.'),
        Attribute(
            "measure",
            "choice",
            "burden_gap: which burden is shared.",
            default="cost",
            choices=("cost", "personnel", "units", "paid"),
        ),
        Attribute(
            "variant",
            "choice",
            "burden_gap: the largest ratio, or the sum of absolute deviations.",
            default="ratio",
            choices=("ratio", "deviation"),
        ),
        Attribute("weights", "list", "changes: weight per nation, for example { FRA = 2.0 }."),
    ),
    "solver": (
        number("time_limit", "Wall-clock limit of a solve.", "seconds", positive=True),
        number("gap", "Relative gap at which a level counts as solved.", "share", maximum=1.0, default=1e-6),
    ),
}
"""The header `instance.toml`, section by section (`aims` is a list)."""

SCHEMA_VERSION: Final = 1
