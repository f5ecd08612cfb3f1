"""An initialised and seeded database cluster, kept as one archive between runs, of which every instance is a clone.

All instances of an estate being clones of one cluster, a standby can stream from its source at once: no base backup.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from harness.errors import MachineFailed
from harness.estate import Seed
from harness.machines.backup import tar, unpack
from harness.machines.binaries import postgres_version
from harness.machines.disk import cache_folder, disk_full, has_no_room, room
from harness.machines.postgres_files import SHARED_SETTINGS, access_text, settings_text
from harness.machines.postmaster import Postmaster
from harness.machines.processes import Spawner, failure
from harness.machines.seed import SUPERUSER, seed_sql
from harness.machines.workspace import Workspace
from harness.wait import until

_LONGEST = timedelta(minutes=2)
_INITDB = (
    "--data-checksums",
    "--encoding=UTF8",
    "--locale=C",
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--no-sync",
    "--no-clean",  # it could not log why the disk was full, and nobody would see that it was
    "--wal-segsize=1",
    f"--set=dynamic_shared_memory_type={SHARED_SETTINGS['dynamic_shared_memory_type']}",
)

_TRIM = (
    # each database is 300 files in every clone: the one that initdb makes for users becomes ours, the spare one goes
    "ALTER DATABASE template0 IS_TEMPLATE false",
    "DROP DATABASE template0",
    # a standby is sent its current segment from the start: let that be an empty one
    "SELECT pg_switch_wal()",
)
_WHILE_SEEDING = {"listen_addresses": "", "fsync": "off", "archive_mode": "off", "wal_recycle": "off"}


@dataclass(frozen=True, slots=True)
class Login:
    """A database account of one run."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A cluster that was shut down cleanly, as a tar archive; `database` is the one with the seeded tables."""

    archive: Path
    database: str
    spawner: Spawner = field(repr=False)

    def extract(self, target: Path) -> None:
        """Make `target`, an empty directory of the servers' account, a clone. Raises DiskFull, MachineFailed."""
        unpack(self.archive, target, self.spawner)


def template(cache_dir: Path, programs: Path, seed: Seed, *, workspace: Workspace, spawner: Spawner) -> Template:
    """The template for these programs and rows, from the cache or made now (about 2 s).

    A damaged archive is made again. Runs that want the same one at the same time wait for the first to make it.
    Raises DiskFull, MachineFailed, ServerBinariesMissing.
    """
    settings = {**SHARED_SETTINGS, **_WHILE_SEEDING}
    recipe = [postgres_version(programs), _INITDB, settings, seed_sql(seed), _TRIM, seed.database]
    key = hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:16]
    folder = cache_folder(cache_dir, "templates")
    with _alone(folder / f"{key}.lock"):
        for unfinished in folder.glob(f".{key}-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        for archive in folder.glob(f"{key}-*.tar"):
            if _is_whole(archive):
                return Template(archive, seed.database, spawner)
            archive.unlink()
        return Template(
            _made(folder, key, programs, seed, workspace=workspace, spawner=spawner), seed.database, spawner
        )


def _made(folder: Path, key: str, programs: Path, seed: Seed, *, workspace: Workspace, spawner: Spawner) -> Path:
    data = workspace.folder("template")
    initdb: list[str | Path] = [programs / "initdb", *_INITDB, "-D", data]
    server = Postmaster("template", data=data, programs=programs, port=5432, workspace=workspace, spawner=spawner)
    try:
        spawner.run("initdb", initdb, as_server_user=True, timeout=_LONGEST)
        _seed(server, seed)
        return _packed(data, folder, key, spawner)
    finally:
        shutil.rmtree(data)


def _seed(server: Postmaster, seed: Seed) -> None:
    settings = {**SHARED_SETTINGS, **_WHILE_SEEDING, "unix_socket_directories": str(server.sockets)}
    server.write("postgresql.conf", settings_text(settings))
    server.write("pg_hba.conf", access_text(app_allowed=False))
    server.start()
    try:
        server.wait_ready()
        with server.admin("template1") as session:
            session.execute(sql.SQL("ALTER DATABASE postgres RENAME TO {}").format(sql.Identifier(seed.database)))
        with server.admin(seed.database) as session:
            session.execute(seed_sql(seed).encode())
            for statement in _TRIM:
                session.execute(statement.encode())
    except psycopg.Error as error:
        raise failure(f"the database could not be seeded: {error}", server.last_words(), server.data) from error
    finally:
        server.stop()


def _packed(data: Path, folder: Path, key: str, spawner: Spawner) -> Path:
    """The archive's name holds its own hash, so that one rename makes it valid."""
    pack: list[str | Path] = [tar(), "-c", "-f", "-", "-C", data, "."]
    with room(folder), tempfile.TemporaryDirectory(prefix=f".{key}-", dir=folder) as unborn:
        written = Path(unborn) / "archive"
        with written.open("wb") as archive:
            try:
                spawner.run(
                    "pack-template", pack, stdout=archive.fileno(), env={"COPYFILE_DISABLE": "1"}, timeout=_LONGEST
                )
            except MachineFailed as error:
                if has_no_room(folder):
                    raise disk_full(f"no room is left in {folder}") from error
                raise
        return written.rename(folder / f"{key}-{_hash(written)}.tar")


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _is_whole(archive: Path) -> bool:
    return archive.name.removesuffix(".tar").endswith(_hash(archive))


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Nobody else makes the same template meanwhile. Raises MachineFailed after waiting for two minutes."""
    with room(lock_file), lock_file.open("w") as lock:
        until(f"{lock_file} is free", lambda: _locked(lock.fileno()), within=_LONGEST)
        yield


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
