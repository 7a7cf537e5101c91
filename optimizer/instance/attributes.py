"""The input tables, column by column: the only source for reading, checks, templates, the schema page and drop-downs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

MEASURES: Final = (
    "units",
    "personnel",
    "cost",
    "escalation",
    "sustainment",
    "lift",
    "nations",
    "posts",
    "fulfilment",
    "personnel_share",
    "cost_share",
    "units_share",
    "burden_gap",
)
"""What a limit may count, in the order in which the manual explains it."""

CAVEAT_MEASURES: Final = ("units", "personnel", "cost", "escalation", "sustainment", "lift")

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


OWN: Final = "_"
"""What the names of a planner's own columns, sheets and files begin with. Columns travel with their table; nothing else looks at them."""


@dataclass(frozen=True)
class Attribute:
    """One column of an input table.

    `kind` is one of: text, number, integer, boolean, period (whole number 1..H), condition (`name` or `!name`),
    reference (a key of the tables in `refers`), selector (values of the tables in `refers`, joined by `;`, `!` negates),
    list (keys of the tables in `refers`, or free words, joined by `;`), choice (one of `choices`), own (anything: the
    planner's own column).
    `default` is what a blank means; None = nothing is said.
    """

    name: str
    kind: str
    description: str
    unit: str = ""
    required: bool = False
    default: str | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    positive: bool = False
    refers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One input table: its key columns (unique together) and all its columns in their order."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Attribute, ...]
    required: bool = False
    open_columns: str | None = None
    by_name: dict[str, Attribute] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})


def _text(name: str, description: str, **options: object) -> Attribute:
    return Attribute(name, "text", description, **options)  # type: ignore[arg-type]


def _number(name: str, description: str, unit: str = "", minimum: float | None = 0.0, **options: object) -> Attribute:
    return Attribute(name, "number", description, unit, minimum=minimum, **options)  # type: ignore[arg-type]


def _integer(name: str, description: str, unit: str = "", minimum: float | None = 0.0, **options: object) -> Attribute:
    return Attribute(name, "integer", description, unit, minimum=minimum, **options)  # type: ignore[arg-type]


def _reference(name: str, description: str, *refers: str, **options: object) -> Attribute:
    return Attribute(name, "reference", description, refers=refers, **options)  # type: ignore[arg-type]


def _selector(name: str, description: str, *refers: str) -> Attribute:
    return Attribute(name, "selector", description, refers=refers)


def _key(name: str, description: str) -> Attribute:
    return Attribute(name, "text", description, required=True)


_FROM = Attribute("from", "period", "First period in which the row holds; blank = the first of the horizon.", "period")
_UNTIL = Attribute("until", "period", "Last period in which the row holds; blank = the last of the horizon.", "period")
_CONDITION = Attribute(
    "condition",
    "condition",
    "The row exists only while this condition is true (`name`, or `!name` for while it is false).",
    refers=("conditions",),
)
_SOURCE = _text("source", "Where the figures of the row come from, or `assumed`.")
_NOTE = _text("note", "A remark; travels to the report.")

_NATION = _selector("nation", "Nations; blank = any.", "nations")
_MISSION = _selector("mission", "Missions; blank = any.", "missions")
_AREA = _selector("area", "Areas; blank = any.", "areas")
_UNIT_TYPE = _selector("unit_type", "Unit types; blank = any.", "unit_types")
_TAG = Attribute("tag", "selector", "Tags of the unit type or the pledge; blank = any.")
_CAPABILITY = _selector("capability", "Capabilities of the requirement line; blank = any.", "capabilities")


def _table(name: str, description: str, key: tuple[str, ...], *columns: Attribute, **options: object) -> Table:
    return Table(name, description, key, (*columns, _SOURCE, _NOTE), **options)  # type: ignore[arg-type]


