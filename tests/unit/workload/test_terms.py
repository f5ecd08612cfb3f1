"""What a client is told arrives as it was said, and how many clients there may be is checked."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from harness.errors import BadSpec
from harness.workload.terms import VisitorTerms, WriterTerms, directory_of, line_of, terms_of
from harness.workload.workload import Workload

VISITOR = VisitorTerms("f.bin", 1, 50.0, "ttl", "labelmintit.com", 8080, 500, 50, "127.0.0.1", 5353, 0.01)
WRITER = WriterTerms(
    "f.bin", (3, 4), 200.0, "db.labelmintit.com", 5432, 500, 50, "127.0.0.1", 5353, 0.01, "app", "labelmint", "s3cr:é\n"
)  # fmt: skip


def test_terms_travel_as_one_line() -> None:
    for terms in (VISITOR, WRITER):
        line = line_of(terms)

        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
    assert terms_of(VisitorTerms, io.StringIO(line_of(VISITOR).decode())) == VISITOR
    assert terms_of(WriterTerms, io.StringIO(line_of(WRITER).decode())) == WRITER


def test_the_password_is_not_in_what_is_printed() -> None:
    assert "s3cr" not in repr(WRITER)


def test_a_client_resolves_at_the_drills_pace() -> None:
    directory = directory_of(VISITOR)

    assert (directory.resolver, directory.pace) == (("127.0.0.1", 5353), 0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Workload(visitor_hz=0),
        lambda: Workload(visitor_hz=1001),
        lambda: Workload(writer_threads=-1),
        lambda: Workload(writer_threads=9),
        lambda: Workload(writer_rate=-1),
    ],
)
def test_a_workload_that_cannot_be_is_refused(wrong: Callable[[], Workload]) -> None:
    with pytest.raises(BadSpec):
        wrong()
