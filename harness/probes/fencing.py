"""The probe of fencing: does a lost primary that came back acknowledge anything?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg

from harness.clock import Clock, span
from harness.dial import Directory, NameNotFound
from harness.facts import FencingProbed
from harness.login import Login
from harness.probes.database import connected

_WRITE = (
    "INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) VALUES (1, 1, 65535, %s, 'fencing probe')"
)

_NO_FENCE = (
    "too many clients",
    "password authentication",
    "starting up",
    "shutting down",
    "does not exist",
    "recovery mode",
    "not accepting connections",
    "permission denied",
)
"""Refusals that have nothing to do with a fence."""


def fencing(
    directory: Directory,
    host: str,
    port: int,
    login: Login,
    *,
    returned: Callable[[], bool],
    during: timedelta,
    clock: Clock,
) -> FencingProbed:
    """Try for a while to write to the old primary's own endpoint with the application's login.

    `returned` tells whether its server really is up and writable: only then does a refusal prove anything.
    """
    start, attempts, acknowledged, last = clock.now(), 0, 0, ""
    up_throughout = returned()
    while span(start, clock.now()) < during or not attempts:
        attempts += 1
        try:
            with connected(directory, host, port, login) as session:
                acknowledged += session.execute(_WRITE, (attempts,)).rowcount
        except NameNotFound as error:
            return FencingProbed(host, returned=False, attempts=0, acknowledged=acknowledged, detail=str(error))
        except psycopg.Error as error:
            last = str(error).splitlines()[0]
            if any(reason in str(error) for reason in _NO_FENCE):
                return FencingProbed(host, returned=False, attempts=0, acknowledged=acknowledged, detail=last)
        clock.pause(timedelta(milliseconds=50))
    up_throughout = up_throughout and returned()
    detail = last if up_throughout else "the old primary was not up and writable throughout"
    return FencingProbed(host, up_throughout, attempts, acknowledged, detail)
