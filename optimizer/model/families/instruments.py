r"""Family 10: instruments, options without deployment.

$v_b\in\{0,1\}$ over the whole horizon. An instrument may be used if its condition is true in at least one period, and needs every sponsor to take
part: $v_b\le y_n$. Its yields enter the coverage rows of the periods in which its condition is true, its cost and escalation
the aims and the limits without selectors.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from optimizer.instance.cells import split_words
from optimizer.instance.rule import Rule, rule_of
from optimizer.instance.situation import Situation
from optimizer.instance.wording import sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.presence import Participation
from optimizer.model.family import Assembly, Columns, Family, Rows, states


def index_instruments(situation: Situation) -> list[tuple[str]]:
    """(instrument) for each whose condition holds in some period."""
    return [(instrument.name,) for instrument in situation.instruments]


def index_sponsors(situation: Situation) -> list[tuple[str, str]]:
    """(instrument, nation that has to take part for it)."""
    return [(instrument.name, sponsor) for instrument in situation.instruments for sponsor in instrument.sponsors]


def add(builder: ModelBuilder, situation: Situation) -> Mapping[str, int]:
    """Add `instrument`; returns its columns by name."""
    columns = builder.add_columns("instrument", index_instruments(situation), integer=True)
    return {str(key[0]): column for key, column in columns.items()}


def add_sponsors(participation: Participation) -> None:
    """Add the rows `sponsor`: an instrument needs every sponsor to take part."""
    for instrument, sponsor in index_sponsors(participation.situation):
        column, part = participation.instruments[instrument], participation.takes_part(sponsor, exact=True)
        known = [] if part is None else [part]
        values = [1.0, *[-1.0] * len(known)]
        participation.builder.add_row("sponsor", (instrument, sponsor), [column, *known], values, upper=0.0)


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("instruments"):
        name = words.name("instrument", row["instrument"])
        if limited := words.holding(row["condition"]):
            does = "delivers" if tables.ever(row["condition"]) else "can be used"
            text = f"{name} {does} only while {words.condition(row['condition'])}, which {limited}"
            yield rule_of("instruments", row, "condition", "instrument", sentence(text))
        if row["sponsors"] and tables.ever(row["condition"]):
            text = f"{name} can be used only if all its sponsors take part: {' and '.join(words.name('nation', one) for one in split_words(row['sponsors']))}"
            yield rule_of("instruments", row, "sponsors", "instrument", sentence(text))


def _add(assembly: Assembly) -> None:
    assembly.instruments = add(assembly.builder, assembly.situation)


FAMILY = Family(
    name="instruments",
    tables=("instruments", "instrument_yields"),
    rules=_rules,
    columns={"instrument": Columns("1 where the instrument is used: instrument[instrument].")},
    rows={
        "sponsor": Rows(
            "An instrument needs its sponsors: sponsor[instrument, nation].", states("instruments", "sponsors")
        )
    },
    add=_add,
    join=lambda assembly: add_sponsors(assembly.participation),
)
