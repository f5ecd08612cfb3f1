"""The overlay speaks every protocol of AWS, knows who calls, records it, and never answers HTML or a silent success."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from harness.aws import Actor, Aws, Credentials, Outgoing, error_code
from harness.cloud.cloud import Cloud
from harness.cloud.service import Answer, AwsError, Call, Service, operation
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.cloud.services.sts import Sts
from harness.facts import CallMade, Problem
from tests.contract.cloud.raising import EAST, WEST, Raised, raised, refusal


class Ec2Alone(Service):
    """Stands for EC2; has nothing."""

    name = "ec2"


class BrokenRoute53(Service):
    """Falls over at one call, passes another to moto, and checks both."""

    name = "route53"
    passes = frozenset({"ListHostedZones"})
    forbids = ""

    def check(self, call: Call) -> None:
        if call.operation == self.forbids:
            raise AwsError("AccessDenied", "not allowed by the check", 403)

    @operation("GetHostedZoneCount")
    def count(self, call: Call) -> Answer:
        raise LookupError("a mistake of ours")


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    """Names and accounts, no servers."""
    with patch.object(Rds, "raise_estate", lambda self: None), raised(Rds, Ssm, Sts, Ec2Alone, BrokenRoute53) as made:
        yield made
        made.log.written.clear()  # a Problem is provoked


def test_an_unknown_operation_is_a_clean_501_in_every_protocol(estate: Raised) -> None:
    """Query, JSON, REST-XML and EC2 clients all read the code; botocore does not try again."""
    aws = estate.aws

    assert refusal(aws.rds().describe_db_proxies) == ("NotImplemented", 501, 0)
    assert refusal(aws.ssm().describe_instance_information) == ("NotImplemented", 501, 0)
    assert refusal(lambda: aws.route53().get_geo_location()) == ("NotImplemented", 501, 0)
    assert refusal(aws.ec2().describe_vpcs) == ("NotImplemented", 501, 0)


def test_a_service_that_is_not_there_is_a_clean_501(estate: Raised) -> None:
    """AWS Backup speaks REST-JSON and nobody implements it here."""
    assert refusal(estate.aws.client("backup").list_backup_jobs) == ("NotImplemented", 501, 0)


def test_what_moto_itself_lacks_is_a_clean_501(estate: Raised) -> None:
    """moto would answer an HTML page."""
    report = {"JobId": "a" * 36}
    assert refusal(lambda: estate.aws.client("iam").get_organizations_access_report(**report))[:2] == (
        "NotImplemented",
        501,
    )


def test_a_stranger_is_refused_as_aws_refuses_him(estate: Raised) -> None:
    """Each protocol has its own code for an unknown access key."""
    stranger = Aws(estate.cloud.endpoint_url, Credentials("AKIA" + "A" * 16, "x"), region=EAST)

    assert refusal(stranger.rds().describe_db_instances)[:2] == ("InvalidClientTokenId", 403)
    assert refusal(stranger.ssm().describe_parameters)[:2] == ("UnrecognizedClientException", 400)
    assert refusal(stranger.ec2().describe_vpcs)[:2] == ("AuthFailure", 401)
    assert refusal(stranger.client("s3").list_buckets)[:2] == ("InvalidAccessKeyId", 403)
    assert refusal(stranger.client("backup").list_backup_jobs)[:2] == ("UnrecognizedClientException", 403)
    stranger.close()


def test_a_wrong_secret_is_refused_as_aws_refuses_it(estate: Raised) -> None:
    """By each protocol's own code; nobody knows who called, so the trace blames nobody."""
    key = estate.cloud.keys(Actor.PERSON)
    typo = Aws(estate.cloud.endpoint_url, Credentials(key.access_key_id, key.secret_access_key + "x"), region=EAST)

    assert refusal(typo.rds().describe_db_instances)[:2] == ("SignatureDoesNotMatch", 403)
    assert refusal(typo.route53().list_hosted_zones)[:2] == ("SignatureDoesNotMatch", 403)
    assert refusal(typo.client("s3").list_buckets)[:2] == ("SignatureDoesNotMatch", 403)
    assert refusal(typo.ssm().describe_parameters)[:2] == ("InvalidSignatureException", 400)
    assert refusal(typo.client("backup").list_backup_jobs)[:2] == ("InvalidSignatureException", 403)
    assert refusal(typo.ec2().describe_vpcs)[:2] == ("AuthFailure", 401)
    typo.close()
    assert {(call.actor, call.service) for call in estate.log.all(CallMade)[-2:]} == {("", "backup"), ("", "ec2")}


