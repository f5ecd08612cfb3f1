"""Is the data what it should be? The RPO, and the runbook's integrity queries."""

from __future__ import annotations

from datetime import timedelta

from harness.facts import CallMade, ConfigurationSeen, DrillStarted, ExposureSeen, IntegrityCounted, Stage, SwitchFailed
from harness.objectives import Fidelity, Outcome
from harness.record import DataGap, Record
from harness.verdict.breaking_off import broken_off
from harness.verdict.model import Finding, RpoReport


def report_rpo(record: Record, started: DrillStarted) -> RpoReport:
    """The figures of the RPO, whatever they mean."""
    gap, exposures = record.gap, record.all(ExposureSeen)
    return RpoReport(
        seconds=gap.age.total_seconds() if gap.measured else None,
        lost=gap.lost,
        acknowledged=gap.acknowledged,
        unknown=gap.unknown_present + gap.unknown_absent,
        exposure_seconds=max((e.exposure.total_seconds() for e in exposures), default=None),
        objective_seconds=started.objectives.rpo.total_seconds(),
        rehearsal_seconds=started.rehearsal_rpo.total_seconds(),
    )


def judge_rpo(report: RpoReport, gap: DataGap, exposures: tuple[ExposureSeen, ...], real: Fidelity) -> Finding:
    """The RPO is met when this drill lost little enough and the schedule can never lose more than was promised."""
    if not gap.measured or gap.acknowledged == 0 or report.seconds is None:
        return Finding("RPO", Outcome.INCONCLUSIVE, real, "no acknowledged write to compare")
    lost = f"{gap.lost} of {gap.acknowledged} lost, {report.seconds:.3f} s back (budget {report.rehearsal_seconds:g} s)"
    if report.seconds > report.rehearsal_seconds:
        return Finding("RPO", Outcome.FAIL, real, lost)
    if report.exposure_seconds is None:
        return Finding("RPO", Outcome.INCONCLUSIVE, real, f"{lost}; exposure unknown")
    worst = max(exposures, key=lambda e: e.exposure)
    said = f"{lost}; exposed to {timedelta(seconds=round(report.exposure_seconds, 3))} by {worst.mechanism}"
    if report.exposure_seconds > report.objective_seconds:
        return Finding("RPO", Outcome.FAIL, real, said)
    if real is not Fidelity.REAL:
        return Finding("RPO", Outcome.INCONCLUSIVE, real, f"{said}; emulated servers prove nothing")
    return Finding("RPO", Outcome.PASS, real, said)


def judge_ledger(gap: DataGap) -> Finding:
    """Nothing but what replication excuses is missing, and nothing is there twice, altered or never written."""
    if not gap.measured:
        return Finding("ledger", Outcome.INCONCLUSIVE, Fidelity.REAL, "the ledger was never compared")
    wrong = {
        "altered": gap.corrupted,
        "twice": gap.duplicated,
        "never acknowledged nor sent": gap.phantom,
        "acknowledged after the fault had bitten and lost": gap.lost_after_bite,
        "lost although newer ones were kept": gap.lost_amid_kept,
        "acknowledged after the failed switch and lost": gap.lost_after_failed_switch,
    }
    bad = [f"{count} {what}" for what, count in wrong.items() if count]
    if bad:
        return Finding("ledger", Outcome.FAIL, Fidelity.REAL, "; ".join([*bad, *gap.examples[:5]]))
    return Finding("ledger", Outcome.PASS, Fidelity.REAL, f"{gap.kept} writes kept, none altered, doubled or invented")


def judge_integrity(record: Record) -> Finding:
    """The integrity queries give what they gave before: no seeded row gone or changed, the latest submission no older.

    Writes lost to replication lag may set the latest submission back by the budget of the rehearsal, not more.
    """
    counts = {c.stage: c for c in record.all(IntegrityCounted)}
    before, after = counts.get(Stage.BASELINE), counts.get(Stage.SETTLED) or counts.get(Stage.VALIDATION)
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


def judge_rollback(record: Record) -> Finding:
    """The switch failed; before anything else was switched, settings and records were exactly as before the drill."""
    failed = record.when(SwitchFailed)
    if failed is None:
        return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.REAL, "the first switch did not fail")
    seen = [(s.at, s.fact) for s in record.stamped(ConfigurationSeen) if isinstance(s.fact, ConfigurationSeen)]
    before = next((fact.values for at, fact in seen if at < failed), None)
    calls = (c.started for c in record.all(CallMade) if c.operation == "PromoteReadReplica" and not c.error)
    alternative = min((started for started in calls if started > failed), default=None)
    after = [fact for at, fact in seen if at > failed and (alternative is None or at < alternative)]
    if not before or not after:
        return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the configuration was not looked at")
    restored = next((fact for fact in after if fact.values == before), None)
    if restored is None:
        if alternative is None and broken_off(record):
            said = "it ended before the switch was taken back"
            return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.EMULATED, said)
        nearest = min(after, key=lambda fact: len(_differences(before, fact.values)))
        said = ", ".join(_differences(before, nearest.values))
        return Finding("rollback", Outcome.FAIL, Fidelity.EMULATED, f"never as before: {said} ({nearest.moment})")
    said = f"{len(before)} settings and records as before, {restored.moment}"
    return Finding("rollback", Outcome.PASS, Fidelity.EMULATED, said)


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]
