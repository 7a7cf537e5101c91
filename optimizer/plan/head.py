"""`plan.json`, read key by key: whatever is not what it should be is a finding that names the key."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import AIMS
from optimizer.instance.read.folder import HEADER_FILE
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.plan.plan import TERMINATIONS
from optimizer.plan.tables import InvalidPlan

FORMAT: Final = 1
"""Version of the folder's format."""
PLAN_FILE: Final = "plan.json"
STUDY_FILE: Final = "study.json"

_REMEDY: Final = "Solve again, or restore the file."
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9A-Za-z]+)*([+\-][0-9A-Za-z.\-]+)?|not installed")
Wrong = list[tuple[str, str]]
"""(key, what is wrong with it)."""


def read_head(folder: Path) -> dict[str, Any]:
    """The content of `plan.json`.

    Raises:
        InvalidPlan: with everything that is wrong with it.
    """
    if folder.is_file():
        raise _no_plan(folder)
    try:
        text = read_text(folder / PLAN_FILE)
    except UnreadableFile as error:
        if error.code == "not-found":
            raise _no_plan(folder) from None
        raise _refusal("unreadable", error.message, error.remedy) from None
    try:
        head = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _refusal("unreadable", f"it cannot be read ({error}).", _REMEDY) from None
    if not isinstance(head, dict):
        raise _refusal("not-a-plan", "it is not the head of a plan.", _REMEDY)
    wrong = _wrong(head)
    if wrong:
        raise InvalidPlan(
            [Finding("error", "not-a-plan", PLAN_FILE, None, key, f"{what}.", _REMEDY) for key, what in wrong]
        )
    return head


def _no_plan(folder: Path) -> InvalidPlan:
    """What is there instead of a plan."""
    remedy = "Give the folder of a solved plan."
    if not folder.exists():
        return _refusal("not-found", f"there is no folder {folder}.", "Check the path.")
    if (folder / HEADER_FILE).exists() or folder.is_file():
        message = f"{folder} is {'an instance' if folder.is_dir() else 'a file'}, not the folder of a plan."
        solve = f"Solve it first (forcegen solve {folder} --out DIR), and give DIR." if folder.is_dir() else remedy
        return _refusal("not-a-plan", message, solve)
    if (folder / STUDY_FILE).exists():
        return _refusal("not-a-plan", f"{folder} holds a study, not a plan.", remedy)
    return _refusal("not-a-plan", f"{folder} holds no {PLAN_FILE}.", remedy)


def _refusal(code: str, message: str, remedy: str) -> InvalidPlan:
    return InvalidPlan([Finding("error", code, PLAN_FILE, None, None, message, remedy)])


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the key {twice[0]!r} is there twice")
    return dict(pairs)


