"""AWS Backup keeps recovery points that hold what was there, and restores them only when asked as RDS requires."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.cloud.services.backup import Backup
from harness.cloud.services.backup.service import KEPT_AT_FIRST
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.probes.schedules import pauses_of
from harness.wait import until
from tests.contract.cloud.raising import EAST, PRIMARY, WEST, Raised, raised, refusal

SOON = timedelta(seconds=20)
VAULT = "labelmintit-production-postgres-backup-vault"
DR_VAULT = f"{VAULT}-dr"
PLAN = "labelmintit-production-postgres-backup-plan"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
ARN = f"arn:aws:rds:us-east-1:123456789012:db:{PRIMARY}"
GROUP = "sg-0a1b2c3d4e5f60001"


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised(Backup, Rds, Ec2, Ssm, pace=0.001) as made:
        yield made


def points(estate: Raised, vault: str = VAULT, region: str = EAST, **by: Any) -> list[Any]:
    found = estate.aws.backup(region).list_recovery_points_by_backup_vault(BackupVaultName=vault, **by)
    return found["RecoveryPoints"]


def ended(look: Callable[[], Any], state: str = "State") -> Any:
    """The job once it is COMPLETED, FAILED or the like."""
    until("the job has ended", lambda: look()[state] not in ("CREATED", "PENDING", "RUNNING"), within=SOON)
    return look()


def backed_up(estate: Raised) -> Any:
    backup = estate.aws.backup()
    job = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=ARN, IamRoleArn=ROLE)["BackupJobId"]
    done = ended(lambda: backup.describe_backup_job(BackupJobId=job))
    estate.wait_status(PRIMARY, "available")
    return done


def note(estate: Raised, text: str) -> None:
    with estate.machine(PRIMARY).server.admin() as session:
        session.execute("INSERT INTO task_submissions (project_id, user_id, payload) VALUES (1, 1, %s)", [text])


def notes(estate: Raised, identifier: str, like: str) -> list[object]:
    with estate.machine(identifier).server.admin() as session:
        found = session.execute("SELECT payload FROM task_submissions WHERE payload LIKE %s ORDER BY id", [like])
        return [row[0] for row in found]


def restored(estate: Raised, point: str, region: str = EAST, **metadata: str) -> Any:
    backup = estate.aws.backup(region)
    job = backup.start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE)["RestoreJobId"]
    return ended(lambda: backup.describe_restore_job(RestoreJobId=job), "Status")


def test_the_plan_has_filled_both_vaults_as_its_schedule_says(estate: Raised) -> None:
    """Once a day, the last time within a day, each with its copy in the other region."""
    here = [point for point in points(estate) if "CreatedBy" in point]
    there = [point for point in points(estate, DR_VAULT, WEST) if "CreatedBy" in point]
    times = [point["CreationDate"] for point in here]

    assert len(here) == KEPT_AT_FIRST
    assert times == [point["CreationDate"] for point in there]
    assert all(later - earlier == timedelta(days=1) for earlier, later in itertools.pairwise(times))
    assert timedelta(minutes=-5) < datetime.now(UTC) - times[-1] < timedelta(days=1)
    assert {(p["Status"], p["ResourceType"], p["ResourceArn"]) for p in here + there} == {("COMPLETED", "RDS", ARN)}
    assert here[0]["RecoveryPointArn"].startswith("arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-")
    assert there[0]["SourceBackupVaultArn"] == f"arn:aws:backup:{EAST}:123456789012:backup-vault:{VAULT}"
    assert here[0]["BackupSizeInBytes"] > 1000


def test_a_plan_is_known_by_its_id_and_not_by_its_name(estate: Raised) -> None:
    backup = estate.aws.backup()
    plan = next(plan for plan in backup.list_backup_plans()["BackupPlansList"] if plan["BackupPlanName"] == PLAN)
    rule = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"][0]
    selection = backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"][0]

    assert rule["ScheduleExpression"] == "cron(0 5 ? * * *)"
    assert rule["CopyActions"][0]["DestinationBackupVaultArn"].endswith(DR_VAULT)
    assert backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=selection["SelectionId"])[
        "BackupSelection"
    ]["Resources"] == [ARN]
    assert len(points(estate, ByBackupPlanId=plan["BackupPlanId"])) >= KEPT_AT_FIRST
    assert points(estate, ByBackupPlanId=PLAN) == []
    assert refusal(lambda: backup.get_backup_plan(BackupPlanId=PLAN))[0] == "ResourceNotFoundException"


def test_a_schedule_is_told_by_the_plans_that_select_a_resource_and_by_no_other(estate: Raised) -> None:
    """Another's hourly plan protects nothing of ours; a rule without a schedule runs at AWS's own time, once a day."""
    backup, foreign = estate.aws.backup(), f"{ARN}-of-somebody-else"
    rules: list[Any] = [
        {"RuleName": "hourly", "TargetBackupVaultName": VAULT, "ScheduleExpression": "cron(0 * ? * * *)"},
        {"RuleName": "unsaid", "TargetBackupVaultName": VAULT},
    ]
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "foreign", "Rules": rules})["BackupPlanId"]
    selection: Any = {"SelectionName": "one", "IamRoleArn": ROLE, "Resources": [foreign]}
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)

    assert pauses_of(estate.aws, ARN) == [timedelta(days=1)]
    assert pauses_of(estate.aws, foreign) == [timedelta(hours=1), timedelta(days=1)]
    assert pauses_of(estate.aws, f"{ARN}-that-nobody-selects") == []


def test_vaults_are_made_listed_and_deleted_only_when_empty(estate: Raised) -> None:
    backup = estate.aws.backup()
    made = backup.create_backup_vault(BackupVaultName="another")

    assert made["BackupVaultArn"] == f"arn:aws:backup:{EAST}:123456789012:backup-vault:another"
    assert refusal(lambda: backup.create_backup_vault(BackupVaultName="another"))[0] == "AlreadyExistsException"
    assert [v["BackupVaultName"] for v in backup.list_backup_vaults()["BackupVaultList"]] == ["another", VAULT]
    backup.delete_backup_vault(BackupVaultName="another")
    assert refusal(lambda: backup.describe_backup_vault(BackupVaultName="another"))[0] == "ResourceNotFoundException"
    assert refusal(lambda: backup.delete_backup_vault(BackupVaultName=VAULT))[0] == "InvalidRequestException"
    assert estate.aws.backup(WEST).describe_backup_vault(BackupVaultName=DR_VAULT)["NumberOfRecoveryPoints"] >= 4


def test_a_backup_is_restored_as_it_was(estate: Raised) -> None:
    """What was committed before the job is there, what came after is not; nothing else than asked is given."""
    note(estate, "kept one")
    job = backed_up(estate)
    note(estate, "kept two")
    metadata = estate.aws.backup().get_recovery_point_restore_metadata(
        BackupVaultName=VAULT, RecoveryPointArn=job["RecoveryPointArn"]
    )["RestoreMetadata"]
    chosen = metadata | {"DBInstanceIdentifier": "restored-one", "VpcSecurityGroupIds": json.dumps([GROUP])}
    done = restored(estate, job["RecoveryPointArn"], **(chosen | {"MultiAZ": "false"}))
    made = estate.instance("restored-one")

    assert (job["State"], job["PercentDone"], job["ResourceType"]) == ("COMPLETED", "100.0", "RDS")
    assert (done["Status"], done["CreatedResourceArn"]) == ("COMPLETED", made["DBInstanceArn"])
    assert made["DBInstanceStatus"] == "available"
    assert [group["VpcSecurityGroupId"] for group in made["VpcSecurityGroups"]] == [GROUP]
    assert notes(estate, "restored-one", "kept %") == ["kept one"]
    kinds = {s["SnapshotType"] for s in estate.aws.rds().describe_db_snapshots(SnapshotType="awsbackup")["DBSnapshots"]}
    assert kinds == {"awsbackup"}


def test_a_copy_in_the_other_region_is_restored_there(estate: Raised) -> None:
    note(estate, "far one")
    source = backed_up(estate)["RecoveryPointArn"]
    vault = estate.aws.backup(WEST).describe_backup_vault(BackupVaultName=DR_VAULT)["BackupVaultArn"]
    backup = estate.aws.backup()
    job = backup.start_copy_job(
        RecoveryPointArn=source, SourceBackupVaultName=VAULT, DestinationBackupVaultArn=vault, IamRoleArn=ROLE
    )["CopyJobId"]
    copied = ended(lambda: backup.describe_copy_job(CopyJobId=job)["CopyJob"])

    assert (copied["State"], copied["SourceRecoveryPointArn"]) == ("COMPLETED", source)
    assert copied["DestinationRecoveryPointArn"] in [p["RecoveryPointArn"] for p in points(estate, DR_VAULT, WEST)]
    done = restored(estate, copied["DestinationRecoveryPointArn"], WEST, DBInstanceIdentifier="restored-far")
    assert done["CreatedResourceArn"] == estate.instance("restored-far", WEST)["DBInstanceArn"]
    assert notes(estate, "restored-far", "far %") == ["far one"]


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"restore-testing": "false"}, "Unrecognized key"),
        ({}, "DBInstanceIdentifier"),
        ({"DBInstanceClass": "db.r6g.large"}, "DBInstanceIdentifier"),
        ({"DBInstanceIdentifier": "x1", "MultiAZ": "perhaps"}, "MultiAZ"),
        ({"DBInstanceIdentifier": "x1", "AllocatedStorage": "much"}, "AllocatedStorage"),
        ({"DBInstanceIdentifier": "x1", "VpcSecurityGroupIds": GROUP}, "JSON"),
    ],
)
def test_metadata_that_rds_cannot_be_restored_with_is_refused(
    estate: Raised, metadata: dict[str, str], says: str
) -> None:
    """The first is what the runbook says."""
    from botocore.exceptions import ClientError

    point = points(estate)[-1]["RecoveryPointArn"]
    with pytest.raises(ClientError, match=says) as refused:
        estate.aws.backup().start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_what_rds_refuses_fails_the_job(estate: Raised) -> None:
    """A name that is taken, a group that is not there: the job is accepted and then fails, with RDS's words."""
    point = points(estate)[-1]["RecoveryPointArn"]
    taken = restored(estate, point, DBInstanceIdentifier=PRIMARY)
    nowhere = restored(estate, point, DBInstanceIdentifier="x2", DBSubnetGroupName="none")

    assert (taken["Status"], "already exists" in taken["StatusMessage"]) == ("FAILED", True)
    assert (nowhere["Status"], "DBSubnetGroupNotFoundFault" in nowhere["StatusMessage"]) == ("FAILED", True)


