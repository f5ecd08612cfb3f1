"""Damage that nobody is told of: a hole in the archived log, a flipped page, a backup that is not what it seems.

Each is done to files, is silent until somebody needs them, and can be undone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

import psycopg

from harness.capabilities import Spoiling
from harness.errors import MachineFailed
from harness.machines.archive import segments_in
from harness.machines.backup import BaseBackup
from harness.machines.disk import room
from harness.machines.replication import Session
from harness.wait import until

_ARCHIVED_WITHIN = timedelta(seconds=10)
_PAGE = 8192
_DAMAGED = 1
"""The page that is damaged: full of old rows, so that nobody writes to it again."""
_BYTES = 8
_KEPT = ".whole"

_EVICT = """
SELECT pg_buffercache_evict(bufferid) FROM pg_buffercache
WHERE relfilenode = pg_relation_filenode('task_submissions') AND relforknumber = 0 AND relblocknumber = %s
    AND reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_REWRITE = """
BEGIN;
CREATE TABLE IF NOT EXISTS drill.rewritten (place int, id bigint, said text);
INSERT INTO drill.rewritten SELECT 2, id, name FROM projects WHERE id % 7 = 0;
INSERT INTO drill.rewritten SELECT 3, id, payload FROM task_submissions WHERE id % 7 = 0;
UPDATE projects SET name = 'undefined' WHERE id % 7 = 0;
UPDATE task_submissions SET payload = 'undefined' WHERE id % 7 = 0;
COMMIT;
"""
_REWRITTEN = "SELECT EXISTS (SELECT FROM projects WHERE name = 'undefined')"
_WRITE_AGAIN = """
BEGIN;
CREATE TABLE IF NOT EXISTS drill.rewritten (place int, id bigint, said text);
UPDATE projects SET name = said FROM drill.rewritten r WHERE place = 2 AND r.id = projects.id;
UPDATE task_submissions SET payload = said FROM drill.rewritten r WHERE place = 3 AND r.id = task_submissions.id;
DROP TABLE drill.rewritten;
COMMIT;
"""
_READ = "SELECT count(*) FROM task_submissions WHERE ctid = %s::tid"


