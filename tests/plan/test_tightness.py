"""Limits that bind, ranked."""

from __future__ import annotations

import math
from dataclasses import replace

import optimizer as fg
from optimizer.plan.tightness import by_tightness
from optimizer.reporting.answers import write_prices
from optimizer.reporting.folder import describe_folder
from tests.studies.why.test_curve import world


def test_the_tightest_come_first() -> None:
    """What leaves nothing goes before what leaves a part; of equals the one that binds longer; a floor counts like a cap."""
    rows = [
        {"limit": "loose", "slack": 50.0, "minimum": math.nan, "maximum": 250.0},
        {"limit": "once", "slack": 0.0, "minimum": math.nan, "maximum": 10.0},
        {"limit": "floor", "slack": 0.0, "minimum": 4.0, "maximum": math.nan},
        {"limit": "floor", "slack": 0.0, "minimum": 4.0, "maximum": math.nan},
        {"limit": "half", "slack": 1.0, "minimum": math.nan, "maximum": 2.0},
    ]
    assert [name for name, _ in by_tightness(rows)] == ["floor", "once", "loose", "half"]


def test_by_price_where_prices_are_there(tmp_path) -> None:
    """Two caps that leave nothing: the one whose step gains stands first in the report once prices lie in the folder."""
    limits = [
        {"limit": "a idle", "measure": "units", "per": "period", "nation": "C", "maximum": 1},
        {"limit": "b dear", "measure": "units", "per": "period", "maximum": 5},
    ]
    instance = world(limits=limits, caveats=[])
    plan = fg.solve(instance, child=False)
    tied = set(plan.limits.loc[plan.limits["binding"], "limit"])
    assert {"b dear"} <= tied
    prices = [replace(one, alone=None) for one in fg.prices(instance, jobs=1) if len(one.rules) == 1]
    write_prices(tmp_path, prices)
    section = describe_folder(plan, tmp_path, check=False).section("limits")
    assert section is not None
    assert section.tables[0].rows[0][0] == "b dear"
    assert section.tables[0].rows[0][-2] == 20.0  # a quarter of five, in whole units, is two
    assert "cost most" in section.text[0]
