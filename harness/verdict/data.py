"""Is the data what it should be? The RPO, and the runbook's integrity queries."""

from __future__ import annotations

from datetime import timedelta

from harness.clock import in_words
from harness.facts import (
    INTEGRITY,
    AtStake,
    DrillStarted,
    ExposureSeen,
    IntegrityCounted,
    Probed,
    ServedBy,
    Stage,
)
from harness.objectives import Fidelity, Outcome
from harness.record import DataGap, Record
from harness.verdict.model import Finding, RpoReport

WRONG = (
    ("corrupted", "altered"),
    ("duplicated", "twice"),
    ("phantom", "never acknowledged nor sent"),
    ("lost_before_point", "acknowledged before the moment that was restored and lost"),
    ("kept_beyond_point", "sent after the moment that was restored and there"),
    ("lost_after_closing", "sent when the struck one should have been closed, acknowledged and lost"),
    ("lost_amid_kept", "lost although newer ones were kept"),
    ("lost_after_failed_switch", "acknowledged after the failed switch and lost"),
)
"""The fields of a DataGap that nothing excuses, and what they are called: by the judge and on the scorecard."""


def stake(record: Record, started: DrillStarted) -> DataGap:
    """The fate of what was written into the kind of thing that was struck."""
    return record.cache_gap if started.at_stake is AtStake.CACHE else record.gap


def report_rpo(record: Record, started: DrillStarted) -> RpoReport:
    """The figures of the RPO, whatever they mean."""
    gap, exposures = stake(record, started), record.all(ExposureSeen)
    return RpoReport(
        seconds=gap.age.total_seconds() if gap.measured else None,
        lost=gap.lost,
        acknowledged=gap.acknowledged,
        unknown=gap.unknown_present + gap.unknown_absent,
        exposure_seconds=max((e.exposure.total_seconds() for e in exposures), default=None),
        objective_seconds=started.objectives.rpo.total_seconds(),
        rehearsal_seconds=started.rehearsal_rpo.total_seconds(),
    )


def judge_rpo(record: Record, report: RpoReport, real: Fidelity) -> Finding:
    """The RPO is met when this drill lost little enough and the schedule can never lose more than was promised."""
    started = record.first(DrillStarted)
    gap = stake(record, started) if started else record.gap
    exposures = record.all(ExposureSeen)
    served = {seen.role for seen in record.all(ServedBy) if seen.role}
    if not gap.measured or gap.acknowledged == 0 or report.seconds is None:
        return Finding("RPO", Outcome.INCONCLUSIVE, real, "no acknowledged write to compare")
    back = f"{in_words(report.seconds)} back (budget {in_words(report.rehearsal_seconds)})"
    lost = f"{gap.lost} of {gap.acknowledged} lost, {back}"
    if report.seconds > min(report.rehearsal_seconds, report.objective_seconds):
        return Finding("RPO", Outcome.FAIL, real, lost)
    unknown = sorted(served - {exposure.role for exposure in exposures})
    if report.exposure_seconds is None or unknown:
        said = f"{lost}; exposure unknown" + (f" of {', '.join(unknown)}" if unknown else "")
        return Finding("RPO", Outcome.INCONCLUSIVE, real, said)
    worst = max(exposures, key=lambda e: e.exposure)
    most = "nobody knows how much" if report.unbounded else in_words(report.exposure_seconds)
    said = f"{lost}; exposed to {most} by {worst.mechanism}"
    if report.exposure_seconds > report.objective_seconds:
        return Finding("RPO", Outcome.FAIL, real, said)
    if real is not Fidelity.REAL:
        return Finding("RPO", Outcome.INCONCLUSIVE, real, f"{said}; emulated servers prove nothing")
    return Finding("RPO", Outcome.PASS, real, said)


def judge_ledger(gap: DataGap, name: str = "ledger") -> Finding:
    """Nothing but what replication excuses is missing, and nothing is there twice, altered or never written."""
    if not gap.measured:
        return Finding(name, Outcome.INCONCLUSIVE, Fidelity.REAL, "the ledger was never compared")
    if gap.restore_unknown:
        said = "nobody knows of which moment the restored data is"
        return Finding(name, Outcome.INCONCLUSIVE, Fidelity.REAL, said)
    bad = [f"{getattr(gap, field)} {words}" for field, words in WRONG if getattr(gap, field)]
    if bad:
        return Finding(name, Outcome.FAIL, Fidelity.REAL, "; ".join([*bad, *gap.examples[:5]]))
    return Finding(name, Outcome.PASS, Fidelity.REAL, f"{gap.kept} writes kept, none altered, doubled or invented")


def judge_integrity(record: Record) -> Finding:
    """The integrity queries give what they gave before: no seeded row gone or changed, the latest submission no older.

    Writes lost to replication lag may set the latest submission back by the budget of the rehearsal, not more.
    """
    counts = {c.stage: c for c in record.all(IntegrityCounted)}
    before, after = counts.get(Stage.BASELINE), counts.get(Stage.SETTLED) or counts.get(Stage.VALIDATION)
    unread = [p.detail for p in record.all(Probed) if p.probe == INTEGRITY and not p.ok]
    if unread:
        return Finding("integrity", Outcome.FAIL, Fidelity.REAL, "; ".join(unread))
    if before is None or after is None:
        return Finding("integrity", Outcome.INCONCLUSIVE, Fidelity.REAL, "the integrity queries were not run twice")
    started = record.first(DrillStarted)
    slack = started.rehearsal_rpo if started else timedelta(0)
    wrong = [
        f"{what}: {had} became {has}"
        for what, had, has in (
            ("users", before.users, after.users),
            ("projects", before.projects, after.projects),
            ("seeded rows", before.seed_digest, after.seed_digest),
        )
        if had != has
    ]
    if before.latest_submission and (
        not after.latest_submission or after.latest_submission + slack < before.latest_submission
    ):
        wrong.append(f"latest submission: {before.latest_submission} became {after.latest_submission}")
    if wrong:
        return Finding("integrity", Outcome.FAIL, Fidelity.REAL, "; ".join(wrong))
    detail = f"{after.users} users, {after.projects} projects, latest submission {after.latest_submission}"
    return Finding("integrity", Outcome.PASS, Fidelity.REAL, detail)
