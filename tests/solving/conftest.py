"""Children that can be watched."""

from __future__ import annotations

import subprocess

import pytest


@pytest.fixture
def children(monkeypatch):
    """The worker processes that were started, in order."""
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *args, **given):
            super().__init__(*args, **given)
            started.append(self)

    monkeypatch.setattr("optimizer.solving.peers.processes.subprocess.Popen", Recorded)
    return started
