"""S3 replicates: each new version follows its bucket's rules into another bucket, a little later, if nothing is cut.

What was there before the rules is not replicated, deletions of a version never are, and markers only where a rule says
so (S3 User Guide, What does Amazon S3 replicate?).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from harness.aws_rules.durations import REPLICATE_OBJECT
from harness.cloud.service import World
from harness.cloud.services.s3.store import Store, Version

_SHORTEST_LAG = timedelta(milliseconds=20)
_ARN = "arn:aws:s3:::"


class Replicator:
    """Knows of every version whether it is on its way, has arrived, cannot arrive, or is a copy itself."""

    def __init__(self, world: World, store: Store) -> None:
        self._world = world
        self._store = store
        self._seen: set[Version] = set()
        self._status: dict[Version, str] = {}
        self._cut: set[str] = set()
        self._waiting: list[tuple[Version, str]] = []

    def begin(self, buckets: Mapping[str, str]) -> None:
        """All that the estate's buckets hold has arrived long ago; `buckets` says which goes where."""
        for source, target in buckets.items():
            for version in self._store.versions(source):
                self._seen.add(version)
                self._status[version] = "COMPLETED"
                self._arrived(version, target)

    def look(self, bucket: str) -> None:
        """Something may be new in a bucket: send it on its way."""
        with self._store.lock:
            new = [version for version in self._store.versions(bucket) if version not in self._seen]
            self._seen.update(new)
            sent = [(version, target) for version in new if (target := self._target(version))]
            for version, _ in sent:
                self._status[version] = "PENDING"
        if sent:
            what = f"replication of {bucket}"
            self._world.pace.later(REPLICATE_OBJECT.usual, what, lambda: self._deliver(sent), at_least=_SHORTEST_LAG)

    def status(self, bucket: str, key: str, version: str | None) -> str:
        """As HeadObject gives it: PENDING, COMPLETED, FAILED, REPLICA, or nothing."""
        with self._store.lock:
            mine = [one for one in self._store.versions(bucket) if one.key == key and version in (None, one.id)]
            return self._status.get(mine[-1], "") if mine else ""

    def cut(self, target: str) -> None:
        """Nothing arrives in a bucket any more; S3 goes on trying."""
        self._cut.add(target)

    def is_cut(self, target: str) -> bool:
        return target in self._cut

    def restore(self, target: str) -> None:
        """What had to wait is delivered."""
        with self._store.lock:
            self._cut.discard(target)
            late = [sent for sent in self._waiting if sent[1] == target]
            self._waiting = [sent for sent in self._waiting if sent[1] != target]
        self._deliver(late)

    def _deliver(self, sent: list[tuple[Version, str]]) -> None:
        with self._store.lock:
            for version, target in sent:
                bucket = self._store.bucket(target)
                if target in self._cut:
                    self._waiting.append((version, target))
                elif bucket is None or not bucket.is_versioned:
                    self._status[version] = "FAILED"
                elif self._store.copy(version, target):
                    self._status[version] = "COMPLETED"
                    self._arrived(version, target)

    def _arrived(self, version: Version, target: str) -> None:
        """A copy is not copied on: a replica's status says what it is."""
        there = Version(target, version.key, version.id, version.is_marker)
        self._seen.add(there)
        self._status[there] = "REPLICA"

    def _target(self, version: Version) -> str:
        """Where the bucket's rules send it now; empty for nowhere."""
        bucket = self._store.bucket(version.bucket)
        rules = (getattr(bucket, "replication", None) or {}).get("Rule", ())
        for rule in rules:
            if rule.get("Status") == "Enabled" and version.key.startswith(_prefix(rule)):
                markers = (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled"
                if not version.is_marker or markers:
                    return str(rule["Destination"]["Bucket"]).removeprefix(_ARN)
        return ""


def _prefix(rule: Mapping[str, Any]) -> str:
    """The keys that a rule is for, as it was written in either version of the configuration."""
    chosen = rule.get("Filter") or {}
    inner = chosen.get("And") or chosen
    return str(inner.get("Prefix") or rule.get("Prefix") or "")
