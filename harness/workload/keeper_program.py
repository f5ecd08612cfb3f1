"""A keeper: it writes numbered values into the cache that the application uses and writes down what it heard.

Which one that is, the application says in its health at the public name; the keeper asks again whenever a write fails.
One write is in flight, and due times that pass meanwhile are skipped. Run as `python -m harness.workload.keeper_program
NAME` with its terms on standard input; SIGTERM ends it after the write in flight, with exit code 0.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import sys
import threading
import time

from harness.dial import CachingResolver, NameNotFound
from harness.heard import KEPT, Heard, ReadBack, digest
from harness.machines.valkey_session import ValkeyError, ValkeyLine
from harness.workload.ledger_file import LedgerFile
from harness.workload.terms import KeeperTerms, directory_of, terms_of


class Keeper:
    """Writes until it is told to stop."""

    def __init__(self, terms: KeeperTerms, ledger: LedgerFile) -> None:
        self._terms = terms
        self._put = ledger.put
        self._names = CachingResolver(directory_of(terms))
        self._line: ValkeyLine | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Raises OSError when the ledger cannot be written."""
        interval = round(1e9 / self._terms.rate)
        due, seq = time.monotonic_ns(), 0
        while not self._stopped.wait(max(0, due - time.monotonic_ns()) / 1e9):
            seq += 1
            self._write(seq, due)
            due = max(due + interval, time.monotonic_ns())
        self._hang_up()

    def _write(self, seq: int, due: int) -> None:
        name, value = f"{self._terms.writer}:{seq}", f"{random.getrandbits(64):016x}"
        sent = time.monotonic_ns()
        heard = self._tell(KEPT + name, value)
        done = time.monotonic_ns()
        acked = done if heard is Heard.ACKNOWLEDGED else 0
        self._put((
            seq, due, sent, done, acked, digest(f"{name} {value}"), self._terms.writer, heard, ReadBack.NOT_TRIED, 0,
        ))  # fmt: skip

    def _tell(self, key: str, value: str) -> Heard:
        try:
            line = self._line = self._line or self._connected()
        except (OSError, http.client.HTTPException, NameNotFound, ValueError):
            return Heard.REFUSED
        try:
            line.call("SET", key, value)
        except (ValkeyError, OSError) as error:
            self._hang_up()
            return Heard.REFUSED if isinstance(error, ValkeyError) else Heard.UNKNOWN
        return Heard.ACKNOWLEDGED

    def _connected(self) -> ValkeyLine:
        address = self._names.resolve(self._cache()).addresses[0]
        return ValkeyLine.to(address, self._terms.cache_port, timeout=self._terms.patience)

    def _cache(self) -> str:
        """The host of the application's cache. Raises ValueError when it names none."""
        address = self._names.resolve(self._terms.host).addresses[0]
        asking = http.client.HTTPConnection(address, self._terms.port, timeout=self._terms.patience)
        try:
            asking.request("GET", "/health", headers={"Host": self._terms.host})
            said = json.loads(asking.getresponse().read())
        finally:
            asking.close()
        cache = said.get("cache") if isinstance(said, dict) else None
        if not isinstance(cache, dict) or not cache.get("host"):
            raise ValueError("the application names no cache")
        return str(cache["host"])

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def main() -> int:
    """Write until SIGTERM."""
    terms = terms_of(KeeperTerms, sys.stdin)
    ledger = LedgerFile(terms.file)
    keeper = Keeper(terms, ledger)
    signal.signal(signal.SIGTERM, lambda *_: keeper.stop())
    try:
        keeper.run()
    finally:
        ledger.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
