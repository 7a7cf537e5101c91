"""Who moves from one plan to another: spells that add up to the new plan, and sentences that say what happens."""

import random

import pandas as pd
import pytest

from optimizer.plan.moves import MOVED_COLUMNS, moved, runs, services_of, told

from .small import rows, world

COLUMNS = ["pledge", "requirement", "period", "units"]
NAMES = {"A": "Aland", "B": "Bland", "watch": "Watch", "north": "North", "south": "South", "inf": "battalions"}


def services(text, periods=6):
    return services_of(pd.DataFrame(rows(text), columns=COLUMNS), world(periods))


def said(before, after):
    return told(services(before), services(after), lambda _, key: NAMES.get(key, key))


def test_runs_are_longest_and_cover_everything():
    """Consecutive periods with one value make one run."""
    assert list(runs({1: "a", 2: "a", 3: "b", 5: "b"})) == [(1, 2, "a"), (3, 3, "b"), (5, 5, "b")]
    assert list(runs({})) == []


def test_another_type_of_unit_is_told():
    """A nation that stays, and sends other units than before."""
    both = [{"nation": "A", "mission": "watch", "area": "north", "requirement": "north", "period": 1, "units": 2}]
    frames = [pd.DataFrame([{**row, "pledge": kind, "unit_type": kind} for row in both]) for kind in ("inf", "med")]
    found = told(*(services_of(frame, world(1)) for frame in frames), lambda _, key: NAMES.get(key, key))
    assert found == [
        "Aland no longer sends battalions to Watch in North (2 before) in period 1.",
        "Aland sends 2 of med to Watch in North, too, in period 1.",
    ]


@pytest.mark.parametrize("seed", range(20))
def test_the_spells_lead_from_one_plan_to_the_other(seed):
    """Put into the old plan, the units of all spells give the new one; and no two neighbouring spells say the same."""
    draw = random.Random(seed)

    def plan():
        return {
            (pledge, line, period): draw.randint(1, 2)
            for pledge in "ABC"
            for line in ("north", "south")
            for period in range(1, 7)
            if draw.random() < 0.6
        }

    before, after = plan(), plan()
    frames = [pd.DataFrame([(*key, units) for key, units in one.items()], columns=COLUMNS) for one in (before, after)]
    table = moved(*(services_of(frame, world(6)) for frame in frames))
    assert list(table.columns) == list(MOVED_COLUMNS)
    applied = dict(before)
    last = None
    for row in table.to_dict("records"):
        assert row["before"] != row["after"]
        assert (row["nation"], row["area"]) == (row["pledge"], row["requirement"])
        spell = row["pledge"], row["requirement"], row["before"], row["after"]
        assert last != (*spell, row["from"] - 1)
        last = (*spell, row["until"])
        for period in range(row["from"], row["until"] + 1):
            key = row["pledge"], row["requirement"], period
            assert applied.get(key, 0) == row["before"]
            applied[key] = row["after"]
    assert {key: units for key, units in applied.items() if units} == after


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        ("A north 1-4 1", "A north 1-4 1", []),
        ("A north 1-4 1", "A north 1-2 1", ["Aland leaves North in period 3."]),
        ("A north 1-2 1", "A north 1-4 1", ["Aland stays at North until period 4 and no longer leaves in period 3."]),
        ("A north 3-4 1", "A north 1-4 1", ["Aland comes to North in period 1 already, before in period 3."]),
        ("A north 1-4 1", "A north 3-4 1", ["Aland comes to North in period 3 and no longer in period 1."]),
        (
            "A north 1-4 1",
            "A north 1 1; A north 3-4 1",
            ["Aland leaves North in period 2 and is back in period 3."],
        ),
        ("A north 1-2 1; A north 4 1", "A north 1-4 1", ["Aland stays at North in period 3, too."]),
        ("A north 1 1", "A north 1 1; A north 3-4 1", ["Aland serves at North in periods 3 to 4, too."]),
        ("A north 1 1; A north 3 1", "A north 1 1", ["Aland is no longer at North in period 3."]),
        ("A north 1-3 1", "A north 1-3 2", ["Aland sends 2 instead of 1 of battalions to North in periods 1 to 3."]),
        (
            "A north 1-3 1; B south 1 1",
            "B south 1 1",
            ["Aland no longer serves anywhere (North in periods 1 to 3)."],
        ),
        ("B south 1 1", "A north 2 1; B south 1 1", ["Aland joins: North in period 2."]),
        (
            "A north 1-2 1",
            "A south 1-2 1",
            ["Aland leaves North (before: in periods 1 to 2).", "Aland comes to South in periods 1 to 2."],
        ),
    ],
)
def test_each_move_has_its_sentence(before, after, sentences):
    """Leaving, coming, staying longer, other numbers, joining and leaving altogether have words of their own."""
    expected = [
        sentence.replace("North", "Watch in North").replace("South", "Watch in South") for sentence in sentences
    ]
    assert said(before, after) == expected


def test_nations_that_move_most_come_first():
    """Most unit-periods first; of equal ones by name."""
    assert [one.split()[0] for one in said("A north 1 1; B north 1-3 1", "")] == ["Bland", "Aland"]


def test_a_pledge_that_the_input_no_longer_has_is_still_told():
    """A baseline may name what is gone: the sentence names the pledge."""
    frame = pd.DataFrame([("gone", "nowhere", 1, 2)], columns=COLUMNS)
    found = told(services_of(frame, world(1)), {}, lambda _, key: key)
    assert found == ["pledge gone no longer serves anywhere (a post that the input no longer has in period 1)."]
