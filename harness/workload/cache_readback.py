"""After the drill: every value that a keeper wrote, read from the cache that the application uses."""

from __future__ import annotations

from pathlib import Path

from harness.dial import Directory, NameNotFound
from harness.errors import WorkloadFailed
from harness.facts import CacheReadBackTaken
from harness.machines.valkey_session import ValkeyError
from harness.probes.kept import kept

FILE = "ledger/cache-readback.bin"


def read_back_cache(directory: Directory, host: str, folder: Path) -> CacheReadBackTaken:
    """Read the values into the bundle's FILE. Raises WorkloadFailed when the cache cannot be read."""
    target = folder / FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        found = kept(directory, host)
    except (NameNotFound, OSError, ValkeyError) as error:
        raise WorkloadFailed(f"what {host or 'the cache'} holds cannot be read back: {error}") from error
    found.tofile(target)
    return CacheReadBackTaken(FILE, len(found), host)
