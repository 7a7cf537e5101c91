"""What was changed for one plan, beside the instance as it was given: cells set, rules switched off, additions to the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class OwnAim:
    """An aim that stands in the model and not in the instance, followed instead of the instance's aims.

    `value` and `bound` are the search's own figures: the independent check cannot recompute an aim that no table states.
    """

    name: str
    value: float | None = None
    bound: float | None = None
    gap: float | None = None


@dataclass(frozen=True)
class Changes:
    """What a plan was found with.

    Attributes:
        words: each change as a phrase, for the summary, the page and `plan.json`.
        lifted: ids of rules that the plan need not keep.
        own_aim: the aim that was followed instead of the instance's; None: the instance's aims were.
    """

    words: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    own_aim: OwnAim | None = None

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.words or self.lifted or self.own_aim)

    def lines(self) -> list[str]:
        """Each change as a sentence for the summary and the page."""
        found = [f"Changed for this plan: {word}" for word in self.words]
        if self.own_aim is not None:
            value, bound = (
                "unknown" if number is None else f"{number:.10g}" for number in (self.own_aim.value, self.own_aim.bound)
            )
            found.append(
                f"The search followed {self.own_aim.name}, which reaches {value} (best possible: {bound}), and not the aims of the instance."
            )
        return found

    def as_json(self) -> dict[str, Any]:
        """The form in `plan.json`."""
        own = None if self.own_aim is None else asdict(self.own_aim)
        return {"words": list(self.words), "lifted": list(self.lifted), "own_aim": own}


NO_CHANGES = Changes()
"""The instance as it was given."""


def changes_from(head: Mapping[str, Any] | None) -> Changes:
    """From the form in `plan.json`; a plan without it had none."""
    if not head:
        return NO_CHANGES
    own = head["own_aim"]
    return Changes(tuple(head["words"]), tuple(head["lifted"]), None if own is None else OwnAim(**own))
