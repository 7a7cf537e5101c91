"""What keeps idle pledges at home."""

from __future__ import annotations

import dataclasses
from io import BytesIO

from python_calamine import CalamineWorkbook

from optimizer.instance.instance import Instance
from optimizer.plan.case import read_case
from optimizer.plan.gather import Decisions
from optimizer.plan.idle import idle_pledges
from optimizer.plan.plan import Ending, plan_from_solution
from optimizer.reporting.describe import describe
from optimizer.reporting.workbook import render_workbook

TABLES = {
    "nations": [{"nation": name} for name in "AB"],
    "conditions": [{"condition": "truce", "default": False}],
    "unit_types": [{"unit_type": "u"}, {"unit_type": "v"}],
    "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
    "pledges": [
        {"pledge": "serves", "nation": "A", "unit_type": "u", "quantity": 1},
        {"pledge": "spare", "nation": "A", "unit_type": "u", "quantity": 1},
        {"pledge": "kept", "nation": "B", "unit_type": "u", "quantity": 3, "until": 3},
        {"pledge": "if", "nation": "A", "unit_type": "u", "quantity": 1, "condition": "truce"},
        {"pledge": "odd", "nation": "A", "unit_type": "v", "quantity": 2},
    ],
    "missions": [{"mission": "m"}],
    "requirements": [
        {"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 2, "from": 2},
        {"requirement": "s", "mission": "m", "area": "y", "capability": "c", "target": 2},
    ],
    "caveats": [{"caveat": "B stays out of x", "nation": "B", "rule": "forbid", "area": "x"}],
}
ROWS = [{"pledge": "serves", "requirement": "s", "period": 1, "units": 1}]


def instance() -> Instance:
    return Instance.from_tables(TABLES, {"periods": {"count": 4}}, impossible=True)


def test_idle_pledges_name_the_rules_that_refuse_them() -> None:
    """A caveat and a window refuse one, a condition another; one is of a kind that nobody asks for, one is free to serve."""
    found = {idle.pledge: idle for idle in idle_pledges(read_case(instance()), {"serves"})}
    assert list(found) == ["if", "kept", "odd", "spare"]
    assert found["kept"].rules == ("caveats/B stays out of x", "pledges/kept.until")
    assert found["kept"].may_serve == ("s",)
    assert found["if"].rules == ("pledges/if.condition",)
    assert found["if"].may_serve == ()
    assert (found["odd"].lines, found["odd"].rules) == ((), ())
    assert (found["spare"].may_serve, found["spare"].rules) == (("r", "s"), ())


def test_the_report_names_them() -> None:
    """The report's section on pledges lists each idle pledge with the rules, and says where no rule refuses it."""
    plan = plan_from_solution(instance(), None, Ending("feasible"), Decisions(ROWS))
    section = describe(plan).section("pledges")
    assert section is not None
    assert section.text == ("4 of 5 pledges stay at home; the last table names the rules that refuse them.",)
    assert {row[0]: row[4:] for row in section.tables[-1].rows} == {
        "if": ("0 of 2", "pledges/if.condition"),
        "kept": ("1 of 2", "caveats/B stays out of x, pledges/kept.until"),
        "odd": ("0 of 0", "no rule: no requirement line asks for what it delivers"),
        "spare": ("2 of 2", "nothing by itself: caps, links or the aims leave it at home"),
    }
    book = CalamineWorkbook.from_filelike(BytesIO(render_workbook(plan)))
    assert [row[0] for row in book.get_sheet_by_name("idle_pledges").to_python()] == [
        "Pledge",
        "if",
        "kept",
        "odd",
        "spare",
    ]
    gone = dataclasses.replace(plan, scenario="gone")
    assert len(describe(gone, check=False).section("pledges").tables) == 1  # type: ignore[union-attr]