def is_text(value: object) -> bool:
    """Whether a value is text that can be written and shown (no halves of characters)."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def is_whole(value: object) -> bool:
    """Whether a value is a whole number of a size that tables hold."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def is_number(value: object) -> bool:
    """Whether a value is a finite number."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _or_null(test: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or test(value)


def _not_negative(value: object) -> bool:
    return is_number(value) and value >= 0  # type: ignore[operator]


_KEYS: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "format": (lambda value: value == FORMAT and is_whole(value), f"the format that this version reads ({FORMAT})"),
    "instance": (lambda value: isinstance(value, dict), "an object with name and hash"),
    "scenario": (_or_null(is_text), "a name or null"),
    "termination": (lambda value: value in TERMINATIONS, f"one of {', '.join(TERMINATIONS)}"),
    "has_plan": (lambda value: isinstance(value, bool), "true or false"),
    "aims": (lambda value: isinstance(value, list), "a list"),
    "timings": (lambda value: isinstance(value, dict), "an object"),
    "versions": (lambda value: isinstance(value, dict), "an object"),
    "options": (lambda value: isinstance(value, dict), "an object"),
    "seed": (_or_null(is_whole), "a whole number or null"),
    "events": (lambda value: isinstance(value, list), "a list"),
}


def _wrong(head: dict[str, Any]) -> Wrong:
    found: Wrong = []
    broken = set()
    for key, (test, what) in _KEYS.items():
        if key not in head:
            broken.add(key)
            found.append((key, "the key is missing"))
        elif not _holds(test, head[key]):
            broken.add(key)
            found.append((key, f"{_shown(head[key])} is not {what}"))
    if "changes" in head:
        found += _wrong_changes(head["changes"])
    parts: dict[str, Callable[[], Wrong]] = {
        "instance": lambda: _texts("instance", {name: head["instance"].get(name) for name in ("name", "hash")}),
        "aims": lambda: _wrong_aims(head["aims"]),
        "timings": lambda: _each("timings", head["timings"], _not_negative, "a number of seconds"),
        "versions": lambda: _each("versions", head["versions"], _is_version, "a version"),
        "options": lambda: _wrong_options(head["options"]),
        "events": lambda: _texts("events", dict(enumerate(head["events"]))),
    }
    for key, check in parts.items():
        if key not in broken:
            found += check()
    return found


def _holds(test: Callable[[object], bool], value: object) -> bool:
    try:
        return bool(test(value))
    except TypeError:  # a list among words
        return False


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _is_version(value: object) -> bool:
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


def _each(key: str, values: dict[Any, Any], test: Callable[[object], bool], what: str) -> Wrong:
    return [
        (f"{key}.{_shown(name)}", f"{_shown(value)} is not {what}")
        for name, value in values.items()
        if not is_text(str(name)) or not _holds(test, value)
    ]


def _texts(key: str, values: dict[Any, Any]) -> Wrong:
    return _each(key, values, is_text, "text")


def _wrong_options(options: dict[str, Any]) -> Wrong:
    found = [
        (f"options.{name}", f"{_shown(options[name])} is not a number from 0 on")
        for name in ("gap", "time_limit")
        if not _or_null(_not_negative)(options.get(name))
    ]
    if any(not is_text(text) for text in _strings(options)):
        found.append(("options", "it holds halves of characters"))
    return found


def _wrong_changes(changes: object) -> Wrong:
    """What is wrong with what was changed; a plan of an earlier version does not say it."""
    if not isinstance(changes, dict) or not {"words", "lifted", "own_aim"} <= changes.keys():
        return [("changes", f"{_shown(changes)} is not an object with words, lifted and own_aim")]
    found: Wrong = []
    for name in ("words", "lifted"):
        if not isinstance(changes[name], list):
            found.append((f"changes.{name}", f"{_shown(changes[name])} is not a list"))
        else:
            found += _texts(f"changes.{name}", dict(enumerate(changes[name])))
    own = changes["own_aim"]
    if own is not None and not (
        isinstance(own, dict)
        and own.keys() == {"name", "value", "bound", "gap"}
        and is_text(own["name"])
        and all(_or_null(is_number)(own[name]) for name in ("value", "bound", "gap"))
    ):
        found.append(("changes.own_aim", f"{_shown(own)} is not an aim with name, value, bound and gap, or null"))
    return found


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _strings(item)


def _wrong_aims(aims: list[Any]) -> Wrong:
    found: Wrong = []
    for number, aim in enumerate(aims, start=1):
        place = f"aims, {number}"
        if not isinstance(aim, dict):
            found.append((place, f"{_shown(aim)} is not an object"))
            continue
        if not _holds(lambda name: name in AIMS, aim.get("name")):
            found.append((f"{place}, name", f"{_shown(aim.get('name'))} is no aim"))
        if not is_whole(aim.get("priority")):
            found.append((f"{place}, priority", f"{_shown(aim.get('priority'))} is not a whole number"))
        for column in ("value", "bound", "gap"):
            test, what = (_not_negative, "a number from 0 on") if column == "gap" else (is_number, "a number")
            if not _or_null(test)(aim.get(column)):
                found.append((f"{place}, {column}", f"{_shown(aim[column])} is neither {what} nor null"))
    return found
