"""What makes the plan trustworthy, and how to get it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.plan.proof import proven_by
from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_text, figure

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section:
    """What makes the plan trustworthy, and how to get it again."""
    plan = reader.plan
    text = []
    if plan.has_plan and not reader.broken:
        text.append(
            "An independent check, which shares no code with the model and knows no solver, recomputed every rule "
            "and every aim from the input tables and the assignments alone. It agrees with this plan."
        )
    if reader.broken:
        text.append("The independent check rejects this plan; what it found is listed at the head of the page.")
    text += [as_text(getattr(event, "text", event)) for event in plan.events or ()]
    rows: list[tuple[Cell, ...]] = [
        ("Instance", as_text(reader.instance.header.name)),
        ("SHA-256 of the instance", as_text(reader.instance.hash)),
        ("Scenario", as_text(plan.scenario) or "defaults"),
        ("Termination", as_text(plan.termination)),
        ("Bound proven by", proven_by(plan)),
        ("Seed", as_text(plan.seed)),
    ]
    rows += [(f"Option {name}", as_text(value)) for name, value in sorted((plan.options or {}).items())]
    rows += [(f"Version of {name}", as_text(value)) for name, value in sorted((plan.versions or {}).items())]
    rows += [(f"Seconds for {name}", figure(value)) for name, value in (plan.timings or {}).items()]
    return Section(
        "proof",
        "Proof and provenance",
        tuple(text),
        (reader.table("Provenance", (Column("What"), Column("Value")), rows),),
    )
