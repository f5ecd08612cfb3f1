"""Is the true outage always within the measured bounds? Inside a running drill a fault proxy, which stamps its own
clock, stands between the visitors and the estate's balancer and makes outages of known length. They are measured by the
harness's own code, from the drill's own log and ledgers.

    python -m tests.benchmarks.rto_truth [--quick]
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.config import Config
from harness.dial import Directory, resolve
from harness.environments.embedded import EmbeddedEnvironment
from harness.estate import Estate
from harness.events import EventLog
from harness.facts import ClientKind, ClientStarted
from harness.ledger import LEDGER, read_rows
from harness.measure.outage import outage
from harness.record import Outage
from tests.benchmarks.drills import drill, facts
from tests.integration.workload.service import Cut

MARGIN = 0.010
CALM = 4.0
"""Seconds of service between two outages: 2 s for the one to be over, 2 s for the next to begin from."""
SECOND = 1_000_000_000
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Truth:
    """One outage as the proxy made it."""

    how: Cut
    lost: int
    back: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one visitor's ledger says of it."""

    inside: bool
    width: float
    off: float


class Proxy:
    """The fault proxy's process, on another port of the address that it stands in front of."""

    def __init__(self, address: str, port: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.proxy", address, str(port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.port = self._answer()

    def cut(self, how: Cut) -> int:
        return self._told(f"cut {how.value}")

    def heal(self) -> int:
        return self._told("heal")

    def end(self) -> None:
        self._process.communicate()

    def _told(self, line: str) -> int:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


class BehindProxy(EmbeddedEnvironment):
    """The embedded environment, whose public name is reached through the proxy."""

    proxy: Proxy | None = None

    def __init__(self, estate: Estate, config: Config, log: EventLog, run: str) -> None:
        super().__init__(estate, config, log, run)
        self._name = estate.zone.public_name

    def up(self) -> None:
        super().up()
        direct = super().directory
        BehindProxy.proxy = Proxy(resolve(direct, self._name).addresses[0], direct.port(80))

    def down(self) -> tuple[str, ...]:
        if self.proxy:
            self.proxy.end()
        return super().down()

    @property
    def directory(self) -> Directory:
        direct = super().directory
        assert self.proxy
        return dataclasses.replace(direct, ports={**direct.ports, 80: self.proxy.port})


def main() -> int:
    """Print a row for each outage and visitor; 1 when a truth is outside its bounds, or these are usually too wide."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 outages instead of 30")
    many = 3 if parser.parse_args().quick else 30
    print(
        f"{'how':10} {'visitor':14} {'true s':>7} {'low':>7} {'high':>7} {'width ms':>8} {'middle off ms':>13}  within"
    )
    with drill("rto-truth", pace=0.005, environment=BehindProxy) as running:
        assert BehindProxy.proxy
        truths = list(_outages(BehindProxy.proxy, many))
        started = [line.fact for line in facts(running) if isinstance(line.fact, ClientStarted)]
        visitors = [client for client in started if client.kind is ClientKind.VISITOR]
        seen = [_measured(truth, truths, client, running.folder) for truth in truths for client in visitors]
    return _summed_up(seen, visitors[0].every.total_seconds())


def _outages(proxy: Proxy, many: int) -> Iterator[Truth]:
    """Each kind of cut in turn, of 1 to 5 s, wherever in the visitors' interval it falls."""
    chance = random.Random(7)
    kinds = [list(Cut)[number % len(Cut)] for number in range(many)]
    chance.shuffle(kinds)
    time.sleep(CALM)
    for how in kinds:
        lost = proxy.cut(how)
        time.sleep(chance.uniform(1, 5))
        back = proxy.heal()
        yield Truth(how, lost, back)
        time.sleep(CALM + chance.uniform(0, 0.05))


def _measured(truth: Truth, truths: list[Truth], client: ClientStarted, folder: Path) -> Measured:
    """The outage from a visitor's own ledger, without the outages before and after it."""
    begin = max((other.back for other in truths if other.back < truth.lost), default=0) + 3 * SECOND // 2
    end = min((other.lost for other in truths if other.lost > truth.back), default=1 << 62)
    rows = read_rows(folder / client.file, LEDGER)
    rows = rows[(rows["sent"] >= begin) & (rows["sent"] < end)]
    return _judged(truth, outage(rows, client, truth.lost))


def _judged(truth: Truth, seen: Outage) -> Measured:
    """Whether the truth is in the bounds; their width and how far the middle is off, in ms."""
    lost_low, lost_high, back_low, back_high = seen.lost_low, seen.lost_high, seen.back_low, seen.back_high
    if lost_low is None or lost_high is None or back_low is None or back_high is None:
        print(f"{truth.how.value:10} {seen.client:14} {(truth.back - truth.lost) / 1e9:7.3f}  not measured: {seen}")
        return Measured(False, float("inf"), float("inf"))
    true, low, high = truth.back - truth.lost, back_low - lost_high, back_high - lost_low
    lost, back = lost_low <= truth.lost <= lost_high, back_low <= truth.back <= back_high
    width, off = (high - low) / 1e6, abs((low + high) / 2 - true) / 1e6
    print(
        f"{truth.how.value:10} {seen.client:14} {true / 1e9:7.3f} {low / 1e9:7.3f} {high / 1e9:7.3f} "
        f"{width:8.1f} {off:13.1f}  {'yes' if lost else 'NO'} {'yes' if back else 'NO'}"
    )
    return Measured(lost and back and low <= true <= high, width, off)


def _summed_up(seen: list[Measured], interval: float) -> int:
    widest, farthest = (2 * interval + MARGIN) * 1e3, interval * 1e3
    widths, offs = [one.width for one in seen], [one.off for one in seen]
    outside = sum(not one.inside for one in seen)
    wide, far = sum(width > widest for width in widths), sum(off > farthest for off in offs)
    print(f"{len(seen)} measured, {outside} outside their bounds")
    print(f"width: median {statistics.median(widths):.1f} ms, widest {max(widths):.1f}; {wide} above {widest:.0f}")
    print(f"middle: median {statistics.median(offs):.1f} ms off, worst {max(offs):.1f}; {far} above {farthest:.0f}")
    return int(outside > 0 or statistics.median(widths) > widest or statistics.median(offs) > farthest)


if __name__ == "__main__":
    sys.exit(main())
