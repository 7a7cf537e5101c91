r"""Family 7: links between nations.

Within the scope of a link (coalition, mission, area or post), with $y_n=1$ when nation $n$ serves there at any time: needs
$y_n\le y_{n'}$ for each other; excludes $y_n+y_{n'}\le1$ for each other; at least $k$ of a group $k\,y_n\le\sum_{n'\in G\setminus n}y_{n'}$.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from optimizer.model.participation import Participation


def add(participation: Participation) -> None:
    """Add the rows `link`."""
    builder = participation.builder
    for link in participation.situation.links:
        mine = participation.in_scope(link.name, link.nation, link.selection, exact=False)
        if mine is None:
            continue
        exact = link.kind != "excludes"
        others = {other: participation.in_scope(link.name, other, link.selection, exact=exact) for other in link.others}
        if link.kind == "at_least":
            columns = [column for column in others.values() if column is not None]
            builder.add_row(
                "link",
                (link.name, link.nation),
                [mine, *columns],
                [float(link.count)] + [-1.0] * len(columns),
                upper=0.0,
            )
            continue
        for other, column in others.items():
            key = (link.name, link.nation, other)
            if link.kind == "needs":
                known = [] if column is None else [column]
                builder.add_row("link", key, [mine, *known], [1.0, *[-1.0] * len(known)], upper=0.0)
            elif column is not None:
                builder.add_row("link", key, [mine, column], [1.0, 1.0], upper=1.0)
