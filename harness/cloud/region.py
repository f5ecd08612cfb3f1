"""A region as one thing that can be out of reach: every machine in it, and its API.

The global services go on: names are answered, health is checked, and records are changed, unless their control planes
are lost with it. The harness's own observer is let through to the API: it looks, and recovers nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.aws import Actor
from harness.aws_rules.global_services import is_global, needs_us_east_1
from harness.aws_rules.homes import other_regions
from harness.capabilities import Darkness
from harness.cloud.service import Call, Host, Unreachable


class RegionSwitch:
    """One region's machines and, as `refuse`, the fault in front of its API. It is Darkening (harness.capabilities)."""

    def __init__(self, region: str, hosts: Callable[[], Sequence[Host]], buckets: Iterable[str] = ()) -> None:
        self._region = region
        self._buckets = frozenset(buckets)
        """What is kept there and answers under one name to clients of any region."""
        self._hosts = hosts
        self._gone: tuple[Host, ...] = ()
        self._how: Darkness | None = None
        self._control_planes = False
        self._lit = threading.Event()

    def go_dark(self, how: Darkness, *, control_planes: bool = False) -> None:
        """Lose everything there at once. May be called twice."""
        self._lit.clear()
        self._how, self._control_planes, self._gone = how, control_planes, tuple(self._hosts())
        _each(self._gone, lambda host: host.go_dark(how))

    def is_dark(self) -> bool:
        """Whether nothing of what was there answers."""
        return self._how is not None and bool(self._gone) and all(host.is_dark() for host in self._gone)

    def come_back(self) -> None:
        """Let everything that was lost run again, and only then raise what a host raised. May be called twice."""
        self._how = None
        self._lit.set()
        _each(self._gone, lambda host: host.come_back())

    def is_out_of_reach(self) -> bool:
        """Whether its API, and whatever is kept behind it, answers nobody."""
        return self._how is not None

    def refuse(self, call: Call) -> None:
        """Raises Unreachable for whoever calls the dark region's API."""
        if self._how is None or call.actor == Actor.OBSERVER:
            return
        there = call.region == self._region and not is_global(call.service)
        there = there or call.params.get("Bucket") in self._buckets or self._region in other_regions(call.params)
        if there or (self._control_planes and needs_us_east_1(call.service, call.operation)):
            raise Unreachable(self._lit if self._how is Darkness.BLACK_HOLE else None)


def _each(hosts: Sequence[Host], act: Callable[[Host], None]) -> None:
    with ThreadPoolExecutor(len(hosts) or 1, "region") as pool:
        doing = [pool.submit(act, host) for host in hosts]
    for done in doing:  # all of them have ended with the pool
        done.result()
