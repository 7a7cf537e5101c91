"""A study together with its instances, and the part of it that worker processes need."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.studies.study import Study


@dataclass(frozen=True)
class Setup:
    """What every worker needs: the instances (or the paths of their files), the study, and plans (packed) that runs may be told to try."""

    sources: tuple[Instance | str, ...]
    study: Study
    plans: tuple[str, ...] = ()


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
