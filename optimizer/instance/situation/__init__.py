"""One scenario of an instance, ready for the model: conditions decided, shorthands and quantitative caveats expanded into named limits.

Every rule keeps its name and the input row it came from, so that results speak the planner's words.
"""

from optimizer.instance.situation.build import build_situation
from optimizer.instance.situation.costs import DeploymentCosts
from optimizer.instance.situation.records import (
    PRESENCE_MEASURES,
    Instrument,
    Line,
    Mission,
    Nation,
    Pair,
    Pledge,
    Post,
    PostKey,
    Route,
)
from optimizer.instance.situation.rules import Enabler, Fund, Limit, Link, PairRules
from optimizer.instance.situation.selection import Selection
from optimizer.instance.situation.situation import Situation, at_home, scope_selection

__all__ = [
    "PRESENCE_MEASURES",
    "DeploymentCosts",
    "Enabler",
    "Fund",
    "Instrument",
    "Limit",
    "Line",
    "Link",
    "Mission",
    "Nation",
    "Pair",
    "PairRules",
    "Pledge",
    "Post",
    "PostKey",
    "Route",
    "Selection",
    "Situation",
    "at_home",
    "build_situation",
    "scope_selection",
]
