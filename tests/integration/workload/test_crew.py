"""All clients of a drill, from their start to the note of how each ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from harness.clock import Instant, SystemClock
from harness.dial import Directory
from harness.estate import load_estate
from harness.events import EventLog, read_events
from harness.facts import ClientEnded, ClientStarted
from harness.login import Login
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.measure import measure
from harness.record import facts_of
from harness.wait import until
from harness.workload.clients import Crew
from harness.workload.workload import Workload
from tests.benchmarks.place import PASSWORD, Place
from tests.integration.workload.conftest import SOON
from tests.integration.workload.service import Cut, FaultyService

ESTATE = load_estate(Path(__file__).parents[3] / "scenarios" / "labelmint.toml")
BRIEFLY = timedelta(milliseconds=300)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def crew(here: Place, service: FaultyService, database: PostgresServer, bundle: Path) -> Iterator[Crew]:
    """A crew that is at work."""
    here.publish({"labelmintit.com": service.address, "db.labelmintit.com": database.address}, "labelmintit.com")
    log = EventLog(bundle / "events.jsonl")
    made = Crew(
        directory=Directory(
            (here.resolver.address, here.resolver.port), {80: service.port, 5432: database.port}, pace=0.01
        ),
        estate=ESTATE,
        login=Login(APP_USER, PASSWORD, database.database),
        workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=100),
        spawner=here.spawner,
        log=log,
        folder=bundle,
    )
    made.start()
    for client in made.clients:
        until(f"{client} at work", lambda client=client: made.acknowledged(client, Instant(0)) >= 5, within=SOON)  # type: ignore[misc]
    yield made
    made.stop()
    log.close()


def ends(bundle: Path) -> dict[str, ClientEnded]:
    facts = [stamped.fact for stamped in facts_of(read_events(bundle / "events.jsonl"))]
    ended = [fact for fact in facts if isinstance(fact, ClientEnded)]
    found = {fact.client: fact for fact in ended}
    assert len(found) == len(ended)
    return found


def test_clients_are_noted_when_they_start_and_when_they_were_asked_to_end(crew: Crew, bundle: Path) -> None:
    crew.stop()
    crew.stop()

    record = measure(bundle, facts_of(read_events(bundle / "events.jsonl")))
    assert (
        [c.client for c in record.all(ClientStarted)]
        == list(crew.clients)
        == ["visitor-fresh", "visitor-ttl", "writers"]
    )
    assert {(c.kind, c.follows, c.writers) for c in record.all(ClientStarted)} == {
        ("visitor", "fresh", (1,)), ("visitor", "ttl", (2,)), ("writer", "ttl", (3, 4)),
    }  # fmt: skip
    assert ends(bundle) == {name: ClientEnded(name, 0, asked_to=True) for name in crew.clients}
    assert all(activity.acknowledged_before >= 5 for activity in record.activity)
    assert not any(outage.bad for outage in record.outages)


def test_a_client_that_died_is_noticed_and_noted(crew: Crew, here: Place, bundle: Path) -> None:
    """A drill without one of its clients proves nothing."""
    died = next(process for process in here.spawner._started if process.name == "writers")
    died.kill()

    assert crew.ended_early() == ("writers",)
    assert not crew.sustained(Instant(0), timedelta(0))
    crew.stop()
    assert ends(bundle)["writers"] == ClientEnded("writers", -9, asked_to=False)
    assert ends(bundle)["visitor-ttl"] == ClientEnded("visitor-ttl", 0, asked_to=True)


def test_service_is_sustained_only_after_nobody_met_anything_bad_for_long_enough(
    crew: Crew, service: FaultyService
) -> None:
    began = SystemClock().now()
    assert not crew.sustained(began, BRIEFLY)
    until("sustained", lambda: crew.sustained(began, BRIEFLY), within=SOON)
    cut = Instant(service.cut(Cut.RESET))
    until("felt", lambda: crew.good_since("visitor-fresh", cut) == timedelta(0), within=SOON)

    healed = Instant(service.heal())

    assert not crew.sustained(cut, BRIEFLY)
    until("sustained again", lambda: crew.sustained(cut, BRIEFLY), within=SOON)
    assert SystemClock().now() - healed > 250_000_000


def test_acknowledgements_are_counted_from_an_instant_on(crew: Crew) -> None:
    crew.stop()
    late = SystemClock().now()

    assert crew.acknowledged("writers", Instant(0)) >= 5
    assert crew.acknowledged("visitor-ttl", Instant(0), read_back=True) >= 5
    assert crew.acknowledged("writers", Instant(0), read_back=True) == 0
    assert crew.acknowledged("writers", late) == 0
