r"""Family 12: steadiness. A contingent arrives, stays, and is relieved in place; a post that was opened is not given up at once.

A *block* of a post is a longest run of consecutive periods in each of which it is active, and a *spell* a longest run of
consecutive periods of one block in which something holds. With $g_{jt}$ the mounting, $a_t\ge g_t-g_{t-1}$ the start of a spell (nothing
counts before the first period of a block) and $k$ the least stay, every spell lasts at least $\min(k,\text{periods to the end of its block})$:

$$\sum_{\tau=t-k+1}^{t}a_\tau\le g_t\quad\text{within the block},$$

and likewise for the presence $y_{njt}$ of a nation at a post with its arrivals. These are the start-up inequalities of unit commitment
(D. Rajan, S. Takriti: Minimum up/down polytopes of the unit commitment problem with start-up costs, IBM Research Report RC23628, 2005).

With $e_{rt}$ what is delivered to a line,
$\delta_r$ its largest drop and $d_r$ its target, and with $q_p$ the units of a pledge that are committed:

$$e_{r,t+1}\ge e_{rt}-\delta_r d_r,\qquad \sum_r x_{prt}\ge q_p\quad\text{in every period of the pledge's window in which its condition is true.}$$

The aim `turnover` counts the arrivals $\sum_{n,j,t}a_{njt}$. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from optimizer.instance.rule import Rule, rule_id, rule_of
from optimizer.instance.situation import Post, PostKey, Situation
from optimizer.instance.wording import condition_clause, counted, sentence
from optimizer.model.families.presence import Participation
from optimizer.model.family import Assembly, Columns, Family, Rows
from optimizer.model.linear import Key, Terms, terms

ArrivalKey = tuple[str, str, str, int]


def blocks_of(post: Post) -> list[tuple[int, ...]]:
    """The longest runs of consecutive periods in which the post is active."""
    found: list[tuple[int, ...]] = []
    for period in post.periods:
        if found and found[-1][-1] == period - 1:
            found[-1] = (*found[-1], period)
        else:
            found.append((period,))
    return found


def index_stays(situation: Situation) -> list[tuple[str, PostKey, int]]:
    """(nation, post, least stay) wherever a nation's stay at a post has a least length above one period."""
    found = []
    for post in situation.posts.values():
        for nation in situation.nations.values():
            pair = situation.pairs.get((nation.name, post.key))
            least = nation.min_stay if pair is None or pair.min_stay is None else pair.min_stay
            if least is not None and least > 1:
                found.append((nation.name, post.key, least))
    return found


def add(assembly: Assembly) -> None:
    """Add `opens` and `arrives` where a least stay asks for them, and the rows of all rules of the family.

    Both follow from other columns, and are whole numbers all the same: where they are not, presolve of HiGHS 1.15.1 loses plans.
    """
    _add_post_stays(assembly)
    stays = index_stays(assembly.situation)
    _make_present(assembly.participation, [(nation, post) for nation, post, _ in stays])
    for nation, post, least in stays:
        _add_stay(assembly, nation, post, least)
    _add_drops(assembly)
    _add_commitments(assembly)


def _add_post_stays(assembly: Assembly) -> None:
    builder, mounted = assembly.builder, assembly.coverage.mounted
    for post in assembly.situation.posts.values():
        if post.min_stay is None or post.min_stay <= 1:
            continue
        for block in blocks_of(post):
            gates = [mounted.get((post.key, period)) for period in block]
            if None in gates:
                # Mounting is no decision there: the post is always mounted.
                continue
            keys = [(*post.key, period) for period in block]
            opens = list(builder.add_columns("opens", keys, integer=True).values())
            _add_spells(assembly, "opens_if_mounted", "post_stay", keys, gates, opens, post.min_stay)


def _make_present(participation: Participation, pairs: Sequence[tuple[str, PostKey]]) -> None:
    """Presence of these nations at these posts, 1 exactly where units are."""
    wanted = np.zeros(len(participation.column_of_stay), dtype=np.bool_)
    for nation, post in pairs:
        for period in participation.situation.posts[post].periods:
            there = participation.stay_at(nation, post, period)
            if there is not None:
                wanted[there] = True
    participation.present(wanted, tied=np.ones(len(participation.stay), dtype=np.bool_), exact=True)


