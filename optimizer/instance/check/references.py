"""Whatever names something must name what is there: keys, references, selectors, lists, conditions, and the aims of the header."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, quoted, split_words
from optimizer.instance.conditions import parse_condition
from optimizer.instance.findings import SHOWN, Finding

if TYPE_CHECKING:
    from optimizer.instance.draft import Draft

Known = dict[str, frozenset[str] | None]
"""Per kind of name (a table, or tag, host, domain) what is known; None where it could not be read."""

_SOURCES: Final = {"capabilities": ("yields", "instrument_yields"), "areas": ("requirements",)}
_SELECTABLE: Final = ("nations", "missions", "areas", "unit_types", "capabilities", "groups")
_FREE_SELECTORS: Final = {"tag": "tag", "applies_to": "tag", "host": "host", "domain": "domain"}


def known_names(draft: Draft) -> Known:
    """What can be named. Where the tables `capabilities` or `areas` are absent, what `yields` and `requirements` name."""
    known: Known = {}
    for name, table in TABLES.items():
        column = table.key[0]
        if name in draft.broken or (table.required and name not in draft.rows):
            known[name] = None
        elif name in _SOURCES and not draft.rows.get(name):
            sources = _SOURCES[name]
            readable = not any(source in draft.broken for source in sources) and sources[0] in draft.rows
            known[name] = _column(draft, sources, column) if readable else None
        else:
            known[name] = _column(draft, (name,), column)
    known["host"] = None if "areas" in draft.broken else _column(draft, ("areas",), "host")
    known["domain"] = frozenset(TABLES["unit_types"].by_name["domain"].choices)
    taggers = ("unit_types", "pledges")
    tags = (word for table in taggers for row in draft.rows.get(table, []) for word in split_words(row["tags"] or ""))
    known["tag"] = (
        None if any(table in draft.broken or table not in draft.rows for table in taggers) else frozenset(tags)
    )
    return known


def _column(draft: Draft, tables: Iterable[str], column: str) -> frozenset[str]:
    return frozenset(row[column] for table in tables for row in draft.rows.get(table, []) if row[column] is not None)


def check_keys(draft: Draft) -> None:
    """No key twice, and no key that selectors could not name."""
    for name, rows in draft.rows.items():
        table = TABLES[name]
        required = [column for column in table.key if table.by_name[column].required]
        first: dict[tuple[object, ...], int] = {}
        for index, row in enumerate(rows):
            key = tuple(row[column] for column in table.key)
            if name in draft.broken or any(row[column] is None for column in required):
                continue
            if None in key and (name, index) in draft.notes.faulty_rows:
                continue  # a cell of the key that could not be read is not blank
            if key in first:
                written = "/".join("" if part is None else str(part) for part in key)
                where = draft.notes.row(name, first[key])
                draft.notes.error(
                    "duplicate-key",
                    name,
                    index,
                    table.key[0],
                    f"{written!r} is already in row {where}.",
                    "Rename or remove one of the two rows.",
                )
            else:
                first[key] = index
        if name in _SELECTABLE:
            _check_selectable(draft, name, table.key[0])


def _check_selectable(draft: Draft, table: str, column: str) -> None:
    for index, row in enumerate(draft.rows[table]):
        text = row[column]
        if text is not None and (";" in text or text.startswith("!")):
            draft.notes.warning(
                "not-selectable",
                table,
                index,
                column,
                f"no selector can name {text!r}: `;` separates names and `!` negates.",
                "Rename it if a caveat, limit or link should select it.",
            )


def check_references(draft: Draft, known: Known) -> None:
    """Every reference, selector, list and condition of every table names what is there."""
    for name, rows in draft.rows.items():
        for attribute in TABLES[name].columns:
            wrong = wrongly_named(attribute, known, draft)
            if wrong is None:
                continue
            for index, row in enumerate(rows):
                text = row[attribute.name]
                if text is None:
                    continue
                for severity, code, message, remedy in wrong(text):
                    note = draft.notes.error if severity == "error" else draft.notes.warning
                    note(code, name, index, attribute.name, message, remedy)


Fault = tuple[str, str, str, str]


def wrongly_named(
    attribute: Attribute, known: Known, draft: Draft | None = None
) -> Callable[[str], tuple[Fault, ...]] | None:
    """The function that finds what a cell of the column names wrongly; None where the column names nothing.

    With the draft, who writes the title in place of the key ("France" for FRA) is shown the key.
    """
    kinds = attribute.refers
    if attribute.kind == "selector" and not kinds:
        kinds = (_FREE_SELECTORS[attribute.name],)
    names = [known[kind] for kind in kinds]
    if not kinds or attribute.kind not in {"reference", "selector", "list", "condition"} or None in names:
        return None
    allowed: frozenset[str] = frozenset().union(*(some for some in names if some is not None))
    titles = _titles(draft, kinds) if draft is not None else {}

    hinted = 0

    @cache
    def wrong(text: str) -> tuple[Fault, ...]:
        nonlocal hinted
        strangers = [word for word in _words(attribute, text) if word not in allowed]
        hinted += len(strangers)
        # what is not shown needs no proposal: looking for near names is slow
        near = allowed if hinted <= SHOWN else frozenset()
        return tuple(_fault(kinds, word, near, titles.get(word.casefold())) for word in strangers)

    return wrong


def _titles(draft: Draft, kinds: tuple[str, ...]) -> dict[str, str]:
    """The key of each row by its title in the column `name`, without case."""
    return {
        row["name"].casefold(): row[TABLES[kind].key[0]]
        for kind in kinds
        if kind in TABLES and "name" in TABLES[kind].by_name
        for row in draft.rows.get(kind, [])
        if row["name"] is not None and row[TABLES[kind].key[0]] is not None
    }


def _words(attribute: Attribute, text: str) -> list[str]:
    if attribute.kind == "reference":
        return [text]
    if attribute.kind == "condition":
        return parse_condition(text).names()
    words = split_words(text)
    return (
        [word[1:].strip() if word.startswith("!") else word for word in words]
        if attribute.kind == "selector"
        else words
    )


def _fault(kinds: tuple[str, ...], word: str, allowed: frozenset[str], titled: str | None = None) -> Fault:
    singular = [TABLES[kind].key[0] if kind in TABLES else kind for kind in kinds]
    code = f"unknown-{singular[0].replace('_', '-')}"
    words = " or ".join(name.replace("_", " ") for name in singular)
    if not word:
        return ("error", code, f"`!` names no {words}.", "Write the name after it.")
    table = kinds[0]
    if table in _SOURCES:
        where = f"Name it as in {table}; without that table, as in {' or '.join(_SOURCES[table])}."
    elif table in TABLES:
        where = f"Add it to {table}, or correct the name."
    else:
        where = "Correct the name."
    near = f" Did you mean {titled!r}?" if titled is not None else did_you_mean(word, allowed)
    if kinds == ("tag",) and not near:
        # tags are free words: one that nobody bears may be meant for pledges to come
        return ("warning", code, f"no unit bears the tag {quoted(word)}: it selects nothing.", where)
    return ("error", code, f"there is no {words} {quoted(word)}.", where + near)


def check_aims(draft: Draft, known: Known, header_place: str, header_rows: dict[str, int]) -> None:
    """Scopes and weights name what is there; burden_gap stands alone in its level and has its keys."""

    def error(code: str, key: str, message: str, remedy: str, severity: str = "error") -> None:
        draft.notes.add(Finding(severity, code, header_place, header_rows.get(key), key, message, remedy))

    aims = draft.header.aims
    for number, aim in enumerate(aims, 1):
        for name, text in aim.scope:
            wrong = wrongly_named(_scope_attribute(name), known, draft)
            for severity, code, message, remedy in wrong(text) if wrong else ():
                error(code, f"aims.{number}.scope.{name}", message, remedy, severity)
        nations = known["nations"]
        for nation, _ in aim.weights:
            if nations is not None and nation not in nations:
                error(
                    "unknown-nation",
                    f"aims.{number}.weights",
                    f"there is no nation {nation!r}.",
                    f"Add it to nations, or correct the name.{did_you_mean(nation, nations)}",
                )
        if aim.name == "burden_gap":
            level = [other.name for other in aims if other.priority == aim.priority and other is not aim]
            if level:
                error(
                    "burden-level",
                    f"aims.{number}.priority",
                    f"burden_gap shares its level with {', '.join(level)}.",
                    "Give it a priority of its own.",
                )
            if (
                "nations" not in draft.broken
                and "nations" in draft.rows
                and not any(row["fair_share"] for row in draft.rows["nations"])
            ):
                error(
                    "burden-without-fair-share",
                    f"aims.{number}.name",
                    "burden_gap is an aim, but no nation has a fair share.",
                    "Fill the column fair_share of nations, or leave the aim out.",
                )


def _scope_attribute(name: str) -> Attribute:
    return TABLES["limits"].by_name[name]
