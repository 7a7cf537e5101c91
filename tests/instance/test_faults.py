"""One mutation per kind of fault: exactly its one finding, with place, row and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.instance.files import read_instance, read_raw
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.read.examine import check_instance, examine

from .base import Files, add, base_files, put, put_rows, table_rows, write

Expected = tuple[str, str, int | None, str | None]
Mutation = Callable[[Files], None]


def cell(table: str, row: int, /, **cells: object) -> Mutation:
    """Set cells of a row."""
    return lambda files: put(files, table, row, **cells)


def row(table: str, /, **cells: object) -> Mutation:
    """Add a row."""
    return lambda files: add(files, table, **cells) and None


def without(table: str) -> Mutation:
    """Leave a table out."""
    return lambda files: files.pop(f"{table}.csv") and None


def rename(table: str, column: str, name: str) -> Mutation:
    """Rename a column."""

    def mutate(files: Files) -> None:
        rows = table_rows(files, table)
        rows[0][rows[0].index(column)] = name
        put_rows(files, table, rows)

    return mutate


def header(old: str, new: str) -> Mutation:
    """Replace text in the header."""

    def mutate(files: Files) -> None:
        assert old in files["instance.toml"]
        files["instance.toml"] = files["instance.toml"].replace(old, new)

    return mutate


def text(name: str, change: Callable[[str], str]) -> Mutation:
    """Change the text of a file."""
    return lambda files: files.update({name: change(files.get(name, ""))})


def both(*mutations: Mutation) -> Mutation:
    """Several changes that make one fault."""

    def mutate(files: Files) -> None:
        for mutation in mutations:
            mutation(files)

    return mutate


def limit(**cells: object) -> Mutation:
    """Add a limit."""
    return row("limits", limit="new", **cells)


def caveat(**cells: object) -> Mutation:
    """Add a caveat."""
    return row("caveats", caveat="new", **cells)


def link(**cells: object) -> Mutation:
    """Add a link."""
    return row("links", link="new", **cells)


def change(**cells: object) -> Mutation:
    """Add a change to the scenario `storm`."""
    return row("changes", scenario="storm", **cells)


TOML = "instance.toml"

ERRORS: dict[str, tuple[Mutation, Expected]] = {
    # files
    "unknown file": (text("pledge.csv", lambda _: "a,b\n1,2\n"), ("unknown-table", "pledge.csv", None, None)),
    "misspelt file": (
        lambda files: files.update({"linkz.csv": files.pop("links.csv")}),
        ("unknown-table", "linkz.csv", None, None),
    ),
    "missing table": (without("yields"), ("missing-table", None, None, None)),
    "empty file": (text("links.csv", lambda _: "\n\n"), ("empty-file", "links.csv", None, None)),
    "semicolons": (text("routes.csv", lambda t: t.replace(",", ";")), ("delimiter", "routes.csv", 1, None)),
    "tabs": (text("routes.csv", lambda t: t.replace(",", "\t")), ("delimiter", "routes.csv", 1, None)),
    "open quotation mark": (text("routes.csv", lambda t: t + 'a,"b\n'), ("csv-syntax", "routes.csv", 4, None)),
    "stray quotation mark": (text("routes.csv", lambda t: t + '"a"b,c\n'), ("csv-syntax", "routes.csv", 4, None)),
    "no header": (lambda files: files.pop(TOML) and None, ("missing-header", TOML, None, None)),
    "header syntax": (header("[periods]", "[periods"), ("toml-syntax", TOML, 5, None)),
    # columns
    "unknown column": (
        rename("nations", "max_personnel", "max_personel"),
        ("unknown-column", "nations.csv", None, "max_personel"),
    ),
    "missing column": (
        lambda files: put_rows(files, "yields", [line[:2] for line in table_rows(files, "yields")]),
        ("missing-column", "yields.csv", None, "amount"),
    ),
    "column twice": (rename("areas", "latitude", "host"), ("duplicate-column", "areas.csv", None, "host")),
    "no heading": (rename("areas", "latitude", ""), ("blank-heading", "areas.csv", None, "number 4")),
    "extra cell": (
        text("missions.csv", lambda t: t.replace("training,1,weakest,", "training,1,weakest,,more")),
        ("extra-cell", "missions.csv", 3, None),
    ),
    "unknown condition column": (
        rename("scenarios", "backing", "baking"),
        ("unknown-column", "scenarios.csv", None, "baking"),
    ),
    # cells
    "missing cell": (cell("yields", 2, amount=""), ("missing-cell", "yields.csv", 2, "amount")),
    "no key": (row("conditions", description="x"), ("missing-cell", "conditions.csv", 4, "condition")),
    "no number": (cell("nations", 2, max_personnel="many"), ("number", "nations.csv", 2, "max_personnel")),
    "comma in number": (cell("nations", 2, max_personnel="2,5"), ("number", "nations.csv", 2, "max_personnel")),
    "no period where another row of the same key has a blank": (
        row("agreed", pledge="FRA-med", requirement="heal-west", **{"from": "soon"}, until=4, units=1),
        ("number", "agreed.csv", 4, "from"),
    ),
    "underscore in number": (cell("nations", 2, max_personnel="2_000"), ("number", "nations.csv", 2, "max_personnel")),
    "not whole": (cell("pledges", 3, quantity="2.5"), ("not-whole", "pledges.csv", 3, "quantity")),
    "negative": (cell("unit_types", 3, cost="-2"), ("negative", "unit_types.csv", 3, "cost")),
    "infinite": (cell("unit_types", 3, cost="inf"), ("not-finite", "unit_types.csv", 3, "cost")),
    "not a number": (cell("unit_types", 3, cost="nan"), ("not-finite", "unit_types.csv", 3, "cost")),
    "target zero": (cell("requirements", 3, target="0"), ("not-positive", "requirements.csv", 3, "target")),
    "too small": (cell("pledges", 3, rotation_factor="0.5"), ("too-small", "pledges.csv", 3, "rotation_factor")),
    "too large": (cell("areas", 2, latitude="95"), ("too-large", "areas.csv", 2, "latitude")),
    "too large for anything": (
        cell("nations", 2, fair_share="1e300"),
        ("too-large", "nations.csv", 2, "fair_share"),
    ),
    "too large a count": (cell("pledges", 3, quantity="1e30"), ("too-large", "pledges.csv", 3, "quantity")),
    "no truth": (cell("missions", 2, continuity="perhaps"), ("boolean", "missions.csv", 2, "continuity")),
    "no truth of a condition": (cell("scenarios", 2, truce="maybe"), ("boolean", "scenarios.csv", 2, "truce")),
    "choice": (cell("missions", 3, score="weekest"), ("choice", "missions.csv", 3, "score")),
    "blank condition": (cell("pledges", 2, condition="!"), ("condition", "pledges.csv", 2, "condition")),
    "too long": (cell("areas", 2, note="x" * 10_001), ("too-long", "areas.csv", 2, "note")),
    "control character": (cell("areas", 2, note="a\x00b"), ("control-character", "areas.csv", 2, "note")),
    "period zero": (cell("routes", 2, from_="0"), ("too-small", "routes.csv", 2, "from")),
    # names
    "key twice": (row("nations", nation="ITA"), ("duplicate-key", "nations.csv", 5, "nation")),
    "pair twice": (row("participation", mission="training"), ("duplicate-key", "participation.csv", 5, "nation")),
    "unknown nation": (cell("pledges", 4, nation="PLO"), ("unknown-nation", "pledges.csv", 4, "nation")),
    "unknown unit type": (
        cell("deployment_costs", 2, unit_type="batalion"),
        ("unknown-unit-type", "deployment_costs.csv", 2, "unit_type"),
    ),
    "unknown capability": (
        cell("enablers", 2, capability="heel"),
        ("unknown-capability", "enablers.csv", 2, "capability"),
    ),
    "unknown mission": (
        cell("instrument_yields", 2, mission="gardening"),
        ("unknown-mission", "instrument_yields.csv", 2, "mission"),
    ),
    "unknown area": (cell("nations", 2, gateway="hme"), ("unknown-area", "nations.csv", 2, "gateway")),
    "unknown pledge": (
        cell("deployment_costs", 3, pledge="FRA-bm"),
        ("unknown-pledge", "deployment_costs.csv", 3, "pledge"),
    ),
    "unknown instrument": (
        row("instrument_yields", instrument="g", capability="guard", amount=1),
        ("unknown-instrument", "instrument_yields.csv", 3, "instrument"),
    ),
    "unknown scenario": (cell("changes", 2, scenario="strom"), ("unknown-scenario", "changes.csv", 2, "scenario")),
    "unknown condition": (cell("pledges", 2, condition="!trice"), ("unknown-condition", "pledges.csv", 2, "condition")),
    "unknown link partner": (cell("links", 2, other="FRO"), ("unknown-nation", "links.csv", 2, "other")),
    "unknown sponsor": (
        cell("instruments", 2, sponsors="FRA;ITE"),
        ("unknown-nation", "instruments.csv", 2, "sponsors"),
    ),
    "selected nation": (cell("caveats", 2, nation="!ITE"), ("unknown-nation", "caveats.csv", 2, "nation")),
    "selected mission": (
        cell("limits", 2, mission="guarding;trainin"),
        ("unknown-mission", "limits.csv", 2, "mission"),
    ),
    "selected area": (cell("limits", 2, area="wst"), ("unknown-area", "limits.csv", 2, "area")),
    "selected unit type": (
        cell("limits", 2, unit_type="!batallion"),
        ("unknown-unit-type", "limits.csv", 2, "unit_type"),
    ),
    "selected capability": (
        cell("limits", 2, capability="gard"),
        ("unknown-capability", "limits.csv", 2, "capability"),
    ),
    "selected group": (cell("limits", 2, group="soth"), ("unknown-group", "limits.csv", 2, "group")),
    "selected host": (cell("limits", 2, host="UKT"), ("unknown-host", "limits.csv", 2, "host")),
    "selected tag": (cell("enablers", 2, applies_to="havy"), ("unknown-tag", "enablers.csv", 2, "applies_to")),
    "selected domain": (cell("limits", 2, domain="lnd"), ("unknown-domain", "limits.csv", 2, "domain")),
    "empty negation": (cell("limits", 2, domain="!"), ("unknown-domain", "limits.csv", 2, "domain")),
    "group called as a nation": (
        row("groups", group="POL", nation="FRA"),
        ("group-is-nation", "groups.csv", 4, "group"),
    ),
    "condition called as a column": (
        row("conditions", condition="probability"),
        ("condition-name", "conditions.csv", 4, "condition"),
    ),
    # windows and rows
    "outside the horizon": (cell("pledges", 4, until="5"), ("outside-horizon", "pledges.csv", 4, "until")),
    "window the wrong way": (cell("pledges", 4, from_="3", until="2"), ("empty-window", "pledges.csv", 4, "from")),
    "threshold above target": (
        cell("requirements", 4, threshold="901"),
        ("threshold-above-target", "requirements.csv", 4, "threshold"),
    ),
    "dwell without tour": (cell("pledges", 3, dwell="1"), ("dwell-without-tour", "pledges.csv", 3, "dwell")),
    "tour and factor": (cell("pledges", 3, tour="1"), ("tour-and-factor", "pledges.csv", 3, "rotation_factor")),
    "too many out": (
        cell("pledges", 2, deployed_at_start="4"),
        ("deployed-above-quantity", "pledges.csv", 2, "deployed_at_start"),
    ),
    "post without line": (
        row("posts", mission="training", area="east"),
        ("post-without-line", "posts.csv", 4, "mission"),
    ),
    "nations of a post": (cell("posts", 2, min_nations="3"), ("min-nations-above-max", "posts.csv", 2, "min_nations")),
    "share of the lead": (
        cell("posts", 2, lead_min_share="0.95"),
        ("lead-share-above-max", "posts.csv", 2, "lead_min_share"),
    ),
    "caveat without measure": (
        caveat(rule="limit", maximum=1),
        ("caveat-without-measure", "caveats.csv", 5, "measure"),
    ),
    "caveat without maximum": (
        caveat(rule="limit", measure="units"),
        ("caveat-without-maximum", "caveats.csv", 5, "maximum"),
    ),
    "forbid with maximum": (
        caveat(rule="forbid", nation="ITA", area="east", maximum=1),
        ("caveat-with-measure", "caveats.csv", 5, "maximum"),
    ),
    "unless what": (
        caveat(rule="unless", nation="ITA", area="east"),
        ("unless-without-condition", "caveats.csv", 5, "condition"),
    ),
    "limit without bound": (limit(measure="units"), ("limit-without-bound", "limits.csv", 6, "maximum")),
    "minimum above maximum": (
        limit(measure="units", minimum=2, maximum=1),
        ("minimum-above-maximum", "limits.csv", 6, "minimum"),
    ),
    "share above one": (limit(measure="units_share", maximum=50), ("share-above-one", "limits.csv", 6, "maximum")),
    "fulfilment above one": (limit(measure="fulfilment", minimum=50), ("share-above-one", "limits.csv", 6, "minimum")),
    "fulfilment with maximum": (
        limit(measure="fulfilment", maximum=0.5),
        ("fulfilment-maximum", "limits.csv", 6, "maximum"),
    ),
    "fulfilment of a nation": (
        limit(measure="fulfilment", minimum=0.5, nation="FRA"),
        ("fulfilment-selector", "limits.csv", 6, "nation"),
    ),
    "paid in each period": (limit(measure="paid", maximum=2), ("paid-limit", "limits.csv", 6, "per")),
    "paid in an area": (
        limit(measure="paid", maximum=2, per="horizon", area="east"),
        ("paid-limit", "limits.csv", 6, "area"),
    ),
    "paid in a window": (
        limit(measure="paid", maximum=2, per="horizon", until=1),
        ("paid-limit", "limits.csv", 6, "until"),
    ),
    "ready with maximum": (
        limit(measure="ready", minimum=1, maximum=2),
        ("ready-limit", "limits.csv", 6, "maximum"),
    ),
    "ready over the horizon": (
        limit(measure="ready", minimum=1, per="horizon"),
        ("ready-limit", "limits.csv", 6, "per"),
    ),
    "ready in an area": (
        limit(measure="ready", minimum=1, area="east"),
        ("ready-limit", "limits.csv", 6, "area"),
    ),
    "ready above all pledges": (
        limit(measure="ready", minimum="1000", nation="ITA"),
        ("floor-above-pledges", "limits.csv", 6, "minimum"),
    ),
    "burden limit per period": (limit(measure="burden_gap", maximum=2), ("burden-limit", "limits.csv", 6, "per")),
    "burden limit with floor": (
        limit(measure="burden_gap", minimum=2, per="horizon"),
        ("burden-limit", "limits.csv", 6, "minimum"),
    ),
    "burden limit of a nation": (
        limit(measure="burden_gap", maximum=2, per="horizon", nation="FRA"),
        ("burden-limit", "limits.csv", 6, "nation"),
    ),
    "burden limit without keys": (
        both(
            lambda files: [put(files, "nations", number, fair_share="") for number in (2, 3, 4)] and None,
            header('name = "burden_gap"', 'name = "cost"'),
        ),
        ("burden-without-fair-share", "limits.csv", 5, "measure"),
    ),
    "link to itself": (link(kind="needs", nation="ITA", other="ITA"), ("self-link", "links.csv", 5, "other")),
    "how many": (
        link(kind="at_least", nation="POL", other="south"),
        ("at-least-without-count", "links.csv", 5, "count"),
    ),
    "at least of a nation": (
        link(kind="at_least", nation="POL", other="ITA", count=1),
        ("at-least-without-group", "links.csv", 5, "other"),
    ),
    "more than the group": (
        link(kind="at_least", nation="FRA", other="south", count=2),
        ("count-above-group", "links.csv", 5, "count"),
    ),
    "route in a circle": (
        row("routes", origin="west", destination="west"),
        ("self-route", "routes.csv", 4, "destination"),
    ),
    # scenarios
    "probabilities": (
        cell("scenarios", 2, probability="0.5"),
        ("probabilities-sum", "scenarios.csv", None, "probability"),
    ),
    "probability missing": (
        cell("scenarios", 3, probability=""),
        ("probability-missing", "scenarios.csv", 3, "probability"),
    ),
    "condition twice": (
        row("scenario_conditions", scenario="calm", condition="truce", holds="false"),
        ("condition-twice", "scenario_conditions.csv", 3, "holds"),
    ),
    "change of what table": (
        change(table="pledge", key="x", column="quantity", value=1),
        ("change-table", "changes.csv", 4, "table"),
    ),
    "change of a scenario": (
        change(table="scenarios", key="calm", column="probability", value=1),
        ("change-table", "changes.csv", 4, "table"),
    ),
    "change of what row": (
        change(table="pledges", key="ITA-tem", column="tour", value=1),
        ("change-key", "changes.csv", 4, "key"),
    ),
    "change of what column": (
        change(table="pledges", key="POL-bn", column="quality", value=1),
        ("change-column", "changes.csv", 4, "column"),
    ),
    "change of a key": (
        change(table="pledges", key="POL-bn", column="pledge", value="x"),
        ("change-column", "changes.csv", 4, "column"),
    ),
    "change by value and factor": (
        change(table="pledges", key="POL-bn", column="quantity", value=1, factor=2),
        ("change-twice", "changes.csv", 4, "factor"),
    ),
    "change by nothing": (
        change(table="pledges", key="POL-bn", column="quantity"),
        ("change-without-value", "changes.csv", 4, "value"),
    ),
    "factor on text": (
        change(table="pledges", key="POL-bn", column="tags", factor=2),
        ("change-factor", "changes.csv", 4, "factor"),
    ),
    "factor on blank": (
        change(table="pledges", key="POL-bn", column="cost", factor=2),
        ("change-factor", "changes.csv", 4, "factor"),
    ),
    "changed to no number": (
        change(table="pledges", key="POL-bn", column="quantity", value="two"),
        ("change-value", "changes.csv", 4, "value"),
    ),
    "changed to a stranger": (
        change(table="pledges", key="POL-bn", column="nation", value="PLO"),
        ("unknown-nation", "changes.csv", 4, "value"),
    ),
    "change twice": (
        row("changes", scenario="storm", table="pledges", key="ITA-team", column="quantity", value=1),
        ("duplicate-key", "changes.csv", 4, "scenario"),
    ),
    "changed into a contradiction": (
        change(table="requirements", key="train-west", column="threshold", value=1000),
        ("threshold-above-target", "changes.csv", 4, "value"),
    ),
    # header
    "unknown key": (header("title", "titel"), ("unknown-key", TOML, None, "titel")),
    "unknown section": (header("[solver]", "[sovler]"), ("unknown-key", TOML, None, "sovler")),
    "unknown key of a section": (header("months", "month"), ("unknown-key", TOML, None, "periods.month")),
    "no section": (
        text(TOML, lambda t: "solver = 5\n" + t.replace("[solver]\ntime_limit = 60\n", "")),
        ("header-type", TOML, None, "solver"),
    ),
    "newer format": (header("schema = 1", "schema = 99"), ("schema-newer", TOML, None, "schema")),
    "month": (header("2026-01", "January"), ("month", TOML, None, "periods.first")),
    "periods": (header("count = 4", "count = 4.5"), ("not-whole", TOML, None, "periods.count")),
    "periods without end": (header("count = 4", "count = 1000000"), ("too-large", TOML, None, "periods.count")),
    "limit that is no number": (
        header("time_limit = 60", "time_limit = nan"),
        ("not-finite", TOML, None, "solver.time_limit"),
    ),
    "unknown aim": (header('"changes"', '"chnges"'), ("choice", TOML, None, "aims.3.name")),
    "aim twice": (
        header('"changes"\npriority = 3\nweights = { FRA = 2.0 }', '"coverage"\npriority = 3'),
        ("duplicate-aim", TOML, None, "aims.3.name"),
    ),
    "aims as one": (
        text(TOML, lambda t: 'aims = "coverage"\n' + t[: t.index("[[aims]]")]),
        ("header-type", TOML, None, "aims"),
    ),
    "scope by what": (header("mission = ", "area = "), ("aim-scope", TOML, None, "aims.1.scope.area")),
    "scope on what": (header('"guarding"', '"gaurding"'), ("unknown-mission", TOML, None, "aims.1.scope.mission")),
    "weight of whom": (header("FRA = 2.0", "FRO = 2.0"), ("unknown-nation", TOML, None, "aims.3.weights")),
    "weights of what": (
        header('scope = { mission = "guarding" }', "weights = { FRA = 1 }"),
        ("aim-weights", TOML, None, "aims.1.weights"),
    ),
    "burden in company": (header("priority = 3", "priority = 2"), ("burden-level", TOML, None, "aims.2.priority")),
    "burden without keys": (
        both(
            lambda files: [put(files, "nations", number, fair_share="") for number in (2, 3, 4)] and None,
            lambda files: put_rows(
                files, "limits", [line for line in table_rows(files, "limits") if line[0] != "fair"]
            ),
        ),
        ("burden-without-fair-share", TOML, None, "aims.2.name"),
    ),
    # the whole
    "must, but nobody can": (
        both(
            row("capabilities", capability="lift"),
            row(
                "requirements",
                requirement="x",
                mission="training",
                area="west",
                capability="lift",
                threshold=1,
                target=2,
            ),
            cell("posts", 3, must="true"),
        ),
        ("must-unservable", "posts.csv", 3, "must"),
    ),
    "nobody willing to lead": (
        cell("participation", 2, may_lead="false"),
        ("lead-nobody-willing", "posts.csv", 2, "lead"),
    ),
    "too few nations where they must be": (
        cell("posts", 2, min_nations="3", max_nations="3"),
        ("min-nations-unreachable", "posts.csv", 2, "min_nations"),
    ),
    "enabler without yield": (
        both(
            row("capabilities", capability="lift"),
            row("enablers", enabler="move", capability="lift", per_personnel="0.1"),
        ),
        ("enabler-unserved", "enablers.csv", 3, "capability"),
    ),
    "enabler without line": (
        both(
            row("capabilities", capability="lift"),
            row("yields", unit_type="team", capability="lift", amount=1),
            row("enablers", enabler="move", capability="lift", per_personnel="0.1"),
        ),
        ("enabler-unserved", "enablers.csv", 3, "capability"),
    ),
    # rules that no plan keeps
    "floor above all pledges": (
        limit(measure="personnel", minimum="1000", nation="ITA"),
        ("floor-above-pledges", "limits.csv", 6, "minimum"),
    ),
    "more nations than there are": (
        limit(measure="nations", minimum="3", area="east"),
        ("floor-above-pledges", "limits.csv", 6, "minimum"),
    ),
    "more posts than there are": (
        limit(measure="posts", minimum="4"),
        ("floor-above-pledges", "limits.csv", 6, "minimum"),
    ),
    "floor above the cap of the same nation": (
        both(cell("nations", 2, max_personnel="1500"), limit(measure="personnel", minimum="1600", nation="FRA")),
        ("limits-contradict", "limits.csv", 6, "minimum"),
    ),
    "contingents of the fewest nations above the cap of the post": (
        both(
            cell("posts", 2, min_nations="2", max_personnel="650"),
            cell("nations", 4, min_contingent="620"),
            cell("pledges", 4, condition=""),
        ),
        ("contingents-above-cap", "posts.csv", 2, "min_nations"),
    ),
    "lead that cannot come": (
        both(cell("participation", 2, nation="ITA", may_lead="true"), cell("posts", 2, min_nations="1")),
        ("lead-cannot-serve", "posts.csv", 2, "lead"),
    ),
}
WARNINGS: dict[str, tuple[Mutation, Expected]] = {
    "contingent above cap": (
        cell("nations", 4, min_contingent="900"),
        ("contingent-above-cap", "nations.csv", 4, "min_contingent"),
    ),
    "contingent above the pair's cap": (
        cell("participation", 3, min_contingent="600"),
        ("contingent-above-cap", "participation.csv", 3, "min_contingent"),
    ),
    "contingent that a scenario states, above cap": (
        change(table="participation", key="FRA/guarding/", column="min_contingent", value="2500"),
        ("contingent-above-cap", "participation.csv", 2, "min_contingent"),
    ),
    "out without tour": (
        cell("pledges", 4, deployed_at_start="1"),
        ("deployed-without-tour", "pledges.csv", 4, "deployed_at_start"),
    ),
    "lead unused": (cell("posts", 3, lead_term="2"), ("lead-unused", "posts.csv", 3, "lead")),
    "pair without line": (
        row("participation", nation="POL", mission="training", area="east", cost="1"),
        ("participation-without-line", "participation.csv", 5, "mission"),
    ),
    "count unused": (cell("links", 2, count="1"), ("count-unused", "links.csv", 2, "count")),
    "needs and excludes": (
        link(kind="excludes", nation="POL", other="FRA"),
        ("needs-and-excludes", "links.csv", 5, "kind"),
    ),
    "needs whom the other excludes": (
        link(kind="excludes", nation="FRA", other="POL"),
        ("needs-and-excludes", "links.csv", 5, "kind"),
    ),
    "needs a group of which it excludes one": (
        both(
            row("groups", group="pair", nation="FRA"),
            row("groups", group="pair", nation="ITA"),
            cell("links", 2, other="pair"),
            link(kind="excludes", nation="POL", other="ITA"),
        ),
        ("needs-and-excludes", "links.csv", 5, "kind"),
    ),
    "needs, over two links, whom it excludes": (
        both(
            row("links", link="on", kind="needs", nation="FRA", other="ITA"),
            link(kind="excludes", nation="ITA", other="POL"),
        ),
        ("needs-and-excludes", "links.csv", 6, "kind"),
    ),
    "needs two who exclude each other": (
        both(
            row("links", link="on", kind="needs", nation="POL", other="ITA"),
            link(kind="excludes", nation="ITA", other="FRA"),
            cell("instruments", 2, sponsors="FRA"),
        ),
        ("needs-and-excludes", "links.csv", 6, "kind"),
    ),
    "needs at one place whom it excludes anywhere": (
        both(cell("links", 2, area="west"), link(kind="excludes", nation="POL", other="FRA")),
        ("needs-and-excludes", "links.csv", 5, "kind"),
    ),
    "needs all of a group of whom two exclude each other": (
        both(
            cell("links", 4, count="2", condition=""),
            cell("links", 2, other="ITA"),
            link(kind="excludes", nation="FRA", other="ITA", area="west"),
            cell("instruments", 2, sponsors="FRA"),
        ),
        ("needs-and-excludes", "links.csv", 5, "kind"),
    ),
    "sponsors who exclude each other": (
        link(kind="excludes", nation="FRA", other="ITA"),
        ("sponsors-apart", "instruments.csv", 2, "sponsors"),
    ),
    "link to a group of nobody else": (
        both(row("groups", group="alone", nation="ITA"), link(kind="needs", nation="ITA", other="alone")),
        ("link-without-partner", "links.csv", 5, "other"),
    ),
    "link that binds nobody": (
        link(kind="needs", nation="!FRA;!ITA;!POL", other="FRA"),
        ("selects-nobody", "links.csv", 5, "nation"),
    ),
    "link where nothing is asked for": (
        link(kind="needs", nation="FRA", other="ITA", area="home"),
        ("link-without-post", "links.csv", 5, "area"),
    ),
    "limit of nobody": (
        limit(measure="units", maximum="1", nation="POL", group="south"),
        ("selects-nobody", "limits.csv", 6, "nation"),
    ),
    "cap below every unit": (
        cell("nations", 4, max_personnel="500"),
        ("cap-below-unit", "nations.csv", 4, "max_personnel"),
    ),
    "cap of a limit below every unit": (
        limit(measure="personnel", maximum="20", unit_type="medics"),
        ("cap-below-unit", "limits.csv", 6, "maximum"),
    ),
    "share of everything": (
        limit(measure="units_share", maximum="0.5"),
        ("share-of-everything", "limits.csv", 6, "maximum"),
    ),
    "contingent above the cap of the area": (
        both(cell("participation", 3, min_contingent="100"), cell("areas", 2, max_personnel="90")),
        ("contingent-above-cap", "participation.csv", 3, "min_contingent"),
    ),
    "fewer nations than the largest share asks for": (
        row("posts", mission="guarding", area="east", max_share="0.4"),
        ("shares-below-whole", "posts.csv", 4, "max_share"),
    ),
    "support that needs more than it gives": (
        both(cell("enablers", 2, applies_to="", per_personnel="0.5"), without("posts")),
        ("enabler-feeds-itself", "enablers.csv", 2, "per_personnel"),
    ),
    "route that carries nothing": (
        both(cell("routes", 2, capacity="0"), cell("unit_types", 3, lift="5"), cell("unit_types", 3, sustainment="1")),
        ("no-way", "nations.csv", 3, "gateway"),
    ),
    "route too narrow for one unit": (
        both(cell("routes", 2, capacity="5"), cell("unit_types", 3, lift="5"), cell("unit_types", 3, sustainment="1")),
        ("way-too-narrow", "nations.csv", 3, "gateway"),
    ),
    "instrument where nothing is asked for": (
        row("instrument_yields", instrument="guarantee", area="home", capability="guard", amount="1"),
        ("yield-without-line", "instrument_yields.csv", 3, "capability"),
    ),
    "burden that cannot be shared so": (
        cell("limits", 5, maximum="0.9"),
        ("burden-unreachable", "limits.csv", 5, "maximum"),
    ),
    "needs a nation that can come nowhere": (
        both(row("nations", nation="LUX", gateway="home"), link(kind="needs", nation="FRA", other="LUX")),
        ("link-cannot-hold", "links.csv", 5, "other"),
    ),
    "needs a nation that can come, but not there": (
        link(kind="needs", nation="FRA", other="ITA", mission="guarding"),
        ("link-cannot-hold", "links.csv", 5, "other"),
    ),
    "at least two of whom one can come": (
        both(
            row("nations", nation="LUX", gateway="home"),
            row("groups", group="north", nation="LUX"),
            row("groups", group="north", nation="ITA"),
            link(kind="at_least", nation="POL", other="north", count="2"),
        ),
        ("link-cannot-hold", "links.csv", 5, "other"),
    ),
    "sponsor that can come nowhere": (
        both(row("nations", nation="LUX", gateway="home"), cell("instruments", 2, sponsors="FRA;LUX")),
        ("sponsor-cannot-serve", "instruments.csv", 2, "sponsors"),
    ),
    "gateway without a way": (
        both(
            row("areas", area="island"),
            row("nations", nation="LUX", gateway="island", fair_share="1"),
            row("unit_types", unit_type="convoy", lift="50", personnel="10", cost="1"),
            row("yields", unit_type="convoy", capability="train", amount="1"),
            row("pledges", pledge="LUX-convoy", nation="LUX", unit_type="convoy", quantity="1"),
        ),
        ("no-way", "nations.csv", 5, "gateway"),
    ),
    "contingent that no pledges make up": (
        cell("nations", 3, min_contingent="200"),
        ("contingent-above-pledges", "nations.csv", 3, "min_contingent"),
    ),
    "contingent of the pair that no pledges make up": (
        cell("participation", 3, min_contingent="200"),
        ("contingent-above-pledges", "participation.csv", 3, "min_contingent"),
    ),
    "shares that do not make up the whole": (
        cell("posts", 2, max_share="0.4"),
        ("shares-below-whole", "posts.csv", 2, "max_share"),
    ),
    "magnitude": (
        row("unit_types", unit_type="drone", cost="0.0001"),
        ("magnitude", "unit_types.csv", 2, "cost"),
    ),
    "name that no selector can hold": (row("areas", area="a;b"), ("not-selectable", "areas.csv", 5, "area")),
    "line that nobody can serve": (
        both(
            row("capabilities", capability="lift"),
            row("requirements", requirement="x", mission="training", area="west", capability="lift", target=1),
        ),
        ("unserved-line", "requirements.csv", 8, "requirement"),
    ),
    "must, but nobody can in one scenario": (
        both(
            caveat(mission="training", capability="train", rule="forbid", condition="backing"),
            cell("instruments", 2, sponsors="FRA"),
            change(table="posts", key="training/west", column="must", value="true"),
        ),
        ("must-unservable-in-scenario", "posts.csv", 3, "must"),
    ),
    "mission without line": (
        row("missions", mission="resting"),
        ("mission-without-line", "missions.csv", 4, "mission"),
    ),
    "condition that never holds": (
        both(
            row("conditions", condition="vote"),
            row("instruments", instrument="loan", condition="vote"),
            row("instrument_yields", instrument="loan", capability="heal", amount=1),
        ),
        ("condition-never-true", "conditions.csv", 4, "condition"),
    ),
    "instrument without yield": (
        row("instruments", instrument="loan"),
        ("instrument-without-yield", "instruments.csv", 3, "instrument"),
    ),
    "too few nations": (
        cell("posts", 2, must="false", min_nations="3", max_nations="3"),
        ("min-nations-unreachable", "posts.csv", 2, "min_nations"),
    ),
    "tag that nobody bears": (
        cell("enablers", 2, applies_to="heavy;amphibious"),
        ("unknown-tag", "enablers.csv", 2, "applies_to"),
    ),
    "no gateway": (cell("nations", 3, gateway=""), ("no-gateway", "nations.csv", 3, "gateway")),
    "support nowhere near": (
        lambda files: put_rows(
            files, "requirements", [line for line in table_rows(files, "requirements") if line[0] != "heal-east"]
        ),
        ("enabler-without-line", "enablers.csv", 2, "scope"),
    ),
    "soft support that nothing gives": (
        both(
            row("capabilities", capability="lift"),
            row("enablers", enabler="move", capability="lift", per_personnel="0.1", hard="false"),
        ),
        ("enabler-unserved", "enablers.csv", 3, "capability"),
    ),
    "pledge that can serve nothing": (
        both(
            row("unit_types", unit_type="band", personnel="30"),
            row("pledges", pledge="FRA-band", nation="FRA", unit_type="band", quantity="1"),
        ),
        ("idle-pledge", "pledges.csv", 6, "pledge"),
    ),
}


def _told(files: Files, folder: Path) -> list[tuple[str, str, str, int | None, str | None]]:
    _, findings = examine(read_raw(write(files, folder)))
    return [(finding.severity, finding.code, finding.place, finding.row, finding.column) for finding in findings]


def test_the_base_has_no_finding(tmp_path: Path) -> None:
    """What the mutations start from has neither errors nor warnings."""
    assert _told(base_files(), tmp_path / "base") == []


def test_a_contingent_that_only_a_scenario_states_is_fine(tmp_path: Path) -> None:
    """What a scenario writes into a blank cell is looked at as it is there."""
    files = base_files()
    change(table="participation", key="FRA/guarding/", column="min_contingent", value="30")(files)
    assert _told(files, tmp_path / "changed") == []


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_is_told_once(name: str, tmp_path: Path) -> None:
    """A broken instance gives its one expected error with place, row and column, and nothing else."""
    mutate, (code, place, number, column) = ERRORS[name]
    files = base_files()
    mutate(files)
    folder = tmp_path / "broken"
    told = _told(files, folder)
    assert told == [("error", code, place or str(folder), number, column)]
    with pytest.raises(InvalidInstance) as caught:
        read_instance(folder)
    assert len(caught.value.findings) == 1
    finding = caught.value.findings[0]
    assert finding.message.endswith(".")
    assert finding.remedy.endswith((".", "?"))


@pytest.mark.parametrize("name", WARNINGS)
def test_each_warning_is_told_once(name: str, tmp_path: Path) -> None:
    """A doubtful instance is read, and gives its one expected warning with place, row and column."""
    mutate, (code, place, number, column) = WARNINGS[name]
    files = base_files()
    mutate(files)
    assert _told(files, tmp_path / "doubtful") == [("warning", code, place, number, column)]
    again = check_instance(read_instance(tmp_path / "doubtful"))
    assert [(finding.code, finding.place, finding.row) for finding in again] == [(code, place, number)]


def test_a_link_to_itself_is_told_in_plain_words(tmp_path: Path) -> None:
    """Whoever is bound to themselves reads which nation it is, and what to do."""
    files = base_files()
    ERRORS["link to itself"][0](files)
    _, findings = examine(read_raw(write(files, tmp_path / "broken")))
    assert [finding.message for finding in findings] == ["the link binds 'ITA' to itself."]
    assert findings[0].remedy == "Name another nation or a group."


def test_kinds_of_faults_are_many() -> None:
    """At least forty-five different codes are covered here."""
    codes = {expected[0] for _, expected in (*ERRORS.values(), *WARNINGS.values())}
    assert len(codes) >= 45


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    """Faults of cells, names, rows and the header are shown at once, not one after the other."""
    files = base_files()
    for name in (
        "no number",
        "unknown sponsor",
        "threshold above target",
        "unknown key",
        "unknown file",
        "probabilities",
    ):
        ERRORS[name][0](files)
    told = {code for _, code, *_ in _told(files, tmp_path / "broken")}
    assert told == {
        "number",
        "unknown-nation",
        "threshold-above-target",
        "unknown-key",
        "unknown-table",
        "probabilities-sum",
    }


def test_names_that_are_near_are_proposed(tmp_path: Path) -> None:
    """A misspelt name comes with the name that was probably meant."""
    files = base_files()
    put(files, "pledges", 4, nation="PLO")
    with pytest.raises(InvalidInstance, match="Did you mean 'POL'"):
        read_instance(write(files, tmp_path / "broken"))


def test_a_thousand_faults_are_counted_not_listed(tmp_path: Path) -> None:
    """Of many findings of one kind the first are shown, and the rest are counted."""
    rows = "".join(f"P{number},FRA,battalion,-1\n" for number in range(5_000))
    files = {**base_files(), "pledges.csv": "pledge,nation,unit_type,quantity\n" + rows}
    _, findings = examine(read_raw(write(files, tmp_path / "broken")))
    negative = [finding for finding in findings if finding.code == "negative"]
    assert len(negative) == 21
    assert negative[0].row == 2
    assert "4,980 more" in negative[-1].message
