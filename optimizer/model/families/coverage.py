r"""Family 2: coverage, thresholds and mounting.

With the share $\varphi_{rt}=f_{rt}/d_{rt}$ of the target that counts,

$$\varphi_{rt}\le\sum_p\min\!\big(1,\tfrac{\eta_{u(p)c(r)}}{d_{rt}}\big)x_{prt}+\sum_{b:\,t\in T_b}\tfrac{\eta_{bc(r)}}{d_{rt}}v_b,\qquad
\varphi_{rt}\le g_{jt},\qquad \varphi_{rt}\ge\tfrac{\theta_{rt}}{d_{rt}}\,g_{jt},$$

with $T_b$ the periods in which the condition of instrument $b$ is true; and nothing is deployed to a post that is not mounted:
$\sum_{p,r\in j}x_{prt}\le U_{jt}\,g_{jt}$. A *must* post has $g_{jt}=1$.
Continuity: $g_{jt}\le g_{j,t+1}$. The yield of one unit counts at most as the whole target, which cuts nothing off because $x$ is whole and
$\varphi\le1$. Where mounting changes nothing (no thresholds, no lead, no minimum number of nations) $g$ is not created.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.instance.rule import Rule, rule_id, rule_of
from optimizer.instance.situation import Post, PostKey, Situation
from optimizer.instance.wording import sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.units import Units, most_units
from optimizer.model.family import Assembly, Columns, Family, Rows, states
from optimizer.model.linear import FloatArray, IntArray, Key
from optimizer.model.pairs import Name, numbers


@dataclass(frozen=True)
class Coverage:
    """Columns of the shares (`share[line, period]`) and of mounting (`mounted[post, period]`; absent: always mounted)."""

    share: Mapping[tuple[str, int], int]
    mounted: Mapping[tuple[PostKey, int], int]


def index_lines(situation: Situation) -> list[tuple[str, int]]:
    """(line, period) for every period in which the line is active."""
    return [(line.name, period) for line in situation.lines.values() for period in range(line.first, line.last + 1)]


def mounting_matters(situation: Situation, post: Post) -> bool:
    """Whether it makes a difference if the post is mounted: it may stay unmounted, and mounting asks for something."""
    if post.must:
        return False
    asks = post.min_nations > 0 or post.lead_required
    return asks or any(situation.lines[line].threshold > 0 for line in post.lines)


def index_mounting(situation: Situation) -> list[tuple[PostKey, int]]:
    """(post, period) for which mounting is a decision."""
    return [
        (post.key, period)
        for post in situation.posts.values()
        if mounting_matters(situation, post)
        for period in post.periods
    ]


def add(builder: ModelBuilder, situation: Situation, units: Units, instruments: Mapping[str, int]) -> Coverage:
    """Add `share` and `mounted` with their rows (`delivered`, `within_mounting`, `threshold`, `only_if_mounted`, `continuity`)."""
    share = builder.add_columns("share", index_lines(situation), upper=1.0)
    mounting = index_mounting(situation)
    columns = builder.add_columns("mounted", [(*post, period) for post, period in mounting], integer=True)
    mounted = dict(zip(mounting, columns.values(), strict=True))
    _add_delivered(builder, situation, units, instruments, share)
    for (name, period), column in share.items():
        line = situation.lines[name]
        gate = mounted.get((line.post, period))
        least = line.threshold / line.target
        if gate is not None:
            builder.add_row("within_mounting", (name, period), [column, gate], [1.0, -1.0], upper=0.0)
            if least > 0:
                builder.add_row("threshold", (name, period), [column, gate], [1.0, -least], lower=0.0)
        elif least > 0:
            builder.add_row("threshold", (name, period), [column], [1.0], lower=least)
    _add_only_if_mounted(builder, situation, units, mounted)
    for rules in situation.posts.values():
        if rules.continuity:
            for period in rules.periods:
                now, later = mounted.get((rules.key, period)), mounted.get((rules.key, period + 1))
                if now is not None and later is not None:
                    builder.add_row("continuity", (*rules.key, period), [now, later], [1.0, -1.0], upper=0.0)
    return Coverage(share, mounted)


def _add_delivered(
    builder: ModelBuilder,
    situation: Situation,
    units: Units,
    instruments: Mapping[str, int],
    share: Mapping[tuple[str, int], int],
) -> None:
    pairs, here = units.pairs, units.here
    row = _places(situation, numbers(situation.lines), share)
    targets = np.array([line.target for line in pairs.lines])[pairs.line]
    yields = -np.minimum(1.0, pairs.amounts("yield") / targets)
    entries = [
        (np.arange(len(share)), np.array(list(share.values()), dtype=np.int64), 1.0),
        (row[pairs.line[here.pair], here.period], here.column, yields[here.pair]),
    ]
    for instrument in situation.instruments:
        for place, line in enumerate(situation.lines.values()):
            amount = instrument.yields.get(line.name, 0.0)
            if amount > 0:
                rows = row[place, [t for t in range(line.first, line.last + 1) if t in instrument.periods]]
                helping = np.full(len(rows), instruments[instrument.name])
                entries.append((rows, helping, -min(1.0, amount / line.target)))
    builder.add_rows("delivered", list(share), entries, upper=0.0)


def _add_only_if_mounted(
    builder: ModelBuilder, situation: Situation, units: Units, mounted: Mapping[tuple[PostKey, int], int]
) -> None:
    """Units only where the post is mounted: at most as many as all pledges can have there."""
    place = _places(situation, numbers(situation.posts), mounted)[units.pairs.post[units.here.pair], units.here.period]
    here, place = units.here.where(place >= 0), place[place >= 0]
    used, row = np.unique(place, return_inverse=True)
    gates = list(mounted.items())
    where, _, most = most_units(builder, units, here, row)
    altogether: FloatArray = np.bincount(where, weights=most, minlength=len(used)).astype(np.float64)
    builder.add_rows(
        "only_if_mounted",
        [(*gates[one][0][0], gates[one][0][1]) for one in used.tolist()],
        [
            (row, here.column, 1.0),
            (
                np.arange(len(used)),
                np.array([gates[one][1] for one in used.tolist()], dtype=np.int64),
                -altogether,
            ),
        ],
        upper=0.0,
    )


def _places(situation: Situation, names: Mapping[Name, int], keys: Iterable[tuple[Name, int]]) -> IntArray:
    """The place of each (name, period) among the keys; -1 where it is not one."""
    found = np.full((len(names), situation.horizon + 2), -1, dtype=np.int64)
    for place, (name, period) in enumerate(keys):
        found[names[name], period] = place
    return found


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("requirements"):
        line, post = situation.lines[row["requirement"]], words.post(row)
        if line.threshold > 0:
            text = f"{post} cannot be mounted with less than {line.threshold:,.10g} of {words.name('capability', line.capability)}"
            yield rule_of("requirements", row, "threshold", "threshold", sentence(text, words.when(row)), bend="lower")
        for column, said in (("from", "from"), ("until", "until")):
            if row[column] is not None and row[column] != {"from": 1, "until": situation.horizon}[column]:
                text = f"{words.name('capability', line.capability)} is asked for at {post} {said} period {row[column]}"
                yield rule_of(
                    "requirements", row, column, "window", sentence(text + (" on" if column == "from" else ""))
                )
    for row in tables.rows("posts"):
        if row["must"] and (row["mission"], row["area"]) in situation.posts:
            text = f"{words.post(row)} must be mounted in every period of its window"
            yield rule_of("posts", row, "must", "must", sentence(text), bend="lift")
    for row in tables.rows("missions"):
        if row["continuity"] and any(mission == row["mission"] for mission, _ in situation.posts):
            text = f"once mounted, a post of the mission {words.name('mission', row['mission'])} stays mounted until its window ends"
            yield rule_of("missions", row, "continuity", "continuity", sentence(text))


def _threshold(situation: Situation, key: Key) -> tuple[str, ...]:
    """The threshold of the line, and at a post that must be mounted the rule that says so."""
    must = situation.posts[situation.lines[str(key[0])].post]
    more = (rule_id("posts", f"{must.mission}:{must.area}", "must"),) if must.must else ()
    return (rule_id("requirements", str(key[0]), "threshold"), *more)


def _add(assembly: Assembly) -> None:
    assembly.coverage = add(assembly.builder, assembly.situation, assembly.units, assembly.instruments)


FAMILY = Family(
    name="coverage",
    tables=("requirements", "missions", "posts"),
    rules=_rules,
    columns={
        "share": Columns("Share of the target that counts: share[requirement, period].", line=0, period=1),
        "mounted": Columns("1 where the post is mounted: mounted[mission, area, period].", post=0, period=2),
    },
    rows={
        "delivered": Rows("What counts is at most what units and instruments deliver."),
        "within_mounting": Rows("Nothing counts at a post that is not mounted."),
        "threshold": Rows("A mounted post has the threshold of each of its lines.", _threshold),
        "only_if_mounted": Rows("Units serve only at a mounted post."),
        "continuity": Rows("Once mounted, a post stays mounted.", states("missions", "continuity")),
    },
    add=_add,
)
