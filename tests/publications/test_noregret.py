"""What hedging leaves open: a bound that it did not prove is that of a known future."""

from __future__ import annotations

import math
from collections import defaultdict
from types import SimpleNamespace

import pandas as pd
import pytest

from publications.paris.answers import noregret
from publications.paris.setup import Setup

KNOWN = SimpleNamespace(entries=defaultdict(lambda: SimpleNamespace(value=60.0, bound=64.0)))
"""Every scenario with the same ends."""


@pytest.mark.parametrize(
    ("bound", "most", "gained"), [(math.nan, 64.0, 0.0), (70.0, 64.0, 0.0), (62.0, 62.0, 0.0), (58.0, 58.0, 2.0)]
)
def test_no_plan_made_now_beats_those_for_a_known_future(monkeypatch, bound, most, gained):
    """Known: 60 to 64. Made ready now: at least 56, at most what was proven, and never more than 64."""
    rows = pd.DataFrame([("here and now", 56.0, bound)], columns=["what", "at_least", "at_most"])
    monkeypatch.setattr(noregret, "_hedge", lambda *_: rows)
    table = noregret._ready(Setup(), KNOWN).set_index("what")
    assert table.loc["with what is made ready now"].tolist() == pytest.approx([56.0, most])
    assert table.loc["gained by knowing it"].tolist() == pytest.approx([gained, 8.0])