_ALL_TABLES = (
    _table(
        "nations",
        "Troop-contributing nations and what each of them can bear.",
        ("nation",),
        _key("nation", "ISO 3166 alpha-3 code, or any short name."),
        _text("name", "Full name for reports; blank = the code."),
        _number("max_personnel", "Most personnel deployed at a time.", "persons"),
        _integer("max_units", "Most units deployed at a time.", "units"),
        _number("budget", "Most cost over the whole horizon.", "million"),
        _integer("max_posts", "Most posts served at a time.", "posts"),
        _number(
            "min_contingent", "Fewest personnel at each post it serves, while it serves there.", "persons", default=0.0
        ),
        _number("participation_cost", "Cost once, if the nation serves anywhere.", "million", default=0.0),
        _integer(
            "min_stay",
            "Fewest periods that the nation stays at a post once it has arrived; blank or 1 = it may leave at once.",
            "periods",
            minimum=1.0,
        ),
        _number(
            "fair_share",
            "Key for burden sharing (GDP, defence spending, population, agreed share), in any unit.",
            maximum=1e18,
        ),
        _reference("gateway", "Area from which its movements start on the route network.", "areas"),
        required=True,
    ),
    _table(
        "unit_types",
        "Kinds of force elements.",
        ("unit_type",),
        _key("unit_type", "Short name."),
        _text("name", "Full name for reports; blank = the short name."),
        Attribute(
            "domain",
            "choice",
            "Domain in which units of the type act.",
            default="land",
            choices=("land", "air", "sea", "cyber", "hq"),
        ),
        _number("personnel", "Personnel of one unit.", "persons", default=0.0),
        _number("cost", "Cost of one unit for one period.", "million", default=0.0),
        _number("lift", "Lift for one move of one unit.", "t", default=0.0),
        _number("sustainment", "Sustainment of one unit for one period.", "t", default=0.0),
        _number("escalation", "Weight of one unit in the escalation measure.", "points", default=0.0),
        Attribute("tags", "list", "Free words that selectors can name, joined by `;`."),
        required=True,
    ),
    _table(
        "capabilities",
        "What requirements ask for. Without the table, the capabilities are those that `yields` names.",
        ("capability",),
        _key("capability", "Short name."),
        _text("name", "Full name for reports; blank = the short name."),
        _text("measure", "Unit of measure, for example `trainees per period`."),
    ),
    _table(
        "yields",
        "How much of a capability one unit of a type delivers per period.",
        ("unit_type", "capability"),
        _reference("unit_type", "The type.", "unit_types", required=True),
        _reference("capability", "The capability.", "capabilities", required=True),
        _number("amount", "Delivered by one unit in one period.", "measure of the capability", required=True),
        required=True,
    ),
    _table(
        "pledges",
        "What nations offer.",
        ("pledge",),
        _key("pledge", "Short name of the offer."),
        _reference("nation", "The nation that offers.", "nations", required=True),
        _reference("unit_type", "The type offered.", "unit_types", required=True),
        _integer("quantity", "Units in the pool (deployed, resting and waiting together).", "units", required=True),
        _FROM,
        _UNTIL,
        _integer("tour", "Periods that a unit stays out; blank = it may come and go.", "periods", minimum=1.0),
        _integer("dwell", "Periods that a unit rests after a tour.", "periods"),
        _number(
            "rotation_factor", "Units needed to keep one deployed, instead of tour and dwell.", "units", minimum=1.0
        ),
        _integer(
            "deployed_at_start",
            "Units that left for a tour elsewhere just before the first period.",
            "units",
            default=0.0,
        ),
        _integer(
            "committed", "Units that serve in every period of the pledge's window, whatever else.", "units", default=0.0
        ),
        _CONDITION,
        _number("cost", "Cost of one unit for one period; blank = the type's.", "million"),
        Attribute("tags", "list", "Further tags of these units, joined by `;`."),
        required=True,
    ),
    _table(
        "missions",
        "What the coalition wants to do.",
        ("mission",),
        _key("mission", "Short name."),
        _text("name", "Full name for reports; blank = the short name."),
        _number("weight", "Weight in coverage.", default=1.0),
        Attribute(
            "score",
            "choice",
            "How lines make the mission's score: their weighted mean, or the weakest line.",
            default="mean",
            choices=("mean", "weakest"),
        ),
        Attribute(
            "continuity",
            "boolean",
            "Once mounted, a post of the mission stays mounted until its window ends.",
            default=False,
        ),
        required=True,
    ),
    _table(
        "areas",
        "Where missions are carried out. Without the table, the areas are those that `requirements` names.",
        ("area",),
        _key("area", "Short name."),
        _text("name", "Full name for reports; blank = the short name."),
        _text("host", "Host state or body."),
        Attribute(
            "domain",
            "choice",
            "Territory, sea area or airspace.",
            default="land",
            choices=("land", "air", "sea", "cyber", "hq"),
        ),
        _number("max_personnel", "Most personnel in the area at a time (host ceiling).", "persons"),
        _number("max_escalation", "Most weighted footprint in the area at a time.", "points"),
        _number("lift_capacity", "Most lift into the area per period.", "t"),
        _number("sustainment_capacity", "Most sustainment in the area per period.", "t"),
        Attribute("latitude", "number", "For maps.", "degrees", minimum=-90.0, maximum=90.0),
        Attribute("longitude", "number", "For maps.", "degrees", minimum=-180.0, maximum=180.0),
    ),
    _table(
        "requirements",
        "What each mission needs in each area: one line per capability.",
        ("requirement",),
        _key("requirement", "Short name of the line."),
        _reference("mission", "The mission.", "missions", required=True),
        _reference("area", "The area.", "areas", required=True),
        _reference("capability", "The capability asked for.", "capabilities", required=True),
        _number("threshold", "Below it the post cannot be mounted.", "measure of the capability", default=0.0),
        _number("target", "What is wanted.", "measure of the capability", required=True, positive=True),
        _number("weight", "Weight of the line in its mission; 0 = does not count in the score.", default=1.0),
        _number(
            "max_drop",
            "Most by which what the line gets may fall from one period to the next, as a share of the target; blank = any.",
            "share",
            maximum=1.0,
        ),
        _FROM,
        _UNTIL,
        required=True,
    ),
    _table(
        "posts",
        "Rules for one mission in one area. A post exists where a requirement line exists; it needs a row only for a rule.",
        ("mission", "area"),
        _reference("mission", "The mission.", "missions", required=True),
        _reference("area", "The area.", "areas", required=True),
        Attribute("must", "boolean", "The post must be mounted in every period of its window.", default=False),
        _integer("min_nations", "Fewest nations present while the post is mounted.", "nations", default=0.0),
        _integer("max_nations", "Most nations present at a time.", "nations"),
        _number(
            "max_share",
            "Most that one nation may bring of the personnel at the post (0.5 = half).",
            "share",
            maximum=1.0,
        ),
        Attribute(
            "lead",
            "choice",
            "Whether a framework nation must lead the post.",
            default="none",
            choices=("none", "required"),
        ),
        _number(
            "lead_min_share",
            "Least share of the personnel at the post that the lead brings.",
            "share",
            maximum=1.0,
            default=0.0,
        ),
        _integer("lead_term", "Periods of one term of lead; blank = the whole horizon.", "periods", minimum=1.0),
        _number("max_personnel", "Most personnel at the post at a time.", "persons"),
        _integer(
            "min_stay",
            "Fewest periods that the post stays mounted once it is; blank or 1 = it may be given up at once.",
            "periods",
            minimum=1.0,
        ),
    ),
    _table(
        "participation",
        "A nation at a post: costs, smallest contingent, ceilings, willingness to lead. The most specific row wins, column by column.",
        ("nation", "mission", "area"),
        _reference("nation", "The nation; blank = any.", "nations"),
        _reference("mission", "The mission; blank = any.", "missions"),
        _reference("area", "The area; blank = any.", "areas"),
        _number("cost", "Cost once over the horizon, if the nation serves at the post.", "million"),
        _number("min_contingent", "Fewest personnel while the nation is present.", "persons"),
        _number("max_personnel", "Most personnel of the nation at the post at a time.", "persons"),
        _integer("max_units", "Most units of the nation at the post at a time.", "units"),
        Attribute("may_lead", "boolean", "The nation is willing to lead the post.", default=None),
        _integer(
            "min_stay",
            "Fewest periods that the nation stays at the post once it has arrived; 1 = it may leave at once.",
            "periods",
            minimum=1.0,
        ),
    ),
    _table(
        "enablers",
        "Support that deployed personnel need.",
        ("enabler",),
        _key("enabler", "Short name of the rule."),
        _reference("capability", "The supporting capability.", "capabilities", required=True),
        _number(
            "per_personnel",
            "Needed per person deployed, for example 0.01.",
            "measure of the capability per person",
            required=True,
        ),
        Attribute(
            "scope",
            "choice",
            "Where the support must stand: at the same post, in the same area, or in the same mission.",
            default="post",
            choices=("post", "area", "mission"),
        ),
        Attribute("applies_to", "selector", "Tags of the units that need the support; blank = all."),
        Attribute("hard", "boolean", "Hard: enforced. Soft: the gap is only reported.", default=True),
    ),
    _table(
        "conditions",
        "Political facts outside the planner's control.",
        ("condition",),
        _key("condition", "Short name."),
        _text("name", "Full name for reports; blank = the short name."),
        _text("description", "What it means."),
        Attribute("default", "boolean", "Whether it holds where no scenario says otherwise.", default=False),
    ),
    _table(
        "scenarios",
        "States of all conditions. One further column per condition (true/false; blank = the condition's default), or long form in `scenario_conditions`.",
        ("scenario",),
        _key("scenario", "Short name."),
        _number("probability", "Probability; all together make 1.", maximum=1.0),
        _text("description", "What it means."),
        open_columns="conditions",
    ),
    _table(
        "scenario_conditions",
        "Long form of the conditions in each scenario.",
        ("scenario", "condition"),
        _reference("scenario", "The scenario.", "scenarios", required=True),
        _reference("condition", "The condition.", "conditions", required=True),
        Attribute("holds", "boolean", "Whether the condition is true.", required=True),
    ),
    _table(
        "changes",
        "Data that a scenario alters.",
        ("scenario", "table", "key", "column"),
        _reference("scenario", "The scenario.", "scenarios", required=True),
        _text("table", "The table altered.", required=True),
        _text("key", "The row: its key; several key columns joined by `/`.", required=True),
        _text("column", "The column altered.", required=True),
        _text("value", "The new value; blank where a factor is given."),
        Attribute(
            "factor",
            "number",
            "Multiplies the old value; of a whole number a fraction is rounded down (3 × 0.9 = 2); blank where a value is given.",
            minimum=0.0,
        ),
    ),
    _table(
        "caveats",
        "National restrictions.",
        ("caveat",),
        _key("caveat", "Short name."),
        _NATION,
        _MISSION,
        _AREA,
        _UNIT_TYPE,
        _TAG,
        _CAPABILITY,
        _FROM,
        _UNTIL,
        Attribute(
            "rule",
            "choice",
            "forbid: the selected service is prohibited (while the condition is true, if one is given); "
            "unless: prohibited unless the condition is true; limit: the measure is at most `maximum` in each period.",
            required=True,
            choices=("forbid", "unless", "limit"),
        ),
        Attribute("condition", "condition", "The condition (`name` or `!name`).", refers=("conditions",)),
        Attribute("measure", "choice", "What a `limit` counts.", choices=CAVEAT_MEASURES),
        _number("maximum", "Most of the measure in each period.", "unit of the measure"),
    ),
    _table(
        "limits",
        "Caps and floors on a measure over a selection.",
        ("limit",),
        _key("limit", "Short name."),
        Attribute("measure", "choice", "What is counted.", required=True, choices=MEASURES),
        Attribute(
            "per",
            "choice",
            "In each period, or summed over the window.",
            default="period",
            choices=("period", "horizon"),
        ),
        _number("minimum", "Least; blank = no floor.", "unit of the measure"),
        _number("maximum", "Most; blank = no cap.", "unit of the measure"),
        _NATION,
        _selector("group", "Groups of nations; blank = any.", "groups"),
        _MISSION,
        _AREA,
        Attribute("host", "selector", "Hosts of areas; blank = any."),
        _UNIT_TYPE,
        _TAG,
        Attribute("domain", "selector", "Domains of unit types; blank = any."),
        _CAPABILITY,
        _FROM,
        _UNTIL,
        Attribute("condition", "condition", "The limit holds while this condition is true.", refers=("conditions",)),
    ),
    _table(
        "links",
        "One nation's participation depends on another's.",
        ("link",),
        _key("link", "Short name."),
        Attribute(
            "kind",
            "choice",
            "needs: only with the other; excludes: not with the other; at_least: only with at least `count` of the group.",
            required=True,
            choices=("needs", "excludes", "at_least"),
        ),
        Attribute(
            "nation",
            "selector",
            "The nation (or nations, each for itself) that the link binds.",
            refers=("nations",),
            required=True,
        ),
        _reference("other", "Another nation, or a group.", "nations", "groups", required=True),
        _integer("count", "How many of the group, for at_least.", "nations", minimum=1.0),
        _MISSION,
        _AREA,
        _CONDITION,
    ),
    _table(
        "groups",
        "Named sets of nations.",
        ("group", "nation"),
        _text("group", "The group.", required=True),
        _reference("nation", "A member.", "nations", required=True),
    ),
    _table(
        "instruments",
        "Options without deployment.",
        ("instrument",),
        _key("instrument", "Short name."),
        _text("name", "Full name for reports; blank = the short name."),
        _number("cost", "Cost over the horizon, if used.", "million", default=0.0),
        _number("escalation", "Weight in the escalation measure, if used.", "points", default=0.0),
        _CONDITION,
        Attribute("sponsors", "list", "Nations that must all take part, joined by `;`.", refers=("nations",)),
    ),
    _table(
        "instrument_yields",
        "What an instrument delivers to each line of a capability.",
        ("instrument", "mission", "area", "capability"),
        _reference("instrument", "The instrument.", "instruments", required=True),
        _reference("mission", "The mission; blank = any.", "missions"),
        _reference("area", "The area; blank = any.", "areas"),
        _reference("capability", "The capability.", "capabilities", required=True),
        _number("amount", "Delivered to each such line in every period.", "measure of the capability", required=True),
    ),
    _table(
        "routes",
        "The network on which lift and sustainment move, one direction per row.",
        ("origin", "destination", "mode"),
        _reference("origin", "Area where the route starts.", "areas", required=True),
        _reference("destination", "Area where the route ends.", "areas", required=True),
        _text("mode", "Road, rail, sea, air …; several routes between the same areas differ in mode."),
        _number("capacity", "Most tonnes per period; blank = no limit.", "t"),
        _number("cost", "Cost per tonne.", "million", default=0.0),
        _FROM,
        _UNTIL,
        _CONDITION,
    ),
    _table(
        "deployment_costs",
        "Costs that depend on the place. The most specific row wins.",
        ("pledge", "unit_type", "mission", "area"),
        _reference("pledge", "A pledge; blank = any.", "pledges"),
        _reference("unit_type", "A unit type; blank = any.", "unit_types"),
        _reference("mission", "The mission; blank = any.", "missions"),
        _reference("area", "The area; blank = any.", "areas"),
        _number("cost", "Cost of one unit for one period, instead of the type's.", "million"),
        _number("movement_cost", "Cost of one move of one unit.", "million"),
    ),
)

