"""The planner's process: takes orders, one after another, and tells its news. A newer order ends the one before."""

from __future__ import annotations

from optimizer.board.planner import work
from optimizer.board.question import News, Order
from optimizer.instance.findings import InvalidInstance
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.peers.pipe import Parent
from optimizer.solving.solution import SolverFailed

STOP = "stop"
"""The message that ends the order at hand."""


def main() -> None:
    """Work until the parent is gone."""
    parent = Parent()
    orders: list[Order] = []
    stopped = False

    def look() -> bool:
        """Whether the order at hand is to end: it was told so."""
        nonlocal stopped
        for message in parent.waiting():
            if isinstance(message, Order):
                orders.append(message)
            stopped = stopped or message == STOP
        return stopped

    while True:
        if not orders:
            message = parent.receive()
            if isinstance(message, Order):
                orders.append(message)
            continue
        order, stopped = orders.pop(0), False
        try:
            work(order, parent.send, look)
        except (
            RejectedPlan,
            SolverFailed,
            InvalidInstance,
            ArithmeticError,
            LookupError,
            ValueError,
            MemoryError,
        ) as error:
            parent.send(News(order.number, "none", message=f"This went wrong: {' '.join(str(error).split())[:300]}"))


if __name__ == "__main__":
    main()
