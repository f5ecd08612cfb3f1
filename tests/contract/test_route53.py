"""Route 53 as AWS answers, with real health checks.

What bare moto 5.2.5 does instead: it accepts two and three PRIMARYs, any hosted zone id in an alias, any health check
id, a simple record beside failover ones, a CNAME beside an A record, and the DELETE of what is missing; a batch that is
refused keeps the changes before the refused one; every change is INSYNC at once under one constant id; a health check's
status is always "Success" from 127.0.13.37; TestDNSAnswer is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from harness.cloud.names import AnswerSet
from harness.cloud.service import AwsError
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.route53 import Route53
from harness.estate import Role
from harness.facts import MachineEvent
from harness.wait import until
from tests.contract.world import Backend, TinyWorld, call

SOON = timedelta(seconds=10)
APEX = ("labelmintit.com", "A")


@pytest.fixture
def world() -> Iterator[TinyWorld]:
    made = TinyWorld()
    yield made
    made.close()


@pytest.fixture
def dns(world: TinyWorld) -> Route53:
    balancers = world.add(Elbv2)
    service = world.add(Route53)
    balancers.raise_estate()
    service.raise_estate()
    return service


@pytest.fixture
def east(world: TinyWorld, dns: Route53) -> Iterator[Backend]:
    made = serve(world, Role.BALANCER, 1)
    check = dns.health_check_id("labelmintit-production-primary")
    until("the check has begun", lambda: observations(dns, check), within=SOON)
    yield made
    made.close()


@pytest.fixture
def west(world: TinyWorld, dns: Route53) -> Iterator[Backend]:
    made = serve(world, Role.DR_BALANCER, 2)
    yield made
    made.close()


def serve(world: TinyWorld, role: Role, zone: int) -> Backend:
    address = world.addresses.next(zone)
    backend = Backend(address, world.addresses.ports[3000])
    world.neighbour(Elbv2).balancer(role).register((address, world.addresses.ports[3000]))
    return backend


def observations(dns: Route53, check: str) -> set[str]:
    """What the checkers saw last."""
    found = call(dns, "GetHealthCheckStatus", HealthCheckId=check)["HealthCheckObservations"]
    return {one["StatusReport"]["Status"] for one in found}


def records(dns: Route53) -> dict[tuple[str, str, str], dict[str, Any]]:
    found = call(dns, "ListResourceRecordSets", HostedZoneId=dns.zone_id())["ResourceRecordSets"]
    return {(one["Name"], one["Type"], one.get("SetIdentifier", "")): one for one in found}


def change(dns: Route53, *changes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    lines = [{"Action": action, "ResourceRecordSet": raw} for action, raw in changes]
    answer = call(dns, "ChangeResourceRecordSets", HostedZoneId=dns.zone_id(), ChangeBatch={"Changes": lines})
    info: dict[str, Any] = answer["ChangeInfo"]
    return info


def status(dns: Route53, info: dict[str, Any]) -> str:
    return str(call(dns, "GetChange", Id=info["Id"])["ChangeInfo"]["Status"])


def swapped(dns: Route53) -> list[tuple[str, dict[str, Any]]]:
    """Both records of the public name with their roles exchanged."""
    found = records(dns)
    primary, dr = found["labelmintit.com.", "A", "primary"], found["labelmintit.com.", "A", "dr"]
    return [("UPSERT", {**primary, "Failover": "SECONDARY"}), ("UPSERT", {**dr, "Failover": "PRIMARY"})]


def address(world: TinyWorld, role: Role) -> AnswerSet:
    return AnswerSet(60, (world.neighbour(Elbv2).machine(role).address,))


def test_the_estates_zone_is_listed(dns: Route53) -> None:
    [zone] = call(dns, "ListHostedZones")["HostedZones"]
    assert zone["Name"] == "labelmintit.com."
    assert zone["Id"] == f"/hostedzone/{dns.zone_id()}"
    assert zone["ResourceRecordSetCount"] == 5
    assert call(dns, "ListHostedZonesByName", DNSName="labelmintit.com")["HostedZones"] == [zone]
    assert call(dns, "ListHostedZonesByName", DNSName="zzz.com")["HostedZones"] == []
    assert call(dns, "GetHostedZone", Id=zone["Id"])["HostedZone"] == zone


def test_records_are_listed_in_order_and_by_pages(dns: Route53) -> None:
    zone = dns.zone_id()
    first = call(dns, "ListResourceRecordSets", HostedZoneId=zone, MaxItems="2")
    assert first["IsTruncated"]
    assert (first["NextRecordName"], first["NextRecordType"]) == ("labelmintit.com.", "NS")
    start = {"StartRecordName": first["NextRecordName"], "StartRecordType": first["NextRecordType"]}
    rest = call(dns, "ListResourceRecordSets", HostedZoneId=zone, **start)["ResourceRecordSets"]
    assert [one["Type"] for one in first["ResourceRecordSets"] + rest] == ["A", "A", "NS", "SOA", "CNAME"]


def test_the_runbooks_own_batch_is_refused_and_changes_nothing(dns: Route53, world: TinyWorld) -> None:
    """It makes a second PRIMARY and names us-east-1's zone for a balancer of us-west-2, and its balancer is unknown."""
    before, answers = records(dns), dict(world.answers)
    target = "labelmintit-production-dr-alb-123456.us-west-2.elb.amazonaws.com"
    with pytest.raises(AwsError) as refused:
        change(
            dns,
            (
                "UPSERT",
                {
                    "Name": "labelmintit.com",
                    "Type": "A",
                    "SetIdentifier": "dr",
                    "Failover": "PRIMARY",
                    "AliasTarget": {
                        "HostedZoneId": "Z35SXDOTRQ7X7K",
                        "DNSName": target,
                        "EvaluateTargetHealth": True,
                    },
                },
            ),
        )

    assert refused.value.code == "InvalidChangeBatch"
    assert (
        f"Tried to create an alias that targets {target}., type A in zone Z35SXDOTRQ7X7K, "
        "but the alias target name does not lie within the target zone"
    ) in refused.value.message
    assert "marked as primary cannot be created" in refused.value.message
    assert (records(dns), world.answers) == (before, answers)


