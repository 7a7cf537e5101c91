"""What may serve where and when: the verifier's reading against the model's, and against cases by hand."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from optimizer.instance import admissible as model
from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.instance.scenario import scenario_tables
from optimizer.plan.admissible import NO_YIELD, Admissible
from optimizer.plan.case import read_case
from tests.oracle.random_instances import FAMILIES, tiny
from tests.shipped import folders


def differences(instance: Instance, scenario: str | None) -> tuple[list[object], set[str]]:
    """Services on which the two sides disagree, and the kinds of rules that refuse some service."""
    tables, horizon = scenario_tables(instance, scenario), instance.header.periods
    other, own = model.admissible(tables, horizon), Admissible.of(read_case(instance, scenario))
    found: list[object] = []
    met: set[str] = set()
    pairs = list(itertools.product(own.case.pledges, own.case.lines))
    for pledge, line in pairs[:: 1 + len(pairs) // 1000]:  # of large instances, pairs from all over the tables
        mine = {rule: np.flatnonzero(when) + 1 for rule, when in own.refusals(pledge, line).items()}
        shown = {rule: tuple(when.tolist()) for rule, when in mine.items()}
        theirs = {rule: model.periods_of(mask) for rule, mask in other.refusals(pledge, line).items() if mask}
        present = tuple((np.flatnonzero(own.admits(pledge, line)) + 1).tolist())
        if shown != theirs or present != model.periods_of(other.services.get((pledge, line), 0)):
            found.append((scenario, pledge, line, shown, theirs))
        met |= {rule.partition("/")[0] + "." + rule.rpartition(".")[2] for rule in shown if "/" in rule}
    return found, met


def test_both_sides_admit_and_refuse_the_same() -> None:
    """On random instances, model and verifier refuse the same services in the same periods, by the same rules."""
    met: set[str] = set()
    for seed in range(120):
        tables, header, _ = tiny(seed, FAMILIES)
        instance = Instance.from_tables(tables, header=header, impossible=True)
        for scenario in (None, *instance.scenarios):
            found, kinds = differences(instance, scenario)
            assert found == [], seed
            met |= kinds
    assert {"pledges.condition", "pledges.from", "pledges.until", "requirements.from", "pledges.tour"} <= met
    assert any(kind.startswith("caveats.") for kind in met)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_both_sides_agree_on_shipped_instances(folder: Path) -> None:
    """The same holds for every shipped instance (of the large ones, for a thousand pairs of pledge and line)."""
    instance = read_instance(folder)
    for scenario in (None, *list(instance.scenarios)[:1]):
        assert differences(instance, scenario)[0] == []


def test_every_refused_service_has_its_reasons() -> None:
    """By hand: condition, window, caveat, tour and the wrong kind of unit each refuse where they should, and nothing else does."""
    tables = {
        "nations": [{"nation": "A"}],
        "conditions": [{"condition": "truce", "default": False}],
        "unit_types": [{"unit_type": "u"}, {"unit_type": "v"}],
        "capabilities": [{"capability": "c"}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [
            {"pledge": "late", "nation": "A", "unit_type": "u", "quantity": 2, "from": 3},
            {"pledge": "if", "nation": "A", "unit_type": "u", "quantity": 2, "condition": "truce"},
            {"pledge": "long", "nation": "A", "unit_type": "u", "quantity": 2, "tour": 3, "dwell": 0, "until": 4},
            {"pledge": "odd", "nation": "A", "unit_type": "v", "quantity": 2},
            {"pledge": "few", "nation": "A", "unit_type": "u", "quantity": 1, "rotation_factor": 2},
        ],
        "missions": [{"mission": "m"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 2, "from": 2}],
        "caveats": [{"caveat": "no fifth", "nation": "A", "rule": "forbid", "from": 5, "until": 5}],
    }
    instance = Instance.from_tables(tables, {"periods": {"count": 6}}, impossible=True)
    found = Admissible.of(read_case(instance))
    before, fifth = ("requirements/r.from",), ("caveats/no fifth",)
    assert [found.reasons("late", "r", t) for t in range(1, 7)] == [
        ("pledges/late.from", *before),
        ("pledges/late.from",),
        (),
        (),
        fifth,
        (),
    ]
    assert [found.reasons("if", "r", t) for t in (1, 2, 5)] == [
        ("pledges/if.condition",),
        ("pledges/if.condition",),
        ("pledges/if.condition",),
    ]
    # A tour of three fits into periods 2 to 4 only.
    assert [found.reasons("long", "r", t) for t in range(1, 7)] == [
        before,
        (),
        (),
        (),
        ("pledges/long.until", *fifth),
        ("pledges/long.until",),
    ]
    assert found.reasons("odd", "r", 3) == (NO_YIELD,)
    assert found.reasons("few", "r", 3) == ("pledges/few.rotation_factor",)


def test_a_tour_that_does_not_fit_refuses() -> None:
    """What everything else would admit, and no whole tour covers, is refused by the tour."""
    tables = {
        "nations": [{"nation": "A"}],
        "unit_types": [{"unit_type": "u"}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [{"pledge": "p", "nation": "A", "unit_type": "u", "quantity": 1, "tour": 3, "until": 2}],
        "missions": [{"mission": "m"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 2}],
    }
    instance = Instance.from_tables(tables, {"periods": {"count": 4}}, impossible=True)
    found = Admissible.of(read_case(instance))
    assert [found.reasons("p", "r", t) for t in (1, 2, 3)] == [
        ("pledges/p.tour",),
        ("pledges/p.tour",),
        ("pledges/p.until",),
    ]
    assert not found.admits("p", "r").any()
