"""The timeline of a drill, drawn beside the teardown: what it shows was over before, and it takes half a second."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.record import Record
from harness.verdict import Verdict

if TYPE_CHECKING:
    from reports.lanes import Judged, Lanes


@dataclass(frozen=True, slots=True)
class SoFar:
    """A drill that is judged and not closed yet."""

    folder: Path
    record: Record
    verdict: Verdict


class Picture:
    """One picture, drawn in a thread of its own from what is known so far."""

    def __init__(self, so_far: SoFar | None) -> None:
        self._so_far = so_far
        self._numbers = self._svg = ""
        self._thread = threading.Thread(target=self._draw, name="draws the timeline")
        self._thread.start()

    def svg(self, drill: Judged) -> str:
        """The picture of the closed drill: the one that was drawn ahead, unless closing has changed what it shows."""
        from reports import timeline
        from reports.lanes import lanes

        self._thread.join()
        final = lanes(drill)
        return self._svg if self._svg and _numbers(final) == self._numbers else timeline.drawn(final)

    def _draw(self) -> None:
        from steps import allure_drill  # noqa: F401 whoever attaches the drill needs it next

        if self._so_far is None:
            return
        from reports import timeline
        from reports.lanes import lanes

        numbers = lanes(self._so_far)
        self._svg = timeline.drawn(numbers)
        self._numbers = _numbers(numbers)


def _numbers(picture: Lanes | None) -> str:
    """All that a picture shows, to be compared."""
    return json.dumps(asdict(picture) if picture else None, default=lambda array: array.tolist())
