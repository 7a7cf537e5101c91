"""The comparison with history: what it may look at, its measures, and the outcome that is published."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from publications.history import sentences
from publications.history.cases import CASES, ISAF, KFOR, MAIN, Case
from publications.history.facts import KINDS, amounts, read_facts
from publications.history.measures import fit
from publications.history.page import OUTCOME
from publications.history.predict import shares
from publications.history.results import MODEL, Result, by_nation, classes, measures, predictors
from publications.history.tables import decisions, instance_of, split

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "reports" / "history"


def published(case: Case) -> Result:
    """The result of a case as its published tables have it."""
    frames = {name: pd.read_csv(REPORT / f"{case.key}-{name}.csv") for name in OUTCOME}
    return Result(case, read_facts(case.key), **frames)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_every_fact_has_a_source_and_a_known_kind(case: Case) -> None:
    """Each row of an extract says where it is from, when, and what it is."""
    for fact in read_facts(case.key):
        assert fact.source
        assert fact.date
        assert fact.kind in KINDS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_shipped_instance_is_what_the_facts_give(case: Case) -> None:
    """The folder under instances/ holds the main choices, and nothing was changed by hand."""
    assert read_instance(ROOT / "instances" / case.instance) == instance_of(case, read_facts(case.key), MAIN)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_prediction_sees_only_the_total_of_the_later_date(case: Case) -> None:
    """Were the later contingents exchanged among nations, the instance would be the same; with another total it would not."""
    facts = read_facts(case.key)
    later = [fact for fact in facts if fact.kind == "came" and fact.date == case.later[0]]
    others = tuple(fact for fact in facts if fact.kind != "came")
    turned = tuple(replace(fact, value=other.value) for fact, other in zip(later, [*later[1:], later[0]], strict=True))
    more = (replace(later[0], value=str(int(later[0].value) + 1)), *later[1:])
    main = instance_of(case, facts, MAIN)
    assert instance_of(case, (*others, *turned), MAIN) == main
    assert instance_of(case, (*others, *more), MAIN) != main


def test_a_total_is_divided_in_whole_numbers() -> None:
    """The largest remainder is rounded up, and nothing is lost."""
    assert split(10, {"a": 1.0, "b": 1.0, "c": 1.0}) == {"a": 4, "b": 3, "c": 3}
    assert split(7, {"a": 0.75, "b": 0.25}) == {"a": 5, "b": 2}


def test_measures_by_hand() -> None:
    """Of shares 0.5, 0.3, 0.2 predicted as 0.4, 0.3, 0.3: a tenth is misplaced, one share is hit, the order of two is lost."""
    found = fit({"a": 0.4, "b": 0.3, "c": 0.3}, {"a": 5.0, "b": 3.0, "c": 2.0}, "abc")
    assert found.distance == pytest.approx(10.0)
    assert found.mean_error == pytest.approx(20 / 3)
    assert (found.nations, found.near, found.close) == (3, 1, 2)
    assert found.rank == pytest.approx(math.sqrt(3) / 2)


def test_decisions_of_a_few_nations() -> None:
    """What is there and what was announced add up; who announced to leave before the year has decided nothing."""
    decided = decisions(ISAF, read_facts("isaf"), MAIN)
    assert {nation: decided[nation] for nation in ("USA", "POL", "NLD", "CAN", "HRV")} == {
        "USA": 31855 + 30000,
        "POL": 2025 + 600 + 4 * 25,
        "NLD": 0,
        "CAN": 2830,
        "HRV": 290 + 2 * 25,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_published_prediction_is_the_plan_of_the_shipped_instance(case: Case) -> None:
    """Solved again, no more of the force is placed otherwise than the gap of the search allows."""
    plan = solve(read_instance(ROOT / "instances" / case.instance), child=False)
    assert plan.termination == "optimal"
    sent = {str(row.nation): float(row.peak_personnel) for row in plan.nations.itertuples()}
    before = dict(zip(published(case).nations["nation"], published(case).nations["predicted"], strict=True))
    assert fit(shares(sent), before, before).distance < 0.2


def test_fairest_division_of_kfor_is_the_least_by_count() -> None:
    """The published burden gap is the least ratio at which whole soldiers suffice, counted without any solver."""
    facts = read_facts("kfor")
    wealth, decided = amounts(facts, "gdp"), decisions(KFOR, facts, MAIN)
    rest = 4353 - sum(decided.values())
    parts = {nation: wealth[nation] / sum(wealth[n] for n in decided) for nation in decided}

    def enough(ratio: float) -> bool:
        return sum(math.floor(ratio * part * rest + 1e-9) for part in parts.values()) >= rest

    steps = sorted({count / (part * rest) for part in parts.values() for count in range(1, rest + 1)})
    least = next(ratio for ratio in steps if enough(ratio))
    nations = published(KFOR).nations
    added = dict(zip(nations["nation"], nations["predicted"] - nations["decided"], strict=True))
    assert sum(added.values()) == rest
    assert max(added[nation] / (part * rest) for nation, part in parts.items()) == pytest.approx(least, rel=0.005)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_published_measures_follow_from_the_published_shares(case: Case) -> None:
    """The measures, the classes and every other column by nation are those of the facts and of what was predicted."""
    result = published(case)
    sent = dict(zip(result.nations["nation"], result.nations["predicted"], strict=True))
    nations = by_nation(case, result.facts, sent)
    pd.testing.assert_frame_equal(nations, result.nations, check_dtype=False, rtol=1e-4, atol=1e-5)
    found = measures(case, result.facts, predictors(nations))
    pd.testing.assert_frame_equal(found, result.measures, check_dtype=False, rtol=1e-4)
    pd.testing.assert_frame_equal(classes(nations), result.errors, check_dtype=False, rtol=1e-3, atol=1e-3)
    main = result.variants[result.variants["variant"] == "main"].iloc[0]
    assert main["distance"] == pytest.approx(
        sentences.measure(sentences.main_rows(result), MODEL, "distance"), rel=1e-4
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_published_sentences_follow_from_the_published_tables(case: Case) -> None:
    """Each sentence about a case, made again from its tables, stands in the report."""
    result, text = published(case), (REPORT / "index.md").read_text(encoding="utf-8")
    for line in (
        sentences.headline(result),
        *sentences.outcome(result),
        *sentences.reasons(result),
        *sentences.free_choices(result),
    ):
        assert line in text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_every_comparison_names_every_rival(case: Case) -> None:
    """Where one rival has a figure, all have: in the headline, the hits, without the largest nation, and over the free choices."""
    result = published(case)
    rivals = sentences.rivals(result)
    assert rivals == ["as before", "by GDP", *(["as before and announced"] if case is ISAF else [])]
    texts = [sentences.headline(result), *sentences.outcome(result), *sentences.free_choices(result)]
    compared = [text for text in texts if "by GDP" in text and "as before" in text]
    assert len(compared) == 4
    for rival in rivals:
        assert all(re.search(rf"{rival}(?! and)", text) for text in compared)


def test_headline_begins_with_the_nearest() -> None:
    """Who misplaces least is named first, with its figure, and forcegen where it belongs."""
    result = published(ISAF)
    text = sentences.headline(result)
    assert text.startswith("ISAF: “as before and announced” is nearest to what came; it misplaces 10.09 ")
    turned = result.measures.replace(
        {"predictor": {MODEL: "as before and announced", "as before and announced": MODEL}}
    )
    assert sentences.headline(replace(result, measures=turned)).startswith("ISAF: forcegen is nearest")


def test_published_outcome() -> None:
    """Against as before, forcegen wins in Afghanistan and gains nothing in Kosovo; announcements alone do better than it does in Afghanistan."""
    kosovo, afghanistan = (
        sentences.main_rows(published(case)).set_index("predictor")["distance"] for case in (KFOR, ISAF)
    )
    assert kosovo[MODEL] == pytest.approx(kosovo["as before"], abs=0.5)
    assert kosovo[MODEL] < kosovo["by GDP"]
    assert afghanistan[MODEL] < afghanistan["as before"] - 5
    assert afghanistan[MODEL] < afghanistan["by GDP"] - 5
    assert afghanistan["as before and announced"] < afghanistan[MODEL] - 1
