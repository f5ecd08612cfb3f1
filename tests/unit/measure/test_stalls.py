"""A host that did not run its clients: what failed meanwhile is no proof, neither of a fault nor of its absence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.clock import Instant
from harness.facts import ClientKind, ClientStarted, FaultStruck, HostStarved
from harness.heard import Heard, ReadBack
from harness.ledger import Rows
from harness.measure import measure
from harness.measure.stalls import stalls
from harness.objectives import Outcome
from harness.record import Record, Stamped
from harness.verdict.service import judge_stability
from tests.unit.measure.synthetic import BEGIN, MS, SECOND, Service, client, visits

LOST, BACK = BEGIN + 3 * SECOND, BEGIN + 4 * SECOND
STOOD_STILL = (BEGIN + 8 * SECOND, BEGIN + 8 * SECOND + 400 * MS)
BRIEFLY = (STOOD_STILL[0], STOOD_STILL[0] + 200 * MS)


def visited(*bad: int, stall: tuple[int, int] = (0, 0)) -> Rows:
    """Twelve seconds of a visitor; its outage lasts a second, and these requests fail as well."""
    rows = visits(Service(LOST, BACK, False, MS, 1), 12, stall=stall)
    spoiled = np.isin(rows["seq"], bad) & (rows["heard"] != Heard.SENT)
    rows["heard"][spoiled], rows["read_back"][spoiled], rows["acked"][spoiled] = Heard.REFUSED, ReadBack.NOT_TRIED, 0
    return rows


def measured(folder: Path, *ledgers: tuple[ClientStarted, Rows]) -> Record:
    (folder / "ledger").mkdir()
    for started, rows in ledgers:
        rows.tofile(folder / started.file)
    facts = (*(started for started, _ in ledgers), FaultStruck("LoseInstance", "primary-database"))
    return measure(folder, tuple(Stamped(Instant(LOST), fact) for fact in facts))


AMID, LATER = 405, 500
"""Requests due while the host stood still, and long after."""


@pytest.mark.parametrize(
    ("bad", "stall", "outcome"),
    [
        ((), (0, 0), Outcome.PASS),
        ((), STOOD_STILL, Outcome.PASS),
        ((AMID,), (0, 0), Outcome.FAIL),
        ((AMID,), BRIEFLY, Outcome.FAIL),
        ((AMID,), STOOD_STILL, Outcome.INCONCLUSIVE),
        ((AMID, LATER), STOOD_STILL, Outcome.FAIL),
        ((LATER,), STOOD_STILL, Outcome.FAIL),
    ],
)
def test_a_flap_amid_a_stall_is_in_doubt_and_any_other_fails(
    tmp_path: Path, bad: tuple[int, ...], stall: tuple[int, int], outcome: Outcome
) -> None:
    """A stall never makes a pass of a flap, and by itself it is none."""
    record = measured(tmp_path, (client(), visited(*bad, stall=stall)))
    assert judge_stability(record).outcome is outcome


def test_a_stall_that_one_client_felt_is_the_hosts(tmp_path: Path) -> None:
    """A direct writer cannot tell by itself; the visitor beside it can."""
    writer = replace(client(ClientKind.WRITER, writers=(3,)), file="ledger/writer.bin")
    rows = visited(AMID)
    rows["writer"] = 3
    record = measured(tmp_path, (client(), visited(stall=STOOD_STILL)), (writer, rows[rows["heard"] != Heard.SENT]))
    assert [(one.client, one.flaps, one.starved) for one in record.outages][1] == ("writer-3", 1, 1)
    assert judge_stability(record).outcome is Outcome.INCONCLUSIVE


def test_a_writer_that_waits_for_an_answer_is_no_stall(tmp_path: Path) -> None:
    """Its requests leave late because the service is slow."""
    writer = replace(client(ClientKind.WRITER, writers=(3,)), file="ledger/writer.bin")
    rows = visited(AMID, stall=STOOD_STILL)
    rows["writer"] = 3
    record = measured(tmp_path, (client(), visited()), (writer, rows[rows["heard"] != Heard.SENT]))
    assert record.outages[1].starved == 0
    assert judge_stability(record).outcome is Outcome.FAIL


def test_a_flap_while_the_kernel_says_that_the_host_starved_is_in_doubt(tmp_path: Path) -> None:
    """Its visitors ran on time all the while, only the servers did not."""
    (tmp_path / "ledger").mkdir()
    started, rows = client(), visited(AMID)
    rows.tofile(tmp_path / started.file)
    told: tuple[object, ...] = (started, FaultStruck("LoseInstance", "primary-database"), HostStarved(*STOOD_STILL))
    record = measure(tmp_path, tuple(Stamped(Instant(LOST), fact) for fact in told))
    assert judge_stability(record).outcome is Outcome.INCONCLUSIVE


def test_stalls_of_several_clients_are_put_together() -> None:
    """Stretches that overlap are one; only late requests make any."""
    begin = STOOD_STILL[0]
    still = ((begin, 400), (begin + 100 * MS, 800), (BEGIN, 300), (LOST, 100))
    found = stalls([visited(stall=(since, since + length * MS)) for since, length in still])
    assert len(found.begin) == len(found.end) == 2
    assert found.meet(STOOD_STILL[0] + 850 * MS, STOOD_STILL[0] + 860 * MS)
    assert not found.meet(STOOD_STILL[0] + SECOND, STOOD_STILL[0] + 2 * SECOND)
    assert not found.meet(BEGIN + SECOND, STOOD_STILL[0] - 50 * MS)
    assert not stalls([]).meet(0, 2**62)
