"""Sentences: figures are cells, rounded to the side on which they hold; and claims over draws."""

from __future__ import annotations

import pandas as pd
import pytest

from publications.paris.draws import CASES, RANGES, Claim, claim_table, corner, points
from publications.paris.effects import DOWN, EITHER, LESS, MORE, NO_PLAN, SAME, TOLD, UNKNOWN, UP, changes, word
from publications.paris.ledger import Entry
from publications.paris.page import shown
from publications.paris.sentences import Cell, Sentence

TABLES = {
    "t": pd.DataFrame({"effect": ["a"], "says": ["{x} <b>"], "at_least": [1.26], "at_most": [1.24], "word": [MORE]})
}


def test_bounds_are_rounded_to_the_side_on_which_they_hold():
    assert Cell("t", "a", "at_least").shown(TABLES) == "1.2"
    assert Cell("t", "a", "at_most").shown(TABLES) == "1.3"
    sets = {"t": TABLES["t"].assign(no_set_has_more_than=78.1116)}
    assert Cell("t", "a", "no_set_has_more_than").shown(sets) == "78.2"


def test_bounds_in_tables_are_rounded_to_the_side_on_which_they_hold():
    """Losses too: between -2.549 and -1.231 points."""
    frame = pd.DataFrame({"at_least": [1.239, -2.549], "at_most": [1.231, -1.239], "found": [1.2349, 0.0]})
    assert shown(frame, "t").rows == ((1.23, 1.24, 1.235), (-2.55, -1.23, 0.0))


def test_text_of_an_instance_is_no_template():
    (one,) = changes("x", TABLES, "t")
    assert one.text(TABLES) == "Suppose: {x} <b>. Then between 1.2 and 1.3 points more can be covered."


def test_what_is_lost_is_told_without_its_sign_and_still_holds():
    """Between -2.54 and -1.26: at least 1.2 are lost, and at most 2.6."""
    lost = pd.DataFrame({"effect": ["a"], "says": ["war"], "at_least": [-2.54], "at_most": [-1.26], "word": [LESS]})
    (one,) = changes("x", {"t": lost}, "t")
    assert one.text({"t": lost}) == "Suppose: war. Then between 1.2 and 2.6 points fewer can be covered."


def test_every_word_has_its_sentence():
    for word_, text in TOLD.items():
        frame = TABLES["t"].assign(word=word_)
        (one,) = changes("x", {"t": frame}, "t")
        assert one.names() == set(one.figures)
        assert one.text({"t": frame}).startswith("Suppose: {x} <b>. Then ")
        assert text.endswith(".")


def test_millions_are_told_in_billions():
    assert Cell("t", "a", "m", "billions").shown({"t": TABLES["t"].assign(m=40_713.0)}) == "40.7"


def test_a_figure_without_a_cell_is_refused():
    with pytest.raises(LookupError, match=r"t\.csv"):
        Sentence("x/a", "{n}", {"n": Cell("t", "b", "at_least")}).text(TABLES)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (1.0, 2.0, MORE),
        (-2.0, -1.0, LESS),
        (0.0, 0.0, SAME),
        (0.0, 3.0, UP),
        (-3.0, 0.0, DOWN),
        (-1.0, 1.0, EITHER),
        (None, 1.0, UNKNOWN),
    ],
)
def test_the_word_follows_from_the_interval(low, high, told):
    assert word(Entry("c", "", "", "", 0.0, "feasible"), low, high) == told


def test_a_case_without_a_plan_is_said_to_have_none():
    assert word(Entry("c", "", "", "", 0.0, "infeasible"), None, None) == NO_PLAN


def drawn(low, high):
    """Draws in which every case has an interval of its own."""
    ends = {f"{case} {end}": values for case in CASES for end, values in (("at_least", low), ("at_most", high))}
    return pd.DataFrame({"draw": range(len(low)), **ends})


def test_a_claim_holds_only_where_that_follows():
    draws = drawn([10.0, 30.0, 41.0], [20.0, 45.0, 60.0])
    (row,) = claim_table([Claim("c", CASES[0], "", "<=", 40.0)], draws, {CASES[0]: ""}).to_dict("records")
    assert (row["holds"], row["open"], row["fails"]) == (1, 1, 1)
    assert row["verdict"] == "does not survive"


def test_a_difference_takes_the_ends_that_count_against_it():
    draws = drawn([30.0], [40.0])
    claims = [Claim("c", CASES[2], CASES[0], ">=", -10.0), Claim("d", CASES[2], CASES[0], ">=", -9.0)]
    table = claim_table(claims, draws, dict.fromkeys(CASES, ""))
    assert table["holds"].tolist() == [1, 0]
    assert table["open"].tolist() == [0, 1]


def test_draws_stay_in_their_ranges_and_repeat():
    one = points(64)
    assert one == points(64)
    assert points(32) == one[:32]
    for draw in one:
        assert all(ends.low <= draw[ends.name] <= ends.high for ends in RANGES)
    assert {draw["dwell"] for draw in one} == {-1.0, 0.0, 1.0}


def test_the_first_draws_fill_every_range_evenly():
    """Of the first 32, four lie in each eighth of each range that is drawn by its share."""
    for ends in (one for one in RANGES if one.name not in {"dwell", "cost"}):
        eighths = [int(8 * (draw[ends.name] - ends.low) / (ends.high - ends.low)) for draw in points(32)]
        assert all(3 <= eighths.count(part) <= 5 for part in range(8)), ends.name


def test_the_hard_end_is_the_hard_end_of_every_range():
    assert corner(0.0) == pytest.approx({one.name: one.hard for one in RANGES})
