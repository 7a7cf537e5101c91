"""The version of this package, wherever it runs from."""

from __future__ import annotations


def version() -> str:
    """The installed version; `unknown` where the package is run from its sources without installation."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("forcegen")
    except PackageNotFoundError:
        return "unknown"
