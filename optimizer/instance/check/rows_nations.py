"""Rows of nations, groups, links and participation that contradict themselves."""

from __future__ import annotations

from collections import defaultdict

from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.instance import Row
from optimizer.instance.selectors import parse_selector


def nations(checks: RowChecks) -> None:
    """A nation's smallest contingent fits under its cap."""
    for index, row in checks.rows("nations"):
        if row["max_personnel"] is not None and row["min_contingent"] > row["max_personnel"]:
            checks.warning(
                "contingent-above-cap",
                "nations",
                index,
                "min_contingent",
                f"the smallest contingent, {row['min_contingent']:g}, is above the cap of {row['max_personnel']:g}: the nation can serve nowhere.",
                "Lower one, or raise the other.",
            )


def participation(checks: RowChecks) -> None:
    """A pair's smallest contingent fits under its cap; a pair with mission and area is a post."""
    lines = {(row["mission"], row["area"]) for row in checks.draft.rows.get("requirements", [])}
    for index, row in checks.rows("participation"):
        if (
            row["max_personnel"] is not None
            and row["min_contingent"] is not None
            and row["min_contingent"] > row["max_personnel"]
        ):
            checks.warning(
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
            named = row["mission"] in (checks.known["missions"] or ()) and row["area"] in (checks.known["areas"] or ())
            if named:
                checks.warning(
                    "participation-without-line",
                    "participation",
                    index,
                    "mission",
                    f"no requirement line asks for anything at {row['mission']}/{row['area']}.",
                    "Correct the pair, or remove the row.",
                )


def groups(checks: RowChecks) -> None:
    """No group bears the name of a nation."""
    nations = checks.known["nations"] or frozenset()
    reported = set()
    for index, row in checks.rows("groups"):
        if row["group"] in nations and row["group"] not in reported:
            reported.add(row["group"])
            checks.error(
                "group-is-nation",
                "groups",
                index,
                "group",
                f"{row['group']!r} is also a nation.",
                "Rename the group.",
            )


def links(checks: RowChecks) -> None:
    """Each link has what its kind needs."""
    nations = checks.known["nations"] or frozenset()
    members: dict[str, set[str]] = defaultdict(set)
    for row in checks.draft.rows.get("groups", []):
        members[row["group"]].add(row["nation"])
    for index, row in checks.rows("links"):
        bound, other, kind = parse_selector(row["nation"]), row["other"], row["kind"]
        if other in bound.included:
            checks.error(
                "self-link",
                "links",
                index,
                "other",
                f"the link binds {other!r} to itself.",
                "Name another nation or a group.",
            )
        if kind == "at_least":
            _at_least(checks, index, row, members, nations)
            continue
        if row["count"] is not None:
            checks.warning(
                "count-unused",
                "links",
                index,
                "count",
                f"the kind {kind!r} takes no count.",
                "Write at_least, or empty the cell.",
            )


def _at_least(checks: RowChecks, index: int, row: Row, members: dict[str, set[str]], nations: frozenset[str]) -> None:
    other, count = row["other"], row["count"]
    if count is None:
        checks.error(
            "at-least-without-count",
            "links",
            index,
            "count",
            "the kind is at_least, but no count is given.",
            "Fill in how many.",
        )
    if other is not None and other not in members:
        if other in nations:
            checks.error(
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
            checks.error(
                "count-above-group",
                "links",
                index,
                "count",
                f"at least {count} of {other!r}, which has {size} nations besides the one that is bound.",
                "Lower the count, or enlarge the group.",
            )
