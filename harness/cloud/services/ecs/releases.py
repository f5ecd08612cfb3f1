"""A service for those who break it: somebody deploys another release of its program, as a pipeline would."""

from __future__ import annotations

from harness.cloud.services.ecs.definitions import TaskDefinition, TaskDefinitions
from harness.cloud.services.ecs.scheduler import ServiceScheduler
from harness.cloud.services.ecs.updates import Update


class ServiceHandle:
    """One service. A release is known by the tag of its image; nothing of this goes through the API."""

    def __init__(self, scheduler: ServiceScheduler, definitions: TaskDefinitions) -> None:
        self.name = scheduler.state.part.service
        self._scheduler = scheduler
        self._definitions = definitions
        self._before: TaskDefinition | None = None

    def deploy_release(self, tag: str) -> None:
        """Register a revision like the one that is deployed, but of that release, and roll it out."""
        before = self._before = self._current()
        image = f"{before.container['image'].rpartition(':')[0]}:{tag}"
        raw = {**before.raw, "family": before.family, "containerDefinitions": [{**before.container, "image": image}]}
        self._scheduler.update(Update(definition=self._definitions.register(raw)))

    def release(self) -> str:
        """The release that the service is at, or on its way to."""
        return str(self._current().container["image"]).rpartition(":")[2]

    def is_answering(self) -> bool:
        """Whether any of its tasks is healthy at the balancer."""
        return self._scheduler.healthy() > 0

    def take_release_back(self) -> None:
        """Deploy what was there before; nothing where nothing was deployed."""
        if self._before is not None:
            self._scheduler.update(Update(definition=self._before))

    def _current(self) -> TaskDefinition:
        with self._scheduler.lock:
            return self._scheduler.state.deployments[0].definition
