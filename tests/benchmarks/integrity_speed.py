"""How long does a drill's look at a table take beside one pass over it?

A million submissions are counted and digested as a drill does it, before the disaster and after the recovery (the
integrity queries) and where it watches data that nobody else does (the digests), beside one
`SELECT count(*), sum(hash)` of the same rows, whose hash is of the row's text too. amcheck is told apart.

    python -m tests.benchmarks.integrity_speed [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import psycopg

from harness.dial import Directory
from harness.facts import Stage
from harness.login import Login
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.probes import data, database
from tests.benchmarks.place import PASSWORD, Place, place

MOST = 1.5
ROWS = 1_000_000
_FILL = """
INSERT INTO task_submissions (project_id, user_id, writer, seq, payload)
SELECT 1 + i %% 50, 1 + i %% 500, 0, i, md5(i::text) FROM generate_series(1, %s) i
"""
_PASS = b"SELECT count(*), sum(hashtextextended(s::text, 0)) FROM task_submissions s"


def main() -> int:
    """Print a row for each round; 1 when a median ratio is above the most."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 15")
    rounds = 3 if parser.parse_args().quick else 15
    with place() as here:
        looks = _looks(here, _filled(here))
        print(" ".join(f"{name:>12}" for name in looks), "  seconds, then the ratios to the first")
        seen = []
        for turn in range(rounds):
            names = list(looks) if turn % 2 else list(reversed(looks))
            took = {name: _timed(looks[name]) for name in names}
            seen.append([took[name] for name in looks])
            ratios = [seconds / took["one pass"] for seconds in seen[-1][1:]]
            print(" ".join(f"{one:12.3f}" for one in seen[-1]), " ", " ".join(f"{ratio:.2f}" for ratio in ratios))
    ratios = [statistics.median(row[column] / row[0] for row in seen) for column in (1, 2, 3)]
    print(f"median ratios {ratios[0]:.2f} and {ratios[1]:.2f}, at most {MOST}; amcheck {ratios[2]:.2f}")
    return int(max(ratios[:2]) > MOST)


def _looks(here: Place, server: PostgresServer) -> dict[str, Callable[[], object]]:
    """The one pass first; then what a drill does."""
    here.publish({"db.example.com": server.address})
    directory = Directory((here.resolver.address, here.resolver.port), here.block.ports, 0.0)
    login = Login(APP_USER, PASSWORD, server.database)

    def asked(question: Callable[[psycopg.Connection], object]) -> Callable[[], object]:
        def ask() -> object:
            with database.connected(directory, "db.example.com", 5432, login) as session:
                return question(session)

        return ask

    return {
        "one pass": asked(lambda session: session.execute(_PASS).fetchone()),
        "integrity": lambda: database.integrity(directory, "db.example.com", 5432, login, Stage.BASELINE),
        "digests": asked(data.digests),
        "amcheck": asked(lambda session: data.amcheck(session, "task_submissions")),
    }


def _filled(here: Place) -> PostgresServer:
    server = here.postgres("integrity")
    with server.admin() as session:
        session.execute(_FILL.encode(), [ROWS])
        session.execute("VACUUM ANALYZE task_submissions")
        session.execute("CHECKPOINT")
    return server


def _timed(look: Callable[[], object]) -> float:
    begun = time.monotonic()
    look()
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