def test_a_batch_is_made_whole_or_not_at_all(dns: Route53) -> None:
    """The good change before the bad one is not kept."""
    before = records(dns)
    good = {"Name": "new.labelmintit.com", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    with pytest.raises(AwsError, match="but it was not found"):
        change(dns, ("CREATE", good), ("DELETE", {**good, "Name": "missing.labelmintit.com"}))

    assert records(dns) == before


def test_an_address_record_that_holds_a_name_is_refused(dns: Route53) -> None:
    """Nobody could connect to what such a record says, so a procedure that writes one must hear it at once."""
    before = records(dns)
    wrong = {"Name": "db2.labelmintit.com", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "db.example.org"}]}
    with pytest.raises(AwsError, match="ARRDATAIllegalIPv4Address") as refused:
        change(dns, ("CREATE", wrong))
    assert refused.value.code == "InvalidChangeBatch"
    assert records(dns) == before


def test_the_right_swap_is_pending_then_in_sync(dns: Route53, world: TinyWorld, east: Backend, west: Backend) -> None:
    """The API shows it at once; by INSYNC the resolver answers by it."""
    until("the primary answers", lambda: world.answers.get(APEX) == address(world, Role.BALANCER), within=SOON)
    balancers = world.neighbour(Elbv2)
    until("DR is healthy", lambda: balancers.is_healthy(balancers.dns_name(Role.DR_BALANCER)), within=SOON)
    info = change(dns, *swapped(dns))

    assert info["Status"] == "PENDING"
    assert records(dns)["labelmintit.com.", "A", "dr"]["Failover"] == "PRIMARY"
    until("it is in sync", lambda: status(dns, info) == "INSYNC", within=SOON)
    assert world.answers[APEX] == address(world, Role.DR_BALANCER)


def test_the_resolver_answers_by_a_change_only_when_its_time_has_come() -> None:
    """30 s of Route 53 at pace 0.02 are 0.6 s: until then PENDING, and the old answer."""
    world = TinyWorld(pace=0.02)
    try:
        balancers, dns = world.add(Elbv2), world.add(Route53)
        balancers.raise_estate()
        dns.raise_estate()
        name = ("db.labelmintit.com", "CNAME")
        before = world.answers[name]
        record = {**records(dns)["db.labelmintit.com.", "CNAME", ""], "TTL": 7}
        info = change(dns, ("UPSERT", record))

        assert (status(dns, info), world.answers[name]) == ("PENDING", before)
        until("it is in sync", lambda: status(dns, info) == "INSYNC", within=SOON)
        assert world.answers[name] == AnswerSet(7, before.values)
    finally:
        world.close()


def test_dr_is_answered_only_when_it_is_healthy(dns: Route53, world: TinyWorld, east: Backend) -> None:
    """With both unhealthy the primary is answered; with DR healthy, DR; with the primary back, the primary."""
    until("the primary answers", lambda: world.answers.get(APEX) == address(world, Role.BALANCER), within=SOON)
    east.status = 503
    primary, dr = (dns.health_check_id(f"labelmintit-production-{name}") for name in ("primary", "dr"))
    until("the check sees it", lambda: not dns.is_healthy(primary) and not dns.is_healthy(dr), within=SOON)
    assert world.answers[APEX] == address(world, Role.BALANCER)

    west = serve(world, Role.DR_BALANCER, 2)
    until("DR answers", lambda: world.answers[APEX] == address(world, Role.DR_BALANCER), within=SOON)
    east.status = 200
    until("the primary answers again", lambda: world.answers[APEX] == address(world, Role.BALANCER), within=SOON)
    west.close()
    assert MachineEvent in {type(fact) for fact in world.facts}


