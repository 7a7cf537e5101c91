"""Reading and writing an instance wherever it lives: a folder or a workbook."""

from __future__ import annotations

from pathlib import Path

from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.reading import RawInstance, instance_from_raw


def read_instance(path: str | Path) -> Instance:
    """The instance in a folder (`instance.toml` and CSV files) or in an `.xlsx` workbook.

    Raises:
        InvalidInstance: with every finding.
    """
    return instance_from_raw(read_raw(path))


def read_raw(path: str | Path) -> RawInstance:
    """The tables of a folder or a workbook, before any check.

    Raises:
        InvalidInstance: there is no such folder or workbook.
    """
    path = Path(path)
    if path.is_dir():
        from optimizer.instance.folder import read_folder

        return read_folder(path)
    if not path.exists():
        raise InvalidInstance(
            [
                Finding(
                    "error",
                    "not-found",
                    str(path),
                    None,
                    None,
                    "there is no such folder or workbook.",
                    "Check the path.",
                )
            ]
        )
    if path.suffix.lower() == ".xlsx":
        from optimizer.instance.workbook import read_workbook

        return read_workbook(path)
    if path.name == "instance.toml":
        return read_raw(path.parent)
    raise InvalidInstance(
        [
            Finding(
                "error",
                "not-an-instance",
                str(path),
                None,
                None,
                "this is neither a folder nor an .xlsx workbook.",
                "Give the folder that holds instance.toml, or a workbook saved as .xlsx.",
            )
        ]
    )
