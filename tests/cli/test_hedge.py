"""`forcegen hedge` at work: where it is kept, what it tells, and what a stopped search leaves."""

import pytest

from optimizer.cli import codes
from optimizer.cli.screen import console
from optimizer.studies.folder import HEAD
from optimizer.studies.hedge import hedge as study
from tests.cli.conftest import TUTORIAL


@pytest.fixture
def search(monkeypatch):
    """Put this in the search's place."""
    return lambda stand_in: monkeypatch.setattr(study, "hedge", stand_in)


def test_its_folder_is_none_of_the_input(run, copy):
    """Nothing is searched where the results would lie over the instance."""
    done = run("hedge", copy, "--out", copy)
    assert done.exit_code == codes.USAGE
    assert "is the input" in done.stderr
    assert not (copy / HEAD).exists()


@pytest.mark.parametrize(
    ("finished", "kept"), [(True, "the same command with --resume goes on"), (False, "nothing is left behind")]
)
def test_stopped_it_says_what_it_leaves(run, tmp_path, search, finished, kept):
    def stopped(question, *, out, **options):
        out.mkdir()
        if finished:
            (out / HEAD).touch()
        raise KeyboardInterrupt

    search(stopped)
    done = run("hedge", TUTORIAL, "--out", tmp_path / "out")
    assert done.exit_code == codes.INTERRUPTED
    assert kept in done.stderr


def test_it_tells_what_it_does_on_a_terminal_only(run, tmp_path, search, monkeypatch):
    """Its words are shown as they are; in a log they would be lines without end."""

    def telling(question, *, report, **options):
        report("solving [bold]case[/bold] 1")
        raise KeyboardInterrupt

    search(telling)
    assert "case" not in run("hedge", TUTORIAL, "--out", tmp_path / "out").stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert console(stderr=True).is_terminal
    assert "solving [bold]case[/bold] 1 …" in run("hedge", TUTORIAL, "--out", tmp_path / "out").stderr
