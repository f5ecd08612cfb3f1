"""Spoils a snapshot of a cache: it can be loaded like any other and has half of the keys."""

from __future__ import annotations

from pathlib import Path

from harness.machines.valkey import ValkeyServer


def halve(snapshot: Path, scratch: ValkeyServer) -> None:
    """Take every second key out of a snapshot, with the help of a server that is not used for anything else."""
    scratch.set_ingress(False)
    scratch.load(snapshot)
    scratch.start()
    try:
        with scratch.session() as session:
            keys = session.call("KEYS", "*")
            doomed = sorted(str(key) for key in keys)[::2] if isinstance(keys, list) else []
            session.pipeline([("DEL", key) for key in doomed])
        scratch.save(snapshot)
    finally:
        scratch.stop()
