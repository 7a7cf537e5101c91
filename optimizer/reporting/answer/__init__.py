"""The answer on the first screen: a sentence per question, a module each, made of the plan's tables alone.

Each module has one function `say`: `Told` in, a `Sentence` out, or None where there is nothing to say. A sentence carries the figures and
names that it states, so that tests can hold it against the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from optimizer.reporting.answer import ask, cause, certainty, fill, holds, missing
from optimizer.reporting.answer.told import Sentence, Told

SENTENCES: Final[tuple[Callable[[Told], Sentence | None], ...]] = (
    holds.say,
    missing.say,
    cause.say,
    fill.say,
    ask.say,
    certainty.say,
)


def answer(told: Told) -> tuple[Sentence, ...]:
    """The sentences of a plan, in the order of an adviser's questions; none without a plan."""
    if not told.reader.plan.has_plan:
        return ()
    return tuple(sentence for say in SENTENCES if (sentence := say(told)) is not None)
