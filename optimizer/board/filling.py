"""Who could fill a post of an entry's plan, as a table: those who could come first, by what they bring, then the others and what keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from optimizer.plan.candidates import Candidate, candidates
from optimizer.reporting.content import Column, Table
from optimizer.reporting.filling import COLUMNS, rows_of
from optimizer.reporting.reader import Reader
from optimizer.reporting.text import as_text, joined
from optimizer.rulebook import rules_in_force

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.plan.plan import Plan

Post = tuple[str, str]
MOST: Final = 60
"""Rows that are shown."""


def posts_of(instance: Instance) -> list[Post]:
    """The posts of an instance in the order of the list to choose from."""
    return sorted({(row["mission"], row["area"]) for row in instance.rows("requirements")})


def candidates_table(plan: Plan, post: Post) -> Table:
    """The candidates of a post, and what keeps them in the words of the rules that the plan was made under."""
    sentences = {rule.id: rule.sentence for rule in rules_in_force(plan.instance, plan.scenario or None)}
    reader = Reader(plan, check=False)
    found = candidates(plan, post)
    rows = tuple(
        (*row, _hindrance(one, sentences)) for one, row in zip(found[:MOST], rows_of(reader, found[:MOST]), strict=True)
    )
    columns = (*COLUMNS, Column("What keeps it"))
    caption = f"Who could fill {reader.label('mission', post[0])} in {reader.label('area', post[1])}"
    if len(found) > MOST:
        caption += f" (the first {MOST} of {len(found)})"
    return Table(caption, columns, rows)


def _hindrance(one: Candidate, sentences: Mapping[str, str]) -> str:
    """What keeps a candidate, in words; blank where nothing does by itself."""
    if one.hindrance == "busy":
        return "All its units serve elsewhere, or rest, then."
    if one.hindrance == "threshold":
        return "The post is not mounted, and these units alone stay below the threshold."
    said = joined([f"{sentences.get(rule, as_text(rule)).rstrip('.')} ({as_text(rule)})" for rule in one.rules], 2)
    if one.hindrance == "caps":
        return f"No room under: {said}."
    return f"Refused: {said}." if one.hindrance else ""
