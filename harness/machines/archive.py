"""The log of an instance's changes (WAL) as it is kept apart from the instance: how far it reaches, replaying it."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.machines.processes import Spawner

_SEGMENT = re.compile(r"^[0-9A-F]{24}$")
_COMMIT = re.compile(r"lsn: (\S+), prev \S+, desc: COMMIT(?: PREPARED)? (\S+ \S+) UTC")
_TIME = "%Y-%m-%d %H:%M:%S.%f"
_READ_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Commit:
    """A committed transaction in the log: when it committed, and where in the log that stands."""

    at: datetime
    lsn: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What a restored server replays: the log in `archive`, up to and including a moment or a commit, then it promotes.

    A server that finds no commit after the moment, or does not come to the commit, ends without serving: a hole in the
    log is never taken for its end.
    """

    archive: Path
    moment: datetime | None = None
    commit: Commit | None = None

    def settings(self) -> Mapping[str, str]:
        """The restored server's part of its configuration."""
        target = (
            {"recovery_target_lsn": self.commit.lsn}
            if self.commit
            else {"recovery_target_time": f"{self.moment.astimezone(UTC):{_TIME}}+00"} if self.moment else {}
        )  # fmt: skip
        return {
            "restore_command": f'cp "{self.archive}/%f" "%p"',
            "recovery_target_inclusive": "on",
            "recovery_target_action": "promote",
            "recovery_target_timeline": "latest",
            **target,
        }


def segments_in(folder: Path) -> list[Path]:
    """The finished segments of an archive, oldest first."""
    return sorted(path for path in folder.iterdir() if _SEGMENT.match(path.name))


def _follows(segment: Path, older: Path) -> bool:
    """Whether they are neighbours on one timeline. For one that is not there pg_waldump would look for five seconds."""
    each_log = (1 << 32) // older.stat().st_size
    numbers = [int(path.name[8:16], 16) * each_log + int(path.name[16:], 16) for path in (older, segment)]
    return older.name[:8] == segment.name[:8] and numbers[1] == numbers[0] + 1


class Archive:
    """The finished segments of one instance's log, in a folder of their own. Any thread may ask."""

    def __init__(self, folder: Path, programs: Path, spawner: Spawner) -> None:
        self.folder = folder
        self._programs = programs
        self._spawner = spawner
        self._lock = threading.Lock()
        self._read: str | None = None
        self._latest: Commit | None = None

    def latest_commit(self) -> Commit | None:
        """The last commit that the archive holds; None while it holds none. Raises MachineFailed."""
        with self._lock:
            segments = segments_in(self.folder)
            for older, newest in zip(reversed([None, *segments][: len(segments)]), reversed(segments), strict=True):
                if newest.name == self._read:
                    break
                if found := self._last_in(older if older and _follows(newest, older) else newest, newest):
                    self._latest = found
                    break
            self._read = segments[-1].name if segments else None
            return self._latest

    def _last_in(self, first: Path, last: Path) -> Commit | None:
        """The last commit in these neighbouring segments; a record may begin in one and end in the other."""
        dump: list[str | Path] = [
            self._programs / "pg_waldump",
            "--rmgr=Transaction",
            "--path",
            self.folder,
            first.name,
            last.name,
        ]
        # it ends with an error where the log does
        said = self._spawner.run(
            f"read-{self.folder.name}", ["sh", "-c", '"$0" "$@" || true', *dump],
            as_server_user=True, timeout=_READ_WITHIN,
        )  # fmt: skip
        commits = _COMMIT.findall(said)
        if not commits:
            return None
        lsn, at = commits[-1]
        return Commit(datetime.strptime(at, _TIME).replace(tzinfo=UTC), lsn)
