"""A second opinion on an outage, without any of the harness's code: every 5 ms a write at the public name and one at
the database's own name. Run as `python -m tests.benchmarks.witness`, what to reach as a line of JSON on standard input;
it says "good" once both went well, "bad" when one no more did, and at the end of its input when each was back.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import psycopg

EVERY = 5_000_000
PATIENCE = 1.0
SUSTAINED = 2_000_000_000
"""Nanoseconds without a failure after which it is back for good; nothing later counts."""
FAILED = (OSError, http.client.HTTPException, dns.exception.DNSException, psycopg.Error, LookupError, RuntimeError)
INSERT = "INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) VALUES (1, 1, 0, %s, 'witness')"


class Way:
    """One way to the service, tried on a schedule."""

    def __init__(self, attempt: Callable[[int], None], say: Callable[[str], None]) -> None:
        self.good = self.bad = 0
        self.back: tuple[int, int] | None = None
        self._attempt, self._say = attempt, say

    def go_on(self, stopped: threading.Event) -> None:
        due = time.monotonic_ns()
        while not stopped.wait(max(0, due - time.monotonic_ns()) / 1e9):
            self._once()
            due = max(due + EVERY, time.monotonic_ns())

    def _once(self) -> None:
        sent = time.monotonic_ns()
        try:
            self._attempt(sent)
        except FAILED:
            if not self.bad:
                self._say("bad")
            if self.back is None or sent < self.back[1] + SUSTAINED:
                self.bad, self.back = sent, None
            return
        if not self.good:
            self._say("good")
        self.good = time.monotonic_ns()
        if self.bad and self.back is None:
            self.back = self.bad, self.good


class Web:
    """Through the public name, on a connection that is kept."""

    def __init__(self, terms: dict[str, Any]) -> None:
        self._terms = terms
        self._line: http.client.HTTPConnection | None = None

    def __call__(self, number: int) -> None:
        if self._line is None:
            address = _resolve(self._terms, self._terms["public_name"])
            self._line = http.client.HTTPConnection(address, self._terms["web_port"], timeout=PATIENCE)
        body = {"project_id": 1, "user_id": 1, "writer": 0, "seq": number, "payload": "witness"}
        try:
            self._line.request("POST", "/task-submissions", json.dumps(body), {"Host": self._terms["public_name"]})
            reply = self._line.getresponse()
            reply.read()
        except BaseException:
            self._line.close()
            self._line = None
            raise
        if reply.status != http.HTTPStatus.CREATED:
            raise RuntimeError(str(reply.status))


class Direct:
    """At the database's own name, on a connection that is kept as long as it takes writes."""

    def __init__(self, terms: dict[str, Any]) -> None:
        self._terms = terms
        self._session: psycopg.Connection | None = None

    def __call__(self, number: int) -> None:
        if self._session is None:
            self._session = psycopg.connect(
                host=_resolve(self._terms, self._terms["database_name"]), port=self._terms["database_port"],
                user=self._terms["user"], password=self._terms["password"], dbname=self._terms["database"],
                autocommit=True, sslmode="disable", gssencmode="disable", connect_timeout=2,
            )  # fmt: skip
        try:
            self._session.execute(INSERT, [number])
        except psycopg.Error:
            self._session.close()
            self._session = None
            raise


def _resolve(terms: dict[str, Any], name: str) -> str:
    reply = dns.query.udp(dns.message.make_query(name, "A"), terms["resolver"][0], PATIENCE, terms["resolver"][1])
    return str(next(record for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for record in rrset))


def main() -> int:
    """Watch until the input ends, then print when each way was back: (last bad sent, first good done after it)."""
    terms, stopped = json.loads(sys.stdin.readline()), threading.Event()
    said: set[str] = set()
    web = Way(Web(terms), lambda what: said.add(f"web {what}"))
    direct = Way(Direct(terms), lambda what: said.add(f"direct {what}"))
    ways = {"web": web, "direct": direct}
    threads = [threading.Thread(target=way.go_on, args=(stopped,), daemon=True) for way in ways.values()]
    for thread in threads:
        thread.start()
    for what, which in (("good", all), ("bad", any)):
        while not which(f"{name} {what}" in said for name in ways):
            time.sleep(0.001)
        print(what, flush=True)
    sys.stdin.read()
    stopped.set()
    for thread in threads:
        thread.join()
    print(json.dumps({name: way.back for name, way in ways.items()}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
