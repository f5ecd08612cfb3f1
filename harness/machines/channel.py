"""A line of talk with a child process: one JSON object a line, in both directions, over a socket pair."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Message = dict[str, Any]


class Channel:
    """Our end. A thread hands each message of the child to `receive`, and calls `closed` once when it is gone."""

    def __init__(self, name: str, receive: Callable[[Message], None], closed: Callable[[], None]) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._receive = receive
        self._closed = closed
        self._reader = threading.Thread(target=self._read, name=f"{name} channel", daemon=True)

    @contextmanager
    def handed_over(self) -> Iterator[int]:
        """The child's end as a file descriptor to pass to it within the block; ours is listened to afterwards."""
        try:
            yield self._theirs.fileno()
            self._reader.start()
        except BaseException:
            self._ours.close()
            raise
        finally:
            self._theirs.close()

    def send(self, message: Message) -> bool:
        """Send a message; False when the child is gone."""
        with self._lock:
            try:
                self._ours.sendall(json.dumps(message).encode() + b"\n")
            except OSError:
                return False
        return True

    def close(self) -> None:
        """Hang up, which tells a child that still runs to end, and wait until its last message was handed over."""
        try:
            self._ours.shutdown(socket.SHUT_WR)
        except OSError:
            return
        if threading.current_thread() is not self._reader:
            self._reader.join(timeout=5)

    def _read(self) -> None:
        with self._ours, self._ours.makefile("rb") as lines:
            try:
                for line in lines:
                    self._receive(json.loads(line))
            except (OSError, ValueError):
                pass  # cut off within a line: the child was killed
        self._closed()
