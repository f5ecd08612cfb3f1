"""What was seen of the services that stand before the data, and of the region that they are in."""

from __future__ import annotations

from dataclasses import dataclass

from harness.facts.course import Stage


@dataclass(frozen=True, slots=True)
class CapacitySeen:
    """How widely a service runs: tasks that were wanted, that ran, that its balancer found healthy.

    `deployments` are those that are under way, with the one that it is at.
    """

    stage: Stage
    service: str
    region: str
    desired: int
    running: int
    healthy: int
    deployments: int = 1


@dataclass(frozen=True, slots=True)
class RegionReturned:
    """A lost region came back, and whether health checks found it well and clients then asked for their names again.

    `answered_by` is the region that answered at the public name after that.
    """

    region: str
    well: bool
    asked_again: bool
    answered_by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseSeen:
    """What the tasks of a service run: the images of those that are up, as ECS says."""

    stage: Stage
    service: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetsSeen:
    """The targets that a balancer sends to, those that drain excepted: address:port -> state, as ELB says."""

    stage: Stage
    balancer: str
    states: dict[str, str]
