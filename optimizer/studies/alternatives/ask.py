"""Alternatives as a function of the library."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from optimizer.instance.files import as_instance
from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import scenario_tables
from optimizer.plan.plan import Plan
from optimizer.plan.store import save_plan
from optimizer.studies.alternatives.search import Near, Search, Shared
from optimizer.studies.folder import StudyFolder
from optimizer.studies.pooled import PooledPlan, Trial
from optimizer.studies.probing.asking import Asking, study_of
from optimizer.studies.question import Question
from optimizer.studies.running import Limited, begin, must_be_known
from optimizer.studies.study import InvalidStudy
from optimizer.studies.why.judge import first_level

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {
    "plans": "Plans nearly as good as the best",
    "shared": "Nations and posts that all these plans have",
    "presence": "Who serves where in which plan",
    "pledges": "Pledges that serve in all these plans",
}
STATUS: Final = {
    "proven": "in every plan within the limit (proven)",
    "found": "in all plans found",
    "not needed": "in these plans, while another one within the limit does without",
}


@dataclass(frozen=True)
class Alternative:
    """One of the plans. `value`: of the first aim (of several of one priority: their weighted sum).

    `distance`: at how many pairs of nation and post it differs from the nearest plan before it, None for the first; `distance_bound`: no plan within the
    limit differs more; None: nothing is proven. `plan`: verified; nothing is proven of its own aims.
    """

    value: float
    distance: int | None
    distance_bound: int | None
    places: frozenset[tuple[str, str, str]] = field(repr=False)
    plan: Plan = field(repr=False, compare=False)


@dataclass(frozen=True)
class Common:
    """A nation at a post (mission and area) that all plans found have.

    `status`: `proven` (in every plan within the limit), `found` (in all plans found; whether in every one is not known), `not needed` (a plan within the
    limit does without it). `loses_at_least`, `loses_at_most`: what the first aim loses without it; infinite where no plan does without; None: not known.
    """

    nation: str
    mission: str
    area: str
    status: str
    loses_at_least: float | None
    loses_at_most: float | None

    @property
    def is_no_regret(self) -> bool:
        """Whether no plan is known that is within the limit and does without it."""
        return self.status != "not needed"

    def record(self) -> dict[str, Any]:
        """The machine form; what no plan does without loses no number."""
        found = {name: getattr(self, name) for name in ("nation", "mission", "area", "status")}
        losses = {name: getattr(self, name) for name in ("loses_at_least", "loses_at_most")}
        return found | {name: loss if loss is None or math.isfinite(loss) else None for name, loss in losses.items()}


@dataclass(frozen=True)
class Alternatives:
    """What `alternatives` finds: the best plan known, then those that differ most from all before them.

    `aim`: name of what is compared. `within`: the share of the best value that a plan may lose in it. `termination`: `optimal` (the best plan and all
    distances are proven), `feasible`, `infeasible`, `none_found`. `exhausted`: whether it is proven that no further plan within the limit serves in other
    places. `common`: what all plans share; `pledges`: that serve in all of them.
    """

    aim: str
    within: float
    plans: tuple[Alternative, ...]
    common: tuple[Common, ...]
    pledges: tuple[str, ...]
    termination: str
    exhausted: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """How many plans there are, what they share, and how sure that is, in sentences."""
        if not self.plans:
            known = {"infeasible": "No plan keeps all rules.", "none_found": "No plan was found in time."}
            return known.get(self.termination, "There is no plan.")
        counts = {status: sum(one.status == status for one in self.common) for status in STATUS}
        many = "One plan" if len(self.plans) == 1 else f"{len(self.plans)} plans"
        share = "has" if len(self.plans) == 1 else "share"
        pairs = "one pair" if len(self.common) == 1 else f"{len(self.common)} pairs"
        said = f"{many} within {100 * self.within:g} % of the best {share} {pairs} of nation and post"
        parts = [f"{count} {STATUS[status]}" for status, count in counts.items() if count]
        return f"{said}{': ' if parts else ''}{'; '.join(parts)}."

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name: `plans`, `shared`, `presence`, `pledges`."""
        import pandas as pd

        count = range(1, len(self.plans) + 1)
        plans = [
            (n, one.value, one.distance, one.distance_bound, len(one.places))
            for n, one in zip(count, self.plans, strict=True)
        ]
        everywhere = sorted(frozenset[tuple[str, str, str]]().union(*(one.places for one in self.plans)))
        columns = ["nation", "mission", "area", "status", "loses_at_least", "loses_at_most"]
        return {
            "plans": pd.DataFrame(
                plans, columns=["plan", "value", "distance", "distance_bound", "pairs"], dtype=object
            ),
            "shared": pd.DataFrame([one.record() for one in self.common], columns=columns),
            "presence": pd.DataFrame(
                [(*place, *(place in one.places for one in self.plans)) for place in everywhere],
                columns=["nation", "mission", "area", *(f"plan {n}" for n in count)],
            ),
            "pledges": pd.DataFrame({"pledge": list(self.pledges)}, dtype=object),
        }

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "aim": self.aim,
            "within": self.within,
            "termination": self.termination,
            "exhausted": self.exhausted,
            "plans": [
                {
                    "value": one.value,
                    "distance": one.distance,
                    "distance_bound": one.distance_bound,
                    "pairs": [list(place) for place in sorted(one.places)],
                }
                for one in self.plans
            ],
            "shared": [one.record() for one in self.common],
            "pledges": list(self.pledges),
            "warnings": list(self.warnings),
        }


