"""The ask list: per capital, what would be asked of it and what that unlocks, from a curve of concessions and the prices of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.studies.why.words import amount, row_of

if TYPE_CHECKING:
    from optimizer.studies.why.ask import Curve, Weighed
    from optimizer.studies.why.prices import Price


@dataclass(frozen=True)
class Ask:
    """What would be asked of one capital.

    `rules`: ids, those first that gain most by themselves; `gains`: by how much the best single one of them raises the first aim, for certain.
    `weight`: the lightest on the curve at which it is asked (None: at none), `value` and `bound` of the aim there, `before` as it is; `together`: whoever
    else is asked in that set. The figures of a set are those of all its concessions, not of this capital's alone.
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

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
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
    most = (
        "" if point.proven or point.bound is None else f" (no set of that weight gives more than {amount(point.bound)})"
    )
    return f"{head}: at weight {point.weight} that brings {curve.aim} to {amount(point.value)}{most}, {start}."


def _asked_for(made: Mapping[str, Any]) -> str:
    """A concession as the row, or the cell, that changes."""
    change = "lifted" if made["after"] is None else f"{amount(made['before'])} becomes {amount(made['after'])}"
    return f"{row_of(str(made['rule']))} ({change})"
