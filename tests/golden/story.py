"""Synthetic drills written as the harness writes them: facts in a log and small ledgers, no servers.

A `Story` says how a drill went; `write` leaves the folder of that drill, ready to be measured, judged and sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.clock import FakeClock, Instant
from harness.events import EventLog, read_events
from harness.evidence import Bundle, load, seal
from harness.facts import DrillStarted, Phase, PhaseEntered, Promise
from harness.measure import measure
from harness.objectives import Fidelity, Objectives
from harness.record import facts_of
from harness.verdict import judge
from tests.golden import cached, chapters, clients, watched
from tests.golden.shape import Shape

EPOCH = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECOND = 1_000_000_000
STRIKE = 10 * SECOND
"""When the fault strikes in every story, on its own monotonic clock."""
PLANNED = (
    "assess the impact", "look at the replica's lag", "promote the read replica",
    "wait until the new primary is available", "set backups and Multi-AZ",
    "repoint the application", "deploy the application", "switch the database's name",
    "validate the service",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """How a synthetic drill went. Times in seconds from the strike."""

    drill: str = "database-promote-replica"
    title: str = "The read replica takes over when the primary dies"
    back: float | None = 3.2
    """When clients were served again; None for never."""
    lost: int = 0
    bites: bool = True
    fenced: bool = True
    hostile: bool = False
    """Names and details that try to break the page, and much of everything."""
    ends: float = 9.0
    budget: float = 6.0
    """Of the rehearsal, for the recovery time."""
    loss_budget: float = 1.0
    """Of the rehearsal, for the data lost."""
    known_gap: str = ""
    shape: Shape = Shape.DATABASE


PASS = Story()
FAIL = Story(
    drill="database-promote-replica-late",
    title="The read replica takes over late, and the old primary lives",
    back=8.4, lost=290, fenced=False, ends=14,
)  # fmt: skip
INCONCLUSIVE = Story(drill="database-fault-without-bite", title="Nobody felt the fault", bites=False, ends=5)
HOSTILE = Story(
    drill="database-hostile-names",
    title='<script>alert("title")</script> & a title that goes on and on, so that no line of a screen holds all of it',
    back=4.4, lost=3, hostile=True, ends=10,
)  # fmt: skip
CACHE = Story(
    drill="cache-restore-snapshot", title="The cache is restored from last night's snapshot and warmed up",
    lost=155, loss_budget=15, shape=Shape.CACHE,
)  # fmt: skip
WITNESS = Story(
    drill="backup-verification", title="The backups are there, recent, and can be restored",
    bites=False, shape=Shape.WITNESS,
)  # fmt: skip
STORIES = {
    "pass": PASS, "fail": FAIL, "inconclusive": INCONCLUSIVE, "hostile": HOSTILE, "cache": CACHE, "witness": WITNESS,
}  # fmt: skip


def write(folder: Path, story: Story) -> Path:
    """Leave the unsealed folder of a drill: events.jsonl, ledger/*.bin, and a server's log beside it in `logs`."""
    (folder / "ledger").mkdir(parents=True)
    (folder / "logs").mkdir()
    clock = FakeClock(EPOCH)
    log = EventLog(folder / "events.jsonl", clock)
    told = [*_frame(story), *_course(story), *clients.told(folder, story)]
    for at, fact in sorted(told, key=lambda line: line[0]):
        clock.advance((STRIKE + at * SECOND - clock.now()) / SECOND)
        log.write(fact, at=Instant(STRIKE + round(at * SECOND)), durable=False)
    log.close()
    lines = [f"2026-11-22 09:30:{n:02d} UTC [{4200 + n}] LOG:  checkpoint complete" for n in range(40)]
    (folder / "logs" / "postgres-primary.log").write_text("\n".join(lines) + "\n")
    return folder


def sealed(folder: Path, story: Story) -> Bundle:
    """The bundle of a drill, measured, judged and sealed as the harness does it."""
    write(folder, story)
    record = measure(folder, facts_of(read_events(folder / "events.jsonl")))
    seal(folder, record, judge(record), config={"pace": 0.01, "out_dir": Path("reports/out")}, logs=())
    return load(folder)


def terms(story: Story) -> DrillStarted:
    """What the drill is about; of another shape, what is other."""
    stated = _terms(story)
    match story.shape:
        case Shape.DATABASE:
            return stated
        case Shape.CACHE:
            return replace(stated, **cached.TERMS)
        case Shape.WITNESS:
            return replace(stated, **watched.TERMS)


def _terms(story: Story) -> DrillStarted:
    return DrillStarted(
        day="2026-11-22",
        run="20261122-093000-4f2a",
        drill=story.drill,
        title=story.title,
        runbook="Database Disaster Recovery, Scenario 1, Option A",
        severity="sev-0",
        tags=("monthly", "sev-0", "database"),
        environment="embedded",
        fidelity=Fidelity.REAL,
        promises=(Promise.FENCING,),
        touches=chapters.TOUCHES,
        names=(),
        signals=(),
        operator="automation",
        pace=0.01,
        objectives=Objectives(timedelta(hours=4), timedelta(hours=1)),
        rehearsal_rto=timedelta(seconds=story.budget),
        rehearsal_rpo=timedelta(seconds=story.loss_budget),
        decision_time=timedelta(minutes=15),
        fault="LoseInstance",
        procedure="PromoteReadReplica",
        planned_steps=PLANNED,
        recovers_to=("read-replica",),
        known_gap=story.known_gap,
        known_gap_review="2027-01-31" if story.known_gap else "",
    )


def _course(story: Story) -> Iterator[tuple[float, object]]:
    """What harness and operator did."""
    match story.shape:
        case Shape.DATABASE:
            yield from chapters.before(story)
            yield from chapters.after(story)
        case Shape.CACHE:
            yield from cached.told(story)
        case Shape.WITNESS:
            yield from watched.told(story)


def _frame(story: Story) -> Iterator[tuple[float, object]]:
    """The drill's terms and its phases."""
    yield -9.0, terms(story)
    yield -9.0, PhaseEntered(Phase.RAISING)
    yield -4.6, PhaseEntered(Phase.STEADY)
    if story.shape is not Shape.WITNESS:
        yield -0.05, PhaseEntered(Phase.STRIKING)
        yield 0.06, PhaseEntered(Phase.DETECTING)
    if story.bites:
        yield 0.64, PhaseEntered(Phase.RECOVERING)
        yield (story.back or story.ends - 2) - 0.2, PhaseEntered(Phase.RESTORING)
        yield story.ends - 1.8, PhaseEntered(Phase.FENCING)
        yield story.ends - 1.0, PhaseEntered(Phase.SETTLING)
    yield story.ends - 0.2, PhaseEntered(Phase.JUDGING)
