"""Every sentence of the answers why follows from its row: taken apart again it says the same, and what says something else is found out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import optimizer as fg
from optimizer.cli.concessions import _summary
from optimizer.cli.explain import _about_conflict, _about_ways, said
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import rules_of
from optimizer.studies.why.forced import AimLoss
from optimizer.studies.why.lines import Loss
from optimizer.studies.why.presence import Presence
from optimizer.studies.why.presence_words import presence_sentence
from tests.studies.why.reference import draw, instance_of
from tests.studies.why.sentences import (
    World,
    false_variants,
    world_of,
    wrong_in_ask,
    wrong_in_concession,
    wrong_in_conflict,
    wrong_in_presence,
    wrong_in_reason,
    wrong_in_ways,
)
from tests.studies.why.test_presence import POST
from tests.studies.why.test_reasons import LINE, world

pytestmark = pytest.mark.no_cover
TUTORIAL = "instances/tutorial"
NAMED = [{"nation": code, "name": name} for code, name in (("FRA", "France"), ("ITA", "Italy"), ("POL", "Poland"))]
LINKED: dict[str, Any] = {
    "nations": NAMED,
    "links": [
        {"link": f"with {other}", "nation": "FRA", "kind": "needs", "other": other, **POST} for other in ("POL", "ITA")
    ],
    "caveats": [{"caveat": "no Italians", "nation": "ITA", "rule": "forbid"}],
}
BANNED: dict[str, Any] = {
    "nations": NAMED,
    "caveats": [
        {"caveat": "no French", "nation": "FRA", "rule": "forbid"},
        {"caveat": "not here", "nation": "FRA", "area": "a", "rule": "forbid"},
    ],
}


def cases() -> list[tuple[fg.Instance, str | None]]:
    """The tutorial in both of its cases, planted worlds with names, and some drawn at random."""
    tutorial = fg.read_instance(TUTORIAL)
    found: list[tuple[fg.Instance, str | None]] = [(tutorial, None), (tutorial, "no-ceasefire")]
    found += [(world(**tables), None) for tables in ({"nations": NAMED}, LINKED, BANNED)]
    found.append((world(nations=NAMED, limits=[{"limit": "few", "measure": "units", "maximum": 2}]), None))
    found.append((world(nations=NAMED, requirements=[{**LINE, "threshold": 4}], caveats=BANNED["caveats"]), None))
    for seed in range(710, 722):
        case = draw(seed)
        found.append((instance_of(case), case.scenario))
    return found


def reject(row: dict[str, Any], names: World, wrong: Any) -> int:
    """How many false variants of a row's sentence there are; each is found out."""
    variants = [text for text in false_variants(row["sentence"], names) if text != row["sentence"]]
    for text in variants:
        assert wrong({**row, "sentence": text}, names), text
    return len(variants)


def test_sentences_on_lines_and_presences() -> None:
    """Reasons and presences of all cases: lines, posts, periods, nations, pledges, rules, figures and claims are those of the row."""
    variants, kinds = 0, set()
    for instance, scenario in cases():
        plan = fg.solve(instance, scenario, child=False)
        if not plan.has_plan:
            continue
        names = world_of(instance, scenario)
        reasons = fg.explain(plan)
        assert isinstance(reasons, tuple)
        for reason in reasons:
            row = reason.record()
            assert wrong_in_reason(row, names) == "", row["sentence"]
            variants += reject(row, names, wrong_in_reason)
            kinds.add(f"line {reason.reason}")
        for nation in names.nations:
            for one in fg.why(plan, nation)[:2]:
                row = one.record()
                assert wrong_in_presence(row, names) == "", (wrong_in_presence(row, names), row["sentence"])
                variants += reject(row, names, wrong_in_presence)
                kinds.add(f"nation {one.reason}")
    assert variants > 200
    assert {"line forbidden", "line better used elsewhere", "line exhausted", "line capped"} <= kinds
    assert {"nation refused", "nation ruled out", "nation needed", "nation as good"} <= kinds


