"""Instances of which the reason for one open line is known, since it was planted: supply, one obstacle, and things that do not matter."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from random import Random
from typing import Any

import optimizer as fg

NATIONS = ("AAA", "BBB", "CCC", "DDD")
KINDS = ("nothing pledged", "forbidden", "below threshold", "better used elsewhere", "capped", "exhausted", "partners")


@dataclass(frozen=True)
class Planted:
    """An instance, its open line, and what is to be said of it."""

    seed: int
    instance: fg.Instance
    line: str
    reason: str
    rules: tuple[str, ...]
    missing: str


@dataclass
class _Draft:
    """What is drawn before anything is planted: who has how many battalions, and what each gives."""

    rng: Random
    tables: dict[str, list[dict[str, Any]]]
    have: dict[str, int]
    amount: int
    factor: int
    heavy: bool

    @property
    def supply(self) -> dict[str, int]:
        """What each nation can have on guard at a time."""
        return {name: self.amount * (count // self.factor) for name, count in self.have.items()}

    def lacking(self, need: int) -> str:
        """The fewest units that give so much: by trying all; of as few, those of the lighter type."""
        if need <= 0:
            return ""
        most = math.ceil(need / self.amount) * self.factor
        kinds = [("bn", self.factor, self.amount), *([("heavy", 1, 2 * self.amount)] if self.heavy else [])]
        tried = []
        for counts in itertools.product(range(most + 1), repeat=len(kinds)):
            given = sum(amount * (count // factor) for count, (_, factor, amount) in zip(counts, kinds, strict=True))
            if given >= need:
                tried.append((sum(counts), sum(rank * count for rank, count in enumerate(counts)), counts))
        counts = min(tried)[2]
        return ", ".join(f"{count} of {name}" for count, (name, _, _) in zip(counts, kinds, strict=True) if count)


def _draft(rng: Random) -> _Draft:
    have = dict.fromkeys(NATIONS[: rng.choice((2, 3, 4))], 0)
    amount, factor, heavy = rng.choice((1, 2, 3)), rng.choice((1, 1, 2)), rng.random() < 0.4
    have = {name: factor * rng.choice((1, 2, 3)) + (factor > 1 and rng.choice((0, 1))) for name in have}
    tables: dict[str, list[dict[str, Any]]] = {
        "nations": [{"nation": name} for name in have],
        "unit_types": [
            {"unit_type": "bn", "personnel": 100, "cost": 1},
            {"unit_type": "heavy", "personnel": 300, "cost": 5},
            {"unit_type": "team", "personnel": 10},
        ],
        "yields": [
            {"unit_type": "bn", "capability": "guard", "amount": amount},
            {"unit_type": "team", "capability": "train", "amount": 1},
            *([{"unit_type": "heavy", "capability": "guard", "amount": 2 * amount}] if heavy else []),
        ],
        "pledges": [
            {"pledge": f"{name}-bn", "nation": name, "unit_type": "bn", "quantity": count, "rotation_factor": factor}
            for name, count in have.items()
        ],
        "missions": [{"mission": "m"}, {"mission": "other"}],
        "requirements": [],
    }
    if rng.random() < 0.5:  # what does not matter: a line that is full, a caveat about nobody, a cap that is wide
        tables["nations"].append(
            {"nation": "TTT"}
        )  # nobody else's: a cap that is planted must not weigh teams against battalions
        tables["pledges"].append({"pledge": "teams", "nation": "TTT", "unit_type": "team", "quantity": 2})
        tables["requirements"].append(_line("t", 2, capability="train", mission="other", area="far"))
        tables["caveats"] = [{"caveat": "no heavy ones", "unit_type": "heavy", "area": "far", "rule": "forbid"}]
        tables["areas"] = [{"area": "a", "max_personnel": 100_000}, {"area": "b"}, {"area": "far"}]
    return _Draft(rng, tables, have, amount, factor, heavy)


def _line(name: str, target: float, **more: Any) -> dict[str, Any]:
    return {"requirement": name, "mission": "m", "area": "a", "capability": "guard", "target": target, **more}


def planted(rng: Random, seed: int) -> Planted:
    """An instance with one planted reason; the kinds take turns."""
    kind, draft = KINDS[seed % len(KINDS)], _draft(rng)
    reason, rules, missing = _PLANT[kind](draft)
    header = {"periods": {"count": rng.choice((1, 1, 2))}, "aims": [{"name": "coverage"}]}
    instance = fg.Instance.from_tables(draft.tables, header=header, impossible=True)
    return Planted(seed, instance, "r", reason, tuple(rules), missing)


def _nothing_pledged(draft: _Draft) -> tuple[str, list[str], str]:
    amount, target = draft.rng.choice((1, 2, 5)), draft.rng.choice((3, 4, 7))
    draft.tables["yields"].append({"unit_type": "corps", "capability": "lift", "amount": amount})
    draft.tables["unit_types"].append({"unit_type": "corps", "personnel": 50})
    draft.tables["requirements"].append(_line("r", target, capability="lift"))
    return "nothing pledged", [], f"{math.ceil(target / amount)} of corps"


def _forbidden(draft: _Draft) -> tuple[str, list[str], str]:
    banned = draft.rng.sample(list(draft.have), draft.rng.randint(1, len(draft.have)))
    rules = []
    for name in banned:
        for number in range(draft.rng.choice((1, 1, 2))):
            area = draft.rng.choice((None, "a"))
            row = {"caveat": f"{name} {number}", "nation": name, "rule": "forbid", **({"area": area} if area else {})}
            draft.tables.setdefault("caveats", []).append(row)
            rules.append(f"caveats/{name} {number}")
    more = draft.rng.choice((0, 0, 1, 2)) * draft.amount
    draft.tables["requirements"].append(_line("r", sum(draft.supply.values()) + more))
    return "forbidden", rules, draft.lacking(more)


def _below_threshold(draft: _Draft) -> tuple[str, list[str], str]:
    total = sum(draft.supply.values())
    if draft.rng.random() < 0.5:  # a sibling's, for which nobody has anything
        draft.tables["requirements"] += [_line("r", total), _line("s", 4, capability="sing", threshold=1)]
        draft.tables["yields"].append({"unit_type": "team", "capability": "sing", "amount": 1})
        draft.tables["pledges"] = [row for row in draft.tables["pledges"] if row["unit_type"] != "team"]
        return "below threshold", ["requirements/s.threshold"], ""
    more = draft.rng.choice((1, 2)) * draft.amount
    draft.tables["requirements"].append(_line("r", total + more, threshold=total + 1))
    return "below threshold", ["requirements/r.threshold"], draft.lacking(more)


def _elsewhere(draft: _Draft) -> tuple[str, list[str], str]:
    total, more = sum(draft.supply.values()), draft.rng.choice((0, 0, 1)) * draft.amount
    draft.tables["missions"].append({"mission": "big", "weight": 5})
    draft.tables["requirements"] += [_line("r", total + more), _line("b", total, mission="big", area="b")]
    return "better used elsewhere", [], draft.lacking(more)


def _capped(draft: _Draft) -> tuple[str, list[str], str]:
    total, more = sum(draft.supply.values()), draft.rng.choice((0, 0, 1)) * draft.amount
    draft.tables["requirements"].append(_line("r", total + more))
    name = draft.rng.choice(list(draft.have))
    units = draft.have[name] // draft.factor
    how = draft.rng.choice(("nation", "post", "caveat", "limit", "two"))
    rules = []
    if how in {"nation", "two"}:
        next(row for row in draft.tables["nations"] if row["nation"] == name)["max_units"] = units - 1
        rules.append(f"nations/{name}.max_units")
    if how == "post":
        everybody = sum(count // draft.factor for count in draft.have.values())
        draft.tables["posts"] = [{"mission": "m", "area": "a", "max_personnel": 100 * everybody - 50}]
        rules.append("posts/m:a.max_personnel")
    if how == "caveat":
        row = {"caveat": "few", "nation": name, "rule": "limit", "measure": "units", "maximum": units - 1}
        draft.tables.setdefault("caveats", []).append(row)
        rules.append("caveats/few")
    if how in {"limit", "two"}:
        row = {"limit": "few", "measure": "personnel", "nation": name, "maximum": 100 * (units - 1)}
        draft.tables["limits"] = [row]
        rules.append("limits/few")
    return "capped", rules, draft.lacking(more)


def _exhausted(draft: _Draft) -> tuple[str, list[str], str]:
    more = draft.rng.choice((1, 2, 3, 4)) * draft.amount - draft.rng.choice((0, 0.5))
    draft.tables["requirements"].append(_line("r", sum(draft.supply.values()) + more))
    return "exhausted", [], draft.lacking(math.ceil(more / draft.amount) * draft.amount)


def _partners(draft: _Draft) -> tuple[str, list[str], str]:
    draft.tables["requirements"].append(_line("r", sum(draft.supply.values())))
    how = draft.rng.choice(("link", "lead", "nations"))
    if how == "link":
        draft.tables["nations"].append({"nation": "ZZZ"})
        row = {"link": "with Z", "kind": "needs", "nation": ";".join(draft.have), "other": "ZZZ"}
        draft.tables["links"] = [row]
        return "forbidden", ["links/with Z"], ""
    if how == "lead":
        draft.tables["nations"].append({"nation": "ZZZ"})
        draft.tables["posts"] = [{"mission": "m", "area": "a", "lead": "required"}]
        draft.tables["participation"] = [{"nation": "ZZZ", "may_lead": True}]
        return "forbidden", ["posts/m:a.lead"], ""
    draft.tables["posts"] = [{"mission": "m", "area": "a", "min_nations": len(draft.have) + 1}]
    return "forbidden", ["posts/m:a.min_nations"], ""


_PLANT = {
    "nothing pledged": _nothing_pledged,
    "forbidden": _forbidden,
    "below threshold": _below_threshold,
    "better used elsewhere": _elsewhere,
    "capped": _capped,
    "exhausted": _exhausted,
    "partners": _partners,
}
