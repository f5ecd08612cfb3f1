"""No secret leaves in a bundle: logs are redacted, any other file that holds one stops the sealing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_CHUNK = 1 << 20
REDACTED = b"[redacted]"


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over a file: its hash, its size, and whether a secret occurs in it."""

    sha256: str
    size: int
    leaks: bool


def spellings(secrets: Collection[str]) -> tuple[bytes, ...]:
    """The ways a secret can stand in a file: as it is, in JSON, in a URL. Longest first; an empty one is nothing."""
    ways = {way for secret in secrets if secret for way in _ways(secret)}
    return tuple(sorted((way.encode() for way in ways), key=len, reverse=True))


def _ways(secret: str) -> tuple[str, ...]:
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, "")


def redact(text: bytes, needles: Collection[bytes]) -> bytes:
    for needle in needles:
        text = text.replace(needle, REDACTED)
    return text


def scan(path: Path, needles: Collection[bytes]) -> Scan:
    """Hash a file and look for secrets in it, in constant memory. A secret cut by a block's edge is still seen."""
    keep = max((len(needle) for needle in needles), default=1) - 1
    hasher, size, leaks, tail = hashlib.sha256(), 0, False, b""
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            hasher.update(block)
            size += len(block)
            window = tail + block
            leaks = leaks or any(needle in window for needle in needles)
            tail = window[len(window) - keep :] if keep else b""
    return Scan(hasher.hexdigest(), size, leaks)
