"""The sentences of the first screen: each follows from its plan's tables, and a false variant of each does not."""

from __future__ import annotations

import re

import pytest

from optimizer.corridor import solve
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Ending, plan_from_solution
from optimizer.reporting.describe import describe
from tests.reporting.stories import NAMES, POSTS, STORIES, instance_of, name_of

REASONS = {
    "requirement": "guard-north",
    "periods": "1;2",
    "gap": 100.0,
    "reason": "nothing pledged",
    "rules": "",
    "pledges": "",
    "loses": None,
    "loses_at_least": None,
    "sentence": "Nobody offers presence for North Bank in periods 1 and 2.",
}


def curve_row(weight, value, bound, rule=""):
    return {
        "weight": float(weight),
        "aim": "coverage",
        "value": value,
        "bound": bound,
        "proven": "false" if bound else "true",
        "rule": rule,
        "change": "lift",
        "steps": "1",
        "asked": "south" if rule else "",
        "before": None,
        "after": None,
        "sentence": f"The rule {rule}." if rule else "",
    }


@pytest.fixture(scope="module", params=STORIES, ids=lambda story: story.name)
def told(request):
    plan = solve(instance_of(request.param), child=False)
    return request.param, plan, {one.key: one for one in describe(plan).answer}


def follows(key, text, story, plan):
    """Whether a sentence says what the story's tables say, reckoned here anew."""
    if key == "holds":
        return _holds(text, story, plan)
    if key == "missing":
        return _missing(text, story)
    if key == "certainty":
        return _certainty(text, story, plan)
    return False


def _holds(text, story, plan):
    held = [name_of(post) for post in POSTS if name_of(post) not in story.idle]
    found = re.search(r"The coverage is ([\d.]+) %\.", text)
    count = re.match(r"(All|None of the|\d+) ?(?:of )?(\d+)? posts?", text)
    said = {"All": 3, "None of the": 0}.get(count[1]) if count else None
    said = int(count[1]) if said is None and count else said
    named = [name_of(post) for post in POSTS if name_of(post) in text]
    return (
        found is not None
        and abs(float(found[1]) - story.coverage) < 0.01
        and abs(plan.aims["value"].iloc[0] - story.coverage) < 1e-6
        and said == len(held)
        and (said in {0, 3} or named == held)
    )


def _missing(text, story):
    if not story.open:
        return text == "Nothing is missing: every requirement is met in full."
    found = re.search(r"(\d+) of 3 requirement lines miss something", text)
    if found is None or int(found[1]) != len(story.open):
        return False
    idle = {}
    for name in map(name_of, POSTS):
        match = re.search(re.escape(name) + r" is not mounted in (any period|periods? ([\d–, ]+))", text, re.IGNORECASE)
        if match:
            idle[name] = [1, 2, 3, 4] if match[1] == "any period" else _numbers(match[2])
    if idle != story.idle:
        return False
    for name, missing, target, share in re.findall(
        r"([A-Z][\w ]+? in [\w ]+?) misses ([\d.]+) of ([\d.]+) Presence on average over its 4 periods \(([\d.]+) % is there\)",
        text,
    ):
        place = [name_of(post) for post in POSTS].index(name)
        units, need = story.supply[place], story.need[place]
        if abs(float(target) - 100 * need) > 0.05 or abs(float(missing) - (100 * need - 25 * sum(units))) > 0.05:
            return False
        if abs(float(share) - 25 * sum(units) / need) > 0.05:
            return False
    return True


def _numbers(text):
    found = []
    for part in text.strip(" ,").split(", "):
        ends = [int(end) for end in part.strip().split("–") if end]
        found += range(ends[0], ends[-1] + 1)
    return found


def _certainty(text, story, plan):
    proven = "it is proven that no plan has a better coverage" in text
    return "keeps every rule" in text and proven == (plan.aims["gap"].iloc[0] <= 1e-6) and "The ceasefire" in text


def test_sentences_follow_from_the_tables(told):
    """What holds, what is missing and how sure it is are what the planted story says."""
    story, plan, answer = told
    for key in ("holds", "missing", "certainty"):
        assert follows(key, answer[key].text, story, plan), (key, answer[key].text)
    assert ("cause" in answer) == ("ask" in answer) == ("fill" in answer) == bool(story.open)


def test_a_false_variant_is_rejected(told):
    """A figure, a post or a claim of proof that is changed does not follow any more."""
    story, plan, answer = told
    variants = []
    for key in ("holds", "missing"):
        text = answer[key].text
        variants += [
            (key, text[: m.start()] + str(int(m[0]) + 1) + text[m.end() :])
            for m in [re.search(r"\d+(?= of 3| %\.)", text)]
            if m
        ]
        if key == "missing" and story.idle:
            name = next(iter(story.idle))
            other = (
                next(one for one in map(name_of, POSTS) if one not in story.idle or story.idle[one] != story.idle[name])
                if len({tuple(periods) for periods in story.idle.values()}) > 1 or len(story.idle) < 3
                else "Guard duty in Nowhere"
            )
            variants.append((key, re.sub(re.escape(name), other, text, count=1, flags=re.IGNORECASE)))
    if not story.open:
        variants.append(("missing", "1 of 3 requirement lines miss something."))
    variants.append(("certainty", answer["certainty"].text.replace("keeps every rule", "breaks rules")))
    variants.append(
        (
            "certainty",
            answer["certainty"].text.replace("it is proven that no plan has a better", "nobody knows of a better"),
        )
    )
    assert len(variants) > 2
    for key, text in variants:
        assert not follows(key, text, story, plan), (key, text)


