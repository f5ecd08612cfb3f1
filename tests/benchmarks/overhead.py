"""What does the harness add to a recovery? At pace 0 the drill's recovery time, as the drill measures it from its own
clients, beside two hand-written scripts, as their own 5 ms probes see it: of the bare promote, repoint and switch, by
which the figure is judged, and of the same calls as the drill's procedure, which tells what the harness itself adds.
Each round raises a fresh estate under the same load. A script begins at its own first failed probe; the drill's time
includes that health check or alarm has told of it, the runbook's steps, and every call and step put on file.

    python -m tests.benchmarks.overhead [--quick]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.aws import Actor
from harness.capabilities import Losable
from harness.config import Config
from harness.drill import Drill
from harness.environments.embedded import EmbeddedEnvironment
from harness.estate import Estate, Role
from harness.events import EventLog
from harness.facts import FaultStruck
from harness.faults.lose_instance import LoseInstance
from tests.benchmarks.by_hand import ByHand
from tests.benchmarks.drills import drill, facts

MOST = 0.3
"""Seconds that the drill's recovery may take more."""
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Print a row for each pair of recoveries; 1 when the median difference is above the most."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="1 pair instead of 7")
    pairs = 1 if parser.parse_args().quick else 7
    print(f"{'drill s':>8} {'witness s':>9} {'barely s':>9} {'same s':>7} {'more s':>7} {'than same':>9}")
    seen = []
    for turn in range(pairs):
        first = _drilled() if turn % 2 else None
        barely, same = _by_hand(barely=True), _by_hand(barely=False)
        measured, witnessed = first or _drilled()
        more, added = measured - barely, measured - same
        seen.append((more, added, measured - witnessed))
        print(f"{measured:8.3f} {witnessed:9.3f} {barely:9.3f} {same:7.3f} {more:7.3f} {added:9.3f}")
    more, added, bias = (statistics.median(column) for column in zip(*seen, strict=True))
    print(f"median {more:.3f} s more than promote, repoint and switch; at most {MOST} s")
    print(f"median {added:.3f} s more than a script of the same calls")
    print(f"of one and the same recovery the drill says {bias * 1e3:+.0f} ms more than the witness (median)")
    return int(more > MOST)


class Estates:
    """Makes the environment of one drill and keeps it in view."""

    def __init__(self) -> None:
        self.environment: EmbeddedEnvironment
        self.estate: Estate

    def __call__(self, estate: Estate, config: Config, log: EventLog, run: str) -> EmbeddedEnvironment:
        self.estate, self.environment = estate, EmbeddedEnvironment(estate, config, log, run)
        return self.environment


class Witness:
    """The second opinion, in a process of its own."""

    def __init__(self, estates: Estates) -> None:
        directory, login, zone = estates.environment.directory, estates.environment.login(), estates.estate.zone
        command = [sys.executable, "-m", "tests.benchmarks.witness"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._tell({
            "resolver": directory.resolver, "public_name": zone.public_name, "web_port": directory.port(80),
            "database_name": zone.database_name, "database_port": directory.port(5432),
            "user": login.user, "password": login.password, "database": login.database,
        })  # fmt: skip
        self.hears("good")

    def hears(self, word: str) -> None:
        """Wait until both ways were good, or until one is bad."""
        assert self._process.stdout
        heard = self._process.stdout.readline().strip()
        assert heard == word, heard

    def back(self, struck: int) -> float:
        """Seconds from then until both ways were good again, for good."""
        said = json.loads(self._process.communicate()[0].splitlines()[-1])
        assert all(said.values()), said
        middles: list[float] = [(low + high) / 2 for low, high in said.values()]
        return (max(middles) - struck) / 1e9

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _tell(self, terms: dict[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(terms) + "\n")
        self._process.stdin.flush()


@contextmanager
def _watched() -> Iterator[tuple[Drill, Estates, Witness]]:
    estates = Estates()
    with drill("overhead", pace=0, environment=estates) as running:
        witness = Witness(estates)
        try:
            yield running, estates, witness
        finally:
            witness.end()


def _drilled() -> tuple[float, float]:
    """The recovery time as the drill measures it, and as the witness saw it."""
    with _watched() as (running, _, witness):
        running.strike()
        running.recover()
        verdict = running.judge()
        struck = next(line.at for line in facts(running) if isinstance(line.fact, FaultStruck))
        assert verdict.rto
        assert verdict.rto.seconds is not None, verdict
        return verdict.rto.seconds, witness.back(struck)


def _by_hand(*, barely: bool) -> float:
    """The recovery time of the script, which begins when its own probe fails."""
    with _watched() as (_, estates, witness):
        script = _script(estates)
        target = estates.environment.target(Role.PRIMARY_DATABASE)
        assert isinstance(target, Losable)
        struck = time.monotonic_ns()
        LoseInstance().inject(target)
        witness.hears("bad")
        script.recover(barely=barely)
        time.sleep(2)
        return witness.back(struck)


def _script(estates: Estates) -> ByHand:
    estate, cloud = estates.estate, estates.environment.cloud
    keys, service = cloud.keys(Actor.PERSON), estate.service(Role.APPLICATION)
    lost = estate.database(Role.PRIMARY_DATABASE)
    return ByHand(
        cloud.endpoint_url, estate.regions.primary, keys.access_key_id, keys.secret_access_key,
        lost=lost.identifier, group=lost.security_group, replica=estate.database(Role.READ_REPLICA).identifier,
        days=lost.backup_retention_days, settings=service.settings, cluster=service.cluster,
        service=service.service, zone=estate.zone.name, name=estate.zone.database_name,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
