"""What a reader makes of an answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from harness.errors import BadSpec
from harness.heard import Heard, ReadBack
from harness.ledger import LEDGER
from harness.workload import reader_program
from harness.workload.ledger_file import LedgerFile
from harness.workload.reader_program import Reader, read_from
from harness.workload.tail import hit_rate
from harness.workload.terms import ReaderTerms
from harness.workload.visitor_program import Seen
from harness.workload.web import Reply
from harness.workload.workload import Workload


@pytest.mark.parametrize(
    ("body", "said", "read"),
    [
        (b'{"id": 7}', b"hit", ReadBack.RIGHT),
        (b'{"id": 7}', b"miss", ReadBack.MISSED),
        (b'{"id": 7}', b"gone", ReadBack.FAILED),
        (b'{"id": 7}', b"", ReadBack.FAILED),
        (b'{"id": 8}', b"hit", ReadBack.WRONG),
        (b"not JSON", b"hit", ReadBack.WRONG),
    ],
)
def test_the_application_says_where_its_answer_is_from(body: bytes, said: bytes, read: ReadBack) -> None:
    """An answer that is not what was asked for is wrong, even if the cache was quick to give it."""
    assert read_from(Reply(200, {b"x-labelmint-cache": said}, body), 7) is read


def test_the_hit_rate_is_of_the_answers_since_then(tmp_path: Path) -> None:
    seen = [(1, ReadBack.RIGHT), (2, ReadBack.RIGHT), (3, ReadBack.MISSED), (4, ReadBack.FAILED), (5, ReadBack.RIGHT)]
    rows = [(at, at, at, at, at, 0, 5, Heard.ACKNOWLEDGED, read, 200) for at, read in seen]
    np.array(rows, LEDGER).tofile(tmp_path / "reader.bin")
    assert hit_rate([tmp_path / "reader.bin"], 2) == 0.5
    assert hit_rate([tmp_path / "reader.bin"], 9) is None
    assert hit_rate([tmp_path / "not there.bin"], 0) is None


def test_a_cache_is_read_and_written_or_not_at_stake() -> None:
    with pytest.raises(BadSpec, match="go together"):
        Workload(reader_hz=50)


class Unanswered(Reader):
    """Whatever it asks for, nobody answers."""

    async def _submit(self, seq: int, payload: str, seen: Seen) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("within", [0.1, 60.0], ids=["its schedule begins", "it is told to stop before that"])
def test_a_reader_does_not_wait_for_ever_until_the_cache_is_warm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: float
) -> None:
    """A drill waits for its first row on schedule, and its end is no kill."""
    monkeypatch.setattr(reader_program, "_ALL_WITHIN", within)
    file = tmp_path / "reader.bin"
    terms = ReaderTerms(
        file=str(file), writer=5, hz=100, follows="ttl", host="labelmintit.com", port=80, users=500, projects=50,
        resolver_host="127.0.0.1", resolver_port=53, pace=0.005, patience=0.05,
    )  # fmt: skip

    async def come_and_go() -> None:
        ledger = LedgerFile(terms.file)
        reader = Unanswered(terms, ledger)
        asyncio.get_running_loop().call_later(0.5, reader.stop)
        async with asyncio.timeout(10):
            await reader.run()
        ledger.close()

    asyncio.run(come_and_go())
    assert (len(np.fromfile(file, LEDGER)) > 0) is (within < 1)
