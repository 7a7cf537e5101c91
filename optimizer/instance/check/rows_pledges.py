"""Rows of pledges that contradict themselves."""

from __future__ import annotations

from optimizer.instance.check.row_checks import RowChecks


def pledges(checks: RowChecks) -> None:
    """Rotation is stated once and whole; not more units are out than there are."""
    single = checks.draft.header.periods == 1 and checks.draft.horizon_known
    for index, row in checks.rows("pledges"):
        if row["dwell"] is not None and row["tour"] is None:
            checks.error(
                "dwell-without-tour",
                "pledges",
                index,
                "dwell",
                "a dwell without a tour.",
                "State the tour, or leave the dwell out.",
            )
        if row["tour"] is not None and row["rotation_factor"] is not None:
            checks.error(
                "tour-and-factor",
                "pledges",
                index,
                "rotation_factor",
                "both a tour and a rotation factor.",
                "State either tour and dwell, or the factor.",
            )
        out = row["deployed_at_start"]
        if row["quantity"] is not None and out > row["quantity"]:
            checks.error(
                "deployed-above-quantity",
                "pledges",
                index,
                "deployed_at_start",
                f"{out} units are deployed at the start, of {row['quantity']}.",
                "Lower the number, or raise the quantity.",
            )
        elif out and (single or row["tour"] is None):
            why = "the instance has one period" if single else "the pledge has no tour"
            checks.warning(
                "deployed-without-tour",
                "pledges",
                index,
                "deployed_at_start",
                f"it changes nothing, because {why}.",
                "State a tour, or lower the quantity instead.",
            )
