"""A study together with its instances, and the part of it that worker processes need."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.studies.study import Study


@dataclass(frozen=True)
class Setup:
    """What every worker needs: the instances (or the paths of their files), the study, and plans (packed) that runs may be told to try."""

    sources: tuple[Instance | str, ...]
    study: Study
    plans: tuple[str, ...] = ()


def within_total(question: Question, total: float | None, jobs: int) -> Question:
    """The question, with seconds of wall time for the whole study on so many workers.

    Raises:
        ValueError: these are not above 0.
    """
    if total is None:
        return question
    if not total > 0.0:
        raise ValueError("The seconds for a whole study are above 0.")
    return replace(question, study=replace(question.study, total=total * jobs))


@dataclass(frozen=True)
class Question:
    """A study and its instances (or the paths of their files), with a label each where there are several."""

    study: Study
    sources: tuple[Instance | str, ...]
    labels: tuple[str, ...] = ("",)

    @property
    def setup(self) -> Setup:
        """What the workers must know."""
        return Setup(self.sources, self.study)

    @property
    def first(self) -> Instance:
        """The first instance: names of aims and missions in the results follow it."""
        source = self.sources[0]
        return read_instance(source) if isinstance(source, str) else source
