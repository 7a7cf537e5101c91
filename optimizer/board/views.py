"""The board's page as text."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from optimizer.board.filling import candidates_table, posts_of
from optimizer.board.server import hash_of
from optimizer.reporting.filling import ALONE
from optimizer.reporting.picture.map import draw_map
from optimizer.reporting.text import BLANK, as_text, figure, outward
from optimizer.reporting.words import aim_figure, aim_title

if TYPE_CHECKING:
    from optimizer.board.entries import Entry
    from optimizer.board.server import Pages
    from optimizer.instance.instance import Instance


def render_board(pages: Pages, entry: Entry, view: str, post: str = "") -> str:
    """The whole page of an entry; `post`: the number of the post whose candidates are shown, as the address has it."""
    from markupsafe import Markup

    environment = _environment()
    style = (
        environment.loader.get_source(environment, "page.css")[0]
        + environment.loader.get_source(environment, "board.css")[0]
    )
    script = environment.loader.get_source(environment, "board.js")[0]
    header = pages.board.instance.header
    ordered = sorted(pages.known.values(), key=lambda one: ("Conditions", "Rules", "Numbers").index(one.group))
    settings = dict(text.rpartition("=")[::2] for text in entry.switches.settings)
    html: str = environment.get_template("board.html").render(
        title=as_text(header.title) or as_text(header.name),
        scenario=as_text(pages.board.scenario or ""),
        entry=entry,
        view=Markup(view),  # noqa: S704 - made by `render_view`
        filling=Markup(_filling(entry, post)),  # noqa: S704 - made by a template
        groups=[(name, list(found)) for name, found in groupby(ordered, key=lambda one: one.group)],
        settings=settings,
        pinned={nation for _, nation in entry.switches.kept},
        nations=list(_names(pages.board.instance, "nation").items()),
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=hash_of(script),
    )
    return html


def _filling(entry: Entry, post: str) -> str:
    """The list of posts, and the candidates of the one that was chosen."""
    plan, posts = entry.plan, posts_of(entry.instance)
    chosen = int(post) if post.isascii() and post.isdecimal() and len(post) < 6 and int(post) < len(posts) else None
    missions, areas = (_names(entry.instance, kind) for kind in ("mission", "area"))
    html: str = (
        _environment()
        .get_template("filling.html")
        .render(
            entry=entry,
            posts=[f"{missions.get(mission, mission)} in {areas.get(area, area)}" for mission, area in posts],
            chosen=chosen,
            alone=ALONE,
            table=None if chosen is None or plan is None else candidates_table(plan, posts[chosen]),
        )
    )
    return html


def render_view(pages: Pages, entry: Entry) -> str:
    """What moves with an entry: how its search stands, before and after, the answer and the picture."""
    from markupsafe import Markup

    from optimizer.reporting.describe import describe

    board = pages.board
    before = None if entry.before is None else board.entry(entry.before)
    content = None if entry.plan is None else describe(entry.plan, check=False, annexes=False)
    html: str = (
        _environment()
        .get_template("view.html")
        .render(
            entry=entry,
            before=before,
            status=status_of(entry),
            aims=_aims(entry, before),
            moves=_moves(entry, before),
            content=content,
            map=Markup(draw_map(content.picture.places)) if content and content.picture else "",  # noqa: S704
        )
    )
    return html


def render_tried(pages: Pages, entry: Entry) -> str:
    """What was tried on the whole board, and the command that asks the entry's question."""
    board = pages.board
    html: str = (
        _environment()
        .get_template("tried.html")
        .render(
            entry=entry,
            command=entry.switches.command(pages.source, board.scenario),
            tried=board.entries(),
            value_of=_value,
        )
    )
    return html


def status_of(entry: Entry) -> str:
    """How the search for an entry stands, in one sentence."""
    if entry.state == "waiting":
        return "Waiting: the planner is at work on something else."
    if entry.state == "none":
        return entry.message or "No plan."
    if entry.plan is None:
        return "Planning: no plan yet."
    name = str(entry.plan.aims["name"].iloc[0])
    value, bound = entry.value, entry.bound
    known = f"the {aim_title(name)} is {figure(aim_figure(name, value))}"
    if bound is None:
        sure = "how much better a plan could be is not known yet"
    elif value is not None and abs(bound - value) <= 1e-6 * max(1.0, abs(value)):
        sure = "proven to be the best"
    else:
        upper = value is None or bound >= value
        sure = f"no plan has {'more' if upper else 'less'} than {figure(outward(bound, upper=upper))}"
    doing = "Still looking for a better one" if entry.state == "planning" else "Done"
    return " ".join([f"{doing}: {known}; {sure} (after {entry.seconds:.1f} s).", entry.message]).strip()


def _aims(entry: Entry, before: Entry | None) -> list[tuple[str, str, str, str]]:
    """Per aim its name, value before, value after, and the difference."""
    if entry.plan is None:
        return []
    old: dict[str, float] = {}
    if before is not None and before.plan is not None:
        old = dict(zip(before.plan.aims["name"], before.plan.aims["value"], strict=True))
    rows = []
    for name, value in zip(entry.plan.aims["name"], entry.plan.aims["value"], strict=True):
        was = old.get(name)
        change = BLANK if was is None else f"{value - was:+,.2f}"
        rows.append(
            (aim_title(str(name)), BLANK if was is None else figure(was), figure(aim_figure(str(name), value)), change)
        )
    return rows


def _moves(entry: Entry, before: Entry | None, most: int = 12) -> list[str]:
    """Who comes and leaves against the entry before, in people and periods."""
    if entry.plan is None or before is None or before.plan is None:
        return []
    names, missions, areas = (_names(entry.instance, kind) for kind in ("nation", "mission", "area"))
    totals: dict[tuple[str, str, str], float] = {}
    for sign, plan in ((1.0, entry.plan), (-1.0, before.plan)):
        for row in plan.assignments.to_dict("records"):
            key = (str(row["nation"]), str(row["mission"]), str(row["area"]))
            totals[key] = totals.get(key, 0.0) + sign * float(row["personnel"])
    moved = sorted(
        ((people, key) for key, people in totals.items() if abs(people) > 1e-6), key=lambda one: (-abs(one[0]), one[1])
    )
    periods = entry.instance.header.periods
    found = [
        f"{names.get(nation, nation)} at {missions.get(mission, mission)} in {areas.get(area, area)}: {people / periods:+,.0f} people on average"
        for people, (nation, mission, area) in moved[:most]
    ]
    return [*found, f"and {len(moved) - most} more changes"] if len(moved) > most else found


def _names(instance: Instance, kind: str) -> dict[str, str]:
    """The full names of nations, missions or areas by their keys; the key where there is no name."""
    return {row[kind]: as_text(row.get("name")) or as_text(row[kind]) for row in instance.rows(f"{kind}s")}


def _value(entry: Entry) -> str:
    return BLANK if entry.value is None else figure(entry.value)


@cache
def _environment() -> Any:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    from optimizer.reporting.page import picture_words

    loader = ChoiceLoader(
        [PackageLoader("optimizer.board", "templates"), PackageLoader("optimizer.reporting", "templates")]
    )
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.globals.update(picture_words())
    return environment