def test_jobs_take_their_time_and_unfinished_points_cannot_be_restored(estate: Raised) -> None:
    backup = estate.aws.backup()
    with estate.slowed():
        job = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=ARN, IamRoleArn=ROLE)["BackupJobId"]
        assert backup.describe_backup_job(BackupJobId=job)["State"] == "CREATED"
        until("it runs", lambda: backup.describe_backup_job(BackupJobId=job)["State"] == "RUNNING", within=SOON)
    until("it has a point", lambda: "RecoveryPointArn" in backup.describe_backup_job(BackupJobId=job), within=SOON)
    point = backup.describe_backup_job(BackupJobId=job)["RecoveryPointArn"]
    early = refusal(
        lambda: backup.start_restore_job(
            RecoveryPointArn=point, Metadata={"DBInstanceIdentifier": "early"}, IamRoleArn=ROLE
        )
    )
    assert backup.describe_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=point)["Status"] == "CREATING"
    assert early[0] == "InvalidRequestException"
    assert ended(lambda: backup.describe_backup_job(BackupJobId=job))["State"] == "COMPLETED"
    assert job in [one["BackupJobId"] for one in backup.list_backup_jobs(ByState="COMPLETED")["BackupJobs"]]
    estate.wait_status(PRIMARY, "available")


