"""One sentence or a few for an answer about a nation at a post: nothing in it that is not in the answer's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from optimizer.instance.rule import Rule
from optimizer.instance.wording import Words, in_periods
from optimizer.studies.why.forced import AimLoss
from optimizer.studies.why.moves import Move, PostChange
from optimizer.studies.why.words import amount, figures, row_of

if TYPE_CHECKING:
    from optimizer.studies.why.presence import Presence

SHOWN_MOVES: Final = 4


def presence_sentence(one: Presence, words: Words, rules: Mapping[str, Rule], unit: str) -> str:
    """The answer in words. `rules`: those in force, by id; `unit`: the name of the first aim, blank where it is a sum of several."""
    who = words.name("nation", one.nation)
    where = words.post({"mission": one.mission, "area": one.area})
    head = f"{who} {'serves' if one.serves else 'does not serve'} at {where} {_in(one.periods)}"
    return head + _why(one, rules, unit) + _aims(one.aims) + _moves(one.moves, words) + _posts(one.posts, words)


def _why(one: Presence, rules: Mapping[str, Rule], unit: str) -> str:
    what = f"the first aim ({unit.replace('_', ' ')})" if unit else "the first aim"
    with_it = "without it there" if one.serves else "with it there"
    said = " ".join(rules[name].sentence for name in one.rules if name in rules)
    if one.reason == "nothing pledged":
        return ": it pledges nothing that delivers what is asked for there."
    if one.reason == "refused":
        return f": none of what it pledges may ({', '.join(one.pledges)}). {said}".rstrip() + _together(one)
    if one.reason == "ruled out":
        letting = _letting(one, rules)
        return ": no plan keeps every rule with it there." + (f" {letting}" if letting else "")
    if one.reason == "as good":
        better = bool(one.aims) and one.aims[0].loses_at_most is not None and one.aims[0].loses_at_most < 0
        more = " (the plan that shows it is better than the one at hand, which can be improved)" if better else ""
        return f": {what} is as good {with_it}{more}."
    if one.reason == "not known in time":
        return f": {_unknown(one, what, with_it)}."
    if one.loses is None:
        return ": without it there, no plan keeps every rule."
    lost = figures(one.loses.bound, one.loses.value)
    return f": without it there, {what} loses {lost}." if one.serves else f": if it must, {what} loses {lost}."


def _unknown(one: Presence, what: str, with_it: str) -> str:
    if one.loses is None or one.loses.value is None:
        return "what would be otherwise was not known in time"
    return (
        f"{what} loses {amount(one.loses.value)} at most {with_it}; whether it must lose anything was not known in time"
    )


def _together(one: Presence) -> str:
    """Which rules refuse one service together: all of a set have to go."""
    if len(one.sets) == 1 and len(one.sets[0]) > 1:
        return " Before it may, all of these have to go together."
    if len(one.sets) > 1 and any(len(names) > 1 for names in one.sets):
        return f" Before it may, all rules of one of these sets have to go: {_listed(one.sets)}."
    return ""


def _letting(one: Presence, rules: Mapping[str, Rule]) -> str:
    """The rules that would let it: each alone, and those that have to go together."""
    alone = " ".join(rules[names[0]].sentence for names in one.sets if len(names) == 1 and names[0] in rules)
    joint = [names for names in one.sets if len(names) > 1]
    parts = [f"It could if one of these went: {alone}"] if alone else []
    for names in joint:
        said = " ".join(rules[name].sentence for name in names if name in rules)
        parts.append(f"It could {'also ' if parts else ''}if all of these went together: {said}")
    return " ".join(parts)


def _listed(sets: Sequence[Sequence[str]]) -> str:
    return "; or ".join(" and ".join(row_of(name) for name in names) for names in sets)


def _aims(rows: Sequence[AimLoss]) -> str:
    """What becomes of every aim, in their order, as far as it is known."""
    known = [row for row in rows if row.otherwise is not None and row.value is not None]
    if not known:
        return ""
    return f" Aim by aim: {'; '.join(map(aim_words, known))}."


def aim_words(row: AimLoss) -> str:
    """What becomes of one aim: its value, what it becomes, and what is excluded."""
    name, before, after = row.aim.replace("_", " "), float(row.value or 0.0), float(row.otherwise or 0.0)
    if row.loses_at_most == 0.0:
        return f"{name} stays at {amount(before)}"
    change = f"{name} {amount(before)} becomes {amount(after)}"
    if row.loses_at_least is None or row.loses_at_most is None:
        return change
    if abs(row.loses_at_most - row.loses_at_least) <= 1e-4 * max(1.0, abs(row.loses_at_most)):
        return f"{change}, proven"
    sign = 1.0 if after >= before else -1.0
    sign = sign if row.loses_at_most > 0 else -sign
    return f"{change} (bound {amount(before + sign * row.loses_at_least)})"


def _moves(moves: Sequence[Move], words: Words) -> str:
    if not moves:
        return ""
    parts = []
    for one in moves[:SHOWN_MOVES]:
        post = words.post({"mission": one.mission, "area": one.area})
        parts.append(f"{words.name('nation', one.nation)} {one.change:+d} at {post} {_in(one.periods)}")
    more = len(moves) - SHOWN_MOVES
    return f" Then, in units times periods: {'; '.join(parts)}{f'; and {more} more' if more > 0 else ''}."


def _posts(posts: Sequence[PostChange], words: Words) -> str:
    if not posts:
        return ""
    parts = [
        f"{words.post({'mission': one.mission, 'area': one.area})} {'opens' if one.opens else 'closes'} {_in(one.periods)}"
        for one in posts[:SHOWN_MOVES]
    ]
    more = len(posts) - SHOWN_MOVES
    return f" Posts: {'; '.join(parts)}{f'; and {more} more' if more > 0 else ''}."


def _in(periods: Sequence[int]) -> str:
    return in_periods(sum(1 << period - 1 for period in periods))
