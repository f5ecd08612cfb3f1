"""Who runs the servers: PostgreSQL refuses root, so a harness that is root runs them as nobody."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.errors import MachineFailed


@dataclass(frozen=True, slots=True)
class ServerUser:
    """An account without rights of its own."""

    name: str
    uid: int
    gid: int


@cache
def server_user() -> ServerUser | None:
    """The account that servers run as; None when it is our own. Raises MachineFailed when root has no such account."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
        group = grp.getgrgid(entry.pw_gid)
    except KeyError as error:
        raise MachineFailed(
            "PostgreSQL does not run as root, and this host has no user nobody to run it instead",
            hint="Run the drill as an ordinary user, or add a user called nobody to /etc/passwd and its group.",
        ) from error
    return ServerUser(entry.pw_name, entry.pw_uid, group.gr_gid)


def servers_may_pass(place: Path) -> bool:
    """Whether the servers' account can get to a directory: unless it is ours, the whole way must be open to all."""
    real = place.resolve()
    return server_user() is None or all(part.stat().st_mode & stat.S_IXOTH for part in (real, *real.parents))
