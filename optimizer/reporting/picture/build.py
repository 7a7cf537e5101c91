"""The picture from a plan's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from optimizer.reporting.content import MOST_COLUMNS, MOST_ROWS, Record
from optimizer.reporting.picture.shapes import Picture, Place, Square, State, Strip
from optimizer.reporting.text import as_flag, as_number, as_text, figure, joined, percent, shorten

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader

Post = tuple[str, str]
FULL: Final = 1.0 - 1e-9
_MOST_TEXT: Final = 600


@dataclass
class _Moment:
    """A post in a period: its lines, who serves, who leads."""

    mounted: bool = False
    lead: str = ""
    lines: list[Record] = field(default_factory=list)
    serving: dict[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Mean of what is fulfilled of the lines; None where nothing is asked."""
        shares = [share_of(row) for row in self.lines]
        return sum(shares) / len(shares) if shares else None

    @property
    def state(self) -> State:
        """What the square of the grid says first."""
        share = self.share
        if share is None:
            return "nothing asked"
        if not self.mounted:
            return "not mounted"
        return "full" if share >= FULL else "open"


def share_of(row: Record) -> float:
    """The part of a requirement's target that is fulfilled in a period."""
    target = as_number(row.get("target")) or 0.0
    return min(1.0, (as_number(row.get("fulfilled")) or 0.0) / target) if target else 1.0


def picture(reader: Reader, reasons: Sequence[Record] = ()) -> Picture | None:
    """The map and the grid; None without a plan, or where nothing is asked for. `reasons`: rows of `reasons.csv`."""
    if not reader.plan.has_plan:
        return None
    moments = _moments(reader)
    if not moments:
        return None
    told = {(row["requirement"], period): row["sentence"] for row in reasons for period in _periods_of(row)}
    posts = list(dict.fromkeys(post for post, _ in moments))
    order = sorted(
        posts, key=lambda post: (_rank(reader, "missions", "mission", post[0]), _rank(reader, "areas", "area", post[1]))
    )
    shown = range(1, min(reader.horizon, MOST_COLUMNS) + 1)
    strips = [
        Strip(
            reader.label("mission", post[0]),
            reader.label("area", post[1]),
            tuple(_square(reader, post, period, moments.get((post, period), _Moment()), told) for period in shown),
        )
        for post in order[:MOST_ROWS]
    ]
    names = tuple(reader.periods[period - 1] for period in shown)
    return Picture(_places(reader, order, moments), names, tuple(strips), max(0, len(order) - MOST_ROWS))


def _periods_of(row: Record) -> Iterable[int]:
    return [int(part) for part in str(row.get("periods") or "").split(";") if part.strip().isdigit()]


def _rank(reader: Reader, table: str, key: str, name: str) -> int:
    rows = [row[key] for row in reader.rows(table)]
    return rows.index(name) if name in rows else len(rows)


def _moments(reader: Reader) -> dict[tuple[Post, int], _Moment]:
    found: dict[tuple[Post, int], _Moment] = {}
    for row in reader.frame("requirements"):
        moment = found.setdefault(((row["mission"], row["area"]), int(row["period"])), _Moment())
        moment.lines.append(row)
    for row in reader.frame("posts"):
        asked = found.get(((row["mission"], row["area"]), int(row["period"])))
        if asked is not None:
            asked.mounted, asked.lead = as_flag(row.get("mounted")), as_text(row.get("lead"))
    for row in reader.frame("assignments"):
        served = found.get(((row["mission"], row["area"]), int(row["period"])))
        if served is not None:
            served.serving[row["nation"]] = served.serving.get(row["nation"], 0.0) + (
                as_number(row["personnel"]) or 0.0
            )
    return found


def _square(reader: Reader, post: Post, period: int, moment: _Moment, told: Mapping[tuple[str, int], str]) -> Square:
    lead = reader.label("nation", moment.lead) if moment.lead else ""
    where = (
        f"{reader.label('mission', post[0])} in {reader.label('area', post[1])}, period {reader.periods[period - 1]}"
    )
    if moment.state == "nothing asked":
        return Square("nothing asked", None, "", f"{where}: nothing is asked for.")
    parts = [f"{where}: {_state_in_words(moment)}."]
    if lead:
        parts.append(f"{lead} leads.")
    if moment.serving:
        serving = sorted(moment.serving.items(), key=lambda item: (-item[1], item[0]))
        names = [f"{reader.label('nation', name)} {figure(people, 0)}" for name, people in serving]
        parts.append(f"Serving: {joined(names, 10)}.")
    for row in sorted(moment.lines, key=share_of):
        if share_of(row) >= FULL:
            continue
        missing = f"{figure(row['gap'])} of {figure(row['target'])} {reader.label('capability', row['capability'])}"
        why = told.get((row["requirement"], period), "")
        parts.append(f"Missing: {missing}.{' ' + why if why else ''}")
    return Square(moment.state, moment.share, lead, shorten(" ".join(parts), _MOST_TEXT))


def _state_in_words(moment: _Moment) -> str:
    if moment.state == "full":
        return "everything that is asked for is there"
    if moment.state == "not mounted":
        return "not mounted"
    return f"{percent(moment.share)} of what is asked for is there"


def _places(reader: Reader, order: Sequence[Post], moments: Mapping[tuple[Post, int], _Moment]) -> tuple[Place, ...]:
    areas = {row["area"]: row for row in reader.rows("areas")}
    found: list[Place] = []
    for area, row in areas.items():
        latitude, longitude = as_number(row.get("latitude")), as_number(row.get("longitude"))
        posts = [post for post in order if post[1] == area]
        if latitude is None or longitude is None or not posts:
            continue
        told, shares = [], []
        for post in posts:
            of_post = [moment for (other, _), moment in sorted(moments.items()) if other == post]
            asked = [moment.share for moment in of_post if moment.share is not None]
            mounted = sum(moment.mounted for moment in of_post)
            shares += asked
            mean = sum(asked) / len(asked) if asked else 1.0
            told.append(
                f"{reader.label('mission', post[0])}: {percent(mean)} on average over its periods, mounted in {mounted} of {len(of_post)}"
            )
        share = sum(shares) / len(shares) if shares else None
        name = reader.label("area", area)
        found.append(
            Place(
                len(found) + 1,
                name,
                latitude,
                longitude,
                share,
                tuple(told),
                shorten(f"{name}. {'; '.join(told)}.", _MOST_TEXT),
            )
        )
    return tuple(found)
