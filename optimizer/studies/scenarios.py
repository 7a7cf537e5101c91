"""Every scenario side by side, and what becomes of each scenario's plan when another one comes true.

*Kept plan.* The plan made for scenario A is committed: when B comes true, each pledge serves on each line with at most the units that the
plan sends there, and no instrument is added. Units that B forbids, or that B's rules no longer let stand, come home; leads are named anew.
The best of these plans (by the aims, in their order) is what A's plan is worth in B, checked by the verifier like every plan. Where not
even that is a plan (something is a must that A did not commit), there is no value.

*Regret* is how much worse it is than the best plan known for B: the one made for B, or a kept one where the search for B's own fell short.
Aims are compared in their order: in a later one there is regret only where no earlier one lost anything. (Less coverage costs less; that is
no gain.) Aims of one priority are traded against each other, so their weighted sum is what is compared.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.attributes import MAXIMISED_AIMS
from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Aim, Instance
from optimizer.studies.answer import Record
from optimizer.studies.hand import Care
from optimizer.studies.runner import Report, ignore
from optimizer.studies.study import InvalidStudy, Study, Value, Variant, Vary
from optimizer.studies.sweep import Question, work_off

_NATION_COLUMNS: Final = ("takes_part", "peak_personnel", "cost")
HINDSIGHT: Final = "made for the scenario that comes"
_EQUAL: Final = 1e-6
"""Values that differ by less, relative to their size, are the same to a solver."""


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
        return _levels(self.instance.header.aims)[0].name

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


def scenarios(
    instance: Instance | str | Path,
    *,
    time_limit: float | None = None,
    gap: float | None = None,
    jobs: int = 2,
    dask: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    report: Report = ignore,
    care: Care | None = None,
) -> Scenarios:
    """Solve every scenario, then keep each plan under every other scenario.

    Args:
        instance: an instance, or the path of one.
        time_limit: seconds per solve; None takes the header's.
        gap: relative gap per solve; None takes the header's.
        jobs: worker processes on this machine.
        dask: address of a Dask scheduler that is used instead.
        out: folder for the tables; every finished run is written there at once.
        resume: go on with what is in `out`.
        report: told after every run where it stands.
        care: how worker processes are kept.

    Raises:
        InvalidStudy: the instance has no scenarios.
        FileExistsError: `out` holds something already, and `resume` is false; or another comparison.
    """
    if not isinstance(instance, Instance):
        instance = read_instance(instance)
    names = instance.scenarios
    if not names:
        message, remedy = "the instance has no scenarios.", "Add the table `scenarios`."
        raise InvalidStudy([Finding("error", "no-scenarios", "scenarios", None, None, message, remedy)])
    nations = [row["nation"] for row in instance.rows("nations")]
    study = Study(
        "scenarios",
        design="rows",
        vary=(Vary("scenario", "scenario"), Vary("plan", "commitment")),
        keep=tuple(f"nations.{nation}.{column}" for nation in nations for column in _NATION_COLUMNS),
        time_limit=time_limit,
        gap=gap,
    )
    question = Question(study, (instance,))
    with contextlib.ExitStack() as stack:
        folder = None
        if out is not None:
            from optimizer.studies.folder import StudyFolder

            folder = stack.enter_context(StudyFolder(Path(out), question, resume=resume, kind="scenarios"))
        records: dict[int, Record] = {} if folder is None else dict(folder.records)
        take = None if folder is None else folder.append

        def solved(variants: Sequence[Variant]) -> None:
            chunks = [(variant,) for variant in variants]
            records.update(work_off(question, chunks, len(names) ** 2, records, jobs, dask, report, care, take))

        own = [Variant(run, name, 0, (name, None)) for run, name in enumerate(names)]
        solved(own)
        pairs = {(name, name): run for run, name in enumerate(names)}
        kept: list[Variant] = []
        for made_for, variant in zip(names, own, strict=True):
            for name in names:
                word = records[variant.run].start
                if name != made_for and word:
                    pairs[made_for, name] = len(own) + len(kept)
                    inputs: tuple[Value, ...] = (name, word)
                    kept.append(Variant(len(own) + len(kept), f"{made_for} in {name}", 0, inputs))
        solved(kept)
        found = _result(instance, study, names, records, pairs)
        if folder is not None:
            ended = found.aims.drop_duplicates("scenario")["termination"].value_counts().sort_index()
            about = {"measure": found.measure, "terminations": {str(name): int(count) for name, count in ended.items()}}
            folder.close_with(found.tables, TITLES, found.warnings, about)
    return found


def _result(
    instance: Instance,
    study: Study,
    names: list[str],
    records: Mapping[int, Record],
    pairs: Mapping[tuple[str, str], int],
) -> Scenarios:
    chances = {row["scenario"]: row["probability"] for row in instance.rows("scenarios")}
    outcomes = {pair: records[run].outcome for pair, run in pairs.items()}
    own = {name: outcomes[name, name] for name in names}
    aims = [aim.name for aim in instance.header.aims]
    levels = _levels(instance.header.aims)
    aim_rows = [
        (
            name,
            chances[name],
            own[name]["termination"],
            aim,
            *(own[name].get(f"{aim}{end}") for end in ("", "_bound", "_gap")),
        )
        for name in names
        for aim in aims
    ]
    missions = [row["mission"] for row in instance.rows("missions")]
    mission_rows = [
        (name, mission, own[name].get(f"missions.{mission}.score")) for name in names for mission in missions
    ]
    nation_rows = [
        (name, row["nation"], *(own[name].get(f"nations.{row['nation']}.{column}") for column in _NATION_COLUMNS))
        for name in names
        for row in instance.rows("nations")
    ]
    best = {
        name: _best(levels, [own[name], *(outcomes[other, name] for other in names if (other, name) in outcomes)])
        for name in names
    }
    regret_rows = []
    for made_for in names:
        for name in names:
            outcome: Mapping[str, Any] = outcomes.get((made_for, name), {"termination": "no plan to keep"})
            regret_rows += [
                (made_for, name, outcome["termination"], *row) for row in _compared(levels, outcome, best[name])
            ]
    regret = _frame(("plan_for", "comes_true", "termination", "aim", "value", "best_value", "regret"), regret_rows)
    return Scenarios(
        instance,
        study,
        _frame(("scenario", "probability", "termination", "aim", "value", "bound", "gap"), aim_rows),
        _frame(("scenario", "mission", "score"), mission_rows),
        _frame(("scenario", "nation", *_NATION_COLUMNS), nation_rows),
        regret,
        _expected(regret, names, chances),
        tuple(_warnings(levels[0], outcomes, own, best, chances)),
    )


@dataclass(frozen=True)
class _Level:
    """The aims of one priority."""

    aims: tuple[Aim, ...]

    @property
    def name(self) -> str:
        return " + ".join(aim.name for aim in self.aims)

    def score(self, outcome: Mapping[str, Any]) -> float:
        """What the level is worth; more is better. Not a number without a plan."""
        known = [(aim, outcome[aim.name]) for aim in self.aims if outcome.get(aim.name) is not None]
        if len(known) < len(self.aims):
            return math.nan
        return math.fsum(_sign(aim) * self._weight(aim) * value for aim, value in known)

    def value(self, outcome: Mapping[str, Any]) -> float | None:
        """The value as it is shown: of the aim, or of the weighted sum."""
        score = self.score(outcome)
        return None if math.isnan(score) else score * (_sign(self.aims[0]) if len(self.aims) == 1 else 1)

    def slack(self, outcome: Mapping[str, Any]) -> float:
        """By how much the level may be worse than in this outcome and still count as equal."""
        given = math.fsum(self._weight(aim) * aim.tolerance * abs(outcome[aim.name]) for aim in self.aims)
        return max(given, _EQUAL * max(1.0, abs(self.score(outcome))))

    def _weight(self, aim: Aim) -> float:
        return aim.weight if len(self.aims) > 1 else 1.0


def _sign(aim: Aim) -> int:
    return 1 if aim.name in MAXIMISED_AIMS else -1


def _levels(aims: Sequence[Aim]) -> list[_Level]:
    priorities = sorted({aim.priority for aim in aims})
    return [_Level(tuple(aim for aim in aims if aim.priority == priority)) for priority in priorities]


def _best(levels: Sequence[_Level], outcomes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The best outcome by the aims in their order; of equal ones the first. None without any plan."""
    left = [outcome for outcome in outcomes if outcome["has_plan"]]
    for level in levels:
        top = max(left, key=level.score, default=None)
        if top is not None:
            left = [outcome for outcome in left if level.score(outcome) >= level.score(top) - level.slack(top)]
    return left[0] if left else None


