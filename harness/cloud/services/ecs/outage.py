"""What a region's loss means for its tasks: they are gone, and nobody starts others until it is back."""

from __future__ import annotations

from collections.abc import Sequence

from harness.capabilities import Darkness
from harness.cloud.services.ecs.scheduler import ServiceScheduler
from harness.machines.tasks import TaskHost


class RegionTasks:
    """All tasks of a region with the parent that starts them, and the schedulers that would replace them."""

    def __init__(self, host: TaskHost, schedulers: Sequence[ServiceScheduler]) -> None:
        self._host = host
        self._schedulers = tuple(schedulers)

    def go_dark(self, how: Darkness) -> None:
        for scheduler in self._schedulers:
            scheduler.suspend()
        if how is Darkness.GONE:
            self._host.kill()
        else:
            self._host.pause()

    def is_dark(self) -> bool:
        suspended = all(scheduler.is_suspended() for scheduler in self._schedulers)
        return suspended and (self._host.is_paused() or not self._host.is_running())

    def come_back(self) -> None:
        self._host.resume()
        self._host.start()
        for scheduler in self._schedulers:
            scheduler.go_on()
