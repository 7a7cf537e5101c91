"""The brute-force oracle: every plan of a tiny instance, every rule of `docs/design/001-semantics.md` read literally.

All plans are laid out in arrays with one row per plan: units present `x`, moves and homeward moves, each
(plan, pledge, line, period), and instruments used (plan, instrument). Each rule strikes out rows; the aims are
evaluated on the rows that are left. Leaders, mounting and flows are derived: a plan is feasible if they exist.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import lru_cache
from math import floor, prod
from typing import Any

import numpy as np
from scipy.optimize import linprog

Row = dict[str, Any]
Tables = dict[str, list[Row]]

TOL = 1e-7
MAXIMISED = {"coverage", "weakest_mission"}
SELECTORS = ("nation", "group", "mission", "area", "host", "unit_type", "tag", "domain", "capability")
KEYS = {
    "nations": ("nation",),
    "unit_types": ("unit_type",),
    "yields": ("unit_type", "capability"),
    "pledges": ("pledge",),
    "missions": ("mission",),
    "areas": ("area",),
    "requirements": ("requirement",),
    "posts": ("mission", "area"),
    "participation": ("nation", "mission", "area"),
    "enablers": ("enabler",),
    "caveats": ("caveat",),
    "limits": ("limit",),
    "links": ("link",),
    "instruments": ("instrument",),
    "instrument_yields": ("instrument", "mission", "area", "capability"),
    "funding": ("fund",),
    "routes": ("origin", "destination", "mode"),
    "deployment_costs": ("pledge", "unit_type", "mission", "area"),
}


class TooLarge(Exception):
    """The instance has more plans (or more flows) than the oracle wants to enumerate."""


@dataclass(frozen=True)
class Outcome:
    """What the enumeration found.

    `levels[k]` is the proven optimum of the k-th level, as a sum that is maximised (a minimised aim counts
    negative, each aim times its weight). `aims` are (name, value) in the order of the levels, read off a plan that is
    optimal for the aim's own level; for a level with one aim this is the optimum itself. `final` are the (lowest,
    highest) values of the same aims over all plans that are optimal after the last level: later levels may have
    given something away within the tolerances. `optimal` is the number of those plans, `feasible_plans` and
    `plans` those of the feasible and of all enumerated ones; `example` is one optimal plan.
    """

    feasible: bool
    aims: list[tuple[str, float]] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    final: list[tuple[float, float]] = field(default_factory=list)
    optimal: int = 0
    feasible_plans: int = 0
    plans: int = 0
    example: list[Row] = field(default_factory=list)
    instruments: list[str] = field(default_factory=list)


def best(
    tables: Tables,
    header: Row,
    scenario: str | None = None,
    baseline: list[Row] | None = None,
    cap: int = 60_000,
) -> Outcome:
    """Enumerates all plans and returns the lexicographic optimum of the header's aims."""
    facts = read(tables, header, scenario)
    plans = enumerate_plans(facts, cap)
    total = len(plans.x)
    for rule in (
        coverage_rules,
        caveat_limits,
        participation,
        steadiness,
        agreed,
        leads,
        links,
        enablers,
        limits,
        sponsors,
        movement,
        funding,
    ):
        plans = plans.take(rule(facts, plans))
        if not len(plans.x):
            return Outcome(False, plans=total)
    feasible = len(plans.x)
    aims: list[tuple[str, float]] = []
    levels: list[float] = []
    kept = np.ones(feasible, dtype=bool)
    evaluated: list[np.ndarray] = []
    for _, group in itertools.groupby(
        aims_in_order(facts, header), key=lambda aim: int(read_value(aim, "priority", 1))
    ):
        level = list(group)
        values = [aim_value(facts, plans, aim, baseline) for aim in level]
        weights = [float(read_value(aim, "weight", 1.0)) for aim in level]
        signs = [1.0 if aim["name"] in MAXIMISED else -1.0 for aim in level]
        summed = sum(s * w * v for s, w, v in zip(signs, weights, values, strict=True))
        top = summed[kept].max()
        at = int(np.flatnonzero(kept & (summed >= top - 1e-9))[0])
        slack = sum(
            w * float(read_value(aim, "tolerance", 0.0)) * abs(v[at])
            for aim, w, v in zip(level, weights, values, strict=True)
        )
        kept &= summed >= top - slack - 1e-8
        levels.append(float(top))
        aims += [(aim["name"], float(v[at])) for aim, v in zip(level, values, strict=True)]
        evaluated += values
    chosen = int(np.flatnonzero(kept & (summed >= top - 1e-9))[0])
    last = kept & (summed >= top - 1e-8)
    return Outcome(
        True,
        aims,
        levels,
        [(float(v[last].min()), float(v[last].max())) for v in evaluated],
        int(last.sum()),
        feasible,
        total,
        assignments(facts, plans.x[chosen]),
        [row["instrument"] for row, on in zip(facts.instruments, plans.used[chosen], strict=True) if on],
    )


def count(tables: Tables, header: Row, scenario: str | None = None, cap: int = 60_000) -> int:
    """Number of plans that `best` would enumerate; raises `TooLarge` above the cap."""
    facts = read(tables, header, scenario)
    total = prod(len(pledge_options(facts, p, cap)) for p in range(len(facts.pledges))) * 2 ** len(facts.instruments)
    if total > cap:
        raise TooLarge(f"{total} plans")
    return total


def scenario_names(tables: Tables) -> list[str | None]:
    """The defaults (None) and all scenarios."""
    return [None, *(row["scenario"] for row in tables.get("scenarios", []))]


# ---------------------------------------------------------------- reading


def read_value(row: Row, column: str, default: Any = None) -> Any:
    """The cell, or the default where it is blank."""
    value = row.get(column)
    return default if value is None or value == "" else value


def number(row: Row, column: str, default: float = 0.0) -> float:
    return float(read_value(row, column, default))


def truth(value: Any) -> bool:
    return value.strip().lower() == "true" if isinstance(value, str) else bool(value)


def picks(selector: str | None, names: set[str]) -> bool:
    """Whether something with these names is selected: blank = any; one of the positives, none of the negatives."""
    if selector is None or not str(selector).strip():
        return True
    parts = [part.strip() for part in str(selector).split(";") if part.strip()]
    negative = {part[1:].strip() for part in parts if part.startswith("!")}
    positive = {part for part in parts if not part.startswith("!")}
    return (not positive or bool(positive & names)) and not negative & names


def words(text: Any) -> set[str]:
    return {part.strip() for part in str(text or "").split(";") if part.strip()}


@dataclass(frozen=True)
class Facts:
    """The instance in one scenario. Index letters: p pledge, r line, t period, n nation, j post, i instrument."""

    horizon: int
    tables: Tables
    holds: dict[str, np.ndarray]  # per condition: t
    nations: list[Row]
    pledges: list[Row]
    types: list[Row]  # of the pledges
    lines: list[Row]
    posts: list[tuple[str, str]]
    areas: dict[str, Row]
    groups: dict[str, set[str]]
    instruments: list[Row]  # whose condition holds in some period
    by_nation: np.ndarray  # n, p
    by_post: np.ndarray  # j, r
    active: np.ndarray  # r, t
    admissible: np.ndarray  # p, r, t
    amount: np.ndarray  # p, r
    cost: np.ndarray  # p, r
    movement_cost: np.ndarray  # p, r
    instrument_amount: np.ndarray  # i, r, t


