"""What looks at a result that no client notices: a witness, which knows how things were before.

A drill that has one judges by its checks. Each check is a Probed fact of the stage `validation`; one that is not ok
fails the drill, whatever is seen later, and one that was never made leaves it inconclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from harness.estate import Estate
from harness.facts import Probed, Stage
from harness.probes.sight import Sight


def checked(name: str, ok: bool, detail: str) -> Probed:
    """What came of one of a witness's checks."""
    return Probed(Stage.VALIDATION, name, ok=ok, detail=detail)


class Watching(Protocol):
    """A witness at work."""

    def is_hurt(self) -> bool:
        """Whether what it watches is not as it was."""
        ...

    def after_step(self, step: str) -> Iterator[Probed]:
        """Look after a step of the procedure."""
        ...

    def at_the_end(self) -> Iterator[Probed]:
        """Look when the procedure has ended."""
        ...


class Witness(Protocol):
    """Something that can watch an estate."""

    def checks(self, estate: Estate) -> tuple[str, ...]:
        """The names of all that it has to look at."""
        ...

    def begin(self, sight: Sight) -> Watching:
        """Look at how things are before anything happens. Raises ClientError or psycopg.Error."""
        ...