def test_cause_says_what_was_established_and_no_more():
    """Without reasons the sentence says that nobody asked; with them, the sentences themselves, and how many are not known."""
    plan = solve(instance_of(STORIES[2]), child=False)
    assert "has not been asked yet" in _sentence(plan, {}, "cause")
    unknown = REASONS | {"reason": "not known in time", "periods": "3", "sentence": "It is not known."}
    text = _sentence(plan, {"reasons": [REASONS, unknown]}, "cause")
    assert text == f"{REASONS['sentence']} Of the 2 reasons in all: 1 nothing pledged, 1 not known in time."
    assert "none of the 1" in _sentence(plan, {"reasons": [unknown]}, "cause")


def test_ask_says_gains_as_they_are_certain():
    """What concessions lift is a value at least, with the bound where it is not proven; without gains it says so."""
    plan = solve(instance_of(STORIES[2]), child=False)
    assert "has not been worked out yet" in _sentence(plan, {}, "ask")
    rows = [curve_row(0, 75.0, None), curve_row(1, 80.0, 85.5, "the caveat of Southland")]
    text = _sentence(plan, {"concessions": rows}, "ask")
    assert "ask Land of South Bank to lift “The rule the caveat of Southland”" in text
    assert "from 75 to 80 or better (no set of that weight gives more than 85.5)" in text
    proven = [curve_row(0, 75.0, None), curve_row(1, 75.0, None)]
    assert _sentence(plan, {"concessions": proven}, "ask") == "No concessions of weight 1 or less gain anything."
    open_ = [curve_row(0, 75.0, None), curve_row(1, 75.0, 90.0)]
    assert "that there are none is not proven" in _sentence(plan, {"concessions": open_}, "ask")


@pytest.mark.parametrize(
    ("rule", "sentence", "name"),
    [
        ("caveats/Norway: UN mandate", "Norway: UN mandate: Norway does not serve.", "Norway: UN mandate"),
        ("limits/few: by land.maximum", "Few: by land: at most 2 units.", "Few: by land"),
        (
            "posts/air:north.lead",
            "A lead of Safe skies: air cover is there.",
            "A lead of Safe skies: air cover is there",
        ),
    ],
)
def test_ask_names_rules_in_full(rule, sentence, name):
    """Names hold colons; sentences that begin with no name hold them too."""
    plan = solve(instance_of(STORIES[2]), child=False)
    rows = [curve_row(0, 75.0, None), curve_row(1, 80.0, 85.5, rule) | {"sentence": sentence}]
    assert f"to lift “{name}”" in _sentence(plan, {"concessions": rows}, "ask")


def test_ask_of_an_aim_that_falls_to_nothing_and_of_no_plan():
    """A value of 0 is a gain where less is better; that there is no plan is said only where it is proven."""
    plan = solve(instance_of(STORIES[2]), child=False)
    rows = [curve_row(0, 5.0, None) | {"aim": "escalation"}, curve_row(1, 0.0, None, "a cap") | {"aim": "escalation"}]
    assert "the escalation from 5 to 0, the best for that weight" in _sentence(plan, {"concessions": rows}, "ask")
    rows = [curve_row(0, None, None), curve_row(1, 80.0, None, "a cap")]
    assert "Without a concession there is no plan" in _sentence(plan, {"concessions": rows}, "ask")
    rows[0]["proven"] = "false"
    assert "does not mean that there is none" in _sentence(plan, {"concessions": rows}, "ask")


def _sentence(plan, answers, key):
    return next(one.text for one in describe(plan, answers=answers).answer if one.key == key)


def test_who_could_fill_it_follows_from_what_is_idle():
    """With nobody sent, each of a nation's four pledges (two companies, one period of four) could bring a quarter; no other nation may come."""
    story = next(one for one in STORIES if one.supply[0] == (2, 2, 2, 2) and one.need[0] == 2 and not one.ceasefire)
    plan = plan_from_solution(instance_of(story), None, Ending("feasible"), Decisions([]))
    found = next(one for one in describe(plan).answer if one.key == "fill")
    area = found.facts["line"].partition("-")[2]
    assert found.facts["candidates"] == [(f"{area}-{period}", 2) for period in (1, 2, 3)]
    each = f"Land of {NAMES[area]} with 2 × company (25 % of what is missing)"
    assert f"{each}, {each}, {each} and 1 more." in found.text


def test_where_nobody_could_fill_it_what_keeps_them_is_counted():
    """A post without supply: the pledges of the other nations are refused by their caveats."""
    story = next(one for one in STORIES if one.supply[0] == (0, 0, 0, 0) and any(map(sum, one.supply)))
    plan = solve(instance_of(story), child=False)
    text = _sentence(plan, {}, "fill")
    section = describe(plan).section("fill")
    assert section.tables == ()
    assert all("nobody has idle units" in line for line in section.text)
    others = sum(count > 0 for units in story.supply for count in units)
    assert text.endswith(f"nobody: of {others} pledges that deliver Presence, {others} refused by rules.")


def test_names_are_those_of_the_tables():
    """No key stands where a name belongs."""
    plan = solve(instance_of(STORIES[2]), child=False)
    text = " ".join(one.text for one in describe(plan).answer)
    assert all(name in text for name in (NAMES["guard"], NAMES["north"]))
    assert "guard-" not in text


def test_picture_agrees_with_the_tables(told):
    """Every square says what its post's requirements say, and its marks are those of the posts."""
    _, plan, _ = told
    picture = describe(plan).picture
    posts = plan.posts[plan.posts["active"]]
    squares = [square for strip in picture.strips for square in strip.squares]
    assert len(squares) == len(posts) == 12
    assert sum(square.state == "not mounted" for square in squares) == int((~posts["mounted"]).sum())
    shares = sorted(round(square.share, 9) for square in squares)
    rows = plan.requirements
    assert shares == sorted(round(value, 9) for value in (rows["fulfilled"] / rows["target"]))
