"""From a study to its runs: every design gives the same list every time, whoever works it off."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from optimizer.studies.study import Study, Value, Variant, Vary

if TYPE_CHECKING:
    from typing import Any

MOST_NEIGHBOURS = 20
LEAST_CHUNKS = 8


def variants_of(study: Study, labels: Sequence[str] = ("",)) -> list[Variant]:
    """All runs in order: the whole design for each instance (`labels` name them where there are several)."""
    points = list(_points(study))
    found: list[Variant] = []
    for source, label in enumerate(labels):
        for index, inputs in enumerate(points):
            words = [label] if label else []
            own = study.row_names[index] if study.row_names else ""
            words += (
                [own]
                if own
                else [
                    f"{vary.name}={text_of(value)}"
                    for vary, value in zip(study.vary, inputs, strict=True)
                    if value is not None
                ]
            )
            found.append(Variant(len(found), ", ".join(words) or "base", source, inputs))
    return found


def text_of(value: Value) -> str:
    """A value as names of runs write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def count_runs(study: Study) -> int:
    """How many runs the study has for one instance, without making them."""
    sizes = [len(vary.values) for vary in study.vary]
    many = len(study.vary)
    return {
        "one_at_a_time": 1 + sum(sizes),
        "grid": math.prod(sizes),
        "latin_hypercube": study.size,
        "sobol": study.size * (many + 2),
        "morris": study.size * (many + 1),
        "rows": len(study.rows),
    }[study.design]


def chunks_of(study: Study, variants: Sequence[Variant]) -> list[tuple[Variant, ...]]:
    """Runs that follow one another in one process. Fixed by the study alone: results must not depend on who works on what."""
    size = study.neighbours or max(1, min(MOST_NEIGHBOURS, math.ceil(len(variants) / LEAST_CHUNKS)))
    chunks: list[tuple[Variant, ...]] = []
    for _, group in itertools.groupby(variants, key=lambda variant: variant.source):
        members = list(group)
        chunks += [tuple(members[at : at + size]) for at in range(0, len(members), size)]
    return chunks


def _points(study: Study) -> Iterator[tuple[Value, ...]]:
    if not study.vary:
        yield ()
    elif study.design == "one_at_a_time":
        blank: tuple[Value, ...] = (None,) * len(study.vary)
        yield blank
        for index, vary in enumerate(study.vary):
            for value in vary.values:
                yield (*blank[:index], value, *blank[index + 1 :])
    elif study.design == "grid":
        yield from itertools.product(*(vary.values for vary in study.vary))
    elif study.design == "rows":
        yield from study.rows
    else:
        yield from drawn_points(study)


def drawn_points(study: Study) -> Iterator[tuple[Value, ...]]:
    """The inputs of every run of a sampled design."""
    for row in samples(study):
        yield tuple(_drawn(vary, float(number)) for vary, number in zip(study.vary, row, strict=True))


def problem_of(study: Study) -> dict[str, Any]:
    """The study as SALib describes a problem."""
    return {
        "num_vars": len(study.vary),
        "names": [vary.name for vary in study.vary],
        "bounds": [[vary.low, vary.high] for vary in study.vary],
    }


def samples(study: Study) -> Any:
    """The numbers of a sampled design, one row per run, as the analysis needs them (before whole numbers are rounded)."""
    problem = problem_of(study)
    if study.design == "latin_hypercube":
        import numpy as np
        from scipy.stats import qmc

        unit = qmc.LatinHypercube(len(study.vary), rng=np.random.default_rng(study.seed)).random(study.size)
        low = np.array([vary.low for vary in study.vary])
        high = np.array([vary.high for vary in study.vary])
        return low + unit * (high - low)
    if study.design == "sobol":
        from SALib.sample import sobol

        return sobol.sample(problem, study.size, calc_second_order=False, seed=study.seed)
    from SALib.sample import morris

    return morris.sample(problem, study.size, num_levels=study.levels, seed=study.seed)


def _drawn(vary: Vary, number: float) -> Value:
    # Ten digits: the same text in every table, and no difference that a planner could mean.
    return round(number) if vary.whole else float(f"{number:.10g}")