TABLES: Final[dict[str, Table]] = {table.name: table for table in _ALL_TABLES}
"""All input tables by name, in the order in which the manual explains them."""

HEADER: Final[dict[str, tuple[Attribute, ...]]] = {
    "": (
        _integer("schema", "Version of the format.", default=1.0, minimum=1.0),
        _text("name", "Short name; blank = the folder's name."),
        _text("title", "Title for reports."),
        _text("description", "What the instance is about."),
        _text("currency", "Currency; amounts are in millions of it.", default="EUR"),
    ),
    "periods": (
        _integer("count", "Number of equal periods H.", "periods", minimum=1.0, maximum=1000.0, default=1.0),
        _integer("months", "Length of a period.", "months", minimum=1.0, default=6.0),
        _text("first", "First month, for example 2026-01."),
    ),
    "aims": (
        Attribute("name", "choice", "The aim.", required=True, choices=AIMS),
        _integer("priority", "Level: 1 is solved first.", minimum=1.0, default=1.0),
        _number("weight", "Weight inside its level.", default=1.0),
        _number(
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
            choices=("cost", "personnel", "units"),
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
        _number("time_limit", "Wall-clock limit of a solve.", "seconds", positive=True),
        _number("gap", "Relative gap at which a level counts as solved.", "share", maximum=1.0, default=1e-6),
    ),
}
"""The header `instance.toml`, section by section (`aims` is a list)."""

SCHEMA_VERSION: Final = 1
