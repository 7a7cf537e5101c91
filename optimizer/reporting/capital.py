"""One page per capital: what it brings, what is asked of it, what that unlocks, what its refusal means, its rules and their sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from optimizer.instance.cells import did_you_mean
from optimizer.reporting.answer.told import Sentence
from optimizer.reporting.content import Cell, Column, Content, Record, Section, Table
from optimizer.reporting.reader import Reader
from optimizer.reporting.text import as_flag, as_number, as_text, figure, joined, percent, ranges
from optimizer.reporting.words import aim_title, is_calm, verdict_in_words

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

MOST: Final = 4


class UnknownNation(ValueError):  # noqa: N818 - the name says what is wrong
    """The plan's instance has no nation of that code."""


def describe_capital(
    plan: Plan, nation: str, answers: Mapping[str, Sequence[Record]], rules: Sequence[Mapping[str, object]]
) -> Content:
    """The report for one nation.

    Args:
        plan: a plan that was checked.
        nation: code of the nation.
        answers: the rows of the answers that lie in the plan's folder (`answers.read_answers`).
        rules: the rules in force, as `forcegen rules` lists them.

    Raises:
        UnknownNation: there is no such nation.
    """
    reader = Reader(plan, check=False)
    known = [row["nation"] for row in reader.rows("nations")]
    if nation not in known:
        raise UnknownNation(f"There is no nation {nation!r}.{did_you_mean(nation, known)}")
    header = plan.instance.header
    name = reader.label("nation", nation)
    sections = (_services(reader, nation), _asks(answers, nation), _lines(reader, nation), _rules(rules, nation))
    return Content(
        title=f"{name}: {as_text(header.title) or as_text(header.name)}",
        question=as_text(header.description),
        scenario=reader.scenario,
        has_plan=bool(plan.has_plan),
        termination=str(plan.termination),
        verdict=verdict_in_words(plan),
        calm=is_calm(plan),
        key_figures=_figures(reader, nation),
        answer=(_brings(reader, nation, name), *_asked(reader, answers, nation)) if plan.has_plan else (),
        sections=tuple(section for section in sections if section is not None),
    )


def _own(reader: Reader, nation: str) -> Record:
    return next((row for row in reader.frame("nations") if row["nation"] == nation), {})


def _figures(reader: Reader, nation: str) -> tuple[tuple[str, str], ...]:
    row = _own(reader, nation)
    if not row:
        return ()
    return (
        ("Most personnel at a time", figure(row.get("peak_personnel"), 0)),
        ("Posts", figure(row.get("posts"), 0)),
        (f"Cost ({reader.money})", figure(row.get("cost"), 1)),
        ("Share of the burden", percent(row.get("share"))),
        ("Fair share", percent(row.get("fair_share"))),
    )


def _posts(reader: Reader, nation: str) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for row in reader.frame("assignments"):
        if row["nation"] == nation:
            found.setdefault((row["mission"], row["area"]), set()).add(int(row["period"]))
    return {post: sorted(periods) for post, periods in found.items()}


