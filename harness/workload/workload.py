"""How many clients a drill has and how fast they go."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import BadSpec

_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class Workload:
    """Two visitors at the public name, each `visitor_hz` times a second, and direct writers at the database's name.

    Without `writer_threads` there are no direct writers. `writer_rate` is how many writes a second the writer's threads
    send together; 0 is as many as they can. Where a cache is at stake there are also a reader of users and projects,
    `reader_hz` times a second, and a keeper, which writes `keeper_rate` values a second into the cache; then these two
    decide, and the others must notice nothing.
    """

    visitor_hz: float = 50
    writer_threads: int = 2
    writer_rate: float = 200
    reader_hz: float = 0
    keeper_rate: float = 0
    writers_decide: bool = True
    """Whether direct writers lose service with the visitors; where the application alone is lost, they must not."""

    def __post_init__(self) -> None:
        if not 0 < self.visitor_hz <= 1000:
            raise BadSpec(f"a visitor cannot come {self.visitor_hz:g} times a second", hint="Choose 1 to 1000.")
        if not 0 <= self.writer_threads <= _MOST_THREADS:
            raise BadSpec(f"{self.writer_threads} writer threads", hint=f"Choose up to {_MOST_THREADS}, 0 for none.")
        if not 0 <= self.reader_hz <= 1000 or not 0 <= self.keeper_rate <= 1000:
            raise BadSpec("a reader and a keeper come at most 1000 times a second", hint="Choose 0 for none.")
        if (self.reader_hz > 0) != (self.keeper_rate > 0):
            raise BadSpec("a reader and a keeper go together", hint="A cache has to be read and written.")
        if self.writer_rate < 0:
            raise BadSpec(f"{self.writer_rate:g} writes a second", hint="Choose 0 for as many as possible.")

    @property
    def uses_cache(self) -> bool:
        """Whether there are clients of the cache."""
        return self.keeper_rate > 0
