"""Findings on commitments: more than there is, more than rotation can carry, and just as many."""

from __future__ import annotations

import pytest

from tests.plan.small import world


def findings(**pledge: object) -> list[tuple[str, str]]:
    """Severity and code of what is said of one pledge of four units over four periods."""
    from optimizer.instance.findings import InvalidInstance
    from optimizer.instance.read.examine import check_instance

    try:
        row = {"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, **pledge}
        found = check_instance(world(periods=4, pledges=[row]))
    except InvalidInstance as error:
        found = error.findings
    return [(finding.severity, finding.code) for finding in found if finding.code.startswith("committed")]


@pytest.mark.parametrize(("committed", "said"), [(4, []), (5, [("error", "committed-above-quantity")])])
def test_no_more_is_committed_than_there_is(committed: int, said: list[tuple[str, str]]) -> None:
    """All units may be committed; one more is an error."""
    assert findings(committed=committed) == said


@pytest.mark.parametrize("rotation", [{"tour": 1, "dwell": 1}, {"rotation_factor": 2}])
@pytest.mark.parametrize(("committed", "said"), [(2, []), (3, [("warning", "committed-above-rotation")])])
def test_rotation_carries_what_is_committed(
    rotation: dict[str, object], committed: int, said: list[tuple[str, str]]
) -> None:
    """A tour and as long a rest keep half of the units out; one more is a warning."""
    assert findings(committed=committed, **rotation) == said
