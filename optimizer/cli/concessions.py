"""`forcegen concessions`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.pooling import opened, pool_option, tell_damage
from optimizer.cli.running import json_option, time_limit_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.cli.asked import Asked
    from optimizer.plan.plan import Plan
    from optimizer.studies.pool import Pool
    from optimizer.studies.why.ask import Curve, Weighed
    from optimizer.studies.why.asks import Ask


@click.command(short_help="Say which rules would have to bend, and what that would bring.")
@click.argument("instance", metavar="INSTANCE|DIR", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--most",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    metavar="W",
    help="Largest political weight of all concessions together.",
)
@click.option("--line", metavar="R", help="Count what one requirement line gets, in place of the first aim.")
@click.option("--nation", metavar="N", help="Only concessions for which this nation would be asked.")
@time_limit_option("Seconds of wall time; then values and bounds are what is known.")
@click.option("--start", type=click.Path(), metavar="DIR", help="Folder of a plan from which the search starts.")
@pool_option
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="Folder (of a plan) into which concessions.csv is written."
)
@click.option(
    "--asks",
    "with_asks",
    is_flag=True,
    help="Also what would be asked of each capital, and what if it refuses or leaves; this prices every rule, too, in as much time again, twice.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed.")
@json_option
def concessions(
    instance: str,
    start: str | None,
    pool_folder: str | None,
    out: str | None,
    as_json: bool,
    with_asks: bool,
    **options: Any,
) -> int:
    """For every political weight 0..W, the best that INSTANCE, or that of the plan in DIR, could reach if rules bend, which, and who would have to agree.

    The table `concessions` says what may be asked for, at which weight; other rules bend by default steps. Sets are searched as a whole, since some
    concessions help only together. Ctrl-C keeps what is known. The search starts from
    the plan in DIR, whose folder gets concessions.csv. Exit codes: 0 all values proven; 5 or 6 stopped by the limit; 130 interrupted.
    """
    from optimizer.cli.asked import asked_of
    from optimizer.cli.screen import console, write_line
    from optimizer.interrupts import requests
    from optimizer.reporting.answers import write_asks, write_concessions
    from optimizer.reporting.text import visible
    from optimizer.studies.pooling import left_of
    from optimizer.studies.why.ask import concessions as ask

    err = console(stderr=True)

    def follow(point: Weighed) -> None:
        if err.is_terminal:
            write_line(err, f"weight {point.weight}: {_figure(point.value)} ({_certainty(point)})")

    in_part = options["line"] is not None or options["nation"] is not None
    if out is not None:
        _refuse_folder(instance, out, "" if not in_part else "--line" if options["line"] is not None else "--nation")
    asked = asked_of(instance, options.pop("scenario"), out)
    pool, begun, limit = opened(pool_folder, [instance]), time.monotonic(), options["time_limit"]
    plan = _begin_from(asked, start, pool, limit)
    left = left_of(limit, begun)
    found = ask(asked.instance, asked.scenario, report=follow, start=plan, **options | {"time_limit": left})
    if start is not None and not found.start_kept:
        write_line(
            err, f"The plan in {visible(start)} does not keep the rules of this instance: the search began without it."
        )
    if pool is not None and found.points and not found.points[0].concessions and found.points[0].plan is not None:
        pool.add(found.points[0].plan)
    writing = asked.folder if out is not None or not in_part else None
    if writing is not None:
        write_concessions(writing, found)
    listed = _asks(asked, plan, found, options) if with_asks else None
    if writing is not None and listed is not None and listed.asks:
        write_asks(writing, listed.asks)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found.record() | ({} if listed is None else listed.record()))
    else:
        _show(found)
        if listed is not None:
            _show_asks(listed)
    return codes.INTERRUPTED if with_asks and requests() else _code(found)


def _refuse_folder(instance: str, out: str, part: str) -> None:
    """Refuse to write over the instance's own table of concessions, or a part of a curve where the page takes it for the whole one."""
    from optimizer.cli.failures import Refused
    from optimizer.cli.keeping import refuse_over_input
    from optimizer.plan.store import is_saved_plan
    from optimizer.reporting.text import visible

    if not is_saved_plan(out):
        refuse_over_input(Path(out), [Path(instance)])
    elif part:
        raise Refused(
            f"{visible(out)} is a plan's folder, whose page takes a curve for the whole one: with {part}, name another folder with --out."
        )


def _begin_from(asked: Asked, start: str | None, pool: Pool | None, limit: float | None) -> Plan | None:
    """The plan from which the search starts: the one in `start`, or of the folder that was asked about, or a better one of the pool."""
    from optimizer.plan.store import load_plan

    plan = asked.plan if start is None else load_plan(start)
    if pool is None:
        return plan
    from optimizer.instance.files import as_instance
    from optimizer.studies.pooling import start_from

    given = as_instance(asked.instance, impossible=True)
    plan = start_from(pool, given, asked.scenario, plan, limit)
    tell_damage(pool)
    return plan


