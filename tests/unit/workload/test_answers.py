"""What an answer means for a write; in doubt it is unknown."""

from __future__ import annotations

import pytest

from harness.heard import Heard, ReadBack
from harness.workload.answers import heard_from, heard_from_error, read_back_from

REFUSED = b'{"error": "no connection", "outcome": "refused"}'
UNKNOWN = b'{"error": "lost", "outcome": "unknown"}'


@pytest.mark.parametrize(
    ("status", "body", "heard"),
    [
        (201, b'{"id": 1}', Heard.ACKNOWLEDGED),
        (201, b"", Heard.ACKNOWLEDGED),
        (400, REFUSED, Heard.REFUSED),
        (404, b"", Heard.REFUSED),
        (503, REFUSED, Heard.REFUSED),
        (503, UNKNOWN, Heard.UNKNOWN),
        (503, b"upstream connect error or disconnect/reset before headers", Heard.UNKNOWN),
        (503, b'["outcome", "refused"]', Heard.UNKNOWN),
        (500, b"", Heard.UNKNOWN),
        (502, b"", Heard.UNKNOWN),
        (504, b"upstream request timeout", Heard.UNKNOWN),
        (200, b'{"id": 1}', Heard.UNKNOWN),
        (302, b"", Heard.UNKNOWN),
    ],
)
def test_only_201_acknowledges_and_only_certainty_refuses(status: int, body: bytes, heard: Heard) -> None:
    assert heard_from(status, body) is heard


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (200, b'{"payload": "mine"}', ReadBack.RIGHT),
        (200, b'{"payload": "other"}', ReadBack.WRONG),
        (200, b"<html>", ReadBack.WRONG),
        (404, b"", ReadBack.WRONG),
        (503, b"", ReadBack.FAILED),
        (400, b"", ReadBack.FAILED),
    ],
)
def test_a_read_back_is_right_only_with_the_same_payload(status: int, body: bytes, seen: ReadBack) -> None:
    assert read_back_from(status, body, "mine") is seen


@pytest.mark.parametrize(
    ("severity", "state", "heard"),
    [
        (b"ERROR", b"25006", Heard.REFUSED),
        (b"ERROR", b"53100", Heard.REFUSED),
        (b"FATAL", b"57P01", Heard.UNKNOWN),
        (b"PANIC", b"53100", Heard.UNKNOWN),
        (None, None, Heard.UNKNOWN),
        (b"ERROR", None, Heard.UNKNOWN),
    ],
)
def test_an_error_that_ends_the_connection_leaves_the_write_unknown(
    severity: bytes | None, state: bytes | None, heard: Heard
) -> None:
    assert heard_from_error(severity, state) is heard
