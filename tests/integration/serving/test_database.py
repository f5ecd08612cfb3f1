"""The service's connections keep their deadline, whatever state the server's end is in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
import uvloop

from harness.machines.application import database
from harness.machines.application.database import Database
from harness.machines.application.errors import Outcome, Unavailable
from harness.machines.application.names import Names
from harness.machines.application.settings import Settings
from harness.machines.resolver import AnswerSet, Resolver


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server whose kernel takes connections and that never says a word, as one that is frozen."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        yield listener.getsockname()[1]


def settings(port: int) -> Settings:
    return Settings("task", "us-east-1", ("127.0.0.1", 0), "db", port, "labelmint", "app", "secret", ("127.0.0.1", 1))


def test_a_deadline_that_meets_the_answer_of_the_resolver_is_kept(
    silent: int, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancellation is swallowed at that moment, and leaks a socket a moment earlier, so nothing may depend on one."""
    resolver.publish({("db", "A"): AnswerSet(0, ("127.0.0.1",))})
    names = Names((resolver.address, resolver.port), 0)

    async def meet() -> list[BaseException | None]:
        service = Database(settings(silent), names, 1)
        ends: list[BaseException | None] = []
        for step in range(120):
            monkeypatch.setattr(database, "ANSWER_WITHIN", step % 60 / 30_000)
            attempt = asyncio.create_task(service.run("SELECT 1"))
            await asyncio.wait({attempt}, timeout=1)
            ends.append(attempt.exception() if attempt.done() else None)
        await service.close()
        return ends

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        ends = runner.run(meet())

    assert all(isinstance(end, Unavailable) and end.outcome is Outcome.REFUSED for end in ends)
