import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness import facts
from harness.clock import FakeClock, span
from harness.errors import EvidenceError
from harness.events import Event, EventLog, read_events
from harness.facts import CallMade, ExposureSeen, FaultStruck
from harness.record import Record, facts_of


def test_facts_come_back_as_they_were_written(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl", FakeClock())
    call = CallMade(
        *("automation", "rds", "PromoteReadReplica", "us-east-1", True, "r-1", 5, timedelta(milliseconds=3), 200),
        resources=("db-1",),
        states={"db-1": "modifying"},
        params={"MultiAZ": True},
    )
    written = [call, FaultStruck("LoseInstance", "primary-database"), ExposureSeen("lag", timedelta(hours=2))]
    for fact in written:
        log.write(fact)
    log.close()
    assert [stamped.fact for stamped in facts_of(read_events(log.path))] == written


def test_downtime_ignores_wall_clock_jumps(tmp_path: Path) -> None:
    """RTO comes from the monotonic clock, so an NTP step mid-drill cannot shorten it."""
    clock = FakeClock()
    log = EventLog(tmp_path / "events.jsonl", clock)
    log.write(FaultStruck("LoseInstance", "primary-database"))
    clock.advance(seconds=12, wall_jump=-3600)
    log.write(ExposureSeen("lag", timedelta(0)))
    log.close()
    record = Record(facts_of(read_events(log.path)))
    struck, later = record.when(FaultStruck), record.when(ExposureSeen)
    assert struck is not None
    assert later is not None
    assert span(struck, later) == timedelta(seconds=12)


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    """A SIGKILL in the middle of a write costs that line and no other."""
    log = EventLog(tmp_path / "events.jsonl", FakeClock())
    log.write(FaultStruck("LoseInstance", "primary-database"))
    log.close()
    with log.path.open("ab") as file:
        file.write(b'{"at":12,"wall":"2026-')
    assert [event.kind for event in read_events(log.path)] == ["FaultStruck"]


def test_damage_anywhere_else_is_an_error(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl", FakeClock())
    log.write(FaultStruck("LoseInstance", "primary-database"))
    log.close()
    log.path.write_bytes(b"{broken\n" + log.path.read_bytes())
    with pytest.raises(EvidenceError, match="line 1"):
        list(read_events(log.path))


def test_a_fact_of_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps({"at": 1, "wall": "2026-01-01T00:00:00+00:00", "kind": "Gossip", "fact": {}}) + "\n")
    with pytest.raises(EvidenceError, match="Gossip"):
        facts_of(read_events(path))


def test_every_kind_of_fact_can_be_read_back() -> None:
    """A fact whose types pydantic cannot read would be found out only when a bundle is judged again."""
    for name in facts.kinds():
        facts.adapter(name)
    assert "DrillStarted" in facts.kinds()
    assert set(facts.kinds()) <= set(facts.__all__)


def test_what_the_facts_import_is_no_kind_of_fact() -> None:
    """An event of the log is itself a dataclass, and it cannot be written into the log as a fact."""
    assert "Event" not in facts.kinds()
    with pytest.raises(EvidenceError, match="unknown kind of fact, Event"):
        facts.fact_of(Event(FakeClock().now(), datetime.now(UTC), "Event", {}))


def test_a_kind_of_client_that_nobody_knows_is_refused() -> None:
    """It would be measured as one of the known ones, and its rows taken for writes into the database."""
    told = {"client": "bot", "kind": "bot", "file": "bot.bin", "follows": "ttl", "writers": [1], "every": "PT1S"}
    with pytest.raises(EvidenceError, match="ClientStarted in the log cannot be read"):
        facts.fact_of(Event(FakeClock().now(), datetime.now(UTC), "ClientStarted", {**told, "decides": True}))
    for kind in facts.ClientKind:
        known = {**told, "kind": kind.value, "decides": True}
        read = facts.fact_of(Event(FakeClock().now(), datetime.now(UTC), "ClientStarted", known))
        assert isinstance(read, facts.ClientStarted)
        assert read.kind is kind
