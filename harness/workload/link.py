"""One writer's connection to PostgreSQL, at libpq's own level: psycopg's cursor would halve the rate."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Sequence
from os import dup

from psycopg import OperationalError
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, PGconn, PollingStatus
from psycopg.pq.abc import PGresult

from harness.heard import Heard
from harness.workload.answers import heard_from_error

_INSERT = b"INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) VALUES ($1, $2, $3, $4, $5)"
_NAME = b"insert"


class NotConnected(Exception):
    """No connection could be made, so nothing was sent."""


class Link:
    """A connection on which one thread inserts, and that another may hang up."""

    def __init__(self, conninfo: bytes, within: float) -> None:
        """Connect. Raises NotConnected, at the latest after `within` seconds."""
        self._guard = threading.Lock()
        self._warned = False
        self.read_only = False
        self._connection = PGconn.connect_start(conninfo)
        self._connection.notice_handler = self._notice
        self._descriptor = -1
        try:
            self._finish_connecting(time.monotonic() + within)
        except OperationalError as error:
            self.close()
            raise NotConnected(str(error)) from error
        except NotConnected:
            self.close()
            raise

    def prepare(self) -> None:
        """Prepare the statement; another thread has to hang up if that takes too long. Raises NotConnected."""
        try:
            self._descriptor = self._connection.socket
        except OperationalError as error:
            raise NotConnected(str(error)) from error
        result = self._connection.prepare(_NAME, _INSERT)
        if result.status != ExecStatus.COMMAND_OK:
            raise NotConnected(_said(result.error_message))

    def insert(self, values: Sequence[bytes]) -> Heard:
        """Insert a row and say what is known of it. PostgreSQL's word that it is done counts only without a warning.

        A commit whose wait for the synchronous standby was cancelled is reported as a success with a warning.
        """
        self._warned = False
        result = self._connection.exec_prepared(_NAME, values)
        if result.status == ExecStatus.COMMAND_OK:
            return Heard.UNKNOWN if self._warned else Heard.ACKNOWLEDGED
        state = result.error_field(DiagnosticField.SQLSTATE)
        self.read_only = state == b"25006"
        return heard_from_error(result.error_field(DiagnosticField.SEVERITY_NONLOCALIZED), state)

    def is_sound(self) -> bool:
        """Whether to send the next insert: not after the connection was lost, nor to a server that only reads."""
        return self._connection.status == ConnStatus.OK and not self.read_only

    def hang_up(self) -> None:
        """End the connection under the thread that waits for its answer; it hears of a lost connection at once."""
        with self._guard:
            if self._descriptor < 0:
                return
            with contextlib.suppress(OSError), socket.socket(fileno=dup(self._descriptor)) as line:
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._guard:
            self._descriptor = -1
            self._connection.finish()

    def _finish_connecting(self, deadline: float) -> None:
        while (status := self._connection.connect_poll()) != PollingStatus.OK:
            left = deadline - time.monotonic()
            if status == PollingStatus.FAILED or left <= 0:
                raise NotConnected(_said(self._connection.error_message) if left > 0 else "no connection in time")
            reading = status == PollingStatus.READING
            poll = select.poll()
            poll.register(self._connection.socket, select.POLLIN if reading else select.POLLOUT)
            poll.poll(left * 1000)

    def _notice(self, notice: PGresult) -> None:
        if notice.error_field(DiagnosticField.SEVERITY_NONLOCALIZED) == b"WARNING":
            self._warned = True


def _said(message: bytes) -> str:
    return message.decode(errors="replace").strip()
