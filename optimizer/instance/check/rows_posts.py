"""Rows of requirements, posts and routes that contradict themselves."""

from __future__ import annotations

from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.instance import Row


def requirements(checks: RowChecks) -> None:
    """Thresholds are not above targets."""
    for index, row in checks.rows("requirements"):
        if row["target"] is not None and row["threshold"] > row["target"]:
            checks.error(
                "threshold-above-target",
                "requirements",
                index,
                "threshold",
                f"the threshold {row['threshold']:g} is above the target {row['target']:g}.",
                "Lower the threshold, or raise the target.",
            )


def posts(checks: RowChecks) -> None:
    """A post's rules belong to a post, and do not contradict each other."""
    lines = {(row["mission"], row["area"]) for row in checks.draft.rows.get("requirements", [])}
    complete = (
        "requirements" in checks.draft.rows
        and not {table for table, _ in checks.unsound} & {"requirements"}
        and "requirements" not in checks.draft.broken
    )
    missions, areas = checks.known["missions"], checks.known["areas"]
    for index, row in checks.rows("posts"):
        post = (row["mission"], row["area"])
        named = (missions is None or row["mission"] in missions) and (areas is None or row["area"] in areas)
        if complete and named and None not in post and post not in lines:
            checks.error(
                "post-without-line",
                "posts",
                index,
                "mission",
                f"no requirement line asks for anything at {'/'.join(post)}.",
                "Add a line to requirements, or remove the row.",
            )
        if row["max_nations"] is not None and row["min_nations"] > row["max_nations"]:
            checks.error(
                "min-nations-above-max",
                "posts",
                index,
                "min_nations",
                f"at least {row['min_nations']} nations, but at most {row['max_nations']}.",
                "Lower one, or raise the other.",
            )
        if row["max_nations"] and row["max_share"] is not None and row["max_nations"] * row["max_share"] < 1 - 1e-9:
            checks.warning(
                "shares-below-whole",
                "posts",
                index,
                "max_share",
                f"at most {row['max_nations']} nations with at most {row['max_share']:g} each do not make up the whole: no personnel can be there.",
                "Raise one of the two.",
            )
        _lead(checks, index, row)


def _lead(checks: RowChecks, index: int, row: Row) -> None:
    """The share and the term of a lead belong to a post that needs one, and fit under its largest share."""
    if row["lead"] == "required":
        if row["max_share"] is not None and row["lead_min_share"] > row["max_share"]:
            checks.error(
                "lead-share-above-max",
                "posts",
                index,
                "lead_min_share",
                f"the lead brings at least {row['lead_min_share']:g}, but no nation may bring more than {row['max_share']:g}.",
                "Lower one, or raise the other.",
            )
    elif row["lead_min_share"] or row["lead_term"] is not None:
        checks.warning(
            "lead-unused",
            "posts",
            index,
            "lead",
            "the lead has a share or a term, but no lead is required.",
            "Write lead = required, or empty the other cells.",
        )


def routes(checks: RowChecks) -> None:
    """No route leads to where it starts."""
    for index, row in checks.rows("routes"):
        if row["origin"] is not None and row["origin"] == row["destination"]:
            checks.error(
                "self-route",
                "routes",
                index,
                "destination",
                "the route ends where it starts.",
                "Correct one of the two areas.",
            )
