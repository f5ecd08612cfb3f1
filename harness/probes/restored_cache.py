"""The witness of a restored cache: does it hold what its snapshot must, does it work, is it a group like the original?

It asks the API, the restored nodes, the keeper's ledger and the application itself, and goes by nothing that the
procedure says. ElastiCache does not tell of which snapshot a group was made; what the group holds does.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from harness.clock import span
from harness.dial import NameNotFound, resolve
from harness.errors import NeverHappened
from harness.estate import Cache, Estate, Role
from harness.facts import AtStake, Probed, Stage
from harness.machines.valkey_session import ValkeyError, ValkeyLine
from harness.probes import cache
from harness.probes.acknowledged import Write, acknowledged, missing, on_the_ledgers_clock, sent
from harness.probes.kept import documents, kept
from harness.probes.likeness import as_original, compared, there_to_stay
from harness.probes.live import UNTOUCHED, live, untouched
from harness.probes.sight import Sight
from harness.probes.smoke import HEALTH, ask, served
from harness.probes.witness import checked
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import ReplicationGroupTypeDef

STATE = "state of the restored group"
CONTENT, RECENT = "restored values", "values acknowledged before the last snapshot"
OPERATIONS, APPLICATION = "operations on every node", "application on the restored cache"
_DOCUMENT = "/projects/1"
_LAG = timedelta(milliseconds=250)
"""A snapshot is taken of a replica, which may be behind by what was acknowledged last."""
_SOON = timedelta(seconds=3)
_TIMEOUT = 1.0
_UNREACHABLE = (NameNotFound, OSError, ValkeyError)


@dataclass(frozen=True, slots=True)
class RestoredCacheAsItWas:
    """One restore of `original`, under the name that the estate keeps for `restored`."""

    original: Role = Role.CACHE
    restored: Role = Role.RESTORED_CACHE

    def checks(self, estate: Estate) -> tuple[str, ...]:
        return (STATE, CONTENT, RECENT, OPERATIONS, APPLICATION, *map(as_original, cache.TRAITS), UNTOUCHED)

    def begin(self, sight: Sight) -> WatchingCacheRestore:
        return WatchingCacheRestore(self, sight)


class WatchingCacheRestore:
    """What was there at the beginning is remembered; all is looked at when the procedure has ended."""

    def __init__(self, watched: RestoredCacheAsItWas, sight: Sight) -> None:
        self._sight = sight
        self._original = sight.estate.cache(watched.original)
        self._restored = sight.estate.cache(watched.restored)
        self._before = live(sight.aws, sight.estate)
        self._traits = self._traits_of(self._original)
        usable = cache.usable_snapshots(sight.aws, self._original.region, self._original.identifier)
        self._snapshot = max(map(cache.taken, usable), default=None)
        self._began = sight.clock.now()

    def is_hurt(self) -> bool:
        return live(self._sight.aws, self._sight.estate) != self._before

    def after_step(self, step: str) -> Iterator[Probed]:
        yield from ()

    def at_the_end(self) -> Iterator[Probed]:
        group = self._made()
        if group is not None:
            yield self._state(group)
            yield from self._validated(group)
            yield self._state(self._made())
        yield untouched(self._before, live(self._sight.aws, self._sight.estate))

    def _made(self) -> ReplicationGroupTypeDef | None:
        groups = self._sight.aws.elasticache(self._restored.region).describe_replication_groups()["ReplicationGroups"]
        return next((one for one in groups if one["ReplicationGroupId"] == self._restored.identifier), None)

    def _validated(self, group: ReplicationGroupTypeDef) -> Iterator[Probed]:
        """What it holds, before anybody else writes into it; how it works; how it differs from the original."""
        host = cache.primary_host(group)
        yield from self._held(host)
        yield self._operated(group, host)
        yield self._used(host)
        yield from compared(self._traits, self._traits_of(self._restored))

    def _traits_of(self, place: Cache) -> dict[str, str]:
        return cache.traits(cache.seen(self._sight.aws, place.region, place.identifier, Stage.VALIDATION))

    def _state(self, group: ReplicationGroupTypeDef | None) -> Probed:
        """It is there to stay, also after all else was looked at."""
        return there_to_stay(STATE, group.get("Status", "") if group else "")

    def _held(self, host: str) -> Iterator[Probed]:
        """The checks of what is in it."""
        try:
            there, own = kept(self._sight.directory, host), documents(self._sight.directory, host)
            known = documents(self._sight.directory, self._host_in_use())
        except _UNREACHABLE as error:
            yield checked(CONTENT, False, f"{host or 'no endpoint'}: {error}")
            return
        held = frozenset(zip(there["writer"].tolist(), there["seq"].tolist(), there["digest"].tolist(), strict=True))
        yield self._content(held, sorted(name for name, value in own.items() if known.get(name, value) != value))
        yield from self._recent(held)

    def _host_in_use(self) -> str:
        original = self._original
        found = self._sight.aws.elasticache(original.region).describe_replication_groups(
            ReplicationGroupId=original.identifier
        )
        return cache.primary_host(found["ReplicationGroups"][0])

    def _content(self, held: frozenset[Write], documents: list[str]) -> Probed:
        """It holds something, nothing that no keeper sent, and nothing that is newer than every snapshot there was.

        When disaster strikes nobody can take another one. Of the application's documents most have expired by then;
        none of them may say other than the cache in use does, and `documents` are those that do.
        """
        strange, newer = sorted(held - sent(self._ledgers())), sorted(held & sent(self._ledgers(), since=self._began))
        said = (
            f"{len(held)} values, {len(strange)} of them other than a keeper sent, {len(newer)} newer than the snapshot"
        )
        if documents:
            said += f", {len(documents)} documents other than in the cache in use: {', '.join(documents[:3])}"
        good = bool(held) and not strange and not newer and not documents
        return checked(CONTENT, good, said + _some([*strange, *newer]))

    def _recent(self, held: frozenset[Write]) -> Iterator[Probed]:
        """No value is missing that was acknowledged before the last snapshot that there was at the beginning."""
        moment = self._snapshot
        if moment is None:
            yield checked(RECENT, False, f"there was no snapshot of {self._original.identifier}")
            return
        point = on_the_ledgers_clock(self._sight.clock, moment - _LAG)
        values = acknowledged(self._ledgers(), point)
        if len(values):  # else there is nothing to compare, and a check that was not made says so
            gone, age = missing(values, held), span(int(values["acked"][-1]), point)
            said = f"{len(gone)} of {len(values)} missing or other, the newest acknowledged {age} before"
            yield checked(RECENT, not gone, f"{said} {moment:%H:%M:%S}{_some(gone)}")

    def _ledgers(self) -> Sequence[Path]:
        return self._sight.ledgers.get(AtStake.CACHE, ())

    def _operated(self, group: ReplicationGroupTypeDef, host: str) -> Probed:
        """Written at the primary, read at each node, and gone from each when it is deleted."""
        nodes = [member.get("ReadEndpoint", {}).get("Address", "") for member in cache.members(group)]
        name, value = f"drill:{uuid4().hex}", uuid4().hex
        try:
            with self._line(host) as primary:
                primary.call("SET", name, value, "EX", 60)
                self._wait_for(nodes, name, value)
                primary.call("DEL", name)
                self._wait_for(nodes, name, None)
        except (*_UNREACHABLE, NeverHappened) as error:
            return checked(OPERATIONS, False, f"{host or 'no endpoint'}: {error}")
        wanted = len(group["MemberClusters"])
        said = f"written, read and deleted at {len(nodes)} of {wanted} nodes"
        return checked(OPERATIONS, len(nodes) == wanted, said)

    def _wait_for(self, nodes: Sequence[str], name: str, value: str | None) -> None:
        """Wait until each node has that value. Raises NeverHappened, OSError, ValkeyError or NameNotFound."""
        for node in nodes:
            until(f"{node} in step", partial(self._has, node, name, value), within=_SOON, clock=self._sight.clock)

    def _has(self, host: str, name: str, value: str | None) -> bool:
        with suppress(*_UNREACHABLE), self._line(host) as line:
            return line.call("GET", name) == value
        return False

    def _line(self, host: str) -> ValkeyLine:
        directory = self._sight.directory
        return ValkeyLine.to(resolve(directory, host).addresses[0], directory.port(6379), timeout=_TIMEOUT)

    def _used(self, host: str) -> Probed:
        """The application says that it is well, and gives a document from there that it had put there."""
        sight = self._sight

        def gives(port: int) -> bool:
            with suppress(OSError, http.client.HTTPException):  # slow for once
                seen = ask(port, HEALTH).body.get("cache", {}).get("status")
                return seen == "ok" and ask(port, _DOCUMENT).cache == "hit"
            return False

        try:
            with served(sight, self._restored.region, sight.database_name, cache=host) as port:
                until(f"{_DOCUMENT} from the cache", lambda: gives(port), within=_SOON, clock=sight.clock)
        except (OSError, NeverHappened) as error:
            return checked(APPLICATION, False, str(error))
        return checked(APPLICATION, True, f"{HEALTH} is good and {_DOCUMENT} comes from the cache")


def _some(values: Sequence[Write]) -> str:
    return "".join(f"; {writer}:{seq}" for writer, seq, _ in values[:3])