def _brings(reader: Reader, nation: str, name: str) -> Sentence:
    posts = _posts(reader, nation)
    row = _own(reader, nation)
    facts = {"nation": nation, "posts": len(posts), "peak": as_number(row.get("peak_personnel"))}
    if not posts:
        text = f"{name} serves nowhere in this plan."
        return Sentence("brings", "What it brings", text, facts)
    where = [
        f"{reader.label('mission', mission)} in {reader.label('area', area)} ({_when(reader, periods)})"
        for (mission, area), periods in sorted(posts.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    leads = [
        f"{reader.label('mission', other['mission'])} in {reader.label('area', other['area'])}"
        for other in reader.frame("participation")
        if other["nation"] == nation and as_flag(other.get("leads"))
    ]
    text = (
        f"{name} serves at {len(posts)} post{'s' * (len(posts) != 1)} with at most {figure(row.get('peak_personnel'), 0)} "
        f"people at a time: {joined(where, MOST)}."
    )
    if leads:
        text += f" It leads {joined(leads, MOST)}."
    return Sentence("brings", "What it brings", text, facts)


def _when(reader: Reader, periods: Sequence[int]) -> str:
    if len(periods) == reader.horizon:
        return "throughout"
    return f"period{'s' * (len(periods) != 1)} {ranges(periods)}"


def _asked(reader: Reader, answers: Mapping[str, Sequence[Record]], nation: str) -> tuple[Sentence, ...]:
    """What is asked, what it unlocks, and what a refusal means, as far as it was worked out."""
    name = reader.label("nation", nation)
    told = next((row for row in answers.get("asks", ()) if row.get("asked") == nation), None)
    if told is not None:
        return (Sentence("asked", "What is asked, and if it refuses", str(told["sentence"])),)
    curve = answers.get("concessions", ())
    if not curve:
        text = "What would be asked of it has not been worked out: “forcegen concessions” on the plan's folder says it."
        return (Sentence("asked", "What is asked", text),)
    base = next((as_number(row["value"]) for row in curve if as_number(row["weight"]) == 0), None)
    mine = [row for row in curve if row.get("asked") == nation and row.get("rule")]
    if not mine:
        most = max(as_number(row["weight"]) or 0 for row in curve)
        text = f"Nothing is asked of {name} in the best sets of concessions up to weight {figure(most)}."
        return (Sentence("asked", "What is asked", text),)
    first = mine[0]
    together = sorted(
        {str(row["asked"]) for row in curve if row["weight"] == first["weight"] and row.get("rule")} - {nation}
    )
    value, bound = as_number(first["value"]), as_number(first["bound"])
    asks = joined([str(row["sentence"]).rstrip(".") for row in mine if row["weight"] == first["weight"]], MOST)
    text = f"Asked at weight {figure(first['weight'])}: {asks}."
    if value is not None and base is not None:
        others = f", together with {joined([reader.label('nation', other) for other in together])}" if together else ""
        limit = "" if bound is None or first.get("proven") == "true" else f" or better, and {figure(bound)} at best"
        text += f" It unlocks{others}: the {aim_title(str(first['aim']))} goes from {figure(base)} to {figure(value)}{limit}."
    return (Sentence("asked", "What is asked", text),)


def _services(reader: Reader, nation: str) -> Section | None:
    groups: dict[tuple[str, str, str, str], dict[int, tuple[float, float, float]]] = {}
    for row in reader.frame("assignments"):
        if row["nation"] == nation:
            periods = groups.setdefault((row["pledge"], row["unit_type"], row["mission"], row["area"]), {})
            before = periods.get(int(row["period"]), (0.0, 0.0, 0.0))
            new = (as_number(row.get(column)) or 0.0 for column in ("units", "personnel", "cost"))
            units, people, cost = (old + more for old, more in zip(before, new, strict=True))
            periods[int(row["period"])] = (units, people, cost)
    rows: list[tuple[Cell, ...]] = [
        (
            as_text(pledge),
            reader.label("unit_type", unit_type),
            reader.label("mission", mission),
            reader.label("area", area),
            ranges(periods),
            max(units for units, _, _ in periods.values()),
            max(people for _, people, _ in periods.values()),
            sum(cost for _, _, cost in periods.values()),
        )
        for (pledge, unit_type, mission, area), periods in sorted(groups.items())
    ]
    columns = (
        Column("Pledge"),
        Column("Unit type"),
        Column("Mission"),
        Column("Area"),
        Column("In periods"),
        Column("Most units", "figure"),
        Column("Most personnel", "figure"),
        Column(f"Cost ({reader.money})", "figure"),
    )
    return Section("services", "What it sends where", (), (reader.table("Services", columns, rows),)) if rows else None


def _asks(answers: Mapping[str, Sequence[Record]], nation: str) -> Section | None:
    rows: list[tuple[Cell, ...]] = [
        (str(row["sentence"]), as_number(row["gain_at_least"]), as_number(row["gain_at_most"]))
        for row in answers.get("prices", ())
        if nation in str(row.get("asked") or "").split(";")
    ]
    if not rows:
        return None
    columns = (
        Column("Rule"),
        Column("One step gains at least", "figure", "gains at least"),
        Column("At most", "figure", "gains at most"),
    )
    return Section("asks", "What each of its rules costs by itself", (), (Table("Prices", columns, tuple(rows)),))


def _lines(reader: Reader, nation: str) -> Section | None:
    """The lines of its posts that miss something."""
    posts = _posts(reader, nation)
    rows: list[tuple[Cell, ...]] = [
        (
            reader.label("mission", line.mission),
            reader.label("area", line.area),
            reader.label("capability", line.capability),
            line.share,
            ranges(line.open),
        )
        for line in reader.lines.values()
        if line.open and (line.mission, line.area) in posts
    ]
    columns = (
        Column("Mission"),
        Column("Area"),
        Column("Capability"),
        Column("Fulfilled", "percent", "filled"),
        Column("Open in periods"),
    )
    return (
        Section("open", "What stays open at its posts", (), (reader.table("Open lines", columns, rows),))
        if rows
        else None
    )


def _rules(rules: Sequence[Mapping[str, object]], nation: str) -> Section | None:
    rows: list[tuple[Cell, ...]] = [
        (str(rule["sentence"]), "yes" if rule["bendable"] else "no", as_text(rule["source"]), str(rule["rule"]))
        for rule in rules
        if rule["nation"] == nation
    ]
    columns = (Column("Rule"), Column("May bend"), Column("Source"), Column("Input row"))
    if not rows:
        return None
    return Section("rules", "Its rules and their sources", (), (Table("Rules", columns, tuple(rows)),))
