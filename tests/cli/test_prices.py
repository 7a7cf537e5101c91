"""`forcegen prices`."""

from __future__ import annotations

from .conftest import TUTORIAL


def test_prices_for_people_and_machines(run) -> None:
    """The largest certain gain comes first; a pair is one entry with two rules."""
    result, found = run("prices", TUTORIAL, "--scenario", "no-ceasefire", json_form=True)
    assert result.exit_code == 0
    assert {"rules", "change", "gain_at_least", "gain_at_most", "aim"} <= set(found[0])
    assert set(found[0]["rules"]) == {"caveats/Southland needs a ceasefire", "pledges/south-battalion.quantity"}
    single = next(one for one in found if one["rules"] == ["caveats/Westland stays away from the border"])
    assert (round(single["gain_at_least"], 3), round(single["gain_at_most"], 3), single["aim"]) == (20, 20, "coverage")
    shown = run("prices", TUTORIAL, "--scenario", "no-ceasefire")
    assert "cost nothing by themselves" in shown.output
