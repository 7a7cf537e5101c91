"""Options of the whole suite."""

from __future__ import annotations

import signal

import pytest


def pytest_configure() -> None:
    # What a script starts in its background ignores Ctrl-C, and so would all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write the model sizes in the expected.toml of shipped instances anew"
    )
