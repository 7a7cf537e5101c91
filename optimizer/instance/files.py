"""Reading and writing an instance wherever it lives: a folder or a workbook."""

from __future__ import annotations

from pathlib import Path

from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawInstance
from optimizer.instance.read.examine import instance_from_raw
from optimizer.instance.regular import UnreadableFile, regular_file


def read_instance(path: str | Path, *, impossible: bool = False) -> Instance:
    """The instance in a folder (`instance.toml` and CSV files) or in an `.xlsx` workbook.

    `impossible`: it is read too where its only errors are rules that no plan can keep, to ask which, and why.

    Raises:
        InvalidInstance: with every finding.
    """
    return instance_from_raw(read_raw(path), impossible=impossible)


def as_instance(instance: Instance | str | Path, *, impossible: bool = False) -> Instance:
    """An instance as it is, or read from its path; `impossible` as in `read_instance`.

    Raises:
        InvalidInstance: with every finding.
    """
    return instance if isinstance(instance, Instance) else read_instance(instance, impossible=impossible)


def read_raw(path: str | Path) -> RawInstance:
    """The tables of a folder or a workbook, before any check.

    Raises:
        InvalidInstance: there is no such folder or workbook.
    """
    path = Path(path)
    if path.is_dir():
        from optimizer.instance.read.folder import HEADER_FILE, read_folder

        if (path / "plan.json").is_file() and not (path / HEADER_FILE).exists():
            message = f"{path} is the folder of a plan, not an instance."
            remedy = f"Give the plan's own copy of its input, {path / 'input'}, or the instance from which it was made."
            raise InvalidInstance([Finding("error", "not-an-instance", str(path), None, None, message, remedy)])
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
    if path.name == "instance.toml":
        return read_raw(path.parent)
    if path.suffix.lower() == ".xlsx":
        from optimizer.instance.read.workbook import read_workbook

        try:
            regular_file(path)
        except UnreadableFile as error:
            raise InvalidInstance(
                [Finding("error", error.code, str(path), None, None, error.message, error.remedy)]
            ) from None
        return read_workbook(path)
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


def write_instance(instance: Instance, path: str | Path) -> None:
    """Write an instance as a new workbook (a path that ends in `.xlsx`) or a new folder, whole or not at all.

    Raises:
        OSError: nothing was written (no space, no permission, something is there already).
    """
    if Path(path).suffix.lower() == ".xlsx":
        from optimizer.instance.write.workbook import write_workbook

        write_workbook(instance, path)
    else:
        from optimizer.instance.write.folder import write_folder

        write_folder(instance, path)


def convert(source: str | Path, target: str | Path) -> Instance:
    """Read a folder or a workbook, and write it as a workbook or a folder; nothing is lost.

    Raises:
        InvalidInstance: with every finding.
        OSError: nothing was written (no space, no permission, something is there already).
    """
    instance = read_instance(source)
    write_instance(instance, target)
    return instance
