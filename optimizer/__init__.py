"""Coalition force generation: who sends what, where and when; what stays open; what each political restriction costs.

Every public name is loaded when it is first used, so that importing the package costs nothing.

    >>> import optimizer as fg
    >>> instance = fg.read_instance("instances/format-example")  # doctest: +SKIP
    >>> plan = fg.solve(instance, time_limit=60)  # doctest: +SKIP
    >>> fg.verify(instance, plan)  # doctest: +SKIP
"""

TYPE_CHECKING = False  # as `typing.TYPE_CHECKING`, without the cost of importing `typing`
if TYPE_CHECKING:
    from typing import Any

    from optimizer.corridor import solve
    from optimizer.instance.attributes import TABLES
    from optimizer.instance.files import convert, read_instance, write_instance
    from optimizer.instance.findings import Finding, InvalidInstance
    from optimizer.instance.generator import generate
    from optimizer.instance.instance import Aim, Instance
    from optimizer.instance.scenario import UnknownScenario
    from optimizer.instance.supply import funnel
    from optimizer.plan.check import verify
    from optimizer.plan.plan import Plan
    from optimizer.plan.store import load_plan, save_plan
    from optimizer.plan.verify import RejectedPlan
    from optimizer.plan.violation import Violation
    from optimizer.pyomo_model.compile import UnsupportedModel
    from optimizer.pyomo_model.plan import plan_from_model
    from optimizer.pyomo_model.view import UnknownModel, build_model
    from optimizer.reporting.markdown import write_markdown
    from optimizer.reporting.page import write_html
    from optimizer.reporting.workbook import write_workbook
    from optimizer.rulebook import rules
    from optimizer.settled import keep
    from optimizer.studies.alternatives.ask import Alternatives, alternatives
    from optimizer.studies.compare import Comparison, compare
    from optimizer.studies.frontier.ask import Frontier, frontier
    from optimizer.studies.hedge.hedge import Hedge, hedge
    from optimizer.studies.pool import Pool
    from optimizer.studies.robust.ask import Robust, robust
    from optimizer.studies.scenarios import Scenarios, scenarios
    from optimizer.studies.study import InvalidStudy
    from optimizer.studies.sweep import sweep
    from optimizer.studies.why.ask import Curve, concessions, explain, why
    from optimizer.studies.why.asks import Ask, asks
    from optimizer.studies.why.infeasible import Infeasible
    from optimizer.studies.why.presence import Presence
    from optimizer.studies.why.preview import Preview, price_preview
    from optimizer.studies.why.prices import Price
    from optimizer.studies.why.pricing import prices
    from optimizer.studies.why.reason import Reason
    from optimizer.studies.why.refusals import if_refused
    from optimizer.studies.withdraw.ask import Withdrawals, withdraw

__all__ = [
    "TABLES",
    "Aim",
    "Alternatives",
    "Ask",
    "Comparison",
    "Curve",
    "Finding",
    "Frontier",
    "Hedge",
    "Infeasible",
    "Instance",
    "InvalidInstance",
    "InvalidStudy",
    "Plan",
    "Pool",
    "Presence",
    "Preview",
    "Price",
    "Reason",
    "RejectedPlan",
    "Robust",
    "Scenarios",
    "UnknownModel",
    "UnknownScenario",
    "UnsupportedModel",
    "Violation",
    "Withdrawals",
    "alternatives",
    "asks",
    "build_model",
    "compare",
    "concessions",
    "convert",
    "explain",
    "frontier",
    "funnel",
    "generate",
    "hedge",
    "if_refused",
    "keep",
    "load_plan",
    "plan_from_model",
    "price_preview",
    "prices",
    "read_instance",
    "robust",
    "rules",
    "save_plan",
    "scenarios",
    "solve",
    "sweep",
    "verify",
    "why",
    "withdraw",
    "write_html",
    "write_instance",
    "write_markdown",
    "write_workbook",
]

_HOMES = {
    "TABLES": "optimizer.instance.attributes",
    "Aim": "optimizer.instance.instance",
    "Alternatives": "optimizer.studies.alternatives.ask",
    "alternatives": "optimizer.studies.alternatives.ask",
    "Ask": "optimizer.studies.why.asks",
    "asks": "optimizer.studies.why.asks",
    "Comparison": "optimizer.studies.compare",
    "compare": "optimizer.studies.compare",
    "Curve": "optimizer.studies.why.ask",
    "Finding": "optimizer.instance.findings",
    "Infeasible": "optimizer.studies.why.infeasible",
    "explain": "optimizer.studies.why.ask",
    "Hedge": "optimizer.studies.hedge.hedge",
    "hedge": "optimizer.studies.hedge.hedge",
    "Instance": "optimizer.instance.instance",
    "InvalidInstance": "optimizer.instance.findings",
    "InvalidStudy": "optimizer.studies.study",
    "Plan": "optimizer.plan.plan",
    "Pool": "optimizer.studies.pool",
    "Presence": "optimizer.studies.why.presence",
    "Preview": "optimizer.studies.why.preview",
    "price_preview": "optimizer.studies.why.preview",
    "Price": "optimizer.studies.why.prices",
    "prices": "optimizer.studies.why.pricing",
    "why": "optimizer.studies.why.ask",
    "Reason": "optimizer.studies.why.reason",
    "RejectedPlan": "optimizer.plan.verify",
    "Robust": "optimizer.studies.robust.ask",
    "robust": "optimizer.studies.robust.ask",
    "Scenarios": "optimizer.studies.scenarios",
    "UnknownModel": "optimizer.pyomo_model.view",
    "UnsupportedModel": "optimizer.pyomo_model.compile",
    "UnknownScenario": "optimizer.instance.scenario",
    "Violation": "optimizer.plan.violation",
    "build_model": "optimizer.pyomo_model.view",
    "concessions": "optimizer.studies.why.ask",
    "convert": "optimizer.instance.files",
    "Frontier": "optimizer.studies.frontier.ask",
    "frontier": "optimizer.studies.frontier.ask",
    "funnel": "optimizer.instance.supply",
    "generate": "optimizer.instance.generator",
    "if_refused": "optimizer.studies.why.refusals",
    "keep": "optimizer.settled",
    "load_plan": "optimizer.plan.store",
    "plan_from_model": "optimizer.pyomo_model.plan",
    "read_instance": "optimizer.instance.files",
    "save_plan": "optimizer.plan.store",
    "rules": "optimizer.rulebook",
    "scenarios": "optimizer.studies.scenarios",
    "solve": "optimizer.corridor",
    "sweep": "optimizer.studies.sweep",
    "verify": "optimizer.plan.check",
    "Withdrawals": "optimizer.studies.withdraw.ask",
    "withdraw": "optimizer.studies.withdraw.ask",
    "write_html": "optimizer.reporting.page",
    "write_instance": "optimizer.instance.files",
    "write_markdown": "optimizer.reporting.markdown",
    "write_workbook": "optimizer.reporting.workbook",
}


def __getattr__(name: str) -> "Any":
    """Load a public name from the module where it lives.

    Raises:
        AttributeError: there is no such public name.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names, loaded or not."""
    return sorted({*globals(), *__all__})
