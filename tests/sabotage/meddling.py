"""Past all that a drill watches: into its databases and its caches."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import psycopg

from harness.capabilities import Spoiling
from harness.dial import resolve
from harness.drill import Drill
from harness.estate import Role
from harness.faults.spoil_backups import SpoilBackups
from harness.machines.valkey_session import ValkeyLine
from harness.probes.cache import primary_host
from harness.probes.database import connected


def session(drill: Drill, role: Role) -> AbstractContextManager[psycopg.Connection]:
    """A session on a database of the drill's estate."""
    endpoint = drill.scene.endpoint_of(role)
    assert endpoint, f"there is no {role}"
    environment = drill.scene.environment
    return connected(environment.directory, *endpoint, environment.login())


def line(drill: Drill, role: Role) -> ValkeyLine:
    """A line to the primary of one of its caches."""
    environment, cache = drill.scene.environment, drill.scene.estate.cache(role)
    found = drill.scene.aws().elasticache(cache.region).describe_replication_groups(ReplicationGroupId=cache.identifier)
    host, directory = primary_host(found["ReplicationGroups"][0]), environment.directory
    return ValkeyLine.to(resolve(directory, host).addresses[0], directory.port(6379), timeout=2.0)


def target(drill: Drill, role: Role) -> Any:
    """The machine or service in a place of its estate, as faults get it."""
    return drill.scene.environment.target(role)


def spoil_backups(drill: Drill, role: Role, how: Spoiling) -> None:
    """Every backup that there is by now of what is in that place."""
    SpoilBackups(how).inject(target(drill, role))
