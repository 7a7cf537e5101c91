"""Whether a sentence says what its row says: each is taken apart again, and held against the row; what is wrong with it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.rule import Rule
from optimizer.model.assemble import rules_of
from optimizer.studies.why.judge import Judge

Record = Mapping[str, Any]
NUMBER = r"[+-]?(?:\d[\d,]*\.?\d*(?:e[+-]?\d+)?)"


@dataclass(frozen=True)
class World:
    """The names of one case, from its tables."""

    nations: Mapping[str, str]
    posts: Mapping[tuple[str, str], str]
    lines: Mapping[str, str]
    owner: Mapping[str, str]
    rules: Mapping[str, Rule]

    def name(self, nation: str) -> str:
        return self.nations.get(nation, nation)


def world_of(instance: Instance, scenario: str | None = None) -> World:
    judge = Judge(instance, scenario, any_aim=True)
    tables = judge.situation.tables

    def names(table: str, key: str) -> dict[str, str]:
        return {row[key]: row["name"] or row[key] for row in tables.rows(table)}

    missions, areas, wanted = names("missions", "mission"), names("areas", "area"), names("capabilities", "capability")
    rows = tables.rows("requirements")
    posts = {
        (row["mission"], row["area"]): f"{missions[row['mission']]} in {areas.get(row['area'], row['area'])}"
        for row in rows
    }
    lines = {
        row[
            "requirement"
        ]: f"{wanted.get(row['capability'], row['capability'])} at {posts[row['mission'], row['area']]}"
        for row in rows
    }
    owner = {row["pledge"]: row["nation"] for row in tables.rows("pledges")}
    return World(names("nations", "nation"), posts, lines, owner, {rule.id: rule for rule in rules_of(judge.situation)})


def in_periods(periods: Sequence[int]) -> str:
    """Periods in words, by code of its own."""
    runs: list[list[int]] = []
    for period in sorted(periods):
        if runs and runs[-1][1] == period - 1:
            runs[-1][1] = period
        else:
            runs.append([period, period])
    said = [str(a) if a == b else f"{a} to {b}" for a, b in runs]
    text = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]
    return f"in period{'s' * (len(set(periods)) > 1)} {text}"


def near(text: str, value: float | None) -> bool:
    """Whether a figure is that value, to the digits that are shown."""
    return value is not None and abs(float(text.replace(",", "")) - value) <= 6e-4 * max(abs(value), 1e-9)


def interval_wrong(text: str, least: float | None, most: float | None) -> str:
    """Whether words for an amount claim what two figures do not; blank: they do not."""
    same = least is not None and most is not None and abs(most - least) <= 1.1e-4 * max(1.0, abs(most))
    if found := re.fullmatch(rf"between ({NUMBER}) and ({NUMBER})", text):
        return "" if near(found[1], least) and near(found[2], most) else f"{text} is not {least} to {most}"
    if found := re.fullmatch(rf"({NUMBER}) at most", text):
        return "" if near(found[1], most) else f"{text} is not {most}"
    if found := re.fullmatch(rf"({NUMBER}) at least", text):
        return "" if near(found[1], least) and most is None else f"{text} is not {least}"
    if found := re.fullmatch(NUMBER, text):
        return "" if same and near(text, most) else f"{text} is claimed, {least} to {most} is known"
    return "" if (least, most) == (None, None) and "not known" in text else f"{text!r} is no amount"


def _said_rules(text: str, ids: Iterable[str], world: World) -> tuple[str, str]:
    """The text without the sentences of these rules, and what is wrong: one is missing, or that of another rule is there."""
    for name in ids:
        said = world.rules[name].sentence
        if said not in text:
            return text, f"{name} is not said"
        text = text.replace(said, "", 1).replace("  ", " ")
    left = next((name for name, rule in world.rules.items() if rule.sentence in text), None)
    return text.strip(), "" if left is None else f"{left} is no rule of the row"


def _offers(keys: Sequence[str], world: World) -> str:
    mine: dict[str, list[str]] = {}
    for key in keys:
        mine.setdefault(world.owner[key], []).append(key)
    return ", ".join(f"{world.name(nation)} ({', '.join(pledges)})" for nation, pledges in mine.items())


def wrong_in_reason(row: Record, world: World) -> str:
    """What a sentence on an open line says that its row does not."""
    head = f"{world.lines[row['requirement']]} ({row['requirement']}) is open {in_periods(row['periods'])}: "
    if not row["sentence"].startswith(head):
        return "line, post or periods"
    lacking = ""
    if row["missing_units"]:
        lacking = f" Even if it came first and every caveat, cap, limit, threshold and partner's rule were lifted, it would lack {row['missing_units']}."
        if not row["sentence"].endswith(lacking):
            return "missing units"
    text, wrong = _said_rules(row["sentence"][len(head) :].removesuffix(lacking), row["rules"], world)
    if wrong:
        return wrong
    if "would lack" in text:
        return "missing units that the row does not have"
    fixed = {
        "nothing pledged": "nothing that is pledged for then delivers it.",
        "forbidden": "what could serve there may not.",
        "below threshold": "the post cannot be mounted, since a threshold cannot be reached.",
        "capped": "more could come if this did not bind.",
        "exhausted": f"what is pledged is used up ({_offers(row['pledges'], world)}).",
    }
    if row["reason"] in fixed:
        return "" if text == fixed[row["reason"]] else f"{text!r} is not said of {row['reason']}"
    if row["reason"] == "not known in time":
        return _wrong_so_far(text, row)
    start = f"units of {_offers(row['pledges'], world)} could do more there"
    if not text.startswith(start):
        return "pledges or reason"
    loses = row["loses"] or {"value": None, "bound": None}
    rest = text[len(start) :]
    if loses["value"] is not None and loses["value"] <= 0.0:
        nothing = "; closing it as far as that goes takes nothing from the first aim."
        return "" if rest == nothing else f"{rest!r} of a loss of nothing"
    elsewhere = ", and are better used elsewhere"
    if not rest.startswith(elsewhere):
        return "reason"
    rest = rest[len(elsewhere) :]
    if loses["value"] is None:
        return "" if rest == "." else f"{rest!r} of an unknown loss"
    found = re.fullmatch(r" \(closing it as far as that goes takes (.+) from the first aim\)\.", rest)
    return "the loss" if found is None else interval_wrong(found[1], loses["bound"], loses["value"])


def _wrong_so_far(text: str, row: Record) -> str:
    """What words on a reason that is not known claim of what the line could have."""
    least, most = row["more_at_least"], row["more_at_most"]
    if most is None:
        return "" if text == "why was not known in time." else f"{text!r} of nothing known"
    if most == 0.0:
        return "" if text.startswith("why was not known in time; under all rules it could have no more") else "no more"
    if not least:
        found = re.fullmatch(
            rf"why was not known in time; if it came first it could have no more than ({NUMBER}) more, and whether any is open\.",
            text,
        )
        return "" if found and near(found[1], most) else "at most"
    found = re.fullmatch(
        rf"why was not known in time; if it came first it could have ({NUMBER}) more at least, and ({NUMBER}) at most\.",
        text,
    )
    return "" if found and near(found[1], least) and near(found[2], most) else "at least and at most"


def wrong_in_presence(row: Record, world: World) -> str:
    """What a sentence on a nation at a post says that its row does not."""
    where = world.posts[row["mission"], row["area"]]
    verb = "serves" if row["serves"] else "does not serve"
    head = f"{world.name(row['nation'])} {verb} at {where} {in_periods(row['periods'])}"
    if not row["sentence"].startswith(head):
        return "nation, post or periods"
    text, wrong = _said_rules(row["sentence"][len(head) :], row["rules"], world)
    if wrong:
        return wrong
    for title, reader in (
        ("Posts: ", _wrong_posts),
        ("Then, in units times periods: ", _wrong_moves),
        ("Aim by aim: ", _wrong_aims),
    ):
        text, found, told = text.partition(title)
        if wrong := reader(told.strip().removesuffix(".") if found else "", row, world):
            return wrong
    return _wrong_verdict(text.strip(), row)


def _wrong_verdict(text: str, row: Record) -> str:
    with_it = "without it there" if row["serves"] else "with it there"
    loses = row["loses"] or {"value": None, "bound": None}
    reason = row["reason"]
    first = r"the first aim(?: \([a-z ]+\))?"
    if reason == "nothing pledged":
        return "" if text == ": it pledges nothing that delivers what is asked for there." else "verdict"
    if reason == "refused":
        together = any(len(names) > 1 for names in row["sets"])
        start = f": none of what it pledges may ({', '.join(row['pledges'])})."
        return "" if text.startswith(start) and ("have to go" in text) == together else "refusal"
    if reason == "ruled out":
        if not text.startswith(": no plan keeps every rule with it there."):
            return "verdict"
        alone, joint = (any((len(names) > 1) is more for names in row["sets"]) for more in (False, True))
        right = ("if one of these went" in text) == alone and ("all of these went together" in text) == joint
        return "" if right else "sets of rules"
    if reason == "as good":
        better = bool(row["aims"]) and (row["aims"][0]["loses_at_most"] or 0) < 0
        right = re.match(f": {first} is as good {with_it}", text) and ("better than the one at hand" in text) == better
        return "" if right and (loses["value"] == 0) else "verdict"
    if reason == "not known in time":
        if text == ": what would be otherwise was not known in time.":
            return "" if loses["value"] is None else "verdict"
        found = re.fullmatch(
            f": {first} loses (.+ at most) {with_it}; whether it must lose anything was not known in time.", text
        )
        return "verdict" if found is None else interval_wrong(found[1], None, loses["value"])
    if row["loses"] is None:
        return "" if text == ": without it there, no plan keeps every rule." and row["serves"] else "verdict"
    start = "without it there" if row["serves"] else "if it must"
    found = re.fullmatch(f": {start}, {first} loses (.+)\\.", text)
    return "verdict" if found is None else interval_wrong(found[1], loses["bound"], loses["value"])


def _wrong_aims(text: str, row: Record, _: World) -> str:
    known = [aim for aim in row["aims"] if aim["value"] is not None and aim["otherwise"] is not None]
    parts = text.split("; ") if text else []
    if len(parts) != len(known):
        return "number of aims"
    for part, aim in zip(parts, known, strict=True):
        name, least, most = aim["aim"].replace("_", " "), aim["loses_at_least"], aim["loses_at_most"]
        sure = least is not None and abs(most - least) <= 1.1e-4 * max(1.0, abs(most))
        if found := re.fullmatch(f"{name} stays at ({NUMBER})", part):
            if most != 0 or not near(found[1], aim["value"]):
                return part
            continue
        found = re.fullmatch(f"{name} ({NUMBER}) becomes ({NUMBER})(, proven| \\(bound ({NUMBER})\\))?", part)
        if found is None or not near(found[1], aim["value"]) or not near(found[2], aim["otherwise"]):
            return part
        if (found[3] == ", proven") != sure or ((found[3] or "").startswith(" (") and least is None):
            return f"{part}: claim"
        if found[4]:
            sign = 1 if (aim["otherwise"] > aim["value"]) == (most > 0) else -1
            if not abs(float(found[4].replace(",", "")) - (aim["value"] + sign * least)) <= 1e-3 * max(
                1, abs(aim["value"])
            ):
                return f"{part}: bound"
    return ""


def _wrong_moves(text: str, row: Record, world: World) -> str:
    expected = [
        f"{world.name(one['nation'])} {one['change']:+d} at {world.posts[one['mission'], one['area']]} {in_periods(one['periods'])}"
        for one in row["moves"]
    ]
    return _wrong_list(text, expected)


def _wrong_posts(text: str, row: Record, world: World) -> str:
    expected = [
        f"{world.posts[one['mission'], one['area']]} {'opens' if one['opens'] else 'closes'} {in_periods(one['periods'])}"
        for one in row["posts"]
    ]
    return _wrong_list(text, expected)


def _wrong_list(text: str, expected: Sequence[str]) -> str:
    parts = text.split("; ") if text else []
    left = len(expected) - 4
    if left > 0:
        expected = [*expected[:4], f"and {left} more"]
    return "" if parts == list(expected) else f"{parts} is not {list(expected)}"


def wrong_in_ask(row: Record, curve: Record, world: World) -> str:
    """What a sentence on a capital says that the ask list and the curve do not."""
    who, text = world.name(row["asked"]), row["sentence"]
    if row["weight"] is None:
        found = re.fullmatch(
            f"{re.escape(who)}: in no set that was found up to weight {curve['curve'][-1]['weight']}; (.+)\\.", text
        )
        gains = re.fullmatch(f"the best of its rules gains ({NUMBER}) at least by itself", found[1] if found else "")
        if found is None or (gains is None) != (row["gains"] == 0):
            return "who, weight or gain"
        return "" if gains is None or near(gains[1], row["gains"]) else "gain"
    point = next(one for one in curve["curve"] if one["weight"] == row["weight"])
    mine = [made for made in point["concessions"] if made["asked"] == row["asked"]]
    head = f"{who} is asked for "
    if not text.startswith(head) or not mine:
        return "who"
    others = " and ".join(world.name(other) for other in row["together"])
    said, found, rest = text[len(head) :].partition(": at weight ")
    said, _, with_whom = said.partition(", together with what ")
    if with_whom != (f"{others} would be asked" if others else ""):
        return "together"
    for made, part in zip(mine, said.split(" and "), strict=False):
        key = (
            made["rule"].partition("/")[2].partition(".")[0]
            if made["after"] is not None
            else made["rule"].partition("/")[2]
        )
        change = re.search(rf"\((?:lifted|({NUMBER}) becomes ({NUMBER}))\)$", part)
        if f"“{key}”" not in part or made["rule"].partition("/")[0] not in part or change is None:
            return f"{part} is not {made['rule']}"
        if (change[1] is None) != (made["after"] is None):
            return "change"
        if change[1] and not (near(change[1], made["before"]) and near(change[2], made["after"])):
            return "change"
    if len(said.split(" and ")) != len(mine):
        return "rules"
    told = re.fullmatch(
        rf"(\d+) that brings {re.escape(curve['aim'])} to ({NUMBER})(?: \(no set of that weight gives (?:more|less) than ({NUMBER})\))?"
        rf", (?:from ({NUMBER})|where no plan is known as it is)\.",
        rest,
    )
    if f"gives {'less' if (row['bound'] or 0) >= (row['value'] or 0) else 'more'} than" in rest:
        return "side of the bound"
    if not found or told is None or int(told[1]) != row["weight"] or not near(told[2], row["value"]):
        return "weight or value"
    if (told[3] is None) != (point["proven"] or point["bound"] is None) or (
        told[3] and not near(told[3], row["bound"])
    ):
        return "bound"
    return (
        ""
        if (told[4] is None) == (row["before"] is None) and (told[4] is None or near(told[4], row["before"]))
        else "before"
    )


def wrong_in_conflict(about: str, record: Record, world: World) -> str:
    """What the words on a conflict claim beyond its machine form, and whether its rules' sentences are theirs."""
    if record["sentences"] != [world.rules[name].sentence for name in record["conflict"]]:
        return "sentences"
    owners = [world.name(str(world.rules[name].nation)) for name in record["conflict"] if world.rules[name].nation]
    said = " ".join(record["sentences"])
    if missing := [name for name in owners if name not in said]:
        return f"{missing} not named"
    claims = "leave out any one of these, and there is one." in about
    return "" if claims == bool(record["irreducible"] and record["conflict"]) else "claim of irreducibility"


