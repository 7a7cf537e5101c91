"""How steady a plan is, from its own tables: stays of posts and of nations at them, and how far each line falls at once.

Blocks and spells are those of the rules of steadiness: a block is a longest run of consecutive periods in which the post is active,
a spell a longest run of consecutive periods of one block in which the post is mounted, or the nation present.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pandas as pd

from optimizer.plan.case import is_above, is_below
from optimizer.plan.frames import frame

Post = tuple[str, str]

_PERIOD_NAMES: Final = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
"""What a period of so many months is called; any other is a period."""


class Spell(NamedTuple):
    """A stay, with its first and last period. `again`: it is not the first of its block; `early`: its block goes on after it."""

    first: int
    last: int
    again: bool
    early: bool


@dataclass
class Stay:
    """The periods in which a post is active, mounted, and in which each nation is present there."""

    active: set[int] = field(default_factory=set)
    mounted: set[int] = field(default_factory=set)
    present: dict[str, set[int]] = field(default_factory=dict)

    @property
    def spells(self) -> list[Spell]:
        """The spells in which the post is mounted."""
        return spells_of(self.active, self.mounted)

    def visits(self, nation: str) -> list[Spell]:
        """The spells in which a nation is present; each begins with an arrival."""
        return spells_of(self.active, self.present.get(nation, frozenset()))


def spells_of(active: AbstractSet[int], holds: AbstractSet[int]) -> list[Spell]:
    """The spells of what holds in some of a post's active periods, in order."""
    found: list[Spell] = []
    again = False
    for period in sorted(active):
        again = again and period - 1 in active
        if period not in holds:
            continue
        goes_on = period + 1 in active and period + 1 not in holds
        if period - 1 in active and period - 1 in holds:
            found[-1] = found[-1]._replace(last=period, early=goes_on)
        else:
            found.append(Spell(period, period, again, goes_on))
        again = True
    return found


def stays_of(posts: pd.DataFrame, assignments: pd.DataFrame) -> dict[Post, Stay]:
    """The stays at each post, from the tables `posts` and `assignments` of a plan; nations in the order of their code."""
    found: dict[Post, Stay] = {}
    for mission, area, period, active, mounted in _rows(posts, "mission", "area", "period", "active", "mounted"):
        stay = found.setdefault((mission, area), Stay())
        if active:
            stay.active.add(int(period))
        if mounted:
            stay.mounted.add(int(period))
    for nation, mission, area, period in sorted(_rows(assignments, "nation", "mission", "area", "period")):
        if (mission, area) in found:
            found[mission, area].present.setdefault(nation, set()).add(int(period))
    return found


def steadiness(posts: pd.DataFrame, assignments: pd.DataFrame, requirements: pd.DataFrame) -> pd.DataFrame:
    """The table `steadiness` of a plan, from three of its other tables: every post, every nation at a post, every line."""
    stays = stays_of(posts, assignments)
    rows: list[tuple[Any, ...]] = [
        ("post", ":".join(post), *_of_spells(stay.spells), len(stay.active - stay.mounted))
        for post, stay in stays.items()
    ]
    pairs = sorted((nation, post) for post, stay in stays.items() for nation in stay.present)
    rows += [
        ("pair", ":".join((nation, *post)), *_of_spells(stays[post].visits(nation)), None) for nation, post in pairs
    ]
    listed = [(*row, None, None, None) for row in _told_apart(rows)]
    return frame("steadiness", [*listed, *_drops(requirements)])


def _rows(table: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[column].tolist() for column in columns), strict=True)


def _of_spells(spells: list[Spell]) -> tuple[int, int, int, int, float | None]:
    """Spells, those that end early, those that begin again, periods, and the mean length."""
    periods = sum(spell.last - spell.first + 1 for spell in spells)
    closes, reopens = sum(spell.early for spell in spells), sum(spell.again for spell in spells)
    return len(spells), closes, reopens, periods, periods / len(spells) if spells else None


