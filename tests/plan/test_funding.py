"""Family 13 as the verifier reads it: what funds may pay, what nations then pay, and the least that a solved plan makes funds pay."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from optimizer.corridor import solve
from optimizer.plan.evaluate import evaluate
from optimizer.plan.funding import least_amounts
from optimizer.plan.gather import Decisions
from optimizer.plan.store import load_plan, save_plan
from optimizer.plan.verify import RejectedPlan, verify
from tests.plan.small import Row, rows, world

FUND = {"fund": "trust", "payer": "trust fund"}


def nations(**budgets: float) -> list[Row]:
    """A, B and C, some with budgets."""
    return [{"nation": name, **({"budget": budgets[name]} if name in budgets else {})} for name in "ABC"]


def judged(plan: str, paid: list[tuple[str, str, float]], **tables: Any) -> Any:
    """What the check finds of a plan in which funds pay so much."""
    funding = [{"fund": fund, "nation": nation, "amount": amount} for fund, nation, amount in paid]
    return evaluate(world(periods=3, **tables), None, Decisions(rows(plan), funding=funding))


@pytest.mark.parametrize(
    ("fund", "most"),
    [
        ({}, 60.0),
        ({"share": 0.5}, 30.0),
        ({"from": 2}, 40.0),
        ({"from": 2, "until": 2, "area": "north"}, 20.0),
        ({"nation": "A;B", "tag": "army", "unit_type": "inf", "mission": "watch"}, 60.0),
        ({"condition": "!war"}, 60.0),
    ],
    ids=["all of the cost", "a share", "a window", "an area", "selectors", "a condition that holds"],
)
def test_a_fund_pays_up_to_its_share_of_what_it_selects(fund: Row, most: float) -> None:
    """Two units of A at 10 million in each of three periods: the whole of what is selected may be paid, and not a bit more."""
    tables = {"funding": [{**FUND, **fund}], "conditions": [{"condition": "war"}]}
    assert judged("A north 1-3 2", [("trust", "A", most)], **tables).holds
    (broken,) = judged("A north 1-3 2", [("trust", "A", most + 0.1)], **tables).violations
    assert (broken.rule, broken.amount, broken.limit) == ("fund_share", pytest.approx(most + 0.1), most)
    assert broken.source == ("funding/trust.share" if "share" in fund else "")


@pytest.mark.parametrize(
    "fund",
    [{"nation": "B"}, {"area": "south"}, {"tag": "!army"}, {"condition": "war"}, {"payer": "A"}],
    ids=["another nation", "another area", "other units", "a condition that fails", "its payer's own"],
)
def test_a_fund_pays_nothing_for_what_it_does_not_select(fund: Row) -> None:
    """Services of others, elsewhere, of other units, while the condition fails, and the payer's own."""
    tables = {"funding": [{**FUND, **fund}], "conditions": [{"condition": "war"}]}
    found = judged("A north 1-3 2", [("trust", "A", 1.0)], **tables)
    assert [(one.rule, one.limit) for one in found.violations] == [("fund_share", 0.0)]


def test_moves_that_start_in_the_window_are_paid_for() -> None:
    """A move into the second period belongs to a fund from the second period on; a move into the first does not."""
    tables = {"funding": [{**FUND, "from": 2}], "deployment_costs": [{"unit_type": "inf", "movement_cost": 3}]}
    assert judged("A north 2 1", [("trust", "A", 13.0)], **tables).holds
    assert not judged("A north 1-2 1", [("trust", "A", 13.0)], **tables).holds
    assert judged("A north 1-2 1", [("trust", "A", 10.0)], **tables).holds


def test_the_maximum_is_over_all_nations() -> None:
    """What a fund pays to A and B together is at most its maximum; no amount is negative."""
    tables = {"funding": [{**FUND, "maximum": 15}]}
    assert judged("A north 1 1; B north 1 1", [("trust", "A", 7), ("trust", "B", 8)], **tables).holds
    (broken,) = judged("A north 1 1; B north 1 1", [("trust", "A", 8), ("trust", "B", 8)], **tables).violations
    assert (broken.rule, broken.amount, broken.limit, broken.source) == (
        "fund_maximum",
        16.0,
        15.0,
        "funding/trust.maximum",
    )
    (broken,) = judged("A north 1 1", [("trust", "A", -1)], **tables).violations
    assert (broken.rule, broken.amount) == ("fund_amount", -1.0)


def test_amounts_that_name_nothing_known_are_rows_in_error() -> None:
    """A fund or a nation that is not there, and an amount that is no number."""
    paid = [("other", "A", 1.0), ("trust", "D", 1.0), ("trust", "A", float("nan"))]
    found = judged("A north 1 1", paid, funding=[FUND]).violations
    assert [(one.rule, one.name, one.place) for one in found] == [
        ("row", "other", "A"),
        ("row", "trust", "D"),
        ("row", "trust", "A"),
    ]


