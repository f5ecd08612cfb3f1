"""How fast is the direct writer beside pgbench, which sends the same single-row insert over as many connections?

python -m tests.benchmarks.ledger_rate [--quick]
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from harness.heard import Heard
from harness.ledger import LEDGER, read_rows
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.workload.clients import launch
from harness.workload.terms import WriterTerms
from tests.benchmarks.place import PASSWORD, Place, place

FLOOR, GOAL = 0.85, 0.95
SCRIPT = r"""
\set project random(1, 50)
\set user random(1, 500)
\set seq random(1, 1000000000)
INSERT INTO task_submissions (project_id, user_id, writer, seq, payload)
VALUES (:project, :user, 1000 + :client_id, :seq, 'write 3:123456 0123456789abcdef');
"""


def main() -> int:
    """Print a row for each number of connections; 1 when the median ratio of paired rounds is below the floor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 15")
    rounds, seconds = 3 if parser.parse_args().quick else 15, 1
    print(f"{'connections':>11} {'pgbench/s':>10} {'writer/s':>10} {'ratio':>6}  paired rounds")
    worst = 1e9
    with place() as here:
        server = here.postgres("ledger")
        here.publish({"db.example.com": server.address})
        for connections in (1, 8):
            pairs = [_pair(here, server, connections, seconds, turn) for turn in range(rounds)]
            ratios = sorted(writer / reference for reference, writer in pairs)
            ratio = statistics.median(ratios)
            worst = min(worst, ratio)
            middle = [statistics.median(column) for column in zip(*pairs, strict=True)]
            print(f"{connections:11} {middle[0]:10.0f} {middle[1]:10.0f} {ratio:6.2f}  {[round(r, 2) for r in ratios]}")
    print(f"worst median {worst:.2f}, floor {FLOOR}, goal {GOAL}")
    return int(worst < FLOOR)


def _pair(here: Place, server: PostgresServer, connections: int, seconds: int, turn: int) -> tuple[float, float]:
    """Inserts a second of pgbench and of the writer, one right after the other, first the one and then the other."""
    if turn % 2:
        writer = _writer(here, server, connections, seconds, turn)
        return _pgbench(here, server, connections, seconds), writer
    return _pgbench(here, server, connections, seconds), _writer(here, server, connections, seconds, turn)


def _pgbench(here: Place, server: PostgresServer, connections: int, seconds: int) -> float:
    script = here.folder / "insert.sql"
    script.write_text(SCRIPT)
    many = str(connections)
    output = subprocess.run(
        [here.programs / "pgbench", "-n", "-M", "prepared", "-c", many, "-j", many, "-T", str(seconds), "-f", script,
         "-h", server.address, "-p", str(server.port), "-U", APP_USER, server.database],
        env={**os.environ, "PGPASSWORD": PASSWORD}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", output)
    assert found, output
    return float(found[1])


def _writer(here: Place, server: PostgresServer, connections: int, seconds: int, turn: int) -> float:
    file = here.folder / f"{connections}-{turn}.bin"
    process = launch(here.spawner, "writers", WriterTerms(
        file=str(file), writers=tuple(range(1, connections + 1)), rate=0, host="db.example.com", port=server.port,
        users=500, projects=50, resolver_host=here.resolver.address, resolver_port=here.resolver.port, pace=0.01,
        user=APP_USER, password=PASSWORD, database=server.database,
    ))  # fmt: skip
    _until_it_writes(file)
    time.sleep(seconds)
    process.stop()
    assert process.exit_code == 0, here.workspace.log("writers").read_text()
    rows = read_rows(file, LEDGER)
    assert (rows["heard"] == Heard.ACKNOWLEDGED).all()
    done = rows["done"][rows["done"] < rows["done"].min() + seconds * 1_000_000_000]
    return float(len(done) / (done.max() - done.min()) * 1e9)


def _until_it_writes(file: Path) -> None:
    while not file.exists() or not file.stat().st_size:
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
