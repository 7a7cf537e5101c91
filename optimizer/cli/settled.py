"""`solve --keep`: a part of an earlier plan is settled, and the rest is planned around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance
    from optimizer.plan.changes import Changes
    from optimizer.plan.plan import Plan

BROKEN_SHOWN: Final = 5
"""Rules that a kept plan breaks and that are named; the others are counted."""


@dataclass(frozen=True)
class Part:
    """What is kept of the plan in a folder: the parts of these nations (none: everybody's), until a period (None: to the end)."""

    folder: str
    nations: tuple[str, ...]
    until: int | None

    @property
    def words(self) -> str:
        """The part as a phrase."""
        what = f"what {' and '.join(self.nations)} sends" if self.nations else "everything"
        when = "" if self.until is None else f" until period {self.until}"
        return f"kept from {self.folder}: {what}{when} (rows of the table agreed)"


def with_kept(question: Instance, changes: Changes, kept: Plan | pd.DataFrame, part: Part) -> tuple[Instance, Changes]:
    """The instance with what is kept of a plan, and all that was changed for this run, in words.

    Raises:
        InvalidInstance: the plan does not fit to the instance.
    """
    from optimizer.plan.changes import Changes
    from optimizer.settled import keep

    agreed = keep(question, kept, nations=part.nations, until=part.until)
    return agreed, Changes((*changes.words, part.words))


def broken_by(kept: Plan | pd.DataFrame, instance: Instance, scenario: str | None) -> list[str]:
    """Why there is no plan, in one sentence: the rules of the instance that the kept plan itself breaks."""
    import pandas as pd

    from optimizer.plan.check import verify
    from optimizer.plan.verify import RejectedPlan

    names = ("assignments",) if isinstance(kept, pd.DataFrame) else ("assignments", "participation", "instruments")
    tables = {name: kept if isinstance(kept, pd.DataFrame) else getattr(kept, name) for name in names}
    try:
        verify(instance, tables, scenario)
    except RejectedPlan as error:
        broken = {one.source: one.message for one in error.violations if one.source}
    else:
        return []
    shown = [f"{source} ({message.rstrip('.')})" for source, message in list(broken.items())[:BROKEN_SHOWN]]
    more = f" and {len(broken) - BROKEN_SHOWN} more" if len(broken) > BROKEN_SHOWN else ""
    remedy = "Keep less of it (--keep-nation, --keep-until), or switch a rule off (--without)."
    return [f"The kept plan breaks rules of this instance: {'; '.join(shown)}{more}. {remedy}"] if shown else []
