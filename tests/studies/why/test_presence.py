"""Why a nation serves at a post, and why not: planted answers, and losses against the oracle."""

from __future__ import annotations

import pytest

import optimizer as fg
from optimizer.studies.why.ask import UnknownLine
from optimizer.studies.why.judge import NothingToCompare
from optimizer.studies.why.presence import Presence
from tests.oracle.brute import TooLarge, best
from tests.studies.why.reference import draw, instance_of
from tests.studies.why.test_reasons import world

pytestmark = pytest.mark.no_cover
POST = {"mission": "m", "area": "a"}


def answer(instance: fg.Instance, nation: str) -> Presence:
    """The answer about the only post of the best plan."""
    (found,) = fg.why(fg.solve(instance, child=False), nation, "m:a")
    assert found.sentence.endswith(".")
    return found


def test_refused_by_caveats() -> None:
    """Both caveats that refuse the only pledge are named, and no other; nothing has to be solved."""
    caveats = [
        {"caveat": "no French", "nation": "FRA", "rule": "forbid"},
        {"caveat": "nor here", "area": "a", "nation": "FRA", "rule": "forbid"},
        {"caveat": "no teams", "unit_type": "team", "rule": "forbid"},
    ]
    found = answer(world(caveats=caveats), "FRA")
    assert (found.serves, found.reason, found.pledges) == (False, "refused", ("FRA-bn",))
    assert set(found.rules) == {"caveats/no French", "caveats/nor here"}
    assert found.loses is None
    assert "FRA does not serve" in found.sentence


def test_nothing_pledged() -> None:
    """A nation without pledges; asked about every post, nothing is listed."""
    instance = world(nations=[{"nation": name} for name in ("FRA", "ITA", "POL")])
    assert answer(instance, "POL").reason == "nothing pledged"
    assert fg.why(fg.solve(instance, child=False), "POL") == ()


def test_ruled_out_by_a_link() -> None:
    """A nation that only goes with one that may not: the link and the caveat, each of which alone would let it."""
    tables = {
        "caveats": [{"caveat": "no Italians", "nation": "ITA", "rule": "forbid"}],
        "links": [{"link": "together", "nation": "FRA", "kind": "needs", "other": "ITA", **POST}],
    }
    found = answer(world(**tables), "FRA")
    assert (found.serves, found.reason) == (False, "ruled out")
    assert set(found.rules) == {"links/together", "caveats/no Italians"}


def test_needed_and_as_good() -> None:
    """Without France half of the target is lost; where Italy alone can do all, it is as good without."""
    found = answer(world(), "FRA")
    assert (found.serves, found.reason) == (True, "needed")
    assert found.loses is not None
    assert (round(found.loses.value or 0, 4), round(found.loses.bound or 0, 4)) == (50, 50)
    pledges = [{"pledge": f"{name}-bn", "nation": name, "unit_type": "bn", "quantity": 4} for name in ("FRA", "ITA")]
    plan = fg.solve(world(pledges=pledges), child=False)
    for nation in ("FRA", "ITA"):
        (one,) = fg.why(plan, nation, ("m", "a"))
        assert one.reason == "as good"
    assert {move.nation for one in fg.why(plan, "FRA") for move in one.moves} == {"ITA"}


def test_a_must_that_only_one_can_keep() -> None:
    """The threshold of a post that must be mounted takes all that is pledged: without either nation there is no plan."""
    line = {"requirement": "r", **POST, "capability": "guard", "target": 4, "threshold": 4}
    found = answer(world(requirements=[line], posts=[{**POST, "must": True}]), "ITA")
    assert (found.reason, found.loses) == ("needed", None)
    assert "no plan keeps every rule" in found.sentence


def test_questions_about_nothing() -> None:
    """Unknown names, periods without a line, and endings without a plan are said in words."""
    plan = fg.solve(world(), child=False)
    for nation, post, period in (("X", None, None), ("FRA", "m:x", None), ("FRA", "m:a", 7)):
        with pytest.raises(UnknownLine):
            fg.why(plan, nation, post, period)
    line = {"requirement": "r", **POST, "capability": "guard", "target": 9, "threshold": 9}
    with pytest.raises(NothingToCompare):
        fg.why(fg.solve(world(requirements=[line], posts=[{**POST, "must": True}]), child=False), "FRA")
    (late,) = fg.why(plan, "FRA", "m:a", time_limit=1e-9)
    assert late.reason == "not known in time"


def test_losses_are_those_of_the_oracle() -> None:
    """On random instances of all families: the loss of the first level where a nation must, or must not, serve at a post."""
    met = 0
    for seed in range(700, 730):
        case = draw(seed)
        plan = fg.solve(instance_of(case), case.scenario, child=False)
        if not plan.has_plan or len(plan.aims) == 0:
            continue
        first = [aim for aim in case.header.get("aims", [{}]) if aim.get("priority", 1) == 1]
        if len(first) != 1 or first[0].get("weight", 1) != 1:
            continue
        for nation in plan.nations["nation"].tolist()[:2]:
            for one in fg.why(plan, nation)[:2]:
                if one.reason in {"refused", "nothing pledged"}:
                    continue
                try:
                    wrong = _wrong(case.tables, case.header, case.scenario, one)
                except TooLarge:
                    continue
                met += 1
                assert wrong == "", f"seed {seed}: {wrong}"
    assert met >= 15


def _wrong(tables, header, scenario, one: Presence) -> str:  # type: ignore[no-untyped-def]
    """What the oracle finds otherwise; empty: nothing."""
    where = {"measure": "units", "per": "horizon", "nation": one.nation, "mission": one.mission, "area": one.area}
    if one.serves:
        rows = [{"limit": f"q{t}", **where, "from": t, "until": t, "maximum": 0} for t in one.periods]
    else:
        rows = [{"limit": "q", **where, "from": one.periods[0], "until": one.periods[-1], "minimum": 1}]
    before = best(tables, header, scenario, cap=60_000)
    after = best({**tables, "limits": [*tables.get("limits", []), *rows]}, header, scenario, cap=60_000)
    if not after.feasible:
        return "" if one.loses is None else f"{one} has no plan"
    if one.loses is None:
        return f"{one} has a plan"
    true = before.levels[0] - after.levels[0]
    room = 1e-5 * max(1.0, abs(before.levels[0]))
    low, high = one.loses.bound, one.loses.value
    if low is None or high is None or not low - room <= true <= high + room or high - low > 2 * room:
        return f"{one} loses {true}"
    return ""