def test_what_was_changed_on_the_way_is_refused(estate: Raised) -> None:
    """The signature is of this request, and of no other that the same key may send."""

    def forge(request: Any, **_: object) -> None:
        request.body = request.body.replace(b"signed", b"forged")

    ours = Aws(estate.cloud.endpoint_url, estate.cloud.keys(Actor.PERSON), region=EAST)
    ours.ssm().meta.events.register("before-send.ssm.PutParameter", forge)
    put = lambda: ours.ssm().put_parameter(Name="/sealed", Value="signed", Type="String")  # noqa: E731
    assert refusal(put)[0] == "InvalidSignatureException"
    ours.close()


def test_every_call_is_recorded_with_its_actor_and_request_id(estate: Raised) -> None:
    """The request id of the trace is the one that the client was given."""
    person = Aws(estate.cloud.endpoint_url, estate.cloud.keys(Actor.PERSON), region=EAST)

    answer = person.rds(WEST).describe_db_clusters()
    person.close()

    made = estate.log.all(CallMade)[-1]
    assert made.request_id == answer["ResponseMetadata"]["RequestId"]
    assert (made.actor, made.service, made.operation, made.region) == ("person", "rds", "DescribeDBClusters", WEST)
    assert not made.mutates
    assert made.status == 200


def test_a_refused_call_is_recorded_with_its_code_and_resource(estate: Raised) -> None:
    refusal(lambda: estate.aws.rds().promote_read_replica(DBInstanceIdentifier="nobody"))

    made = estate.log.all(CallMade)[-1]
    assert (made.error, made.status, made.mutates, made.resources) == ("DBInstanceNotFound", 404, True, ("nobody",))


def test_a_read_is_not_worth_a_disk_write_and_a_mutation_is(estate: Raised) -> None:
    estate.aws.ssm().put_parameter(Name="/durable", Value="1", Type="String")
    estate.aws.ssm().get_parameter(Name="/durable")

    (_, mutation), (_, read) = estate.log.written[-2:]
    assert (mutation, read) == (True, False)


def test_secrets_never_reach_the_log(estate: Raised) -> None:
    """Neither a secret string, nor a SecureString, nor a password."""
    word = "open-sesame-7361"
    estate.aws.secretsmanager().create_secret(Name="s", SecretString=word)
    estate.aws.ssm().put_parameter(Name="/secure", Value=word, Type="SecureString")
    refusal(lambda: estate.aws.rds().modify_db_instance(DBInstanceIdentifier="nobody", MasterUserPassword=word))
    estate.aws.secretsmanager().get_secret_value(SecretId="s")

    assert word not in repr(estate.log.written)


def test_the_secrets_of_the_cloud_are_named_for_the_scrubber(estate: Raised) -> None:
    secret = json.loads(
        estate.aws.secretsmanager().get_secret_value(SecretId="labelmintit/production/database")["SecretString"]
    )

    assert secret["password"] in estate.cloud.secrets()
    assert estate.cloud.keys(Actor.AUTOMATION).secret_access_key in estate.cloud.secrets()
    assert secret["password"] not in repr(estate.cloud.service(Rds).login())


def test_a_fault_breaks_the_control_plane_until_it_is_taken_away(estate: Raised) -> None:
    """A region that is out answers 503; the other one goes on."""

    def region_is_out(call: Call) -> None:
        if call.region == EAST:
            raise AwsError("ServiceUnavailable", "us-east-1 is out", 503)

    estate.cloud.faults.append(region_is_out)
    try:
        assert refusal(estate.aws.rds(EAST).describe_db_clusters) == ("ServiceUnavailable", 503, 1)
        assert estate.aws.rds(WEST).describe_db_clusters()["DBClusters"] == []
    finally:
        estate.cloud.faults.remove(region_is_out)
    assert estate.aws.rds(EAST).describe_db_clusters()["DBClusters"] == []


def test_a_mistake_in_a_service_is_recorded_and_answered_as_a_failure_of_aws(estate: Raised) -> None:
    assert refusal(estate.aws.route53().get_hosted_zone_count)[:2] == ("InternalFailure", 500)
    assert any("a mistake of ours" in problem.error for problem in estate.log.all(Problem))


