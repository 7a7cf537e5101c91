"""Every scenario side by side, and what becomes of each scenario's plan when another one comes true.

*Kept plan.* The plan made for scenario A is committed: when B comes true, each pledge serves on each line with at most the units that the
plan sends there, and no instrument is added. Units that B forbids, or that B's rules no longer let stand, come home; leads are named anew.
The best of these plans (by the aims, in their order) is what A's plan is worth in B, checked by the verifier like every plan. Regret is
how much worse it is than the plan made for B. Where not even that is a plan (something is a must that A did not commit), there is no value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.attributes import MAXIMISED_AIMS
from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.studies.answer import Record
from optimizer.studies.hand import Care
from optimizer.studies.runner import Report, ignore
from optimizer.studies.study import InvalidStudy, Study, Value, Variant, Vary
from optimizer.studies.sweep import Question, work_off

_NATION_COLUMNS: Final = ("takes_part", "peak_personnel", "cost")
HINDSIGHT: Final = "made for the scenario that comes"


@dataclass(frozen=True)
class Scenarios:
    """What `scenarios` finds, as tables.

    `aims`: per scenario and aim value, bound and gap of its own plan. `missions`, `nations`: scores, and who serves. `regret`: per plan,
    scenario that comes true and aim the value of the kept plan and its regret. `expected`: per plan and aim the expected value and the
    largest regret (blank without probabilities, or where the plan cannot be kept).
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
        out: folder for the tables.
        report: told after every run where it stands.
        care: how worker processes are kept.

    Raises:
        InvalidStudy: the instance has no scenarios.
        FileExistsError: `out` holds something already.
    """
    if not isinstance(instance, Instance):
        instance = read_instance(instance)
    names = instance.scenarios
    if not names:
        message, remedy = "the instance has no scenarios.", "Add the table `scenarios`."
        raise InvalidStudy([Finding("error", "no-scenarios", "scenarios", None, None, message, remedy)])
    if out is not None and Path(out).exists() and (not Path(out).is_dir() or any(Path(out).iterdir())):
        raise FileExistsError(f"{out} is there already and is not an empty folder; choose another name, or remove it.")
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
    total = len(names) ** 2
    own = [Variant(run, name, 0, (name, None)) for run, name in enumerate(names)]
    records = work_off(question, [(variant,) for variant in own], total, {}, jobs, dask, report, care)
    kept: list[Variant] = []
    pairs: dict[tuple[str, str], int] = {}
    for made_for, variant in zip(names, own, strict=True):
        for name in names:
            word = records[variant.run].start
            if name != made_for and word:
                pairs[made_for, name] = len(own) + len(kept)
                inputs: tuple[Value, ...] = (name, word)
                kept.append(Variant(len(own) + len(kept), f"{made_for} in {name}", 0, inputs))
    records |= work_off(question, [(variant,) for variant in kept], total, records, jobs, dask, report, care)
    pairs |= {(name, name): run for run, name in enumerate(names)}
    found = _result(instance, study, names, records, pairs)
    if out is not None:
        from optimizer.studies.folder import save_scenarios

        save_scenarios(found, Path(out))
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
    regret_rows = []
    for made_for in names:
        for name in names:
            outcome: Mapping[str, Any] = outcomes.get((made_for, name), {"termination": "no plan to keep"})
            for aim in aims:
                value, best = outcome.get(aim), own[name].get(aim)
                regret = (
                    None if value is None or best is None else (best - value) * (1 if aim in MAXIMISED_AIMS else -1)
                )
                regret_rows.append((made_for, name, outcome["termination"], aim, value, best, regret))
    regret = _frame(("plan_for", "comes_true", "termination", "aim", "value", "own_value", "regret"), regret_rows)
    return Scenarios(
        instance,
        study,
        _frame(("scenario", "probability", "termination", "aim", "value", "bound", "gap"), aim_rows),
        _frame(("scenario", "mission", "score"), mission_rows),
        _frame(("scenario", "nation", *_NATION_COLUMNS), nation_rows),
        regret,
        _expected(regret, names, aims, chances),
        tuple(_warnings(regret, own, aims, chances)),
    )


def _frame(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for name in columns:
        if name in {
            "probability",
            "value",
            "bound",
            "gap",
            "score",
            "own_value",
            "regret",
            "expected",
            "largest_regret",
            *_NATION_COLUMNS,
        }:
            frame[name] = pd.Series(
                [math.nan if value is None else float(value) for value in frame[name]], dtype="float64"
            )
    return frame


def _expected(
    regret: pd.DataFrame, names: list[str], aims: list[str], chances: Mapping[str, float | None]
) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for aim in aims:
        of_aim = regret[regret["aim"] == aim]
        own = of_aim[of_aim["plan_for"] == of_aim["comes_true"]]
        for plan, runs in [*((name, of_aim[of_aim["plan_for"] == name]) for name in names), (HINDSIGHT, own)]:
            values = dict(zip(runs["comes_true"], runs["value"], strict=True))
            parts = [(chances[name] or 0.0) * values[name] for name in names if chances[name] != 0.0]
            known = all(chances[name] is not None for name in names)
            rows.append(
                (
                    plan,
                    aim,
                    math.fsum(parts) if known and not any(map(math.isnan, parts)) else None,
                    _largest(runs["regret"]),
                )
            )
    return _frame(("plan_for", "aim", "expected", "largest_regret"), rows)


def _largest(regrets: pd.Series[float]) -> float | None:
    return None if regrets.isna().any() else float(regrets.max())


def _warnings(
    regret: pd.DataFrame, own: Mapping[str, Mapping[str, Any]], aims: list[str], chances: Mapping[str, float | None]
) -> list[str]:
    told = []
    if any(chance is None for chance in chances.values()):
        told.append("A scenario has no probability: there are no expected values.")
    first = aims[0]
    for name, outcome in own.items():
        if not outcome["has_plan"]:
            told.append(f"{name}: no plan ({outcome['reason']}).")
            continue
        value, bound = outcome[first], outcome[f"{first}_bound"]
        if outcome["termination"] != "optimal":
            open_ = "an unknown amount" if bound is None else f"{abs(bound - value):.4g}"
            told.append(
                f"{name}: the search left {open_} of {first} open; its regrets are at least what is shown, less that."
            )
    better = regret[(regret["aim"] == first) & (regret["regret"] < -1e-6)]
    told += [
        f"The plan for {row['plan_for']} serves {row['comes_true']} better ({row['value']:.4g}) than the plan found for it "
        f"({row['own_value']:.4g}): more time would help."
        for row in better.to_dict("records")
    ]
    return told
