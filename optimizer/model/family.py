"""A rule family: one object from the tables that it reads to the sentence in the report.

`assemble` loops over the list of families. Whatever another part of the program must know about a family is an attribute
here that cannot be forgotten: where its columns belong, which rule each of its rows states, whether it rewards more units
than are needed. A test walks the list (`tests/model/test_family.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optimizer.instance.attributes import TABLES
from optimizer.instance.rule import Rule, rule_id
from optimizer.instance.situation import Situation
from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import Key

if TYPE_CHECKING:
    from optimizer.model.families.coverage import Coverage
    from optimizer.model.families.funding import AmountKey
    from optimizer.model.families.lead import LeadKey
    from optimizer.model.families.movement import FlowKey
    from optimizer.model.families.presence import Participation
    from optimizer.model.families.units import Units


@dataclass
class Assembly:
    """The model while the families add their parts; each family may use what the families before it have added.

    `baseline`: units per (pledge, requirement, period) of the plan that the aim `changes` compares with.
    `presence_link`: how presence is tied to units. `commitment`: whether what is made ready is a decision of its own.
    `exact`: whether every column must mean what its name says whatever is added to the model later (for the Pyomo model).
    """

    builder: ModelBuilder
    situation: Situation
    baseline: Mapping[tuple[str, str, int], int] | None = None
    presence_link: str = "per_pledge"
    commitment: bool = False
    exact: bool = False
    # Whether some rule or aim rewards counting more moves or cost than there are; whether none rewards excess units.
    exact_costs: bool = False
    excess_is_useless: bool = False
    units: Units = field(init=False)
    coverage: Coverage = field(init=False)
    participation: Participation = field(init=False)
    instruments: Mapping[str, int] = field(default_factory=dict)
    leads: Mapping[LeadKey, int] = field(default_factory=dict)
    flows: Mapping[FlowKey, int] = field(default_factory=dict)
    amounts: Mapping[AmountKey, int] = field(default_factory=dict)
    # Rows of starts of spells that are there already: (name, key).
    started: set[tuple[str, Key]] = field(default_factory=set)


@dataclass(frozen=True)
class Columns:
    """Columns of one name: what they mean, and which parts of their keys say where they belong.

    The numbers are positions in the key; None: the key does not say. `post` is the position of the mission, the area follows it.
    `decides`: whether the columns count units (the search for better plans frees and fixes these). A period that is no
    number stands for the whole horizon.
    """

    meaning: str
    nation: int | None = None
    post: int | None = None
    period: int | None = None
    pledge: int | None = None
    line: int | None = None
    area: int | None = None
    decides: bool = False


RuleOfRow = Callable[[Situation, Key], tuple[str, ...]]


@dataclass(frozen=True)
class Rows:
    """Rows of one name: what they say, and the ids of the rules that a row states. None: they define columns and restrict nothing."""

    meaning: str
    rule: RuleOfRow | None = None


def states(table: str, column: str | None = None, first: int = 0) -> RuleOfRow:
    """The rule of a table's row, or of its cell in a column; from part `first` on, a key names the row by the table's own key."""
    named = slice(first, first + len(TABLES[table].key))

    def rule(situation: Situation, key: Key) -> tuple[str, ...]:
        del situation
        return (rule_id(table, ":".join(map(str, key[named])), column),)

    return rule


def of_limit(situation: Situation, key: Key) -> tuple[str, ...]:
    """The rules that a limit states; a key begins with its source."""
    return situation.rules_of_limit[str(key[0])]


def nothing(assembly: Assembly) -> None:
    """A family that adds nothing at this point."""
    del assembly


def never(situation: Situation) -> bool:
    """A family that rewards nothing."""
    del situation
    return False


def no_rules(situation: Situation) -> Iterator[Rule]:
    """A family without rules of its own."""
    del situation
    return iter(())


@dataclass(frozen=True)
class Family:
    """One rule family.

    Attributes:
        name: as the module and the page of the manual are called.
        tables: the input tables that it reads.
        rules: every rule of the family in force, in the order of the input.
        columns: the columns that it adds, by name.
        rows: the rows that it adds, by name.
        add: adds columns and rows, in the order of the families.
        join: adds rows that need columns of later families; after all families have added theirs.
        cap: adds rows last of all, when every column is there that can tighten them.
        rewards_excess: whether more units on a line than its target asks for can help to keep one of its rules.
        rewards_cost: whether counting more moves or cost than there are can help to keep one of its rules.
    """

    name: str
    tables: tuple[str, ...]
    rules: Callable[[Situation], Iterator[Rule]]
    columns: Mapping[str, Columns]
    rows: Mapping[str, Rows]
    add: Callable[[Assembly], None] = nothing
    join: Callable[[Assembly], None] = nothing
    cap: Callable[[Assembly], None] = nothing
    rewards_excess: Callable[[Situation], bool] = never
    rewards_cost: Callable[[Situation], bool] = never
