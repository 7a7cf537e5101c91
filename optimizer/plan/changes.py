"""What was changed for one plan, beside the instance as it was given: cells set, rules switched off, additions to the model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """What a plan was found with.

    Attributes:
        words: each change as a phrase, for the summary, the page and `plan.json`.
        lifted: ids of rules that the plan need not keep.
        own_aim: name of an aim that stands in the model and not in the instance; the check cannot recompute its value.
    """

    words: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    own_aim: str | None = None

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.words or self.lifted or self.own_aim)


NO_CHANGES = Changes()
"""The instance as it was given."""