@dataclass(frozen=True)
class _Listed:
    """The ask list, the rules that are not worth asking about, and of how many that is not known."""

    asks: tuple[Ask, ...]
    left: tuple[str, ...] = ()
    unknown: int = 0

    def record(self) -> dict[str, Any]:
        return {
            "asks": [one.record() for one in self.asks],
            "gaining_nothing_alone": list(self.left),
            "gain_unknown": self.unknown,
        }


def _asks(asked: Asked, plan: Plan | None, curve: Curve, options: Mapping[str, Any]) -> _Listed:
    """Whom to ask; of a line, or of one nation, from the curve alone."""
    from optimizer.studies.why.asks import asks, gaining_nothing_alone
    from optimizer.studies.why.pricing import prices
    from optimizer.studies.why.refusals import if_refused

    if options["line"] is not None or options["nation"] is not None:
        return _Listed(asks(curve))
    about = {"time_limit": options["time_limit"], "seed": options["seed"], "start": plan}
    sets = [{str(made["rule"]) for made in one} for point in curve.points for one in (point.concessions, *point.others)]
    found = prices(asked.instance, asked.scenario, sets=[one for one in sets if len(one) > 1], **about)
    unknown = sum(one.gain_at_least == 0.0 != one.gain_at_most for one in found if len(one.rules) == 1)
    listed = if_refused(asked.instance, asked.scenario, asks(curve, found), curve, **about)
    return _Listed(listed, gaining_nothing_alone(curve, found), unknown)


def _show_asks(listed: _Listed) -> None:
    from optimizer.cli.screen import console, write_line
    from optimizer.studies.why.words import row_of

    out = console()
    for one in listed.asks:
        write_line(out, one.sentence)
    if listed.left:
        named = ", ".join(map(row_of, listed.left))
        write_line(
            out,
            f"Not worth a negotiation by themselves (they gain nothing alone, proven, and stand in no set that was found): {named}.",
        )
    if unknown := listed.unknown:
        many = "one rule gains" if unknown == 1 else f"{unknown} rules gain"
        write_line(out, f"Whether {many} anything alone was not known in time: these lists may lack some.")


def _code(found: Curve) -> int:
    if found.termination == "infeasible":
        return codes.DONE
    return codes.code_of(found.termination, any(point.value is not None for point in found.points))


def _figure(value: float | None) -> str:
    from optimizer.reporting.text import figure

    return "no plan" if value is None else figure(value)


def _certainty(point: Weighed) -> str:
    if point.proven:
        return "proven"
    return "nothing proven" if point.bound is None else f"at best {_figure(point.bound)}"


def _show(found: Curve) -> None:
    from optimizer.cli.explain import said
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.words import aim_label

    out = console()
    rows: list[tuple[str, ...]] = []
    shown = _last_that_says_more(found) + 1
    for point in found.points[:shown]:
        first = (str(point.weight), _figure(point.value), _certainty(point))
        rows += [
            (*(first if not number else ("", "", "")), said(made), str(made["asked"]), str(made["rule"]))
            for number, made in enumerate(point.concessions)
        ] or [(*first, "nothing is conceded" if point.value is not None else "", "", "")]
    titles = ("Weight", aim_label(found.aim), "Certainty", "What bends", "Who is asked", "Rule")
    show_table(out, plain_table("What concessions would bring", titles, rows))
    if (rest := found.points[shown:]) and shown > 1:
        sure = "bring nothing more" if all(point.proven for point in rest) else "were not found to bring more in time"
        write_line(out, f"Concessions of weight {rest[-1].weight} {sure}.")
    write_line(out, _summary(found))


def _last_that_says_more(found: Curve) -> int:
    """The place of the last weight at which the answer differs from that of the weight before, or is less certain."""

    def answer(point: Weighed) -> object:
        return point.value, point.bound, point.proven, point.concessions

    return max(
        number
        for number, one in enumerate(found.points)
        if not number or answer(one) != answer(found.points[number - 1])
    )


def _summary(found: Curve) -> str:
    first, last = found.points[0], found.points[-1]
    if last.value is None:
        sure = "there is no plan" if last.proven else "no plan is known"
        return f"With concessions of weight {last.weight} or less {sure}."
    if first.value is None:
        light = next(point.weight for point in found.points if point.value is not None)
        return f"As it is, no plan is known; with concessions of weight {light} there is one."
    if found.points[-1].concessions:
        apart = [str(point.weight) for point in found.points if not point.nested]
        text = f"From {_figure(first.value)} to {_figure(last.value)}."
        best = "is best" if all(point.proven for point in found.points) else "is the best that was found"
        return text + (f" At weight {', '.join(apart)} another set {best}, not a larger one." if apart else "")
    if not all(point.proven for point in found.points):
        return "No concessions of that weight were found to bring anything; not all were looked at in time."
    return "No concessions of that weight bring anything."
