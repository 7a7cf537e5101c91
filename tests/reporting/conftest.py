"""Plans to report on, solved once."""

from pathlib import Path

import pytest

from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from optimizer.plan.plan import Ending, plan_from_solution
from tests.reporting.hostile import hostile_instance

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def tutorial():
    return solve(read_instance(ROOT / "instances" / "tutorial"), child=False)


@pytest.fixture(scope="session")
def hostile():
    return solve(hostile_instance(), child=False)


@pytest.fixture(scope="session")
def infeasible():
    return plan_from_solution(read_instance(ROOT / "instances" / "tutorial"), None, Ending("infeasible", log="none"))
