"""One writer's connection to PostgreSQL, at libpq's own level: psycopg's cursor would halve the rate."""

from __future__ import annotations

import select
import time
from collections.abc import Sequence

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
    """A connection for one insert at a time. Making it waits; nothing else does."""

    def __init__(self, conninfo: bytes, within: float) -> None:
        """Connect and prepare the insert. Raises NotConnected, at the latest after `within` seconds."""
        self._warned = False
        self._read_only = False
        self._last: PGresult | None = None
        self._connection = PGconn.connect_start(conninfo)
        self._connection.notice_handler = self._notice
        try:
            self._set_up(time.monotonic() + within)
        except OperationalError as error:
            self.close()
            raise NotConnected(str(error)) from error
        except NotConnected:
            self.close()
            raise

    def send(self, values: Sequence[bytes]) -> bool:
        """Send an insert. False when libpq would not: then it is not known what left."""
        self._warned = False
        try:
            self._connection.send_query_prepared(_NAME, values)
        except OperationalError:
            return False
        return True

    def answer(self) -> Heard | None:
        """What is known of the insert that was sent; None while the server has not finished with it.

        PostgreSQL's word that it is done counts only once the server is ready for the next, for it commits in between,
        and only without a warning: a commit whose wait for the synchronous standby was cancelled is reported as a
        success with one.
        """
        try:
            result = self._result()
        except OperationalError:
            return Heard.UNKNOWN
        if result is None:
            return None
        if result.status == ExecStatus.COMMAND_OK:
            return Heard.UNKNOWN if self._warned else Heard.ACKNOWLEDGED
        state = result.error_field(DiagnosticField.SQLSTATE)
        self._read_only = state == b"25006"
        return heard_from_error(result.error_field(DiagnosticField.SEVERITY_NONLOCALIZED), state)

    def survives(self) -> bool:
        """Whether the connection is still there after something came in that nobody had asked for."""
        try:
            self._connection.consume_input()
        except OperationalError:
            return False
        return self.is_sound()

    def is_sound(self) -> bool:
        """Whether to send the next insert: not after the connection was lost, nor to a server that only reads."""
        return self._connection.status == ConnStatus.OK and not self._read_only

    def close(self) -> None:
        self._connection.finish()

    def _set_up(self, deadline: float) -> None:
        while (status := self._connection.connect_poll()) != PollingStatus.OK:
            if status == PollingStatus.FAILED:
                raise NotConnected(_said(self._connection.error_message))
            reading = status == PollingStatus.READING
            _wait(self._connection.socket, select.POLLIN if reading else select.POLLOUT, deadline)
        self.descriptor = self._connection.socket
        self._connection.nonblocking = 1
        self._connection.send_prepare(_NAME, _INSERT)
        while (result := self._result()) is None:
            _wait(self.descriptor, select.POLLIN, deadline)
        if result.status != ExecStatus.COMMAND_OK:
            raise NotConnected(_said(result.error_message))

    def _result(self) -> PGresult | None:
        """The last result of what was sent, once there will be no other. Raises OperationalError."""
        line = self._connection
        line.consume_input()
        while not line.is_busy():
            result = line.get_result()
            if result is None:
                last, self._last = self._last, None
                return last
            self._last = result
        return None

    def _notice(self, notice: PGresult) -> None:
        if notice.error_field(DiagnosticField.SEVERITY_NONLOCALIZED) == b"WARNING":
            self._warned = True


def _wait(descriptor: int, what: int, deadline: float) -> None:
    """Wait until the socket can be read or written. Raises NotConnected at the deadline."""
    left = deadline - time.monotonic()
    poll = select.poll()
    poll.register(descriptor, what)
    if left <= 0 or not poll.poll(left * 1000):
        raise NotConnected("no connection in time")


def _said(message: bytes) -> str:
    return message.decode(errors="replace").strip()
