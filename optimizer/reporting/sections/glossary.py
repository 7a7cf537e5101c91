"""The planner's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Column, Section, Table
from optimizer.reporting.words import GLOSSARY

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(_reader: Reader) -> Section:
    """The words that the report uses, and what they mean."""
    return Section(
        "glossary",
        "Words used here",
        (),
        (Table("Glossary", (Column("Word"), Column("Meaning")), GLOSSARY),),
        folded=True,
    )