def test_a_point_that_is_deleted_takes_its_snapshot_along(estate: Raised) -> None:
    backup, rds = estate.aws.backup(), estate.aws.rds()
    arn = points(estate)[0]["RecoveryPointArn"]
    name = arn.split(":snapshot:")[1]
    assert refusal(lambda: rds.delete_db_snapshot(DBSnapshotIdentifier=name))[0] == "InvalidDBSnapshotState"
    backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)

    assert arn not in [point["RecoveryPointArn"] for point in points(estate)]
    assert refusal(lambda: rds.describe_db_snapshots(DBSnapshotIdentifier=name))[0] == "DBSnapshotNotFound"
    gone = refusal(lambda: backup.describe_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn))
    assert gone[:2] == ("ResourceNotFoundException", 400)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"BackupVaultName": "none"}, "ResourceNotFoundException"),
        ({"ResourceArn": f"{ARN}-none"}, "ResourceNotFoundException"),
        ({"ResourceArn": "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"}, "InvalidParameterValueException"),
        ({"IamRoleArn": "arn:aws:iam::999999999999:role/other"}, "InvalidParameterValueException"),
    ],
)
def test_a_backup_of_nothing_is_refused(estate: Raised, change: dict[str, str], code: str) -> None:
    asked = {"BackupVaultName": VAULT, "ResourceArn": ARN, "IamRoleArn": ROLE} | change
    assert refusal(lambda: estate.aws.backup().start_backup_job(**asked))[0] == code  # type: ignore[arg-type]


def test_lists_come_in_pages_and_by_what_is_asked(estate: Raised) -> None:
    backup = estate.aws.backup()
    first = backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT, MaxResults=1)
    second = backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT, NextToken=first["NextToken"])
    everything = points(estate)
    assert first["RecoveryPoints"] + second["RecoveryPoints"] == everything
    newest = everything[-1]["CreationDate"]
    assert points(estate, ByCreatedAfter=newest + timedelta(seconds=1)) == []
    assert points(estate, ByResourceType="S3") == []
    of_resource = backup.list_recovery_points_by_resource(ResourceArn=ARN)["RecoveryPoints"]
    assert [point["RecoveryPointArn"] for point in of_resource] == [point["RecoveryPointArn"] for point in everything]


def test_restore_testing_plans_are_kept(estate: Raised) -> None:
    backup = estate.aws.backup()
    backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": "monthly",
            "ScheduleExpression": "cron(0 5 * * ? *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"],
            },
        }
    )  # fmt: skip
    listed = backup.list_restore_testing_plans()["RestoreTestingPlans"]
    assert [plan["RestoreTestingPlanName"] for plan in listed] == ["monthly"]
    found = backup.get_restore_testing_plan(RestoreTestingPlanName="monthly")["RestoreTestingPlan"]
    assert found["RecoveryPointSelection"]["Algorithm"] == "LATEST_WITHIN_WINDOW"
    assert refusal(backup.list_report_plans)[:2] == ("NotImplemented", 501)
