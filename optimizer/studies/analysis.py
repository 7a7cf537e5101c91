"""The tables made of a table of runs: tornado, responses, heat map, correlations, Morris and Sobol indices."""

from __future__ import annotations

import math
import warnings as python_warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from optimizer.instance.header_attributes import AIMS, MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.plan.proof import LEFT_OPEN
from optimizer.studies.design import problem_of, samples
from optimizer.studies.doubts import (
    SMALL,
    doubts_of_effects,
    doubts_of_spread,
    failures,
    is_doubtful,
    solver_gap,
    unbounded_outcomes,
    unproven,
)
from optimizer.studies.effective import same_effects
from optimizer.studies.intervals import Interval, aim_interval, span, total
from optimizer.studies.meeting import replaced_changes
from optimizer.studies.study import Study
from optimizer.studies.table import TIMINGS

if TYPE_CHECKING:
    from optimizer.studies.question import Question

TITLES: Final = {
    "tornado": "How far each input moves each outcome",
    "response": "Outcome at each value of each input",
    "heatmap": "Outcome for each pair of values",
    "morris": "Morris screening: mean and spread of elementary effects",
    "sobol": "Sobol indices: share of the variance explained",
    "correlations": "Rank correlation of inputs and outcomes",
    "outcomes": "Outcomes over all runs",
}
_FIXED: Final = ("run", "name", "instance", "varied", "termination", "has_plan", "reason", *TIMINGS)
MOST_UNCERTAIN: Final = 0.5
"""An interval wider than this share of the largest index is reported."""


@dataclass(frozen=True)
class Analysis:
    """Tables by name, their titles, and what a reader must know."""

    tables: Mapping[str, pd.DataFrame]
    titles: Mapping[str, str]
    warnings: tuple[str, ...]


def outcomes_of(table: pd.DataFrame, inputs: Sequence[str]) -> list[str]:
    """The columns with outcomes that are numbers: no inputs, no bounds and gaps, no timings."""
    return [
        str(name)
        for name in table.columns
        if name not in _FIXED
        and name not in inputs
        and not _is_about_an_aim(str(name))
        and pd.api.types.is_numeric_dtype(table[name])
        and not pd.api.types.is_bool_dtype(table[name])
        and table[name].notna().any()
    ]


def _is_about_an_aim(name: str) -> bool:
    return any(name in {f"{aim}_bound", f"{aim}_gap"} for aim in AIMS)


def analyse(question: Question, table: pd.DataFrame) -> Analysis:
    """All tables that the design of the study allows."""
    study = question.study
    inputs = [vary.name for vary in study.vary]
    outcomes = outcomes_of(table, [*inputs, *(vary.used_name for vary in study.vary)])
    found: dict[str, pd.DataFrame] = {"outcomes": _summary(table, outcomes)}
    warnings = [*failures(table), *unbounded_outcomes(table, outcomes), *_of_inputs(question, table)]
    alone = len(question.sources) == 1
    # Where aims vary, runs differ in what comes first.
    aims = question.first.header.aims if alone and all(vary.kind != "aim" for vary in study.vary) else ()
    if study.design == "one_at_a_time" and inputs and alone:
        found["tornado"] = tornado(table, inputs, outcomes, aims)
        warnings += list(doubts_of_effects(found["tornado"]))
    if study.design in {"one_at_a_time", "grid"} and inputs and alone:
        found["response"] = response(study, table, inputs, outcomes, aims)
    if study.design == "grid" and len(inputs) == 2 and alone:
        found["heatmap"] = heat_map(table, inputs, outcomes, aims)
        warnings += list(doubts_of_spread(table, outcomes))
    if study.design == "latin_hypercube" and alone:
        found["correlations"] = _correlations(table, inputs, outcomes)
    if study.design in {"morris", "sobol"} and alone:
        found[study.design], more = indices(study, table, outcomes)
        warnings += more
    if study.design in {"latin_hypercube", "morris", "sobol"}:
        warnings += list(doubts_of_spread(table, outcomes))
    return Analysis(found, {name: TITLES[name] for name in found}, tuple(warnings))


