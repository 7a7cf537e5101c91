"""Rows of pledges that contradict themselves."""

from __future__ import annotations

from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.instance import Row


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
        _check_committed(checks, index, row, single=single)
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


def _check_committed(checks: RowChecks, index: int, row: Row, *, single: bool) -> None:
    """As many units as are committed can be out at a time, in every period."""
    least = row["committed"]
    if not least or row["quantity"] is None:
        return
    if least > row["quantity"]:
        message = f"{least} units are committed, of {row['quantity']}."
        checks.error(
            "committed-above-quantity", "pledges", index, "committed", message, "Lower it, or raise the quantity."
        )
        return
    factor = 1.0
    if row["rotation_factor"] is not None:
        factor = row["rotation_factor"]
    elif row["tour"] is not None:
        factor = (row["tour"] + (row["dwell"] or 0)) / row["tour"]
    carried = int(row["quantity"] / factor + 1e-9)
    if least > carried and (single or row["tour"] is not None or row["rotation_factor"] is not None):
        message = f"{least} units are committed in every period, and rotation keeps at most {carried} out for long."
        checks.warning(
            "committed-above-rotation", "pledges", index, "committed", message, "Lower it, or raise the quantity."
        )
