"""Claims as expressions over outcomes: a grammar of its own, so that a claim can say nothing but a comparison of figures.

    claim      = all {"or" all}          all  = one {"and" one}          one = "not" one | sum {("<" | "<=" | …) sum}
    sum        = product {("+" | "-") product}                product = signed {("*" | "/") signed}
    signed     = "-" signed | NUMBER | OUTCOME ["[" CASE "]"] | ("min" | "max" | "abs") "(" sum {"," sum} ")" | "(" claim ")"

An OUTCOME is an aim, or TABLE.KEY.COLUMN as in `keep` of a study; CASE is a name in quotation marks, and without it the base case is meant.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

MOST_CHARACTERS: Final = 2000
MOST_TOKENS: Final = 200
MOST_DEPTH: Final = 40
BASE: Final = "base"
FUNCTIONS: Final = ("min", "max", "abs")
COMPARISONS: Final = ("<=", ">=", "==", "!=", "<", ">")
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.])
      | (?P<name>(?:base\.)?[^\W\d]\w*(?:\.(?:"[^"]*"|'[^']*')\.\w+|\.[^\s()\[\],<>=!"']+)?)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<sign><=|>=|==|!=|[-+*/()\[\],<>])
    )""",
    re.VERBOSE,
)


class FaultyClaim(ValueError):  # noqa: N818 - the name says what is wrong
    """An expression that cannot be read. `at`: the character where, from 1; `remedy`: what to write."""

    def __init__(self, at: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.at, self.message, self.remedy = at, message, remedy


@dataclass(frozen=True)
class Number:
    """A figure that is written out."""

    value: float


@dataclass(frozen=True)
class Outcome:
    """An aim, or a cell of a plan's tables (TABLE.KEY.COLUMN), of a case. `at`, `case_at`: the characters where they stand, from 1."""

    name: str
    case: str = BASE
    at: int = 1
    case_at: int = 1


@dataclass(frozen=True)
class Operation:
    """`+`, `-`, `*` or `/` of two figures; `-` of one; `min`, `max` or `abs` of some."""

    sign: str
    parts: tuple[Figure, ...]


Figure = Number | Outcome | Operation


@dataclass(frozen=True)
class Chain:
    """Figures with a comparison between each and the next; it holds where all of them do."""

    figures: tuple[Figure, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Junction:
    """`and`, `or` of some claims; `not` of one."""

    word: str
    parts: tuple[Claimed, ...]


Claimed = Chain | Junction
_Reader = Callable[[], "Claimed | Figure"]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def outcomes_of(node: Claimed | Figure) -> Iterator[Outcome]:
    """Every outcome that an expression names."""
    if isinstance(node, Outcome):
        yield node
    elif isinstance(node, (Operation, Junction)):
        for part in node.parts:
            yield from outcomes_of(part)
    elif isinstance(node, Chain):
        for figure in node.figures:
            yield from outcomes_of(figure)


def named_in(text: str) -> list[Outcome]:
    """The outcomes that a text names, as far as it can be read: for messages, where it is no claim as a whole."""
    try:
        tokens = _tokens(text)
    except FaultyClaim:
        return []
    names = []
    for token, after in itertools.pairwise(tokens):
        if token.kind == "name" and token.text not in {"and", "or", "not"} and after.text != "(":
            names.append(_outcome(token))
    return names


def parse_claim(text: str) -> Claimed:
    """The claim that a text makes.

    Raises:
        FaultyClaim: at the first place where it cannot be read.
    """
    parser = _Parser(_tokens(text))
    claim = parser.claim()
    parser.expect_end()
    if not isinstance(claim, (Chain, Junction)):
        raise FaultyClaim(1, "it is a figure, which neither holds nor fails.", "Compare it: coverage >= 60.")
    return claim


def _tokens(text: str) -> list[_Token]:
    if len(text) > MOST_CHARACTERS:
        message = f"it is longer than {MOST_CHARACTERS:,} characters."
        raise FaultyClaim(MOST_CHARACTERS, message, "Make two claims of it.")
    found: list[_Token] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise FaultyClaim(start + 1, f"{text[start]!r} cannot stand here.", _REMEDIES.get(text[start], _WHAT_MAY))
        if len(found) == MOST_TOKENS:
            message = f"it has more than {MOST_TOKENS} names, numbers and signs."
            raise FaultyClaim(place + 1, message, "Make two claims of it.")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        place = match.end()
    return [*found, _Token("end", "", end + 1)]


_WHAT_MAY: Final = "Write aims, TABLE.KEY.COLUMN, numbers, + - * /, comparisons, and, or, not, min, max, abs; a key with other signs in quotation marks."
_REMEDIES: Final = {
    "=": "Write == to compare.",
    "&": "Write `and`.",
    "|": "Write `or`.",
    "!": "Write `not`, or != to compare.",
    "%": "Write a share as a number: 0.95.",
}


def _outcome(token: _Token) -> Outcome:
    name, at = token.text, token.at
    if name.startswith(f"{BASE}."):
        name, at = name[len(BASE) + 1 :], at + len(BASE) + 1
    # A key in quotation marks may hold any sign.
    name = re.sub(r"""\.(?:"([^"]*)"|'([^']*)')\.(\w+)$""", lambda m: f".{m[1] or m[2] or ''}.{m[3]}", name)
    return Outcome(name, BASE, at, at)


class _Parser:
    """Reads tokens by the grammar; `depth` guards against expressions that are nested without end."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place, self.depth = tokens, 0, 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self, *texts: str) -> _Token | None:
        """The next token where it is one of these signs or words; it is read then."""
        token = self.next
        if token.text not in texts or token.kind not in {"sign", "name"}:
            return None
        self.place += 1
        return token

    def expect(self, text: str) -> None:
        if self.take(text) is None:
            raise FaultyClaim(self.next.at, f"{text!r} is missing before {self._here()}.", f"Write {text}.")

    def expect_end(self) -> None:
        if self.next.kind != "end":
            remedy = "Join claims by `and` or `or`, and figures by + - * / or a comparison."
            raise FaultyClaim(self.next.at, f"{self._here()} cannot follow what stands before it.", remedy)

    def _here(self) -> str:
        return repr(self.next.text[:40]) if self.next.kind != "end" else "the end"

    def claim(self) -> Claimed | Figure:
        return self._joined("or", self._all)

    def _all(self) -> Claimed | Figure:
        return self._joined("and", self._one)

    def _joined(self, word: str, part: _Reader) -> Claimed | Figure:
        at = self.next.at
        parts = [part()]
        while self.take(word):
            self._claimed(parts[-1], at, word)
            at = self.next.at
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        self._claimed(parts[-1], at, word)
        return Junction(word, tuple(one for one in parts if isinstance(one, (Chain, Junction))))

    def _one(self) -> Claimed | Figure:
        at = self.next.at
        if self.take("not"):
            with _Deeper(self):
                part = self._one()
            return Junction("not", (self._claimed(part, at, "not"),))
        first = self.sum()
        figures, signs = [first], []
        while (token := self.take(*COMPARISONS)) is not None:
            self._figure(figures[-1], at, token.text)
            at = self.next.at
            signs.append(token.text)
            figures.append(self.sum())
        if not signs:
            return first
        self._figure(figures[-1], at, signs[-1])
        return Chain(tuple(one for one in figures if isinstance(one, (Number, Outcome, Operation))), tuple(signs))

    def sum(self) -> Claimed | Figure:
        return self._folded(("+", "-"), self._product)

    def _product(self) -> Claimed | Figure:
        return self._folded(("*", "/"), self._signed)

    def _folded(self, signs: tuple[str, ...], part: _Reader) -> Claimed | Figure:
        at = self.next.at
        found = part()
        while (token := self.take(*signs)) is not None:
            left = self._figure(found, at, token.text)
            at = self.next.at
            found = Operation(token.text, (left, self._figure(part(), at, token.text)))
        return found

    def _signed(self) -> Claimed | Figure:
        if (token := self.take("-", "+")) is not None:
            at = self.next.at
            with _Deeper(self):
                part = self._figure(self._signed(), at, token.text)
            return Operation("-", (part,)) if token.text == "-" else part
        return self._atom()

    def _atom(self) -> Claimed | Figure:
        token = self.next
        if token.kind == "number":
            self.place += 1
            value = float(token.text)
            if not math.isfinite(value):
                raise FaultyClaim(token.at, f"{token.text} is too large.", "Write a smaller number.")
            return Number(value)
        if self.take("("):
            with _Deeper(self):
                inner = self.claim()
            self.expect(")")
            return inner
        if token.kind == "name" and token.text not in {"and", "or", "not"}:
            self.place += 1
            return self._function(token) if self.next.text == "(" else self._of_case(_outcome(token))
        raise FaultyClaim(token.at, f"a figure is missing before {self._here()}.", _WHAT_MAY)

    def _function(self, token: _Token) -> Operation:
        if token.text not in FUNCTIONS:
            message = f"there is no function {token.text[:40]!r}."
            raise FaultyClaim(token.at, message, f"There are {', '.join(FUNCTIONS)}.")
        self.expect("(")
        parts: list[Figure] = []
        while not parts or self.take(","):
            at = self.next.at
            with _Deeper(self):
                parts.append(self._figure(self.sum(), at, token.text))
        self.expect(")")
        if token.text == "abs" and len(parts) != 1:
            raise FaultyClaim(token.at, "abs takes one figure.", "Write abs(a - b).")
        return Operation(token.text, tuple(parts))

    def _of_case(self, outcome: Outcome) -> Outcome:
        if not self.take("["):
            return outcome
        case = self.next
        if case.kind != "text":
            remedy = f'Write its name in quotation marks: {outcome.name}["late"].'
            raise FaultyClaim(case.at, f"a case is missing before {self._here()}.", remedy)
        self.place += 1
        self.expect("]")
        return Outcome(outcome.name, case.text[1:-1], outcome.at, case.at)

    def _figure(self, part: Claimed | Figure, at: int, sign: str) -> Figure:
        if isinstance(part, (Chain, Junction)):
            message = f"{sign!r} takes figures, and this is a comparison."
            raise FaultyClaim(at, message, "Join comparisons by `and` or `or`; write `not` before one.")
        return part

    def _claimed(self, part: Claimed | Figure, at: int, word: str) -> Claimed:
        if not isinstance(part, (Chain, Junction)):
            raise FaultyClaim(at, f"{word!r} takes comparisons, and this is a figure.", "Compare it: coverage >= 60.")
        return part


class _Deeper:
    """One level further in.

    Raises:
        FaultyClaim: it is nested too deep.
    """

    def __init__(self, parser: _Parser) -> None:
        self.parser = parser

    def __enter__(self) -> None:
        self.parser.depth += 1
        if self.parser.depth > MOST_DEPTH:
            message = f"it is nested more than {MOST_DEPTH} deep."
            raise FaultyClaim(self.parser.next.at, message, "Make two claims of it.")

    def __exit__(self, *_: object) -> None:
        self.parser.depth -= 1
