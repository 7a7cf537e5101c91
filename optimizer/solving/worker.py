"""The child process: receives one job, solves it, and sends what happens. Imports numpy and highspy only."""

from __future__ import annotations

import traceback

from optimizer.solving.levels import solve_levels
from optimizer.solving.messages import Failure, Job, Message, Started
from optimizer.solving.peers.pipe import Parent


def main() -> None:
    """Solve the job of the parent."""
    parent = Parent()
    job: Job = parent.receive()
    parent.send(Started())
    try:
        outcome: Message = solve_levels(job.model, job.options, job.start, parent.send, done=job.done)
    except Exception as error:
        outcome = Failure(f"{type(error).__name__}: {error}", traceback.format_exc())
    parent.send(outcome)
    parent.leave()


if __name__ == "__main__":
    main()
