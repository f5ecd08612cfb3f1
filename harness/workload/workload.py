"""How many clients a drill has and how fast they go."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import BadSpec

_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class Workload:
    """Two visitors at the public name, each `visitor_hz` times a second, and direct writers at the database's name.

    `writer_rate` is how many writes a second the writer's threads send together; 0 is as many as they can.
    """

    visitor_hz: float = 50
    writer_threads: int = 2
    writer_rate: float = 200

    def __post_init__(self) -> None:
        if not 0 < self.visitor_hz <= 1000:
            raise BadSpec(f"a visitor cannot come {self.visitor_hz:g} times a second", hint="Choose 1 to 1000.")
        if not 1 <= self.writer_threads <= _MOST_THREADS:
            raise BadSpec(f"{self.writer_threads} writer threads", hint=f"Choose 1 to {_MOST_THREADS}.")
        if self.writer_rate < 0:
            raise BadSpec(f"{self.writer_rate:g} writes a second", hint="Choose 0 for as many as possible.")
