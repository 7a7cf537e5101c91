"""Checks that need one row, or one table and the names in another: contradictions, missing halves, impossible numbers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from optimizer.instance.attributes import TABLES, Attribute
from optimizer.instance.cells import CellError, did_you_mean, is_blank, parse_cell
from optimizer.instance.check.references import Known, _wrongly_named
from optimizer.instance.findings import SHOWN
from optimizer.instance.scenario import apply_factor, is_rounded, rounding_in_words, row_key
from optimizer.instance.selectors import parse_selector

if TYPE_CHECKING:
    from optimizer.instance.draft import Draft
    from optimizer.instance.instance import Row

SHARES: Final = ("fulfilment", "personnel_share", "cost_share", "units_share")
UNCHANGEABLE: Final = ("conditions", "scenarios", "scenario_conditions", "changes")
"""Tables that make the scenarios, and that a scenario therefore cannot change."""

_SELECTORS: Final = ("nation", "group", "mission", "area", "host", "unit_type", "tag", "domain", "capability")
_MAGNITUDE: Final = 1e4


class RowChecks:
    """The checks of a draft, row by row; rows with a cell that could not be read are left out."""

    def __init__(self, draft: Draft, known: Known, unsound: set[tuple[str, int]]) -> None:
        self.draft, self.known, self.unsound = draft, known, unsound
        self.error, self.warning = draft.notes.error, draft.notes.warning

    def rows(self, table: str) -> Iterator[tuple[int, Row]]:
        """The rows of a table that could be read whole, with their indices."""
        if table not in self.draft.broken:
            for index, row in enumerate(self.draft.rows.get(table, [])):
                if (table, index) not in self.unsound:
                    yield index, row

    def run(self) -> None:
        """All of them."""
        self.windows()
        self.nations()
        self.pledges()
        self.requirements()
        self.posts()
        self.participation()
        self.caveats()
        self.limits()
        self.groups()
        self.links()
        self.routes()
        self.magnitudes()

    def run_scenarios(self) -> None:
        """Those of the tables that make the scenarios."""
        self.conditions()
        self.probabilities()
        self.changes()

    def windows(self) -> None:
        """`from` and `until` lie in the horizon, in this order."""
        horizon = self.draft.header.periods
        for table in TABLES:
            if "until" not in TABLES[table].by_name or not self.draft.horizon_known:
                continue
            for index, row in self.rows(table):
                first, last = row["from"], row["until"]
                outside = False
                for column, period in (("from", first), ("until", last)):
                    if period is not None and period > horizon:
                        outside = True
                        self.error(
                            "outside-horizon",
                            table,
                            index,
                            column,
                            f"period {period} is after the last period, {horizon}.",
                            f"Write 1 to {horizon}, or leave it blank.",
                        )
                if not outside and first is not None and last is not None and first > last:
                    self.error(
                        "empty-window",
                        table,
                        index,
                        "from",
                        f"from {first} is after until {last}.",
                        "Exchange them, or leave one blank.",
                    )

    def nations(self) -> None:
        """A nation's smallest contingent fits under its cap."""
        for index, row in self.rows("nations"):
            if row["max_personnel"] is not None and row["min_contingent"] > row["max_personnel"]:
                self.warning(
                    "contingent-above-cap",
                    "nations",
                    index,
                    "min_contingent",
                    f"the smallest contingent, {row['min_contingent']:g}, is above the cap of {row['max_personnel']:g}: the nation can serve nowhere.",
                    "Lower one, or raise the other.",
                )

    def pledges(self) -> None:
        """Rotation is stated once and whole; not more units are out than there are."""
        single = self.draft.header.periods == 1 and self.draft.horizon_known
        for index, row in self.rows("pledges"):
            if row["dwell"] is not None and row["tour"] is None:
                self.error(
                    "dwell-without-tour",
                    "pledges",
                    index,
                    "dwell",
                    "a dwell without a tour.",
                    "State the tour, or leave the dwell out.",
                )
            if row["tour"] is not None and row["rotation_factor"] is not None:
                self.error(
                    "tour-and-factor",
                    "pledges",
                    index,
                    "rotation_factor",
                    "both a tour and a rotation factor.",
                    "State either tour and dwell, or the factor.",
                )
            out = row["deployed_at_start"]
            if row["quantity"] is not None and out > row["quantity"]:
                self.error(
                    "deployed-above-quantity",
                    "pledges",
                    index,
                    "deployed_at_start",
                    f"{out} units are deployed at the start, of {row['quantity']}.",
                    "Lower the number, or raise the quantity.",
                )
            elif out and (single or row["tour"] is None):
                why = "the instance has one period" if single else "the pledge has no tour"
                self.warning(
                    "deployed-without-tour",
                    "pledges",
                    index,
                    "deployed_at_start",
                    f"it changes nothing, because {why}.",
                    "State a tour, or lower the quantity instead.",
                )

    def requirements(self) -> None:
        """Thresholds are not above targets."""
        for index, row in self.rows("requirements"):
            if row["target"] is not None and row["threshold"] > row["target"]:
                self.error(
                    "threshold-above-target",
                    "requirements",
                    index,
                    "threshold",
                    f"the threshold {row['threshold']:g} is above the target {row['target']:g}.",
                    "Lower the threshold, or raise the target.",
                )

    def posts(self) -> None:
        """A post's rules belong to a post, and do not contradict each other."""
        lines = {(row["mission"], row["area"]) for row in self.draft.rows.get("requirements", [])}
        complete = (
            "requirements" in self.draft.rows
            and not {table for table, _ in self.unsound} & {"requirements"}
            and "requirements" not in self.draft.broken
        )
        missions, areas = self.known["missions"], self.known["areas"]
        for index, row in self.rows("posts"):
            post = (row["mission"], row["area"])
            named = (missions is None or row["mission"] in missions) and (areas is None or row["area"] in areas)
            if complete and named and None not in post and post not in lines:
                self.error(
                    "post-without-line",
                    "posts",
                    index,
                    "mission",
                    f"no requirement line asks for anything at {'/'.join(post)}.",
                    "Add a line to requirements, or remove the row.",
                )
            if row["max_nations"] is not None and row["min_nations"] > row["max_nations"]:
                self.error(
                    "min-nations-above-max",
                    "posts",
                    index,
                    "min_nations",
                    f"at least {row['min_nations']} nations, but at most {row['max_nations']}.",
                    "Lower one, or raise the other.",
                )
            if row["max_nations"] and row["max_share"] is not None and row["max_nations"] * row["max_share"] < 1 - 1e-9:
                self.warning(
                    "shares-below-whole",
                    "posts",
                    index,
                    "max_share",
                    f"at most {row['max_nations']} nations with at most {row['max_share']:g} each do not make up the whole: no personnel can be there.",
                    "Raise one of the two.",
                )
            if row["lead"] == "required":
                if row["max_share"] is not None and row["lead_min_share"] > row["max_share"]:
                    self.error(
                        "lead-share-above-max",
                        "posts",
                        index,
                        "lead_min_share",
                        f"the lead brings at least {row['lead_min_share']:g}, but no nation may bring more than {row['max_share']:g}.",
                        "Lower one, or raise the other.",
                    )
            elif row["lead_min_share"] or row["lead_term"] is not None:
                self.warning(
                    "lead-unused",
                    "posts",
                    index,
                    "lead",
                    "the lead has a share or a term, but no lead is required.",
                    "Write lead = required, or empty the other cells.",
                )

    def participation(self) -> None:
        """A pair's smallest contingent fits under its cap; a pair with mission and area is a post."""
        lines = {(row["mission"], row["area"]) for row in self.draft.rows.get("requirements", [])}
        for index, row in self.rows("participation"):
            if (
                row["max_personnel"] is not None
                and row["min_contingent"] is not None
                and row["min_contingent"] > row["max_personnel"]
            ):
                self.warning(
                    "contingent-above-cap",
                    "participation",
                    index,
                    "min_contingent",
                    f"the smallest contingent, {row['min_contingent']:g}, is above the cap of {row['max_personnel']:g}: the nation cannot serve there.",
                    "Lower one, or raise the other.",
                )
            if (
                lines
                and row["mission"] is not None
                and row["area"] is not None
                and (row["mission"], row["area"]) not in lines
            ):
                named = row["mission"] in (self.known["missions"] or ()) and row["area"] in (self.known["areas"] or ())
                if named:
                    self.warning(
                        "participation-without-line",
                        "participation",
                        index,
                        "mission",
                        f"no requirement line asks for anything at {row['mission']}/{row['area']}.",
                        "Correct the pair, or remove the row.",
                    )

    def caveats(self) -> None:
        """Each kind of caveat has what it needs, and nothing that it would not use."""
        for index, row in self.rows("caveats"):
            rule = row["rule"]
            if rule == "limit":
                if row["measure"] is None:
                    self.error(
                        "caveat-without-measure",
                        "caveats",
                        index,
                        "measure",
                        "the rule is `limit`, but no measure is given.",
                        "Fill in what is limited, for example personnel.",
                    )
                if row["maximum"] is None:
                    self.error(
                        "caveat-without-maximum",
                        "caveats",
                        index,
                        "maximum",
                        "the rule is `limit`, but no maximum is given.",
                        "Fill it in.",
                    )
            elif rule is not None and (row["measure"] is not None or row["maximum"] is not None):
                column = "measure" if row["measure"] is not None else "maximum"
                self.error(
                    "caveat-with-measure",
                    "caveats",
                    index,
                    column,
                    f"the rule is `{rule}`, which takes no measure and no maximum.",
                    "Write limit as the rule, or empty the cells.",
                )
            if rule == "unless" and row["condition"] is None:
                self.error(
                    "unless-without-condition",
                    "caveats",
                    index,
                    "condition",
                    "the rule is `unless`, but no condition is given.",
                    "Name the condition, or write forbid.",
                )

    def limits(self) -> None:
        """Each limit has a floor or a cap in the right order, and suits its measure."""
        for index, row in self.rows("limits"):
            self._limit(index, row)

    def _limit(self, index: int, row: Row) -> None:
        measure, minimum, maximum = row["measure"], row["minimum"], row["maximum"]
        if minimum is None and maximum is None:
            self.error(
                "limit-without-bound",
                "limits",
                index,
                "maximum",
                "neither a minimum nor a maximum.",
                "Fill in one of them.",
            )
        elif minimum is not None and maximum is not None and minimum > maximum:
            self.error(
                "minimum-above-maximum",
                "limits",
                index,
                "minimum",
                f"the minimum {minimum:g} is above the maximum {maximum:g}.",
                "Exchange or correct them.",
            )
        given = [name for name in _SELECTORS if row[name] is not None]
        if measure in SHARES:
            for column, share in (("minimum", minimum), ("maximum", maximum)):
                if share is not None and share > 1 and not (measure == "fulfilment" and column == "maximum"):
                    self.error(
                        "share-above-one",
                        "limits",
                        index,
                        column,
                        f"{share:g} is above 1, and {measure} is a share.",
                        "Write one half as 0.5.",
                    )
            if measure != "fulfilment" and maximum is not None and maximum < 1 and not given:
                self.warning(
                    "share-of-everything",
                    "limits",
                    index,
                    "maximum",
                    f"nothing is selected, and the whole is more than {maximum:g} of itself: nobody can deploy.",
                    "Name whose share it is.",
                )
        if measure == "fulfilment":
            if maximum is not None:
                self.error(
                    "fulfilment-maximum",
                    "limits",
                    index,
                    "maximum",
                    "fulfilment takes a minimum only.",
                    "Empty the cell.",
                )
            for name in given:
                if name not in {"mission", "area", "host", "capability"}:
                    self.error(
                        "fulfilment-selector",
                        "limits",
                        index,
                        name,
                        f"fulfilment belongs to requirement lines, and they have no {name.replace('_', ' ')}.",
                        "Empty the cell.",
                    )
        if measure == "burden_gap":
            self._burden_limit(index, row, given)

    def _burden_limit(self, index: int, row: Row, given: list[str]) -> None:
        if (
            "nations" in self.draft.rows
            and "nations" not in self.draft.broken
            and not any(nation["fair_share"] for nation in self.draft.rows["nations"])
        ):
            self.error(
                "burden-without-fair-share",
                "limits",
                index,
                "measure",
                "burden_gap is limited, but no nation has a fair share.",
                "Fill the column fair_share of nations, or remove the row.",
            )
        faults = [("minimum", "it takes a maximum only")] if row["minimum"] is not None else []
        if row["per"] != "horizon":
            faults.append(("per", "it holds over the horizon only"))
        faults += [
            (name, "it takes no selector and no window")
            for name in (*given, *(name for name in ("from", "until") if row[name] is not None))
        ]
        for column, message in faults:
            self.error(
                "burden-limit",
                "limits",
                index,
                column,
                f"the measure is burden_gap: {message}.",
                "Write horizon." if column == "per" else "Empty the cell.",
            )

    def groups(self) -> None:
        """No group bears the name of a nation."""
        nations = self.known["nations"] or frozenset()
        told = set()
        for index, row in self.rows("groups"):
            if row["group"] in nations and row["group"] not in told:
                told.add(row["group"])
                self.error(
                    "group-is-nation",
                    "groups",
                    index,
                    "group",
                    f"{row['group']!r} is also a nation.",
                    "Rename the group.",
                )

    def links(self) -> None:
        """Each link has what its kind needs."""
        nations = self.known["nations"] or frozenset()
        members: dict[str, set[str]] = defaultdict(set)
        for row in self.draft.rows.get("groups", []):
            members[row["group"]].add(row["nation"])
        for index, row in self.rows("links"):
            bound, other, kind = parse_selector(row["nation"]), row["other"], row["kind"]
            if other in bound.included:
                self.error(
                    "self-link",
                    "links",
                    index,
                    "other",
                    f"the link binds {other!r} to itself.",
                    "Name another nation or a group.",
                )
            if kind == "at_least":
                self._at_least(index, row, members, nations)
                continue
            if row["count"] is not None:
                self.warning(
                    "count-unused",
                    "links",
                    index,
                    "count",
                    f"the kind {kind!r} takes no count.",
                    "Write at_least, or empty the cell.",
                )

    def _at_least(self, index: int, row: Row, members: dict[str, set[str]], nations: frozenset[str]) -> None:
        other, count = row["other"], row["count"]
        if count is None:
            self.error(
                "at-least-without-count",
                "links",
                index,
                "count",
                "the kind is at_least, but no count is given.",
                "Fill in how many.",
            )
        if other is not None and other not in members:
            if other in nations:
                self.error(
                    "at-least-without-group",
                    "links",
                    index,
                    "other",
                    f"the kind is at_least, but {other!r} is a nation.",
                    "Name a group, or write needs.",
                )
        elif count is not None and other is not None:
            bound = parse_selector(row["nation"])
            size = min(
                (len(members[other] - {nation}) for nation in nations if bound.matches(nation)),
                default=len(members[other]),
            )
            if count > size:
                self.error(
                    "count-above-group",
                    "links",
                    index,
                    "count",
                    f"at least {count} of {other!r}, which has {size} nations besides the one that is bound.",
                    "Lower the count, or enlarge the group.",
                )

    def routes(self) -> None:
        """No route leads to where it starts."""
        for index, row in self.rows("routes"):
            if row["origin"] is not None and row["origin"] == row["destination"]:
                self.error(
                    "self-route",
                    "routes",
                    index,
                    "destination",
                    "the route ends where it starts.",
                    "Correct one of the two areas.",
                )

    def magnitudes(self) -> None:
        """No column mixes numbers so far apart that the solver would lose the small ones: most often a wrong unit."""
        columns: list[tuple[str, str, str | None]] = [
            ("unit_types", name, None) for name in ("personnel", "cost", "lift", "sustainment", "escalation")
        ]
        columns += [("yields", "amount", "capability"), ("requirements", "target", "capability")]
        for table, column, by in columns:
            parts: dict[str, list[tuple[float, int]]] = defaultdict(list)
            for index, row in self.rows(table):
                if row[column]:
                    parts["" if by is None else str(row[by])].append((row[column], index))
            for part, numbers in parts.items():
                (least, low), (most, high) = min(numbers), max(numbers)
                if most / least > _MAGNITUDE:
                    of = f" of {part!r}" if part else ""
                    other = self.draft.notes.row(table, low)
                    self.warning(
                        "magnitude",
                        table,
                        high,
                        column,
                        f"{most:g}{of} is {most / least:,.0f} times as large as {least:g} in row {other}.",
                        "Check the unit of both.",
                    )

    def conditions(self) -> None:
        """No condition bears a name that cannot be written, and no scenario states one twice differently."""
        reserved = TABLES["scenarios"].by_name
        for index, row in self.rows("conditions"):
            name = row["condition"]
            if name is not None and (name in reserved or name.startswith("!")):
                self.error(
                    "condition-name",
                    "conditions",
                    index,
                    "condition",
                    f"a condition cannot be called {name!r}.",
                    "Rename it.",
                )
        stated = {row["scenario"]: row for _, row in self.rows("scenarios")}
        for index, row in self.rows("scenario_conditions"):
            short = stated.get(row["scenario"], {}).get(row["condition"])
            if isinstance(short, bool) and row["holds"] is not None and short != row["holds"]:
                self.error(
                    "condition-twice",
                    "scenario_conditions",
                    index,
                    "holds",
                    f"the table scenarios says {str(short).lower()}.",
                    "State it once.",
                )

    def probabilities(self) -> None:
        """All scenarios have a probability, together 1, or none has."""
        rows = list(self.rows("scenarios"))
        if len(rows) != len(self.draft.rows.get("scenarios", [])):
            return
        given = [row["probability"] for _, row in rows if row["probability"] is not None]
        if given and len(given) < len(rows):
            for index, row in rows:
                if row["probability"] is None:
                    self.error(
                        "probability-missing",
                        "scenarios",
                        index,
                        "probability",
                        "the scenario has no probability, but others have.",
                        "Fill it in for all, or for none.",
                    )
        elif given and abs(math.fsum(given) - 1) > 1e-6:
            self.error(
                "probabilities-sum",
                "scenarios",
                None,
                "probability",
                f"the probabilities sum to {math.fsum(given):g}, not to 1.",
                "Correct them.",
            )

    def changes(self) -> None:
        """Every change names a cell that is there, and says what becomes of it."""
        hinted = 0
        keys = {table: {row_key(table, row): row for row in rows} for table, rows in self.draft.rows.items()}
        for index, row in self.rows("changes"):
            if row["value"] is not None and row["factor"] is not None:
                self.error(
                    "change-twice", "changes", index, "factor", "both a value and a factor.", "Keep one of them."
                )
            elif row["value"] is None and row["factor"] is None:
                self.error(
                    "change-without-value",
                    "changes",
                    index,
                    "value",
                    "neither a value nor a factor.",
                    "Fill in one of them.",
                )
            table, key, column = row["table"], row["key"], row["column"]
            if table not in TABLES:
                self.error(
                    "change-table",
                    "changes",
                    index,
                    "table",
                    f"there is no table {table!r}.",
                    f"Correct the name.{did_you_mean(table, TABLES)}",
                )
            elif table in UNCHANGEABLE:
                self.error(
                    "change-table",
                    "changes",
                    index,
                    "table",
                    f"a scenario cannot change the table {table!r}.",
                    "Describe another scenario instead.",
                )
            elif table not in self.draft.broken:
                attribute = self._changed_column(index, table, column)
                found = keys.get(table, {}).get(key)
                if found is None:
                    hinted += 1
                    near = did_you_mean(key, keys.get(table, {}) if hinted <= SHOWN else ())
                    self.error(
                        "change-key",
                        "changes",
                        index,
                        "key",
                        f"{table} has no row {key!r}.",
                        f"Write the key of the row ({'/'.join(TABLES[table].key)}).{near}",
                    )
                elif attribute is not None:
                    self._changed_value(index, row, found, attribute)

    def _changed_column(self, index: int, table: str, column: str) -> Attribute | None:
        attribute = TABLES[table].by_name.get(column)
        if attribute is None:
            self.error(
                "change-column",
                "changes",
                index,
                "column",
                f"{table} has no column {column!r}.",
                f"Correct the name.{did_you_mean(column, TABLES[table].by_name)}",
            )
        elif column in TABLES[table].key:
            self.error(
                "change-column",
                "changes",
                index,
                "column",
                f"a scenario cannot change the key column {column!r}.",
                "Change another column.",
            )
            return None
        return attribute

    def _changed_value(self, index: int, row: Row, found: Row, attribute: Attribute) -> None:
        if row["factor"] is not None and row["value"] is None:
            old = found[attribute.name]
            if attribute.kind not in {"number", "integer", "period"}:
                self.error(
                    "change-factor",
                    "changes",
                    index,
                    "factor",
                    f"{attribute.name} is no number.",
                    "Give the new value instead.",
                )
            elif old is None:
                self.error(
                    "change-factor",
                    "changes",
                    index,
                    "factor",
                    f"{attribute.name} is blank there: nothing to multiply.",
                    "Give the new value instead.",
                )
            else:
                self._fits(index, attribute, apply_factor(attribute, old, row["factor"]), "factor")
                if is_rounded(attribute, old, row["factor"]):
                    self.warning(
                        "factor-rounded",
                        "changes",
                        index,
                        "factor",
                        f"{attribute.name} is a whole number: {rounding_in_words(attribute, old, row['factor'])}",
                        "If another number is meant, give it as the value.",
                    )
        elif row["value"] is not None and row["factor"] is None:
            self._fits(index, attribute, row["value"], "value")

    def _fits(self, index: int, attribute: Attribute, value: object, column: str) -> None:
        try:
            parsed = parse_cell(attribute, value)
        except CellError as fault:
            self.error("change-value", "changes", index, column, f"{attribute.name}: {fault.message}.", fault.remedy)
            return
        wrong = _wrongly_named(attribute, self.known) if isinstance(parsed, str) and not is_blank(parsed) else None
        for severity, code, message, remedy in wrong(str(parsed)) if wrong else ():
            note = self.error if severity == "error" else self.warning
            note(code, "changes", index, column, message, remedy)