def told_again(one: Presence, plan: fg.Plan, **more: Any) -> dict[str, Any]:
    """The record of a changed answer, with the sentence that it then has."""
    situation = build_situation(plan.instance, plan.scenario)
    changed = replace(one, **more)
    rules = {rule.id: rule for rule in rules_of(situation)}
    sentence = presence_sentence(changed, situation.words, rules, "coverage")
    return replace(changed, sentence=sentence).record()


def test_no_proof_is_claimed_where_only_a_bound_is_known() -> None:
    """With a bound apart from what was found, or with none, the sentence says so; the sentence of a proof is then found out."""
    plan = fg.solve(TUTORIAL, child=False)
    names = world_of(plan.instance)
    (one,) = fg.why(plan, "west", "training:capital")
    first, second = one.aims
    for least, reason in ((5.0, "needed"), (None, "not known in time"), (0.0, "not known in time")):
        aims = (AimLoss(first.aim, 1, first.value, first.otherwise, least, first.loses_at_most), second)
        loses = Loss(first.loses_at_most, least)
        row = told_again(one, plan, aims=aims, loses=loses, reason=reason)
        assert wrong_in_presence(row, names) == ""
        assert "coverage 80 becomes 68.33, proven" not in row["sentence"]
        assert wrong_in_presence({**row, "sentence": one.sentence}, names)
    (other,) = [reason for reason in fg.explain(plan) if reason.reason == "better used elsewhere"]  # type: ignore[union-attr]
    row = other.record()
    assert wrong_in_reason({**row, "loses": {"value": 20.0, "bound": None}}, names)
    assert wrong_in_reason({**row, "loses": {"value": 20.0, "bound": 12.0}}, names)


def test_sentences_on_asks_and_concessions() -> None:
    """The ask list and the words on concessions, of the tutorial and of planted worlds."""
    variants = 0
    for instance, scenario in cases()[1:5]:
        names = world_of(instance, scenario)
        curve = fg.concessions(instance, scenario, most=2)
        record = curve.record()
        for ask in fg.asks(curve, fg.prices(instance, scenario)):
            row = ask.record()
            assert wrong_in_ask(row, record, names) == "", row["sentence"]
            for text in false_variants(row["sentence"], names):
                variants += 1
                assert wrong_in_ask({**row, "sentence": text}, record, names), text
        for point in record["curve"]:
            for made in point["concessions"]:
                assert wrong_in_concession(said(made), made, names) == ""
                for text in false_variants(said(made), names):
                    assert wrong_in_concession(text, made, names), text
        # The same figures unproven: what claims more is found out.
        loose = replace(
            curve, points=tuple(replace(one, proven=False, bound=(one.value or 0) + 7) for one in curve.points)
        )
        for ask in fg.asks(loose):
            row = ask.record()
            assert wrong_in_ask(row, loose.record(), names) == "", row["sentence"]
            if ask.weight is not None:
                assert wrong_in_ask({**row, "sentence": row["sentence"].split(" (no set")[0]}, loose.record(), names)
        assert "is best" not in _summary(loose)
        assert "bring anything." not in _summary(loose)
    assert variants > 25


def test_sentences_on_what_cannot_be() -> None:
    """The words on a conflict and its ways out claim what is established, and no more."""
    line = {**LINE, "threshold": 4}
    tables = {"nations": NAMED, "requirements": [line], "posts": [{**POST, "must": True}], "caveats": BANNED["caveats"]}
    instance = world(**tables)
    found = fg.explain(instance)
    assert isinstance(found, fg.Infeasible)
    names = world_of(instance)
    assert found.conflict
    assert found.ways_out
    for one in (found, replace(found, irreducible=False), replace(found, conflict=(), irreducible=False)):
        assert wrong_in_conflict(_about_conflict(one), one.record(), names) == ""
    for one in (
        found,
        replace(found, least=False),
        replace(found, ways_out=()),
        replace(found, ways_out=(), least=False),
    ):
        assert wrong_in_ways(_about_ways(one), one.record()) == ""
    assert wrong_in_conflict(_about_conflict(found), replace(found, irreducible=False).record(), names)
    assert wrong_in_ways(_about_ways(found), replace(found, least=False).record())
    assert wrong_in_conflict(_about_conflict(found), {**found.record(), "sentences": ["France may."]}, names)
