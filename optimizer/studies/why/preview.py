"""A preview of prices in seconds: what the relaxation would pay at the margin. It sees one rule at a time and fractions of units; it proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.interrupts import listening
from optimizer.studies.why.judge import Judge, Stopped
from optimizer.studies.why.pricer import one_step_each
from optimizer.studies.why.relaxed import RelaxedJudge


@dataclass(frozen=True)
class Preview:
    """A rough guess about one rule: per unit at the margin, from the relaxation; not a price.

    `guess`: in the unit of the first aim; `per`: of what, such as `1 of max_personnel`, or `the rule lifted`.
    """

    rule: str
    guess: float
    per: str
    asked: str
    aim: str
    sentence: str

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "rule": self.rule,
            "guess_at_the_margin": self.guess,
            "per": self.per,
            "asked": self.asked,
            "aim": self.aim,
            "from": "the relaxation; not a price",
            "sentence": self.sentence,
        }


def price_preview(
    instance: Instance | str | Path, scenario: str | None = None, *, time_limit: float | None = None
) -> tuple[Preview, ...]:
    """Rules that seem to matter, from the prices of the linear relaxation: a guess per unit at the margin, and no price.

    Args:
        instance: what the planner filled in, or its path.
        scenario: name of a scenario; None takes the conditions' defaults.
        time_limit: wall-clock seconds.

    Returns:
        Guesses, those first that seem to gain most by one step; empty where the relaxation has no plan, or none in time.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        NothingToCompare: the first aim compares with another plan.
        ValueError: the first aim is `burden_gap`, which no linear relaxation holds.
    """
    with listening():
        judge = one_step_each(Judge(as_instance(instance, impossible=True), scenario, seconds=time_limit))
        if any(aim.name == "burden_gap" for aim in judge.aims):
            raise ValueError(
                "The first aim is `burden_gap`, which no linear relaxation holds: ask for prices without a preview."
            )
        try:
            gains = RelaxedJudge(judge).gains(judge.nothing, judge.everything)
        except Stopped:
            return ()
    found = []
    for index, gain in sorted(gains.items(), key=lambda item: (-item[1], item[0])):
        one = judge.concessions[index]
        moved = one.after(1)
        step = abs(moved - one.value) if moved is not None and one.value is not None else None
        guess, per = (gain, "the rule lifted") if not step else (gain / step, f"1 of {one.column}")
        found.append(Preview(one.id, guess / judge.unit, per, one.asked, judge.aim, one.rule.sentence))
    return tuple(found)
