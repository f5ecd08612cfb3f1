"""What a region's loss means for its tasks: they are gone, and nobody starts others until it is back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.capabilities import Darkness
from harness.cloud.services.ecs.scheduler import ServiceScheduler
from harness.machines.tasks import Task, TaskHost


class RegionTasks:
    """All tasks of a region, with the schedulers that would replace them."""

    def __init__(self, host: TaskHost, schedulers: Sequence[ServiceScheduler]) -> None:
        self._host = host
        self._schedulers = tuple(schedulers)

    def go_dark(self, how: Darkness) -> None:
        for scheduler in self._schedulers:
            scheduler.suspend()
        if how is Darkness.GONE:
            self._host.kill()
            return
        for process in self._running():
            process.pause()

    def is_dark(self) -> bool:
        suspended = all(scheduler.is_suspended() for scheduler in self._schedulers)
        return suspended and all(process.is_paused() for process in self._running())

    def come_back(self) -> None:
        self._host.start()
        for process in self._running():
            process.resume()
        for scheduler in self._schedulers:
            scheduler.go_on()

    def _running(self) -> Iterator[Task]:
        for scheduler in self._schedulers:
            with scheduler.lock:
                processes = [task.process for task in scheduler.state.tasks if task.process is not None]
            yield from (process for process in processes if process.is_running())
