"""What an answer means for the write it answers. When in doubt a write is unknown, never refused."""

from __future__ import annotations

import json
from typing import Any

from harness.heard import Heard, ReadBack

_CREATED = 201
_FOUND = 200
_NOT_FOUND = 404
_CLIENT_ERRORS = range(400, 500)


def heard_from(status: int, body: bytes) -> Heard:
    """What an HTTP answer says about a submission.

    201 comes after the commit; a client error is certainly not stored; a server error is only where it says so itself.
    """
    if status == _CREATED:
        return Heard.ACKNOWLEDGED
    if status in _CLIENT_ERRORS or fields_of(body).get("outcome") == "refused":
        return Heard.REFUSED
    return Heard.UNKNOWN


def read_back_from(status: int, body: bytes, payload: str) -> ReadBack:
    """Whether the submission that was acknowledged is there as it was sent."""
    if status == _FOUND:
        return ReadBack.RIGHT if fields_of(body).get("payload") == payload else ReadBack.WRONG
    return ReadBack.WRONG if status == _NOT_FOUND else ReadBack.FAILED


def fields_of(body: bytes) -> dict[str, Any]:
    """The fields of a JSON object; none when it is something else, such as a load balancer's own words."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def heard_from_error(severity: bytes | None, state: bytes | None) -> Heard:
    """What PostgreSQL's error says about an INSERT that is a transaction of its own.

    An ERROR with a state has rolled it back. Anything graver ends the connection, maybe after the commit, and an error
    without a state is libpq's own: the connection was lost.
    """
    return Heard.REFUSED if severity == b"ERROR" and state else Heard.UNKNOWN
