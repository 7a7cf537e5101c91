"""What to ask of whom next, and what it brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from optimizer.reporting.answer.told import Sentence, Told
from optimizer.reporting.content import Record
from optimizer.reporting.text import as_number, figure, joined, outward
from optimizer.reporting.words import aim_title

MOST: Final = 3
WORTH: Final = 1e-6


def say(told: Told) -> Sentence | None:
    """The lightest concessions that bring most; None where nothing is open and nothing was asked."""
    curve = _curve(told.rows("concessions"))
    if not curve:
        if not told.open_lines:
            return None
        text = "What to ask of whom has not been worked out yet: “forcegen concessions” on this plan's folder says it."
        return Sentence("ask", "What to ask next", text, {"asked": False})
    nothing = curve.get(0)
    base = None if nothing is None else nothing["value"]
    if nothing is None or base is None:
        sure = nothing is not None and nothing["proven"]
        none = (
            "there is no plan"
            if sure
            else "no plan was known when this was asked, which does not mean that there is none"
        )
        text = f"Without a concession {none}; what was found with some is listed under “Why”."
        return Sentence("ask", "What to ask next", text, {"asked": True, "base": None})
    weights = [weight for weight in sorted(curve) if weight and curve[weight]["rules"]]
    values = {weight: curve[weight]["value"] for weight in weights}
    gains = {weight: 0.0 if value is None else value - base for weight, value in values.items()}
    worth = [weight for weight in weights if abs(gains[weight]) > WORTH * max(1.0, abs(base))]
    if not worth:
        most = max(curve)
        proven = all(point["proven"] for point in curve.values())
        text = (
            f"No concessions of weight {most} or less gain anything."
            if proven
            else f"No concessions of weight {most} or less were found that gain anything; that there are none is not proven."
        )
        return Sentence("ask", "What to ask next", text, {"asked": True, "worth": [], "proven": proven})
    parts, facts = [], []
    for weight in worth[:2]:
        point = curve[weight]
        asks = joined(_asked(told, point["rules"]), MOST)
        parts.append(
            f"At political weight {weight}, ask {asks}: that brings the {aim_title(point['aim'])} from {figure(base)} to {_reached(point)}."
        )
        rules = [str(row["rule"]) for row in point["rules"]]
        facts.append({"weight": weight, "rules": rules, "from": base, "to": point["value"], "bound": point["bound"]})
    return Sentence("ask", "What to ask next", " ".join(parts), {"asked": True, "worth": facts})


def _reached(point: Record) -> str:
    """What is reached for certain, and what no set of the same weight beats."""
    value, bound = point["value"], point["bound"]
    if point["proven"]:
        return f"{figure(value)}, the best for that weight"
    if bound is None:
        return f"{figure(value)} or better"
    upper = bound >= value
    most = figure(outward(bound, upper=upper))
    return f"{figure(value)} or better (no set of that weight gives {'more' if upper else 'less'} than {most})"


def _curve(rows: Any) -> dict[int, Record]:
    """Per weight value, bound and what is asked, in words."""
    found: dict[int, Record] = {}
    for row in rows:
        weight = as_number(row.get("weight"))
        if weight is None:
            continue
        point = found.setdefault(
            int(weight),
            {
                "value": as_number(row.get("value")),
                "bound": None if row.get("proven") == "true" else as_number(row.get("bound")),
                "proven": row.get("proven") == "true",
                "aim": str(row.get("aim") or ""),
                "rules": [],
            },
        )
        if row.get("rule"):
            point["rules"].append(row)
    return found


def _asked(told: Told, rows: Sequence[Record]) -> list[str]:
    """Who is asked to do what, one after another."""
    by_capital: dict[str, list[str]] = {}
    for row in rows:
        given = str(row.get("asked") or "").strip()
        who = "the coalition" if given in {"", "the coalition"} else told.reader.label("nation", given)
        by_capital.setdefault(who, []).append(_act(row))
    return [f"{who} to {' and to '.join(acts)}" for who, acts in by_capital.items()]


def _act(row: Record) -> str:
    """What a capital is asked to do: its rule by its own name where it has one, else in words."""
    said = str(row.get("sentence") or row["rule"])
    key = str(row["rule"]).partition("/")[2]  # of a cell with the column behind it; a sentence may begin with a capital
    names = [shown for name in (key, key.rpartition(".")[0]) for shown in (name, name[:1].upper() + name[1:])]
    what = next((name for name in names if name and said.startswith(f"{name}: ")), said.rstrip("."))
    before, after = as_number(row.get("before")), as_number(row.get("after"))
    if before is not None and after is not None:
        return f"change “{what}” from {figure(before)} to {figure(after)}"
    return f"lift “{what}”"