def _add_stay(assembly: Assembly, nation: str, post: PostKey, least: int) -> None:
    for block in blocks_of(assembly.situation.posts[post]):
        keys = [(nation, *post, period) for period in block]
        present = [_presence(assembly.participation, nation, post, period) for period in block]
        arrivals = _arrivals(assembly, keys, present)
        _add_spells(assembly, "arrives_if_present", "nation_stay", keys, present, arrivals, least)


def _presence(participation: Participation, nation: str, post: PostKey, period: int) -> int | None:
    """The column of a nation's presence; None where it can never be."""
    there = participation.stay_at(nation, post, period)
    return None if there is None else int(participation.column_of_stay[there])


def _arrivals(assembly: Assembly, keys: Sequence[Key], present: Sequence[int | None]) -> list[int | None]:
    """The columns of a nation's arrivals in one block, each made once; None where it can never be."""
    known = assembly.builder.columns_of("arrives")
    new = [key for key, there in zip(keys, present, strict=True) if there is not None and key not in known]
    assembly.builder.add_columns("arrives", new, integer=True)
    known = assembly.builder.columns_of("arrives")
    return [known.get(key) for key in keys]


def _add_spells(
    assembly: Assembly,
    begins: str,
    lasts: str,
    keys: Sequence[Key],
    holds: Sequence[int | None],
    starts: Sequence[int | None],
    least: int,
) -> None:
    """A spell that starts in a block lasts so long, or to the end of the block."""
    _add_starts(assembly, begins, keys, holds, starts)
    for at, key in enumerate(keys):
        recent = [start for start in starts[max(0, at - least + 1) : at + 1] if start is not None]
        here = holds[at]
        if recent and not (here is not None and len(recent) == 1 and recent[0] == starts[at]):
            columns = [*recent, *([] if here is None else [here])]
            values = [*[1.0] * len(recent), *([] if here is None else [-1.0])]
            assembly.builder.add_row(lasts, key, columns, values, upper=0.0)


def _add_starts(
    assembly: Assembly,
    begins: str,
    keys: Sequence[Key],
    holds: Sequence[int | None],
    starts: Sequence[int | None],
) -> None:
    """A start is at least the rise over the period before; in the first period of a block it is all that holds. Each row once."""
    known = assembly.started
    for at, (key, here, start) in enumerate(zip(keys, holds, starts, strict=True)):
        before = holds[at - 1] if at else None
        if here is None or start is None or (begins, key) in known:
            continue
        known.add((begins, key))
        columns, values = [start, here], [1.0, -1.0]
        if before is not None:
            columns, values = [*columns, before], [*values, 1.0]
        assembly.builder.add_row(begins, key, columns, values, lower=0.0)


def _add_drops(assembly: Assembly) -> None:
    """What a line gets falls by no more than its largest drop; instruments that yield in both periods cancel out."""
    situation = assembly.situation
    serving: dict[str, list[tuple[float, Mapping[int, list[int]]]]] = {}
    limited = [line for line in situation.lines.values() if line.max_drop is not None]
    for (pledge, name), by_period in assembly.units.presence.items() if limited else ():
        share = situation.yield_on(pledge, name) / situation.lines[name].target
        serving.setdefault(name, []).append((share, by_period))
    for line in limited:
        for period in range(line.first, line.last):
            columns: list[int] = []
            values: list[float] = []
            for share, by_period in serving.get(line.name, ()):
                for when, sign in ((period + 1, 1.0), (period, -1.0)):
                    columns += by_period.get(when, [])
                    values += [sign * share] * len(by_period.get(when, []))
            for instrument in situation.instruments:
                change = (period + 1 in instrument.periods) - (period in instrument.periods)
                if change and instrument.yields.get(line.name):
                    columns.append(assembly.instruments[instrument.name])
                    values.append(change * instrument.yields[line.name] / line.target)
            if columns and line.max_drop is not None:
                assembly.builder.add_row("max_drop", (line.name, period + 1), columns, values, lower=-line.max_drop)


def _add_commitments(assembly: Assembly) -> None:
    bound = [pledge for pledge in assembly.situation.pledges.values() if pledge.committed]
    serving: dict[str, list[Mapping[int, list[int]]]] = {}
    for (name, _), by_period in assembly.units.presence.items() if bound else ():
        serving.setdefault(name, []).append(by_period)
    for pledge in bound:
        for period in pledge.periods:
            columns = [column for by_period in serving.get(pledge.name, ()) for column in by_period.get(period, [])]
            key = (pledge.name, period)
            assembly.builder.add_row("committed", key, columns, [1.0] * len(columns), lower=float(pledge.committed))


