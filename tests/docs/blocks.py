"""The blocks of a page of the manual."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\{csv-table\}|\{code-block\}|console|python|pycon|text)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_OPTION = re.compile(r":([a-z-]+): *(.*)\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its kind (`csv-table`, `console` …), its title or caption, and its content without options."""

    kind: str
    title: str
    content: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in their order; of the directives, only those that hold rows or code."""
    found = []
    for kind, title, body in _BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
        directive = kind.startswith("{")
        options = dict(_OPTION.findall(body)) if directive else {}
        content = _OPTION.sub("", body).lstrip("\n") if directive else body
        found.append(Block(kind.strip("{}"), options.get("caption", title.strip()), content))
    return found
