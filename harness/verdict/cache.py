"""A cache that was lost: what became of its data, its warmth and its strength, and what others noticed of it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.facts import CacheSeen, FaultStruck, HostStarved, Stage, WarmthSeen
from harness.objectives import Fidelity, Outcome
from harness.record import DataGap, Outage, Record
from harness.verdict.data import judge_ledger
from harness.verdict.model import Finding

AS_WARM = 0.9
"""The share of the former hit rate that must be reached again."""
AS_BUSY = 1.2
"""By how much more the database may be asked than before; what it is asked varies by some percent of itself."""


def judge_serving(record: Record) -> Finding:
    """While the cache was gone the service answered at its public name: from the database, and without an outage.

    What failed before the disaster already, or only while the host stood still, is not shown to be the cache's doing.
    """
    others = [o for o in record.outages if not o.decides]
    if not others or not all(o.good_before for o in others):
        return _real("serving", Outcome.INCONCLUSIVE, "nobody used the service but for its cache")
    if hurt := [o for o in others if o.felt or o.flaps]:
        said = "; ".join(f"{o.client}: {o.bad} of {o.probes} failed" for o in hurt)
        if all(_in_doubt(record, o) for o in hurt):
            said += "; the host stood still meanwhile, or it was so before the disaster"
            return _real("serving", Outcome.INCONCLUSIVE, said)
        return _real("serving", Outcome.FAIL, f"the cache's loss was an outage of the service: {said}")
    probes = sum(o.probes for o in others)
    return _real("serving", Outcome.PASS, f"{probes} requests served while the cache was there, gone, and back")


def _in_doubt(record: Record, outage: Outage) -> bool:
    """Whether something else than the cache's loss may be why a client was not served."""
    struck, lost, back = record.when(FaultStruck), outage.lost_high, outage.back_low
    if lost is None:
        return outage.flaps == outage.starved
    if struck is not None and lost < struck:
        return True
    starved = any(s.began <= lost and back is not None and back <= s.ended for s in record.all(HostStarved))
    return starved and outage.flaps == outage.starved


def judge_untouched(gap: DataGap) -> Finding:
    """The database lost nothing, for nothing happened to it."""
    found = judge_ledger(gap)
    if found.outcome is Outcome.PASS and gap.lost:
        said = f"{gap.lost} writes into the database are lost, which was not struck"
        return _real("ledger", Outcome.FAIL, "; ".join([said, *gap.examples[:5]]))
    return found


def judge_warmth(record: Record) -> Finding:
    """The cache answers as much as before, and the database is asked no more than before."""
    seen = {warmth.stage: warmth for warmth in record.all(WarmthSeen)}
    before, after = seen.get(Stage.BASELINE), seen.get(Stage.VALIDATION)
    if before is None or after is None:
        return _real("warmth", Outcome.INCONCLUSIVE, "hit rate and database load were not looked at twice")
    said = (
        f"hit rate {after.hit_rate:.0%} (before {before.hit_rate:.0%}), database {after.transactions:.0f}/s"
        f" (before {before.transactions:.0f}/s), followed for {after.took.total_seconds():.1f} s"
    )
    if before.hit_rate < AS_WARM:
        return _real("warmth", Outcome.INCONCLUSIVE, f"the cache was never warm: {said}")
    return _real("warmth", Outcome.PASS if is_warm(before, after) else Outcome.FAIL, said)


def is_warm(before: WarmthSeen, after: WarmthSeen) -> bool:
    """Whether the cache and the database are back to what they were."""
    return after.hit_rate >= AS_WARM * before.hit_rate and after.transactions <= AS_BUSY * before.transactions


def judge_strength(record: Record) -> Finding:
    """The one that took over is as strong as the lost one was.

    A standby has its own size and place, as it had before; what protects it must be what protected the lost one.
    """
    before = [seen for seen in record.all(CacheSeen) if seen.stage is Stage.BASELINE]
    after = next((seen for seen in record.all(CacheSeen) if seen.stage is Stage.SETTLED), None)
    if not before or after is None:
        return Finding("protection", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the caches were not looked at twice")
    lost = before[0]
    itself = next((seen for seen in before if seen.identifier == after.identifier), lost)
    if weaker := list(_weaker(lost, itself, after)):
        said = f"{after.identifier}: {', '.join(weaker)}"
        return Finding("protection", Outcome.FAIL, Fidelity.EMULATED, said)
    said = (
        f"{after.identifier}: {after.nodes} nodes, automatic failover {after.automatic_failover}, Multi-AZ"
        f" {after.multi_az}, snapshots for {after.snapshot_retention_days} days, alarms on"
        f" {', '.join(after.alarms) or 'nothing'}"
    )
    return Finding("protection", Outcome.PASS, Fidelity.EMULATED, said)


def _weaker(lost: CacheSeen, itself: CacheSeen, after: CacheSeen) -> Iterator[str]:
    if lost.automatic_failover and not after.automatic_failover:
        yield "no automatic failover"
    if lost.multi_az and not after.multi_az:
        yield "not in several zones"
    if after.snapshot_retention_days < lost.snapshot_retention_days:
        yield f"snapshots for {after.snapshot_retention_days} days instead of {lost.snapshot_retention_days}"
    if after.nodes < itself.nodes:
        yield f"{after.nodes} nodes instead of {itself.nodes}"
    if itself.encrypted and not after.encrypted:
        yield "not encrypted"
    if unwatched := sorted(set(lost.alarms) - set(after.alarms)):
        yield f"no alarm watches {', '.join(unwatched)}"
    for what in ("node_type", "engine_version", "parameter_group", "subnet_group", "security_groups"):
        had, has = getattr(itself, what), getattr(after, what)
        if had != has:
            yield f"{what.replace('_', ' ')} {_told(has)} instead of {_told(had)}"


def _told(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "+".join(value) or "none"


def _real(name: str, outcome: Outcome, detail: str) -> Finding:
    return Finding(name, outcome, Fidelity.REAL, detail)
