"""What all studies share: keywords that are none are refused by each function that takes its options as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import optimizer as fg
from tests.studies.small import TUTORIAL

FUNCTIONS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (fg.sweep, (TUTORIAL, {})),
    (fg.scenarios, (TUTORIAL,)),
    (fg.robust, (TUTORIAL, {})),
    (fg.withdraw, (TUTORIAL,)),
    (fg.frontier, (TUTORIAL,)),
    (fg.alternatives, (TUTORIAL,)),
    (fg.hedge, (TUTORIAL,)),
    (fg.prices, (TUTORIAL,)),
]


@pytest.mark.parametrize(("function", "given"), FUNCTIONS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_misspelt_keyword_is_a_type_error(function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    """It names the function and what was meant; nothing is solved."""
    with pytest.raises(TypeError, match=f"{function.__name__}.*'jops'.*'jobs'"):
        function(*given, jops=1)
