"""`forcegen rules`, and `solve --without`."""

from __future__ import annotations

import json

import optimizer as fg

from .conftest import TUTORIAL

CAVEAT = "caveats/Westland stays away from the border"


def test_rules_lists_every_rule_with_its_source(run) -> None:
    """The machine form is a bare list; each rule has id, sentence, kind, nation, whether it bends, and source."""
    found = json.loads(run("rules", TUTORIAL, "--json").stdout)
    by_id = {rule["rule"]: rule for rule in found}
    assert set(found[0]) == {"rule", "sentence", "kind", "nation", "bendable", "source"}
    assert by_id[CAVEAT]["nation"] == "west"
    assert by_id["nations/east.max_personnel"] == {
        "rule": "nations/east.max_personnel",
        "sentence": "At most 150 personnel of Eastland are deployed at a time.",
        "kind": "cap",
        "nation": "east",
        "bendable": True,
        "source": "invented",
    }
    assert not by_id["pledges/north-battalions.tour"]["bendable"]
    assert by_id["requirements/guard-border.threshold"]["nation"] is None
    assert run("rules", TUTORIAL).exit_code == 0


def test_rules_follow_the_scenario(run, tmp_path) -> None:
    """A caveat with a condition is in force only where the scenario makes it so."""
    assert run("rules", TUTORIAL, "--scenario", "nowhere").exit_code == 3
    by_default = {rule["rule"] for rule in json.loads(run("rules", TUTORIAL, "--json").stdout)}
    without_ceasefire = {
        rule["rule"] for rule in json.loads(run("rules", TUTORIAL, "--scenario", "no-ceasefire", "--json").stdout)
    }
    assert by_default != without_ceasefire


def test_a_rule_switched_off_is_not_kept_and_is_recorded(run) -> None:
    """Without its cap Eastland sends all teams; the plan's folder says what was switched off, and verifies by itself."""
    result = run("solve", TUTORIAL, "--without", "nations/east.max_personnel", "--out", "plan")
    assert result.exit_code == 0
    assert "Changed for this plan: switched off: nations/east.max_personnel" in result.output
    plan = fg.load_plan("plan")
    assert plan.aim("coverage") > 80.1
    assert plan.changes.words[0].startswith("switched off: nations/east.max_personnel")
    assert run("verify", "plan/input", "plan").exit_code == 0


def test_patterns_and_unknown_rules(run) -> None:
    """`*` stands for anything; an unknown rule, or one that cannot go, is refused before any solving, with the nearest id."""
    assert run("solve", TUTORIAL, "--without", "caveats/*", "--out", "open").exit_code == 0
    wrong = run("solve", TUTORIAL, "--without", "nations/east.max_personel", "--out", "no")
    assert wrong.exit_code == 3
    assert "nations/east.max_personnel" in wrong.output
    assert "cannot be blank" in run("solve", TUTORIAL, "--without", "pledges/east-teams.quantity", "--out", "no").output


def test_any_optional_cell_may_be_emptied_and_conditions_set_shortly(run) -> None:
    """`nations.east.max_personnel=` switches the cap off; `conditions.ceasefire=false` holds against every scenario."""
    emptied = run("solve", TUTORIAL, "--set", "nations.east.max_personnel=", "--out", "empty")
    assert emptied.exit_code == 0
    assert fg.load_plan("empty").aim("coverage") > 80.1
    shortly = run("solve", TUTORIAL, "--set", "conditions.ceasefire=false", "--out", "short")
    assert shortly.exit_code == 0
    assert fg.load_plan("short").aim("coverage") == fg.solve(fg.read_instance(TUTORIAL), "no-ceasefire").aim("coverage")
    against = run(
        "solve", TUTORIAL, "--scenario", "no-ceasefire", "--set", "conditions.ceasefire=true", "--out", "back"
    )
    assert against.exit_code == 0
    assert fg.load_plan("back").aim("coverage") == fg.solve(fg.read_instance(TUTORIAL)).aim("coverage")
