"""The digest of a plan's folder: the SHA-256 of every file, so that a change after writing shows.

`SHA256SUMS` has the form of the tool `sha256sum`, which checks it too. It is no signature: whoever changes a file can write a new digest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from optimizer.instance.regular import UnreadableFile, read_text, regular_file
from optimizer.plan.violation import Violation

DIGEST_FILE: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)")


def digest_of(files: Mapping[str, bytes]) -> bytes:
    """The content of the digest file: one line per file, in the order of their names."""
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())
    ).encode()


def changed_files(folder: Path, own: Collection[str], input_folder: str) -> list[Violation]:
    """What does not agree with the digest. Files that are not the plan's own (a report, notes) are left alone."""

    def found(name: str, message: str) -> Violation:
        return Violation("changed", name, name, None, None, None, message)

    try:
        lines = read_text(folder / DIGEST_FILE).splitlines()
    except UnreadableFile as error:
        reason = "is not there" if error.code == "not-found" else f"cannot be read ({error.message.rstrip('.')})"
        message = f"The digest {DIGEST_FILE} {reason}: whether the folder was changed cannot be told. Solve again, or restore it."
        return [found(DIGEST_FILE, message)]
    broken = []
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in listed:
            broken.append(found(DIGEST_FILE, f"Row {number} of {DIGEST_FILE} is not the digest of one more file."))
        else:
            listed[match[2]] = match[1]
    there = {name: folder / name for name in own if name != DIGEST_FILE and (folder / name).exists()}
    inside = folder / input_folder
    if there.pop(input_folder, None) is not None and inside.is_dir():
        there |= {f"{input_folder}/{path.name}": path for path in inside.iterdir()}
    for name in sorted(listed.keys() | there.keys()):
        if name not in there:
            broken.append(found(name, f"{name} was taken away after the plan was written."))
        elif name not in listed:
            broken.append(found(name, f"{name} was added after the plan was written."))
        elif _sum(there[name]) != listed[name]:
            broken.append(found(name, f"{name} was changed after the plan was written."))
    return broken


def _sum(path: Path) -> str | None:
    """The SHA-256 of a file; None where there is no file that can be read."""
    try:
        regular_file(path, 2**40)
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, UnreadableFile):
        return None
