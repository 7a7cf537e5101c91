"""mpi-sppy reaches the same values; where it is not installed, that is said."""

import pytest

import optimizer as fg
from optimizer.instance.instance import Instance
from optimizer.studies.hedge.course import run
from optimizer.studies.hedge.futures import futures_of
from optimizer.studies.hedge.hedge import hedge, study_of
from optimizer.studies.hedge.judging import Search
from optimizer.studies.hedge.measure import KINDS, Measure
from optimizer.studies.hedge.tables import hedged
from optimizer.studies.question import Question
from optimizer.studies.running import Begun
from optimizer.studies.workers import Workers
from tests.studies.small import TUTORIAL

from .reference import draw


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_mpi_sppy_reaches_the_same_value(kind, capsys):
    cases = [fg.read_instance(TUTORIAL)]
    for seed in range(4):
        drawn = draw(seed)
        if drawn is not None:
            cases.append(Instance.from_tables(drawn[0], header=drawn[1], impossible=True))
    compared = 0
    for instance in cases[:2]:
        futures, measure, search = futures_of(instance), Measure(kind, 0.7), Search(1e-9, 0)
        ours, theirs = (
            run(
                futures,
                measure,
                search,
                Begun(Question(study_of(measure, search, 0), (instance,)), Workers(1)),
                engine=engine,
            )  # type: ignore[arg-type]
            for engine in ("highs", "mpi-sppy")
        )
        assert (ours.termination == "infeasible") == (theirs.termination == "infeasible")
        if ours.kept:
            compared += 1
            assert hedged(theirs, measure).ends == pytest.approx(hedged(ours, measure).ends, rel=1e-6, abs=1e-6)
    assert compared >= 1
    assert capsys.readouterr().out == ""


def test_without_it_that_is_said(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(fg.InvalidStudy, match="mpi-sppy is not installed"):
        hedge(TUTORIAL, engine="mpi-sppy")
