"""The child process: reads one job from stdin, solves it, streams what happens to stdout. Imports numpy and highspy only."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import traceback
from typing import IO

from optimizer.solving.levels import solve_levels
from optimizer.solving.messages import Failure, Job, Message, Started

# Exit codes that are not Python's.
PARENT_GONE = 70


def main() -> None:
    """Solve the job on stdin."""
    # Messages get a descriptor of their own; whatever HiGHS or a library prints to stdout goes to stderr.
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301  (from the parent, who started this process)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _send(messages, Started())
    try:
        outcome: Message = solve_levels(
            job.model, job.options, job.start, lambda event: _send(messages, event), done=job.done
        )
    except Exception as error:
        outcome = Failure(f"{type(error).__name__}: {error}", traceback.format_exc())
    _send(messages, outcome)
    messages.close()


def _send(messages: IO[bytes], message: Message) -> None:
    try:
        pickle.dump(message, messages, protocol=pickle.HIGHEST_PROTOCOL)
        messages.flush()
    except BrokenPipeError:
        os._exit(PARENT_GONE)


def _leave_with_parent() -> None:
    """The parent keeps stdin open and writes no more: its end is the end of the parent, however it died."""
    while os.read(0, 4096):
        pass
    os._exit(PARENT_GONE)


if __name__ == "__main__":
    main()
