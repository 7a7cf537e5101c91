r"""Family 2: coverage, thresholds and mounting.

With the share $\varphi_{rt}=f_{rt}/d_{rt}$ of the target that counts,

$$\varphi_{rt}\le\sum_p\min\!\big(1,\tfrac{\eta_{u(p)c(r)}}{d_{rt}}\big)x_{prt}+\sum_b\tfrac{\eta_{bc(r)}}{d_{rt}}v_b,\qquad
\varphi_{rt}\le g_{jt},\qquad \varphi_{rt}\ge\tfrac{\theta_{rt}}{d_{rt}}\,g_{jt},$$

and nothing is deployed to a post that is not mounted: $\sum_{p,r\in j}x_{prt}\le U_{jt}\,g_{jt}$. A *must* post has $g_{jt}=1$.
Continuity: $g_{jt}\le g_{j,t+1}$. The yield of one unit counts at most as the whole target, which cuts nothing off because $x$ is whole and
$\varphi\le1$. Where mounting changes nothing (no thresholds, no lead, no minimum number of nations) $g$ is not created.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.instance.situation import Post, PostKey, Situation
from optimizer.model.availability import Units
from optimizer.model.rows import ModelBuilder


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
    mounted = {(post, period): columns[*post, period] for post, period in mounting}
    for (name, period), column in share.items():
        line = situation.lines[name]
        _add_delivered(builder, situation, units, instruments, name, period, column)
        gate = mounted.get((line.post, period))
        least = line.threshold / line.target
        if gate is not None:
            builder.add_row("within_mounting", (name, period), [column, gate], [1.0, -1.0], upper=0.0)
            if least > 0:
                builder.add_row("threshold", (name, period), [column, gate], [1.0, -least], lower=0.0)
        elif least > 0:
            builder.add_row("threshold", (name, period), [column], [1.0], lower=least)
    for (post, period), gate in mounted.items():
        _add_only_if_mounted(builder, situation, units, post, period, gate)
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
    name: str,
    period: int,
    share: int,
) -> None:
    line = situation.lines[name]
    columns, values = [share], [1.0]
    for pledge in units.by_line.get(name, ()):
        here = units.presence[pledge, name].get(period)
        if here:
            columns += here
            values += [-min(1.0, situation.yield_on(pledge, name) / line.target)] * len(here)
    for instrument in situation.instruments:
        amount = instrument.yields.get(name, 0.0)
        if amount > 0:
            columns.append(instruments[instrument.name])
            values.append(-min(1.0, amount / line.target))
    builder.add_row("delivered", (name, period), columns, values, upper=0.0)


def _add_only_if_mounted(
    builder: ModelBuilder, situation: Situation, units: Units, post: PostKey, period: int, gate: int
) -> None:
    columns: list[int] = []
    for line in situation.posts[post].lines:
        for pledge in units.by_line.get(line, ()):
            columns += units.presence[pledge, line].get(period, ())
    if columns:
        most = sum(builder.upper_bound(column) for column in columns)
        builder.add_row("only_if_mounted", (*post, period), [*columns, gate], [1.0] * len(columns) + [-most], upper=0.0)
