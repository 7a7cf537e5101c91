"""Every rule in force, in a planner's words; and an instance with some of them switched off."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.instance.lifting import chosen_rules, without_rules
from optimizer.instance.rule import Rule
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import rules_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("rule", "sentence", "kind", "nation", "bendable", "source")


def rules(instance: Instance | str | Path, scenario: str | None = None) -> pd.DataFrame:
    """Every rule that restricts plans in a scenario.

    Args:
        instance: what the planner filled in, or its path.
        scenario: name of a scenario; None takes the conditions' defaults.

    Returns:
        One row per rule, family by family in the order of the input: `rule` (its id, `table/key` or `table/key.column`),
        `sentence` in a planner's words, `kind`, `nation` (None: the coalition's), `bendable` (whether a concession can
        change it), `source` (blank where the row names none).

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    import pandas as pd

    found = records(instance, scenario)
    table = {name: [row[name] for row in found] for name in COLUMNS}
    return pd.DataFrame(
        {name: pd.Series(cells, dtype=bool if name == "bendable" else object) for name, cells in table.items()}
    )


def records(instance: Instance | str | Path, scenario: str | None = None) -> list[dict[str, object]]:
    """The rows of `rules` as mappings."""
    found = rules_in_force(as_instance(instance, impossible=True), scenario)
    cells = ((rule.id, rule.sentence, rule.kind, rule.nation, rule.bendable, rule.source) for rule in found)
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells]


def rules_in_force(instance: Instance, scenario: str | None = None) -> list[Rule]:
    """The rules of `rules`, as objects."""
    return rules_of(build_situation(instance, scenario))


def without(instance: Instance, patterns: Iterable[str], scenario: str | None = None) -> tuple[Instance, list[Rule]]:
    """The instance with the rules that ids or patterns (`*`) name switched off, and these rules.

    Raises:
        InvalidSetting: a pattern names no rule in force in the scenario, or one that cannot be switched off.
        InvalidInstance: the instance without them has errors.
    """
    chosen = chosen_rules(rules_in_force(instance, scenario), patterns)
    return without_rules(instance, chosen), chosen