def test_what_nations_pay() -> None:
    """Cost less what is received, and what is paid for others; a budget counts that, and the limit `paid` too; cost stays as it is."""
    tables = {
        "nations": [
            {"nation": "A", "budget": 5, "participation_cost": 2},
            {"nation": "B", "budget": 18},
            {"nation": "C"},
        ],
        "funding": [{"fund": "f", "payer": "B", "share": 0.8}],
        "limits": [
            {"limit": "all", "measure": "paid", "per": "horizon", "maximum": 100},
            {"limit": "cost", "measure": "cost", "per": "horizon", "maximum": 100},
        ],
    }
    found = judged("A north 1 1; B north 1 1", [("f", "A", 8.0)], **tables)
    assert found.holds
    used = dict(zip(found.frames["limits"]["limit"], found.frames["limits"]["used"], strict=True))
    assert used == {"A budget": 4.0, "B budget": 18.0, "all": 22.0, "cost": 22.0}
    assert (
        dict(zip(found.frames["limits"]["limit"], found.frames["limits"]["measure"], strict=True))["A budget"] == "paid"
    )
    assert found.frames["nations"].set_index("nation")["paid"].to_dict() == {"A": 4.0, "B": 18.0, "C": 0.0}
    assert found.frames["funding"].to_dict("records") == [{"fund": "f", "payer": "B", "nation": "A", "amount": 8.0}]
    (broken,) = judged("A north 1 1; B north 1 1", [("f", "A", 6.0)], **tables).violations
    assert (broken.rule, broken.source, broken.amount) == ("limit", "nations/A.budget", 6.0)


def test_a_budget_that_no_fund_concerns_stays_on_cost() -> None:
    """Only nations that a fund can pay, or that pay by one, have their budgets on what they pay."""
    tables = {"nations": nations(A=40, B=40, C=40), "funding": [{"fund": "f", "payer": "B", "nation": "A"}]}
    found = judged("A north 1 1", [], **tables).frames["limits"]
    assert dict(zip(found["limit"], found["measure"], strict=True)) == {
        "A budget": "paid",
        "B budget": "paid",
        "C budget": "cost",
    }


def test_the_burden_of_what_is_paid() -> None:
    """Half of A's cost is paid by B: both pay 15 of 30. Where a trust fund pays all, nobody bears anything and the gap is 0."""
    fair = [{"nation": "A", "fair_share": 1}, {"nation": "B", "fair_share": 1}, {"nation": "C"}]
    aims = [{"name": "burden_gap", "priority": 1, "measure": "paid"}]
    plan = "A north 1 2; B north 1 1"
    tables = {"nations": fair, "aims": aims}
    found = judged(plan, [("f", "A", 5.0)], funding=[{"fund": "f", "payer": "B"}], **tables)
    assert [item.value for item in found.aims] == [1.0]
    found = judged(plan, [("trust", "A", 20.0), ("trust", "B", 10.0)], funding=[FUND], **tables)
    assert [item.value for item in found.aims] == [0.0]
    assert judged(plan, [], funding=[FUND], **tables).aims[0].value == pytest.approx(4 / 3)


def test_a_solved_plan_has_the_least_amounts(tmp_path: Any) -> None:
    """A and B could send more than their budgets of 15 allow; the fund pays what is missing, and no more. Folder and check agree."""
    funding = [{**FUND, "nation": "A;B"}]
    instance = world(nations=nations(A=15, B=15, C=0), funding=funding)
    plan = solve(instance, child=False)
    assert plan.aim("coverage") == 80.0
    assert plan.funding["amount"].sum() == pytest.approx(80 - 30)
    assert set(plan.funding["payer"]) == {"trust fund"}
    save_plan(plan, tmp_path / "plan")
    again = load_plan(tmp_path / "plan")
    assert again.funding.equals(plan.funding)
    verify(instance, again)
    tables = {"assignments": plan.assignments, "funding": plan.funding}
    verify(instance, tables)
    with pytest.raises(RejectedPlan, match="paid used"):
        verify(instance, {"assignments": plan.assignments})
    with pytest.raises(RejectedPlan, match="trust pays 100 million to A"):
        verify(instance, {**tables, "funding": plan.funding.assign(amount=100.0)})


def test_among_equally_good_plans_funds_pay_least() -> None:
    """B within its budget is as good as A with a fund: the fund pays nothing."""
    lines = [{"requirement": "north", "mission": "watch", "area": "north", "capability": "guard", "target": 2}]
    instance = world(nations=nations(A=0, B=10, C=0), funding=[FUND], requirements=lines)
    plan = solve(instance, child=False)
    assert plan.aim("coverage") == 100.0
    assert plan.funding.empty
    assert plan.assignments["pledge"].tolist() == ["B"]


def test_least_amounts_keep_what_is_fair() -> None:
    """Less would do for the budgets, but not for the burden gap of what is paid."""
    fair = [{"nation": "A", "fair_share": 1}, {"nation": "B", "fair_share": 1}, {"nation": "C"}]
    for variant in ("ratio", "deviation"):
        aims = [{"name": "burden_gap", "priority": 1, "measure": "paid", "variant": variant}]
        instance = world(nations=fair, funding=[{"fund": "f", "payer": "B"}], aims=aims)
        paid = pd.DataFrame([("f", "A", 5.0)], columns=["fund", "nation", "amount"])
        found = least_amounts(instance, None, Decisions(rows("A north 1 2; B north 1 1"), funding=paid))
        assert found["amount"].tolist() == [pytest.approx(5.0, abs=1e-6)]


def test_nobody_need_pay_nothing_where_all_can_pay_fairly() -> None:
    """A trust fund that pays all leaves no deviation; but so does one that pays A ten million less, and that is less."""
    fair = [{"nation": "A", "fair_share": 1}, {"nation": "B", "fair_share": 1}, {"nation": "C"}]
    plan, paid = rows("A north 1 2; B north 1 1"), [("trust", "A", 20.0), ("trust", "B", 10.0)]
    amounts = pd.DataFrame(paid, columns=["fund", "nation", "amount"])
    for variant, least in (("deviation", 10.0), ("ratio", 30.0)):
        aims = [{"name": "burden_gap", "priority": 1, "measure": "paid", "variant": variant}]
        instance = world(nations=fair, funding=[FUND], aims=aims)
        found = least_amounts(instance, None, Decisions(plan, funding=amounts))
        assert found["amount"].sum() == pytest.approx(least, abs=1e-6)