def wrong_in_ways(about: str, record: Record) -> str:
    """What the words on ways out claim beyond their machine form."""
    ways, least = bool(record["ways_out"]), record["least"]
    claims = {
        "nothing lighter than the first gives a plan": ways and least,
        "whether anything lighter would do is not known": ways and not least,
        "Even all concessions together give no plan": not ways and least,
        "none is excluded": not ways and not least,
    }
    wrong = [text for text, right in claims.items() if (text in about) != right]
    return wrong[0] if wrong else ""


def wrong_in_concession(said: str, made: Record, world: World) -> str:
    """What the words on a concession say that its record does not."""
    rule = world.rules[made["rule"]]
    if not said.endswith(f": {rule.sentence}"):
        return "rule"
    head = said[: -len(rule.sentence) - 2]
    if made["after"] is None:
        return "" if head == "Lifted" else "change"
    found = re.fullmatch(rf"({NUMBER}) becomes ({NUMBER})", head)
    right = found is not None and near(found[1], made["before"]) and near(found[2], made["after"])
    return "" if right else "figures"


def false_variants(sentence: str, world: World) -> list[str]:
    """The sentence with one figure changed, or one nation or post put in place of another, wherever that can be."""
    found = []
    for match in re.finditer(r"(?<![\w.,])[+-]?\d[\d,]*(?:\.\d+)?(?![\w%-])", sentence):
        number = float(match[0].replace(",", ""))
        changed = f"{number + 1:g}" if number < 1000 else f"{1.5 * number:,.0f}"
        changed = f"+{changed}" if match[0].startswith("+") else changed
        found.append(sentence[: match.start()] + changed + sentence[match.end() :])
    for names in (list(world.nations.values()), list(world.posts.values())):
        for name in names:
            other = next((one for one in names if one != name), None)
            at = sentence.find(name)
            if at >= 0 and other is not None:
                found.append(sentence[:at] + other + sentence[at + len(name) :])
    return found
