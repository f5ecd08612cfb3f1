"""Is the true outage always within the measured bounds? Outages of known length, made at a fault proxy in front of a
trivial service, which stamps its own clock, are measured from the ledgers of real visitors.

    python -m tests.benchmarks.rto_truth [--quick]
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from harness.facts import ClientStarted
from harness.ledger import LEDGER, read_rows
from harness.measure.outage import outage
from harness.record import Outage
from harness.workload.clients import launch
from harness.workload.terms import VisitorTerms
from tests.benchmarks.place import Place, place
from tests.integration.workload.service import Cut, FaultyService

INTERVAL = 0.02
WIDEST = 2 * INTERVAL + 0.010
SIDE_BY_SIDE = 3
"""Visitors at a time, each with its own service: not more than leave the machine idle."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One outage as the proxy made it."""

    visitor: int
    how: Cut
    lost: int
    back: int


def main() -> int:
    """Print a row for each outage; 1 when a truth lies outside its bounds, or the bounds are too wide in the middle."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="6 outages instead of 30")
    rounds = 2 if parser.parse_args().quick else 10
    with place() as here:
        with visitors(here, SIDE_BY_SIDE) as (services, files):
            truths = list(_outages(services, rounds))
        print(f"{'how':10} {'true s':>7} {'low':>7} {'high':>7} {'width ms':>8} {'middle off ms':>13}  within")
        rows = [_judged(truth, _measured(truth, truths, files[truth.visitor])) for truth in truths]
    outside = sum(not inside for inside, _, _ in rows)
    widths, offs = [width for _, width, _ in rows], [off for _, _, off in rows]
    print(f"{len(rows)} outages, {outside} outside their bounds")
    print(f"width: median {statistics.median(widths):.1f} ms, widest {max(widths):.1f} (goal {WIDEST * 1e3:.0f})")
    print(f"middle: median {statistics.median(offs):.1f} ms off, worst {max(offs):.1f} (goal {INTERVAL * 1e3:.0f})")
    return int(outside > 0 or statistics.median(widths) > WIDEST * 1e3 or statistics.median(offs) > INTERVAL * 1e3)


@contextmanager
def visitors(here: Place, count: int) -> Iterator[tuple[list[FaultyService], list[Path]]]:
    """So many services, each with a visitor, and the visitors' ledgers."""
    with ExitStack() as stack:
        services = [stack.enter_context(FaultyService(here.block.next(1))) for _ in range(count)]
        here.publish({f"site{n}.example.com": service.address for n, service in enumerate(services)})
        files = [here.folder / f"{n}.bin" for n in range(count)]
        running = [
            launch(here.spawner, f"visitor-{n}", VisitorTerms(
                file=str(files[n]), writer=n + 1, hz=1 / INTERVAL, follows="fresh" if n % 2 else "ttl",
                host=f"site{n}.example.com", port=service.port, users=500, projects=50,
                resolver_host=here.resolver.address, resolver_port=here.resolver.port, pace=0.01,
            )) for n, service in enumerate(services)
        ]  # fmt: skip
        yield services, files
        for process in running:
            process.stop()
            assert process.exit_code == 0, process.exit_code


def _outages(services: list[FaultyService], rounds: int) -> Iterator[Truth]:
    chance = random.Random(7)
    time.sleep(3)
    for _ in range(rounds):
        plan = sorted((chance.uniform(1, 5), number, chance.choice(list(Cut))) for number in range(len(services)))
        struck = {}
        for _, number, how in plan:
            time.sleep(chance.uniform(0, 0.05))
            struck[number] = services[number].cut(how)
        begun = time.monotonic()
        for length, number, how in plan:
            time.sleep(max(0.0, begun + length - time.monotonic()))
            yield Truth(number, how, struck[number], services[number].heal())
        time.sleep(4.5)


def _measured(truth: Truth, truths: list[Truth], file: Path) -> Outage:
    """The outage from the visitor's own ledger, without the outages before and after it."""
    others = [other for other in truths if other.visitor == truth.visitor]
    begin = max((other.back for other in others if other.back < truth.lost), default=0) + 1_500_000_000
    end = min((other.lost for other in others if other.lost > truth.back), default=1 << 62)
    rows = read_rows(file, LEDGER)
    rows = rows[(rows["sent"] >= begin) & (rows["sent"] < end)]
    client = ClientStarted("visitor", "visitor", file.name, "", (1,), timedelta(seconds=INTERVAL), decides=True)
    return outage(rows, client, truth.lost)


def _judged(truth: Truth, seen: Outage) -> tuple[bool, float, float]:
    """Whether the truth is in the bounds; their width and how far the middle is off, in ms."""
    bounds = dataclasses.astuple(seen)[4:8]
    if None in bounds:
        print(f"{truth.how.value:10} {(truth.back - truth.lost) / 1e9:7.3f}  not measured: {seen}")
        return False, float("inf"), float("inf")
    lost_low, lost_high, back_low, back_high = bounds
    true, low, high = truth.back - truth.lost, back_low - lost_high, back_high - lost_low
    lost, back = lost_low <= truth.lost <= lost_high, back_low <= truth.back <= back_high
    width, off = (high - low) / 1e6, abs((low + high) / 2 - true) / 1e6
    print(
        f"{truth.how.value:10} {true / 1e9:7.3f} {low / 1e9:7.3f} {high / 1e9:7.3f} {width:8.1f} {off:13.1f}  "
        f"{'yes' if lost else 'NO'} {'yes' if back else 'NO'}"
    )
    return lost and back and low <= true <= high, width, off


if __name__ == "__main__":
    sys.exit(main())
