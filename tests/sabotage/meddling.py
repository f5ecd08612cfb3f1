"""Past all that a drill watches: into its databases and its machines."""

from __future__ import annotations

from contextlib import AbstractContextManager

import psycopg

from harness.drill import Drill
from harness.estate import Role
from harness.probes.database import connected


def session(drill: Drill, role: Role) -> AbstractContextManager[psycopg.Connection]:
    """A session on a database of the drill's estate."""
    endpoint = drill.scene.endpoint_of(role)
    assert endpoint, f"there is no {role}"
    environment = drill.scene.environment
    return connected(environment.directory, *endpoint, environment.login())
