"""The estate's DNS server as a machine: it can be published to, killed, frozen and started again."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import MachineFailed
from harness.machines.channel import Channel, Message
from harness.machines.processes import ManagedProcess, Spawner, tail
from harness.machines.workspace import Workspace

_SERVES_WITHIN = 10.0
_CONFIRMS_WITHIN = 3.0
_IMPORT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """The values of one name and type, as zone files write them, and the seconds for which they may be kept."""

    ttl: int
    values: tuple[str, ...]


Table = Mapping[tuple[str, str], AnswerSet]
"""(name, type) -> answers. A name with an SOA is a zone; names in no zone are refused."""


class Resolver:
    """Answers for the names of the last published table on `address`, by UDP and TCP.

    CNAMEs are followed within the table, and the whole chain is in the answer. Names are compared without case.
    """

    name = "resolver"

    def __init__(self, address: str, port: int, spawner: Spawner, workspace: Workspace) -> None:
        self.address = address
        self.port = port
        self._spawner = spawner
        self._log = workspace.log(self.name)
        self._lock = threading.Lock()
        self._table: Table = {}
        self._talk: _Talk | None = None

    def start(self) -> None:
        """Start and return when it serves the last published table. Raises MachineFailed."""
        with self._lock:
            if self.is_running():
                return
            self._talk = _Talk(self._spawn)
            try:
                self._talk.hear_ready(f"{self.name} on {self.address}:{self.port}", self._log)
            except MachineFailed:
                self._talk.process.kill()
                raise
            self._talk.publish(self._table)

    def publish(self, table: Table) -> None:
        """Replace all answers at once; returns when the server has confirmed it.

        A server that is not running gets the table when it is started. Raises MachineFailed when it does not confirm,
        or when a record cannot be served; all others are then served.
        """
        with self._lock:
            self._table = dict(table)
            if self._talk and self.is_running():
                self._talk.publish(self._table)

    def is_running(self) -> bool:
        return self._talk is not None and self._talk.process.is_running()

    def kill(self) -> None:
        """End it at once, as in a power cut."""
        if self._talk:
            self._talk.process.kill()

    def stop(self) -> None:
        """End it."""
        self.kill()

    def pause(self) -> None:
        """Freeze it: queries are received and not answered."""
        if self._talk:
            self._talk.process.pause()

    def resume(self) -> None:
        if self._talk:
            self._talk.process.resume()

    def is_paused(self) -> bool:
        return self._talk is not None and self._talk.process.is_paused()

    def _spawn(self, control: int) -> ManagedProcess:
        program = [sys.executable, "-P", "-m", "harness.machines.resolver_program"]
        return self._spawner.start(
            self.name,
            [*program, self.address, str(self.port), str(control)],
            log=self._log,
            env={"PYTHONPATH": str(_IMPORT_ROOT)},
            pass_fds=(control,),
        )


class _Talk:
    """The talk with one process of the resolver, from its start to its end."""

    def __init__(self, spawn: Callable[[int], ManagedProcess]) -> None:
        self._heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._generation = 0
        self._channel = Channel("resolver", self._heard.put, lambda: self._heard.put({"gone": True}))
        with self._channel.handed_over() as theirs:
            self.process = spawn(theirs)

    def hear_ready(self, what: str, log: Path) -> None:
        """Raises MachineFailed when the process does not serve."""
        message = self._next(_SERVES_WITHIN)
        if "ready" not in message:
            raise MachineFailed(f"{what} does not serve: {message.get('failed', tail(log) or 'no answer')}")

    def publish(self, table: Table) -> None:
        """Send the table and wait for the confirmation of exactly this one."""
        self._generation += 1
        records = [[name, kind, answer.ttl, answer.values] for (name, kind), answer in table.items()]
        self._channel.send({"generation": self._generation, "records": records})
        while (message := self._next(_CONFIRMS_WITHIN)).get("generation") != self._generation:
            if "generation" not in message:
                raise MachineFailed("the resolver did not confirm a new table")
        if unusable := message["unusable"]:
            raise MachineFailed(f"the resolver cannot serve {unusable}")

    def _next(self, within: float) -> Message:
        try:
            return self._heard.get(timeout=within)
        except queue.Empty:
            return {}