def test_a_services_check_stands_before_moto_too(estate: Raised) -> None:
    assert estate.aws.route53().list_hosted_zones()["HostedZones"] == []

    BrokenRoute53.forbids = "ListHostedZones"
    try:
        assert refusal(estate.aws.route53().list_hosted_zones)[:2] == ("AccessDenied", 403)
    finally:
        BrokenRoute53.forbids = ""


def test_moto_keeps_what_it_owns_in_the_estates_account(estate: Raised) -> None:
    iam = estate.aws.client("iam")

    arn = iam.create_user(UserName="break-glass")["User"]["Arn"]

    assert arn == f"arn:aws:iam::{estate.cloud.estate.account_id}:user/break-glass"
    made = estate.log.all(CallMade)[-1]
    assert (made.service, made.operation, made.resources) == ("iam", "CreateUser", ("break-glass",))


def test_objects_go_through_s3_unharmed(estate: Raised) -> None:
    s3 = estate.aws.client("s3")
    s3.create_bucket(Bucket="labelmint-drill")
    s3.put_object(Bucket="labelmint-drill", Key="a/b c", Body=b"x" * 100_000)

    assert s3.get_object(Bucket="labelmint-drill", Key="a/b c")["Body"].read() == b"x" * 100_000


def test_everybody_is_who_he_is(estate: Raised) -> None:
    """The guard goes by the account, the trace by the user."""
    identity = estate.aws.sts().get_caller_identity()

    assert identity["Account"] == estate.cloud.estate.account_id
    assert identity["Arn"].endswith(":user/automation")
    assert (
        refusal(lambda: estate.aws.sts().assume_role(RoleArn="arn:aws:iam::1:role/any", RoleSessionName="any1"))[1]
        == 501
    )


def test_the_aws_command_line_sees_the_same(estate: Raised) -> None:
    estate.aws.ssm().put_parameter(Name="/from/boto3", Value="seen", Type="String")

    assert _aws(estate.cloud, "ssm", "get-parameter", "--name", "/from/boto3")["Parameter"]["Value"] == "seen"
    failed = _run(estate.cloud, "rds", "promote-read-replica", "--db-instance-identifier", "nobody")
    assert "DBInstanceNotFound" in failed.stderr
    made = estate.log.all(CallMade)[-1]
    assert (made.actor, made.operation) == ("command-line", "PromoteReadReplica")


def test_connections_are_kept(estate: Raised) -> None:
    """A call on a kept connection takes a few milliseconds; a new connection each time would show in the header."""
    headers = estate.aws.rds().describe_db_clusters()["ResponseMetadata"]["HTTPHeaders"]

    assert "connection" not in headers


def test_hooks_see_a_call_before_it_leaves_and_may_stop_it(estate: Raised) -> None:
    seen: list[Outgoing] = []

    def refuse(call: Outgoing) -> None:
        seen.append(call)
        if call.operation == "PromoteReadReplica":
            raise PermissionError("the guard says no")

    guarded = Aws(estate.cloud.endpoint_url, estate.cloud.keys(Actor.AUTOMATION), region=EAST, before_call=[refuse])
    before = len(estate.log.all(CallMade))
    with pytest.raises(PermissionError):
        guarded.rds().promote_read_replica(DBInstanceIdentifier="x")
    guarded.close()

    assert seen == [Outgoing("rds", "PromoteReadReplica", EAST, {"DBInstanceIdentifier": "x"})]
    assert len(estate.log.all(CallMade)) == before


def test_credentials_keep_their_secret(estate: Raised) -> None:
    key = estate.cloud.keys(Actor.PERSON)

    assert key.secret_access_key not in repr(key)
    assert len({estate.cloud.keys(actor).access_key_id for actor in Actor}) == len(Actor)


def test_error_codes_are_read_from_the_refusal(estate: Raised) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as refused:
        estate.aws.ssm().get_parameter(Name="/nothing")
    assert error_code(refused.value) == "ParameterNotFound"


def _run(cloud: Cloud, *words: str) -> subprocess.CompletedProcess[str]:
    key = cloud.keys(Actor.COMMAND_LINE)
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_DEFAULT_REGION": EAST,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    program = Path(sys.executable).with_name("aws")
    command = [str(program), "--endpoint-url", cloud.endpoint_url, "--output", "json", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def _aws(cloud: Cloud, *words: str) -> dict[str, Any]:
    done = _run(cloud, *words)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
