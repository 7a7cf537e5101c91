"""The ask list: per capital, what would be asked of it and what that unlocks, from a curve of concessions and the prices of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optimizer.studies.why.words import amount, row_of

if TYPE_CHECKING:
    from optimizer.studies.why.ask import Curve, Weighed
    from optimizer.studies.why.prices import Price


@dataclass(frozen=True)
class Figure:
    """A value of the first aim that a verified plan has (None: no plan is known), and the bound that none beats.

    `impossible`: there is no plan, for certain.
    """

    value: float | None
    bound: float | None
    impossible: bool = False

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {"value": self.value, "bound": self.bound, "impossible": self.impossible}

    def said(self) -> str:
        """In words."""
        if self.impossible:
            return "no plan at all"
        if self.value is None:
            return "a value that is not known" + ("" if self.bound is None else f" (at best {amount(self.bound)})")
        if self.bound is None or amount(self.bound) == amount(self.value):
            return amount(self.value) + (" or better" if self.bound is None else "")
        return f"{amount(self.value)} (at best {amount(self.bound)})"


@dataclass(frozen=True)
class Ask:
    """What would be asked of one capital.

    `rules`: ids, those first that gain most by themselves; `gains`: by how much the best single one of them raises the first aim, for certain.
    `weight`: the lightest on the curve at which it is asked (None: at none), `value` and `bound` of the aim there, `before` as it is; `together`: whoever
    else is asked in that set. The figures of a set are those of all its concessions, not of this capital's alone.
    `refused`: the best set of the same weight without this capital's concessions; `left_as_it_stands`: the plan at hand without its pledges, when nobody
    else sends more; `left`: a new plan without them. None: not asked, or not known.
    """

    asked: str
    rules: tuple[str, ...]
    gains: float
    weight: int | None
    value: float | None
    bound: float | None
    before: float | None
    together: tuple[str, ...]
    sentence: str
    refused: Figure | None = None
    left_as_it_stands: Figure | None = None
    left: Figure | None = None

    def told(self, aim: str) -> Ask:
        """With what happens when it refuses or leaves in the sentence, too."""
        parts = [self.sentence]
        if self.weight is not None:
            known = "is not known" if self.refused is None else f"is {self.refused.said()}"
            parts.append(f"If it refuses, {aim} at the same weight {known}.")
        if self.left_as_it_stands is not None:
            parts.append(f"If it leaves, the plan as it stands keeps {self.left_as_it_stands.said()}.")
        if self.left is not None:
            parts.append(f"A new plan without its pledges has {self.left.said()}.")
        return replace(self, sentence=" ".join(parts))

    def record(self) -> dict[str, Any]:
        """The machine form."""
        figures = {"refused": self.refused, "left_as_it_stands": self.left_as_it_stands, "left": self.left}
        return {name: None if one is None else one.record() for name, one in figures.items()} | {
            "asked": self.asked,
            "rules": list(self.rules),
            "gains": self.gains,
            "weight": self.weight,
            "value": self.value,
            "bound": self.bound,
            "before": self.before,
            "together": list(self.together),
            "sentence": self.sentence,
        }


def asks(curve: Curve, prices: Sequence[Price] = ()) -> tuple[Ask, ...]:
    """The ask list of a curve and of prices of the same instance and scenario: whoever the curve asks first, then whose rules gain most alone."""
    single = {one.rules[0]: one for one in prices if len(one.rules) == 1 and one.gain_at_least > 0}
    rules: dict[str, dict[str, None]] = {}
    for one in sorted(single.values(), key=lambda price: -price.gain_at_least):
        rules.setdefault(one.asked[0], {})[one.rules[0]] = None
    for point in curve.points:
        for made in point.concessions:
            rules.setdefault(str(made["asked"]), {})[str(made["rule"])] = None
    found = [_ask(who, tuple(mine), curve, single) for who, mine in rules.items()]
    return tuple(sorted(found, key=lambda one: (one.weight is None, one.weight or 0, -one.gains, one.asked)))


def gaining_nothing_alone(curve: Curve, prices: Sequence[Price]) -> tuple[str, ...]:
    """The rules of which a step alone gains nothing, proven, and that stand in no pair or set that was found; with others they may still matter."""
    sets = [made for point in curve.points for made in (point.concessions, *point.others)]
    useful = {str(made["rule"]) for one in sets for made in one}
    useful |= {rule for one in prices if len(one.rules) > 1 for rule in one.rules}
    return tuple(
        one.rules[0] for one in prices if len(one.rules) == 1 and one.gain_at_most == 0.0 and one.rules[0] not in useful
    )


def _ask(who: str, rules: tuple[str, ...], curve: Curve, single: dict[str, Price]) -> Ask:
    point = next((one for one in curve.points if any(made["asked"] == who for made in one.concessions)), None)
    gains = max((single[rule].gain_at_least for rule in rules if rule in single), default=0.0)
    before = curve.points[0].value if curve.points else None
    if point is None:
        alone = (
            f"the best of its rules gains {amount(gains)} at least by itself"
            if gains
            else "what its rules gain by themselves is not known"
        )
        said = f"{curve.name(who)}: in no set that was found up to weight {curve.points[-1].weight}; {alone}."
        return Ask(who, rules, gains, None, None, None, before, (), said)
    together = tuple(sorted({str(made["asked"]) for made in point.concessions} - {who}))
    value = point.value
    return Ask(
        who,
        rules,
        gains,
        point.weight,
        value,
        point.bound,
        before,
        together,
        _said(who, curve, point, together),
    )


def _said(who: str, curve: Curve, point: Weighed, together: Sequence[str]) -> str:
    mine = " and ".join(_asked_for(made) for made in point.concessions if made["asked"] == who)
    names = " and ".join(curve.name(other) for other in together)
    others = f", together with what {names} would be asked" if together else ""
    head = f"{curve.name(who)} is asked for {mine}{others}"
    if point.value is None:
        return f"{head}."
    before = curve.points[0]
    start = "where no plan is known as it is" if before.value is None else f"from {amount(before.value)}"
    most = ""
    if not point.proven and point.bound is not None:
        most = f" (no set of that weight gives {'more' if point.bound >= point.value else 'less'} than {amount(point.bound)})"
    return f"{head}: at weight {point.weight} that brings {curve.aim} to {amount(point.value)}{most}, {start}."


def _asked_for(made: Mapping[str, Any]) -> str:
    """A concession as the row, or the cell, that changes."""
    change = "lifted" if made["after"] is None else f"{amount(made['before'])} becomes {amount(made['after'])}"
    return f"{row_of(str(made['rule']))} ({change})"
