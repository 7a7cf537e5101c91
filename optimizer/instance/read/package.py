"""The parts of an `.xlsx` file as streams of XML events, bounded in time and memory whatever the file says of itself.

No tree is built: a reader of a part keeps what it needs and nothing else. The XML parser (lxml) resolves no entities, opens
no other file, and limits depth, names and attributes; a part with a document type is refused, as the format has none.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from optimizer.instance.regular import UnreadableFile, regular_file

MAXIMUM_EXPANDED_BYTES: Final = 256 * 1024 * 1024
"""Most bytes that the parts which are read may expand to, all together."""
MAXIMUM_EXPANSION: Final = 50
"""Most bytes per byte of the file; what a spreadsheet saves expands ten- to thirtyfold."""
MAXIMUM_ENTRIES: Final = 2_000
_ALWAYS_ALLOWED: Final = 4 * 1024 * 1024
_PIECE: Final = 1 << 16
_ENTRY_MARK: Final = b"PK\x01\x02"
_OLD_OR_ENCRYPTED: Final = b"\xd0\xcf\x11\xe0"


def broken(what: str) -> UnreadableFile:
    """The finding on what no spreadsheet would have saved."""
    remedy = "Open it in a spreadsheet and save it again as .xlsx (Excel workbook), without a password."
    return UnreadableFile("workbook-unreadable", what, remedy)


class Events:
    """Receives the events of a part; a subclass keeps what it needs. Names are local: prefixes do not matter."""

    def begin(self, name: str, attributes: Any) -> None:
        """An element begins."""

    def finish(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """A piece of text inside an element."""

    def start(self, tag: str, attributes: Any) -> None:
        """Called by the parser, with the namespace before the name."""
        self.begin(tag.rpartition("}")[2], attributes)

    def end(self, tag: str) -> None:
        """Called by the parser, with the namespace before the name."""
        self.finish(tag.rpartition("}")[2])

    def doctype(self, *_: object) -> None:
        """Called by the parser where a document type (the home of entities) is declared."""
        raise broken("it declares a document type, which no workbook has.")

    def close(self) -> None:
        """Called by the parser at the end."""


class Package:
    """The parts of an `.xlsx` file by name. Names are compared without regard to case, as the format says."""

    def __init__(self, path: Path) -> None:
        """Read the directory of the file.

        Raises:
            UnreadableFile: it is no regular file, too large, or no zip file.
            OSError: it cannot be read.
        """
        regular_file(path)
        data = path.read_bytes()
        if data.startswith(_OLD_OR_ENCRYPTED):
            raise broken("this is no .xlsx workbook, but an old one (.xls) or one with a password.")
        entries = data.count(_ENTRY_MARK)
        if entries > MAXIMUM_ENTRIES:
            raise _too_large(f"the workbook has {entries:,} parts, more than {MAXIMUM_ENTRIES:,}.")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise broken(f"this is no readable workbook ({error}).") from None
        self._left = min(MAXIMUM_EXPANDED_BYTES, _ALWAYS_ALLOWED + MAXIMUM_EXPANSION * len(data))
        self._parts: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in self._zip.infolist():
            self._parts.setdefault(_normal(entry.filename), []).append(entry)

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return _normal(part) in self._parts

    def parse(self, part: str, events: Events) -> None:
        """Read a part from its beginning to its end, piece by piece.

        Raises:
            UnreadableFile: it is not there, no XML, twice there, or expands to too much.
        """
        from lxml import etree

        parser = etree.XMLParser(
            target=events, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            with self._zip.open(self._entry(part)) as stream:
                while piece := stream.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise _too_large(f"the workbook expands to far more than its file holds ({part}).")
                    parser.feed(piece)
            parser.close()
        except etree.LxmlError as error:
            raise broken(f"its part {part} is no readable XML ({error.msg[:200] if error.msg else error}).") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, OverflowError, RuntimeError, ValueError) as error:
            raise broken(f"its part {part} cannot be unpacked ({str(error)[:200]}).") from None

    def _entry(self, part: str) -> zipfile.ZipInfo:
        entries = self._parts.get(_normal(part), [])
        if not entries:
            raise broken(f"its part {part} is missing.")
        if len(entries) > 1:
            raise broken(f"its part {part} is there {len(entries)} times.")
        if entries[0].compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise broken(f"its part {part} is packed in a way that no spreadsheet uses.")
        return entries[0]

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The last word of the kind, and the part meant, by the name of each relation of a part ("" is the file itself)."""
        folder, name = posixpath.split(part)
        events = _Relations(folder)
        self.parse(posixpath.join(folder, "_rels", f"{name}.rels"), events)
        return events.found


class _Relations(Events):
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def begin(self, name: str, attributes: Any) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = unquote(attributes.get("Target", "")).replace("\\", "/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = (kind, posixpath.normpath(posixpath.join(self.folder, target)))


def _normal(part: str) -> str:
    return posixpath.normpath(part.replace("\\", "/")).lstrip("/").casefold()


def _too_large(message: str) -> UnreadableFile:
    remedy = "Leave out what the instance does not need (pictures, other sheets), and save it again."
    return UnreadableFile("workbook-too-large", message, remedy)
