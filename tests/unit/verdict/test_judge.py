"""The judge can say yes, and for each finding it can say no, and it can say that it does not know."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from harness.aws import Actor
from harness.clock import Instant
from harness.facts import (
    INTEGRITY,
    UNBOUNDED,
    UNTIL_THE_END,
    CallMade,
    ClientEnded,
    ClientStarted,
    ConfigurationSeen,
    Detected,
    DrillStarted,
    ExposureSeen,
    FaultBitten,
    FaultStruck,
    FencingProbed,
    ForecastInput,
    IntegrityCounted,
    NotDetected,
    Probed,
    Problem,
    Promise,
    ProtectionSeen,
    RecoveryEnded,
    ServedBy,
    Stage,
    StepEnded,
    SwitchFailed,
    TornDown,
)
from harness.objectives import Fidelity, Objectives, Outcome
from harness.record import Record, Stamped
from harness.verdict import Finding, GapStatus, judge
from harness.verdict.procedure import early_changes, judge_rollback
from tests.unit.verdict.good import ACTIVITY, GAP, OUTAGE, SECOND, STRUCK, altered, call, dropped, record

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
Change = Callable[[object], object | None]


def test_a_drill_in_which_all_went_well_passes() -> None:
    verdict = judge(record())
    assert verdict.outcome is PASS, verdict


def test_while_the_estate_stands_the_teardown_is_not_asked_for() -> None:
    """What the sentences of a feature read; what is sealed afterwards is judged with it."""
    verdict = judge(record(dropped(TornDown)), standing=True)
    assert verdict.outcome is PASS, verdict
    assert "teardown" not in {finding.name for finding in verdict.findings}


def test_nothing_at_all_is_inconclusive() -> None:
    assert judge(Record(())).outcome is INCONCLUSIVE


def _turn(kind: type[object], into: object) -> Change:
    return lambda fact: into if isinstance(fact, kind) else fact


def _without_bite(seen_by: str) -> Change:
    return lambda fact: None if isinstance(fact, FaultBitten) and fact.seen_by == seen_by else fact


def _healed(fact: object) -> object:
    gone = isinstance(fact, FaultBitten) and fact.seen_by == UNTIL_THE_END
    return FaultBitten(UNTIL_THE_END, bitten=False, detail="gone") if gone else fact


def _protected(identifier: str) -> Change:
    def change(fact: object) -> object:
        after = isinstance(fact, ProtectionSeen) and fact.stage is Stage.SETTLED
        return dataclasses.replace(fact, identifier=identifier) if after else fact  # type: ignore[type-var]

    return change


def _at_the_end(fact: object, **changes: Any) -> object:
    """The last look at the service, changed."""
    last = isinstance(fact, Probed) and fact.stage is Stage.SETTLED
    return dataclasses.replace(fact, **changes) if last else fact  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("change", "finding", "outcome"),
    [
        (_turn(TornDown, Problem("drill", "crashed")), "harness", INCONCLUSIVE),
        (altered(Probed, ok=False), "steady state", INCONCLUSIVE),
        (dropped(Probed), "steady state", INCONCLUSIVE),
        (dropped(FaultStruck), "fault", INCONCLUSIVE),
        (dropped(FaultBitten), "fault", INCONCLUSIVE),
        (altered(FaultBitten, bitten=False), "fault", INCONCLUSIVE),
        (altered(FaultBitten, seen_by="machine"), "fault", INCONCLUSIVE),
        (altered(ClientEnded, asked_to=False), "workload", INCONCLUSIVE),
        (altered(ClientEnded, exit_code=1), "workload", INCONCLUSIVE),
        (dropped(ClientEnded), "workload", INCONCLUSIVE),
        (dropped(Detected), "detection", INCONCLUSIVE),
        (_turn(Detected, NotDetected("alarm", "a", timedelta(seconds=5))), "detection", FAIL),
        (altered(RecoveryEnded, ok=False, error="no"), "procedure", FAIL),
        (dropped(RecoveryEnded), "procedure", INCONCLUSIVE),
        (dropped(StepEnded), "procedure", FAIL),
        (altered(DrillStarted, planned_steps=("promote", "switch", "fence")), "procedure", FAIL),
        (dropped(CallMade), "waits", INCONCLUSIVE),
        (altered(CallMade, states={}), "waits", FAIL),
        (altered(CallMade, error="InvalidDBInstanceState", mutates=True), "waits", FAIL),
        (altered(CallMade, actor=Actor.OBSERVER), "waits", INCONCLUSIVE),
        (altered(CallMade, actor="application"), "procedure", INCONCLUSIVE),
        (_without_bite(UNTIL_THE_END), "fault", INCONCLUSIVE),
        (_healed, "fault", INCONCLUSIVE),
        (altered(DrillStarted, signals=("any alarm on the primary-database",)), "detection", INCONCLUSIVE),
        (altered(ExposureSeen, role="dr-database"), "RPO", INCONCLUSIVE),
        (_protected("somebody else"), "protection", INCONCLUSIVE),
        (altered(DrillStarted, rehearsal_rto=timedelta(seconds=2)), "RTO", FAIL),
        (altered(ForecastInput, high=timedelta(hours=6)), "RTO", FAIL),
        (altered(DrillStarted, decision_time=timedelta(hours=4)), "RTO", FAIL),
        (dropped(ForecastInput), "RTO", INCONCLUSIVE),
        (altered(DrillStarted, fidelity=Fidelity.EMULATED), "RTO", INCONCLUSIVE),
        (altered(DrillStarted, rehearsal_rpo=timedelta(milliseconds=10)), "RPO", FAIL),
        (altered(ExposureSeen, exposure=timedelta(hours=24)), "RPO", FAIL),
        (dropped(ExposureSeen), "RPO", INCONCLUSIVE),
        (altered(DrillStarted, fidelity=Fidelity.EMULATED), "RPO", INCONCLUSIVE),
        (lambda fact: _at_the_end(fact, ok=False), "validation", FAIL),
        (lambda fact: _at_the_end(fact, probe="SELECT 1"), "validation", INCONCLUSIVE),
        (dropped(IntegrityCounted), "integrity", INCONCLUSIVE),
        (altered(ServedBy, role="dr-database"), "successor", FAIL),
        (altered(ServedBy, writable=False), "successor", FAIL),
        (dropped(ServedBy), "successor", INCONCLUSIVE),
        (altered(ServedBy, asked="elsewhere"), "successor", INCONCLUSIVE),
        (altered(DrillStarted, fault="KillProcess"), "fault", INCONCLUSIVE),
        (altered(Detected, name="another alarm"), "detection", INCONCLUSIVE),
        (altered(CallMade, started=STRUCK + 8 * SECOND), "procedure", FAIL),
        (dropped(ProtectionSeen), "protection", INCONCLUSIVE),
        (altered(ProtectionSeen, stage=Stage.SETTLED), "protection", INCONCLUSIVE),
        (altered(FencingProbed, acknowledged=1), "fencing", FAIL),
        (altered(FencingProbed, returned=False), "fencing", INCONCLUSIVE),
        (altered(FencingProbed, attempts=0), "fencing", INCONCLUSIVE),
        (dropped(FencingProbed), "fencing", INCONCLUSIVE),
        (altered(TornDown, left_over=("a process",)), "teardown", FAIL),
        (dropped(TornDown), "teardown", INCONCLUSIVE),
        (altered(DrillStarted, promises=(Promise.ROLLBACK,)), "rollback", INCONCLUSIVE),
        (altered(DrillStarted, promises=(Promise.RESTRAINT,)), "restraint", FAIL),
    ],
)
def test_each_finding_can_say_no(change: Change, finding: str, outcome: Outcome) -> None:
    verdict = judge(record(change))
    assert verdict.of(finding) is outcome, verdict.finding(finding)
    assert verdict.outcome is not PASS


@pytest.mark.parametrize(
    ("changes", "finding", "outcome"),
    [
        ({"lost_low": None, "lost_high": None, "back_low": None, "back_high": None}, "fault", INCONCLUSIVE),
        ({"lost_low": None, "lost_high": None, "back_low": None, "back_high": None}, "RTO", INCONCLUSIVE),
        ({"back_low": None, "back_high": None}, "RTO", FAIL),
        ({"back_low": None, "back_high": None}, "stability", INCONCLUSIVE),
        ({"decides": False}, "RTO", INCONCLUSIVE),
        ({"flaps": 1}, "stability", FAIL),
        ({"flaps": 1, "lost_low": STRUCK - 3 * SECOND, "lost_high": STRUCK - 2 * SECOND}, "stability", INCONCLUSIVE),
        ({"flaps": 2, "starved": 1}, "stability", FAIL),
        ({"flaps": 2, "starved": 2}, "stability", INCONCLUSIVE),
        ({"back_high": OUTAGE.lost_low and OUTAGE.lost_low + 11_000_000_000}, "RTO", FAIL),
    ],
)
def test_what_a_client_saw_decides(changes: dict[str, int | None], finding: str, outcome: Outcome) -> None:
    verdict = judge(record(outage=dataclasses.replace(OUTAGE, **changes)))  # type: ignore[arg-type]
    assert verdict.of(finding) is outcome, verdict.finding(finding)
    assert verdict.outcome is not PASS


@pytest.mark.parametrize(
    "field", ["corrupted", "duplicated", "phantom", "lost_after_closing", "lost_amid_kept", "lost_after_failed_switch"]
)
def test_a_single_wrong_write_fails_the_ledger(field: str) -> None:
    verdict = judge(record(gap=dataclasses.replace(GAP, **{field: 1})))  # type: ignore[arg-type]
    assert verdict.of("ledger") is FAIL


def test_a_gap_that_was_never_measured_proves_nothing() -> None:
    verdict = judge(record(gap=dataclasses.replace(GAP, measured=False)))
    assert verdict.of("RPO") is INCONCLUSIVE
    assert verdict.of("ledger") is INCONCLUSIVE


def test_a_budget_above_the_promise_excuses_nothing() -> None:
    """What was measured has to keep the promise too, whatever the rehearsal was allowed."""
    slack = altered(DrillStarted, rehearsal_rpo=timedelta(hours=3), rehearsal_rto=timedelta(hours=9))
    assert judge(record(slack)).outcome is PASS
    assert judge(record(slack, gap=dataclasses.replace(GAP, age=timedelta(hours=2)))).of("RPO") is FAIL
    late = dataclasses.replace(OUTAGE, back_high=STRUCK + 5 * 3600 * SECOND)
    assert judge(record(slack, outage=late)).of("RTO") is FAIL


def test_an_exposure_that_nobody_knows_is_said_so() -> None:
    """The figure that stands for it is longer than any promise, and no measurement."""
    finding = judge(record(altered(ExposureSeen, exposure=UNBOUNDED))).finding("RPO")
    assert finding is not None
    assert finding.outcome is FAIL
    assert "exposed to nobody knows how much by" in finding.detail
    assert "365" not in finding.detail


def test_no_acknowledged_write_is_no_proof_of_no_loss() -> None:
    assert judge(record(gap=dataclasses.replace(GAP, acknowledged=0, lost=0))).of("RPO") is INCONCLUSIVE


def test_an_idle_client_is_no_steady_state() -> None:
    verdict = judge(record(activity=dataclasses.replace(ACTIVITY, acknowledged_before=3)))
    assert verdict.of("steady state") is INCONCLUSIVE


def test_a_silent_writer_beside_a_busy_one_proves_nothing() -> None:
    """Each writer number has to work: the silent one would have met what the busy one did not."""
    both = altered(ClientStarted, writers=(1, 2))
    assert judge(record(both)).of("workload") is INCONCLUSIVE
    told = dataclasses.replace(record(both), activity=(ACTIVITY, dataclasses.replace(ACTIVITY, writer=2)))
    assert judge(told).of("workload") is PASS
    for silent in ({"rows": 0}, {"acknowledged_after": 0}, {"last": OUTAGE.lost_low}):
        other = dataclasses.replace(ACTIVITY, writer=2, **silent)
        found = judge(dataclasses.replace(told, activity=(ACTIVITY, other))).finding("workload")
        assert found is not None
        assert (found.outcome, "(writer 2)" in found.detail) == (INCONCLUSIVE, True)


def test_a_client_that_stalled_proves_nothing() -> None:
    stalled = dataclasses.replace(ACTIVITY, longest_silence=timedelta(seconds=5))
    assert judge(record(activity=stalled)).of("workload") is INCONCLUSIVE


@pytest.mark.parametrize("changes", [{"acknowledged_after": 0}, {"last": OUTAGE.lost_low}])
def test_a_client_that_fell_silent_after_the_strike_proves_nothing(changes: dict[str, int]) -> None:
    """Who asks no more sees no bad answer."""
    assert judge(record(activity=dataclasses.replace(ACTIVITY, **changes))).of("workload") is INCONCLUSIVE  # type: ignore[arg-type]


def test_a_known_gap_that_could_not_be_judged_is_neither_there_nor_gone() -> None:
    blind = altered(DrillStarted, known_gap="RPO", known_gap_review="2026-06-30", known_gap_at_most=timedelta(hours=24))
    verdict = judge(record(blind, gap=dataclasses.replace(GAP, measured=False)))
    assert verdict.known_gap is None
    assert verdict.effective is INCONCLUSIVE


_BEFORE = {"setting": "old", "record": "old for 30 s"}


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        ([_BEFORE], PASS),
        ([{**_BEFORE, "setting": "new"}, _BEFORE], PASS),
        ([{**_BEFORE, "setting": "new"}, _BEFORE, {**_BEFORE, "record": "newest"}], FAIL),
        ([{**_BEFORE, "setting": "new"}], FAIL),
        ([{"setting": "old"}], FAIL),
        ([{**_BEFORE, "another": "thing"}], FAIL),
        ([], INCONCLUSIVE),
    ],
)
def test_a_rollback_is_what_the_drill_itself_saw_put_back(seen: list[dict[str, str]], outcome: Outcome) -> None:
    told = [
        (0, ConfigurationSeen("before", _BEFORE)),
        (1, ConfigurationSeen("prepared", {"setting": "new"})),
        (2, call("PromoteReadReplica", 2, resources=("db",))),
        (3, call("DescribeDBInstances", 3, states={"db": "failed"})),
        (4, SwitchFailed("db", "full")),
        *((5 + n, ConfigurationSeen("after", values)) for n, values in enumerate(seen)),
    ]
    assert judge_rollback(_told(told)).outcome is outcome


def _told(facts_: list[tuple[int, object]]) -> Record:
    return Record(tuple(Stamped(Instant(STRUCK + at * SECOND), fact) for at, fact in facts_))


@pytest.mark.parametrize(
    ("prepared", "state", "why"),
    [
        (_BEFORE, "failed", "nothing to take back"),
        ({"setting": "new"}, "available", "did not fail"),
    ],
)
def test_a_rollback_by_the_procedures_own_word_proves_nothing(prepared: dict[str, str], state: str, why: str) -> None:
    """The trace has to show a promotion that failed, and the drill to have seen something that was taken back."""
    found = judge_rollback(
        _told(
            [
                (0, ConfigurationSeen("before", _BEFORE)),
                (1, ConfigurationSeen("prepared", prepared)),
                (2, call("PromoteReadReplica", 2, resources=("db",))),
                (3, call("DescribeDBInstances", 3, states={"db": state})),
                (4, SwitchFailed("db", "full")),
                (5, ConfigurationSeen("after", _BEFORE)),
            ]
        )
    )
    assert found.outcome is INCONCLUSIVE
    assert why in found.detail


RESTORE = call(
    "RestoreDBInstanceFromDBSnapshot", 1, resources=("new", "snap", "group"), params={"DBInstanceIdentifier": "new"}
)


@pytest.mark.parametrize(
    ("calls", "early"),
    [
        ([RESTORE, call("DescribeDBInstances", 2, states={"new": "available"}), call("PutParameter", 3)], 0),
        ([RESTORE, call("PutParameter", 3)], 1),
        ([RESTORE, call("AuthorizeSecurityGroupIngress", 3, resources=("sg",))], 0),
        ([RESTORE, call("ModifyDBInstance", 3, resources=("new",))], 1),
        (
            [
                RESTORE,
                call("DescribeDBInstances", 2, states={"new": "available"}, region="us-west-2"),
                call("PutParameter", 3),
            ],
            1,
        ),
        (
            [
                RESTORE,
                dataclasses.replace(
                    call("DescribeDBInstances", 2, states={"new": "available"}), took=timedelta(seconds=2)
                ),
                call("PutParameter", 3),
            ],
            1,
        ),
        ([call("DescribeDBInstances", 0.5, states={"new": "available"}), RESTORE, call("PutParameter", 3)], 1),
        (
            [
                dataclasses.replace(
                    call("DescribeDBInstances", 0.5, states={"new": "available"}), took=timedelta(seconds=1)
                ),
                RESTORE,
                call("PutParameter", 3),
            ],
            1,
        ),
        (
            [
                call("TestFailover", 1, resources=("cache",), params={"ReplicationGroupId": "cache"}),
                call("ModifyReplicationGroup", 2, resources=("cache",), params={"ReplicationGroupId": "cache"}),
            ],
            1,
        ),
    ],
    ids=[
        "waited",
        "hasty",
        "beside it",
        "again",
        "the namesake elsewhere",
        "answered late",
        "seen before",
        "asked before",
        "a cache",
    ],
)
def test_a_change_waits_for_what_it_depends_on_and_for_nothing_else(calls: list[CallMade], early: int) -> None:
    assert len(list(early_changes(calls))) == early


def test_a_seeded_row_that_changed_fails_integrity() -> None:
    after = iter(["abc", "abd"])

    def change(fact: object) -> object:
        return dataclasses.replace(fact, seed_digest=next(after)) if isinstance(fact, IntegrityCounted) else fact

    assert judge(record(change)).of("integrity") is FAIL


def _declared(gap: str, day: str = "2026-01-01") -> Change:
    return altered(
        DrillStarted,
        day=day,
        known_gap=gap,
        known_gap_review="2026-06-30",
        known_gap_at_most=timedelta(hours=24),
        objectives=Objectives(timedelta(hours=4), timedelta(milliseconds=1)),
    )


def test_a_known_gap_excuses_exactly_its_finding() -> None:
    verdict = judge(record(_declared("RPO")))
    assert verdict.outcome is FAIL
    assert verdict.effective is PASS


@pytest.mark.parametrize(
    ("exposure", "effective"), [(timedelta(hours=24), PASS), (timedelta(hours=25), FAIL), (UNBOUNDED, FAIL)]
)
def test_a_known_gap_excuses_no_wider_one(exposure: timedelta, effective: Outcome) -> None:
    """Nobody knows how much is no more than a day."""
    gap, exposed = _declared("RPO"), altered(ExposureSeen, exposure=exposure)
    verdict = judge(record(lambda fact: exposed(gap(fact))))
    assert verdict.of("RPO") is FAIL
    assert verdict.effective is effective


def test_a_forecast_beyond_the_known_one_is_not_excused() -> None:
    gap = altered(DrillStarted, known_gap="RTO", known_gap_review="2026-06-30", known_gap_at_most=timedelta(hours=5))
    longer = altered(ForecastInput, high=timedelta(days=400))
    verdict = judge(record(lambda fact: longer(gap(fact))))
    assert verdict.of("RTO") is FAIL
    assert verdict.effective is FAIL


def test_a_known_gap_excuses_the_promise_and_not_the_rehearsal() -> None:
    """That a schedule cannot keep the RPO excuses no drill that lost more than its budget."""
    verdict = judge(record(_declared("RPO"), gap=dataclasses.replace(GAP, age=timedelta(days=3))))
    assert verdict.effective is FAIL


def test_a_long_change_without_a_published_duration_leaves_a_floor_that_proves_nothing() -> None:
    """The finding says what the recovery takes at least, and which figure it lacks."""

    def change(fact: object) -> object:
        longer = isinstance(fact, CallMade) and fact.operation == "ChangeResourceRecordSets"
        return dataclasses.replace(fact, operation="CreateDBInstanceReadReplica") if longer else fact  # type: ignore[type-var]

    verdict = judge(record(change))
    found = verdict.finding("RTO")
    assert found is not None
    assert found.outcome is INCONCLUSIVE
    assert "at least 25 min 30 s on AWS" in found.detail
    assert "how long CreateDBInstanceReadReplica takes" in found.detail
    assert verdict.rto is not None
    assert verdict.rto.forecast_high is None


@pytest.mark.parametrize(("day", "effective"), [("2025-06-30", PASS), ("2025-06-29", FAIL)])
def test_a_known_gap_without_a_review_within_a_year_excuses_nothing(day: str, effective: Outcome) -> None:
    assert judge(record(_declared("RPO", day))).effective is effective


def _succession(was: dict[str, object], became: dict[str, object]) -> Finding:
    def change(fact: object) -> object:
        if not isinstance(fact, ProtectionSeen):
            return fact
        return dataclasses.replace(fact, **(became if fact.stage is Stage.SETTLED else was))  # type: ignore[arg-type]

    found = judge(record(change)).finding("protection")
    assert found
    return found


@pytest.mark.parametrize(
    ("what", "strong", "weak", "says"),
    [
        ("multi_az", True, False, "no standby"),
        ("backup_retention_days", 35, 34, "backups for 34 days instead of 35"),
        ("deletion_protection", True, False, "it can be deleted"),
    ],
)
def test_a_successor_may_be_stronger_and_not_weaker(what: str, strong: object, weak: object, says: str) -> None:
    weaker = _succession({what: strong}, {what: weak})
    assert weaker.outcome is FAIL
    assert says in weaker.detail
    assert _succession({what: weak}, {what: strong}).outcome is PASS
    assert _succession({what: weak}, {what: weak}).outcome is PASS


@pytest.mark.parametrize(
    "differs",
    [
        {"instance_class": "db.t3.micro"},
        {"parameter_group": "default.postgres18"},
        {"groups": ("sg-default",)},
        {"encrypted": True},
        {"alarms": ()},
    ],
)
def test_each_difference_from_the_lost_one_is_told(differs: dict[str, object]) -> None:
    same = {"instance_class": "db.r6g.large", "parameter_group": "p", "groups": ("sg-1",), "meant_groups": ("sg-1",)}

    def change(fact: object) -> object:
        if not isinstance(fact, ProtectionSeen):
            return fact
        alike = dataclasses.replace(fact, **same, alarms=("DatabaseConnections",))  # type: ignore[arg-type]
        return dataclasses.replace(alike, **differs) if fact.stage is Stage.SETTLED else alike  # type: ignore[arg-type]

    assert judge(record(change)).of("protection") is FAIL


@pytest.mark.parametrize("wrong", ["lost_before_point", "kept_beyond_point"])
def test_a_restore_that_landed_elsewhere_fails_the_ledger(wrong: str) -> None:
    assert judge(record(gap=dataclasses.replace(GAP, **{wrong: 1}))).of("ledger") is FAIL  # type: ignore[arg-type]


def test_a_restore_of_nobody_knows_what_proves_nothing() -> None:
    assert judge(record(gap=dataclasses.replace(GAP, restore_unknown=True))).of("ledger") is INCONCLUSIVE


def test_a_silent_fault_shows_in_the_data_and_not_to_clients() -> None:
    unfelt = dataclasses.replace(OUTAGE, lost_low=STRUCK + SECOND, lost_high=STRUCK + SECOND)
    silent = record(lambda fact: _silently(fact, "data"), outage=unfelt)
    assert judge(silent).of("fault") is PASS
    assert judge(record(lambda fact: _silently(fact, "clients"))).of("fault") is INCONCLUSIVE


def _silently(fact: object, witness: str) -> object:
    if isinstance(fact, DrillStarted):
        return dataclasses.replace(fact, silent=True)
    if isinstance(fact, FaultBitten) and fact.seen_by == "clients":
        return dataclasses.replace(fact, seen_by=witness)
    return fact


def test_data_that_cannot_even_be_read_is_not_intact() -> None:
    unread = Probed(Stage.SETTLED, INTEGRITY, ok=False, detail="invalid page in block 1")
    assert judge(record(lambda f: unread if isinstance(f, IntegrityCounted) else f)).of("integrity") is FAIL


def test_only_what_a_restore_makes_has_to_be_waited_for() -> None:
    """The call also names the source, groups and snapshots, which nobody will see available."""
    restore = dataclasses.replace(
        call("RestoreDBInstanceToPointInTime", 1.1, resources=("source", "sg-1", "db")),
        params={"SourceDBInstanceIdentifier": "source", "TargetDBInstanceIdentifier": "db"},
    )
    replaced = _turn_call("PromoteReadReplica", restore)
    assert judge(record(replaced)).of("waits") is PASS
    never = dataclasses.replace(restore, params={"TargetDBInstanceIdentifier": "another"})
    assert judge(record(_turn_call("PromoteReadReplica", never))).of("waits") is FAIL


def _turn_call(operation: str, into: CallMade) -> Change:
    return lambda fact: into if isinstance(fact, CallMade) and fact.operation == operation else fact


def test_service_that_was_gone_before_the_strike_proves_nothing() -> None:
    early = dataclasses.replace(OUTAGE, lost_low=STRUCK - 3 * SECOND, lost_high=STRUCK - 2 * SECOND)
    assert judge(record(outage=early)).of("fault") is INCONCLUSIVE


def test_service_that_came_back_before_any_recovery_proves_nothing() -> None:
    by_itself = dataclasses.replace(OUTAGE, back_low=STRUCK + SECOND // 4, back_high=STRUCK + SECOND // 2)
    assert judge(record(outage=by_itself)).of("RTO") is INCONCLUSIVE


def test_service_that_comes_back_by_itself_may_be_back_before_anybody_looks() -> None:
    early = dataclasses.replace(OUTAGE, back_low=STRUCK + SECOND // 4, back_high=STRUCK + SECOND // 2)
    watched = record(_by_itself, outage=early)
    verdict = judge(watched)
    assert verdict.outcome is PASS, verdict
    assert verdict.of("restraint") is PASS


@pytest.mark.parametrize("promise", Promise)
def test_every_promise_is_judged(promise: Promise) -> None:
    made = judge(record(altered(DrillStarted, promises=(promise,))))
    assert made.finding(promise) is not None


def _by_itself(fact: object) -> object | None:
    if isinstance(fact, DrillStarted):
        return dataclasses.replace(fact, promises=(*fact.promises, Promise.RESTRAINT))
    return None if isinstance(fact, CallMade) and fact.mutates else fact


def test_a_known_gap_excuses_no_other_finding() -> None:
    verdict = judge(record(_declared("RPO"), gap=dataclasses.replace(GAP, corrupted=1)))
    assert verdict.effective is FAIL


def test_a_known_gap_that_is_gone_or_past_its_review_fails_the_build() -> None:
    gone = judge(
        record(
            altered(DrillStarted, known_gap="RPO", known_gap_review="2026-06-30", known_gap_at_most=timedelta(hours=24))
        )
    )
    expired = judge(record(_declared("RPO", "2026-07-01")))
    assert gone.known_gap is not None
    assert gone.known_gap.status is GapStatus.GONE
    assert gone.effective is FAIL
    assert expired.known_gap is not None
    assert expired.known_gap.status is GapStatus.EXPIRED
    assert expired.effective is FAIL
