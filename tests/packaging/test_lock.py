"""requirements.lock: exact versions of one Python, which cover what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)")
"""One package and its exact version: no folder, address, option or marker."""


def declared(extra: str = "") -> Iterator[Requirement]:
    """What the project asks for, and with an extra what that asks for, extras within it followed."""
    for line in PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            for inner in sorted(requirement.extras):
                yield from declared(inner)
        else:
            yield requirement


def pinned(lines: list[str]) -> dict[str, Version]:
    """The versions of a lock by package; every line but the first is a package with its version."""
    found = [PIN.fullmatch(line) for line in lines]
    assert all(found), f"no exact version: {[line for line, match in zip(lines, found, strict=True) if not match]}"
    return {canonicalize_name(match[1]): Version(match[2]) for match in found if match}


def not_covered(requirements: list[Requirement], versions: dict[str, Version]) -> list[str]:
    """The requirements that a lock lacks, or of which it has another version."""
    return [
        str(requirement)
        for requirement in requirements
        if not (version := versions.get(canonicalize_name(requirement.name)))
        or not requirement.specifier.contains(version, prereleases=True)
    ]


def test_the_lock_covers_what_is_declared() -> None:
    """Whoever adds or raises a dependency makes the lock anew: `make lock`."""
    assert re.match(r"# Python 3\.\d+ on \w+\.", LOCK[0])
    missing = not_covered([*declared(), *declared("test")], pinned(LOCK[1:]))
    assert not missing, f"`make lock`: requirements.lock does not cover {missing}"


def test_what_is_not_covered_is_noticed() -> None:
    """A package that is not there, one that is too old, and a line that is no exact version."""
    asked = [Requirement(line) for line in ("numpy>=2", "Pandas>=2.2", "scipy>=1.14,<2")]
    assert not_covered(asked, pinned(["numpy==2.1.0", "pandas==3.0", "scipy==1.14"])) == []
    assert not_covered(asked, pinned(["numpy==1.26", "scipy==2.0"])) == ["numpy>=2", "Pandas>=2.2", "scipy<2,>=1.14"]
    for line in ("numpy>=2", "forcegen @ file:///somewhere", "-e .", "--index-url https://example.org"):
        with pytest.raises(AssertionError, match="no exact version"):
            pinned([line])
