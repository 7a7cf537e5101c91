"""The reference of the here-and-now plan: everything that can be made ready is enumerated, and every plan of every case. Knows nothing of the product."""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import dataclass
from math import prod
from random import Random

import numpy as np

from tests.oracle import brute
from tests.oracle.brute import Facts, Plans, Row, Tables, TooLarge, number, read_value, truth
from tests.oracle.random_instances import tiny

FIRST = frozenset({"availability", "coverage", "limits", "caveats", "aims"})
FAMILIES = FIRST | {"lead", "participation", "links", "conditions", "instruments", "steadiness", "counts", "agreed"}
MOST_READY = 3_000
MOST_PLANS = 1_500
RULES = (
    brute.coverage_rules,
    brute.caveat_limits,
    brute.participation,
    brute.steadiness,
    brute.agreed,
    brute.links,
    brute.enablers,
    brute.limits,
    brute.sponsors,
)
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Seen:
    """All plans of one case: `x` (plan, pledge, line, period), `score`, and who could lead where: (plan, nation) by post and term."""

    facts: Facts
    x: np.ndarray
    score: np.ndarray
    led_by: dict[Key, np.ndarray]


@dataclass(frozen=True)
class Reference:
    """The cases with their probabilities; `ready`: all that can be made ready, (option, pledge, line, period)."""

    cases: list[Seen]
    weights: list[float]
    ready: np.ndarray
    leaders: list[dict[Key, str | None]]

    def scores(self, ready: np.ndarray, leaders: dict[Key, str | None]) -> list[float]:
        """The best score in each case with what is ready."""
        return [self._best(case, ready, leaders) for case in self.cases]

    def _best(self, case: Seen, ready: np.ndarray, leaders: dict[Key, str | None]) -> float:
        kept = (case.x <= ready + 1e-9).all(axis=(1, 2, 3)) & self._led(case, leaders)
        return float(case.score[kept].max(initial=-np.inf))

    def _led(self, case: Seen, leaders: dict[Key, str | None]) -> np.ndarray:
        kept = np.ones(len(case.x), dtype=bool)
        names = [row["nation"] for row in case.facts.nations]
        for key, could in case.led_by.items():
            name = leaders.get(key)
            kept &= could[:, -1] if name is None else could[:, names.index(name)] | could[:, -1]
        return kept

    def alone(self) -> list[float]:
        """The best score of each case by itself: anything may be ready, anybody may lead."""
        return [
            max(self._best(case, np.full(case.x.shape[1:], np.inf), leaders) for leaders in self.leaders)
            for case in self.cases
        ]

    def best(self, measure: str, level: float) -> float:
        """The best here-and-now plan by a measure."""
        found = -np.inf
        for leaders in self.leaders:
            allowed = [(case, self._led(case, leaders)) for case in self.cases]
            for ready in self.ready:
                scores = []
                for case, led in allowed:
                    kept = led & (case.x <= ready + 1e-9).all(axis=(1, 2, 3))
                    scores.append(float(case.score[kept].max(initial=-np.inf)))
                if min(scores) > -np.inf:
                    found = max(found, self.measured(scores, measure, level))
        return found

    def measured(self, scores: list[float], measure: str, level: float) -> float:
        """A measure of scores. CVaR by its definition as a maximum over thresholds, which is at one of the scores."""
        pairs = list(zip(scores, self.weights, strict=True))
        if measure == "expected":
            return sum(score * weight for score, weight in pairs)
        if measure == "worst":
            return min(scores)
        return max(
            eta - sum(weight * max(0.0, eta - score) for score, weight in pairs) / (1.0 - level) for eta in scores
        )


