"""Spoils a snapshot of a cache: it can be loaded like any other, and has only some of the keys."""

from __future__ import annotations

from pathlib import Path

from harness.machines.valkey import ValkeyServer


def thin_out(snapshot: Path, scratch: ValkeyServer, *, keeps: float) -> None:
    """Leave this share of the keys in a snapshot, with the help of a server that is not used for anything else."""
    scratch.set_ingress(False)
    scratch.load(snapshot)
    scratch.start()
    try:
        with scratch.session() as session:
            found = session.call("KEYS", "*")
            keys = sorted(str(key) for key in found) if isinstance(found, list) else []
            session.pipeline([("DEL", key) for key in keys[round(len(keys) * keeps) :]])
        scratch.save(snapshot)
    finally:
        scratch.stop()
