"""Levels that minimise a ratio: the fairest division of a fixed number of soldiers, against a count without a solver."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import optimizer as fg
from optimizer.model.linear import RatioAim
from optimizer.solving.ratio import NO_OBJECTIVE, _Task

SHARES = {
    "ALB": 13, "ARM": 35, "AUT": 487, "BGR": 10, "CAN": 5, "CHE": 234, "CZE": 9, "DEU": 530, "DNK": 35, "EST":
    2, "FIN": 20, "GBR": 1, "GRC": 112, "HRV": 23, "HUN": 350, "IRL": 12, "ITA": 551, "LTU": 1, "LUX": 23,
    "MDA": 41, "NLD": 5, "NOR": 2, "POL": 258, "PRT": 186, "ROU": 56, "SVN": 252, "SWE": 2, "TUR": 303, "UKR":
    40, "USA": 675,
}  # fmt: skip
CEILINGS = {
    "ALB": 850, "ARM": 4353, "AUT": 2240, "BGR": 3130, "CHE": 2095, "CZE": 2320, "DNK": 1610, "EST": 640,
    "FIN": 2420, "HRV": 1855, "HUN": 3980, "IRL": 910, "LTU": 2965, "LUX": 150, "MDA": 755, "NLD": 4131,
    "NOR": 2395, "SVN": 1320, "SWE": 3055,
}  # fmt: skip
ASKED = 4353


def fairest() -> float:
    """The least largest ratio of share to fair share: the first ratio at which all ceilings together leave room for everybody asked for."""
    whole = sum(SHARES.values())
    ratios = sorted({n * whole / (ASKED * share) for share in SHARES.values() for n in range(1, 2 * share + 2)})

    def room(ratio: float) -> int:
        return sum(
            min(CEILINGS.get(nation, ASKED), math.floor(ratio * ASKED * share / whole + 1e-9))
            for nation, share in SHARES.items()
        )

    return next(ratio for ratio in ratios if room(ratio) >= ASKED)


def test_presolve_is_not_believed_alone() -> None:
    """Exactly as many soldiers as are asked for, from thirty nations: HiGHS with presolve calls a division the fairest that is twice as unfair."""
    instance = fg.Instance.from_tables(
        {
            "areas": [{"area": "kosovo"}],
            "capabilities": [{"capability": "presence"}],
            "missions": [{"mission": "kfor", "weight": 1}],
            "nations": [{"nation": nation, "fair_share": share} for nation, share in SHARES.items()],
            "posts": [{"mission": "kfor", "area": "kosovo", "max_personnel": ASKED}],
            "requirements": [
                {
                    "requirement": "presence",
                    "mission": "kfor",
                    "area": "kosovo",
                    "capability": "presence",
                    "target": ASKED,
                }
            ],
            "unit_types": [{"unit_type": "soldier", "personnel": 1, "cost": 1}],
            "yields": [{"unit_type": "soldier", "capability": "presence", "amount": 1}],
            "pledges": [
                {"pledge": nation, "nation": nation, "unit_type": "soldier", "quantity": CEILINGS.get(nation, ASKED)}
                for nation in SHARES
            ],
        },
        {
            "schema": 1,
            "name": "fairest",
            "periods": {"count": 1, "months": 12},
            "solver": {"gap": 0.001},
            "aims": [{"name": name, "priority": order} for order, name in enumerate(("coverage", "burden_gap"), 1)],
        },
    )
    plan = fg.solve(instance, child=False)
    assert plan.termination == "optimal"
    assert plan.aim("burden_gap") == pytest.approx(fairest(), abs=1e-6)


class _Stub(_Task):
    """A task whose ratio is what the last plan taken says in its first column."""

    def value(self) -> float:
        return float(self.plan()[0])

    def _take(self, values: Any) -> None:
        if values is not None and values[0] < self.value():
            self.search.plan = values


@pytest.mark.parametrize(
    ("presolve", "status", "found", "bound", "stands"),
    [
        (True, "optimal", None, 0.0, 0.0),
        (True, "optimal", None, -0.5, -0.5),
        (True, "stopped", None, None, 0.0),
        (True, "stopped", 1.2, None, None),
        (True, "optimal", 1.2, -0.8, -0.8),
        (False, "optimal", 1.2, -0.8, 0.0),
    ],
)
def test_what_a_confirmation_proves(
    presolve: bool, status: str, found: float | None, bound: float | None, stands: float | None
) -> None:
    """The first bound stands unless the second run proves less or finds a better plan; without presolve there is nothing to confirm."""
    again = SimpleNamespace(status=status, bound=bound, values=None if found is None else np.array([found]))
    search: Any = SimpleNamespace(
        options=SimpleNamespace(presolve=presolve), plan=np.array([2.0]), trusted_run=lambda *_, **__: again
    )
    first: Any = SimpleNamespace(status="optimal", bound=0.0, seconds=1.0)
    asked: Any = None
    assert _Stub(search, RatioAim((), (), NO_OBJECTIVE), None)._confirmed(first, asked) == stands
