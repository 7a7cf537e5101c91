"""Rows of caveats and limits that lack a half, or hold one that they do not use."""

from __future__ import annotations

from typing import Final

from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.instance import Row

SHARES: Final = ("fulfilment", "personnel_share", "cost_share", "units_share")
_SELECTORS: Final = ("nation", "group", "mission", "area", "host", "unit_type", "tag", "domain", "capability")


def caveats(checks: RowChecks) -> None:
    """Each kind of caveat has what it needs, and nothing that it would not use."""
    for index, row in checks.rows("caveats"):
        rule = row["rule"]
        if rule == "limit":
            if row["measure"] is None:
                checks.error(
                    "caveat-without-measure",
                    "caveats",
                    index,
                    "measure",
                    "the rule is `limit`, but no measure is given.",
                    "Fill in what is limited, for example personnel.",
                )
            if row["maximum"] is None:
                checks.error(
                    "caveat-without-maximum",
                    "caveats",
                    index,
                    "maximum",
                    "the rule is `limit`, but no maximum is given.",
                    "Fill it in.",
                )
        elif rule is not None and (row["measure"] is not None or row["maximum"] is not None):
            column = "measure" if row["measure"] is not None else "maximum"
            checks.error(
                "caveat-with-measure",
                "caveats",
                index,
                column,
                f"the rule is `{rule}`, which takes no measure and no maximum.",
                "Write limit as the rule, or empty the cells.",
            )
        if rule == "unless" and row["condition"] is None:
            checks.error(
                "unless-without-condition",
                "caveats",
                index,
                "condition",
                "the rule is `unless`, but no condition is given.",
                "Name the condition, or write forbid.",
            )


def limits(checks: RowChecks) -> None:
    """Each limit has a floor or a cap in the right order, and suits its measure."""
    for index, row in checks.rows("limits"):
        _limit(checks, index, row)


def _limit(checks: RowChecks, index: int, row: Row) -> None:
    measure, minimum, maximum = row["measure"], row["minimum"], row["maximum"]
    if minimum is None and maximum is None:
        checks.error(
            "limit-without-bound",
            "limits",
            index,
            "maximum",
            "neither a minimum nor a maximum.",
            "Fill in one of them.",
        )
    elif minimum is not None and maximum is not None and minimum > maximum:
        checks.error(
            "minimum-above-maximum",
            "limits",
            index,
            "minimum",
            f"the minimum {minimum:g} is above the maximum {maximum:g}.",
            "Exchange or correct them.",
        )
    given = [name for name in _SELECTORS if row[name] is not None]
    if measure in SHARES:
        _share_limit(checks, index, row, given)
    if measure == "fulfilment":
        _fulfilment_limit(checks, index, row, given)
    if measure == "burden_gap":
        _burden_limit(checks, index, row, given)
    if measure == "paid":
        _paid_limit(checks, index, row, given)
    if measure == "ready":
        _ready_limit(checks, index, row, given)


def _share_limit(checks: RowChecks, index: int, row: Row, given: list[str]) -> None:
    measure, minimum, maximum = row["measure"], row["minimum"], row["maximum"]
    for column, share in (("minimum", minimum), ("maximum", maximum)):
        if share is not None and share > 1 and not (measure == "fulfilment" and column == "maximum"):
            checks.error(
                "share-above-one",
                "limits",
                index,
                column,
                f"{share:g} is above 1, and {measure} is a share.",
                "Write one half as 0.5.",
            )
    if measure != "fulfilment" and maximum is not None and maximum < 1 and not given:
        checks.warning(
            "share-of-everything",
            "limits",
            index,
            "maximum",
            f"nothing is selected, and the whole is more than {maximum:g} of itself: nobody can deploy.",
            "Name whose share it is.",
        )


def _fulfilment_limit(checks: RowChecks, index: int, row: Row, given: list[str]) -> None:
    if row["maximum"] is not None:
        checks.error(
            "fulfilment-maximum",
            "limits",
            index,
            "maximum",
            "fulfilment takes a minimum only.",
            "Empty the cell.",
        )
    for name in given:
        if name not in {"mission", "area", "host", "capability"}:
            checks.error(
                "fulfilment-selector",
                "limits",
                index,
                name,
                f"fulfilment belongs to requirement lines, and they have no {name.replace('_', ' ')}.",
                "Empty the cell.",
            )


def _paid_limit(checks: RowChecks, index: int, row: Row, given: list[str]) -> None:
    faults = [("per", "it holds over the horizon only")] if row["per"] != "horizon" else []
    faults += [(name, "it takes no window") for name in ("from", "until") if row[name] is not None]
    faults += [
        (name, f"nations pay, and {name.replace('_', ' ')} selects no nation")
        for name in given
        if name not in {"nation", "group"}
    ]
    for column, message in faults:
        checks.error(
            "paid-limit",
            "limits",
            index,
            column,
            f"the measure is paid: {message}.",
            "Write horizon." if column == "per" else "Empty the cell.",
        )


def _ready_limit(checks: RowChecks, index: int, row: Row, given: list[str]) -> None:
    faults = [("maximum", "it takes a minimum only")] if row["maximum"] is not None else []
    if row["per"] == "horizon":
        faults.append(("per", "it holds in each period"))
    faults += [
        (name, f"units at home are in no {'place' if name == 'host' else name}")
        for name in given
        if name in {"mission", "area", "host", "capability"}
    ]
    for column, message in faults:
        checks.error(
            "ready-limit",
            "limits",
            index,
            column,
            f"the measure is ready: {message}.",
            "Write period, or leave it blank." if column == "per" else "Empty the cell.",
        )


def _burden_limit(checks: RowChecks, index: int, row: Row, given: list[str]) -> None:
    if (
        "nations" in checks.draft.rows
        and "nations" not in checks.draft.broken
        and not any(nation["fair_share"] for nation in checks.draft.rows["nations"])
    ):
        checks.error(
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
        checks.error(
            "burden-limit",
            "limits",
            index,
            column,
            f"the measure is burden_gap: {message}.",
            "Write horizon." if column == "per" else "Empty the cell.",
        )
