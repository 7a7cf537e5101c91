"""The journal of a study: one line per finished run, on the disk at once. A line that a kill cut off is left out."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from optimizer.interrupts import held
from optimizer.studies.record import Record

FLUSH_SECONDS = 1.0
LOCK = ".lock"
"""The file in a study's folder that the process at work there holds locked. The lock, not the file, keeps others out: it
ends with the process, however that dies."""


class Journal:
    """Appends records to a file. A written line survives the death of this process; of the machine, after a second at most."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            FileExistsError: another process writes to it.
        """
        self._lock = FileLock(path.parent / LOCK, blocking=False, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise FileExistsError(
                f"another study is at work in {path.parent}; wait for its end, or choose another folder."
            ) from None
        except OSError:  # a file system without locks
            pass
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except BaseException:
            self._lock.release()
            raise
        self._flushed = 0.0

    @held()
    def append(self, record: Record) -> None:
        """Write one record in one piece."""
        self.write(line_of(record))
        if time.monotonic() - self._flushed > FLUSH_SECONDS:
            os.fsync(self._file)
            self._flushed = time.monotonic()

    def write(self, line: bytes) -> None:
        """Write bytes, all of them."""
        view = memoryview(line)
        while view:
            view = view[os.write(self._file, view) :]

    def close(self) -> None:
        """Flush and close."""
        try:
            os.fsync(self._file)
        finally:
            os.close(self._file)
            self._lock.release()


def line_of(record: Record) -> bytes:
    """A record as a line with its checksum."""
    content = {
        "run": record.run,
        "outcome": dict(record.outcome),
        "timing": dict(record.timing),
        "start": record.start,
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def read_journal(path: Path) -> dict[int, Record]:
    """The records of a journal by run. What follows a damaged line is cut off, so that writing can go on behind the last whole one."""
    records: dict[int, Record] = {}
    if not path.exists():
        return records
    content = path.read_bytes()
    whole = 0
    for line in content.splitlines(keepends=True):
        record = _record(line)
        if record is None:
            break
        records[record.run] = record
        whole += len(line)
    if whole < len(content):
        os.truncate(path, whole)
    return records


def _record(line: bytes) -> Record | None:
    check, _, text = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % zlib.crc32(text):
        return None
    content: Mapping[str, Any] = json.loads(text)
    return Record(content["run"], content["outcome"], content["timing"], content["start"])
