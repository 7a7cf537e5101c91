"""`compare`: plans side by side. Who moves, which posts open and close, what it means for each nation, mission and aim.

The *difference* of an aim is that of the plans' own values. What it says of the cases (inputs and scenarios) is less: the best possible
value of a case lies between its plan's value and its bound, so the best values differ by *at least* and *at most* so much; in a later
aim nothing is certain unless both plans are proven in the earlier ones. Where that span holds zero, the difference is within what the search
left open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.plan.check import load_checked
from optimizer.plan.head import PLAN_FILE
from optimizer.plan.moves import MOVED_COLUMNS, Services, moved, services_of, told
from optimizer.plan.plan import Plan
from optimizer.plan.proof import LEFT_OPEN
from optimizer.plan.summary import FULL_AT
from optimizer.plan.summary import number as shown
from optimizer.plan.tables import InvalidPlan
from optimizer.studies.cases import differing_cells
from optimizer.studies.intervals import UNKNOWN, Interval, point, speaks_of_best
from optimizer.studies.outcomes import number
from optimizer.studies.robust.logic import reaching

MOST_CELLS: Final = 5
"""Cells in which two cases differ that a sentence names; the table `inputs` has all."""
_NAMED: Final = {"nation": "nations", "mission": "missions", "area": "areas", "unit_type": "unit_types"}
TITLES: Final = {
    "sentences": "What changes",
    "aims": "Aims",
    "moved": "Who serves with other units",
    "posts_opened": "Posts that open",
    "posts_closed": "Posts that close",
    "nations": "Nations",
    "missions": "Mission scores",
    "inputs": "Input in which the cases differ",
}


@dataclass(frozen=True)
class Comparison:
    """Plans side by side: the first is the base, and every table has a row per other plan (column `plan`) and what it is about.

    `sentences`: what changes, in words. `aims`: value and bound of both plans, the difference of the values, by how much the best
    possible values of the cases differ (`at_least`, `at_most`; blank where nothing is known), and that in a word (`told`). `moved`: spells
    of periods in which a pledge serves on a line with other units. `posts_opened`, `posts_closed`: posts and the periods in which they are
    mounted in one plan only. `nations`: most personnel at a time, cost (millions), posts served. `missions`: scores from 0 to 1.
    `inputs`: cells in which the cases differ; no rows where all plans answer one question.
    """

    names: tuple[str, ...]
    plans: tuple[Plan, ...] = field(repr=False)
    sentences: pd.DataFrame
    aims: pd.DataFrame
    moved: pd.DataFrame
    posts_opened: pd.DataFrame
    posts_closed: pd.DataFrame
    nations: pd.DataFrame
    missions: pd.DataFrame
    inputs: pd.DataFrame

    @property
    def titles(self) -> dict[str, str]:
        """What each table shows, by its name."""
        return dict(TITLES)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {name: getattr(self, name) for name in TITLES}

    def said_of(self, name: str, about: str = "") -> list[str]:
        """The sentences on one of the other plans; with `about` (case, aim, post or move) those of that kind."""
        rows = self.sentences[self.sentences["plan"] == name]
        return [str(row["sentence"]) for row in rows.to_dict("records") if about in {"", row["about"]}]


def compare(
    plan: Plan | str | Path,
    other: Plan | str | Path,
    *others: Plan | str | Path,
    names: Sequence[str] = (),
    out: str | Path | None = None,
) -> Comparison:
    """Set plans side by side; the first is the base.

    Args:
        plan: a plan, or the folder of one (which is verified when it is read).
        other: the plan that is held against it.
        *others: more of them.
        names: what the plans are called; without them folders by their names, and plans by their numbers.
        out: folder for the tables, of which `forcegen report` makes a page, a workbook and markdown.

    Raises:
        InvalidPlan: a folder holds no plan (an instance, a study, nothing), or its search ended without one.
        RejectedPlan: a folder's plan breaks a rule, or was changed after it was written.
        ValueError: there are not as many different names as plans.
        FileExistsError: `out` holds something already.
    """
    given = (plan, other, *others)
    called = tuple(names) or _names(given)
    if len(called) != len(given) or len(set(called)) != len(called):
        raise ValueError(f"{len(given)} plans need as many different names; there are {', '.join(called)}.")
    plans = tuple(_read(one, name) for one, name in zip(given, called, strict=True))
    found = _side_by_side(plans, called)
    if out is not None:
        from optimizer.studies.compare_folder import write_comparison

        write_comparison(found, out)
    return found


def _names(given: Sequence[Plan | str | Path]) -> tuple[str, ...]:
    paths = ["" if isinstance(one, Plan) else str(one) for one in given]
    short = [Path(path).resolve().name if path else "" for path in paths]
    found: list[str] = []
    for place, (path, name) in enumerate(zip(paths, short, strict=True), 1):
        chosen = f"plan {place}" if not path else name if name and short.count(name) == 1 else path
        found.append(f"{chosen} ({place})" if chosen in found else chosen)
    return tuple(found)


def _read(given: Plan | str | Path, name: str) -> Plan:
    plan = given if isinstance(given, Plan) else load_checked(given)
    if not plan.has_plan:
        message = f"{name} holds no plan: its search ended without one ({plan.termination})."
        raise InvalidPlan([Finding("error", "no-plan", PLAN_FILE, None, None, message, "Give the folder of a plan.")])
    return plan


def _side_by_side(plans: Sequence[Plan], names: tuple[str, ...]) -> Comparison:
    base = plans[0]
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TITLES}
    for plan, name in zip(plans[1:], names[1:], strict=True):
        words = _Names(plans)
        cells = differing_cells(base, plan)
        before, after = (services_of(one.assignments, one.instance) for one in (base, plan))
        aims = [_aim(aim, base, plan) for aim in _union(base.aims, plan.aims, "name")]
        opened, closed = _posts(base, plan), _posts(plan, base)
        rows["inputs"] += [(name, *cell) for cell in cells]
        rows["aims"] += [(name, *aim) for aim in aims]
        rows["moved"] += [(name, *row) for row in moved(before, after).itertuples(index=False, name=None)]
        rows["posts_opened"] += [(name, *post) for post in opened]
        rows["posts_closed"] += [(name, *post) for post in closed]
        rows["nations"] += [(name, *row) for row in _nations(base, plan, before, after)]
        rows["missions"] += [(name, *row) for row in _missions(base, plan)]
        said = {
            "case": [_case(base, plan, list(map(str, cells)))],
            "aim": [sentence for aim in aims if (sentence := _aim_in_words(aim))],
            "post": [_post_in_words(post, "opens", words) for post in opened]
            + [_post_in_words(post, "closes", words) for post in closed],
            "move": told(before, after, words) or ["Who serves where and when is the same."],
        }
        rows["sentences"] += [(name, about, sentence) for about, listed in said.items() for sentence in listed]
    frames = {name: pd.DataFrame(listed, columns=list(_COLUMNS[name])) for name, listed in rows.items()}
    return Comparison(names, tuple(plans), **frames)


_PAIR: Final = ("before", "after")
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "sentences": ("plan", "about", "sentence"),
    "aims": ("plan", "aim", "before", "before_bound", "after", "after_bound", "difference", "at_least", "at_most", "told"),
    "moved": ("plan", *MOVED_COLUMNS),
    "posts_opened": ("plan", "post", "mission", "area", "periods"),
    "posts_closed": ("plan", "post", "mission", "area", "periods"),
    "nations": ("plan", "nation", *(f"{what}_{end}" for what in ("peak_personnel", "cost", "posts") for end in _PAIR)),
    "missions": ("plan", "mission", *_PAIR),
    "inputs": ("plan", "table", "key", "column", *_PAIR),
}  # fmt: skip


class _Names:
    """Full names of nations, missions, areas and unit types, as the first plan that has them gives them."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._known: dict[tuple[str, str], str] = {}
        for kind, table in _NAMED.items():
            for plan in plans:
                for row in plan.instance.rows(table):
                    self._known.setdefault((kind, str(row[kind])), str(row.get("name") or row[kind]))

    def __call__(self, kind: str, key: str) -> str:
        return self._known.get((kind, key), key)


