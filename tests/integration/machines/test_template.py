"""The seeded template is made once, whole, by one run at a time; a damaged one is made again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from harness.errors import DiskFull
from harness.estate import Seed
from harness.machines.binaries import in_reach, postgres_bin
from harness.machines.processes import Spawner
from harness.machines.server_user import servers_may_pass
from harness.machines.template import Template, template
from harness.machines.workspace import Workspace

SMALL = Seed(users=1, projects=1, task_submissions=1)


def test_it_is_made_once_and_made_again_when_damaged(
    work_dir: Path, programs: Path, workspace: Workspace, spawner: Spawner
) -> None:
    """Two runs that race get the same one; a flipped byte is noticed; another seed is another template."""

    def get(seed: Seed = SMALL) -> Template:
        return template(work_dir / "cache", programs, seed, workspace=workspace, spawner=spawner)

    with ThreadPoolExecutor(2) as runs:
        first, second = runs.map(lambda _: get(), range(2))
    assert first.archive == second.archive
    made = first.archive.stat().st_mtime_ns

    with first.archive.open("r+b") as archive:
        archive.seek(1_000_000)
        archive.write(b"damage")
    again = get()
    assert again.archive.stat().st_mtime_ns != made
    assert get().archive == again.archive

    target = workspace.folder("clone")
    again.extract(target)
    assert (target / "PG_VERSION").exists()
    assert not list((work_dir / "cache/templates").glob(".*")), "something half-made is left"


@pytest.fixture
def tiny_disk(work_dir: Path) -> Iterator[Path]:
    """A file system with room for a few megabytes; only root can make one."""
    place = work_dir / "tiny"
    place.mkdir(mode=0o755)
    mounting = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small file system, and not everywhere")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_work_directory_is_named(tiny_disk: Path, work_dir: Path, programs: Path, seeded: Template) -> None:
    """While the template is made, and while it is cloned."""
    workspace = Workspace.create(tiny_disk, "full")
    spawner = Spawner(workspace)
    try:
        with pytest.raises(DiskFull):
            template(work_dir / "cache", programs, SMALL, workspace=workspace, spawner=spawner)
        with pytest.raises(DiskFull):
            Template(seeded.archive, seeded.database, spawner).extract(workspace.folder("clone"))
    finally:
        spawner.close()
        assert workspace.remove() == ()


def test_a_full_cache_is_named(tiny_disk: Path, programs: Path, workspace: Workspace, spawner: Spawner) -> None:
    """And nothing half-made is left in it."""
    with pytest.raises(DiskFull):
        template(tiny_disk / "cache", programs, SMALL, workspace=workspace, spawner=spawner)
    assert not list((tiny_disk / "cache/templates").glob("*.tar"))


def test_programs_in_a_private_home_are_brought_into_reach(work_dir: Path, spawner: Spawner) -> None:
    """A virtual environment below root's 0700 home: the servers' account runs a copy, made once."""
    programs = postgres_bin(None)
    reached = in_reach(programs, work_dir / "cache")
    assert servers_may_pass(reached)
    assert in_reach(programs, work_dir / "cache") == reached
    for program in ("postgres", "psql"):
        said = spawner.run(
            program, [reached / program, "--version"], as_server_user=True, timeout=timedelta(seconds=20)
        )
        assert "PostgreSQL" in said
