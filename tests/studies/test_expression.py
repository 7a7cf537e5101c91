"""Claims as expressions: read as Python reads them, judged so that nothing is said that does not follow, and closed to everything else."""

import itertools
import random

import pytest

from optimizer.instance.instance import Aim
from optimizer.studies.intervals import Interval
from optimizer.studies.order import EQUAL
from optimizer.studies.robust.expression import MOST_CHARACTERS, FaultyClaim, Outcome, outcomes_of, parse_claim
from optimizer.studies.robust.judge import Answer, judged

BASE = frozenset({"base"})


def proven(**values):
    """The outcome of a plan that is proven best."""
    found = {"termination": "optimal", "has_plan": True}
    for name, value in values.items():
        found |= {name: value, f"{name}_bound": value, f"{name}_gap": 0.0}
    return found


def answer(text, *, named=BASE, **cases):
    claim = parse_claim(text)
    return judged(claim, cases, frozenset(one.case for one in outcomes_of(claim)))


def random_figure(draw, depth):
    kind = draw.choice(
        ["number", "coverage", "cost"] if depth == 0 else ["+", "-", "*", "min", "max", "abs", "neg", "()"]
    )
    if kind == "number":
        return str(draw.randint(0, 9))
    if kind in {"coverage", "cost"}:
        return kind
    one, other = (random_figure(draw, depth - 1) for _ in range(2))
    return {
        "min": f"min({one}, {other})",
        "max": f"max({one},{other})",
        "abs": f"abs({one})",
        "neg": f"-{one}",
        "()": f"({one})",
    }.get(kind, f"{one} {kind} {other}")


def random_claim(draw, depth):
    if depth == 0:
        figures = [random_figure(draw, draw.randint(0, 2)) for _ in range(draw.choice([2, 2, 3]))]
        signs = [draw.choice(["<", "<=", ">", ">=", "==", "!="]) for _ in figures[1:]]
        return " ".join(itertools.chain.from_iterable(itertools.zip_longest(figures, signs, fillvalue=""))).strip()
    kind = draw.choice(["and", "or", "not", "()"])
    one, other = (random_claim(draw, depth - 1) for _ in range(2))
    return f"not {one}" if kind == "not" else f"({one})" if kind == "()" else f"{one} {kind} {other}"


@pytest.mark.parametrize("seed", range(300))
def test_known_figures_are_judged_as_python_does(seed):
    """Whole numbers, proven: the same truth as Python's own reading of the same text."""
    draw = random.Random(seed)
    text = random_claim(draw, draw.randint(0, 3))
    values = {"coverage": draw.randint(0, 9), "cost": draw.randint(0, 9)}
    truth = bool(eval(text, {"__builtins__": {"min": min, "max": max, "abs": abs}}, values))  # noqa: S307  (our own text)
    if "coverage" not in text and "cost" not in text:
        return
    assert answer(text, base=proven(**values)) == Answer(truth, truth), text


@pytest.mark.parametrize("seed", range(300))
def test_what_is_certain_holds_for_every_value_between_plan_and_bound(seed):
    """An answer is never contradicted by a value that the search left possible."""
    draw = random.Random(seed)
    text = random_claim(draw, draw.randint(0, 2))
    if "coverage" not in text and "cost" not in text:
        return
    value, cost = draw.randint(0, 9), draw.randint(0, 9)
    bounds = {"coverage": value + draw.randint(0, 3), "cost": cost - draw.randint(0, 3)}
    outcome = {"termination": "feasible", "has_plan": True, "coverage": value, "cost": cost}
    outcome |= {"coverage_bound": bounds["coverage"], "cost_bound": bounds["cost"]}
    said = answer(text, base=outcome)
    found = {
        bool(eval(text, {"__builtins__": {"min": min, "max": max, "abs": abs}}, {"coverage": a, "cost": b}))  # noqa: S307
        for a in range(value, bounds["coverage"] + 1)
        for b in range(bounds["cost"], cost + 1)
    }
    if said.holds is not None:
        assert found == {said.holds}, (text, outcome)


