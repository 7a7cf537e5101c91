"""Requests to end: raised as long as nothing can be lost, counted afterwards."""

import os
import signal
import threading

import pytest

from optimizer import interrupts
from optimizer.interrupts import held, keep, listening, requests

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _as_before():
    before = {number: signal.getsignal(number) for number in ALL}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(interrupts.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("number", ALL)
def test_a_command_ends_at_once_as_long_as_there_is_nothing_to_lose(number, clock):
    """Each of the three signals raises KeyboardInterrupt; an impatient second one does not disturb the clearing up, a late one does."""
    with listening(whole_process=True):
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        clock[0] += 1
        signal.raise_signal(signal.SIGINT)
        clock[0] += 10
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    signal.raise_signal(number)


def test_once_there_may_be_something_to_lose_requests_are_counted(clock):
    """Nothing is raised, however often they come."""
    with listening(whole_process=True):
        keep()
        for number in (*ALL, *ALL):
            signal.raise_signal(number)
            clock[0] += 10
        assert requests() == 6


def test_what_is_short_is_finished_first():
    """Within `held` a request waits for the end."""
    done = []

    @held()
    def short():
        signal.raise_signal(signal.SIGINT)
        done.append(True)

    with listening(), pytest.raises(KeyboardInterrupt):
        short()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_library_takes_nothing_that_others_have_taken():
    """SIGTERM is left alone, and so is Ctrl-C where somebody else handles it, or in another thread."""
    term = signal.getsignal(signal.SIGTERM)
    with listening():
        assert signal.getsignal(signal.SIGTERM) is term
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with listening():
        keep()
        os.kill(os.getpid(), signal.SIGINT)
        assert requests() == 0
    thread = threading.Thread(target=lambda: listening().__enter__())
    thread.start()
    thread.join()
    assert requests() == 0


def test_nohup_is_respected():
    """A hang-up that was to be ignored stays ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with listening(whole_process=True):
        signal.raise_signal(signal.SIGHUP)
        assert requests() == 0