def _told_apart(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows with keys that differ, also where names hold the sign that joins the parts of a key."""
    seen: dict[tuple[str, str], int] = {}
    for what, key, *rest in rows:
        number = seen[what, key] = seen.get((what, key), 0) + 1
        yield what, key if number == 1 else f"{key} ({number})", *rest


def _drops(requirements: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Of each line the largest fall from one of its periods to the next, in its unit and of its target, and the first period after it."""
    lines: dict[str, dict[int, float]] = {}
    targets: dict[str, float] = {}
    for name, period, target, delivered in _rows(requirements, "requirement", "period", "target", "delivered"):
        lines.setdefault(name, {})[int(period)] = float(delivered)
        targets[name] = float(target)
    for name, delivered in lines.items():
        falls = {t: delivered[t - 1] - amount for t, amount in delivered.items() if t - 1 in delivered}
        most = max(falls.values(), default=0.0)
        if not is_above(most, 0.0):
            yield "line", name, None, None, None, None, None, None, 0.0, 0.0, None
            continue
        # Falls that differ by rounding alone are the same, and the first of them is named.
        when = min(t for t, fall in falls.items() if not is_below(fall, most))
        yield "line", name, None, None, None, None, None, None, most, most / targets[name], when


# in words ----------------------------------------------------------------------------------------------------------


def sentence(table: pd.DataFrame, periods: int, months: int) -> str:
    """How steady a plan is, in one sentence, from its table `steadiness`; blank where there is one period only, or no post.

    `periods`: length of the horizon; `months`: length of a period.
    """
    posts, pairs = (table[table["what"] == what] for what in ("post", "pair"))
    if periods < 2 or not len(posts):
        return ""
    count = int((posts["reopens"] > 0).sum())
    parts = [f"{_some(count, len(posts))} {'close and reopen' if count > 1 else 'closes and reopens'}"]
    arrivals = int(pairs["spells"].sum())
    if not arrivals:
        return f"{parts[0]}; no nation is present anywhere."
    mean = float(pairs["periods"].sum()) / arrivals
    parts.append(f"nations stay {length(mean, months)} on average")
    parts.append(f"{_counted(arrivals, 'arrival')} for {_counted(len(pairs), 'pair')} of nation and post")
    return "; ".join(parts) + "."


def length(periods: float, months: int) -> str:
    """So many periods in words: `2.2 half-years`.

    >>> length(2.25, 6), length(1, 3), length(3.0, 4)
    ('2.2 half-years', '1 quarter', '3 periods')
    """
    shown = f"{periods:.1f}".removesuffix(".0")
    return f"{shown} {_PERIOD_NAMES.get(months, 'period')}{'s' * (shown != '1')}"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"


def _some(count: int, total: int) -> str:
    """How many of the posts, as the subject of a sentence."""
    if total == 1:
        return "The only post" if count else "The only post never"
    return f"{count:,} of {total:,} posts" if count else "No post"


def marks(stays: Mapping[Post, Stay], post: Post, horizon: int) -> list[str]:
    """What happens at a post in each period, as text: blank where it is not active; `MARKS` explains the signs.

    Only what happens inside a block is marked: at its end, nobody leaves and nothing closes before its time.
    """
    stay = stays[post]
    visits = [spell for nation in stay.present for spell in stay.visits(nation)]
    reopens = {spell.first for spell in stay.spells if spell.again}
    closes = {spell.last + 1 for spell in stay.spells if spell.early}
    found = []
    for period in range(1, horizon + 1):
        if period not in stay.active:
            found.append("")
            continue
        sign = (
            REOPENS
            if period in reopens
            else MOUNTED
            if period in stay.mounted
            else CLOSES
            if period in closes
            else IDLE
        )
        come = sum(spell.first == period for spell in visits)
        go = sum(spell.early and spell.last + 1 == period for spell in visits)
        found.append(sign + (f" +{come}" if come else "") + (f" −{go}" if go else ""))
    return found


MOUNTED, IDLE, CLOSES, REOPENS = "■", "□", "▼", "▲"
LEGEND: Final = (
    f"{MOUNTED} mounted; {IDLE} not mounted; {CLOSES} closes: no longer mounted; {REOPENS} reopens: mounted again; "
    "+2: two nations arrive; −1: one nation leaves. Departures and closures are marked in the period after."
)
"""The signs of `marks`, in words."""
