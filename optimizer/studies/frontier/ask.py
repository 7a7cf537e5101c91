"""The frontier as a function of the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from optimizer.instance.cells import did_you_mean
from optimizer.instance.files import as_instance
from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import AIMS, MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import scenario_tables
from optimizer.plan.plan import Plan
from optimizer.plan.store import save_plan
from optimizer.studies.folder import StudyFolder
from optimizer.studies.frontier.points import Found, bounds_of, room_of, spread
from optimizer.studies.frontier.search import Search, sign_of
from optimizer.studies.outcomes import number
from optimizer.studies.pooled import Trial, unpacked
from optimizer.studies.probing.asking import Asking, study_of
from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.running import Limited, begin, must_be_known
from optimizer.studies.study import InvalidStudy

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {"points": "The trade-off, point by point"}
MOST_AIMS: Final = 3


@dataclass(frozen=True)
class Point:
    """A point of the frontier, and a plan that has it.

    `values`: per aim what the plan has. `bounds`: no plan that is as good in all other aims is better than this in the aim; None: nothing is proven.
    `proven`: values and bounds differ by no more than the gap asked for. `merged`: further points that differ from this one by no more than the
    gap, and for which it stands. `plan`: verified; its own table of aims has no bounds, since these hold beside the other aims alone.
    """

    values: Mapping[str, float]
    bounds: Mapping[str, float | None]
    proven: bool
    merged: int = 0
    plan: Plan = field(default=None, repr=False, compare=False)  # type: ignore[assignment]

    def record(self) -> dict[str, float | None]:
        """The machine form: per aim its value, and its bound as `AIM_bound`."""
        found: dict[str, float | None] = {}
        for name, value in self.values.items():
            found |= {name: value, f"{name}_bound": self.bounds[name]}
        return found


@dataclass(frozen=True)
class Frontier:
    """What `frontier` finds: points from the best in the first aim on, of which none is dominated by another.

    `termination`: `optimal` (every point proven), `feasible`, `infeasible` (no plan keeps all rules), `none_found`. `complete`: whether these are
    all points there are, up to the gap. `asked`: how many solves that took.
    """

    aims: tuple[str, ...]
    points: tuple[Point, ...]
    termination: str
    complete: bool
    asked: int
    warnings: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row per point: number, per aim value and bound, proven, merged."""
        import pandas as pd

        names = [name for aim in self.aims for name in (aim, f"{aim}_bound")]
        rows = [
            {"point": place, **point.record(), "proven": point.proven, "merged": point.merged}
            for place, point in enumerate(self.points, 1)
        ]
        return pd.DataFrame(rows, columns=["point", *names, "proven", "merged"])

    @property
    def verdict(self) -> str:
        """How many points there are, and whether there are more, in a sentence."""
        if not self.points:
            known = {"infeasible": "No plan keeps all rules.", "none_found": "No plan was found in time."}
            return known.get(self.termination, "There is no plan.")
        proven, count = sum(point.proven for point in self.points), len(self.points)
        if count == 1:
            only = "All aims are at their best in one plan: there is nothing to trade off."
            return only if self.complete and proven else "One point was found; others may lie beyond it."
        sure = "all proven" if proven == count else f"{proven} of them proven"
        more = "these are all there are" if self.complete else "others may lie between them"
        return f"{count} points, {sure}; {more}."

    def record(self) -> list[dict[str, float | None]]:
        """The machine form: the points, per aim its value and bound."""
        return [point.record() for point in self.points]


