"""`forcegen explain` of an instance without a plan."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

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


def test_why_a_nation_is_where_it_is(run, solved) -> None:
    """The caveat that keeps a nation away, what its absence would cost where it serves, and refusals of questions that cannot be."""
    result, found = run("explain", solved, "--nation", "west", json_form=True)
    assert result.exit_code == 0
    assert [(one["area"], one["serves"], one["reason"]) for one in found] == [
        ("border", False, "refused"),
        ("capital", True, "needed"),
    ]
    assert found[0]["rules"] == ["caveats/Westland stays away from the border"]
    assert round(found[1]["loses"]["value"], 2) == 11.67
    shown = run("explain", solved, "--nation", "west", "--post", "protection:border", "--period", "1")
    assert "Westland does not serve at Guard the border sites" in shown.output
    assert not (Path(solved) / "reasons.csv").exists()
    for wrong, code in (
        (("--post", "protection:border"), 2),
        (("--nation", "x"), 3),
        (("--nation", "west", "--line", "r"), 2),
    ):
        assert run("explain", solved, *wrong).exit_code == code
    assert run("explain", TUTORIAL, "--nation", "west").exit_code == 2


def test_an_instance_with_a_plan(run) -> None:
    """Nothing is in conflict."""
    result, found = run("explain", TUTORIAL, json_form=True)
    assert result.exit_code == 0
    assert (found["conflict"], found["ways_out"], found["has_plan"]) == ([], [], True)
    assert json.dumps(found)


def test_reasons_of_a_plan(run, solved, tmp_path) -> None:
    """Every open line with its reason, for people, for machines and beside the plan, which still verifies."""
    plan = Path(shutil.copytree(solved, tmp_path / "plan"))
    result, found = run("explain", plan, json_form=True)
    assert result.exit_code == 0
    assert {"requirement", "periods", "gap", "reason", "rules", "pledges", "sentence", "loses"} <= set(found[0])
    by_line = {one["requirement"]: one for one in found}
    assert by_line["guard-border"]["rules"] == ["caveats/Westland stays away from the border"]
    assert by_line["train-capital"]["reason"] == "better used elsewhere"
    assert round(by_line["train-capital"]["loses"]["value"], 3) == 20
    written = (plan / "reasons.csv").read_text("utf-8").splitlines()
    assert len(written) == len(found) + 1
    assert run("verify", plan / "input", plan).exit_code == 0
    shown = run("explain", plan, "--line", "guard-border")
    assert "Westland does not serve" in shown.output
    assert "train-capital" not in shown.output
    assert run("explain", plan, "--line", "nothing").exit_code == 3
