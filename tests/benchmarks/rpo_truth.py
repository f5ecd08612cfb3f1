"""Is every lost write counted? Writers fill a real database, a known number of their writes is taken away, and the
ledger is compared with what is read back.

    python -m tests.benchmarks.rpo_truth [--quick]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

import numpy as np

from harness.dial import Directory
from harness.heard import Heard
from harness.ledger import LEDGER, STORED, Rows, read_rows
from harness.login import Login
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.measure.gap import gap
from harness.workload.clients import launch
from harness.workload.readback import read_back
from harness.workload.terms import WriterTerms
from tests.benchmarks.place import PASSWORD, Place, place

WRITERS = (1, 2, 3, 4)


def main() -> int:
    """Print a row for each number of lost writes; 1 when one is not counted exactly."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 numbers instead of 12")
    numbers = (0, 1, 57) if parser.parse_args().quick else (0, 1, 2, 3, 5, 17, 57, 100, 333, 1000, 1999, 2000)
    wrong = 0
    print(f"{'lost':>5} {'counted':>7} {'age s':>7} {'true age':>8} {'acknowledged':>12} {'kept':>7}  seconds")
    with place() as here:
        server = here.postgres("primary")
        here.publish({"db.example.com": server.address})
        for turn, number in enumerate(numbers):
            wrong += not _round(here, server, turn, number)
    print(f"{len(numbers)} rounds, {wrong} wrong")
    return int(wrong > 0)


def _round(here: Place, server: PostgresServer, turn: int, lost: int) -> bool:
    rows = _written(here, server, turn)
    taken_away, true_age, struck = _take_away(server, rows, lost, random.Random(turn))
    begun = time.monotonic()
    login = Login(APP_USER, PASSWORD, server.database)
    directory = Directory((here.resolver.address, here.resolver.port))
    taken = read_back(directory, "db.example.com", server.port, login, here.folder)
    seen = gap([rows], read_rows(here.folder / taken.file, STORED), writers=WRITERS, struck=struck)
    lasted = time.monotonic() - begun
    age = seen.age.total_seconds()
    print(
        f"{taken_away:5} {seen.lost:7} {age:7.3f} {true_age:8.3f} {seen.acknowledged:12} {seen.kept:7} {lasted:.2f} s"
    )
    others = seen.corrupted + seen.duplicated + seen.phantom
    return seen.lost == taken_away == lost and abs(age - true_age) < 1e-5 and not others


def _written(here: Place, server: PostgresServer, turn: int) -> Rows:
    """The ledger of writers that filled an empty table."""
    with server.admin() as session:
        session.execute("DELETE FROM task_submissions WHERE writer > 0")
    file: Path = here.folder / f"{turn}.bin"
    process = launch(here.spawner, "writers", WriterTerms(
        file=str(file), writers=WRITERS, rate=0, host="db.example.com", port=server.port,
        users=500, projects=50, resolver_host=here.resolver.address, resolver_port=here.resolver.port, pace=0.01,
        user=APP_USER, password=PASSWORD, database=server.database,
    ))  # fmt: skip
    while not file.exists() or file.stat().st_size < 3000 * LEDGER.itemsize:
        time.sleep(0.01)
    process.stop()
    return read_rows(file, LEDGER)


def _take_away(server: PostgresServer, rows: Rows, count: int, chance: random.Random) -> tuple[int, float, int]:
    """Delete so many acknowledged writes; how many rows that were, how old the oldest was, and when it "struck"."""
    acknowledged = rows[rows["heard"] == Heard.ACKNOWLEDGED]
    chosen = acknowledged[sorted(chance.sample(range(len(acknowledged)), count))]
    struck = int(acknowledged["acked"].max()) + 1_000_000
    with server.admin() as session:
        keys = [chosen[column].astype(np.int64).tolist() for column in ("writer", "seq")]
        deleted = session.execute(
            "DELETE FROM task_submissions AS t USING unnest(%s::int[], %s::bigint[]) AS gone (writer, seq)"
            " WHERE (t.writer, t.seq) = (gone.writer, gone.seq)",
            keys,
        ).rowcount
    oldest = int(chosen["acked"].min()) if count else struck
    return deleted, (struck - oldest) / 1e9, struck


if __name__ == "__main__":
    sys.exit(main())