def read(tables: Tables, header: Row, scenario: str | None) -> Facts:
    """Tables, header and scenario into arrays."""
    horizon = int(read_value(header.get("periods", {}), "count", 1))
    holds = conditions_in(tables, scenario, horizon)
    tables = changed(tables, scenario)
    nations, pledges, lines = tables["nations"], tables["pledges"], tables["requirements"]
    type_rows = {row["unit_type"]: row for row in tables["unit_types"]}
    types = [type_rows[row["unit_type"]] for row in pledges]
    posts = sorted({(row["mission"], row["area"]) for row in lines})
    areas: dict[str, Row] = {row["area"]: {"area": row["area"]} for row in lines}
    areas |= {row["area"]: row for row in tables.get("areas", [])}
    groups: dict[str, set[str]] = {}
    for row in tables.get("groups", []):
        groups.setdefault(row["group"], set()).add(row["nation"])
    yields = {(row["unit_type"], row["capability"]): float(row["amount"]) for row in tables["yields"]}
    amount = np.array([[yields.get((p["unit_type"], r["capability"]), 0.0) for r in lines] for p in pledges])
    instruments = [row for row in tables.get("instruments", []) if condition(holds, row, horizon).any()]
    instrument_amount = np.zeros((len(instruments), len(lines), horizon))
    for (i, instrument), (r, line) in itertools.product(enumerate(instruments), enumerate(lines)):
        instrument_amount[i, r] = condition(holds, instrument, horizon) * sum(
            float(row["amount"])
            for row in tables.get("instrument_yields", [])
            if row["instrument"] == instrument["instrument"]
            and row["capability"] == line["capability"]
            and all(read_value(row, key, line[key]) == line[key] for key in ("mission", "area"))
        )
    facts = Facts(
        horizon,
        tables,
        holds,
        nations,
        pledges,
        types,
        lines,
        posts,
        areas,
        groups,
        instruments,
        np.array([[float(p["nation"] == n["nation"]) for p in pledges] for n in nations]),
        np.array([[float((r["mission"], r["area"]) == j) for r in lines] for j in posts]),
        np.array([window(row, horizon) for row in lines]),
        np.zeros((len(pledges), len(lines), horizon), dtype=bool),
        amount,
        np.zeros(amount.shape),
        np.zeros(amount.shape),
        instrument_amount,
    )
    for (p, pledge), (r, line) in itertools.product(enumerate(pledges), enumerate(lines)):
        facts.cost[p, r], facts.movement_cost[p, r] = unit_costs(tables, pledge, types[p], line)
        if amount[p, r] > 0:
            facts.admissible[p, r] = in_force(facts, pledge) & facts.active[r]
    for row in tables.get("caveats", []):
        if row["rule"] == "forbid":
            facts.admissible[select(facts, row)] = False
        elif row["rule"] == "unless":
            false = ~condition(holds, row, horizon)
            facts.admissible[select(facts, {**row, "condition": None}) & false] = False
    return facts


def conditions_in(tables: Tables, scenario: str | None, horizon: int) -> dict[str, np.ndarray]:
    """When each condition is true: its default; what the scenario says; in windows of long rows, what these say."""
    default = {row["condition"]: truth(read_value(row, "default", False)) for row in tables.get("conditions", [])}
    holds = {name: np.full(horizon, value) for name, value in default.items()}
    if scenario is None:
        return holds
    wide = next(row for row in tables["scenarios"] if row["scenario"] == scenario)
    for name in holds:
        if read_value(wide, name) is not None:
            holds[name][:] = truth(wide[name])
        long = [
            row
            for row in tables.get("scenario_conditions", [])
            if row["scenario"] == scenario and row["condition"] == name
        ]
        if long:
            holds[name][:] = default[name]
        for row in long:
            holds[name][np.array(window(row, horizon))] = truth(row["holds"])
    return holds


def changed(tables: Tables, scenario: str | None) -> Tables:
    """The tables with the data changes of the scenario."""
    rows = [row for row in tables.get("changes", []) if row["scenario"] == scenario]
    if not rows:
        return tables
    tables = {name: [dict(row) for row in content] for name, content in tables.items()}
    for change in rows:
        keys = KEYS[change["table"]]
        for row in tables[change["table"]]:
            if "/".join(str(read_value(row, key, "")) for key in keys) != change["key"]:
                continue
            factor = read_value(change, "factor")
            value = read_value(change, "value") if factor is None else float(row[change["column"]]) * float(factor)
            row[change["column"]] = value
    return tables


def condition(holds: dict[str, np.ndarray], row: Row, horizon: int) -> np.ndarray:
    """When the row's condition holds (t); blank = always."""
    text = read_value(row, "condition")
    return np.ones(horizon, dtype=bool) if text is None else truth_of(text, holds)


def truth_of(text: str, holds: dict[str, np.ndarray]) -> np.ndarray:
    """An expression: the weakest sign outside brackets divides it."""
    for sign, join in (("|", np.logical_or), ("&", np.logical_and)):
        depth, parts = 0, [""]
        for letter in text:
            depth += (letter == "(") - (letter == ")")
            if letter == sign and depth == 0:
                parts.append("")
            else:
                parts[-1] += letter
        if len(parts) > 1:
            return join.reduce([truth_of(part, holds) for part in parts])
    text = text.strip()
    if text.startswith("!"):
        return ~truth_of(text[1:], holds)
    return truth_of(text[1:-1], holds) if text.startswith("(") else holds[text]


def in_force(facts: Facts, row: Row) -> np.ndarray:
    """The periods of the row's window in which its condition holds (t)."""
    return np.array(window(row, facts.horizon)) & condition(facts.holds, row, facts.horizon)


def window(row: Row, horizon: int) -> list[bool]:
    first, last = int(read_value(row, "from", 1)), int(read_value(row, "until", horizon))
    return [first <= t <= last for t in range(1, horizon + 1)]


def unit_costs(tables: Tables, pledge: Row, unit_type: Row, line: Row) -> tuple[float, float]:
    """Cost per unit and period, and per move, of the pledge on the line."""
    rows = [
        row
        for row in tables.get("deployment_costs", [])
        if all(read_value(row, key, line[key]) == line[key] for key in ("mission", "area"))
        and all(read_value(row, key, pledge[key]) == pledge[key] for key in ("pledge", "unit_type"))
    ]

    def rank(row: Row) -> tuple[int, bool, bool, bool]:
        mission, area = read_value(row, "mission") is not None, read_value(row, "area") is not None
        return mission + area, mission, area, read_value(row, "unit_type") is not None

    def find(column: str) -> tuple[float | None, float | None]:
        filled = sorted((row for row in rows if read_value(row, column) is not None), key=rank, reverse=True)
        of_pledge = [float(row[column]) for row in filled if read_value(row, "pledge") is not None]
        of_type = [float(row[column]) for row in filled if read_value(row, "pledge") is None]
        return (of_pledge or [None])[0], (of_type or [None])[0]

    def first(*values: float | None) -> float:
        return next((float(value) for value in values if value is not None), 0.0)

    pledge_cost, type_cost = find("cost")
    cost = first(pledge_cost, read_value(pledge, "cost"), type_cost, read_value(unit_type, "cost"))
    return cost, first(*find("movement_cost"))


def select(facts: Facts, row: Row) -> np.ndarray:
    """The services (p, r, t) that the row's selectors and window name, in the periods in which its condition holds."""
    periods = in_force(facts, row)
    mask = np.zeros(facts.admissible.shape, dtype=bool)
    for p, r in itertools.product(range(len(facts.pledges)), range(len(facts.lines))):
        pledge, unit_type, line = facts.pledges[p], facts.types[p], facts.lines[r]
        bears = {
            "unit_type": {pledge["unit_type"]},
            "tag": words(unit_type.get("tags")) | words(pledge.get("tags")),
            "domain": {read_value(unit_type, "domain", "land")},
        }
        if (
            nation_selected(facts, row, pledge["nation"])
            and line_selected(facts, row, line)
            and all(picks(row.get(column), names) for column, names in bears.items())
        ):
            mask[p, r] = periods
    return mask