def alternatives(
    instance: Instance | str | Path,
    count: int = 5,
    within: float = 0.02,
    scenario: str | None = None,
    *,
    tests: int = 20,
    start: Plan | None = None,
    **options: Unpack[Limited],
) -> Alternatives:
    """Near-best plans that differ most in who serves where, and what all of them share.

    Args:
        instance: what the planner filled in, or its path.
        count: how many plans at most, the best one among them.
        within: what share of the best value of the first aim a plan may lose; later aims do not count.
        scenario: name of a scenario; None takes the conditions' defaults.
        tests: of so many pairs of nation and post that all plans share it is asked, by a solve each, whether a plan within the limit does without.
        start: a plan that is known; it is used where it keeps every rule.
        **options: `jobs` (worker processes on this machine, 2), `dask` (address of a Dask scheduler that is used instead), `out` (folder to which every
            finished run is written at once), `resume` (go on with the study in `out`), `report` (called after every run with the progress) and
            `pool` (plans that are known, or their folder: they count wherever they keep the rules, and what is found is added);
            and the limits of each solve, `time_limit` (seconds) and `gap` (relative): what is left out, or None, is the header's.

    Raises:
        InvalidStudy: less than one plan is asked for, or a negative loss.
        NothingToCompare: the first aim compares with another plan.
        UnknownScenario: the instance has no scenario of that name.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    must_be_known("alternatives", options, Limited)
    instance = as_instance(instance, impossible=True)
    _must_fit(count, within)
    aims = _aims(instance)
    scenario_tables(instance, scenario)
    given = PooledPlan.of(start).packed if start is not None and start.has_plan else ""
    said = {"count": count, "within": within, "tests": tests, "start": given}
    question = Question(study_of("alternatives", said, scenario, options), (instance,))
    with begin(question, "alternatives", options) as begun:
        asking = Asking(question, begun.workers, begun.records, expected=count)
        trial = Trial(instance, scenario, aims)
        search = Search(aims, asking.ask, trial, within, count, [*begun.before, *([given] if given else [])])
        search.run(tests)
        found = _alternatives(search)
        begun.keep(asking.records)
        if begun.folder is not None:
            _write(begun.folder, found)
    return found


def _must_fit(count: int, within: float) -> None:
    wrong = []
    if count < 1:
        wrong.append(("count", f"{count} plans are asked for.", "Ask for one or more."))
    if not 0.0 <= within < math.inf:
        wrong.append(("within", f"{within:g} is no share of a value that may be lost.", "Give 0 or more, as 0.02."))
    if wrong:
        findings = [Finding("error", code, f"--{code}", None, None, message, remedy) for code, message, remedy in wrong]
        raise InvalidStudy(findings)


def _aims(instance: Instance) -> tuple[Aim, ...]:
    """The aims of the instance; of the first level nothing is given away, and what compares with another plan is left out."""
    priority = first_level(instance.header.aims)[0].priority
    found = [
        replace(aim, tolerance=0.0) if aim.priority == priority else aim
        for aim in instance.header.aims
        if aim.name != "changes"
    ]
    return tuple(sorted(found, key=lambda aim: aim.priority))


def _alternatives(search: Search) -> Alternatives:
    level = [aim for aim in search.aims if aim.priority == search.aims[0].priority]
    name = " + ".join(aim.name for aim in level)
    kept = search.plans
    plans = tuple(_alternative(search, near) for near in kept)
    pledges = [{row[0] for row in near.tried.pooled.assignments} for near in kept]
    return Alternatives(
        name,
        search.within,
        plans,
        tuple(_common(search, one) for one in search.shared),
        tuple(sorted(set[str]().union(*pledges[:1]).intersection(*pledges))),
        _termination(search),
        search.exhausted,
        tuple(_warnings(search)),
    )


def _alternative(search: Search, near: Near) -> Alternative:
    return Alternative(_value(search, near.cost), near.distance, near.bound, near.places, near.tried.plan())


def _value(search: Search, cost: float) -> float:
    """The first level as a planner reads it: the aim's own value; of several the weighted sum, more is better."""
    first = search.aims[0]
    if sum(aim.priority == first.priority for aim in search.aims) > 1:
        return -cost + 0.0
    return (-cost if first.name in MAXIMISED_AIMS else cost) / _unit(search) + 0.0


