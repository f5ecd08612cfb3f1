"""The manifest: what a sealed bundle holds, and the proof that nobody touched it.

`hash` is the SHA-256 of the manifest's own canonical JSON without that key, so that a manifest cannot be edited to fit
altered files unnoticed by whoever noted the hash (the scorecard prints it).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.errors import BundleDamaged, DiskFull, EvidenceError
from harness.evidence.scrub import scan

NAME = "manifest.json"
SCHEMA = 1
NO_BUNDLE = (
    "Give the folder of a drill's evidence. A drill that was killed leaves one without a manifest, which can neither "
    "be judged nor drawn: rehearse it again."
)
"""The hint where a folder is no bundle, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One file of a bundle."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a bundle by their path in it, and the hash over all of this."""

    schema: int
    drill: str
    run: str
    sealed: str
    files: dict[str, Sealed]
    hash: str = ""

    def computed_hash(self) -> str:
        plain = TypeAdapter(Manifest).dump_python(self, mode="json", exclude={"hash"})
        return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content as a whole, on disk when this returns. Raises DiskFull or EvidenceError."""
    fresh = path.with_name(f".{path.name}.tmp")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        kind = DiskFull if error.errno == errno.ENOSPC else EvidenceError
        hint = "Free some room or choose another --out."
        raise kind(f"{path} cannot be written: {error.strerror}", hint=hint) from error


def contents(folder: Path) -> Iterator[Path]:
    """Every file of a bundle but its manifest, in the order of their paths."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    return (path for path in found if path != folder / NAME)


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest, hashed; the rename is the moment of sealing."""
    whole = Manifest(SCHEMA, manifest.drill, manifest.run, manifest.sealed, manifest.files, manifest.computed_hash())
    path = folder / NAME
    write_atomically(path, TypeAdapter(Manifest).dump_json(whole, indent=1))
    path.chmod(0o444)
    return whole


def _instead_of(folder: Path) -> str:
    """The bundles of a run, for whoever gives its folder."""
    found = sorted(str(manifest.parent) for manifest in folder.glob(f"*/{NAME}"))
    return f"It holds sealed bundles: {', '.join(found)}" if found else NO_BUNDLE


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle. Raises EvidenceError when there is none, BundleDamaged when it was altered."""
    try:
        raw = (folder / NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        missing = f"it has no {NAME}" if folder.is_dir() else "there is no such folder"
        raise EvidenceError(f"{folder} is not a sealed bundle: {missing}", hint=_instead_of(folder)) from error
    except OSError as error:
        raise EvidenceError(f"{folder / NAME} cannot be read: {error.strerror}", hint=NO_BUNDLE) from error
    try:
        manifest = TypeAdapter(Manifest).validate_json(raw)
    except ValueError as error:
        raise BundleDamaged(f"{folder / NAME} cannot be read as a manifest") from error
    if manifest.hash != manifest.computed_hash():
        raise BundleDamaged(f"{folder / NAME} was altered: its hash is not that of its content")
    return manifest


def verify(folder: Path) -> None:
    """Compare every file with the manifest. Raises BundleDamaged naming each altered, missing and extra file."""
    problems = list(_differences(folder, read_manifest(folder)))
    if problems:
        raise BundleDamaged(f"{folder} was altered after it was sealed: " + "; ".join(problems))


def _differences(folder: Path, manifest: Manifest) -> Iterator[str]:
    present = {path.relative_to(folder).as_posix(): path for path in contents(folder)}
    for name, sealed in manifest.files.items():
        if name not in present:
            yield f"{name} is missing"
        elif present[name].is_symlink() or not present[name].is_file():
            yield f"{name} is no longer a file of the bundle"
        else:
            yield from _altered(name, present[name], sealed)
    yield from (f"{name} is extra" for name in present if name not in manifest.files)


def _altered(name: str, path: Path, sealed: Sealed) -> Iterator[str]:
    try:
        seen = scan(path, ())
    except OSError as error:
        yield f"{name} cannot be read ({error.strerror})"
        return
    if (seen.sha256, seen.size) != (sealed.sha256, sealed.bytes):
        yield f"{name} is altered"
