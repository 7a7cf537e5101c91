"""`robust`: claims about best plans, tried over draws inside the stated ranges; how often each holds, may hold, and does not.

Every draw of the inputs is solved in every case that the claims speak of, on the one runner of all studies, and every plan that is found is
tried in all draws and cases that are not proven. Of each solve only what follows is said: the best value of an aim lies between the plan's own
and the bound, and other outcomes are known of plans that are proven best. So in each draw a claim *holds*, *does not hold*, or is *open*; and the
share of draws in which it holds lies between two figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Unpack

import pandas as pd

from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.plan.proof import LEFT_OPEN
from optimizer.studies.change import changed_aims
from optimizer.studies.design import drawn_points
from optimizer.studies.doubts import reasons_of
from optimizer.studies.exchange import exchanged
from optimizer.studies.folder import RUNS, csv_of, write
from optimizer.studies.question import Question, within_total
from optimizer.studies.record import Record
from optimizer.studies.robust.claims import Case, Claim, Claims, read_claims
from optimizer.studies.robust.judge import Answer, judged
from optimizer.studies.running import Begun, Running, begin, must_be_known
from optimizer.studies.study import Study, Value, Variant, Vary
from optimizer.studies.table import run_table

SURVIVES: Final = "survives"
FAILS: Final = "does not survive"
OPEN: Final = f"cannot be told {LEFT_OPEN}"
TITLES: Final = {"claims": "Claims", "draws": "Each claim in each draw"}
_WORDS: Final = {True: "holds", False: "does not hold", None: "open"}


@dataclass(frozen=True)
class Robust:
    """What `robust` finds, as tables.

    `claims`: per claim its sentence (`says`) and expression (`holds`), in how many draws it `certainly` holds, is `open` and does `not` hold,
    in how many the plans that were found satisfy it (`in_plans`), between which two figures the share of draws lies in which it holds
    (`share_at_least`, `share_at_most`), the `share` asked for, and the `verdict`. `draws`: per draw its inputs, and of each claim whether it holds.
    `runs`: one row per draw and case, with each aim's value and bound.
    """

    claims: pd.DataFrame
    draws: pd.DataFrame
    runs: pd.DataFrame = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of claims and draws by name."""
        return {name: getattr(self, name) for name in TITLES}