def _union(one: pd.DataFrame, other: pd.DataFrame, column: str) -> list[str]:
    return [str(name) for name in dict.fromkeys([*one[column], *other[column]])]


# aims --------------------------------------------------------------------------------------------------------------


def _aim(name: str, base: Plan, plan: Plan) -> tuple[Any, ...]:
    """Name, values and bounds, difference of the values, span of the difference of the best values, and that in a word."""
    (before, before_bound), (after, after_bound) = (_value(one, name) for one in (base, plan))
    if math.isnan(before) or math.isnan(after):
        return name, before, before_bound, after, after_bound, math.nan, math.nan, math.nan, ""
    maximised = name in MAXIMISED_AIMS
    best = [
        reaching(value, bound, maximised=maximised) if _speaks_of_best(one, name) else UNKNOWN
        for one, value, bound in ((plan, after, after_bound), (base, before, before_bound))
    ]
    span = best[0] - best[1]
    ends = (end if math.isfinite(end) else math.nan for end in (span.at_least, span.at_most))
    return name, before, before_bound, after, after_bound, _less(after, before), *ends, _told(span)


def _speaks_of_best(plan: Plan, name: str) -> bool:
    """Whether value and bound say what the best plan has of an aim: of a later one only where those before it are proven."""
    rows = plan.aims.to_dict("records")
    aims = [Aim(str(row["name"]), priority=int(row["priority"])) for row in rows]
    return speaks_of_best({f"{row['name']}_gap": number(row["gap"]) for row in rows}, name, aims)


def _less(one: float, other: float) -> float:
    return float(f"{one - other:.12g}")


