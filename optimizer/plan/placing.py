"""The files of a plan put in their place, all or none: whatever fails on the way, what was there before stands there again."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from optimizer.instance.writing import flush_folder
from optimizer.interrupts import held

WRITING: Final = ".forcegen-writing"
"""The folder in which new files wait within one that is there already; nobody else writes as long as it is there."""
STALE_SECONDS: Final = 600.0
"""What waits longer than this was left by a process that was killed."""
_SYSTEM: Final = frozenset({"lost+found", WRITING})


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing of anybody (a new disk has a folder of its own)."""
    return all(entry.name in _SYSTEM for entry in folder.iterdir())


@held()
def place(target: Path, contents: Mapping[str, bytes], own: AbstractSet[str]) -> None:
    """Put files (by their path in it) into the folder `target`, new or in the place of what is called as in `own`.

    A folder that is there stays the same one (it may be a mounted disk, a link, or somebody's current folder); others' files in it stay.

    Raises:
        OSError: no file was written, and what was there is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        try:
            _place_new(target, contents)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST} or not target.is_dir():
                raise
        else:
            return
    _place_within(target, contents, own)


def _place_new(target: Path, contents: Mapping[str, bytes]) -> None:
    mark = f".{target.name[:40]}.forcegen-"
    _remove_stale(target.parent, mark)
    temporary = Path(tempfile.mkdtemp(prefix=mark, dir=target.parent))
    try:
        temporary.chmod(0o755)
        fill(temporary, contents)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    flush_folder(target.parent)


def _place_within(target: Path, contents: Mapping[str, bytes], own: AbstractSet[str]) -> None:
    staging = target / WRITING
    try:
        staging.mkdir()
    except FileExistsError:
        raise OSError(errno.EBUSY, "another run is writing there") from None
    new, old = staging / "new", staging / "old"
    moved: list[tuple[Path, Path]] = []
    try:
        new.mkdir()
        old.mkdir()
        fill(new, contents)
        moves = _moves(target, new, old, own)
        for source, goal in moves:
            source.rename(goal)
            moved.append((source, goal))
        flush_folder(target)
    except BaseException:
        while moved:
            source, goal = moved.pop()
            goal.rename(source)
        shutil.rmtree(staging, ignore_errors=True)
        raise
    shutil.rmtree(staging, ignore_errors=True)


def _moves(target: Path, new: Path, old: Path, own: AbstractSet[str]) -> list[tuple[Path, Path]]:
    """What goes where, one after the other: first the old files out, then the new ones in."""
    out = [entry for entry in target.iterdir() if entry.name in own]
    into = list(new.iterdir())
    if any((target / entry.name).exists() and entry.name not in own for entry in into):
        raise OSError(errno.EEXIST, "something has come to stand there meanwhile")
    return [(entry, old / entry.name) for entry in out] + [(entry, target / entry.name) for entry in into]


def recover(target: Path) -> None:
    """Put back what a process that was killed had moved aside in a folder, and remove the rest that it left there."""
    staging = target / WRITING
    with contextlib.suppress(OSError):
        if time.time() - staging.stat().st_mtime < STALE_SECONDS:
            return
        for entry in (staging / "old").iterdir() if (staging / "old").is_dir() else ():
            if not (target / entry.name).exists():
                entry.rename(target / entry.name)
        shutil.rmtree(staging, ignore_errors=True)


def _remove_stale(folder: Path, mark: str) -> None:
    for entry in folder.iterdir():
        if re.fullmatch(re.escape(mark) + r"\w{8}", entry.name):
            with contextlib.suppress(OSError):
                if time.time() - entry.stat().st_mtime >= STALE_SECONDS:
                    shutil.rmtree(entry, ignore_errors=True)


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write new files, flushed to the disk."""
    folders = {folder}
    for name, content in files.items():
        path = folder / name
        if path.parent not in folders:
            path.parent.mkdir()
            folders.add(path.parent)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
    for path in folders:
        flush_folder(path)
