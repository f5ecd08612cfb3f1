"""Takeovers that nothing takes back, made without a look at what they lose. Judged from the call trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from harness.aws_rules.lags import LAGS, Lag
from harness.clock import Instant
from harness.facts import CallMade, ClocksRead
from harness.measure.restored import moment
from harness.record import Record

READY = "available"


def over(call: CallMade) -> int:
    """When a call was answered: nobody knew before what it says."""
    return call.started + round(call.took.total_seconds() * 1e9)


def blind_takeovers(calls: Sequence[CallMade], since: datetime | None = None) -> Iterator[str]:
    """Each takeover by one of whose state and lag nobody knew, given one operator's calls in order of time.

    Known is what a call answered before: that it was available, the last time that anybody looked, and some datapoint
    of its lag. A look at times that ended before `since` is none.
    """
    for call in calls:
        lag = LAGS.get(call.operation)
        if lag is None or call.error:
            continue
        taker, before = str(call.params.get(lag.taker)), [look for look in calls if over(look) <= call.started]
        here = [look for look in before if look.region == call.region]
        states = [look.states[taker] for look in sorted(here, key=over) if taker in look.states]
        unseen = [] if states and states[-1] == READY else ["state" if not states else f"state, last {states[-1]}"]
        if not any(_shows(look, lag, str(call.params.get(lag.of)), since) for look in here):
            unseen.append("lag")
        if unseen:
            yield f"{taker} took over without a good look at its {' and its '.join(unseen)}"


def wall_of(record: Record, at: Instant | None) -> datetime | None:
    """An instant as the wall clock had it; None where nobody read both clocks."""
    read = record.last(ClocksRead)
    if read is None or at is None:
        return None
    return read.wall + timedelta(microseconds=(at - read.monotonic) / 1000)


def _shows(look: CallMade, lag: Lag, name: str, since: datetime | None) -> bool:
    """Whether a call asked CloudWatch for that lag, whichever of its two ways it took, and was told of one."""
    ended = moment(look.params.get("EndTime"))
    if look.service != "cloudwatch" or look.error or look.datapoints == 0:
        return False
    if since is not None and ended is not None and ended < since:
        return False
    queries = [query.get("MetricStat", {}).get("Metric", {}) for query in look.params.get("MetricDataQueries", ())]
    wanted = {"Name": lag.dimension, "Value": name}
    return any(
        metric.get("Namespace") == lag.namespace
        and metric.get("MetricName") == lag.metric
        and list(metric.get("Dimensions", ())) == [wanted]
        for metric in (look.params, *queries)
    )
