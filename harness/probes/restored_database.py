"""The witness of a restored database: is it the newest recovery point's content, and an instance like the original?

It asks the API, the restored server, the clients' ledgers and the application itself, and goes by nothing that the
procedure says. Somebody will use this instance: what it lacks of the original is found here, and not by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from harness.clock import span
from harness.dial import NameNotFound
from harness.estate import Database, Estate, Role
from harness.facts import AtStake, Probed
from harness.heard import content, digest
from harness.ledger import Rows
from harness.probes import recovery_points
from harness.probes.acknowledged import acknowledged, held, missing, on_the_ledgers_clock
from harness.probes.alarms import alarmed_metrics
from harness.probes.copies import differences
from harness.probes.database import connected
from harness.probes.instances import TRAITS, traits
from harness.probes.likeness import as_original, compared, there_to_stay
from harness.probes.live import UNTOUCHED, live, untouched
from harness.probes.sight import Sight
from harness.probes.smoke import smoke
from harness.probes.witness import checked

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RestoreJobsListMemberTypeDef

STATE = "state of the restored instance"
POINT, CONTENT = "newest recovery point of the original", "restored data"
RECENT, APPLICATION = "writes acknowledged before the recovery point", "application on the restored database"
ALARMS = "alarms"


@dataclass(frozen=True, slots=True)
class RestoredAsItWas:
    """One restore of `original`, under the name that the estate keeps for `restored`."""

    original: Role = Role.PRIMARY_DATABASE
    restored: Role = Role.RESTORED_DATABASE

    def checks(self, estate: Estate) -> tuple[str, ...]:
        return (STATE, POINT, CONTENT, RECENT, APPLICATION, *map(as_original, (*TRAITS, ALARMS)), UNTOUCHED)

    def begin(self, sight: Sight) -> WatchingRestore:
        return WatchingRestore(self, sight)


class WatchingRestore:
    """What was there at the beginning is remembered; all is looked at when the procedure has ended."""

    def __init__(self, watched: RestoredAsItWas, sight: Sight) -> None:
        self._sight = sight
        self._original = sight.estate.database(watched.original)
        self._restored = sight.estate.database(watched.restored)
        self._before = live(sight.aws, sight.estate)
        self._jobs = {job["RestoreJobId"] for job in self._restores()}
        self._traits = self._traits_of(self._original)

    def is_hurt(self) -> bool:
        return live(self._sight.aws, self._sight.estate) != self._before

    def after_step(self, step: str) -> Iterator[Probed]:
        yield from ()

    def at_the_end(self) -> Iterator[Probed]:
        jobs = [job for job in self._restores() if job["RestoreJobId"] not in self._jobs]
        for job in jobs:
            yield self._newest(job)
            if job["Status"] == "COMPLETED":
                yield self._state()
                yield from self._validated(job)
                yield self._state()
        yield untouched(self._before, live(self._sight.aws, self._sight.estate))

    def _newest(self, job: RestoreJobsListMemberTypeDef) -> Probed:
        """It is the original's, under the estate's name, and no newer one was completed when the job was begun."""
        arn, moment = job["RecoveryPointArn"], job["RecoveryPointCreationDate"]
        points = [
            point
            for vault in self._sight.estate.vaults
            if vault.region == self._original.region
            for point in recovery_points.completed(self._sight.aws, vault, self._original)
        ]
        wrong = []
        if arn not in {point["RecoveryPointArn"] for point in points}:
            wrong.append(f"it is no completed recovery point of {self._original.identifier}")
        made = job.get("CreatedResourceArn", "").rsplit(":", 1)[-1]
        if made != self._restored.identifier:
            wrong.append(f"{made or 'nothing'} was made instead of {self._restored.identifier}")
        ready = [p["CreationDate"] for p in points if p.get("CompletionDate", moment) <= job["CreationDate"]]
        if ready and max(ready) > moment:
            wrong.append(f"there was one of {max(ready):%Y-%m-%d %H:%M:%S}")
        return checked(POINT, not wrong, f"{arn} of {moment:%Y-%m-%d %H:%M:%S}" + "".join(f"; {one}" for one in wrong))

    def _validated(self, job: RestoreJobsListMemberTypeDef) -> Iterator[Probed]:
        """What it holds, what the application says of it, and how it differs from the original."""
        sight, made = self._sight, job["CreatedResourceArn"]
        rds = sight.aws.rds(self._original.region)
        copy = rds.describe_db_instances(DBInstanceIdentifier=made.rsplit(":", 1)[1])["DBInstances"][0]
        moment, endpoint = job["RecoveryPointCreationDate"], (copy["Endpoint"]["Address"], copy["Endpoint"]["Port"])
        point = on_the_ledgers_clock(sight.clock, moment)
        writes = acknowledged(sight.ledgers.get(AtStake.DATABASE, ()), point)
        try:
            wrong, said = differences(sight, sight.database_name, endpoint, moment)
            yield checked(CONTENT, not wrong, "; ".join(wrong) or said)
            if len(writes):
                yield self._recent(endpoint, writes, point)
        except (psycopg.Error, NameNotFound) as error:
            yield checked(CONTENT, False, str(error).splitlines()[0])
        if len(writes):
            yield self._used(endpoint, writes)
        yield from compared(self._traits, self._traits_of(self._restored))

    def _traits_of(self, place: Database) -> dict[str, str]:
        found = self._sight.aws.rds(place.region).describe_db_instances(DBInstanceIdentifier=place.identifier)
        return {**traits(found["DBInstances"][0]), ALARMS: ", ".join(alarmed_metrics(self._sight.aws, place))}

    def _state(self) -> Probed:
        """It is there to stay, also after all else was looked at."""
        there = self._sight.aws.rds(self._restored.region).describe_db_instances()["DBInstances"]
        states = {one["DBInstanceIdentifier"]: one["DBInstanceStatus"] for one in there}
        return there_to_stay(STATE, states.get(self._restored.identifier, ""))

    def _recent(self, endpoint: tuple[str, int], writes: Rows, point: int) -> Probed:
        """No write is missing that was acknowledged before the recovery point was begun. Raises psycopg.Error."""
        with connected(self._sight.directory, *endpoint, self._sight.login) as session:
            gone = missing(writes, held(session))
        age = span(int(writes["acked"][-1]), point)
        said = f"{len(gone)} of {len(writes)} missing or other, the newest acknowledged {age} before it"
        return checked(RECENT, not gone, said + "".join(f"; writer {w} number {s}" for w, s, _ in gone[:3]))

    def _used(self, endpoint: tuple[str, int], writes: Rows) -> Probed:
        """The application is well there, and gives back the newest write of before the recovery point."""
        last = writes[-1]
        path = f"/task-submissions?writer={last['writer']}&seq={last['seq']}"
        wrong, answer = smoke(self._sight, self._restored.region, endpoint, path)
        found = [digest(content(r["project_id"], r["user_id"], r["payload"])) for r in answer.get("items", ())]
        if not wrong and found != [int(last["digest"])]:
            wrong = [f"{path} gives {len(found)} submissions, or another one"]
        return checked(APPLICATION, not wrong, "; ".join(wrong) or f"/health and {path} are good")

    def _restores(self) -> list[RestoreJobsListMemberTypeDef]:
        return recovery_points.restores(self._sight.aws, self._original.region)