def _compared(
    levels: Sequence[_Level], outcome: Mapping[str, Any], best: Mapping[str, Any] | None
) -> Iterator[tuple[str, float | None, float | None, float | None]]:
    """Per aim (and per weighted sum of aims) its name, the value, the best value, and the regret."""
    even = best is not None
    for level in levels:
        if len(level.aims) > 1:
            yield from ((aim.name, outcome.get(aim.name), (best or {}).get(aim.name), None) for aim in level.aims)
        regret = None
        if best is not None and even and not math.isnan(level.score(outcome)):
            loss = level.score(best) - level.score(outcome)
            even = loss <= level.slack(best)
            regret = 0.0 if abs(loss) <= _EQUAL * max(1.0, abs(level.score(best))) else max(0.0, loss)
        yield level.name, level.value(outcome), level.value(best or {}), regret


def _frame(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for name in columns:
        if name in {
            "probability",
            "value",
            "bound",
            "gap",
            "score",
            "best_value",
            "regret",
            "expected",
            "largest_regret",
            *_NATION_COLUMNS,
        }:
            frame[name] = pd.Series(
                [math.nan if value is None else float(value) for value in frame[name]], dtype="float64"
            )
    return frame


def _expected(regret: pd.DataFrame, names: list[str], chances: Mapping[str, float | None]) -> pd.DataFrame:
    known = all(chances[name] is not None for name in names)
    rows: list[tuple[Any, ...]] = []
    for aim in dict.fromkeys(regret["aim"]):
        of_aim = regret[regret["aim"] == aim]
        for plan in (*names, HINDSIGHT):
            runs = of_aim[of_aim["plan_for"] == (names[0] if plan == HINDSIGHT else plan)]
            values = dict(zip(runs["comes_true"], runs["best_value" if plan == HINDSIGHT else "value"], strict=True))
            parts = [(chances[name] or 0.0) * values[name] for name in names if chances[name] != 0.0]
            expected = math.fsum(parts) if known and not any(map(math.isnan, parts)) else None
            rows.append((plan, aim, expected, 0.0 if plan == HINDSIGHT else _largest(runs["regret"])))
    return _frame(("plan_for", "aim", "expected", "largest_regret"), rows)


def _largest(regrets: pd.Series[float]) -> float | None:
    return None if regrets.isna().any() else float(regrets.max())


def _warnings(
    first: _Level,
    outcomes: Mapping[tuple[str, str], Mapping[str, Any]],
    own: Mapping[str, Mapping[str, Any]],
    best: Mapping[str, Mapping[str, Any] | None],
    chances: Mapping[str, float | None],
) -> list[str]:
    told = []
    if any(chance is None for chance in chances.values()):
        told.append("A scenario has no probability: there are no expected values.")
    for name, outcome in own.items():
        if not outcome["has_plan"]:
            told.append(f"{name}: no plan ({outcome['reason']}).")
        elif outcome["termination"] != "optimal":
            told.append(f"{name}: {_left_open(first, outcome)}; regrets where {name} comes true may be larger by that.")
    unproven = sum(
        outcome["has_plan"] and outcome["termination"] != "optimal" and made_for != name
        for (made_for, name), outcome in outcomes.items()
    )
    if unproven:
        told.append(
            f"{unproven} of the kept plans are not proven to be the best that is left: their regret may be smaller."
        )
    for (made_for, name), outcome in outcomes.items():
        if made_for != name and outcome is best[name]:
            beaten = (
                f"than the plan found for {name} itself"
                if own[name]["has_plan"]
                else f"than none, and none was found for {name} itself"
            )
            told.append(
                f"The plan made for {made_for}, kept, serves {name} better {beaten}, so it is the measure of regret there; more time would help."
            )
    return told


def _left_open(level: _Level, outcome: Mapping[str, Any]) -> str:
    """How far the search was from its end."""
    aim = level.aims[0].name
    value, bound = outcome[aim], outcome[f"{aim}_bound"]
    if len(level.aims) > 1:
        return "the search was stopped before its end"
    return f"the search left {'an unknown amount' if bound is None else f'{abs(bound - value):.4g}'} of {aim} open"