def nation_selected(facts: Facts, row: Row, nation: str) -> bool:
    member_of = {group for group, members in facts.groups.items() if nation in members}
    return picks(row.get("nation"), {nation}) and picks(row.get("group"), member_of)


def line_selected(facts: Facts, row: Row, line: Row) -> bool:
    return post_selected(facts, row, line["mission"], line["area"]) and picks(
        row.get("capability"), {line["capability"]}
    )


def post_selected(facts: Facts, row: Row, mission: str, area: str) -> bool:
    return (
        picks(row.get("mission"), {mission})
        and picks(row.get("area"), {area})
        and picks(row.get("host"), words(facts.areas[area].get("host")))
    )


def pair_value(facts: Facts, nation: str, post: tuple[str, str], column: str, default: Any = None) -> Any:
    """What the most specific filled row of `participation` says of a nation at a post."""
    pair = {"nation": nation, "mission": post[0], "area": post[1]}
    found: tuple[tuple[int, list[bool]], Any] | None = None
    for row in facts.tables.get("participation", []):
        if read_value(row, column) is None or any(read_value(row, key, name) != name for key, name in pair.items()):
            continue
        given = [read_value(row, key) is not None for key in pair]
        rank = (sum(given), given)
        if found is None or rank > found[0]:
            found = (rank, row[column])
    return default if found is None else found[1]


# ---------------------------------------------------------------- enumeration (family 1)


@dataclass(frozen=True)
class Plans:
    """One row per plan."""

    x: np.ndarray  # plan, p, r, t: units present
    moves: np.ndarray
    back: np.ndarray  # units that go home, in the first period away
    used: np.ndarray  # plan, i
    delivered: np.ndarray  # plan, r, t
    mounted: np.ndarray  # plan, j, t
    route_cost: np.ndarray  # plan

    def take(self, keep: np.ndarray) -> Plans:
        """The plans that are kept."""
        return self if keep.all() else Plans(*(getattr(self, f.name)[keep] for f in fields(self)))


def shares_out(limit: int, slots: int) -> Iterator[tuple[int, ...]]:
    """All ways to give at most `limit` units to the slots."""
    if slots == 0:
        yield ()
        return
    for here in range(limit + 1):
        for rest in shares_out(limit - here, slots - 1):
            yield here, *rest


@dataclass(frozen=True)
class Options:
    """Everything that a pledge can do: presence, moves and homeward moves, each (option, r, t)."""

    x: np.ndarray
    moves: np.ndarray
    back: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


def pledge_options(facts: Facts, p: int, cap: int) -> Options:
    """All (presence, moves, homeward moves) that availability and rotation allow the pledge."""
    pledge, horizon = facts.pledges[p], facts.horizon
    quantity, tour = int(pledge["quantity"]), read_value(pledge, "tour")
    length, dwell = int(tour or 1), int(read_value(pledge, "dwell", 0))
    free = facts.admissible[p].tobytes()
    if horizon > 1 and tour is not None:
        at_start = int(read_value(pledge, "deployed_at_start", 0))
        found = tour_options(quantity, length, dwell, at_start, free, horizon, cap)
    else:
        found = free_options(usable(facts, pledge), free, horizon, cap)
    if found is None:
        raise TooLarge(f"pledge {pledge['pledge']}")
    return found


@lru_cache(maxsize=512)
def tour_options(
    quantity: int, length: int, dwell: int, at_start: int, admissible: bytes, horizon: int, cap: int
) -> Options | None:
    """Whole tours: those started in t-L-D+1..t, and in period 0, are out or at rest; None above the cap."""
    fits = np.frombuffer(admissible, dtype=bool).reshape(-1, horizon)
    allowed = [np.flatnonzero(fits[:, t : t + length].all(axis=1)) for t in range(horizon)]

    def free(sequence: np.ndarray, t: int) -> int:
        busy = int(sequence[:, max(0, t - length - dwell + 1) : t].sum())
        return quantity - busy - (at_start if t + 1 <= length + dwell - 1 else 0)

    starts = sequences(allowed, free, fits.shape, cap)
    if starts is None:
        return None
    x, back = np.zeros(starts.shape), np.zeros(starts.shape)
    for t in range(horizon):
        x[:, :, t : t + length] += starts[:, :, [t]]
        if t + length < horizon:
            back[:, :, t + length] += starts[:, :, t]
    return Options(x, starts, back)


@lru_cache(maxsize=512)
def free_options(usable: int, admissible: bytes, horizon: int, cap: int) -> Options | None:
    """Units that come and go: any number up to `usable` in any period; None above the cap."""
    fits = np.frombuffer(admissible, dtype=bool).reshape(-1, horizon)
    allowed = [np.flatnonzero(fits[:, t]) for t in range(horizon)]
    x = sequences(allowed, lambda *_: usable, fits.shape, cap)
    if x is None:
        return None
    rise = np.diff(x, axis=2, prepend=0.0)
    return Options(x, np.maximum(rise, 0), np.maximum(-rise, 0) if horizon > 1 else np.zeros(x.shape))


def sequences(
    allowed: list[np.ndarray], free: Callable[[np.ndarray, int], int], shape: tuple[int, ...], cap: int
) -> np.ndarray | None:
    """All (option, r, t) that give in each period at most the free units to the lines allowed; None above the cap."""
    found = [np.zeros(shape)]
    for t, lines in enumerate(allowed):
        longer = []
        for sequence in found:
            for counts in shares_out(max(free(sequence, t), 0), len(lines)):
                grid = sequence.copy()
                grid[lines, t] = counts
                longer.append(grid)
            if len(longer) > cap:
                return None
        found = longer
    return np.array(found)


def enumerate_plans(facts: Facts, cap: int) -> Plans:
    """All combinations of the pledges' options and the instruments, with what follows from them."""
    options = [pledge_options(facts, p, cap) for p in range(len(facts.pledges))]
    sizes = [len(option) for option in options] + [2] * len(facts.instruments)
    total = prod(sizes)
    if total > cap:
        raise TooLarge(f"{total} plans")
    digits = np.unravel_index(np.arange(total), sizes)
    stacked = [
        np.stack([getattr(option, kind)[digits[p]] for p, option in enumerate(options)], axis=1)
        for kind in ("x", "moves", "back")
    ]
    used = np.zeros((total, len(facts.instruments)))
    for i in range(len(facts.instruments)):
        used[:, i] = digits[len(options) + i]
    x = stacked[0]
    delivered = (
        np.einsum("aprt,pr->art", x, facts.amount)
        + np.einsum("ai,irt->art", used, facts.instrument_amount) * facts.active
    )
    mounted = mounting(facts, np.einsum("aprt,jr->ajt", x, facts.by_post) > 0, delivered)
    return Plans(x, stacked[1], stacked[2], used, delivered, mounted, np.zeros(total))


def post_row(facts: Facts, post: tuple[str, str]) -> Row:
    rows = facts.tables.get("posts", [])
    return next((row for row in rows if (row["mission"], row["area"]) == post), {})


def continues(facts: Facts, post: tuple[str, str]) -> bool:
    row = next(row for row in facts.tables["missions"] if row["mission"] == post[0])
    return truth(read_value(row, "continuity", False))


def post_active(facts: Facts) -> np.ndarray:
    return (facts.by_post @ facts.active) > 0  # j, t