def _summary(table: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    rows = []
    for outcome in outcomes:
        values = table[outcome].dropna()
        gap = solver_gap(table, outcome).max()
        rows.append((outcome, len(values), values.min(), values.mean(), values.max(), gap))
    return pd.DataFrame(rows, columns=["outcome", "runs", "lowest", "mean", "highest", "largest_solver_gap"])


def reaches(table: pd.DataFrame, outcome: str, aims: Sequence[Aim]) -> dict[Any, Interval]:
    """What is certain of an outcome in each run, by the row of the table; of anything but an aim, nothing."""
    names = [name for name in table.columns if any(name.startswith(aim.name) for aim in aims)]
    return {
        index: aim_interval({str(name): cell for name, cell in row.items()}, outcome, aims)
        for index, row in zip(table.index, table[names].to_dict("records"), strict=True)
    }


def tornado(
    table: pd.DataFrame, inputs: Sequence[str], outcomes: Sequence[str], aims: Sequence[Aim] = ()
) -> pd.DataFrame:
    """Per outcome and input: the base case, the lowest and highest outcome, and the inputs that give them; widest first.

    `solver_gap` is |bound - value| of the run at the worse end, by which its outcome may in truth be better: an effect that is not
    larger may be none, and is `doubtful`. Outcomes that are no aims have no bound: their effects are where a plan at either end is not
    proven best. `effect_at_least` and `effect_at_most` are what is certain of the effect, with the best plan in every run; blank where
    nothing is known. `remark` says where it may be none.
    """
    loose = unproven(table)
    base_rows = table[table["varied"] == ""]
    rows: list[_Effect] = []
    for outcome in outcomes:
        gaps = solver_gap(table, outcome)
        is_aim = f"{outcome}_bound" in table
        reach = reaches(table, outcome, aims)
        block = []
        for name in inputs:
            ends = _ends_of(table, base_rows, name, outcome)
            if ends is None:
                continue
            base, low, high = ends
            gap = float(gaps[(low if outcome in MAXIMISED_AIMS else high).run])
            effect = high.value - low.value
            doubtful = is_doubtful(effect, gap) if is_aim else effect > SMALL and bool(loose[[low.run, high.run]].any())
            runs = [*base_rows.index, *table.index[table["varied"] == name]]
            certain = span([reach[run] for run in runs if not math.isnan(float(table.loc[run, outcome]))])
            open_ = effect > SMALL and (certain.at_least <= SMALL if is_aim and aims else doubtful)
            at_ends = (low.value, _text(low.at), high.value, _text(high.at))
            least, most = map(_or_nan, certain.cells if is_aim and aims else (None, None))
            remark = LEFT_OPEN if open_ else ""
            block.append(_Effect(outcome, name, base, *at_ends, effect, gap, doubtful, least, most, remark))
        rows += sorted(block, key=lambda row: -row.effect)
    return pd.DataFrame(rows, columns=list(_Effect._fields))


class _Effect(NamedTuple):
    """A row of the tornado."""

    outcome: str
    input: str
    base: float
    lowest: float
    lowest_at: str
    highest: float
    highest_at: str
    effect: float
    solver_gap: float
    doubtful: bool
    effect_at_least: float
    effect_at_most: float
    remark: str


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else number


class _End(NamedTuple):
    """An outcome, the value of the input that gives it, and the row of its run."""

    value: float
    at: Any
    run: Any


def _ends_of(table: pd.DataFrame, base_rows: pd.DataFrame, name: str, outcome: str) -> tuple[float, _End, _End] | None:
    """An outcome in the base case, where it is lowest and where it is highest; None where no run of the input has a plan."""
    runs = table[(table["varied"] == name) & table[outcome].notna()]
    values = runs[outcome].astype(float).tolist()
    ends = [_End(*end) for end in zip(values, runs[name].tolist(), runs.index, strict=True)]
    if not ends:
        return None
    base = float(base_rows[outcome].iloc[0]) if len(base_rows) else math.nan
    if not math.isnan(base):
        # The base case first: where nothing moves, its value is shown.
        ends.insert(0, _End(base, base_rows[name].tolist()[0], base_rows.index[0]))
    return base, min(ends, key=lambda end: end.value), max(ends, key=lambda end: end.value)


def _of_inputs(question: Question, table: pd.DataFrame) -> Iterator[str]:
    """What a reader must know of the inputs: factors that are the same count, and changes of a scenario that are replaced."""
    if len(question.sources) > 1 or not isinstance(question.sources[0], Instance):
        return
    instance, study = question.sources[0], question.study
    for vary in study.vary:
        if vary.is_counted:
            yield from same_effects(instance, study, vary, table[vary.name].tolist())
    yield from replaced_changes(instance, study)


def response(
    study: Study, table: pd.DataFrame, inputs: Sequence[str], outcomes: Sequence[str], aims: Sequence[Aim] = ()
) -> pd.DataFrame:
    """Per input, value and outcome: the mean, lowest and highest outcome over the runs with that value, and what the mean is with the best plans."""
    rows = []
    reach = {outcome: reaches(table, outcome, aims) for outcome in outcomes}
    for name in inputs:
        runs = table
        if study.design == "one_at_a_time":
            runs = table[table["varied"].isin(["", name])]
        texts = [_text(value) for value in runs[name].tolist()]
        values = dict.fromkeys(texts)
        order = sorted(values, key=_numerically)
        for outcome in outcomes:
            for value in order:
                at = runs[[text == value for text in texts]]
                numbers = at[outcome].astype(float).dropna()
                if len(numbers):
                    gap = solver_gap(at, outcome).max()
                    known = total(reach[outcome][run] for run in numbers.index).times(1.0 / len(numbers)).cells
                    figures = (numbers.mean(), numbers.min(), numbers.max(), gap, *map(_or_nan, known))
                    rows.append((name, value, outcome, len(numbers), *figures))
    names = ["input", "value", "outcome", "runs", "mean", "lowest", "highest", "solver_gap"]
    return pd.DataFrame(rows, columns=[*names, "mean_at_least", "mean_at_most"])


def heat_map(
    table: pd.DataFrame, inputs: Sequence[str], outcomes: Sequence[str], aims: Sequence[Aim] = ()
) -> pd.DataFrame:
    """Per outcome and pair of values of the two inputs: the outcome (blank where there is no plan), and what it is with the best plan."""
    rows = []
    for outcome in outcomes:
        cells = zip(
            table[inputs[0]].tolist(), table[inputs[1]].tolist(), table[outcome].astype(float).tolist(), strict=True
        )
        known = [tuple(map(_or_nan, one.cells)) for one in reaches(table, outcome, aims).values()]
        rows += [
            (outcome, inputs[0], _text(one), inputs[1], _text(two), value, *ends)
            for (one, two, value), ends in zip(cells, known, strict=True)
        ]
    names = ["outcome", "row_input", "row", "column_input", "column", "value", "at_least", "at_most"]
    return pd.DataFrame(rows, columns=names)


def _correlations(table: pd.DataFrame, inputs: Sequence[str], outcomes: Sequence[str]) -> pd.DataFrame:
    rows = []
    for outcome in outcomes:
        known = table[table[outcome].notna()]
        for name in inputs:
            ranks = known[[name, outcome]].astype(float).rank()
            spread = (ranks.std() > 0).all()
            rows.append(
                (outcome, name, float(ranks[name].corr(ranks[outcome])) if spread and len(known) > 2 else math.nan)
            )
    return pd.DataFrame(rows, columns=["outcome", "input", "rank_correlation"])


def indices(study: Study, table: pd.DataFrame, outcomes: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Morris or Sobol indices per outcome and input. Groups of runs of which one has no plan are left out, with a warning."""
    inputs = [vary.name for vary in study.vary]
    group = len(inputs) + (1 if study.design == "morris" else 2)
    sampled = samples(study)
    warnings: list[str] = []
    rows: list[tuple[Any, ...]] = []
    for outcome in outcomes:
        values = np.full(len(sampled), np.nan)
        runs = table["run"].to_numpy(dtype=int)
        values[runs] = table[outcome].to_numpy(dtype=float)
        whole = ~np.isnan(values).reshape(-1, group).any(axis=1)
        if not whole.all():
            warnings.append(
                f"{outcome}: {int((~whole).sum())} of {len(whole)} groups of runs are left out, because a run has no plan."
            )
        if whole.sum() < 2:
            continue
        kept = np.repeat(whole, group)
        if np.ptp(values[kept]) <= SMALL:
            rows += [(outcome, name, *(0.0,) * 4) for name in inputs]
            continue
        rows += _of_outcome(study, outcome, inputs, sampled[kept], values[kept])
    index = 3 if study.design == "morris" else 4
    for outcome in dict.fromkeys(row[0] for row in rows):
        largest, widest = (max(row[at] for row in rows if row[0] == outcome) for at in (index, index + 1))
        if largest > SMALL and widest > MOST_UNCERTAIN * largest:
            warnings.append(f"{outcome}: the sample is small, an index may be off by {widest:.2g}. Use a larger size.")
    names = (
        ["mu", "mu_star", "mu_star_conf", "sigma"] if study.design == "morris" else ["S1", "S1_conf", "ST", "ST_conf"]
    )
    frame = pd.DataFrame(rows, columns=["outcome", "input", *names])
    # Outcomes as they come, the strongest input of each first.
    frame = frame.sort_values(names[1 if study.design == "morris" else 2], ascending=False, kind="stable")
    return frame.sort_values(
        "outcome", key=lambda named: named.map(list(outcomes).index), kind="stable", ignore_index=True
    ), warnings


def _of_outcome(
    study: Study, outcome: str, inputs: Sequence[str], sampled: Any, values: Any
) -> Iterable[tuple[Any, ...]]:
    problem = problem_of(study)
    with python_warnings.catch_warnings():
        # Pandas and SciPy deprecations inside SALib are nothing that a planner could mend.
        python_warnings.simplefilter("ignore")
        if study.design == "morris":
            from SALib.analyze import morris

            found = morris.analyze(problem, sampled, values, num_levels=study.levels, seed=study.seed)
            names = ("mu", "mu_star", "mu_star_conf", "sigma")
        else:
            from SALib.analyze import sobol

            found = sobol.analyze(problem, values, calc_second_order=False, seed=study.seed)
            names = ("S1", "S1_conf", "ST", "ST_conf")
    columns = [np.asarray(found[name], dtype=float).tolist() for name in names]
    return [(outcome, *row) for row in zip(inputs, *columns, strict=True)]


def _text(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, float, np.number)):
        return "" if math.isnan(value) else f"{value:.10g}"
    return "" if value is None else str(value)


def _numerically(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)
