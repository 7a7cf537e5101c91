"""`forcegen explain` of an instance without a plan."""

from __future__ import annotations

import json

from .conftest import TUTORIAL


def test_conflict_and_ways_out(run, copy) -> None:
    """A post that must be mounted, out of reach: the conflict is named, and the lightest way out; `solve` says whom to ask."""
    requirements = (copy / "requirements.csv").read_text("utf-8").splitlines()
    names = requirements[0].split(",")
    guard = dict(
        zip(names, next(row for row in requirements if row.startswith("guard-border")).split(","), strict=True)
    )
    (copy / "posts.csv").write_text(f"mission,area,must\n{guard['mission']},{guard['area']},true\n", "utf-8")
    (copy / "limits.csv").write_text(f"limit,measure,area,maximum\nfew,units,{guard['area']},0\n", "utf-8")
    result, found = run("explain", copy, json_form=True)
    assert result.exit_code == 0
    assert set(found["conflict"]) == {
        "limits/few",
        "requirements/guard-border.threshold",
        f"posts/{guard['mission']}:{guard['area']}.must",
    }
    assert found["irreducible"]
    assert found["least"]
    assert found["ways_out"][0]["weight"] == 1
    assert {"rule", "change", "steps", "asked"} <= set(found["ways_out"][0]["concessions"][0])
    shown = run("explain", copy)
    assert "There is no plan" in shown.output
    assert "limits/few" in shown.output


def test_an_instance_with_a_plan(run) -> None:
    """Nothing is in conflict."""
    result, found = run("explain", TUTORIAL, json_form=True)
    assert result.exit_code == 0
    assert (found["conflict"], found["ways_out"], found["has_plan"]) == ([], [], True)
    assert json.dumps(found)
