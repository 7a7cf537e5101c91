"""Reasons for open lines, planted one by one."""

from __future__ import annotations

from typing import Any

import pytest

import optimizer as fg
from optimizer.model.assemble import Built
from optimizer.studies.why.lines import Lines
from optimizer.studies.why.reason import Reason
from optimizer.studies.why.reasons import find_reasons

pytestmark = pytest.mark.no_cover
LINE = {"requirement": "r", "mission": "m", "area": "a", "capability": "guard", "target": 4}
OTHER = {"requirement": "s", "mission": "m", "area": "a", "capability": "train", "target": 4}


def world(periods: int = 1, **tables: Any) -> fg.Instance:
    """One line that asks for four guards; France and Italy have two battalions each."""
    given: dict[str, Any] = {
        "nations": [{"nation": name} for name in ("FRA", "ITA")],
        "unit_types": [{"unit_type": "bn", "personnel": 100, "cost": 1}, {"unit_type": "team", "personnel": 10}],
        "yields": [
            {"unit_type": "bn", "capability": "guard", "amount": 1},
            {"unit_type": "team", "capability": "train", "amount": 1},
        ],
        "pledges": [
            {"pledge": f"{name}-bn", "nation": name, "unit_type": "bn", "quantity": 2} for name in ("FRA", "ITA")
        ],
        "missions": [{"mission": "m"}],
        "requirements": [LINE],
        **tables,
    }
    header = {"periods": {"count": periods}, "aims": [{"name": "coverage"}]}
    return fg.Instance.from_tables(given, header=header, impossible=True)


def reasons(instance: fg.Instance, line: str = "r") -> list[Reason]:
    """The reasons for one line of the best plan."""
    plan = fg.solve(instance, child=False)
    assert plan.has_plan
    return find_reasons(plan, line=line)


def the_reason(instance: fg.Instance, line: str = "r") -> tuple[str, set[str]]:
    """The only reason for a line, and the rules that it names."""
    (found,) = reasons(instance, line)
    assert found.sentence.endswith(".")
    assert "(" + line + ")" in found.sentence
    return found.reason, set(found.rules)


def test_nothing_pledged() -> None:
    """Nobody offers the capability; or only before the period."""
    assert the_reason(world(requirements=[OTHER]), "s") == ("nothing pledged", set())
    pledges = [{"pledge": "p", "nation": "FRA", "unit_type": "bn", "quantity": 4, "until": 1}]
    (found,) = reasons(world(2, pledges=pledges))
    assert (found.reason, found.periods, found.gap) == ("nothing pledged", (2,), 4)


def test_forbidden_by_caveats_of_each_nation() -> None:
    """Both caveats of a nation with two, and that of the other nation; none about something else."""
    caveats = [
        {"caveat": "no French", "nation": "FRA", "rule": "forbid"},
        {"caveat": "no French again", "nation": "FRA", "area": "a", "rule": "forbid"},
        {"caveat": "no Italians", "nation": "ITA", "rule": "forbid"},
        {"caveat": "no teams", "unit_type": "team", "rule": "forbid"},
    ]
    assert the_reason(world(caveats=caveats)) == (
        "forbidden",
        {"caveats/no French", "caveats/no French again", "caveats/no Italians"},
    )


def test_forbidden_where_the_rest_is_used_up() -> None:
    """France serves with all it has; Italy may not."""
    caveats = [{"caveat": "no Italians", "nation": "ITA", "rule": "forbid"}]
    assert the_reason(world(caveats=caveats)) == ("forbidden", {"caveats/no Italians"})


def test_forbidden_by_partners() -> None:
    """A link to somebody who has nothing, a lead that nobody takes, a number of nations or a contingent that cannot be reached."""
    nations = [{"nation": name} for name in ("FRA", "ITA", "POL")]
    links = [{"link": "with Poland", "kind": "needs", "nation": "FRA;ITA", "other": "POL"}]
    assert the_reason(world(nations=nations, links=links)) == ("forbidden", {"links/with Poland"})
    posts = [{"mission": "m", "area": "a", "lead": "required"}]
    participation = [{"nation": "POL", "may_lead": True}]
    found = the_reason(world(nations=nations, posts=posts, participation=participation))
    assert found == ("forbidden", {"posts/m:a.lead"})
    posts = [{"mission": "m", "area": "a", "min_nations": 3}]
    assert the_reason(world(nations=nations, posts=posts)) == ("forbidden", {"posts/m:a.min_nations"})
    nations = [{"nation": name, "min_contingent": 250} for name in ("FRA", "ITA")]
    assert the_reason(world(nations=nations)) == (
        "forbidden",
        {"nations/FRA.min_contingent", "nations/ITA.min_contingent"},
    )