def _unit(search: Search) -> float:
    """What one unit of the only aim of the first level counts."""
    first = search.aims[0]
    alone = sum(aim.priority == first.priority for aim in search.aims) == 1
    return abs(first.weight) or 1.0 if alone and first.name != "burden_gap" else 1.0


def _common(search: Search, one: Shared) -> Common:
    unit = _unit(search)
    losses = [None if loss is None else loss / unit for loss in (one.least, one.most)]
    return Common(*one.place, one.status, *losses)


def _termination(search: Search) -> str:
    if search.first is None or not search.plans:
        return "none_found" if search.first is None else str(search.first.outcome["termination"])
    short = len(search.plans) < search.count and not search.exhausted
    far = all(near.distance == near.bound for near in search.plans)
    return "optimal" if search.first.outcome["termination"] == "optimal" and far and not short else "feasible"


def _warnings(search: Search) -> list[str]:
    """What a reader must know, in sentences."""
    if search.first is None or not search.plans:
        return []
    said, missing = [], search.count - len(search.plans) - search.dropped
    if search.first.outcome["termination"] != "optimal":
        said.append("The best plan is not proven best: a better one would move the limit.")
    if search.dropped:
        said.append(f"{search.dropped} of the plans found are left out: a better best plan moved the limit.")
    if missing and search.exhausted:
        said.append("No further plan within the limit serves in other places: these are all that differ.")
    elif missing:
        said.append(f"{missing} fewer plans than asked for: the search found no further one in time.")
    loose = [str(n) for n, near in enumerate(search.plans, 1) if near.distance != near.bound]
    if loose:
        said.append(f"Of plan {', '.join(loose)} it is not proven that no other differs more.")
    if search.untested:
        said.append(
            f"Of {search.untested} of the pairs that all plans share it was not asked whether a plan does without."
        )
    return said


def _write(folder: StudyFolder, found: Alternatives) -> None:
    """The tables, and the plans."""
    for place, one in enumerate(found.plans, 1):
        save_plan(one.plan, folder.path / f"plan-{place}")
    about = {
        "aim": found.aim,
        "within": found.within,
        "termination": found.termination,
        "exhausted": found.exhausted,
        "terminations": {found.termination: max(1, len(found.plans))},
        "in_words": STATUS,
        "verdict": found.verdict,
    }
    folder.close_with(found.tables, TITLES, found.warnings, about)
