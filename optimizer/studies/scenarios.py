"""Every scenario side by side, and what becomes of each scenario's plan when another one comes true.

*Kept plan.* The plan made for scenario A is committed: when B comes true, each pledge serves on each line with at most the units that the
plan sends there, and no instrument is added. Units that B forbids, or that B's rules no longer let stand, come home; leads are named anew.
The best of these plans (by the aims, in their order) is the value of A's plan in B, checked by the verifier like every plan. Where not
even that is a plan (something is a must that A did not commit), there is no value.

*Regret* is how much worse it is than the best plan known for B: the one made for B, or a kept one where the search for B's own fell short.
Aims are compared in their order: in a later one there is regret only where no earlier one lost anything. (Less coverage costs less; that is
no gain.) Aims of one priority are traded against each other, so their weighted sum is what is compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Unpack

import pandas as pd

from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.studies import comparison
from optimizer.studies.budget import FIRST
from optimizer.studies.comparison import NATION_COLUMNS, Outcomes
from optimizer.studies.exchange import Row, exchange_of
from optimizer.studies.question import Question, within_total
from optimizer.studies.regret import priorities_of
from optimizer.studies.running import Begun, Limited, begin, must_be_known
from optimizer.studies.study import InvalidStudy, Study, Variant, Vary


@dataclass(frozen=True)
class Scenarios:
    """What `scenarios` finds, as tables.

    `aims`: per scenario and aim value, bound and gap of its own plan. `missions`, `nations`: scores, and who serves. `regret`: per plan,
    scenario that comes true and aim the value of the kept plan, the value of the best plan known for that scenario, and the regret (blank
    where an earlier aim lost something already). `expected`: per plan and aim the expected value and the largest regret (blank without
    probabilities, or where the plan cannot be kept).
    """

    instance: Instance = field(repr=False)
    study: Study = field(repr=False)
    aims: pd.DataFrame
    missions: pd.DataFrame
    nations: pd.DataFrame
    regret: pd.DataFrame
    expected: pd.DataFrame
    warnings: tuple[str, ...] = ()

    @property
    def measure(self) -> str:
        """The aim in which regret counts first (aims of one priority joined by a plus sign)."""
        return priorities_of(self.instance.header.aims)[0].name

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {name: getattr(self, name) for name in TITLES}


TITLES: Final = {
    "aims": "Aims of each scenario's own plan",
    "missions": "Mission scores in each scenario",
    "nations": "Who serves in each scenario",
    "regret": "Each scenario's plan when another scenario comes true",
    "expected": "Expected values with the probabilities of the scenarios",
}


OWN: Final = 0.5
"""Of a budget, the part for each scenario's own plan; the rest is for kept plans."""
MOST_TURNS: Final = 5
"""So often kept plans are solved anew, because the plan that is kept was replaced by a better one."""


def scenarios(
    instance: Instance | str | Path,
    *,
    total: float | None = None,
    **options: Unpack[Limited],
) -> Scenarios:
    """Solve every scenario, then keep each plan under every other scenario.

    Args:
        instance: an instance, or the path of one.
        total: seconds of wall time for the whole study, on `jobs` workers: at first each run gets an equal share; what is left goes to the scenarios with
            the widest interval that could change the order; half of it is for the kept plans. None: each run has its own limit only.
        **options: `jobs` (worker processes on this machine, 2), `dask` (address of a Dask scheduler that is used instead), `out` (folder to which every
            finished run is written at once), `resume` (go on with the study in `out`), `report` (called after every run with the progress) and
            `pool` (plans that are known, or their folder: they count wherever they keep the rules, and what is found is added);
            and the limits of each solve, `time_limit` (seconds) and `gap` (relative): what is left out, or None, is the header's.

    Raises:
        InvalidStudy: the instance has no scenarios.
        FileExistsError: `out` holds something already, and `resume` is false; or another comparison.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    must_be_known("scenarios", options, Limited)
    if not isinstance(instance, Instance):
        instance = read_instance(instance)
    if not instance.scenarios:
        message, remedy = "the instance has no scenarios.", "Add the table `scenarios`."
        raise InvalidStudy([Finding("error", "no-scenarios", "scenarios", None, None, message, remedy)])
    question = within_total(_question_of(instance, options), total, options.get("jobs", 2))
    with begin(question, "scenarios", options) as begun:
        pairs = _outcomes(begun)
        found = side_by_side(question.study, Outcomes(instance, pairs))
        if begun.folder is not None:
            ended = found.aims.drop_duplicates("scenario")["termination"].value_counts().sort_index()
            about = {"measure": found.measure, "terminations": {str(name): int(count) for name, count in ended.items()}}
            begun.folder.close_with(found.tables, TITLES, found.warnings, about)
    return found


def _question_of(instance: Instance, limits: Limited) -> Question:
    """The study behind the comparison: every scenario, and every plan kept under every other one."""
    nations = [row["nation"] for row in instance.rows("nations")]
    study = Study(
        "scenarios",
        design="rows",
        vary=(Vary("scenario", "scenario"), Vary("plan", "commitment")),
        keep=tuple(f"nations.{nation}.{column}" for nation in nations for column in NATION_COLUMNS),
        time_limit=limits.get("time_limit"),
        gap=limits.get("gap"),
    )
    return Question(study, (instance,))


def _outcomes(begun: Begun) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The outcome of every plan in every scenario, by (scenario it was made for, scenario that comes true)."""
    names = tuple(begun.question.first.scenarios)
    exchange = exchange_of(begun, len(names) ** 2)
    exchange.share(len(names), OWN * FIRST)
    own = exchange.solve([(Variant(run, name, 0, (name, None)),) for run, name in enumerate(names)])
    exchange.settle(own)
    exchange.refine(own, 1.0 - OWN)
    numbers = itertools.count(len(names))
    run_of = {(made, name): next(numbers) for made in names for name in names if made != name}
    kept: dict[tuple[str, str], Row] = {}
    committed: dict[str, str] = {}
    for turn in range(MOST_TURNS):
        plans = {name: row.record.start for name, row in zip(names, own, strict=True)}
        anew = [
            (Variant(run, f"{made} in {name}", 0, (name, plans[made])),)
            for (made, name), run in run_of.items()
            if plans[made] and plans[made] != committed.get(made)
        ]
        if not anew:
            break
        committed = plans
        exchange.share(len(anew), 1.0)
        solved = {row.variant.run: row for row in exchange.solve(anew)}
        kept |= {pair: solved[run] for pair, run in run_of.items() if run in solved}
        # A kept plan that serves a scenario better than the plan made for it takes its place, and is kept in turn.
        exchange.settle([*(own if turn + 1 < MOST_TURNS else []), *kept.values()])
    begun.keep(row.record for row in own)
    pairs = {(name, name): row for name, row in zip(names, own, strict=True)} | kept
    return {pair: row.result.outcome for pair, row in pairs.items()}


def side_by_side(study: Study, outcomes: Outcomes) -> Scenarios:
    """All tables, made of the outcomes."""
    regret = comparison.regret_table(outcomes)
    return Scenarios(
        outcomes.instance,
        study,
        aims=comparison.aims_table(outcomes),
        missions=comparison.missions_table(outcomes),
        nations=comparison.nations_table(outcomes),
        regret=regret,
        expected=comparison.expected_table(outcomes, regret),
        warnings=tuple(comparison.warnings_of(outcomes)),
    )