def frontier(
    instance: Instance | str | Path,
    aims: Sequence[str] = ("coverage", "cost"),
    points: int = 9,
    scenario: str | None = None,
    **options: Unpack[Limited],
) -> Frontier:
    """The exact trade-off between two or three aims: what each gains where another gives way.

    Args:
        instance: what the planner filled in, or its path.
        aims: two or three aims; as the header states them where it does, but for weight and tolerance.
        points: how many points at most: the ends (each aim at its best, then the others), and levels between them.
        scenario: name of a scenario; None takes the conditions' defaults.
        **options: `jobs` (worker processes on this machine, 2), `dask` (address of a Dask scheduler that is used instead), `out` (folder to which every
            finished run is written at once), `resume` (go on with the study in `out`), `report` (called after every run with the progress) and
            `pool` (plans that are known, or their folder: they count wherever they keep the rules, and what is found is added);
            and the limits of each solve, `time_limit` (seconds) and `gap` (relative): what is left out, or None, is the header's.

    Raises:
        InvalidStudy: the aims are no two or three that can be traded off against each other.
        UnknownScenario: the instance has no scenario of that name.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    must_be_known("frontier", options, Limited)
    instance = as_instance(instance, impossible=True)
    chosen = _chosen(instance, aims, points)
    scenario_tables(instance, scenario)
    said = {"aims": ",".join(aims), "points": points}
    question = Question(study_of("frontier", said, scenario, options), (instance,))
    with begin(question, "frontier", options) as begun:
        trial = Trial(instance, scenario, chosen)
        asking = Asking(question, begun.workers, begun.records, expected=points)
        gap = options.get("gap")
        search = Search(chosen, asking.ask, points, instance.header.gap if gap is None else gap)
        search.found += [one for one in (_tried(trial, plan) for plan in begun.before) if one is not None]
        search.run()
        found = _frontier(search, trial, asking.records)
        begun.keep(asking.records)
        if begun.folder is not None:
            _write(begun.folder, found)
    return found


def _chosen(instance: Instance, names: Sequence[str], points: int) -> tuple[Aim, ...]:
    """The aims as the header states them, in the order asked for.

    Raises:
        InvalidStudy: with everything that is wrong.
    """
    wrong = [
        ("unknown-aim", f"there is no aim {name!r}.", f"Aims: {', '.join(AIMS)}.{did_you_mean(name, AIMS)}")
        for name in names
        if name not in AIMS
    ]
    if not 2 <= len(names) <= MOST_AIMS:
        wrong.append(("aims", f"a frontier is between two or three aims, not {len(names)}.", "Name two or three."))
    if len(set(names)) < len(names):
        wrong.append(("duplicate-aim", "an aim is there twice.", "Name each once."))
    if "changes" in names:
        message = "the aim changes compares with another plan, and a frontier has none to compare with."
        wrong.append(("aims", message, "Name other aims."))
    if "burden_gap" in names and not any(row["fair_share"] for row in instance.rows("nations")):
        message = "no nation has a fair share, so there is no burden gap to trade off."
        wrong.append(("aims", message, "Fill in nations.fair_share, or name other aims."))
    if points < len(names):
        message = f"{points} points are too few for the ends, of which each aim has one."
        wrong.append(("points", message, f"Ask for {len(names)} or more."))
    if wrong:
        place = {"points": "--points"}
        raise InvalidStudy(
            [
                Finding("error", code, place.get(code, "--aims"), None, None, message, remedy)
                for code, message, remedy in wrong
            ]
        )
    stated: dict[str, Aim] = {}
    for aim in instance.header.aims:
        stated.setdefault(aim.name, aim)
    return tuple(
        replace(stated.get(name, Aim(name)), priority=place, weight=1.0, tolerance=0.0)
        for place, name in enumerate(names, 1)
    )


def _tried(trial: Trial, packed: str) -> Found | None:
    """A plan that was known before, where it keeps the rules."""
    found = trial.tried(unpacked(packed))
    if found is None:
        return None
    values = [(item.aim, item.value) for item in found.evaluation.aims]
    if any(value is None for _, value in values):
        return None
    return Found(tuple(sign_of(aim) * float(number(value) or 0.0) for aim, value in values), packed)


def _frontier(search: Search, trial: Trial, records: Sequence[Record]) -> Frontier:
    names = tuple(aim.name for aim in search.aims)
    points, known_points = [], search.known()
    for one, merged in spread(known_points, search.points, search.best()):
        tried = trial.tried(unpacked(one.plan))
        if tried is None:
            # What a search found was verified in its own process; here it is verified once more.
            raise AssertionError("a plan that was verified keeps the rules")
        bounds = bounds_of(one.values, search.answers)
        known = zip(search.aims, one.values, bounds, strict=True)
        proven = all(b is not None and v - b <= room_of(v, search.gap) + _least(v) for _, v, b in known)
        signs = [sign_of(aim) for aim in search.aims]
        values = {name: sign * value + 0.0 for name, sign, value in zip(names, signs, one.values, strict=True)}
        told = {
            name: None if bound is None else sign * bound + 0.0
            for name, sign, bound in zip(names, signs, bounds, strict=True)
        }
        points.append(Point(values, told, proven, merged, tried.plan()))
    return Frontier(
        names,
        tuple(points),
        _termination(search, points, records),
        search.complete and len(points) == len(known_points),
        search.asked,
        tuple(_warnings(search, points, records, len(known_points) - len(points))),
    )


def _least(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


def _termination(search: Search, points: Sequence[Point], records: Sequence[Record]) -> str:
    if points:
        return "optimal" if all(point.proven for point in points) else "feasible"
    if any(answer.impossible for answer in search.answers):
        return "infeasible"
    return next((str(one.outcome["termination"]) for one in records), "none_found")


def _warnings(search: Search, points: Sequence[Point], records: Sequence[Record], hidden: int) -> list[str]:
    """What a reader must know, in sentences."""
    said = []
    open_ = [str(place) for place, point in enumerate(points, 1) if not point.proven]
    if open_:
        which = f"Point {open_[0]} is" if len(open_) == 1 else f"Points {', '.join(open_)} are"
        said.append(
            f"{which} not proven: there may be a plan that is better in an aim, up to its bound, and as good in the others."
        )
    merged = sum(point.merged for point in points)
    if merged:
        many = "One further point differs" if merged == 1 else f"{merged} further points differ"
        said.append(
            f"{many} from one that is shown by no more than the gap of {search.gap:g}, and cannot be told apart from it."
        )
    if hidden:
        many = "One further point is" if hidden == 1 else f"{hidden} further points are"
        said.append(f"{many} known and not shown: no more than {search.points} were asked for.")
    failed = [one for one in records if one.outcome["termination"] not in {"optimal", "feasible", "infeasible"}]
    if failed:
        reasons = "; ".join(dict.fromkeys(str(one.outcome["reason"]) for one in failed))
        said.append(f"{len(failed)} of {len(records)} solves gave no answer: {reasons}.")
    return said


def _write(folder: StudyFolder, found: Frontier) -> None:
    """The table, and a plan per point."""
    for place, point in enumerate(found.points, 1):
        save_plan(point.plan, folder.path / f"point-{place}")
    about: dict[str, Any] = {
        "aims": list(found.aims),
        "maximised": [name for name in found.aims if name in MAXIMISED_AIMS],
        "complete": found.complete,
        "terminations": _counted(found),
        "termination": found.termination,
        "asked": found.asked,
        "verdict": found.verdict,
    }
    folder.close_with({"points": found.table}, TITLES, found.warnings, about)


def _counted(found: Frontier) -> dict[str, int]:
    proven = sum(point.proven for point in found.points)
    counts = {"optimal": proven, "feasible": len(found.points) - proven}
    return {name: count for name, count in counts.items() if count} or {found.termination: 1}