def test_below_a_sibling_s_threshold() -> None:
    """The post cannot be mounted because nobody trains there."""
    lines = [LINE, {**OTHER, "threshold": 2}]
    assert the_reason(world(requirements=lines)) == ("below threshold", {"requirements/s.threshold"})
    assert the_reason(world(requirements=lines), "s")[0] == "nothing pledged"
    assert the_reason(world(requirements=[{**LINE, "target": 9, "threshold": 8}])) == (
        "below threshold",
        {"requirements/r.threshold"},
    )


def test_better_used_elsewhere() -> None:
    """A mission of twice the weight has the units; what it would lose is said."""
    missions = [{"mission": "m"}, {"mission": "big", "weight": 2}]
    lines = [LINE, {**LINE, "requirement": "b", "mission": "big"}]
    (found,) = reasons(world(missions=missions, requirements=lines))
    assert (found.reason, set(found.pledges)) == ("better used elsewhere", {"FRA-bn", "ITA-bn"})
    assert found.loses is not None
    assert found.loses.value == pytest.approx(100 / 3, abs=1e-3)
    assert found.loses.bound == pytest.approx(100 / 3, abs=1e-3)


@pytest.mark.parametrize(
    ("tables", "rules"),
    [
        ({"nations": [{"nation": "FRA", "max_personnel": 100}, {"nation": "ITA"}]}, {"nations/FRA.max_personnel"}),
        ({"posts": [{"mission": "m", "area": "a", "max_personnel": 150}]}, {"posts/m:a.max_personnel"}),
        ({"areas": [{"area": "a", "max_personnel": 150}]}, {"areas/a.max_personnel"}),
        (
            {
                "nations": [{"nation": "FRA", "max_units": 1}, {"nation": "ITA"}],
                "limits": [{"limit": "few", "measure": "units", "nation": "FRA", "maximum": 1}],
            },
            {"nations/FRA.max_units", "limits/few"},
        ),
        (
            {"caveats": [{"caveat": "few", "nation": "ITA", "rule": "limit", "measure": "units", "maximum": 1}]},
            {"caveats/few"},
        ),
        (
            {"enablers": [{"enabler": "doctors", "capability": "heal", "per_personnel": 0.01}]},
            {"enablers/doctors"},
        ),
    ],
)
def test_capped(tables: dict[str, Any], rules: set[str]) -> None:
    """Caps, limits, limit caveats and enablers; both of two that bind together."""
    if "enablers" in tables:
        tables = {**tables, "capabilities": [{"capability": name} for name in ("guard", "train", "heal")]}
    assert the_reason(world(**tables)) == ("capped", rules)


def test_exhausted() -> None:
    """All four battalions serve and six are wanted; the pledges are named, and no rule."""
    (found,) = reasons(world(requirements=[{**LINE, "target": 6}]))
    assert (found.reason, found.rules, found.pledges) == ("exhausted", (), ("FRA-bn", "ITA-bn"))
    assert found.gap == 2


def test_the_one_that_closes_most() -> None:
    """A cap that costs one unit and a caveat that costs two: the caveat."""
    tables = {
        "nations": [{"nation": "FRA", "max_units": 1}, {"nation": "ITA"}],
        "caveats": [{"caveat": "no Italians", "nation": "ITA", "rule": "forbid"}],
    }
    assert the_reason(world(**tables)) == ("forbidden", {"caveats/no Italians"})


def test_no_time() -> None:
    """Without time the reason is not known, and nothing is claimed."""
    plan = fg.solve(world(requirements=[{**LINE, "target": 6}]), child=False)
    (found,) = find_reasons(plan, seconds=1e-9)
    assert (found.reason, found.rules) == ("not known in time", ())


def test_a_solve_that_ends_without_a_bound_establishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the time ends in the last question, with rules lifted, the pledges are not said to be used up."""
    caveat = {"caveat": "c", "nation": "FRA", "rule": "forbid"}
    instance = world(caveats=[caveat])
    plan = fg.solve(instance, child=False)
    asked = Lines._solve

    def cut(self: Lines, built: Built, *more: Any) -> Any:
        return asked(self, built, *more) if built is self._model({}) else (None, None)

    monkeypatch.setattr(Lines, "_solve", cut)
    assert [one.reason for one in find_reasons(plan, line="r")] == ["not known in time"]
