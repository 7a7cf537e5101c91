"""Processes of our own: a module of this package in a fresh Python, with pipes, apart from the terminal."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

_ROOT = str(Path(__file__).resolve().parents[2])


def start_module(module: str, stderr: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Start `python -m module` in a process group of its own (where there are such groups): Ctrl-C at the terminal is for the one who starts it.

    Not in a session of its own: Linux may share processors out among sessions first, so that priorities count within one only.
    """
    path = os.pathsep.join(part for part in (_ROOT, os.environ.get("PYTHONPATH", "")) if part)
    # Arrays are only multiplied with vectors there: numpy's threads would cost start-up and the other processes' time.
    environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment,
        process_group=0,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that may be dead already, and close its pipes."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def receive(stream: IO[bytes], take: Callable[[Any], None]) -> None:
    """Hand over every pickled message of a stream until it ends (or breaks off, when its writer died)."""
    with contextlib.suppress(EOFError, pickle.UnpicklingError, OSError, ValueError):
        while True:
            take(pickle.load(stream))  # noqa: S301  (from a process that we started, or that started us)
