"""What is almost full is never shown as full, and how near a plan is to the best is told calmly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import optimizer as fg
from optimizer.cli.codes import code_of
from optimizer.plan.summary import at_most
from optimizer.reporting.describe import describe
from optimizer.reporting.markdown import render_markdown
from optimizer.reporting.page import render_page, shown
from optimizer.reporting.words import is_calm, verdict_in_words

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A plan that fills 5 of 5.0001, which is all there is."""
    return fg.solve(
        fg.Instance.from_tables(
            {
                "nations": [{"nation": "NOR"}],
                "unit_types": [{"unit_type": "company", "personnel": 120, "cost": 1}],
                "yields": [{"unit_type": "company", "capability": "patrol", "amount": 5}],
                "missions": [{"mission": "harbour"}],
                "requirements": [
                    {
                        "requirement": "quay",
                        "mission": "harbour",
                        "area": "coast",
                        "capability": "patrol",
                        "target": 5.0001,
                    }
                ],
                "pledges": [{"pledge": "p", "nation": "NOR", "unit_type": "company", "quantity": 1}],
            }
        ),
        child=False,
    )


def test_almost_full_is_not_full(plan: Plan) -> None:
    """Nothing reads 100 on screen, page and markdown while a line is open, and what is wanted differs from what is fulfilled."""
    content = describe(plan)
    assert ("Coverage", "99.99 %") in content.key_figures
    words = [
        shown(column, cell)
        for section in content.sections
        for table in section.tables
        for row in table.rows
        for column, cell in zip(table.columns, row, strict=True)
    ]
    assert {"99.99", "99.99 %", "5.0001", "5"} <= set(words)
    assert not {"100", "100 %", "100.0 %"} & set(words)
    for text in (render_markdown(content).replace("\\", ""), plan.summary()):
        assert "99.99" in text
        assert "100 %" not in text
    assert "5.0001" in render_page(content)


@pytest.mark.parametrize(
    ("gap", "words"), [(0.00093, "0.1 %"), (0.0034, "0.4 %"), (0.0234, "2.4 %"), (0.005, "0.5 %"), (2.1e-6, "0.0003 %")]
)
def test_a_gap_is_rounded_up(gap: float, words: str) -> None:
    """How near a plan is to the best is never overstated."""
    assert at_most(gap) == words


@pytest.mark.parametrize(
    ("termination", "gap", "calm", "words", "code"),
    [
        ("optimal", 0.00093, True, "within 0.1 % of the best possible (coverage)", 0),
        ("optimal", 0.0, True, "Best plan found and proven", 0),
        ("feasible", 0.004, True, "within 0.4 % of the best possible (coverage); a limit stopped", 5),
        ("feasible", 0.2, False, "within 20 % of the best possible", 5),
        ("feasible", float("nan"), False, "not proven best", 5),
    ],
)
def test_how_near_is_said_calmly(plan: Plan, termination: str, gap: float, calm: bool, words: str, code: int) -> None:
    """A plan within the gap asked for, or stopped near the best, is no alarm; the exit code is what it was."""
    changed = replace(plan, termination=termination, aims=plan.aims.assign(gap=[gap, *plan.aims["gap"][1:]]))
    assert words in verdict_in_words(changed)
    assert is_calm(changed) is describe(changed, check=False).calm is calm
    assert code_of(termination, True) == code
    assert ("verdict good" in render_page(describe(changed, check=False))) is calm
