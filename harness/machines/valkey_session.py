"""Connections to a Valkey server, over its Unix socket or as a client comes: the few commands need no library."""

from __future__ import annotations

import socket
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

Reply: TypeAlias = "str | int | list[Reply] | None"


class ValkeyError(Exception):
    """The server answered with an error."""


class ValkeyLine:
    """A connection of a client, who gives no name. Each command raises ValkeyError, or OSError without an answer."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._answers = line.makefile("rb")

    @classmethod
    def to(cls, address: str, port: int, *, timeout: float) -> ValkeyLine:
        """Raises OSError when nobody listens there, or nobody answers within `timeout` seconds."""
        return cls(socket.create_connection((address, port), timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._answers.close()
        self._line.close()

    def call(self, *words: str | int) -> Reply:
        """One command and its answer."""
        [answer] = self.pipeline([words])
        return answer

    def pipeline(self, commands: list[tuple[str | int, ...]]) -> list[Reply]:
        """Several commands at once; raises ValkeyError for the first one that failed, after all were carried out."""
        self._line.sendall(b"".join(_encoded(words) for words in commands))
        answers: list[Reply] = []
        failed: ValkeyError | None = None
        for _ in commands:
            try:
                answers.append(self._read())
            except ValkeyError as error:
                failed = failed or error
        if failed:
            raise failed
        return answers

    def info(self, section: str) -> dict[str, str]:
        """What INFO says in a section, by field."""
        lines = str(self.call("INFO", section)).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def _read(self) -> Reply:
        line = self._answers.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError("the server hung up")
        kind, rest = line[:1], line[1:-2].decode(errors="replace")
        if kind == b"+":
            return rest
        if kind == b"-":
            raise ValkeyError(rest)
        number = int(rest)
        if kind == b":":
            return number
        if number < 0:
            return None
        if kind == b"*":
            return [self._read() for _ in range(number)]
        return self._answers.read(number + 2)[:-2].decode(errors="replace")


class ValkeySession(ValkeyLine):
    """An administrator's connection; the server has 2 s for each answer."""

    def __init__(self, place: Path, user: str, password: str, *, timeout: float = 2.0) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(timeout)
        try:
            line.connect(str(place))
            super().__init__(line)
            self.call("AUTH", user, password)
        except BaseException:
            line.close()
            raise


def _encoded(words: tuple[str | int, ...]) -> bytes:
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
