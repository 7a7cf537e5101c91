"""Links between nations, and sponsors of instruments, that cannot be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optimizer.instance.check.kept import Fault, RuleCell, Verdict
from optimizer.instance.check.scene import Scene
from optimizer.instance.selectors import parse_selector
from optimizer.instance.situation import Link, Selection


def _within(inner: Selection, outer: Selection) -> bool:
    """Whether serving in one scope is serving in the other."""
    return (outer.mission.is_any or outer.mission == inner.mission) and (outer.area.is_any or outer.area == inner.area)


def links(scene: Scene) -> Iterator[Verdict]:
    """Whoever a nation brings with it, link by link, may serve together; and so may the sponsors of an instrument."""
    links = scene.situation.links
    needs = [link for link in links if link.kind != "excludes" and link.count >= len(link.others) > 0]
    excludes = [link for link in links if link.kind == "excludes"]
    apart_now = {link.name for link in excludes}
    for row in scene.rows("links"):
        if needs and row["kind"] == "excludes" and row["link"] not in apart_now:
            yield RuleCell("needs-and-excludes", "links", row["link"], "kind"), None
    for link in needs if excludes else ():
        start = (link.nation, link.selection)
        apart = _apart([start], needs, excludes) if scene.could(*start) else None
        if apart is not None:
            name, pair = apart
            message = f"it keeps {pair} apart, and by {link.name!r} and what follows from it both serve where {link.nation} does: it never can."
            yield RuleCell("needs-and-excludes", "links", name, "kind"), Fault(message, "Remove one of the links.")
    for instrument in scene.situation.instruments:
        apart = _apart([(sponsor, Selection()) for sponsor in instrument.sponsors], needs, excludes)
        fault = None
        if apart is not None:
            fault = Fault(
                f"all sponsors have to take part, and the link {apart[0]!r} keeps {apart[1]} apart: {instrument.name!r} can never be used.",
                "Remove a sponsor, or the link.",
            )
        yield RuleCell("sponsors-apart", "instruments", instrument.name, "sponsors"), fault


def _apart(
    start: Iterable[tuple[str, Selection]], needs: Iterable[Link], excludes: Iterable[Link]
) -> tuple[str, str] | None:
    """The link that keeps apart two of those who follow from the start, and the two; None where all may serve together."""
    facts = list(start)
    for nation, scope in facts:  # grows while it is walked
        for link in needs:
            if link.nation == nation and _within(scope, link.selection):
                facts += [one for other in link.others if (one := (other, link.selection)) not in facts]
    for link in excludes:
        there = {nation for nation, scope in facts if _within(scope, link.selection)}
        apart = sorted(there & set(link.others))
        if link.nation in there and apart:
            return link.name, " and ".join(sorted((link.nation, apart[0])))
    return None


def partners(scene: Scene) -> Iterator[Verdict]:
    """A link binds somebody to somebody else, and its scope holds a post."""
    nations, lines = scene.situation.nations, scene.situation.lines.values()
    bound = {link.name: link for link in scene.situation.links if link.others}
    for row in scene.rows("links"):
        fault = None
        if not any(parse_selector(row["nation"]).matches(nation) for nation in nations):
            fault = Fault("its selector leaves no nation.", "Name the nations that are bound.")
        yield RuleCell("selects-nobody", "links", row["link"], "nation"), fault
    for link in scene.situation.links:
        fault = None
        if link.name not in bound:
            fault = Fault(
                "nobody is left whom the nation could be linked to: it changes nothing.", "Correct the group."
            )
        yield RuleCell("link-without-partner", "links", link.name, "other"), fault
        fault = None
        if not any(link.selection.takes_line(line) for line in lines):
            fault = Fault("no requirement line lies in its scope: it changes nothing.", "Correct mission and area.")
        column = "mission" if link.selection.area.is_any else "area"
        yield RuleCell("link-without-post", "links", link.name, column), fault
