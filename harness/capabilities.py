"""What a thing can do, so that faults and probes ask for a capability and never for a class."""

from __future__ import annotations

import enum
from typing import Protocol, runtime_checkable


class Spoiling(enum.StrEnum):
    """What has become of a backup's content, unseen."""

    TRUNCATED = "truncated"
    EMPTY = "empty"
    STALE = "stale"


@runtime_checkable
class Killable(Protocol):
    """Something that runs and can be made to die as in a power cut."""

    @property
    def name(self) -> str: ...
    def kill(self) -> None: ...
    def is_running(self) -> bool: ...
    def start(self) -> None: ...


@runtime_checkable
class Losable(Killable, Protocol):
    """An instance that can be lost with its storage (and hidden standby), and may come back with what it held."""

    def lose(self) -> None: ...
    def is_lost(self) -> bool: ...
    def come_back(self) -> None: ...


class Darkness(enum.StrEnum):
    """How something that is out of reach behaves."""

    GONE = "gone"
    """It refuses, or is not there: whoever asks knows at once."""
    BLACK_HOLE = "black hole"
    """It swallows what it is sent and never answers."""


@runtime_checkable
class Darkening(Protocol):
    """A place with many machines and an API, which may be out of reach all at once."""

    def go_dark(self, how: Darkness, *, control_planes: bool = False) -> None: ...
    def is_dark(self) -> bool: ...
    def come_back(self) -> None: ...


@runtime_checkable
class Pausable(Protocol):
    """Something that can be frozen in place."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def is_paused(self) -> bool: ...


@runtime_checkable
class Promotable(Protocol):
    """A copy that can become the one that takes writes."""

    def promote(self) -> None: ...
    def accepts_writes(self) -> bool: ...


@runtime_checkable
class Replicating(Protocol):
    """A copy that follows a source, and can be cut off from it."""

    def cut_replication(self) -> None: ...
    def restore_replication(self) -> None: ...
    def is_receiving(self) -> bool: ...


@runtime_checkable
class FailsToPromote(Protocol):
    """A copy whose storage can be made to give out at its next promotion."""

    def break_next_promotion(self) -> None: ...
    def mend_promotion(self) -> None: ...
    def promotion_failed(self) -> bool: ...


@runtime_checkable
class Archiving(Protocol):
    """Something whose log of changes is archived, and whose archive can get a hole."""

    def lose_archived_log(self) -> None: ...
    def has_archive_hole(self) -> bool: ...
    def mend_archive(self) -> None: ...


@runtime_checkable
class Corruptible(Protocol):
    """Something whose storage can give back other bytes than were written."""

    def corrupt_page(self) -> None: ...
    def refuses_page(self) -> bool: ...
    def mend_page(self) -> None: ...


@runtime_checkable
class HoldsObjects(Protocol):
    """Something that keeps versions of objects, which somebody may delete or overwrite by mistake."""

    def spoil_objects(self) -> None: ...
    def objects_are_spoiled(self) -> bool: ...
    def mend_objects(self) -> None: ...


@runtime_checkable
class Vanishing(Protocol):
    """Something that can be gone with all that it holds, and be put back as it was."""

    def vanish(self) -> None: ...
    def has_vanished(self) -> bool: ...
    def reappear(self) -> None: ...


@runtime_checkable
class Rewritable(Corruptible, Protocol):
    """Something whose rows a program with every right can turn into nonsense."""

    def rewrite_rows(self) -> None: ...
    def rows_are_rewritten(self) -> bool: ...
    def mend_rows(self) -> None: ...


@runtime_checkable
class BackedUpNightly(Protocol):
    """Something of which AWS takes a backup each night."""

    def take_nightly_backup(self) -> None: ...


@runtime_checkable
class BackedUp(Protocol):
    """Something whose backups can be spoiled without anything showing it."""

    def spoil_backups(self, how: Spoiling) -> None: ...
    def backups_are_spoiled(self) -> bool: ...
    def mend_backups(self) -> None: ...


@runtime_checkable
class RunsReleases(Protocol):
    """A service whose tasks are of one release of its program, in the place of which anybody may deploy another."""

    def deploy_release(self, tag: str) -> None: ...
    def release(self) -> str: ...
    def is_answering(self) -> bool: ...
    def take_release_back(self) -> None: ...


@runtime_checkable
class HasTargets(Protocol):
    """A balancer, whose targets somebody may take away and put wrong ones in their place."""

    def misdirect(self) -> None: ...
    def is_misdirected(self) -> bool: ...
    def direct_back(self) -> None: ...
