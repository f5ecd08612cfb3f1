"""The witness of a restored cache: does it hold what its snapshot must, does it work, is it a group like the original?

It asks the API, the restored nodes, the keeper's ledger and the application itself, and goes by nothing that the
procedure says. ElastiCache does not tell of which snapshot a group was made; what the group holds does.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from harness.clock import span
from harness.dial import NameNotFound, resolve
from harness.errors import NeverHappened
from harness.estate import Estate, Role
from harness.facts import Probed, Stage
from harness.machines.valkey_session import Reply, ValkeyError, ValkeyLine
from harness.probes import cache
from harness.probes.acknowledged import acknowledged, missing, on_the_ledgers_clock, sent
from harness.probes.kept import kept
from harness.probes.live import UNTOUCHED, live, untouched
from harness.probes.restored_database import as_original, compared
from harness.probes.sight import Sight
from harness.probes.smoke import HEALTH, ask, served
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import ReplicationGroupTypeDef

CONTENT, RECENT = "restored values", "values acknowledged before the last snapshot"
OPERATIONS, APPLICATION = "operations on every node", "application on the restored cache"
_DOCUMENT = "/projects/1"
_LAG = timedelta(milliseconds=250)
"""A snapshot is taken of a replica, which may be behind by what was acknowledged last."""
_SOON = timedelta(seconds=3)
_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class RestoredCacheAsItWas:
    """One restore of `original`, under the name that the estate keeps for `restored`."""

    original: Role = Role.CACHE
    restored: Role = Role.RESTORED_CACHE

    def checks(self, estate: Estate) -> tuple[str, ...]:
        return (CONTENT, RECENT, OPERATIONS, APPLICATION, *map(as_original, cache.TRAITS), UNTOUCHED)

    def begin(self, sight: Sight) -> WatchingCacheRestore:
        return WatchingCacheRestore(self, sight)


class WatchingCacheRestore:
    """What was there at the beginning is remembered; all is looked at when the procedure has ended."""

    def __init__(self, watched: RestoredCacheAsItWas, sight: Sight) -> None:
        self._sight = sight
        self._original = sight.estate.cache(watched.original)
        self._restored = sight.estate.cache(watched.restored)
        self._before = live(sight.aws, sight.estate)

    def is_hurt(self) -> bool:
        return live(self._sight.aws, self._sight.estate) != self._before

    def after_step(self, step: str) -> Iterator[Probed]:
        yield from ()

    def at_the_end(self) -> Iterator[Probed]:
        group = self._made()
        if group is not None:
            yield from self._validated(group)
        yield untouched(self._before, live(self._sight.aws, self._sight.estate))

    def _made(self) -> ReplicationGroupTypeDef | None:
        groups = self._sight.aws.elasticache(self._restored.region).describe_replication_groups()["ReplicationGroups"]
        return next((one for one in groups if one["ReplicationGroupId"] == self._restored.identifier), None)

    def _validated(self, group: ReplicationGroupTypeDef) -> Iterator[Probed]:
        """What it holds, before anybody else writes into it; how it works; how it differs from the original."""
        shards = group.get("NodeGroups", [])
        host = shards[0].get("PrimaryEndpoint", {}).get("Address", "") if shards else ""
        try:
            yield from self._held(host, group["ReplicationGroupCreateTime"])
            yield self._operated(group, host)
        except (NameNotFound, OSError, ValkeyError, NeverHappened) as error:
            yield _probe(OPERATIONS, False, f"{host or 'no endpoint'}: {error}")
        yield self._used(host)
        aws = self._sight.aws
        had, has = (
            cache.traits(cache.seen(aws, one.region, one.identifier, Stage.VALIDATION))
            for one in (self._original, self._restored)
        )
        yield from compared(had, has)

    def _held(self, host: str, created: datetime) -> Iterator[Probed]:
        """Nothing that no keeper sent, and all that was acknowledged before the last snapshot there was."""
        sight, there = self._sight, kept(self._sight.directory, host)
        held = frozenset(zip(there["writer"].tolist(), there["seq"].tolist(), there["digest"].tolist(), strict=True))
        strange = sorted(held - sent(sight.kept))
        said = f"{len(held)} values, {len(strange)} of them other than a keeper sent"
        yield _probe(CONTENT, bool(held) and not strange, said + "".join(f"; {one[0]}:{one[1]}" for one in strange[:3]))
        moment = self._last_snapshot(created)
        if moment is None:
            yield _probe(RECENT, False, f"there was no snapshot of {self._original.identifier}")
            return
        point = on_the_ledgers_clock(sight.clock, moment - _LAG)
        values = acknowledged(sight.kept, point)
        if not len(values):
            return  # there is nothing to compare, and a check that was not made says so
        gone = missing(values, held)
        age = span(int(values["acked"][-1]), point)
        said = f"{len(gone)} of {len(values)} missing or other, the newest acknowledged {age} before {moment:%H:%M:%S}"
        yield _probe(RECENT, not gone, said + "".join(f"; {one[0]}:{one[1]}" for one in gone[:3]))

    def _last_snapshot(self, before: datetime) -> datetime | None:
        """When the last one was taken that could be used when the group was ordered."""
        found = self._sight.aws.elasticache(self._original.region).describe_snapshots(
            ReplicationGroupId=self._original.identifier
        )["Snapshots"]
        taken = [cache.taken(one) for one in found if one.get("SnapshotStatus") == "available"]
        return max((moment for moment in taken if moment < before), default=None)

    def _operated(self, group: ReplicationGroupTypeDef, host: str) -> Probed:
        """Written at the primary, read at each node, and gone from each when it is deleted. Raises NeverHappened."""
        members = group["NodeGroups"][0].get("NodeGroupMembers", [])
        nodes = [member.get("ReadEndpoint", {}).get("Address", "") for member in members]
        name, value = f"drill:{uuid4().hex}", uuid4().hex
        with self._line(host) as primary:
            primary.pipeline([("SET", name, value, "EX", 60)])
            for wanted, then in ((value, ("DEL", name)), (None, ("TTL", name))):
                for node in nodes:
                    until(f"{node} in step", lambda n=node, w=wanted: self._get(n, name) == w, within=_SOON)  # type: ignore[misc]
                primary.call(*then)
        same = len(nodes) == len(group["MemberClusters"])
        return _probe(OPERATIONS, same, f"written, read and deleted at {len(nodes)} of {len(group['MemberClusters'])}")

    def _get(self, host: str, name: str) -> Reply:
        with self._line(host) as line:
            return line.call("GET", name)

    def _line(self, host: str) -> ValkeyLine:
        directory = self._sight.directory
        return ValkeyLine.to(resolve(directory, host).addresses[0], directory.port(6379), timeout=_TIMEOUT)

    def _used(self, host: str) -> Probed:
        """The application says that it is well, and gives a document from there that it had put there."""
        sight = self._sight

        def gives(port: int) -> bool:
            return ask(port, _DOCUMENT).cache == "hit" and ask(port, HEALTH).body.get("cache", {}).get("status") == "ok"

        try:
            with served(sight, self._restored.region, sight.database_name, cache=host) as port:
                until(f"{_DOCUMENT} from the cache", lambda: gives(port), within=_SOON)
        except (OSError, http.client.HTTPException, NeverHappened) as error:
            return _probe(APPLICATION, False, str(error))
        return _probe(APPLICATION, True, f"{HEALTH} is good and {_DOCUMENT} comes from the cache")


def _probe(name: str, ok: bool, detail: str) -> Probed:
    return Probed(Stage.VALIDATION, name, ok=ok, detail=detail)
