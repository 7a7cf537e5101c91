"""Processes of our own: a module of this package in a fresh Python, with pipes, apart from the terminal and from the current folder."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[3]

# This package is the parent's own, wherever another may be installed. Its surroundings come last, where only what is nowhere else is sought.
_BOOT = """
import importlib.util, runpy, sys
root, module = sys.argv[1:]
folder = root + "/optimizer"
spec = importlib.util.spec_from_file_location("optimizer", folder + "/__init__.py", submodule_search_locations=[folder])
package = sys.modules["optimizer"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
sys.path.append(root)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def start_module(module: str, stderr: int | IO[bytes], files: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a module as `python -m module` does, in a process group of its own (where there are such groups).

    Ctrl-C at the terminal is for the one who starts it. Nothing is imported from the current folder, which may hold files of any name.
    `files`: descriptors that the process shares.

    Not in a session of its own: Linux may share processors out among sessions first, so that priorities count within one only.
    """
    # Arrays are only multiplied with vectors there: numpy's threads would cost start-up and the other processes' time.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    path = trusted_path(os.environ.get("PYTHONPATH", ""))
    environment.pop("PYTHONPATH", None)
    if path:
        environment["PYTHONPATH"] = path
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _BOOT, str(_ROOT), module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment,
        process_group=0,
        pass_fds=files,
    )


def trusted_path(path: str) -> str:
    """What of PYTHONPATH our processes search: folders named in full, except the current one."""
    try:
        here = os.path.realpath(os.curdir)
    except OSError:  # it was removed
        here = ""
    named = [part for part in path.split(os.pathsep) if os.path.isabs(part)]  # noqa: PTH117  (text, as Python reads it)
    return os.pathsep.join(part for part in named if os.path.realpath(part) != here)


@dataclass(frozen=True)
class Scratch:
    """A file for a log: its path, here and in a process that shares `files`."""

    path: Path
    files: tuple[int, ...]

    def text(self) -> str:
        """What was written so far."""
        return self.path.read_text(encoding="utf-8", errors="replace") if self.path.exists() else ""


def _above_the_standard_streams(handle: int) -> int:
    """A descriptor of the same file that is none of the first three, which may be free here and are taken in a child."""
    import fcntl

    try:
        return fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(handle)


@contextlib.contextmanager
def scratch_file() -> Iterator[Scratch]:
    """A file that is gone when this ends: in memory where the system has such files, so that even a kill leaves nothing behind."""
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        handle = _above_the_standard_streams(os.memfd_create("forcegen"))
        try:
            yield Scratch(Path(f"/proc/self/fd/{handle}"), (handle,))
        finally:
            os.close(handle)
        return
    with tempfile.TemporaryDirectory(prefix="solve-", ignore_cleanup_errors=True) as folder:
        yield Scratch(Path(folder) / "log", ())


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that may be dead already, and close its pipes."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
