"""What the board asks the planner, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.plan.plan import Plan


@dataclass(frozen=True)
class Switches:
    """What was changed on the board beside the instance as it was given, in the words of the command line.

    `settings`: as `--set` takes them; `without`: ids of rules that are switched off; `kept`: nations that serve as in the plan of the entry
    that was shown when they were pinned, by the name of that entry.
    """

    settings: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    def applied(self, instance: Instance, scenario: str | None, plans: Mapping[str, Plan]) -> Instance:
        """The instance with the changes made.

        Raises:
            InvalidInstance: a change does not fit, or leaves an instance with errors.
        """
        from optimizer.instance.settings import with_settings
        from optimizer.rulebook import without
        from optimizer.settled import keep

        changed = with_settings(instance, self.settings)
        if self.without:
            changed, _ = without(changed, self.without, scenario)
        for entry, nation in self.kept:
            changed = keep(changed, plans[entry], nations=(nation,))
        return changed

    def command(self, instance: str, scenario: str | None) -> str:
        """The command that solves the same question in full; what is pinned has to be kept from a saved plan."""
        import shlex

        parts = ["forcegen", "solve", instance]
        if scenario is not None:
            parts += ["--scenario", scenario]
        for text in self.settings:
            parts += ["--set", text]
        for rule in self.without:
            parts += ["--without", rule]
        return shlex.join(parts)


@dataclass(frozen=True)
class Order:
    """A question to the planner: a number, the instance and scenario, the units to start from, nations that the change concerns, and seconds."""

    number: int
    instance: Instance
    scenario: str | None
    start: Mapping[tuple[str, str, int], int] | None
    nations: tuple[str, ...] = ()
    seconds: float = 20.0


@dataclass(frozen=True)
class News:
    """What the planner tells of an order: a verified plan, a bound of the first aim (in its own unit), that it is done, or why there is no plan."""

    number: int
    kind: Literal["plan", "bound", "done", "none"]
    plan: Plan | None = field(default=None, repr=False)
    bound: float | None = None
    seconds: float = 0.0
    message: str = ""
