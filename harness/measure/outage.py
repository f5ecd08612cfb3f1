"""When service was lost and when it was back, as one client saw it.

What a probe proves. A good one: service was up at some moment between `sent` and `done`; a visitor's even after
`acked`, because its read-back was served later than that. A bad one: service was down at some moment between `sent` and
`done`. For one that hung until its time-out, `done` says little: had service been up for as long as a probe takes, it
would have been answered. So the loss comes before twice the longest flight of the good probes in the 2 s before; where
the client itself stood still meanwhile, the next probe was sent late and tells until when.

    lost   after the last proof of service before the first bad probe; before that probe's end as above, and before the
           end of every other bad probe of the outage
    back   after `sent` of the last bad probe before 2 s of due times without a bad one; before the first answer to one
           of those: a visitor's write is acknowledged before it is read back

Probes are ordered by `sent`, because one that hangs for a second ends after later ones that went well. Bad runs after
service was back are flaps; where one meets a stall of the host, nobody knows whose fault it was. Rows are read in
pieces; what stays in memory is about 150 bytes for each bad probe.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from harness.clock import span
from harness.facts import ClientStarted
from harness.ledger import Rows
from harness.measure.stalls import Stalls
from harness.measure.stretches import NEVER, Stretches, flight_before, look, stretches_of
from harness.objectives import SUSTAINED
from harness.record import Outage

_SUSTAINED = round(SUSTAINED.total_seconds() * 1e9)


def outage(
    rows: Rows, started: ClientStarted, struck: int | None, stalls: Stalls | None = None, *, any_answer: bool = False
) -> Outage:
    """The outage that the fault `struck` at that instant brought to a client; without an instant, only the counts.

    `stalls` are those of the host, whichever client felt them. With `any_answer` it is held against nothing but that
    it was answered, wherever that came from.
    """
    kind = None if any_answer else started.kind
    hit = NEVER if struck is None else struck
    seen = look(rows, kind, hit)
    calm = Outage(
        client=started.client,
        probes=seen.probes,
        bad=len(seen.bad),
        decides=started.decides,
        good_before=seen.good_before,
    )
    felt = np.flatnonzero(seen.bad["done"] >= hit)
    if not len(felt):
        return calm
    around = stretches_of(rows, kind, seen.bad)
    first = int(felt[0])
    while first > 0 and around.count[first] == 0:
        first -= 1
    back = _sustained(seen.bad, around, first, started.every)
    flight = flight_before(rows, kind, int(seen.bad["sent"][first]))
    lost_low, lost_high = _lost(seen.bad[first:back], around, first, flight)
    flaps, worst, starved = _flaps(seen.bad, around, back, stalls or Stalls())
    return replace(
        calm,
        lost_low=lost_low,
        lost_high=lost_high,
        back_low=None if back is None else int(seen.bad["sent"][back - 1]),
        back_high=None if back is None else int(around.first_proof[back]),
        flaps=flaps,
        worst_flap=worst,
        starved=starved,
    )


def _lost(during: Rows, around: Stretches, first: int, flight: int) -> tuple[int | None, int]:
    """When service was lost, by the bad probes of the outage and the good ones before its first."""
    high = int(during["done"].min())
    if flight:
        high = min(high, _under_way(during[:2], flight) + 2 * flight)
    low = int(around.last_proof[: first + 1].max())
    return (None if low == -NEVER else min(low, high)), high


def _under_way(near: Rows, flight: int) -> int:
    """When the first bad probe's request, or its read-back, was on its way: later if the client then stood still."""
    late = near[1:][near["sent"][1:] - near["due"][1:] > flight]
    return int(max(near["sent"][0], near["acked"][0], late["sent"].max(initial=0)))


def _sustained(bad: Rows, around: Stretches, first: int, every: timedelta) -> int | None:
    """The first stretch after bad probe `first` that lasted, with probes enough; None when there is none."""
    interval = round(every.total_seconds() * 1e9)
    ends = np.append(bad["due"], around.last_due[-1] + interval)
    enough = max(2, _SUSTAINED // interval // 2) if interval else 2
    lasting = around.count >= enough
    lasting[lasting] &= ends[lasting] - around.first_due[lasting] >= _SUSTAINED
    lasting[: first + 1] = False
    found = np.flatnonzero(lasting)
    return int(found[0]) if len(found) else None


def _flaps(bad: Rows, around: Stretches, back: int | None, stalls: Stalls) -> tuple[int, timedelta, int]:
    """The runs of bad probes after service was back: how many, the longest until the next good one, how many starved.

    A run met a stall when the host stood still at some moment from when its probes were due until they had failed.
    """
    if back is None or back == len(bad):
        return 0, timedelta(0), 0
    begins = [i for i in range(back, len(bad)) if i == back or around.count[i]]
    worst, starved = timedelta(0), 0
    for begin, following in zip(begins, [*begins[1:], len(bad)], strict=True):
        again = int(around.first_proof[following])
        failed = int(bad["done"][begin:following].max())
        end = again if again != NEVER else failed
        starved += stalls.meet(int(bad["due"][begin:following].min()), failed)
        worst = max(worst, span(int(bad["sent"][begin]), end))
    return len(begins), worst, starved
