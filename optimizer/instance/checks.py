"""Cross-field checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.instance.instance import Aim, Header

if TYPE_CHECKING:
    from optimizer.instance.reading import Draft


def check_draft(draft: Draft) -> Header:
    header: Header = draft.header
    if not header.aims:
        nations = {row["nation"] for row in draft.rows.get("pledges", [])}
        fair = {row["nation"] for row in draft.rows.get("nations", []) if row["fair_share"]}
        names = ["coverage", "burden_gap", "cost"] if nations and nations <= fair else ["coverage", "cost"]
        header = replace(header, aims=tuple(Aim(name, level) for level, name in enumerate(names, 1)))
    return header