def test_a_health_checks_status_is_what_the_checkers_saw(dns: Route53, world: TinyWorld, east: Backend) -> None:
    check = dns.health_check_id("labelmintit-production-primary")

    def seen() -> set[str]:
        return observations(dns, check)

    until("success", lambda: seen() == {"Success: HTTP Status Code 200, OK."}, within=SOON)
    east.status = 503
    until("failure", lambda: seen() == {"Failure: HTTP Status Code 503, Service Unavailable."}, within=SOON)
    world.neighbour(Elbv2).machine(Role.BALANCER).kill()
    until("nobody there", lambda: all("refused" in one for one in seen()), within=SOON)
    world.neighbour(Elbv2).machine(Role.BALANCER).start()


def test_a_frozen_endpoint_times_out(dns: Route53, world: TinyWorld, east: Backend) -> None:
    check = dns.health_check_id("labelmintit-production-primary")
    machine = world.neighbour(Elbv2).machine(Role.BALANCER)
    machine.pause()
    until("unhealthy", lambda: not dns.is_healthy(check), within=SOON)
    found = call(dns, "GetHealthCheckLastFailureReason", HealthCheckId=check)["HealthCheckObservations"]
    machine.resume()

    assert any("timed out" in one["StatusReport"]["Status"] for one in found)


def test_what_is_unknown(dns: Route53) -> None:
    unknown: list[tuple[str, dict[str, Any], str]] = [
        ("GetHealthCheckStatus", {"HealthCheckId": "none"}, "NoSuchHealthCheck"),
        ("GetHealthCheck", {"HealthCheckId": "none"}, "NoSuchHealthCheck"),
        ("GetHostedZone", {"Id": "Z0"}, "NoSuchHostedZone"),
        ("ListResourceRecordSets", {"HostedZoneId": "Z0"}, "NoSuchHostedZone"),
        ("ChangeResourceRecordSets", {"HostedZoneId": "Z0", "ChangeBatch": {"Changes": []}}, "NoSuchHostedZone"),
        ("GetChange", {"Id": "C0"}, "NoSuchChange"),
        ("ListTagsForResource", {"ResourceType": "healthcheck", "ResourceId": "none"}, "NoSuchHealthCheck"),
    ]
    for operation, params, expected in unknown:
        with pytest.raises(AwsError) as refused:
            call(dns, operation, **params)
        assert (refused.value.code, refused.value.status) == (expected, 404), operation


def test_the_dns_answer_can_be_tested(dns: Route53, world: TinyWorld) -> None:
    asked = {"HostedZoneId": dns.zone_id(), "RecordName": "labelmintit.com", "RecordType": "A"}
    given = call(dns, "TestDNSAnswer", **asked)
    assert (given["RecordData"], given["ResponseCode"]) == ([*address(world, Role.BALANCER).values], "NOERROR")
    assert call(dns, "TestDNSAnswer", **{**asked, "RecordName": "x.labelmintit.com"})["ResponseCode"] == "NXDOMAIN"


def test_routing_that_is_not_emulated_is_refused_honestly(dns: Route53) -> None:
    """The resolver has one answer a name, so weights would be a silent lie."""
    weighted = {"Name": "w.labelmintit.com", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    with pytest.raises(AwsError) as refused:
        change(dns, ("CREATE", {**weighted, "SetIdentifier": "a", "Weight": 1}))

    assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)


def test_a_new_zone_and_a_new_health_check(dns: Route53, world: TinyWorld, east: Backend) -> None:
    made = call(dns, "CreateHostedZone", Name="example.org", CallerReference="once")
    assert made["ChangeInfo"]["Status"] == "PENDING"
    with pytest.raises(AwsError, match="HostedZoneAlreadyExists"):
        call(dns, "CreateHostedZone", Name="example.org", CallerReference="once")
    machine = world.neighbour(Elbv2).machine(Role.BALANCER)
    config = {"Type": "HTTP", "IPAddress": machine.address, "Port": machine.port, "RequestInterval": 10}
    check = call(dns, "CreateHealthCheck", CallerReference="mine", HealthCheckConfig=config)["HealthCheck"]

    asked = {"HealthCheckId": check["Id"]}
    until("it was asked", lambda: call(dns, "GetHealthCheckStatus", **asked)["HealthCheckObservations"], within=SOON)
    assert call(dns, "GetHealthCheck", **asked)["HealthCheck"]["HealthCheckConfig"]["FailureThreshold"] == 3
    assert len(call(dns, "ListHealthChecks")["HealthChecks"]) == 3


def test_tags(dns: Route53) -> None:
    asked = {"ResourceType": "hostedzone", "ResourceId": dns.zone_id()}
    call(dns, "ChangeTagsForResource", **asked, AddTags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    call(dns, "ChangeTagsForResource", **asked, RemoveTagKeys=["b"])
    tags = call(dns, "ListTagsForResource", **asked)["ResourceTagSet"]["Tags"]

    assert {"Key": "a", "Value": "1"} in tags
    assert {"Key": "dr-drill", "Value": "allowed"} in tags
    assert not [tag for tag in tags if tag["Key"] == "b"]


def test_the_table_is_published_only_when_it_changed(
    dns: Route53, world: TinyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[object] = []
    monkeypatch.setattr(world.names, "put_zone", published.append)
    dns.refresh()

    assert published == []