def draw(seed: int) -> tuple[Tables, Row] | None:
    """A tiny instance whose scenarios want different things; None where it is of no use here."""
    # Half of them with leads: of the many families an instance has three.
    tables, header, _ = tiny(seed, FIRST | {"lead"} if seed % 2 else FAMILIES, most=400)
    tables, rng = deepcopy(tables), Random(seed)
    aims = header.get("aims") or [{"name": "coverage"}, {"name": "cost"}]
    if any(aim["name"] in {"burden_gap", "changes"} for aim in aims) or len(tables["requirements"]) < 2:
        return None
    if "scenarios" not in tables:
        tables["scenarios"] = [{"scenario": "calm", "probability": 0.6}, {"scenario": "storm", "probability": 0.4}]
    changes = tables.setdefault("changes", [])
    taken = {(row["scenario"], row["table"], row["key"], row["column"]) for row in changes}
    wanted = rng.sample(tables["requirements"], 2)
    for scenario, row in zip(tables["scenarios"], wanted, strict=False):
        for table, key in (("missions", row["mission"]), ("requirements", row["requirement"])):
            change = (scenario["scenario"], table, key, "weight")
            if change not in taken:
                changes.append(dict(zip(("scenario", "table", "key", "column"), change, strict=True), value=9))
    return tables, header


def failing(tables: Tables, fails: list[str]) -> Tables:
    """The tables in which some pledges do not hold."""
    tables = deepcopy(tables)
    tables.setdefault("conditions", []).append({"condition": "never"})
    for row in tables["pledges"]:
        if row["pledge"] in fails:
            said = read_value(row, "condition")
            row["condition"] = f"({said}) & never" if said else "never"
    return tables


def reference(header: Row, cases: list[tuple[Tables, str | None, float]]) -> Reference | None:
    """All cases (tables, scenario, probability) seen through; None where they are too many plans."""
    try:
        seen = [_seen(tables, header, scenario) for tables, scenario, _ in cases]
        ready = _ready([one.facts for one in seen])
    except TooLarge:
        return None
    keys: dict[Key, set[str]] = {}
    for one in seen:
        names = [row["nation"] for row in one.facts.nations]
        for key, could in one.led_by.items():
            keys.setdefault(key, set()).update(name for n, name in enumerate(names) if could[:, n].any())
    choices = [[None, *sorted(names)] for names in keys.values()]
    if prod(map(len, choices)) * len(ready) > 4 * MOST_READY:
        return None
    leaders = [dict(zip(keys, chosen, strict=True)) for chosen in itertools.product(*choices)]
    return Reference(seen, [weight for _, _, weight in cases], ready, leaders)


def _seen(tables: Tables, header: Row, scenario: str | None) -> Seen:
    facts = brute.read(tables, header, scenario)
    plans = brute.enumerate_plans(facts, MOST_PLANS)
    for rule in RULES:
        plans = plans.take(rule(facts, plans)) if len(plans.x) else plans
    if not len(plans.x):
        return Seen(facts, plans.x, np.zeros(0), {})
    aims = brute.aims_in_order(facts, header)
    least = min(int(read_value(aim, "priority", 1)) for aim in aims)
    first = [aim for aim in aims if int(read_value(aim, "priority", 1)) == least]
    score = np.zeros(len(plans.x))
    for aim in first:
        weight = float(read_value(aim, "weight", 1.0)) if len(first) > 1 else 1.0
        sign = 1.0 if aim["name"] in brute.MAXIMISED else -1.0
        score += sign * weight * brute.aim_value(facts, plans, aim, None)
    return Seen(facts, plans.x, score, _led_by(facts, plans))


