"""The runs of prices: the same table whoever works and however often it is interrupted; and, by relaxations, intervals that hold the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import optimizer as fg
from optimizer.studies.journal import read_journal
from optimizer.studies.why import judge, pricer, pricing
from optimizer.studies.why.prices import Price
from tests.oracle.brute import TooLarge
from tests.studies.why.reference import draw, instance_of, outcome
from tests.studies.why.test_curve import world as whole_world
from tests.studies.why.test_prices import gain

pytestmark = pytest.mark.no_cover


def world() -> fg.Instance:
    """Two nations with two caveats each; what is pledged stays."""
    never = [{"concession": "1", "rule": "pledges/*", "never": True}]
    return whole_world(concessions=never)


def records(found: tuple[Price, ...]) -> list[dict[str, Any]]:
    return [one.record() for one in found]


def test_one_process_or_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table does not depend on who worked."""
    alone = fg.prices(world(), jobs=1)
    monkeypatch.setattr(pricing, "QUICK_SECONDS", 0.0)
    assert records(fg.prices(world(), jobs=2)) == records(alone)


def test_resumed_after_a_kill(tmp_path: Path) -> None:
    """What a kill left, with half a line at its end, is taken up, nothing is solved twice, and the table is that of one go."""
    whole, part = tmp_path / "whole", tmp_path / "part"
    expected = fg.prices(world(), jobs=1, out=whole)
    lines = (whole / "runs.jsonl").read_bytes().splitlines(keepends=True)
    begun: list[int] = []
    for cut in (1, 4, len(lines) - 2):
        folder = part / str(cut)
        folder.mkdir(parents=True)
        (folder / "study.json").write_bytes((whole / "study.json").read_bytes().replace(b'"done"', b'"running"'))
        (folder / "runs.jsonl").write_bytes(b"".join(lines[:cut]) + lines[cut][:-7])
        found = fg.prices(world(), jobs=1, out=folder, resume=True, progress=lambda one: begun.append(one.done))
        assert records(found) == records(expected)
        assert (folder / "prices.csv").read_bytes() == (whole / "prices.csv").read_bytes()
        assert len(begun) == len(lines) - cut
        assert len(read_journal(folder / "runs.jsonl")) == len(lines)
        begun.clear()


def test_interrupted_and_resumed(tmp_path: Path) -> None:
    """Ctrl-C keeps what is known, as intervals; the folder goes on to the same end."""
    expected, seen = fg.prices(world(), jobs=1), []

    def stop(progress: object) -> None:
        seen.append(progress)
        if len(seen) == 4:
            raise KeyboardInterrupt

    found = pricing.priced(world(), jobs=1, out=tmp_path, progress=stop)
    assert found.termination == "interrupted"
    truth = {one.rules: one.gain_at_least for one in expected}
    for one in found.prices:
        assert one.gain_at_most is not None
        assert one.gain_at_least - 1e-4 <= truth[one.rules] <= one.gain_at_most + 1e-4
    with pytest.raises(FileExistsError, match="resume"):
        fg.prices(world(), jobs=1, out=tmp_path)
    assert records(fg.prices(world(), jobs=1, out=tmp_path, resume=True)) == records(expected)


def test_another_question_is_not_resumed(tmp_path: Path) -> None:
    """Another seed is another study; more time is the same one."""
    fg.prices(world(), jobs=1, out=tmp_path, time_limit=300.0)
    with pytest.raises(FileExistsError, match="another study"):
        fg.prices(world(), jobs=1, out=tmp_path, resume=True, seed=7)
    assert fg.prices(world(), jobs=1, out=tmp_path, resume=True, time_limit=200.0)


def test_by_relaxations_intervals_hold_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on large instances: groups by relaxation first, then in whole units from the plan at hand; settled as nothing means nothing."""
    monkeypatch.setattr(judge, "LARGE_INTEGERS", 0)
    monkeypatch.setattr(pricing, "GROUP", 3)
    nothing = some = 0
    for seed in range(20):
        case = draw(seed, rules=4)
        first = [aim for aim in case.header.get("aims", [{}]) if aim.get("priority", 1) == 1]
        try:
            if len(first) != 1 or first[0].get("weight", 1) != 1 or first[0].get("name") == "burden_gap":
                continue
            if not outcome(case, (0,) * len(case.asked)).feasible:
                continue
            instance = instance_of(case)
            start = fg.solve(instance, case.scenario, child=False)
            for price in fg.prices(instance, case.scenario, jobs=1, start=start, time_limit=60.0):
                true = gain(case, set(price.rules))
                room = 1e-5 * max(1.0, abs(true), 100.0)
                assert price.gain_at_most is not None
                assert price.gain_at_least - room <= true <= price.gain_at_most + room, (seed, price)
                nothing += price.gain_at_most == 0.0
                some += true > 1e-3
        except TooLarge:
            continue
    assert nothing >= 3
    assert some >= 3


def test_the_same_model_is_told_from_another() -> None:
    """A cap that nobody can reach changes nothing; a cap that holds somebody back does."""
    models = []
    for cap in (5000, 6000, 3):
        limits = [{"limit": "l", "measure": "units", "per": "period", "maximum": cap}]
        one = judge.Judge(whole_world(caveats=[], limits=limits))
        models.append(pricer.RelaxedJudge(one).build(one.instance).linear)
    assert pricer.unchanged(models[0], models[1])
    assert not pricer.unchanged(models[0], models[2])


def test_a_preview_is_no_price() -> None:
    """It names the rule that a price confirms, and says of every figure that it is none."""
    found = fg.price_preview("instances/tutorial", "no-ceasefire")
    assert found[0].rule == "caveats/Westland stays away from the border"
    assert all("not a price" in one.record()["from"] and "gain" not in str(list(one.record())) for one in found)
    assert fg.price_preview("instances/tutorial", "no-ceasefire", time_limit=1e-9) == ()
