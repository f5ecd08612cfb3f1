"""What goes wrong in a drill is a problem on file, whatever becomes of the drill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from harness.drill.scene import Scene
from harness.errors import DrillError
from harness.facts import Problem


@contextmanager
def told(scene: Scene, step: str) -> Iterator[None]:
    """What ends this step is noted, an interruption too, and then the caller's."""
    try:
        yield
    except BaseException as error:
        code = error.exit_code if isinstance(error, DrillError) else DrillError.exit_code
        _note(scene, Problem(step, _in_words(error), code))
        raise


@contextmanager
def told_and_passed_over(scene: Scene, where: str) -> Iterator[None]:
    """What goes wrong while cleaning up is noted, and cleaning up goes on. An interruption is not passed over."""
    try:
        yield
    except Exception as error:  # the boundary of a clean-up: a problem on file is no pass
        _note(scene, Problem(where, f"{type(error).__name__}: {error}"))


def _note(scene: Scene, problem: Problem) -> None:
    with suppress(OSError):  # a full disk: what went wrong first is what the caller must hear
        scene.note(problem)


def _in_words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted by the user"
    return error.message if isinstance(error, DrillError) else f"{type(error).__name__}: {error}"
