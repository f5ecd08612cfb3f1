"""Base backups of a running server, kept apart from its storage, and what a new instance's storage is made from."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

from harness.errors import ServerBinariesMissing
from harness.machines.access import Account, write_password_file
from harness.machines.disk import room
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace

_LONGEST = timedelta(minutes=5)
_BASE, _WAL = "base.tar", "pg_wal.tar"


class Origin(Protocol):
    """What a new instance's storage is made from; `database` is the one with the application's tables."""

    @property
    def database(self) -> str: ...
    def extract(self, target: Path) -> None: ...


class Running(Protocol):
    """A server that can be copied while it runs."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def database(self) -> str: ...


@dataclass(frozen=True, slots=True)
class BaseBackup:
    """A consistent copy of a whole cluster with the log that it needs, as archives in `folder`."""

    folder: Path
    database: str
    spawner: Spawner = field(repr=False)

    @property
    def content(self) -> Path:
        """The archive of the data directory."""
        return self.folder / _BASE

    def extract(self, target: Path) -> None:
        """Make `target`, an empty directory of the servers' account, the copy. Raises DiskFull, MachineFailed."""
        unpack(self.content, target, self.spawner)
        if (log := self.folder / _WAL).exists():
            unpack(log, target / "pg_wal", self.spawner)

    def files(self) -> list[Path]:
        """The archives that it consists of; none of one that is gone."""
        return [file for file in (self.content, self.folder / _WAL) if file.exists()]

    def size(self) -> int:
        """Bytes; 0 for one that is gone, also if it goes while it is looked at."""
        try:
            return sum(file.stat().st_size for file in self.files())
        except FileNotFoundError:
            return 0

    def copied(self, folder: Path) -> BaseBackup:
        """The same backup a second time, independent of this one. Raises DiskFull, MachineFailed."""
        with room(folder):
            for file in self.files():
                shutil.copyfile(file, folder / file.name)
        return BaseBackup(folder, self.database, self.spawner)

    def remove(self) -> None:
        """Delete it. May be called twice."""
        shutil.rmtree(self.folder, ignore_errors=True)


def of_archive(archive: Path, database: str, folder: Path, spawner: Spawner) -> BaseBackup:
    """A backup that is an archive which exists already; the archive is shared and not copied."""
    with room(folder):
        (folder / _BASE).symlink_to(archive)
    return BaseBackup(folder, database, spawner)


def unpack(archive: Path, target: Path, spawner: Spawner) -> None:
    """Unpack a tar archive into a directory of the servers' account. Raises DiskFull, MachineFailed."""
    with room(archive), archive.open("rb") as content:
        spawner.run(
            f"clone-{target.name}", [tar(), "-x", "-f", "-", "-C", target],
            stdin=content.fileno(), as_server_user=True, timeout=_LONGEST,
        )  # fmt: skip


def tar() -> str:
    if program := shutil.which("tar"):
        return program
    raise ServerBinariesMissing("there is no tar program", hint="Install tar with the system's package manager.")


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies running servers with pg_basebackup, by the account for replicas."""

    programs: Path
    workspace: Workspace
    spawner: Spawner = field(repr=False)
    account: Account = field(repr=False)

    def back_up(self, server: Running, folder: Path) -> BaseBackup:
        """Back a server up into `folder`, an empty directory of the servers' account. Raises DiskFull, MachineFailed.

        As a snapshot of a volume it takes damaged pages along without a word.
        """
        self.copy(server, folder, form="tar")
        return BaseBackup(folder, server.database, self.spawner)

    def copy(self, server: Running, target: Path, *, form: Literal["plain", "tar"] = "plain") -> None:
        """Copy the storage of a server into `target`. Raises DiskFull, MachineFailed."""
        passwords = self.workspace.folder("secrets") / f"{target.name}-copy.pass"
        write_password_file(passwords, self.account)
        source = f"host={server.address} port={server.port} user={self.account.user} sslmode=disable gssencmode=disable"
        self.spawner.run(
            f"base-backup-{target.name}",
            [
                "nice", self.programs / "pg_basebackup", "--pgdata", target, f"--format={form}", "--wal-method=stream",
                "--checkpoint=fast", "--no-sync", "--no-verify-checksums", "--no-manifest", "--no-password",
                "--dbname", source,
            ],
            as_server_user=True,
            env={"PGPASSFILE": str(passwords)},
            timeout=_LONGEST,
        )  # fmt: skip
