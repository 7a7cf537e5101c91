"""Expressions over conditions, as cells hold them: names, `!` (not), `&` (and), `|` (or) and brackets.

`!` binds closest, also before a bracket, then `&`, then `|`; blanks around signs do not matter. What is true is a set of periods,
written as bits of a whole number: bit 0 is period 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

SIGNS: Final = "!&|()"
"""Characters that no name of a condition may hold."""
DEEPEST: Final = 50
"""How many brackets and negations may stand around a name."""
_TOKEN: Final = re.compile(r"\s*([!&|()]|[^!&|()]+)")
_FORM: Final = (
    "Write names of conditions, ! (not), & (and), | (or) and brackets, for example `ceasefire & !(backstop | veto)`."
)


class MalformedCondition(ValueError):  # noqa: N818 - the name says what is wrong
    """Text that is no expression: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str = _FORM) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


@dataclass(frozen=True)
class Expression:
    """A condition's name (`sign` is blank), or parts under a sign: `!` has one part, `&` and `|` have two or more."""

    sign: str
    name: str = ""
    parts: tuple[Expression, ...] = ()

    def names(self) -> list[str]:
        """The names of the conditions in it, each once, from the left."""
        if not self.sign:
            return [self.name]
        return list(dict.fromkeys(name for part in self.parts for name in part.names()))

    def periods(self, truth: Mapping[str, int], every: int) -> int:
        """The periods in which it is true. `truth`: those of each condition; `every`: all periods.

        Raises:
            KeyError: it names a condition that is not in `truth`.
        """
        if not self.sign:
            return truth[self.name]
        found = [part.periods(truth, every) for part in self.parts]
        if self.sign == "!":
            return every & ~found[0]
        result = found[0]
        for one in found[1:]:
            result = result & one if self.sign == "&" else result | one
        return result

    def written(self) -> str:
        """The text of it, with as few brackets and blanks as can be read."""
        if not self.sign:
            return self.name
        if self.sign == "!":
            part = self.parts[0]
            return f"!({part.written()})" if part.sign in {"&", "|"} else f"!{part.written()}"
        joined = (f"({p.written()})" if self.sign == "&" and p.sign == "|" else p.written() for p in self.parts)
        return f" {self.sign} ".join(joined)

    def in_words(self, fact: Callable[[str, bool], str], *, true: bool = True) -> str:
        """A clause that says that it is true (or false). `fact`: the clause for one condition by name."""
        if not self.sign:
            return fact(self.name, true)
        if self.sign == "!":
            return self.parts[0].in_words(fact, true=not true)
        said = [part.in_words(fact, true=true) for part in self.parts]
        joins = [part.joins(true=true) for part in self.parts]
        if self.joins(true=true) == "or":
            return (" or " if "and" not in joins else ", or ").join(said)
        both = [f"either {text}" if join == "or" else text for text, join in zip(said, joins, strict=True)]
        return (" and " if "or" not in joins else ", and ").join(both)

    def joins(self, *, true: bool) -> str:
        """How a clause that says that it is true (or false) joins its parts: `and`, `or`; blank for a single fact."""
        if self.sign == "!":
            return self.parts[0].joins(true=not true)
        return "" if not self.sign else "and" if (self.sign == "&") == true else "or"


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Expression:
    """The expression that a text holds.

    Raises:
        MalformedCondition: it holds none.
    """
    reader = _Reader([token for token in (found.strip() for found in _TOKEN.findall(text)) if token])
    if not reader.tokens:
        raise MalformedCondition("the condition names nothing")
    found = reader.either(0)
    if reader.next:
        raise MalformedCondition(
            "a bracket is closed that was not opened"
            if reader.next == ")"
            else f"something is missing before {reader.next!r}: a sign (&, |)"
        )
    return found


@dataclass
class _Reader:
    """Reads tokens from the left; each method reads what its sign joins."""

    tokens: list[str]
    at: int = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def either(self, depth: int) -> Expression:
        return self._joined("|", depth)

    def _joined(self, sign: str, depth: int) -> Expression:
        parts: list[Expression] = []
        while not parts or self.next == sign:
            if parts:
                self.at += 1
            part = self._joined("&", depth) if sign == "|" else self._single(depth)
            parts += part.parts if part.sign == sign else (part,)
        return parts[0] if len(parts) == 1 else Expression(sign, parts=tuple(parts))

    def _single(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise MalformedCondition(f"more than {DEEPEST} brackets and negations stand around one name")
        here = self.next
        self.at += 1
        if here == "!":
            return Expression("!", parts=(self._single(depth + 1),))
        if here == "(":
            found = self.either(depth + 1)
            if self.next != ")":
                raise MalformedCondition("a bracket is opened and not closed")
            self.at += 1
            return found
        if not here or here in SIGNS:
            before = self.tokens[self.at - 2] if self.at > 1 else ""
            where = f"after {before!r}" if before else f"before {here!r}"
            raise MalformedCondition(f"a name is missing {where}")
        return Expression("", here)
