"""Patches of product functions that must be used: a patch of a name that nothing calls any more guards nothing.

`monkeypatch.setattr` of the suite (see `conftest`) watches every function that stands in for one of the product: the test fails
where none of its calls came. `perhaps` is for stand-ins that need not be called, such as those that must not.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import pytest

PRODUCT = ("optimizer", "benchmarks")


def perhaps(function: Callable[..., Any]) -> Callable[..., Any]:
    """A stand-in that need not be called."""

    @functools.wraps(function)
    def stand_in(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    stand_in.perhaps = True  # type: ignore[attr-defined]
    return stand_in


class Watched:
    """A MonkeyPatch that knows which of its stand-ins for product functions were called."""

    def __init__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.calls: dict[str, int] = {}
        plain = self.patch.setattr

        def setattr_watched(*given: Any, **named: Any) -> None:
            plain(*given, **named)
            owner, name = self._place(given)
            new = given[1] if isinstance(given[0], str) else given[2]
            old = next(kept for where, key, kept in reversed(self.patch._setattr) if where is owner and key == name)
            if self._counts(old, new):
                label = f"{getattr(owner, '__name__', type(owner).__name__)}.{name}"
                self.calls.setdefault(label, 0)
                setattr(owner, name, self._counted(new, label))

        self.patch.setattr = setattr_watched  # type: ignore[method-assign]

    def unused(self) -> list[str]:
        """Names that were patched in vain: no stand-in for them was called."""
        return [label for label, calls in self.calls.items() if not calls]

    def _place(self, given: tuple[Any, ...]) -> tuple[Any, str]:
        if not isinstance(given[0], str):
            return given[0], given[1]
        owner, name = given[0].rsplit(".", 1)
        return self.patch._setattr[-1][0] if self.patch._setattr else owner, name

    def _counts(self, old: Any, new: Any) -> bool:
        module = getattr(old, "__module__", None) or ""
        ours = module.split(".")[0] in PRODUCT and isinstance(old, types.FunctionType | types.MethodType)
        return ours and isinstance(new, types.FunctionType) and not hasattr(new, "perhaps")

    def _counted(self, new: Callable[..., Any], label: str) -> Callable[..., Any]:
        @functools.wraps(new)
        def counted(*given: Any, **named: Any) -> Any:
            self.calls[label] += 1
            return new(*given, **named)

        return counted