def turnover(assembly: Assembly) -> Terms:
    """The number of arrivals of nations at posts, with what it takes to count them."""
    situation, participation = assembly.situation, assembly.participation
    pairs = [(nation, post) for nation in situation.nations for post in situation.posts]
    _make_present(participation, pairs)
    found: list[int] = []
    for nation, post in pairs:
        for block in blocks_of(situation.posts[post]):
            keys = [(nation, *post, period) for period in block]
            present = [_presence(participation, nation, post, period) for period in block]
            arrivals = _arrivals(assembly, keys, present)
            _add_starts(assembly, "arrives_if_present", keys, present, arrivals)
            found += [column for column in arrivals if column is not None]
    return terms(found, [1.0] * len(found))


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("posts"):
        if row["min_stay"] is not None and row["min_stay"] > 1 and (row["mission"], row["area"]) in situation.posts:
            text = f"once mounted, {words.post(row)} stays mounted for at least {counted(row['min_stay'], 'period')}"
            yield rule_of("posts", row, "min_stay", "stay", sentence(text), bend="lower")
    for table in ("nations", "participation"):
        for row in tables.rows(table):
            if row["min_stay"] is not None and row["min_stay"] > 1:
                text = (
                    f"{words.who(row, 'each nation')} stays at a post for at least {counted(row['min_stay'], 'period')}"
                )
                where = words.where(row) if table == "participation" else ""
                yield rule_of(table, row, "min_stay", "stay", sentence(text, where), nation=row["nation"], bend="lower")
    for row in tables.rows("requirements"):
        if row["max_drop"] is not None:
            what = f"{words.name('capability', row['capability'])} at {words.post(row)}"
            text = f"{what} falls by at most {row['max_drop']:.0%} of its target from one period to the next"
            yield rule_of("requirements", row, "max_drop", "drop", sentence(text))
    for row in tables.rows("pledges"):
        if row["committed"] and row["pledge"] in situation.pledges:
            who = words.name("nation", row["nation"])
            text = f"at least {counted(row['committed'], 'unit')} of {row['pledge']} of {who} serve in every period of its window"
            said = sentence(text, condition_clause(words.condition(row["condition"])))
            yield rule_of("pledges", row, "committed", "commitment", said, nation=row["nation"], bend="lower")


def _post_stay(situation: Situation, key: Key) -> tuple[str, ...]:
    del situation
    return (rule_id("posts", f"{key[0]}:{key[1]}", "min_stay"),)


def _nation_stay(situation: Situation, key: Key) -> tuple[str, ...]:
    pair = situation.pairs.get((str(key[0]), (str(key[1]), str(key[2]))))
    return ((pair.stay_rule if pair is not None else "") or rule_id("nations", str(key[0]), "min_stay"),)


def _drop(situation: Situation, key: Key) -> tuple[str, ...]:
    del situation
    return (rule_id("requirements", str(key[0]), "max_drop"),)


def _committed(situation: Situation, key: Key) -> tuple[str, ...]:
    del situation
    return (rule_id("pledges", str(key[0]), "committed"),)


def _rewards_excess(situation: Situation) -> bool:
    """More units than the target asks for soften a later drop, and make up a commitment."""
    drops = any(line.max_drop is not None for line in situation.lines.values())
    return drops or any(pledge.committed for pledge in situation.pledges.values())


FAMILY = Family(
    name="steadiness",
    tables=("posts", "participation", "nations", "requirements", "pledges"),
    rules=_rules,
    columns={
        # Without a place in time: both depend on two periods, and a search that frees one of them must free them.
        "opens": Columns("1 where the post begins to be mounted: opens[mission, area, period].", post=0),
        "arrives": Columns(
            "1 where the nation arrives at the post: arrives[nation, mission, area, period].",
            nation=0,
            post=1,
        ),
    },
    rows={
        "opens_if_mounted": Rows("A post begins to be mounted where its mounting rises."),
        "post_stay": Rows("A post that was opened stays mounted for its least stay.", _post_stay),
        "arrives_if_present": Rows("A nation arrives where its presence rises."),
        "nation_stay": Rows("A nation that has arrived stays for its least stay.", _nation_stay),
        "max_drop": Rows("What a line gets falls by no more than its largest drop.", _drop),
        "committed": Rows("The units that are committed serve in every period in which the pledge holds.", _committed),
    },
    add=add,
    rewards_excess=_rewards_excess,
)
