"""What a killed writer left beside a report goes with the next writing of the same report."""

from __future__ import annotations

import os
import time
from pathlib import Path

from optimizer.reporting.text import STILL_WRITING, write_atomically


def test_remains_of_killed_writers_go_and_nothing_else_does(tmp_path: Path) -> None:
    old = time.time() - STILL_WRITING - 60
    for name in (".page[1].html.abc.part", ".other.html.abc.part", "page[1].html.abc.part"):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".page[1].html.now.part").write_bytes(b"being written")
    write_atomically(tmp_path / "page[1].html", b"whole")
    left = {".page[1].html.now.part", ".other.html.abc.part", "page[1].html.abc.part", "page[1].html"}
    assert {path.name for path in tmp_path.iterdir()} == left
    assert (tmp_path / "page[1].html").read_bytes() == b"whole"
