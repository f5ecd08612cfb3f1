"""A task submission as a client sends it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.machines.application.errors import BadInput

_INT4 = 2**31 - 1
_INT8 = 2**63 - 1
_LONGEST_PAYLOAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Submission:
    """Who submitted what for which project, numbered by its writer."""

    project_id: int
    user_id: int
    writer: int
    seq: int
    payload: str


def read_submission(body: object) -> Submission:
    """Check a decoded JSON body. Raises BadInput naming the field."""
    if not isinstance(body, dict):
        raise BadInput("the body is not a JSON object")
    payload = body.get("payload")
    if not isinstance(payload, str) or "\0" in payload or len(payload) > _LONGEST_PAYLOAD:
        raise BadInput(f"payload is not a text of at most {_LONGEST_PAYLOAD} characters")
    try:
        payload.encode()
    except UnicodeEncodeError:
        raise BadInput("payload is not valid Unicode") from None
    return Submission(
        project_id=whole("project_id", body.get("project_id"), 1, _INT8),
        user_id=whole("user_id", body.get("user_id"), 1, _INT8),
        writer=whole("writer", body.get("writer"), 0, _INT4),
        seq=whole("seq", body.get("seq"), 0, _INT8),
        payload=payload,
    )


def whole(name: str, value: object, least: int, most: int = _INT8) -> int:
    """A whole number, given as one or as the text of one. Raises BadInput."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        raise BadInput(f"{name} is not a whole number of {least} to {most}")
    return value
