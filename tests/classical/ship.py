"""Writes the folders under `instances/classical` again: `python -m tests.classical.ship` from the project's folder."""

from __future__ import annotations

import shutil

from optimizer.instance.files import write_instance

from .published import CASES, SHIPPED, expected, readme


def main() -> None:
    """Write every case."""
    for case in CASES:
        folder = SHIPPED / case.folder
        shutil.rmtree(folder, ignore_errors=True)
        write_instance(case.instance(), folder)
        (folder / "README.md").write_text(readme(case), encoding="utf-8")
        (folder / "expected.toml").write_text(expected(case), encoding="utf-8")


if __name__ == "__main__":
    main()