def _value(plan: Plan, name: str) -> tuple[float, float]:
    rows = plan.aims[plan.aims["name"] == name]
    if rows.empty:
        return math.nan, math.nan
    # Twelve digits, as in every study: what is behind them is rounding.
    value, bound = (number(rows[column].iloc[0]) for column in ("value", "bound"))
    return math.nan if value is None else value, math.nan if bound is None else bound


def _told(span: Interval) -> str:
    """`more`, `less`, `the same`, or that it cannot be told."""
    zero = point(0.0)
    if span.equals(zero):
        return "the same"
    if span.is_at_most(zero) is False:
        return "more"
    return "less" if zero.is_at_most(span) is False else LEFT_OPEN


def _aim_in_words(aim: tuple[Any, ...]) -> str:
    name, before, _, after, _, difference, low, high, said = aim
    if not said:
        return ""
    full = FULL_AT.get(name)
    title = name.replace("_", " ").capitalize()
    equal = abs(difference) <= 1e-6 * max(1.0, abs(before))
    if said == "the same" and equal:
        return f"{title} is {shown(after, full)} in both."
    text = f"{title}: {shown(after, full)} {'in both' if equal else f'instead of {shown(before, full)}'}"
    if said == LEFT_OPEN:
        return f"{text}; whether the cases differ in it lies {LEFT_OPEN}."
    if said == "the same":
        return f"{text}; the best possible is the same."
    ends = sorted(abs(end) for end in (low, high) if not math.isnan(end))
    # Where one end is not known, it is the far one: the near one is what tells the difference from zero.
    near, far = ends[0], ends[-1] if len(ends) == 2 else None
    if far is not None and far - near <= 1e-6 * max(1.0, far):
        return f"{text}: {shown(near)} {said}."
    most = "" if far is None else f" and at most {shown(far)}"
    return f"{text}: the best possible is at least {shown(near)}{most} {said}."


# posts, nations, missions ------------------------------------------------------------------------------------------


def _mounted(plan: Plan) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for row in plan.posts.to_dict("records"):
        if row["mounted"]:
            found.setdefault((str(row["mission"]), str(row["area"])), []).append(int(row["period"]))
    return found


def _posts(without: Plan, mounting: Plan) -> list[tuple[str, str, str, tuple[int, ...]]]:
    """Posts with the periods in which only the second plan mounts them."""
    less = _mounted(without)
    found = []
    for post, periods in sorted(_mounted(mounting).items()):
        extra = sorted(set(periods) - set(less.get(post, ())))
        if extra:
            found.append((":".join(post), *post, tuple(extra)))
    return found


def _post_in_words(post: tuple[str, str, str, tuple[int, ...]], what: str, words: _Names) -> str:
    from optimizer.instance.wording import in_periods

    _, mission, area, periods = post
    when = in_periods(sum(1 << period - 1 for period in periods))
    held = "is mounted too" if what == "opens" else "is no longer mounted"
    return f"{words('mission', mission)} in {words('area', area)} {held} {when}."


def _nations(base: Plan, plan: Plan, before: Services, after: Services) -> Iterator[tuple[Any, ...]]:
    """Per nation that serves in one of the plans: most personnel at a time, cost, posts served, in both."""
    served = {service.nation for service in (*before, *after)}
    tables = [{str(row["nation"]): row for row in one.nations.to_dict("records")} for one in (base, plan)]
    for nation in _union(base.nations, plan.nations, "nation"):
        if nation in served:
            cells = [_figure(table.get(nation, {}).get(what)) for what in _BORNE for table in tables]
            yield nation, *cells


_BORNE: Final = ("peak_personnel", "cost", "posts")


def _figure(cell: Any) -> float:
    """A cell as a number; zero where the nation is not in the table."""
    return 0.0 if cell is None or pd.isna(cell) else float(cell)


def _missions(base: Plan, plan: Plan) -> Iterator[tuple[Any, ...]]:
    scores = [dict(zip(one.missions["mission"], one.missions["score"], strict=True)) for one in (base, plan)]
    for mission in _union(base.missions, plan.missions, "mission"):
        yield mission, *(float(table.get(mission, math.nan)) for table in scores)


# cases -------------------------------------------------------------------------------------------------------------


def _case(base: Plan, plan: Plan, cells: Sequence[str]) -> str:
    """Whether both plans answer one question; if not, in what the questions differ."""
    if not cells:
        return "Both plans answer the same question (same input, same scenario)."
    parts = []
    if base.instance.header.name != plan.instance.header.name:
        parts.append(f"instance {plan.instance.header.name} instead of {base.instance.header.name}")
    if base.scenario != plan.scenario:
        parts.append(f"scenario {plan.scenario or 'by default'} instead of {base.scenario or 'by default'}")
    more = len(cells) - MOST_CELLS
    parts += [*cells[:MOST_CELLS], *([f"and {more} more"] if more > 0 else [])]
    return f"The cases differ: {'; '.join(parts)}."