def thresholds_met(facts: Facts, delivered: np.ndarray) -> np.ndarray:
    """Whether every active line of the post has its threshold (plan, j, t)."""
    threshold = np.array([number(row, "threshold") for row in facts.lines])
    short = (delivered < threshold[:, None] - TOL) & facts.active
    return np.einsum("art,jr->ajt", short, facts.by_post) == 0


def mounting(facts: Facts, present: np.ndarray, delivered: np.ndarray) -> np.ndarray:
    """Mounted where somebody is present; and in longest runs of such and possible periods, unless one with nobody is too short."""
    met, active = thresholds_met(facts, delivered), post_active(facts)
    mounted = present.copy()
    for j, post in enumerate(facts.posts):
        row = post_row(facts, post)
        if number(row, "min_nations") > 0 or read_value(row, "lead") == "required":
            continue
        possible = present[:, j] | (met[:, j] & active[j])
        for block in blocks(active[j]):
            for first, last in itertools.combinations_with_replacement(block, 2):
                whole = possible[:, first : last + 1].all(axis=1)
                if first > block[0]:
                    whole &= ~possible[:, first - 1]
                if last < block[-1]:
                    whole &= ~possible[:, last + 1]
                least = facts.horizon if continues(facts, post) else int(number(row, "min_stay", 1))
                stays = last - first + 1 >= min(least, block[-1] - first + 1)
                counts = whole & (stays | present[:, j, first : last + 1].any(axis=1))
                mounted[counts, j, first : last + 1] = True
    return mounted


def blocks(active: np.ndarray) -> list[list[int]]:
    """The longest runs of active periods."""
    return [
        [t for t, _ in group]
        for on, group in itertools.groupby(enumerate(active.tolist()), key=lambda pair: pair[1])
        if on
    ]


# ---------------------------------------------------------------- rules


