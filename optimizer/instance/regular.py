"""Only regular files are read: a pipe, a device or a socket would make a command wait for ever, or read without end."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

MAXIMUM_FILE_BYTES: Final = 64 * 1024 * 1024
"""Largest file that is read."""

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class UnreadableFile(Exception):  # noqa: N818 - the name says what is wrong
    """A file that cannot be read, in the words of the finding to show: code, message, remedy, and the line where known."""

    def __init__(self, code: str, message: str, remedy: str, row: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.remedy, self.row = code, message, remedy, row


def regular_file(path: str | Path, most_bytes: int = MAXIMUM_FILE_BYTES) -> None:
    """Do nothing where the path is a regular file (or a link to one) of at most `most_bytes`; never opens it.

    Raises:
        UnreadableFile: `not-found` (nothing is there, or a link leads nowhere), `not-a-file` (a folder, pipe, socket
            or device), `file-too-large`, or `unreadable` (the file system refuses, or no file can have such a name).
    """
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        raise UnreadableFile("not-found", "there is no such file.", "Check the path.") from None
    except OSError as error:
        raise UnreadableFile(
            "unreadable", f"the file cannot be read ({error.strerror}).", "Check its permissions."
        ) from None
    except ValueError:  # a NUL in the name
        raise UnreadableFile("unreadable", "no file can have this name.", "Check the path.") from None
    if not stat.S_ISREG(found.st_mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(found.st_mode)), "something else")
        raise UnreadableFile("not-a-file", f"this is {kind}, not a file.", "Put a file in its place, or remove it.")
    if found.st_size > most_bytes:
        raise UnreadableFile(
            "file-too-large",
            f"the file has {found.st_size:,} bytes, more than {most_bytes:,}.",
            "Leave out what is not needed.",
        )


def read_text(path: str | Path, most_bytes: int = MAXIMUM_FILE_BYTES) -> str:
    """The text of a regular file in UTF-8 (a byte order mark is dropped).

    Raises:
        UnreadableFile: as `regular_file`, or `encoding` with the line of the first byte that is not UTF-8.
    """
    regular_file(path, most_bytes)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "unreadable", f"the file cannot be read ({error.strerror}).", "Check its permissions."
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile("encoding", "the file is not UTF-8 text.", "Save it as “CSV UTF-8”.", line) from None
