"""What the container registry (ECR) holds: which images there are, and which release of the application each is."""

from __future__ import annotations

from collections.abc import Callable

from harness.cloud.services.ecs.definitions import REPOSITORY
from harness.cloud.services.ecs.secrets import CannotStart

TAGS = frozenset({"1", "2", "3"})
"""The releases that were pushed; `harness.machines.application.releases` says what each of them does."""


def release_of(image: str, account: str, reachable: Callable[[str], bool]) -> str:
    """The release that an image is of. Raises CannotStart, in ECS's words, for one that the registry does not hold, or
    where the registry's region is not `reachable`."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    registry, _, repository = name.rpartition("/")
    ours = not registry or (registry.startswith(f"{account}.dkr.ecr.") and registry.endswith(".amazonaws.com"))
    if not ours or repository != REPOSITORY or tag not in TAGS:
        raise CannotStart(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref"
            f" {image}: {image}: not found"
        )
    if registry and not reachable(registry.split(".")[3]):
        raise CannotStart(
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref"
            f" {image}: dial tcp: i/o timeout"
        )
    return tag
