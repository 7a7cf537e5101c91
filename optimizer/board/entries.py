"""What was tried on the board: entries that grow as the planner's news come in. One planner serves all viewers, one entry after another."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from optimizer.board.question import News, Order, Switches
from optimizer.board.worker import STOP
from optimizer.extraction import units_of
from optimizer.solving.peers.pipe import Peer

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.plan.plan import Plan

State = Literal["waiting", "planning", "done", "none"]
PATIENCE: Final = 4.0
"""Seconds after which an entry with a plan makes room for one that waits."""
MOST_ENTRIES: Final = 500
MOST_NAME: Final = 80


class FullBoardError(RuntimeError):
    """So much was tried that the board takes no more."""


@dataclass
class Entry:
    """One thing that was tried.

    `before`: the entry from which it was made (None: the plan that the board began with); `title`: the last change in words; `name`: what a
    viewer called it. `revision` grows with every piece of news.
    """

    number: int
    key: str
    before: str | None
    switches: Switches
    title: str
    instance: Instance = field(repr=False)
    nations: tuple[str, ...] = ()
    name: str = ""
    state: State = "waiting"
    plan: Plan | None = field(default=None, repr=False)
    bound: float | None = None
    seconds: float = 0.0
    message: str = ""
    revision: int = 0
    ordered: float = field(default=0.0, repr=False)

    @property
    def value(self) -> float | None:
        """The first aim of its plan."""
        return None if self.plan is None else float(self.plan.aims["value"].iloc[0])


class Board:
    """All entries of a board, and the planner that works on them.

    Attributes:
        instance: as it was given.
        scenario: of every entry.
        root: the key of the first entry: nothing changed.
    """

    def __init__(
        self,
        instance: Instance,
        scenario: str | None,
        plan: Plan | None = None,
        *,
        seconds: float = 20.0,
        start_peer: Callable[[], Peer] = lambda: Peer("optimizer.board.worker"),
    ) -> None:
        self.instance, self.scenario, self.seconds = instance, scenario, seconds
        self._start_peer = start_peer
        self._lock = threading.Condition()
        self._entries: dict[str, Entry] = {}
        self._same: dict[Switches, str] = {}
        self._waiting: list[str] = []
        self._running: str | None = None
        self._closed = False
        self._peer = start_peer()
        root = self._added(Entry(0, secrets.token_hex(4), None, Switches(), "as it was given", instance))
        self.root = root.key
        if plan is not None and plan.has_plan:
            root.plan, root.state = plan, "done"
            bound = plan.aims["bound"].tolist()[0]
            root.bound = None if bound is None or bound != bound else float(bound)
        else:
            self._waiting.append(root.key)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def entry(self, key: str) -> Entry | None:
        """An entry by its key."""
        with self._lock:
            return self._entries.get(key)

    def entries(self) -> list[Entry]:
        """All entries in the order in which they were made."""
        with self._lock:
            return list(self._entries.values())

    def plans(self) -> dict[str, Plan]:
        """The plans of the entries that have one."""
        with self._lock:
            return {key: entry.plan for key, entry in self._entries.items() if entry.plan is not None}

    def change(self, key: str, switches: Switches, title: str, nations: tuple[str, ...]) -> Entry:
        """The entry with these switches, made from another one: the one that is there, or a new one that is planned at once.

        Raises:
            InvalidInstance: a change does not fit.
            KeyError: there is no entry of that key.
            FullBoardError: the board takes no more entries.
        """
        with self._lock:
            before = self._entries[key]
            known = self._same.get(switches)
            if known is not None:
                return self._entries[known]
            if len(self._entries) >= MOST_ENTRIES:
                raise FullBoardError(
                    f"{MOST_ENTRIES} things were tried: save what you need, and start the board again."
                )
        instance = switches.applied(self.instance, self.scenario, self.plans())
        with self._lock:
            known = self._same.get(switches)
            if known is not None:
                return self._entries[known]
            number = len(self._entries)
            entry = self._added(Entry(number, secrets.token_hex(4), before.key, switches, title, instance, nations))
            self._waiting.append(entry.key)
            self._lock.notify_all()
            return entry

    def rename(self, key: str, name: str) -> None:
        """Give an entry a name.

        Raises:
            KeyError: there is no entry of that key.
        """
        with self._lock:
            entry = self._entries[key]
            entry.name = name.strip()[:MOST_NAME]
            entry.revision += 1

    def close(self) -> None:
        """End the planner."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self._peer.close()

    def _added(self, entry: Entry) -> Entry:
        self._entries[entry.key] = entry
        self._same[entry.switches] = entry.key
        return entry

    def _serve(self) -> None:
        while True:
            with self._lock:
                while not self._waiting and not self._closed:
                    self._lock.wait()
                if self._closed:
                    return
                entry = self._entries[self._waiting.pop(0)]
                entry.state, entry.ordered = "planning", time.monotonic()
                entry.revision += 1
                start = self._start_of(entry)
            self._peer.send(Order(entry.number, entry.instance, self.scenario, start, entry.nations, self.seconds))
            self._follow(entry)

    def _start_of(self, entry: Entry) -> dict[tuple[str, str, int], int] | None:
        """The units of the nearest plan that the entry was made from."""
        at: str | None = entry.before
        while at is not None:
            before = self._entries[at]
            if before.plan is not None:
                return dict(units_of(before.plan) or {})
            at = before.before
        return None

    def _follow(self, entry: Entry) -> None:
        """Take the news of an entry until it is done; where others wait, it is ended early once it has a plan."""
        import queue

        stopped = False
        while True:
            try:
                news: News | None = self._peer.receive(timeout=0.2)
            except queue.Empty:
                with self._lock:
                    if self._closed:
                        return
                    late = time.monotonic() - entry.ordered > PATIENCE
                    end = bool(self._waiting) and late and entry.plan is not None and not stopped
                if end:
                    self._peer.send(STOP)
                    stopped = True
                continue
            with self._lock:
                if self._closed:
                    return
                if news is None:
                    entry.state = "none" if entry.plan is None else "done"
                    entry.message = (
                        "The planner's process broke down; what it had found is kept. A new one has taken over."
                    )
                    entry.revision += 1
                    self._peer.close()
                    self._peer = self._start_peer()
                    return
                if news.number != entry.number:
                    continue
                self._take(entry, news)
                if news.kind in ("done", "none"):
                    return

    def _take(self, entry: Entry, news: News) -> None:
        entry.revision += 1
        entry.seconds = news.seconds
        if news.plan is not None:
            entry.plan = news.plan
        if news.bound is not None:
            entry.bound = news.bound
        if news.kind in ("done", "none"):
            entry.state = "done" if entry.plan is not None else "none"
            entry.message = news.message
