"""Requests to end: Ctrl-C, and SIGTERM and SIGHUP as schedulers and closing terminals send them.

As long as nothing can be lost, a request raises KeyboardInterrupt. From `keep` on it is only counted: the search asks `requests` and
ends with what it has found, and nothing disturbs the check and the writing of it.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 5.0
"""Seconds after a request in which a further one counts as the same."""


class _State:
    listening = False
    kept = False
    held = 0
    pending = False
    requests = 0
    last = -PATIENCE


_state = _State()


@contextmanager
def listening(*, whole_process: bool = False) -> Iterator[None]:
    """Take requests to end as this module says; inside another `listening`, and beside the main thread, nothing changes.

    `whole_process`: for a command, whose process ends with it: SIGTERM and SIGHUP are requests too, and what comes after the command's
    end is ignored, so that its exit code stands. Otherwise only Ctrl-C is, and only where nobody else has taken charge of it.
    """
    main = threading.current_thread() is threading.main_thread()
    taken = signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    if _state.listening or not main or (taken and not whole_process):
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP") if whole_process else ("SIGINT",)
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    if whole_process and hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        numbers.remove(signal.SIGHUP)  # nohup
    _reset()
    _state.listening = True
    before = {number: signal.signal(number, _take) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if whole_process else handler)
        _reset()


def _reset() -> None:
    vars(_state).clear()


def _take(_number: int, _frame: object) -> None:
    now = time.monotonic()
    if now - _state.last < PATIENCE:
        return
    _state.last = now
    _state.requests += 1
    if _state.held:
        _state.pending = True
    elif not _state.kept:
        raise KeyboardInterrupt


def requests() -> int:
    """How many requests to end have come."""
    return _state.requests


def keep() -> None:
    """From now on requests are only counted: there may be something to lose."""
    _state.kept = _state.listening


@contextmanager
def held() -> Iterator[None]:
    """Let no request disturb what is short and must be whole (also as a decorator); it is raised afterwards."""
    if not _state.listening or threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.held += 1
    try:
        yield
    finally:
        _state.held -= 1
        if not _state.held and _state.pending:
            _state.pending = False
            if not _state.kept:
                raise KeyboardInterrupt
