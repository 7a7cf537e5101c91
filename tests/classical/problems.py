"""Five classical problems as plain numbers, and readers for the forms in which they are published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Assignment:
    """Generalised assignment: every job to exactly one agent; job j takes `resource[i][j]` of the capacity of agent i."""

    worth: Matrix
    resource: Matrix
    capacity: tuple[float, ...]
    maximise: bool = False


@dataclass(frozen=True)
class FixedCharge:
    """Fixed-charge transportation: whole units, a cost per unit and a charge for every pair (source, customer) that is used."""

    supply: tuple[int, ...]
    demand: tuple[int, ...]
    cost: Matrix
    charge: Matrix


@dataclass(frozen=True)
class Location:
    """Capacitated facility location with single sourcing: `cost[i][j]` serves the whole demand of customer j from facility i."""

    capacity: tuple[float, ...]
    opening: tuple[float, ...]
    demand: tuple[float, ...]
    cost: Matrix


@dataclass(frozen=True)
class Median:
    """Capacitated p-median: at most p of the customers' places are medians; every customer belongs to one median."""

    medians: int
    capacity: tuple[float, ...]
    demand: tuple[float, ...]
    distance: Matrix


@dataclass(frozen=True)
class Shipping:
    """Multicommodity transport: on a route nothing, or at least `least` and at most `most` of all products together.

    `supply[i][p]`, `demand[j][p]`, `cost[p][i][j]` per unit, `charge[i][j]` for a route that is used; `customers`: most customers per origin.
    None switches a rule off.
    """

    supply: tuple[tuple[int, ...], ...]
    demand: tuple[tuple[int, ...], ...]
    cost: tuple[Matrix, ...]
    charge: Matrix
    most: int | None = None
    least: int | None = None
    customers: int | None = None


Problem = Assignment | FixedCharge | Location | Median | Shipping


class Numbers:
    """The numbers of a file, one after another; lines that begin with # are remarks."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        self._words = iter(" ".join(line for line in lines if not line.startswith("#")).split())

    def whole(self) -> int:
        """The next number, a whole one."""
        return int(next(self._words))

    def row(self, count: int) -> tuple[float, ...]:
        """So many numbers."""
        return tuple(float(next(self._words)) for _ in range(count))

    def wholes(self, count: int) -> tuple[int, ...]:
        """So many whole numbers."""
        return tuple(int(next(self._words)) for _ in range(count))

    def matrix(self, rows: int, columns: int) -> Matrix:
        """So many rows of so many numbers."""
        return tuple(self.row(columns) for _ in range(rows))


def read_assignment(path: Path, *, maximise: bool = False) -> Assignment:
    """OR-Library form: agents, jobs; worth; resource; capacity (one problem; without the count of problems in front)."""
    numbers = Numbers(path)
    agents, jobs = numbers.whole(), numbers.whole()
    worth, resource = numbers.matrix(agents, jobs), numbers.matrix(agents, jobs)
    return Assignment(worth, resource, numbers.row(agents), maximise)


def read_fixed_charge(path: Path) -> FixedCharge:
    """Sources, customers; supply; demand; cost; charge."""
    numbers = Numbers(path)
    sources, customers = numbers.whole(), numbers.whole()
    supply, demand = numbers.wholes(sources), numbers.wholes(customers)
    return FixedCharge(supply, demand, numbers.matrix(sources, customers), numbers.matrix(sources, customers))


def read_location(path: Path) -> Location:
    """Form of Holmberg's files: facilities, customers; (capacity, opening) per facility; demand; cost by facility."""
    numbers = Numbers(path)
    facilities, customers = numbers.whole(), numbers.whole()
    pairs = numbers.matrix(facilities, 2)
    demand, cost = numbers.row(customers), numbers.matrix(facilities, customers)
    return Location(tuple(one[0] for one in pairs), tuple(one[1] for one in pairs), demand, cost)


def read_location_by_customer(path: Path) -> Location:
    """Form of Díaz and Fernández: customers, facilities; cost by customer; demand; opening; capacity."""
    numbers = Numbers(path)
    customers, facilities = numbers.whole(), numbers.whole()
    by_customer = numbers.matrix(customers, facilities)
    demand, opening, capacity = numbers.row(customers), numbers.row(facilities), numbers.row(facilities)
    return Location(capacity, opening, demand, tuple(zip(*by_customer, strict=True)))


def read_median(path: Path) -> Median:
    """OR-Library form: customers, p, capacity; (number, x, y, demand) per customer. Distances are Euclidean, rounded down."""
    numbers = Numbers(path)
    customers, medians = numbers.whole(), numbers.whole()
    capacity = numbers.row(1)[0]
    places = numbers.matrix(customers, 4)
    distance = tuple(
        tuple(float(int(((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) ** 0.5)) for b in places) for a in places
    )
    return Median(medians, (capacity,) * customers, tuple(place[3] for place in places), distance)


def read_shipping(path: Path, *, most: int | None, least: int | None, customers: int | None) -> Shipping:
    """Origins, customers, products; supply by product; demand by product; cost per product by origin; charge by origin."""
    numbers = Numbers(path)
    origins, places, products = numbers.whole(), numbers.whole(), numbers.whole()
    supply = [numbers.wholes(origins) for _ in range(products)]
    demand = [numbers.wholes(places) for _ in range(products)]
    cost = tuple(numbers.matrix(origins, places) for _ in range(products))
    return Shipping(
        tuple(zip(*supply, strict=True)),
        tuple(zip(*demand, strict=True)),
        cost,
        numbers.matrix(origins, places),
        most,
        least,
        customers,
    )
