"""Files that are written whole or not at all: to a temporary name beside the target, flushed to the disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from optimizer.interrupts import held


def refuse_target(file: Path, inputs: Iterable[Path] = ()) -> None:
    """Do nothing where a file may be written or written anew.

    Raises:
        FileExistsError: what is there is no regular file (a folder, a pipe, a device), or one of the inputs.
    """
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, a device or a socket"
        raise FileExistsError(f"{file} is {what}; give the name of a file.")
    for path in inputs:
        try:
            same = os.path.samestat(path.stat(), found)
        except OSError:
            continue
        if same:
            raise FileExistsError(f"{file} is read by this command; choose another name for what is written.")


@held()
def write_file(path: Path, content: bytes) -> None:
    """Write one new file.

    Raises:
        OSError: nothing was written (no space, no permission, the file is there already).
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already; choose another name, or remove it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        _fill(handle, content, path)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    flush_folder(path.parent)


@held()
def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write a new folder with these files (an empty folder may be there already).

    Raises:
        OSError: nothing was written (no space, no permission, the folder is there already and holds something).
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(
            f"{folder} is there already and is not an empty folder; choose another name, or remove it."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, content in contents.items():
            handle = os.open(temporary / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            _fill(handle, content, folder / name)
        flush_folder(temporary)
        temporary.chmod(0o755)
        if folder.exists():
            folder.rmdir()  # empty, as checked above; not every system renames onto a folder
        temporary.replace(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    flush_folder(folder.parent)


def _fill(handle: int, content: bytes, meant: Path) -> None:
    """Write and flush; an error names the file that was meant, not its temporary name."""
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(meant)) from error


def flush_folder(folder: Path) -> None:
    """Flush the folder's own entries, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