class Asked(Protocol):
    """A server with a data directory and an archive that administrators can ask."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> Path: ...
    @property
    def archive(self) -> Path: ...
    def admin(self) -> Session: ...


class ArchiveHole:
    """One segment of the archived log, taken out of the middle."""

    def __init__(self) -> None:
        self._missing: tuple[Path, Path] | None = None
        """Where it was, and where it is now."""

    def make(self, server: Asked) -> None:
        """Take the newest segment that already has a successor; a quiet server is made to write two."""
        if self.is_there():
            return
        folder = server.archive
        for wanted in range(len(segments_in(folder)) + 1, 3):
            with server.admin() as session:
                session.execute("UPDATE drill.written SET at = clock_timestamp()")
                session.execute("SELECT pg_switch_wal()")
            until("a segment is archived", partial(_has_segments, folder, wanted), within=_ARCHIVED_WITHIN)
        taken = segments_in(folder)[-2]
        hidden = taken.with_name(f"lost-{taken.name}")
        with room(folder):
            taken.rename(hidden)
        self._missing = taken, hidden

    def is_there(self) -> bool:
        """Whether a segment is missing between others."""
        return self._missing is not None and not self._missing[0].exists() and self._missing[1].exists()

    def mend(self) -> None:
        """Put it back. May be called twice."""
        if self._missing and self._missing[1].exists():
            self._missing[1].rename(self._missing[0])
        self._missing = None


@dataclass(frozen=True, slots=True)
class _Flip:
    file: Path
    offset: int
    whole: bytes
    flipped: bytes


class PageDamage:
    """Flipped bytes in a page of the submissions: checksums tell of it as soon as the page is read from storage."""

    def __init__(self) -> None:
        self._flip: _Flip | None = None

    def make(self, server: Asked) -> None:
        """Flip them on storage and see that no copy of the page is left in memory. Raises MachineFailed."""
        if self._flip:
            return
        with server.admin() as session:
            session.execute("CHECKPOINT")
            session.execute(_EVICT, [_DAMAGED])
            row = session.execute("SELECT pg_relation_filepath('task_submissions')").fetchone()
            assert row
            self._flip = _flip(server.data / str(row[0]), _DAMAGED * _PAGE + _PAGE // 2)
            session.execute(_EVICT, [_DAMAGED])

    def is_felt(self, server: Asked) -> bool:
        """Whether the server refuses to read the page; False when it does not answer."""
        try:
            with server.admin() as session:
                session.execute(_READ, [f"({_DAMAGED},1)"])
        except psycopg.errors.DataCorrupted:
            return True
        except psycopg.OperationalError:
            return False
        return False

    def mend(self) -> None:
        """Flip them back, unless the page has been replaced since. May be called twice."""
        flip, self._flip = self._flip, None
        if flip and flip.file.exists():
            with flip.file.open("r+b") as file:
                if os.pread(file.fileno(), len(flip.flipped), flip.offset) == flip.flipped:
                    os.pwrite(file.fileno(), flip.whole, flip.offset)


class RewrittenRows:
    """What a migration gone wrong does: every seventh project and submission says nothing any more."""

    def make(self, server: Asked) -> None:
        with server.admin() as session:
            session.execute(_REWRITE)

    def are_there(self, server: Asked) -> bool:
        """Whether they are; False when it does not answer."""
        try:
            with server.admin() as session:
                return session.execute(_REWRITTEN).fetchone() == (True,)
        except psycopg.OperationalError:
            return False

    def mend(self, server: Asked) -> None:
        """Give them back what they said, where the server answers. May be called twice."""
        try:
            with server.admin() as session:
                session.execute(_WRITE_AGAIN)
        except psycopg.OperationalError:
            return  # storage that does not answer keeps no sabotage that anybody could meet


class SpoiledBackups:
    """Backups that look as before: their names, times and states say nothing of what has become of the content."""

    def __init__(self) -> None:
        self._spoiled: list[BaseBackup] = []

    def spoil(self, backups: Sequence[BaseBackup], how: Spoiling) -> None:
        """Cut them, empty them, or put the oldest one's content into the others."""
        for backup in backups[1:] if how is Spoiling.STALE else backups:
            if backup in self._spoiled:
                continue
            with room(backup.folder):
                for file in backup.files():
                    file.rename(file.with_name(file.name + _KEPT))
                if how is Spoiling.STALE:
                    backups[0].copied(backup.folder)
                else:
                    whole = backup.content.with_name(backup.content.name + _KEPT)
                    backup.content.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2 if _cuts(how) else 0])
            self._spoiled.append(backup)

    def are_spoiled(self) -> bool:
        return bool(self._spoiled)

    def mend(self) -> None:
        """Give them their content back. May be called twice."""
        for backup in self._spoiled:
            for file in backup.files():
                file.unlink()
            for kept in backup.folder.glob(f"*{_KEPT}"):
                kept.rename(kept.with_name(kept.name.removesuffix(_KEPT)))
        self._spoiled.clear()


def _has_segments(folder: Path, wanted: int) -> bool:
    return len(segments_in(folder)) >= wanted


def _cuts(how: Spoiling) -> bool:
    return how is Spoiling.TRUNCATED


def _flip(file: Path, offset: int) -> _Flip:
    with room(file), file.open("r+b") as page:
        whole = os.pread(page.fileno(), _BYTES, offset)
        if len(whole) < _BYTES:
            raise MachineFailed(f"{file.name} has no page {_DAMAGED} to damage")
        flipped = bytes(byte ^ 0xFF for byte in whole)
        os.pwrite(page.fileno(), flipped, offset)
    return _Flip(file, offset, whole, flipped)
