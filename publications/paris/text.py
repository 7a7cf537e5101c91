"""All sentences of the publication from its tables, and the tables about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.instance.scenario import row_key
from publications.paris.answers import ANSWERS
from publications.paris.cases import Case, shipped
from publications.paris.draws import RANGES, WEAKER
from publications.paris.question import question_table
from publications.paris.sentences import SURE, Cell, Sentence, Tables, records

HEADLINES = (
    ("Without troops", "ground/ground-0"),
    ("With troops", "ground/0-25000"),
    ("No ceasefire", "shocks/ceasefire="),
    ("US backstop", "shocks/us_backstop"),
    ("Votes", "shocks/all votes refused"),
    ("Concessions", "restrictions/concessions-"),
    ("Guarantee", "guarantee/break-even"),
    ("Flank", "flank/only-flank"),
    ("Burden", "burden/five"),
    ("Years", "years/steady"),
)
"""What the first screen says: a label, and how the key of the sentence begins; of several the last."""


def all_sentences(tables: Tables) -> list[Sentence]:
    """Every sentence: answer by answer, then those on draws."""
    found = [one for answer in ANSWERS for one in answer.sentences(tables)]
    return [*found, *_claimed(tables)]


CLAIMS: Final[Mapping[str, str]] = {
    "none-at-most": "Without a single soldier in Ukraine, no more than {than} points can be covered.",
    "ten-adds": "Ten thousand soldiers in Ukraine add at least {than} points to what can be covered without any.",
    "base-adds": "With soldiers in Ukraine up to the ceiling of the tables, at least {than} points more can be covered than without any.",
    "many-adds-at-most": "Raising the ceiling to sixty-four thousand soldiers adds no more than {than} of the 100 points.",
    "ceasefire-worth": "With a ceasefire at least {than} points more can be covered than without.",
}
"""What the claims on draws say."""


def _claimed(tables: Tables) -> list[Sentence]:
    """A sentence per claim, with what the draws say of it."""
    found = []
    for row in records(tables["claims"]):
        name = str(row["claim"])
        figures = {column: Cell("claims", name, column, "number") for column in ("than", "draws")}
        figures |= {
            "verdict": Cell("claims", name, "verdict", "text"),
            "low": Cell("claims", name, "at_least_share", "percent"),
            "high": Cell("claims", name, "at_most_share", "percent"),
        }
        text = (
            f"Claim: {CLAIMS[name.removesuffix(WEAKER)]} "
            "Of {draws} draws of the inputs it certainly holds in {low} and possibly in {high}: {verdict}."
        )
        found.append(Sentence(f"claims/{name}", text, figures, "bounded", name))
    return found


def sentence_table(sentences: list[Sentence], tables: Tables) -> pd.DataFrame:
    """One row per sentence: the text, where each figure stands, how sure it is, what the draws say, and the command that asks it again."""
    rows = []
    for one in sentences:
        figures = "; ".join(f"{name} = {cell.where}" for name, cell in one.figures.items())
        command = f"python -m publications.paris {'draws' if one.claim else f'answer {one.answer}'}"
        rows.append((one.key, one.answer, one.text(tables), SURE[one.sure], drawn_words(one, tables), figures, command))
    return pd.DataFrame(rows, columns=["sentence", "answer", "text", "how_sure", "draws", "figures", "command"])


def drawn_words(sentence: Sentence, tables: Tables) -> str:
    """What the draws say of a sentence; of most nothing, since they speak of the tables as they stand."""
    if not sentence.claim:
        return "of the tables as they stand; not tried in draws"
    return Cell("claims", sentence.claim, "verdict", "text").shown(tables)


def described(tables: Tables) -> dict[str, pd.DataFrame]:
    """The tables with those that are made of them: the sentences, and the question."""
    sentences = all_sentences(tables)
    return {
        **tables,
        "sentences": sentence_table(sentences, tables),
        "question": question_table(sentences, tables),
    }


def range_table() -> pd.DataFrame:
    """The ranges of the draws."""
    return pd.DataFrame(
        [(one.name, one.low, one.high, one.source) for one in RANGES], columns=["input", "low", "high", "source"]
    )


def input_table(cases: list[Case]) -> pd.DataFrame:
    """The input rows that each case changes: the cell as it is in the tables, as it is in the case, and the row's source."""
    rows: list[tuple[Any, ...]] = []
    for case in cases:
        instance = shipped(case.instance)
        for cell in case.cells:
            table, _, rest = cell.partition(".")
            path, _, value = rest.rpartition("=")
            key, column = _place(table, path)
            before = _row(instance, table, key)
            rows.append((case.name, table, key, column, before.get(column, ""), value, before.get("source", "")))
        lifted = [(rule.partition("/")[0], rule, "in force", "lifted") for rule in case.lifted]
        conceded = [(rule.partition("/")[0], rule, "in force", f"conceded, {steps}") for rule, steps in case.conceded]
        absent = [("pledges", nation, "pledged", "absent") for nation in case.absent]
        for table, row, earlier, later in (*lifted, *conceded, *absent):
            rows.append((case.name, table, row, "", earlier, later, ""))
    return pd.DataFrame(rows, columns=["case", "table", "row", "column", "before", "after", "source"])


def _place(table: str, path: str) -> tuple[str, str]:
    """Key and column of a setting: of a condition the default is meant."""
    if table == "conditions" and "." not in path:
        return path, "default"
    key, _, column = path.rpartition(".")
    return key, column


def _row(instance: Instance, table: str, key: str) -> dict[str, Any]:
    return next((dict(row) for row in instance.rows(table) if row_key(table, row) == key), {})