@pytest.mark.parametrize(
    ("text", "coverage", "bound", "holds"),
    [
        ("coverage >= 60", 60, 70, True),
        ("coverage >= 65", 60, 70, None),
        ("coverage >= 71", 60, 70, False),
        ("coverage < 60", 60, 70, False),
        ("coverage > 60", 60, 70, None),
        ("coverage == 60", 60, 60, True),
        ("coverage == 60", 60, 70, None),
        ("coverage != 60", 61, 70, True),
        ("coverage >= 60", 60 * (1 - EQUAL / 2), 60, True),
        ("coverage > 60", 60 * (1 + EQUAL / 2), 60 * (1 + EQUAL / 2), False),
        ("10 / (coverage - 65) > 0", 60, 70, None),
        ("10 / (coverage - 50) >= 0.5", 60, 70, True),
        ("coverage >= 60", 60, None, True),
        ("coverage >= 61", 60, None, None),
        ("coverage <= 100", 60, None, None),
    ],
)
def test_of_an_aim_the_span_from_value_to_bound_decides(text, coverage, bound, holds):
    """Rounding decides nothing; a bound that is not known leaves its end open."""
    outcome = {"termination": "feasible", "has_plan": True, "coverage": coverage, "coverage_bound": bound}
    assert answer(text, base=outcome).holds is holds


def test_two_cases_are_compared_by_their_spans():
    """80 to 85 against 60 to 70: the difference is certainly 10 to 25, and nothing between is."""
    cases = {
        "base": {"termination": "feasible", "has_plan": True, "coverage": 80, "coverage_bound": 85},
        "late": {"termination": "feasible", "has_plan": True, "coverage": 60, "coverage_bound": 70},
    }
    assert answer('coverage["late"] < coverage', **cases) == Answer(True, True)
    assert answer('base.coverage - coverage["late"] >= 10', **cases).holds is True
    assert answer('base.coverage - coverage["late"] >= 15', **cases) == Answer(None, True)
    assert answer('base.coverage - coverage["late"] > 26', **cases) == Answer(False, False)


def test_cells_are_known_of_proven_plans_only():
    """A kept cell has no bound: without a proof in every aim it is open."""
    text = "nations.FRA.cost <= 5"
    known = {**proven(coverage=1.0), "nations.FRA.cost": 4.0}
    assert answer(text, base=known).holds is True
    assert answer(text, base={**known, "coverage_gap": 0.02}) == Answer(None, True)
    assert answer(text, base={**known, "coverage_gap": None}).holds is None
    assert answer(text, base={**known, "termination": "feasible"}).holds is None


def test_of_a_case_without_a_plan_nothing_is_true():
    """Infeasible: the claim does not hold, whatever it says; nothing found, or failed: open."""
    for text in ("coverage >= 0", "not coverage >= 0", "coverage >= 0 or cost >= 0"):
        assert answer(text, base={"termination": "infeasible", "has_plan": False}) == Answer(False, None)
        for ending in ("none_found", "failed", "crashed", "invalid"):
            assert answer(text, base={"termination": ending, "has_plan": False}).holds is None
            nothing = {"termination": ending, "has_plan": False}
            assert answer('coverage >= coverage["late"]', base=nothing, late=nothing) == Answer(None, None)
    late = {"termination": "none_found", "has_plan": False, "coverage": None, "coverage_bound": 40}
    # Whether there is a plan at all is open, and without one the claim would not hold.
    assert answer('coverage > coverage["late"]', base=proven(coverage=50), late=late) == Answer(None, None)
    assert answer('coverage < coverage["late"]', base=proven(coverage=50), late=late) == Answer(False, None)


def test_a_later_aim_is_known_where_the_earlier_ones_are_proven():
    """A plan that covers more may cost more than the one found: its bound holds beside the coverage that was reached."""
    aims = {"base": (Aim("cost", priority=2), Aim("coverage", priority=1))}
    claim, found = parse_claim("cost <= 110"), proven(coverage=50, cost=100)
    assert judged(claim, {"base": found}, BASE, aims) == Answer(True, True)
    open_ = {**found, "termination": "feasible", "coverage_bound": 70, "coverage_gap": 0.4}
    assert judged(claim, {"base": open_}, BASE, aims) == Answer(None, True)
    assert judged(parse_claim("coverage >= 50"), {"base": open_}, BASE, aims) == Answer(True, True)
    level = {"base": (Aim("coverage"), Aim("cost"))}
    assert judged(parse_claim("coverage >= 50"), {"base": open_}, BASE, level) == Answer(None, True)
    assert judged(claim, {"base": found}, BASE, level) == Answer(True, True)


