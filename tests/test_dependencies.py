"""What is declared is used, and what is used is declared."""

import ast
import functools
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PLACES = {"": ("optimizer",), "studies": ("optimizer",), "bench": ("benchmarks",), "docs": ("docs",)}
NOT_IMPORTED = {"sphinx", "furo", "myst-parser", "highsbox"}
"""Commands, and what other programs load by name."""


def names(requirements):
    return {re.split(r"[<>=!~\[; ]", each)[0].lower() for each in requirements}


@functools.cache
def makers_of_modules():
    return importlib.metadata.packages_distributions()


def modules(package):
    """The modules that a package brings."""
    canonical = package.replace("_", "-").lower()
    found = makers_of_modules()
    return {module for module, makers in found.items() if canonical in {m.replace("_", "-").lower() for m in makers}}


@functools.cache
def imported(places):
    found = set()
    for place in places:
        for path in (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found


def declared(extra):
    return names(PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]) - NOT_IMPORTED


@pytest.mark.parametrize("package", sorted(declared("") | declared("studies") | declared("board")))
def test_every_declared_dependency_is_imported(package):
    """A dependency that nothing imports would be installed for nothing."""
    assert modules(package) & imported(("optimizer",)), f"nothing imports {package}"


@pytest.mark.parametrize("package", sorted(declared("bench")))
def test_every_peer_is_imported(package):
    """A solver that no benchmark imports would be installed for nothing."""
    expected = modules(package) or {package.replace("-", "_")}
    assert expected & imported(("benchmarks",)), f"nothing imports {package}"


@pytest.mark.parametrize("package", sorted(declared("hedging")))
def test_the_other_engine_is_imported(package):
    """It need not be installed where the tests run."""
    assert (modules(package) or {package.replace("-", "")}) & imported(("optimizer",)), f"nothing imports {package}"


def test_every_import_is_declared():
    """The program imports nothing that its users would not have."""
    needed = imported(("optimizer",)) - set(sys.stdlib_module_names) - {"optimizer"}
    given = {
        module for package in declared("") | declared("studies") | declared("board") for module in modules(package)
    }
    # Parts of jinja2 and distributed, and the engine of which a message says how to install it.
    assert needed - given <= {"markupsafe", "dask", "mpisppy"}
