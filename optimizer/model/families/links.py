r"""Family 7: links between nations.

Within the scope of a link (coalition, mission, area or post), with $y_n=1$ when nation $n$ serves there at any time: needs
$y_n\le y_{n'}$ for each other; excludes $y_n+y_{n'}\le1$ for each other; at least $k$ of a group $k\,y_n\le\sum_{n'\in G\setminus n}y_{n'}$.
A link binds if its condition is true in at least one period.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.rule import Rule, rule_of
from optimizer.instance.situation import Link, Situation
from optimizer.instance.wording import condition_clause, only_one, sentence
from optimizer.model.families.presence import Participation
from optimizer.model.family import Family, Rows, states


def index_links(situation: Situation) -> list[tuple[Link, tuple[str, ...]]]:
    """(link in force and nation that it binds, the others that its rows are about): one row each, or one of all for at_least."""
    found: list[tuple[Link, tuple[str, ...]]] = []
    for link in situation.links:
        rows = [link.others] if link.kind == "at_least" else [(other,) for other in link.others]
        found.extend((link, others) for others in rows)
    return found


def add(participation: Participation) -> None:
    """Add the rows `link`."""
    for link, others in index_links(participation.situation):
        mine = participation.in_scope(link.name, link.nation, link.selection, exact=False)
        if mine is None:
            continue
        exact = link.kind != "excludes"
        found = [participation.in_scope(link.name, other, link.selection, exact=exact) for other in others]
        known = [column for column in found if column is not None]
        if link.kind == "excludes":
            if known:
                participation.builder.add_row(
                    "link", (link.name, link.nation, *others), [mine, *known], [1.0, 1.0], upper=1.0
                )
            continue
        key = (link.name, link.nation) if link.kind == "at_least" else (link.name, link.nation, *others)
        least = float(link.count) if link.kind == "at_least" else 1.0
        values = [least, *[-1.0] * len(known)]
        participation.builder.add_row("link", key, [mine, *known], values, upper=0.0)


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("links"):
        if not tables.ever(row["condition"]):
            continue
        who, other = words.names("nation", row["nation"]) or "every nation", words.name("nation", row["other"])
        said = {
            "needs": f"{who} serves only together with {other}",
            "excludes": f"{who} does not serve together with {other}",
            "at_least": f"{who} serves only with at least {row['count'] or 1} of {other}",
        }[row["kind"]]
        text = sentence(said, words.where(row), condition_clause(words.condition(row["condition"])))
        nation = only_one(row["nation"], situation.nations)
        yield rule_of("links", row, None, "link", f"{row['link']}: {text}", nation=nation, bend="lift")


FAMILY = Family(
    name="links",
    tables=("links", "groups"),
    rules=_rules,
    columns={},
    rows={"link": Rows("A nation serves only as its links allow: link[link, nation, …].", states("links"))},
    add=lambda assembly: add(assembly.participation),
)