def coverage_rules(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 2: thresholds, must, continuity."""
    active = post_active(facts)
    keep = ~(plans.mounted & ~thresholds_met(facts, plans.delivered)).any(axis=(1, 2))
    for j, post in enumerate(facts.posts):
        mounted = plans.mounted[:, j]
        if truth(read_value(post_row(facts, post), "must", False)):
            keep &= (mounted | ~active[j]).all(axis=1)
        if continues(facts, post):
            for t in range(facts.horizon - 1):
                if active[j, t] and active[j, t + 1]:
                    keep &= ~mounted[:, t] | mounted[:, t + 1]
    return keep


def amounts(facts: Facts, plans: Plans, measure: str) -> np.ndarray:
    """The measure of each service (plan, p, r, t)."""
    if measure == "units":
        return plans.x
    if measure == "cost":
        return plans.x * facts.cost[:, :, None] + plans.moves * facts.movement_cost[:, :, None]
    per_unit = np.array([number(row, measure) for row in facts.types])[:, None, None]
    return (plans.moves if measure == "lift" else plans.x) * per_unit


def within(amount: np.ndarray, row: Row) -> np.ndarray:
    low, high = read_value(row, "minimum"), read_value(row, "maximum")
    keep = np.ones(amount.shape, dtype=bool)
    if low is not None:
        keep &= amount >= float(low) - TOL
    if high is not None:
        keep &= amount <= float(high) + TOL
    return keep.reshape(len(amount), -1).all(axis=1)


def caveat_limits(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 4, quantities; prohibitions have already thinned the admissible services."""
    keep = np.ones(len(plans.x), dtype=bool)
    for row in facts.tables.get("caveats", []):
        if row["rule"] == "limit":
            selected = (amounts(facts, plans, row["measure"]) * select(facts, row)).sum(axis=(1, 2))
            keep &= (selected <= float(row["maximum"]) + TOL).all(axis=1)
    return keep


def all_limits(facts: Facts) -> list[Row]:
    """The rows of `limits` in force, and the shorthands of the other tables."""
    rows = [row for row in facts.tables.get("limits", []) if in_force(facts, row).any()]
    shorthands = (
        ("nations", ("nation",), "max_personnel", "personnel", "period"),
        ("nations", ("nation",), "max_units", "units", "period"),
        ("nations", ("nation",), "budget", "paid" if facts.tables.get("funding") else "cost", "horizon"),
        ("areas", ("area",), "max_personnel", "personnel", "period"),
        ("areas", ("area",), "max_escalation", "escalation", "period"),
        ("areas", ("area",), "lift_capacity", "lift", "period"),
        ("areas", ("area",), "sustainment_capacity", "sustainment", "period"),
        ("posts", ("mission", "area"), "max_personnel", "personnel", "period"),
    )
    for table, keys, column, measure, per in shorthands:
        rows += [
            {"measure": measure, "per": per, "maximum": row[column], **{key: row[key] for key in keys}}
            for row in facts.tables.get(table, [])
            if read_value(row, column) is not None
        ]
    for nation, post, measure in itertools.product(facts.nations, facts.posts, ("personnel", "units")):
        most = pair_value(facts, nation["nation"], post, f"max_{measure}")
        if most is not None:
            rows.append(
                {"measure": measure, "maximum": most, "nation": nation["nation"], "mission": post[0], "area": post[1]}
            )
    return rows


def filled_selectors(row: Row) -> set[str]:
    return {column for column in SELECTORS if read_value(row, column) is not None}


def includes_routes(facts: Facts, row: Row) -> bool:
    """Whether route costs count in the limit."""
    return (
        row["measure"] == "cost"
        and not filled_selectors(row)
        and any(number(route, "cost") > 0 for route in facts.tables.get("routes", []))
    )


def limits(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 3 (but for limits with route costs, which wait for the flows)."""
    keep = np.ones(len(plans.x), dtype=bool)
    for row in all_limits(facts):
        if not includes_routes(facts, row) and row["measure"] != "paid":  # what funds pay is looked for at the end
            keep &= limit_holds(facts, plans, row)
    for row in facts.nations:
        if read_value(row, "max_posts") is not None:
            n = facts.nations.index(row)
            keep &= (presence(facts, plans)[:, n].sum(axis=1) <= number(row, "max_posts")).all(axis=1)
    return keep


def limit_holds(facts: Facts, plans: Plans, row: Row) -> np.ndarray:
    measure, horizon = row["measure"], read_value(row, "per", "period") == "horizon"
    inside = in_force(facts, row)
    if measure == "burden_gap":
        spread = shares(facts, burden(facts, plans, "cost"))
        return np.ones(len(plans.x), dtype=bool) if spread is None else gap_of(*spread) <= float(row["maximum"]) + TOL
    if measure == "fulfilment":
        return fulfilment_holds(facts, plans, row)
    if measure == "ready":
        return within(ready(facts, plans, row)[:, inside], row)
    mask = select(facts, row)
    if measure in {"nations", "posts"}:
        pattern = "aprt,np->ant" if measure == "nations" else "aprt,nr->ant"
        per = np.einsum(pattern, plans.x * mask, facts.by_nation if measure == "nations" else facts.by_post)
        return within((per.sum(axis=2) > 0).sum(axis=1) if horizon else (per > 0).sum(axis=1)[:, inside], row)
    if measure.endswith("_share"):
        amount = amounts(facts, plans, measure.removesuffix("_share"))
        part, whole = (amount * mask).sum(axis=(1, 2))[:, inside], amount.sum(axis=(1, 2))[:, inside]
        if horizon:
            part, whole = part.sum(axis=1), whole.sum(axis=1)
        keep = np.ones(part.shape, dtype=bool)
        if read_value(row, "minimum") is not None:
            keep &= part >= number(row, "minimum") * whole - TOL
        if read_value(row, "maximum") is not None:
            keep &= part <= number(row, "maximum") * whole + TOL
        return keep.reshape(len(keep), -1).all(axis=1)
    amount = (amounts(facts, plans, measure) * mask).sum(axis=(1, 2))
    instruments = np.zeros(len(plans.x))
    if not filled_selectors(row) and measure in {"cost", "escalation"}:
        instruments = instrument_sum(facts, plans, measure)
    if measure == "cost":  # spread evenly over the horizon; escalation is not
        instruments = instruments * (inside.sum() if horizon else 1) / facts.horizon
    if not horizon:
        return within((amount + instruments[:, None])[:, inside], row)
    return within(amount.sum(axis=1) + instruments + limit_participation(facts, plans, row), row)


def ready(facts: Facts, plans: Plans, row: Row) -> np.ndarray:
    """Units at home and rested of the selected pledges (plan, t): of each in its window, while its condition holds."""
    total = np.zeros((len(plans.x), facts.horizon))
    for p, (pledge, unit_type) in enumerate(zip(facts.pledges, facts.types, strict=True)):
        tags = words(unit_type.get("tags")) | words(pledge.get("tags"))
        chosen = (
            nation_selected(facts, row, pledge["nation"])
            and picks(row.get("unit_type"), {pledge["unit_type"]})
            and picks(row.get("tag"), tags)
            and picks(row.get("domain"), {read_value(unit_type, "domain", "land")})
        )
        if not chosen:
            continue
        touring = facts.horizon > 1 and read_value(pledge, "tour") is not None
        for t, inside in enumerate(in_force(facts, pledge)):
            if not inside:
                continue
            if touring:
                cycle = int(pledge["tour"]) + int(read_value(pledge, "dwell", 0))
                out = plans.moves[:, p, :, max(0, t - cycle + 1) : t + 1].sum(axis=(1, 2))
                out = out + (int(read_value(pledge, "deployed_at_start", 0)) if t + 1 <= cycle - 1 else 0)
                total[:, t] += int(pledge["quantity"]) - out
            else:
                total[:, t] += usable(facts, pledge) - plans.x[:, p, :, t].sum(axis=1)
    return total


def usable(facts: Facts, pledge: Row) -> int:
    """Most units of a pledge without tours that can be present at a time."""
    factor, tour = Fraction(1), read_value(pledge, "tour")
    if facts.horizon == 1 and tour is not None:
        factor = Fraction(int(tour) + int(read_value(pledge, "dwell", 0)), int(tour))
    if read_value(pledge, "rotation_factor") is not None:
        factor = Fraction(str(pledge["rotation_factor"]))
    return floor(int(pledge["quantity"]) / factor)


def limit_participation(facts: Facts, plans: Plans, row: Row) -> np.ndarray:
    """Participation costs in a limit over the whole horizon."""
    total = np.zeros(len(plans.x))
    filled = filled_selectors(row)
    whole = read_value(row, "per", "period") == "horizon" and in_force(facts, row).all()
    if not whole or row["measure"] != "cost" or not filled <= {"nation", "group", "mission", "area", "host"}:
        return total
    for n, nation in enumerate(facts.nations):
        if not nation_selected(facts, row, nation["nation"]):
            continue
        if filled <= {"nation", "group"}:
            total += takes_part(facts, plans)[:, n] * number(nation, "participation_cost")
        for j, post in enumerate(facts.posts):
            if post_selected(facts, row, *post):
                serves = presence(facts, plans)[:, n, j].any(axis=1)
                total += serves * float(pair_value(facts, nation["nation"], post, "cost", 0.0))
    return total


def instrument_sum(facts: Facts, plans: Plans, column: str) -> np.ndarray:
    return plans.used @ np.array([number(row, column) for row in facts.instruments])


def line_shares(facts: Facts, plans: Plans) -> np.ndarray:
    """fulfilled / target (plan, r, t); 0 where the post is not mounted."""
    target = np.array([float(row["target"]) for row in facts.lines])[:, None]
    mounted = np.einsum("ajt,jr->art", plans.mounted, facts.by_post) > 0
    return np.where(mounted & facts.active, np.minimum(plans.delivered, target), 0.0) / target


def fulfilment_holds(facts: Facts, plans: Plans, row: Row) -> np.ndarray:
    inside = in_force(facts, row)
    chosen = np.array([line_selected(facts, row, line) for line in facts.lines])
    weight = np.array([number(line, "weight", 1.0) for line in facts.lines])
    mass = weight[:, None] * (facts.active & chosen[:, None] & inside)  # r, t
    reached = line_shares(facts, plans) * mass
    least = number(row, "minimum")
    if read_value(row, "per", "period") == "horizon":
        return reached.sum(axis=(1, 2)) >= least * mass.sum() - TOL
    return (reached.sum(axis=1) >= least * mass.sum(axis=0) - TOL).all(axis=1)


def presence(facts: Facts, plans: Plans) -> np.ndarray:
    """At least one unit of the nation at the post (plan, n, j, t)."""
    return np.einsum("aprt,np,jr->anjt", plans.x, facts.by_nation, facts.by_post) > 0


def personnel_at(facts: Facts, plans: Plans) -> np.ndarray:
    return np.einsum("aprt,np,jr->anjt", amounts(facts, plans, "personnel"), facts.by_nation, facts.by_post)


def takes_part(facts: Facts, plans: Plans) -> np.ndarray:
    return np.einsum("aprt,np->an", plans.x, facts.by_nation) > 0


def participation(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 5: contingents, number of nations, shares (ceilings are limits)."""
    keep = np.ones(len(plans.x), dtype=bool)
    present, people = presence(facts, plans), personnel_at(facts, plans)
    for j, post in enumerate(facts.posts):
        row = post_row(facts, post)
        here = present[:, :, j].sum(axis=1)  # plan, t
        if read_value(row, "min_nations") is not None:
            keep &= ((here >= number(row, "min_nations")) | ~plans.mounted[:, j]).all(axis=1)
        if read_value(row, "max_nations") is not None:
            keep &= ((here <= number(row, "max_nations")) | ~plans.mounted[:, j]).all(axis=1)
        if read_value(row, "max_share") is not None:
            most = number(row, "max_share") * people[:, :, j].sum(axis=1)
            keep &= (people[:, :, j] <= most[:, None] + TOL).all(axis=(1, 2))
        for n, nation in enumerate(facts.nations):
            own = number(nation, "min_contingent")
            least = float(pair_value(facts, nation["nation"], post, "min_contingent", own))
            keep &= ((people[:, n, j] >= least - TOL) | ~present[:, n, j]).all(axis=1)
    return keep


def steadiness(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 12: least stays of posts and of nations at posts, largest drops of lines, commitments of pledges."""
    keep = np.ones(len(plans.x), dtype=bool)
    present, active = presence(facts, plans), post_active(facts)
    for j, post in enumerate(facts.posts):
        keep &= stays_long(plans.mounted[:, j], active[j], int(number(post_row(facts, post), "min_stay", 1)))
        for n, nation in enumerate(facts.nations):
            own = number(nation, "min_stay", 1)
            least = int(pair_value(facts, nation["nation"], post, "min_stay", own))
            keep &= stays_long(present[:, n, j], active[j], least)
    for r, line in enumerate(facts.lines):
        if read_value(line, "max_drop") is not None:
            most = number(line, "max_drop") * number(line, "target")
            for t in range(facts.horizon - 1):
                if facts.active[r, t] and facts.active[r, t + 1]:
                    keep &= plans.delivered[:, r, t + 1] >= plans.delivered[:, r, t] - most - TOL
    for p, pledge in enumerate(facts.pledges):
        for t in np.flatnonzero(in_force(facts, pledge)):
            keep &= plans.x[:, p, :, t].sum(axis=1) >= number(pledge, "committed")
    return keep


def agreed(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 15: exactly, or at least, so many units of the pledge on the line, in each period of the window."""
    keep = np.ones(len(plans.x), dtype=bool)
    for row in facts.tables.get("agreed", []):
        p = next(p for p, pledge in enumerate(facts.pledges) if pledge["pledge"] == row["pledge"])
        r = next(r for r, line in enumerate(facts.lines) if line["requirement"] == row["requirement"])
        least = number(row, "units")
        most = np.inf if read_value(row, "kind", "exactly") == "at_least" else least
        for t, inside in enumerate(in_force(facts, row)):
            if inside:
                keep &= (least <= plans.x[:, p, r, t]) & (plans.x[:, p, r, t] <= most)
    return keep


def stays_long(holds: np.ndarray, active: np.ndarray, least: int) -> np.ndarray:
    """Whether whatever begins to hold in a block goes on for so many periods, or to the block's end (plan)."""
    keep = np.ones(len(holds), dtype=bool)
    for block in blocks(active):
        for t in block:
            begins = holds[:, t] & (~holds[:, t - 1] if t > block[0] else True)
            for later in range(t, min(t + least - 1, block[-1]) + 1):
                keep &= ~begins | holds[:, later]
    return keep


def turnover(facts: Facts, plans: Plans) -> np.ndarray:
    """Spells of presence of nations at posts (plan)."""
    present, active = presence(facts, plans), post_active(facts)
    total = np.zeros(len(plans.x))
    for j in range(len(facts.posts)):
        for block in blocks(active[j]):
            for t in block:
                begins = present[:, :, j, t] & (~present[:, :, j, t - 1] if t > block[0] else True)
                total += begins.sum(axis=1)
    return total


def leads(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 6: in each term with a mounted period some nation can lead."""
    keep = np.ones(len(plans.x), dtype=bool)
    present, people = presence(facts, plans), personnel_at(facts, plans)
    for j, post in enumerate(facts.posts):
        row = post_row(facts, post)
        if read_value(row, "lead", "none") != "required":
            continue
        term = int(read_value(row, "lead_term", facts.horizon))
        least = number(row, "lead_min_share") * people[:, :, j].sum(axis=1)  # plan, t
        for start in range(0, facts.horizon, term):
            block = slice(start, start + term)
            mounted = plans.mounted[:, j, block]
            led = ~mounted.any(axis=1)
            for n, nation in enumerate(facts.nations):
                if truth(pair_value(facts, nation["nation"], post, "may_lead", False)):
                    fit = present[:, n, j, block] & (people[:, n, j, block] >= least[:, block] - TOL)
                    led |= (fit | ~mounted).all(axis=1)
            keep &= led
    return keep


def links(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 7."""
    keep = np.ones(len(plans.x), dtype=bool)
    present = presence(facts, plans)
    names = [row["nation"] for row in facts.nations]
    for row in facts.tables.get("links", []):
        if not condition(facts.holds, row, facts.horizon).any():
            continue
        scope = [j for j, post in enumerate(facts.posts) if post_selected(facts, row, *post)]
        serves = present[:, :, scope].any(axis=(2, 3))
        members = facts.groups.get(row["other"], {row["other"]})
        for n, nation in enumerate(names):
            if not picks(row["nation"], {nation}):
                continue
            others = serves[:, [k for k, name in enumerate(names) if name in members and k != n]]
            if row["kind"] == "needs":
                keep &= ~serves[:, n] | others.all(axis=1)
            elif row["kind"] == "excludes":
                keep &= ~serves[:, n] | ~others.any(axis=1)
            else:
                keep &= ~serves[:, n] | (others.sum(axis=1) >= int(row["count"]))
    return keep


def enablers(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 8; soft rows forbid nothing."""
    keep = np.ones(len(plans.x), dtype=bool)
    people = amounts(facts, plans, "personnel")
    for row in facts.tables.get("enablers", []):
        if not truth(read_value(row, "hard", True)):
            continue
        fits = select(facts, {"tag": row.get("applies_to")})
        columns = {"post": ("mission", "area"), "area": ("area",), "mission": ("mission",)}
        keys = columns[read_value(row, "scope", "post")]
        place = [tuple(line[key] for key in keys) for line in facts.lines]
        for here in set(place):
            there = np.array([at == here for at in place])
            of_capability = np.array([line["capability"] == row["capability"] for line in facts.lines])
            support = plans.delivered[:, there & of_capability].sum(axis=1)
            demand = (people * fits)[:, :, there].sum(axis=(1, 2)) * float(row["per_personnel"])
            keep &= (support >= demand - TOL).all(axis=1)
    return keep


def sponsors(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 10: every sponsor of an instrument in use takes part."""
    keep = np.ones(len(plans.x), dtype=bool)
    part = takes_part(facts, plans)
    names = [row["nation"] for row in facts.nations]
    for i, row in enumerate(facts.instruments):
        for sponsor in words(row.get("sponsors")):
            keep &= (plans.used[:, i] == 0) | part[:, names.index(sponsor)]
    return keep


# ---------------------------------------------------------------- movement (family 9)


@dataclass(frozen=True)
class Budget:
    """A bound on the route costs over some periods."""

    periods: np.ndarray
    low: float
    high: float


def movement(facts: Facts, plans: Plans, most: int = 400) -> np.ndarray:
    """Family 9: a flow exists; its least cost is written into `plans.route_cost`."""
    keep = np.ones(len(plans.x), dtype=bool)
    if not facts.tables.get("routes"):
        return keep
    lift = np.array([number(row, "lift") for row in facts.types])[:, None, None]
    loads = (plans.moves + plans.back) * lift + amounts(facts, plans, "sustainment")
    areas = sorted(facts.areas)
    at_area = np.array([[float(line["area"] == area) for line in facts.lines] for area in areas])
    demand = np.einsum("aprt,np,dr->atnd", loads, facts.by_nation, at_area).round(9)
    for n, nation in enumerate(facts.nations):
        gateway = read_value(nation, "gateway")
        demand[:, :, n, [area == gateway or gateway is None for area in areas]] = 0.0
    coupled: list[tuple[Row, np.ndarray]] = []  # the rows, each with the periods that it sums
    for row in all_limits(facts):
        if includes_routes(facts, row):
            inside = in_force(facts, row)
            if read_value(row, "per", "period") == "horizon":
                coupled.append((row, inside))
            else:
                coupled += [(row, np.arange(facts.horizon) == t) for t in np.flatnonzero(inside)]
    bases = [
        amounts(facts, plans, "cost").sum(axis=(1, 2))[:, periods].sum(axis=1)
        + limit_participation(facts, plans, row)
        + instrument_sum(facts, plans, "cost") * periods.sum() / facts.horizon
        for row, periods in coupled
    ]
    known: dict[tuple[int, bytes], np.ndarray | None] = {}
    solved = 0
    for a in range(len(plans.x)):
        paid: np.ndarray | None = np.zeros((facts.horizon, len(facts.nations)))
        for t in range(facts.horizon):
            key = (t, demand[a, t].tobytes())
            if key not in known:
                solved += 1
                known[key] = cheapest_flow(facts, demand[a], areas, [t], [])
            cost = known[key]
            if cost is None:
                paid = None
                break
            paid[t] = cost[t]  # type: ignore[index]
        if paid is not None and coupled:
            budgets = [
                Budget(
                    periods,
                    float(read_value(row, "minimum", -np.inf)) - base[a],
                    float(read_value(row, "maximum", np.inf)) - base[a],
                )
                for (row, periods), base in zip(coupled, bases, strict=True)
            ]
            spent = [float(paid[budget.periods].sum()) for budget in budgets]
            if any(not b.low - TOL <= s <= b.high + TOL for b, s in zip(budgets, spent, strict=True)):
                hopeless = any(b.high < -TOL for b in budgets)
                solved += not hopeless
                paid = None if hopeless else cheapest_flow(facts, demand[a], areas, list(range(facts.horizon)), budgets)
        if solved > most:
            raise TooLarge(f"more than {most} flows")
        keep[a] = paid is not None
        plans.route_cost[a] = 0.0 if paid is None else paid.sum()
    return keep


def cheapest_flow(
    facts: Facts, demand: np.ndarray, areas: list[str], periods: list[int], budgets: list[Budget]
) -> np.ndarray | None:
    """Route cost (t, n) of a cheapest flow for demand (t, n, area) in the periods, or None where there is none."""
    names = [row["nation"] for row in facts.nations]
    paid = np.zeros(demand.shape[:2])
    commodities = [(t, n, d) for t in periods for n, d in zip(*np.nonzero(demand[t]), strict=True)]
    if not commodities:
        slack = all(b.low <= TOL and b.high >= -TOL for b in budgets)
        return paid if slack else None
    routes = facts.tables["routes"]
    columns = [
        (c, k) for c, (t, _, _) in enumerate(commodities) for k, row in enumerate(routes) if in_force(facts, row)[t]
    ]
    if not columns:
        return None
    price = np.array([number(routes[k], "cost") for _, k in columns])
    equal, right = np.zeros((len(commodities) * len(areas), len(columns))), np.zeros(len(commodities) * len(areas))
    for v, (c, k) in enumerate(columns):
        equal[c * len(areas) + areas.index(routes[k]["origin"]), v] += 1.0
        equal[c * len(areas) + areas.index(routes[k]["destination"]), v] -= 1.0
    for c, (t, n, d) in enumerate(commodities):
        right[c * len(areas) + areas.index(facts.nations[n]["gateway"])] += demand[t, n, d]
        right[c * len(areas) + d] -= demand[t, n, d]
    upper, bound = [], []
    for t, (k, route) in itertools.product(periods, enumerate(routes)):
        if read_value(route, "capacity") is not None:
            upper.append([float(commodities[c][0] == t and at == k) for c, at in columns])
            bound.append(float(route["capacity"]))
    for budget in budgets:
        row = np.array([float(budget.periods[commodities[c][0]]) for c, _ in columns]) * price
        for sign, limit in ((1.0, budget.high), (-1.0, budget.low)):
            if np.isfinite(limit):
                upper.append(list(sign * row))
                bound.append(sign * limit)
    result = linprog(price, A_ub=upper or None, b_ub=bound or None, A_eq=equal, b_eq=right, method="highs")
    if result.status == 2:
        return None
    if result.status != 0:
        raise RuntimeError(f"flow of {names}: {result.message}")
    for v, (c, _) in enumerate(columns):
        t, n, _ = commodities[c]
        paid[t, n] += price[v] * result.x[v]
    return paid


# ---------------------------------------------------------------- funding (family 13)


class Funds:
    """What funds may pay in each plan: one small linear program per plan, over amounts (fund, nation)."""

    def __init__(self, facts: Facts, plans: Plans) -> None:
        self.facts, self.plans = facts, plans
        self.cost = np.einsum("aprt,np->an", amounts(facts, plans, "cost"), facts.by_nation)
        self.cost = self.cost + participation_costs(facts, plans)
        names = [row["nation"] for row in facts.nations]
        funds = [row for row in facts.tables.get("funding", []) if in_force(facts, row).any()]
        self.columns = [(f, n) for f, row in enumerate(funds) for n, name in enumerate(names) if name != row["payer"]]
        each = amounts(facts, plans, "cost")
        self.most = np.zeros((len(plans.x), len(self.columns)))
        for v, (f, n) in enumerate(self.columns):
            mine = select(facts, funds[f]) & (facts.by_nation[n] > 0)[:, None, None]
            self.most[:, v] = number(funds[f], "share", 1.0) * (each * mine).sum(axis=(1, 2, 3))
        # transfers[n] · amounts: what nation n pays for others less what it receives
        self.transfers = np.zeros((len(names), len(self.columns)))
        for v, (f, n) in enumerate(self.columns):
            self.transfers[n, v] -= 1.0
            if funds[f]["payer"] in names:
                self.transfers[names.index(funds[f]["payer"]), v] += 1.0
        self.in_all = [
            (np.array([float(at == f) for at, _ in self.columns]), float(row["maximum"]))
            for f, row in enumerate(funds)
            if read_value(row, "maximum") is not None
        ]
        self.limits = [
            (np.array([float(nation_selected(facts, row, name)) for name in names]), row)
            for row in all_limits(facts)
            if row["measure"] == "paid"
        ]

    def rows(self, a: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows left · amounts ≤ side that plan a asks for, and what each nation's services cost in it."""
        left, side = [np.eye(len(self.columns))], [self.most[a]]
        for row, most in self.in_all:
            left.append(row[None])
            side.append(np.array([most]))
        for chosen, row in self.limits:
            spent, change = float(chosen @ self.cost[a]), chosen @ self.transfers
            if read_value(row, "maximum") is not None:
                left.append(change[None])
                side.append(np.array([float(row["maximum"]) - spent]))
            if read_value(row, "minimum") is not None:
                left.append(-change[None])
                side.append(np.array([spent - float(row["minimum"])]))
        return np.concatenate(left), np.concatenate(side), self.cost[a]

    def possible(self) -> np.ndarray:
        """Whether there are amounts with which every budget and limit on what is paid is kept (plan)."""
        keep = np.ones(len(self.plans.x), dtype=bool)
        known: dict[bytes, bool] = {}
        for a in range(len(self.plans.x)):
            left, side, cost = self.rows(a)
            if not self.columns:
                keep[a] = bool((side >= -TOL).all())
                continue
            key = np.concatenate([side, cost]).round(9).tobytes()
            if key not in known:
                found = linprog(np.zeros(len(self.columns)), A_ub=left, b_ub=side + TOL / 10, method="highs")
                known[key] = found.status == 0
            keep[a] = known[key]
        return keep

    def gaps(self, variant: str) -> np.ndarray:
        """The least burden gap of what is paid that amounts can give (plan)."""
        key = np.array([number(row, "fair_share") for row in self.facts.nations])
        counted = np.flatnonzero(key > 0)
        gaps = np.zeros(len(self.plans.x))
        if not len(counted):
            return gaps
        key = key[counted] / key[counted].sum()
        known: dict[bytes, float] = {}
        for a in range(len(self.plans.x)):
            left, side, cost = self.rows(a)
            at = np.concatenate([side, cost]).round(9).tobytes()
            if at not in known:
                known[at] = self.gap(left, side, cost[counted], self.transfers[counted], key, variant)
            gaps[a] = known[at]
        return gaps

    def gap(
        self,
        left: np.ndarray,
        side: np.ndarray,
        cost: np.ndarray,
        change: np.ndarray,
        key: np.ndarray,
        variant: str,
    ) -> float:
        """The least gap at one plan: with total 1 in place of what all pay together, and amounts and costs stretched alike by s ≥ 0."""
        width, nations = len(self.columns), len(key)
        total = change.sum(axis=0)
        if width:
            low = linprog(total, A_ub=left, b_ub=side + TOL / 10, method="highs")
            if low.status != 0:
                return np.inf
            least = float(low.fun) + cost.sum()
        else:
            least = cost.sum()
        if least <= TOL:
            return 0.0
        # columns: stretched amounts, s, then the largest ratio or one deviation per nation
        more = 1 if variant == "ratio" else nations
        upper = [np.concatenate([row, [-b], np.zeros(more)]) for row, b in zip(left, side, strict=True)]
        bound = [0.0] * len(upper)
        for n in range(nations):
            for sign in (1.0,) if variant == "ratio" else (1.0, -1.0):
                own = np.concatenate([sign * change[n], [sign * cost[n]], np.zeros(more)])
                own[width + 1 + (0 if variant == "ratio" else n)] = -key[n] if variant == "ratio" else -1.0
                upper.append(own)
                bound.append(0.0 if variant == "ratio" else sign * key[n])
        equal = np.concatenate([total, [cost.sum()], np.zeros(more)])
        price = np.concatenate([np.zeros(width + 1), np.ones(more)])
        found = linprog(price, A_ub=upper, b_ub=bound, A_eq=[equal], b_eq=[1.0], method="highs")
        if found.status != 0:
            raise RuntimeError(f"burden of what is paid: {found.message}")
        return float(found.fun)


def funding(facts: Facts, plans: Plans) -> np.ndarray:
    """Family 13: amounts that funds pay exist with which budgets and limits on what is paid are kept."""
    funds = Funds(facts, plans)
    return funds.possible() if funds.limits else np.ones(len(plans.x), dtype=bool)


# ---------------------------------------------------------------- aims and burden (family 11)


def participation_costs(facts: Facts, plans: Plans) -> np.ndarray:
    """Nation's and pairs' participation costs (plan, n)."""
    total = takes_part(facts, plans) * np.array([number(row, "participation_cost") for row in facts.nations])
    serves = presence(facts, plans).any(axis=3)
    for (n, nation), (j, post) in itertools.product(enumerate(facts.nations), enumerate(facts.posts)):
        total[:, n] += serves[:, n, j] * float(pair_value(facts, nation["nation"], post, "cost", 0.0))
    return total


def burden(facts: Facts, plans: Plans, measure: str) -> np.ndarray:
    """Each nation's burden (plan, n)."""
    own = np.einsum("aprt,np->an", amounts(facts, plans, measure), facts.by_nation)
    return own + participation_costs(facts, plans) if measure == "cost" else own


def shares(facts: Facts, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Shares of the burden (plan, n; zero where nobody bears any) and of the key, among nations with a fair share."""
    key = np.array([number(row, "fair_share") for row in facts.nations])
    counted = key > 0
    if not counted.any():
        return None
    amount, key = amount[:, counted], key[counted] / key[counted].sum()
    total = amount.sum(axis=1, keepdims=True)
    return np.divide(amount, total, out=np.zeros_like(amount), where=total > TOL), key


def gap_of(share: np.ndarray, key: np.ndarray) -> np.ndarray:
    return (share / key).max(axis=1)


def deviation_of(share: np.ndarray, key: np.ndarray) -> np.ndarray:
    return np.where(share.sum(axis=1) > 0, np.abs(share - key).sum(axis=1), 0.0)


def mission_scores(facts: Facts, plans: Plans, scope: Row) -> tuple[np.ndarray, list[float]]:
    """Scores (plan, mission) and weights of the missions in scope that have a line that counts."""
    weight = np.array([number(line, "weight", 1.0) for line in facts.lines])
    reached = line_shares(facts, plans)
    scores, weights = [], []
    for mission in facts.tables["missions"]:
        mine = np.array([line["mission"] == mission["mission"] for line in facts.lines]) & (weight > 0)
        counts = facts.active & mine[:, None]
        periods = [t for t in range(facts.horizon) if counts[:, t].any()]
        if not periods or not picks(scope.get("mission"), {mission["mission"]}):
            continue
        by_period = []
        for t in periods:
            of_line, of_weight = reached[:, counts[:, t], t], weight[counts[:, t]]
            weakest = read_value(mission, "score", "mean") == "weakest"
            by_period.append(of_line.min(axis=1) if weakest else of_line @ of_weight / of_weight.sum())
        scores.append(np.mean(by_period, axis=0))
        weights.append(number(mission, "weight", 1.0))
    return np.array(scores).reshape(len(weights), len(plans.x)).T, weights


def aims_in_order(facts: Facts, header: Row) -> list[Row]:
    """The header's aims by priority, or the default ones."""
    aims = header.get("aims") or []
    if not aims:
        keyed = {row["nation"] for row in facts.nations if read_value(row, "fair_share") is not None}
        names = ["coverage", "cost"]
        if {row["nation"] for row in facts.pledges} <= keyed:
            names.insert(1, "burden_gap")
        aims = [{"name": name, "priority": k} for k, name in enumerate(names, start=1)]
    return sorted(aims, key=lambda aim: int(read_value(aim, "priority", 1)))


def aim_value(facts: Facts, plans: Plans, aim: Row, baseline: list[Row] | None) -> np.ndarray:
    """The aim's value for every plan."""
    name, scope = aim["name"], aim.get("scope") or {}
    if name == "coverage":
        scores, weights = mission_scores(facts, plans, scope)
        return 100.0 * scores @ np.array(weights) / sum(weights) if sum(weights) > 0 else np.zeros(len(plans.x))
    if name == "weakest_mission":
        scores, weights = mission_scores(facts, plans, scope)
        counted = [k for k, weight in enumerate(weights) if weight > 0]
        return scores[:, counted].min(axis=1) if counted else np.zeros(len(plans.x))
    if name in {"cost", "personnel", "escalation"}:
        total = (amounts(facts, plans, name) * select(facts, scope)).sum(axis=(1, 2, 3))
        if not scope and name != "personnel":
            total = total + instrument_sum(facts, plans, name)
        if not scope and name == "cost":
            total = total + participation_costs(facts, plans).sum(axis=1) + plans.route_cost
        return total
    if name == "burden_gap" and aim.get("measure") == "paid":
        return Funds(facts, plans).gaps(read_value(aim, "variant", "ratio"))
    if name == "burden_gap":
        spread = shares(facts, burden(facts, plans, read_value(aim, "measure", "cost")))
        if spread is None:
            return np.zeros(len(plans.x))
        return deviation_of(*spread) if read_value(aim, "variant", "ratio") == "deviation" else gap_of(*spread)
    if name == "changes":
        return changes_of(facts, plans, aim, baseline or [])
    if name == "turnover":
        return turnover(facts, plans)
    return takes_part(facts, plans).sum(axis=1).astype(float)  # nations


def changes_of(facts: Facts, plans: Plans, aim: Row, baseline: list[Row]) -> np.ndarray:
    """Weighted unit-periods that differ from the baseline."""
    before = np.zeros(facts.admissible.shape)
    names = [row["pledge"] for row in facts.pledges], [row["requirement"] for row in facts.lines]
    for row in baseline:
        before[names[0].index(row["pledge"]), names[1].index(row["requirement"]), int(row["period"]) - 1] += row[
            "units"
        ]
    weights = aim.get("weights") or {}
    per_pledge = np.array([float(weights.get(row["nation"], 1.0)) for row in facts.pledges])
    return np.abs(plans.x - before).sum(axis=(2, 3)) @ per_pledge


def assignments(facts: Facts, x: np.ndarray) -> list[Row]:
    """One plan as rows pledge, requirement, period, units."""
    return [
        {
            "pledge": facts.pledges[p]["pledge"],
            "requirement": facts.lines[r]["requirement"],
            "period": int(t) + 1,
            "units": int(x[p, r, t]),
        }
        for p, r, t in zip(*np.nonzero(x), strict=True)
    ]