def _led_by(facts: Facts, plans: Plans) -> dict[Key, np.ndarray]:
    """Per post and term: whether each nation could lead it in a plan, and (last) whether nobody has to."""
    present, people = brute.presence(facts, plans), brute.personnel_at(facts, plans)
    found: dict[Key, np.ndarray] = {}
    for j, post in enumerate(facts.posts):
        row = brute.post_row(facts, post)
        if read_value(row, "lead", "none") != "required":
            continue
        term = int(read_value(row, "lead_term", facts.horizon))
        least = number(row, "lead_min_share") * people[:, :, j].sum(axis=1)
        for start in range(0, facts.horizon, term):
            block = slice(start, start + term)
            mounted = plans.mounted[:, j, block]
            could = np.zeros((len(plans.x), len(facts.nations) + 1), dtype=bool)
            could[:, -1] = ~mounted.any(axis=1)
            for n, nation in enumerate(facts.nations):
                if truth(brute.pair_value(facts, nation["nation"], post, "may_lead", False)):
                    fit = present[:, n, j, block] & (people[:, n, j, block] >= least[:, block] - brute.TOL)
                    could[:, n] = (fit | ~mounted).all(axis=1)
            found[*post, start // term + 1] = could
    return found


def _ready(cases: list[Facts]) -> np.ndarray:
    """All that can be made ready: what each pledge can do at its loosest, within what each nation says of itself."""
    options = [_options(cases, p) for p in range(len(cases[0].pledges))]
    sizes = [len(one) for one in options]
    if prod(sizes) > MOST_READY:
        raise TooLarge("too much can be made ready")
    digits = np.unravel_index(np.arange(prod(sizes)), sizes)
    x, moves = (
        np.stack([getattr(one, kind)[digits[p]] for p, one in enumerate(options)], axis=1) for kind in ("x", "moves")
    )
    first, kept = cases[0], np.ones(len(x), dtype=bool)
    exists = [np.array([_exists(facts, row) for row in facts.pledges]) for facts in cases]

    def least(amounts: list[np.ndarray]) -> np.ndarray:
        each = [np.where(there[:, None], one, np.inf) for one, there in zip(amounts, exists, strict=True)]
        found = np.minimum.reduce(each)
        return np.where(np.isinf(found), 0.0, found)

    shape = first.cost.shape
    people = least([np.broadcast_to([[number(t, "personnel")] for t in f.types], shape) for f in cases])
    cost, move = least([f.cost for f in cases]), least([f.movement_cost for f in cases])
    spent = (x * cost[:, :, None] + moves * move[:, :, None]).sum(axis=(2, 3))
    for n, nation in enumerate(first.nations):
        mine = first.by_nation[n]
        for column, amount in (("max_personnel", people), ("max_units", np.ones(shape))):
            cap = _cap(cases, nation["nation"], column)
            at_a_time = np.einsum("aprt,pr,p->at", x, amount, mine)
            kept &= (at_a_time <= cap + brute.TOL).all(axis=1)
        kept &= spent @ mine <= _cap(cases, nation["nation"], "budget") + brute.TOL
    return x[kept]


def _exists(facts: Facts, row: Row) -> bool:
    return bool(brute.condition(facts.holds, row, facts.horizon).any())


def _cap(cases: list[Facts], nation: str, column: str) -> float:
    rows = [row for facts in cases for row in facts.nations if row["nation"] == nation]
    caps = [read_value(row, column) for row in rows]
    return np.inf if None in caps else max(map(float, caps))


def _options(cases: list[Facts], p: int) -> brute.Options:
    rows = [facts.pledges[p] for facts in cases if _exists(facts, facts.pledges[p])] or [cases[0].pledges[p]]
    horizon = cases[0].horizon
    tours = {(read_value(row, "tour"), read_value(row, "dwell", 0)) for row in rows}
    free = np.any([facts.admissible[p] for facts in cases], axis=0).tobytes()
    if horizon > 1 and len(tours) == 1 and read_value(rows[0], "tour") is not None:
        quantity = max(int(row["quantity"]) for row in rows)
        away = min(int(read_value(row, "deployed_at_start", 0)) for row in rows)
        length, dwell = int(rows[0]["tour"]), int(read_value(rows[0], "dwell", 0))
        found = brute.tour_options(quantity, length, dwell, away, free, horizon, MOST_READY)
    else:
        most = max(
            int(row["quantity"]) if horizon > 1 and read_value(row, "tour") is not None else brute.usable(facts, row)
            for facts in cases
            for row in [facts.pledges[p]]
            if _exists(facts, row) or len(rows) == 1
        )
        found = brute.free_options(most, free, horizon, MOST_READY)
    if found is None:
        raise TooLarge("a pledge")
    return found
