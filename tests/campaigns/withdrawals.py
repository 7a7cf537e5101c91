"""A part of the sets of three nations of a study of withdrawals, each solved by itself: does the study say the same?

`python -m tests.campaigns.withdrawals STUDY 0.1` takes a tenth of the sets of Paris, relaxes each, and looks for a plan in what the published
plans send. What it prints: sets of which the study says that there is no plan, and there is one; sets whose bound is below what the study
guarantees; how many guarantees a plan shows; and what is left open.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Final

import pandas as pd

import optimizer as fg
from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import relax
from optimizer.studies.pool import Pool, Trial
from optimizer.studies.withdraw.leaving import pledging
from publications.paris.cases import Case, shipped, variant_of
from publications.paris.fitting import Fitting
from publications.paris.processes import mapped
from publications.paris.publish import REPORT, read_tables
from publications.paris.setup import BASE, MAIN

SECONDS: Final = 8.0
PROOF: Final = 60.0
RELAXING: Final = 120.0
ROOM: Final = 1e-4


def look(order: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[float | None, float | None]:
    """What no plan beats without these nations (None: there is none), and what a plan covers that sends parts of some plans (None: none was found)."""
    out, keys = order
    variant = variant_of(Case("", "", MAIN, absent=out))
    fitting = Fitting(variant)
    linear = fitting.built.linear
    bound = relax(linear, objective_of(linear.levels[0]), RELAXING)
    most = math.inf if bound is None else bound.bound
    if bound is not None:
        plans = [plan for plan in Pool(REPORT / "plans").plans() if plan.key[:16] in keys]
        found = fitting.within(plans, SECONDS)
        tried = None if found is None else Trial(variant.instance, variant.scenario).tried(found)
        if tried is not None:
            return most, tried.evaluation.aims[0].value
    # A relaxation that ends without a bound may have had too little time: that there is no plan is for the search to say.
    solved = fg.solve(variant.instance, time_limit=PROOF)
    if solved.termination == "infeasible":
        return None, None
    return most, solved.aim("coverage") if solved.has_plan else None


def campaign(study: Path, share: float, seed: int = 0) -> Counter[str]:
    """Look at a share of the sets of three. Returns how many there are of each kind."""
    told = json.loads((study / "study.json").read_text("utf-8"))
    least, _ = told["worst"]
    if least is None:
        raise SystemExit("The study guarantees nothing: of some set it knows no plan.")
    needed = set(pd.read_csv(study / "indispensable.csv").query("what == 'plan'")["nation"])
    cases = read_tables(REPORT)["cases"].set_index("case")
    sets = list(combinations(pledging(shipped(MAIN)), 3))
    drawn = random.Random(seed).sample(sets, round(share * len(sets)))
    near = [tuple(cases.loc[[BASE, *(f"without {one}" for one in out)], "plan"].dropna()) for out in drawn]
    found: Counter[str] = Counter()
    for out, (bound, value) in zip(drawn, mapped(look, list(zip(drawn, near, strict=True))), strict=True):
        if needed & set(out):
            kind = "no plan, as the study says" if bound is None else "A PLAN?" if value is None else "A PLAN"
        elif bound is None or bound < least - ROOM:
            kind = "LESS THAN GUARANTEED"
        else:
            kind = "open" if value is None or value < least - ROOM else "as much as guaranteed, or more"
        found[kind] += 1
        print(";".join(out), kind, bound, value, flush=True)  # noqa: T201
    return found


if __name__ == "__main__":
    for name, times in sorted(campaign(Path(sys.argv[1]), float(sys.argv[2])).items()):
        print(f"{times:5} {name}")  # noqa: T201
