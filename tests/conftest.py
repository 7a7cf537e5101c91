"""Options of the whole suite."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.patches import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, as Debian packs it; of a module, since while it runs no other event loop can."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()