def test_the_far_end_of_a_figure_gives_its_near_end_no_room():
    """Known to be at most five, and from where on not: it is not at most four."""
    assert Interval(-1e9, 5.0).is_at_most(Interval(4.0, 4.0)) is None
    assert Interval(5.0, 1e9).is_at_most(Interval(4.0, 4.0)) is False


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("requirements.guard-border/1.fulfilled > 1", ["requirements.guard-border/1.fulfilled"]),
        ("nations.*.takes_part - 1 > 1", ["nations.*.takes_part"]),
        ('limits."all of them, or none".used > 1', ["limits.all of them, or none.used"]),
        ("base.limits.'a (b)'.used > 1", ["limits.a (b).used"]),
        ("coverage-cost>-1", ["coverage", "cost"]),
        ("nations.Übersee.cost > 1", ["nations.Übersee.cost"]),
    ],
)
def test_keys_may_hold_signs(text, names):
    """Hyphens and slashes belong to a key; other signs stand in quotation marks."""
    assert [one.name for one in outcomes_of(parse_claim(text))] == names


def test_cases_stand_in_brackets():
    """Without brackets, and behind `base.`, the base case is meant."""
    found = list(outcomes_of(parse_claim("""coverage['no-backstop'] < base.nations.A.cost + coverage["b c"]""")))
    assert [(one.name, one.case) for one in found] == [
        ("coverage", "no-backstop"),
        ("nations.A.cost", "base"),
        ("coverage", "b c"),
    ]
    assert isinstance(found[0], Outcome)
    assert (found[0].at, found[0].case_at) == (1, 10)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1),
        ("coverage", 1),
        ("coverage >", 11),
        ("coverage = 60", 10),
        ("coverage >= 60 and", 19),
        ("coverage >= 60 cost <= 1", 16),
        ("coverage and cost > 1", 1),
        ("(coverage > 1) + 2 > 1", 1),
        ("coverage >= 60abc", 13),
        ("coverage[late] > 1", 10),
        ('coverage["late" > 1', 17),
        ("__import__('os').system('true') > 1", 17),
        ("__import__('os') > 1", 1),
        ("open(1) > 1", 1),
        ("max() > 1", 5),
        ("abs(1, 2) > 1", 1),
        ("coverage > 1; cost > 1", 13),
        ("lambda: 1", 7),
        ("[1 for x in y]", 1),
        ("coverage ** 2 > 1", 11),
        ("coverage := 1", 10),
        ("{coverage}", 1),
        ("f'{coverage}' > 1", 2),
        ("coverage > `id`", 12),
        ("coverage > 1e999", 12),
        ("coverage > \x00", 12),
        ("(" * 50 + "coverage" + ")" * 50 + " > 1", 42),
        ("not " * 50 + "coverage > 1", 165),
        ("-" * 50 + "coverage > 1", 42),
        ("coverage > 1" + " + 1" * 200, 404),
        ("coverage > 1 or " * 200, MOST_CHARACTERS),
    ],
)
def test_what_is_no_claim_is_refused_where_it_stands(text, at):
    """Hostile or mistaken: a message with the character and a remedy, and nothing else happens."""
    with pytest.raises(FaultyClaim) as refused:
        parse_claim(text)
    assert refused.value.message
    assert refused.value.remedy
    assert refused.value.at == pytest.approx(at, abs=4 if len(text) > 200 else 0)


@pytest.mark.parametrize("seed", range(200))
def test_any_text_is_read_or_refused(seed):
    """Pieces of claims in any order end in a claim or in FaultyClaim, never in another error."""
    draw = random.Random(seed)
    words = ["coverage", "nations.A.cost", "base.", "and", "or", "not", "min", "1", ".5", '"late"']
    pieces = [*words, *"()[]'<,-*/é.\\\n ", "=="]
    text = "".join(draw.choice(pieces) + draw.choice(["", " "]) for _ in range(draw.randint(1, 30)))
    at = 1
    try:
        list(outcomes_of(parse_claim(text)))
    except FaultyClaim as error:
        at = error.at
    assert 1 <= at <= len(text) + 1
