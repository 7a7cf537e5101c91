"""One way to talk to another process: pickled messages over its standard input and output.

`Peer` is the side of the process that starts another one, `Parent` the side of the one that was started. Whatever happens to one of them is
seen by the other: a `Peer` that has ended gives `None` after its last message, and a process ends with its parent, however that died.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any, NoReturn

from optimizer.solving.peers.processes import end, start_module

# Exit codes of a process whose parent is gone, or sends what cannot be read.
PARENT_GONE = 70
UNREADABLE = 71


class Peer:
    """A process that was started here, and the messages to and from it."""

    def __init__(self, module: str, stderr: int | IO[bytes] = subprocess.DEVNULL, files: tuple[int, ...] = ()) -> None:
        """Start a module that makes a `Parent`.

        Args:
            module: by its name, as for `python -m`.
            stderr: where its errors go, and whatever it prints.
            files: descriptors that it shares.
        """
        self.process = start_module(module, stderr, files)
        self.ended = False
        """Whether the process is over: it sends nothing after what waits to be received."""
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for target in (self._receive, self._deliver):
            threading.Thread(target=target, daemon=True).start()

    def send(self, message: object) -> None:
        """Send a message without waiting for it to be read; one that the process does not live to read is lost."""
        self._outbox.put(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))

    def receive(self, timeout: float | None = None) -> Any:
        """The next message; None once the process is over.

        Raises:
            queue.Empty: when none came in time.
        """
        return self._inbox.get(timeout=timeout) if timeout is None or timeout > 0.0 else self._inbox.get_nowait()

    def waiting(self) -> Iterator[Any]:
        """The messages that have come and were not received yet."""
        return waiting(self._inbox)

    def kill(self) -> None:
        """End the process; what it has sent can still be received."""
        with contextlib.suppress(OSError):
            self.process.kill()

    def close(self) -> None:
        """End the process, wait for its end, and close its pipes."""
        self._outbox.put(None)
        end(self.process)

    def _receive(self) -> None:
        if self.process.stdout is None:
            raise AssertionError("a peer has pipes")
        try:
            read_messages(self.process.stdout, self._inbox.put)
            self.process.wait()
        finally:
            self.ended = True
            self._inbox.put(None)

    def _deliver(self) -> None:
        if self.process.stdin is None:
            raise AssertionError("a peer has pipes")
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outbox.get()) is not None:
                self.process.stdin.write(message)
                self.process.stdin.flush()


class Parent:
    """The process that has started this one. This process ends when the parent does."""

    def __init__(self) -> None:
        """Take standard input and output for messages: whatever HiGHS or a library prints goes to standard error from now on."""
        self._messages = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._receive, daemon=True).start()

    def send(self, message: object) -> None:
        """Send a message."""
        try:
            pickle.dump(message, self._messages, protocol=pickle.HIGHEST_PROTOCOL)
            self._messages.flush()
        except BrokenPipeError:
            os._exit(PARENT_GONE)

    def receive(self) -> Any:
        """The next message; waits until it comes."""
        return self._inbox.get()

    def waiting(self) -> Iterator[Any]:
        """The messages that have come and were not received yet."""
        return waiting(self._inbox)

    def leave(self) -> NoReturn:
        """End this process in order; not by returning from its main function, since a thread still reads standard input."""
        sys.stderr.flush()
        os._exit(0)

    def _receive(self) -> None:
        try:
            read_messages(sys.stdin.buffer, self._inbox.put)
        except BaseException:
            traceback.print_exc()
            os._exit(UNREADABLE)
        # The end of standard input is the end of the parent.
        os._exit(PARENT_GONE)


def read_messages(stream: IO[bytes], take: Callable[[Any], None]) -> None:
    """Hand over every pickled message of a stream until it ends (or breaks off, when its writer died)."""
    with contextlib.suppress(EOFError, pickle.UnpicklingError, OSError, ValueError):
        while True:
            take(pickle.load(stream))  # noqa: S301  (from a process that we started, or that started us)


def waiting(inbox: queue.SimpleQueue[Any]) -> Iterator[Any]:
    """Everything that waits in a queue."""
    with contextlib.suppress(queue.Empty):
        while True:
            yield inbox.get_nowait()
