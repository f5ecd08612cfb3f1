"""A look that fails is put on file, and neither the others of its round nor the next round are lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

from harness.cloud.pace import PacedTime
from harness.cloud.rounds import Rounds
from harness.cloud.service import World
from harness.facts import Problem
from harness.wait import until


@dataclass(frozen=True, slots=True)
class Host:
    identifier: str


def test_a_round_goes_on_after_a_look_that_failed() -> None:
    facts: list[object] = []
    seen: list[str] = []

    def look(host: Host) -> None:
        seen.append(host.identifier)
        if host.identifier == "broken":
            raise LookupError("no such host")

    world = cast(World, SimpleNamespace(pace=PacedTime(0, facts.append), record=facts.append))
    rounds = Rounds(world, "rds", [Host("broken"), Host("other")], look)
    rounds.start()
    until("two rounds", lambda: seen.count("other") >= 2, within=timedelta(seconds=10))
    rounds.close()
    after = len(seen)

    assert seen[:4] == ["broken", "other"] * 2
    assert facts[0] == Problem("rds watch of broken", "LookupError: no such host")
    assert len(seen) == after


def test_rounds_that_never_began_can_be_closed() -> None:
    world = cast(World, SimpleNamespace(pace=PacedTime(0, lambda _: None), record=lambda _: None))
    Rounds(world, "rds", [Host("any")], lambda _: None).close()
