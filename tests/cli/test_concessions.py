"""`forcegen concessions`."""

from __future__ import annotations

import json

from .conftest import TUTORIAL


def test_the_curve_for_people_and_machines(run) -> None:
    """Weights, values with their certainty, what bends and who is asked; the machine form begins with the instance as it is."""
    shown = run("concessions", TUTORIAL, "--scenario", "no-ceasefire", "--most", "1")
    assert shown.exit_code == 0
    assert "south" in shown.output
    assert "From 60 to 80." in shown.output
    found = json.loads(run("concessions", TUTORIAL, "--scenario", "no-ceasefire", "--most", "1", "--json").stdout)
    assert (found["aim"], found["termination"]) == ("coverage", "optimal")
    first, second = found["curve"]
    assert (first["weight"], round(first["value"], 6), first["concessions"]) == (0, 60.0, [])
    made = second["concessions"][0]
    assert {name: made[name] for name in ("rule", "change", "steps", "asked")} == {
        "rule": "caveats/Southland needs a ceasefire",
        "change": "lift",
        "steps": 1,
        "asked": "south",
    }
    assert round(second["value"], 6) == round(second["bound"], 6) == 80.0


def test_wrong_names_are_refused(run) -> None:
    """An unknown line, nation or scenario ends before any solving, with the nearest name."""
    wrong = run("concessions", TUTORIAL, "--line", "guard-bordr")
    assert wrong.exit_code == 3
    assert "guard-border" in wrong.output
    assert run("concessions", TUTORIAL, "--nation", "nobody").exit_code == 3
    assert run("concessions", TUTORIAL, "--scenario", "nowhere").exit_code == 3


def test_a_start_of_another_instance_is_said(run, solved) -> None:
    """A plan that breaks the rules of the instance is no start: one sentence beside the answer, which is the same; none about one that keeps them."""
    kept = run("concessions", TUTORIAL, "--most", "0", "--start", solved)
    other = run("concessions", TUTORIAL, "--most", "0", "--start", solved, "--scenario", "no-ceasefire")
    assert "does not keep the rules" not in kept.stderr
    assert "does not keep the rules of this instance: the search began without it." in other.stderr
    assert other.exit_code == 0


def test_weights_that_bring_nothing_more_are_told_once(run) -> None:
    """On the screen the curve ends with the last weight that brings something; the machine form has all."""
    shown = run("concessions", TUTORIAL, "--scenario", "no-ceasefire", "--most", "6")
    assert "Concessions of weight 6 bring nothing more." in shown.output
    first = [line.split()[0] for line in shown.output.splitlines() if "proven" in line]
    assert first == ["0", "1", "2", "3"]
    found = json.loads(run("concessions", TUTORIAL, "--scenario", "no-ceasefire", "--most", "6", "--json").stdout)
    assert len(found["curve"]) == 7
    assert found["curve"][6]["value"] == found["curve"][3]["value"]
