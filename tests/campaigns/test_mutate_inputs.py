"""A part of the campaign of broken inputs; `make nightly` runs a hundred thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from .mutate_inputs import ALLOWED, Campaign

CASES = 500


@pytest.mark.parametrize("part", range(4))
def test_broken_inputs_end_with_findings_or_a_result(part: int, tmp_path: Path) -> None:
    """Whatever is done to folders, workbooks and studies, the program ends with a documented exit code, never with an internal error."""
    campaign = Campaign(tmp_path)
    wrong = []
    for seed in range(part * CASES, (part + 1) * CASES):
        kind, code, output = campaign.run(seed)
        if code not in ALLOWED:
            wrong.append((seed, kind, code, output[-500:]))
    assert wrong == []