def robust(
    instance: Instance | str | Path,
    claims: str | Path | Mapping[str, Any],
    *,
    draws: int | None = None,
    seed: int | None = None,
    time_limit: float | None = None,
    total: float | None = None,
    **options: Unpack[Running],
) -> Robust:
    """Try claims over draws of uncertain inputs, and say which of them survive.

    Args:
        instance: an instance, or the path of one.
        claims: the TOML file of the claims, or a mapping of that form.
        draws: how many draws; None: what the file says.
        seed: of the draws; None: what the file says. The same seed gives the same draws.
        time_limit: seconds of each solve; None: what the file says, or the instance.
        total: seconds of wall time for the whole study, on `jobs` workers: at first each run gets an equal share; what is left goes to the runs with the
            widest interval that could change the order. None: each run has its own limit only.
        **options: `jobs` (worker processes on this machine, 2), `dask` (address of a Dask scheduler that is used instead), `out` (folder to which every
            finished run is written at once), `resume` (go on with the study in `out`), `report` (called after every run with the progress) and
            `pool` (plans that are known, or their folder: they count wherever they keep the rules, and what is found is added).

    Raises:
        InvalidInstance: the instance has errors.
        InvalidStudy: the file of claims has errors.
        FileExistsError: `out` holds something already, and `resume` is false; or other claims.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    must_be_known("robust", options, Running)
    instance = as_instance(instance)
    asked = read_claims(claims, instance)
    study = replace(
        asked.study,
        size=asked.study.size if draws is None else draws,
        seed=asked.study.seed if seed is None else seed,
        time_limit=asked.study.time_limit if time_limit is None else time_limit,
    )
    asked = replace(asked, study=study)
    question, points = _question(asked)
    question = within_total(question, total, options.get("jobs", 2))
    with begin(question, "robust", options) as begun:
        found = _tried(asked, begun, points)
        if begun.folder is not None:
            write(begun.folder.path / RUNS, csv_of(found.runs))
            begun.folder.close_with(found.tables, TITLES, found.warnings, _about(asked, found))
    return found


def _question(asked: Claims) -> tuple[Question, list[tuple[Value, ...]]]:
    """The study behind the claims, with an instance per case; and the drawn inputs."""
    study = asked.study
    points = list(drawn_points(study))
    scenarios = tuple(case.scenario or study.scenario for case in asked.cases)
    if len(set(scenarios)) == 1:
        study = replace(study, scenario=scenarios[0])
    else:
        study = replace(study, vary=(*study.vary, Vary("scenario", "scenario", values=scenarios)))
    return Question(study, *_sources(asked.cases)), points


def _sources(cases: Sequence[Case]) -> tuple[tuple[Instance, ...], tuple[str, ...]]:
    return tuple(case.instance for case in cases), tuple(case.name for case in cases)


def _tried(asked: Claims, begun: Begun, points: Sequence[tuple[Value, ...]]) -> Robust:
    """All draws solved in all cases, and what that says of the claims."""
    question, study = begun.question, begun.question.study
    variants: list[Variant] = []
    for source, case in enumerate(asked.cases):
        # A case without a scenario of its own is asked in that of the file.
        own = (case.scenario or asked.study.scenario,) if len(study.vary) > len(asked.study.vary) else ()
        for draw, point in enumerate(points, 1):
            variants.append(Variant(len(variants), f"draw {draw}, {case.name}", source, (*point, *own)))
    records = {row.variant.run: row.result for row in exchanged(begun, variants)}
    runs = _runs(question, variants, records, len(points))
    outcomes = {
        case.name: [records[source * len(points) + draw].outcome for draw in range(len(points))]
        for source, case in enumerate(asked.cases)
    }
    ranked = [
        {
            case.name: changed_aims(case.instance.header.aims, zip(asked.study.vary, point, strict=True))
            for case in asked.cases
        }
        for point in points
    ]
    answers = {
        claim.name: [
            judged(claim.means, {name: outcomes[name][draw] for name in claim.cases}, claim.cases, ranked[draw])
            for draw in range(len(points))
        ]
        for claim in asked.claims
    }
    rows = [_row(claim, answers[claim.name]) for claim in asked.claims]
    return Robust(pd.DataFrame(rows), _draws(asked, points, answers), runs, tuple(_warnings(runs)))


def _runs(question: Question, variants: Sequence[Variant], records: Mapping[int, Record], draws: int) -> pd.DataFrame:
    """The table of runs, with draw and case in front."""
    table = run_table(question, variants, records).drop(columns="instance", errors="ignore")
    table.insert(1, "draw", [run % draws + 1 for run in table["run"]])
    table.insert(2, "case", [question.labels[run // draws] for run in table["run"]])
    return table


def _row(claim: Claim, answers: Sequence[Answer]) -> dict[str, Any]:
    """What is known of a claim over all draws."""
    count = len(answers)
    certainly = sum(answer.holds is True for answer in answers)
    open_ = sum(answer.holds is None for answer in answers)
    low, high = certainly / count, (certainly + open_) / count
    return {
        "claim": claim.name,
        "says": claim.says,
        "holds": claim.holds,
        "draws": count,
        "certainly": certainly,
        "open": open_,
        "not": count - certainly - open_,
        "in_plans": sum(answer.in_plans is True for answer in answers),
        "share_at_least": low,
        "share_at_most": high,
        "share": claim.share,
        "verdict": verdict(low, high, claim.share),
    }


def _warnings(runs: pd.DataFrame) -> Iterator[str]:
    """In how many draws a case has no plan, and what that means for the claims."""
    without = runs[~runs["has_plan"].astype(bool)]
    for (case, ending), group in without.groupby(["case", "termination"], sort=False):
        what = "do not hold" if ending == "infeasible" else "are open"
        words = str(ending).replace("_", " ")
        yield f"{case}: {len(group)} draws have no plan ({words}); there, claims that speak of this case {what}."
    yield from reasons_of(without[without["termination"].isin(["invalid", "failed", "crashed"])])


def verdict(low: float, high: float, asked: float) -> str:
    """Whether a claim survives that holds in a share of the draws between `low` and `high`, where `asked` is what it needs."""
    rounding = 1e-12
    if low >= asked - rounding:
        return SURVIVES
    return FAILS if high < asked - rounding else OPEN


def _draws(asked: Claims, points: Sequence[tuple[Value, ...]], answers: Mapping[str, Sequence[Answer]]) -> pd.DataFrame:
    """A row per draw: its inputs, and of each claim whether it holds."""
    rows = []
    for draw, point in enumerate(points):
        row: dict[str, Any] = {"draw": draw + 1}
        row |= {vary.name: value for vary, value in zip(asked.study.vary, point, strict=True)}
        row |= {f"claim: {name}": _WORDS[listed[draw].holds] for name, listed in answers.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def _about(asked: Claims, found: Robust) -> dict[str, Any]:
    """What the head of the folder says beside the study."""
    study: Study = asked.study
    ended = found.runs["termination"].value_counts().sort_index()
    return {
        "runs": len(found.runs),
        "draws": study.size,
        "cases": [{"name": case.name, "scenario": case.scenario or study.scenario} for case in asked.cases],
        "terminations": {str(name): int(count) for name, count in ended.items()},
        "verdicts": dict(zip(found.claims["claim"], found.claims["verdict"], strict=True)),
        "seconds": float(found.runs["seconds"].sum()),
    }
