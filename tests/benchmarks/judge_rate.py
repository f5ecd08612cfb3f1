"""How many ledger rows a second are measured, up to 10 million, and in how much memory; each size in its own process.

python -m tests.benchmarks.judge_rate [--quick]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from harness.clock import Instant
from harness.facts import ClientKind, ClientStarted, FaultStruck, ReadBackTaken
from harness.heard import Heard
from harness.ledger import LEDGER, STORED
from harness.measure import measure
from harness.record import Stamped

FLOOR = 2_000_000
MILLION = 1_000_000
MOST_MEMORY = 300
"""MB above what the interpreter and its libraries take, pages of the mapped files not counted."""
WRITERS = 8


def main() -> int:
    """Print a row for each size; 1 when one is measured at less than the floor, or in more memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="1 and 2 million rows only")
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.rows:
        return _measure(asked.folder, asked.rows)
    sizes = (1, 2) if asked.quick else (1, 2, 5, 10)
    print(f"{'rows':>10} {'seconds':>8} {'rows/s':>10} {'memory MB':>10}")
    failed = False
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="judge-rate-") as folder:
            _fill(Path(folder), size * MILLION)
            command = [
                sys.executable,
                "-m",
                "tests.benchmarks.judge_rate",
                "--rows",
                str(size * MILLION),
                "--folder",
                folder,
            ]
            failed |= subprocess.run(command, check=False).returncode != 0
    print(f"floor {FLOOR} rows/s, at most {MOST_MEMORY} MB of its own")
    return int(failed)


def _fill(folder: Path, count: int) -> None:
    """The ledger of 8 threads that write 10,000 rows a second through an outage of 100 ms, and what is stored of it."""
    number = np.arange(count)
    rows = np.zeros(count, LEDGER)
    rows["writer"], rows["seq"] = 1 + number % WRITERS, 1 + number // WRITERS
    rows["due"] = rows["sent"] = number * 100_000
    rows["done"] = rows["sent"] + 500_000
    rows["digest"] = np.random.default_rng(1).integers(0, 2**63, count, dtype=np.uint64)
    down = (number > count // 2) & (number < count // 2 + 1000)
    rows["heard"] = np.where(down, Heard.REFUSED, Heard.ACKNOWLEDGED)
    rows["acked"] = np.where(down, 0, rows["done"])
    rows.tofile(folder / "writers.bin")
    kept = rows[~down & (number % 100_000 != 99_999)]
    stored = np.zeros(len(kept), STORED)
    for column in ("writer", "seq", "digest"):
        stored[column] = kept[column]
    stored.tofile(folder / "readback.bin")


def _measure(folder: Path, count: int) -> int:
    writers = tuple(range(1, WRITERS + 1))
    facts = (
        ClientStarted("writers", ClientKind.WRITER, "writers.bin", "ttl", writers, timedelta(0), decides=True),
        FaultStruck("LoseInstance", "primary-database"),
        ReadBackTaken("readback.bin", (folder / "readback.bin").stat().st_size // STORED.itemsize, "replica"),
    )
    watch = _Watch()
    begun = time.monotonic()
    record = measure(folder, tuple(Stamped(Instant(count // 2 * 100_000), fact) for fact in facts))
    lasted = time.monotonic() - begun
    memory = watch.most()
    assert record.gap.lost == count // 100_000, record.gap
    assert record.outages[0].felt
    print(f"{count:10} {lasted:8.2f} {count / lasted:10.0f} {memory:10.0f}")
    return int(count / lasted < FLOOR or memory > MOST_MEMORY)


class _Watch:
    """Looks a hundred times a second how much memory is the process's own; pages of mapped files are not."""

    def __init__(self) -> None:
        self._before = self._most = _own_memory()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def most(self) -> float:
        """MB more than at the beginning, at most."""
        self._stop.set()
        self._thread.join()
        return self._most - self._before

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            self._most = max(self._most, _own_memory())


def _own_memory() -> float:
    status = Path("/proc/self/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    assert found, "only Linux tells the process's own memory apart"
    return int(found[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
