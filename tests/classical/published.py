"""The published instances that are shipped: where they come from, what their optimum is, and how they are re-stated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from optimizer.instance.instance import Instance

from .problems import (
    Problem,
    read_assignment,
    read_fixed_charge,
    read_location,
    read_location_by_customer,
    read_median,
    read_shipping,
)
from .restate import restate

DATA = Path(__file__).parent / "data"
SHIPPED = Path(__file__).parents[2] / "instances" / "classical"

GAP_SOURCE = (
    "I. H. Osman, *Heuristics for the generalised assignment problem: simulated annealing and tabu search approaches*, "
    "OR Spektrum 17 (1995) 211–225; D. Cattrysse, M. Salomon, L. N. Van Wassenhove, *A set partitioning heuristic for the generalized "
    "assignment problem*, European Journal of Operational Research 72 (1994) 167–174; data set gap1 of OR-Library "
    "(J. E. Beasley, *OR-Library: distributing test problems by electronic mail*, Journal of the Operational Research Society 41 (1990) 1069–1072)."
)
AMPL_SOURCE = (
    "R. Fourer, D. M. Gay, B. W. Kernighan, *AMPL: A Modeling Language for Mathematical Programming*, 2nd edition, 2003, chapter 20 "
    "(data of figures 20-1b and 20-2b). The optimum is printed there."
)
GAP_LEAST = (
    ("agent", "a nation"),
    ("capacity of the agent", "`nations.max_personnel`"),
    ("job", "a requirement line with threshold = target = 1 at a *must* post (`posts.must`)"),
    ("resource that agent i needs for job j", "`unit_types.personnel`, one unit type for each pair (agent, job)"),
    ("cost of job j done by agent i", "`pledges.cost`, one pledge of one unit for each pair"),
    ("every job by exactly one agent", "threshold and target are one unit; a second unit would only cost more"),
    ("least total cost", "aim `cost`"),
)
GAP_MOST = (
    *GAP_LEAST[:2],
    ("job", "a mission with one requirement line at a *must* post; threshold = smallest profit, target = best profit"),
    GAP_LEAST[3],
    ("profit of job j done by agent i", "`yields.amount` of the unit type of the pair"),
    (
        "every job by exactly one agent",
        "threshold (at least one) and a limit of one unit per mission (`limits`, measure `units`)",
    ),
    (
        "greatest total profit",
        "aim `coverage`, with the best profit of the job as `missions.weight`: coverage = 100 × profit / sum of the best profits",
    ),
)
FCTP = (
    ("source and its supply", "a nation with one pledge of that many units (`pledges.quantity`)"),
    ("customer and its demand", "an area with a requirement line, threshold = target = demand, at a *must* post"),
    ("cost per unit from i to j", "`deployment_costs.cost` of the pledge in the area"),
    ("fixed charge of the pair (i, j)", "`participation.cost` of the nation in the area"),
    (
        "no more than the demand",
        "`limits`, measure `units`, one per line (gives the solver the tight link between units and charge)",
    ),
    ("least total cost", "aim `cost`"),
)
LOCATION = (
    ("facility", "a nation"),
    ("capacity of the facility", "`nations.max_personnel`"),
    ("cost of opening the facility", "`nations.participation_cost`"),
    ("customer", "a requirement line with threshold = target = 1 at a *must* post"),
    ("demand of the customer", "`unit_types.personnel`, one unit type for each customer"),
    ("single sourcing", "one unit serves the whole customer; units are whole"),
    ("cost of serving customer j from facility i", "`pledges.cost`, one pledge of one unit for each pair"),
    ("least total cost", "aim `cost`"),
)
MEDIAN = (
    ("candidate median", "a nation"),
    ("capacity of a median", "`nations.max_personnel`"),
    ("at most p medians", "`limits`, measure `nations`, per `horizon`, maximum p"),
    ("customer", "a requirement line with threshold = target = 1 at a *must* post"),
    ("demand of the customer", "`unit_types.personnel`, one unit type for each customer"),
    ("distance from customer to median", "`pledges.cost`, one pledge of one unit for each pair"),
    ("least total distance", "aim `cost`"),
)
SHIPPING = (
    ("origin", "a nation"),
    ("product", "a unit type of one person, one pledge for each (origin, product)"),
    ("supply", "`pledges.quantity`"),
    ("customer", "an area with one requirement line for each product, threshold = target = demand, at a *must* post"),
    ("cost per ton", "`deployment_costs.cost` of the pledge in the area"),
    ("fixed cost of a route", "`participation.cost` of the nation in the area"),
    ("most on a route, all products together", "`participation.max_personnel`"),
    ("least on a route that is used", "`participation.min_contingent`"),
    ("most customers of an origin", "`nations.max_posts`"),
    ("no more than the demand", "`limits`, measure `units`, one per line"),
    ("least total cost", "aim `cost`"),
)


@dataclass(frozen=True)
class Case:
    """One published instance; `optimum` in the unit of the source, `value` of the aim in ours."""

    folder: str
    title: str
    read: Callable[[], Problem]
    optimum: float
    source: str
    terms: tuple[tuple[str, str], ...]
    remark: str = ""
    aim: str = "cost"
    value: float | None = None

    @property
    def expected(self) -> float:
        """The value of the aim at the published optimum."""
        return self.optimum if self.value is None else self.value

    def instance(self) -> Instance:
        """The problem re-stated."""
        return restate(self.read(), self.folder, self.title)


CASES = (
    Case(
        "gap-c515-1",
        "Generalised assignment c515-1, least cost",
        lambda: read_assignment(DATA / "gap-c515-1.txt"),
        261,
        GAP_SOURCE,
        GAP_LEAST,
        "The published 336 is the greatest profit, see `gap-c515-1-profit`; 261 is the least cost of the same figures.",
    ),
    Case(
        "gap-c515-1-profit",
        "Generalised assignment c515-1, greatest profit",
        lambda: read_assignment(DATA / "gap-c515-1.txt", maximise=True),
        336,
        GAP_SOURCE,
        GAP_MOST,
        "The best profits of the fifteen jobs add up to 352, so the expected coverage is 100 × 336 / 352 = 95.4545….",
        "coverage",
        100 * 336 / 352,
    ),
    Case(
        "gap-c515-2",
        "Generalised assignment c515-2, least cost",
        lambda: read_assignment(DATA / "gap-c515-2.txt"),
        269,
        GAP_SOURCE,
        GAP_LEAST,
        "OR-Library gives 327, the greatest profit; 269 is the least cost of the same figures. The tests solve both.",
    ),
    Case(
        "fctp-bal8x12",
        "Fixed-charge transportation bal8x12",
        lambda: read_fixed_charge(DATA / "fctp-bal8x12.txt"),
        471.55,
        "M. L. Balinski, *Fixed cost transportation problems*, Naval Research Logistics Quarterly 8 (1961) 41–54; instance bal8x12 of the "
        "GAMS collection of fixed-charge transportation problems, optimum as stated with the same figures in the examples of GLPK.",
        FCTP,
    ),
    Case(
        "sscflp-diaz-p1",
        "Single-source facility location, Díaz and Fernández p1",
        lambda: read_location_by_customer(DATA / "sscflp-diaz-p1.txt"),
        2014,
        "J. A. Díaz, E. Fernández, *A branch-and-price algorithm for the single source capacitated plant location problem*, Journal of the "
        "Operational Research Society 53 (2002) 728–740; instance p1 (20 customers, 10 facilities), optimum as listed with the data set.",
        LOCATION,
    ),
    Case(
        "sscflp-holmberg-p1",
        "Single-source facility location, Holmberg p1",
        lambda: read_location(DATA / "sscflp-holmberg-p1.txt"),
        8848,
        "K. Holmberg, M. Rönnqvist, D. Yuan, *An exact algorithm for the capacitated facility location problems with single sourcing*, European "
        "Journal of Operational Research 113 (1999) 544–559; instance p1 (10 facilities, 50 customers), optimum as listed with the data set.",
        LOCATION,
    ),
    Case(
        "cpmp-pmedcap1-1",
        "Capacitated p-median, problem 1 of pmedcap1",
        lambda: read_median(DATA / "cpmp-pmedcap1-1.txt"),
        713,
        "I. H. Osman, N. Christofides, *Capacitated clustering problems by hybrid simulated annealing and tabu search*, International Transactions "
        "in Operational Research 1 (1994) 317–336; problem 1 of pmedcap1 of OR-Library (50 customers, 5 medians), optimum as given in the file.",
        MEDIAN,
        "Distances are Euclidean, rounded down, as in the source.",
    ),
    Case(
        "shipping-multmip1",
        "Multicommodity transport with fixed costs",
        lambda: read_shipping(DATA / "multmip.txt", most=625, least=None, customers=None),
        229850,
        AMPL_SOURCE,
        SHIPPING,
        "Without a least shipment and without a limit on customers.",
    ),
    Case(
        "shipping-multmip2",
        "Multicommodity transport with fixed costs and least shipments",
        lambda: read_shipping(DATA / "multmip.txt", most=625, least=375, customers=None),
        233150,
        AMPL_SOURCE,
        SHIPPING,
        "Nothing or at least 375 tons on a route; without a limit on customers.",
    ),
    Case(
        "shipping-multmip3",
        "Multicommodity transport with fixed costs, least shipments and at most five customers per origin",
        lambda: read_shipping(DATA / "multmip.txt", most=625, least=375, customers=5),
        235625,
        AMPL_SOURCE,
        SHIPPING,
        "Nothing or at least 375 tons on a route; at most five customers for each origin.",
    ),
)


def readme(case: Case) -> str:
    """The README of a shipped folder."""
    rows = "\n".join(f"| {classical} | {ours} |" for classical, ours in case.terms)
    remark = f"\n{case.remark}\n" if case.remark else ""
    return (
        f"# {case.title}\n\nA classical problem re-stated in our tables; nothing in it is about politics.\n\n"
        f"Source: {case.source}\n\n**Published optimum: {case.optimum:g}**. Expected here: {case.aim} = {case.expected:.10g}.\n{remark}\n"
        f"| classical term | our table and column |\n|---|---|\n{rows}\n\n"
        'Made from the published figures by `tests/classical`; amounts are in the unit of the source (read "million" as that unit).\n'
    )


def expected(case: Case) -> str:
    """The `expected.toml` of a shipped folder."""
    return (
        f'changed = "first version: published optimum {case.optimum:g}, see README.md"\n\n'
        f'[[run]]\nscenario = ""\ntolerance = 1e-6\n[run.aims]\n{case.aim} = {case.expected!r}\n'
    )
