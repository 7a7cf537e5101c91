"""Options of the whole suite."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator

import pytest

from tests.patches import Watched

PASSED = pytest.StashKey[bool]()


def pytest_configure() -> None:
    # What a script starts in its background ignores Ctrl-C, and so would all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write the model sizes in the expected.toml of shipped instances anew"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture
def monkeypatch(request: pytest.FixtureRequest) -> Iterator[pytest.MonkeyPatch]:
    """Like pytest's own; a stand-in for a function of the product that is never called fails the test (see `tests.patches`)."""
    watched = Watched()
    yield watched.patch
    watched.patch.undo()
    if request.node.stash.get(PASSED, False) and watched.unused():
        pytest.fail(f"patched, but never called: {', '.join(watched.unused())}")
