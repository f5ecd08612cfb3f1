"""The probe of what a cache holds: the keepers' values, as a ledger has them, and the application's documents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.dial import Directory, resolve
from harness.heard import KEPT, digest
from harness.ledger import STORED, Rows
from harness.machines.valkey_session import ValkeyError, ValkeyLine

_AT_ONCE = 1000
_DOCUMENTS = "labelmint:"
_PATIENCE = 5.0


def kept(directory: Directory, host: str) -> Rows:
    """Rows of STORED, one for each value. Raises OSError, NameNotFound or ValkeyError when it cannot be read."""
    address = resolve(directory, host).addresses[0]
    with ValkeyLine.to(address, directory.port(6379), timeout=_PATIENCE) as line:
        return np.array([_stored(name, value) for name, value in _values(line, KEPT)], STORED)


def documents(directory: Directory, host: str) -> dict[str, str]:
    """What the application has put there, by name. Raises like `kept`."""
    address = resolve(directory, host).addresses[0]
    with ValkeyLine.to(address, directory.port(6379), timeout=_PATIENCE) as line:
        return dict(_values(line, _DOCUMENTS))


def _values(line: ValkeyLine, beginning: str) -> Iterator[tuple[str, str]]:
    """Name, without how it begins, and value of each; a value that SCAN shows twice is read once."""
    names: set[str] = set()
    cursor = "0"
    while True:
        answer = line.call("SCAN", cursor, "MATCH", f"{beginning}*", "COUNT", _AT_ONCE)
        if not isinstance(answer, list) or not isinstance(answer[1], list):
            raise ValkeyError(f"not an answer to SCAN: {answer}")
        cursor = str(answer[0])
        names.update(str(name) for name in answer[1])
        if cursor == "0":
            break
    ordered = sorted(names)
    values = line.pipeline([("GET", name) for name in ordered])
    for name, value in zip(ordered, values, strict=True):
        if value is not None:  # one that expired since it was named is not there
            yield name.removeprefix(beginning), str(value)


def _stored(name: str, value: str) -> tuple[int, int, int, int]:
    """A row of STORED; a name that no keeper gives is a row that none wrote."""
    writer, _, seq = name.partition(":")
    known = writer.isdecimal() and seq.isdecimal()
    return (int(writer), int(seq), digest(f"{name} {value}"), 0) if known else (0, 0, 0, 0)
