"""Elastic Load Balancing as AWS answers, on real balancers.

What bare moto 5.2.5 does instead: every balancer has the hosted zone Z2P70J7EXAMPLE; targets are kept by id alone, so
the port is lost; an address of nowhere is accepted as a target; every target is healthy at once and for ever; a
listener's port is whatever was asked for; deregistered targets vanish without draining.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from harness.capabilities import HasTargets
from harness.cloud.service import AwsError
from harness.cloud.services.elbv2 import Elbv2
from harness.estate import Role
from harness.wait import until
from tests.contract.world import Backend, TinyWorld, call

SOON = timedelta(seconds=10)


@pytest.fixture
def world() -> Iterator[TinyWorld]:
    made = TinyWorld()
    yield made
    made.close()


@pytest.fixture
def elb(world: TinyWorld) -> Elbv2:
    service = world.add(Elbv2)
    service.raise_estate()
    return service


@pytest.fixture
def group(elb: Elbv2) -> str:
    [found] = call(elb, "DescribeTargetGroups", Names=["labelmintit-production-tg"])["TargetGroups"]
    return str(found["TargetGroupArn"])


@pytest.fixture
def backend(world: TinyWorld) -> Iterator[Backend]:
    made = Backend(world.addresses.next(1), world.addresses.ports[3000])
    yield made
    made.close()


def where(backend: Backend) -> dict[str, Any]:
    address, port = backend._server.server_address[:2]
    return {"Id": str(address), "Port": port}


def health(elb: Elbv2, group: str, *targets: dict[str, Any]) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"Targets": list(targets)} if targets else {}
    found = call(elb, "DescribeTargetHealth", TargetGroupArn=group, **asked)["TargetHealthDescriptions"]
    return [{**one["TargetHealth"], **one["Target"]} for one in found]


def state(elb: Elbv2, group: str, target: dict[str, Any]) -> str:
    [found] = health(elb, group, target)
    return str(found["State"])


def code(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_balancer_is_described_in_its_region_with_its_regions_zone(elb: Elbv2, world: TinyWorld) -> None:
    [east] = call(elb, "DescribeLoadBalancers")["LoadBalancers"]
    [west] = call(elb, "DescribeLoadBalancers", "us-west-2")["LoadBalancers"]

    assert (east["CanonicalHostedZoneId"], west["CanonicalHostedZoneId"]) == ("Z35SXDOTRQ7X7K", "Z1H1FL5HABSF5")
    assert east["State"] == {"Code": "active"}
    assert east["DNSName"].startswith("labelmintit-production-alb-")
    assert east["DNSName"].endswith(".us-east-1.elb.amazonaws.com")
    assert len(east["DNSName"].split(".")[0].rpartition("-")[2]) == 10
    assert elb.addresses(east["DNSName"]) == (world.names.address(east["DNSName"]),)


def test_unknown_names_are_refused(elb: Elbv2, group: str) -> None:
    """Also those that another region has."""
    refusals: list[tuple[str, dict[str, Any], str]] = [
        ("DescribeLoadBalancers", {"Names": ["labelmintit-production-dr-alb"]}, "LoadBalancerNotFound"),
        ("DescribeTargetGroups", {"Names": ["nothing"]}, "TargetGroupNotFound"),
        ("DescribeListeners", {"LoadBalancerArn": "arn:aws:elasticloadbalancing:x"}, "LoadBalancerNotFound"),
        ("DescribeTargetHealth", {"TargetGroupArn": f"{group}x"}, "TargetGroupNotFound"),
        ("RegisterTargets", {"TargetGroupArn": f"{group}x", "Targets": []}, "TargetGroupNotFound"),
        ("DeregisterTargets", {"TargetGroupArn": f"{group}x", "Targets": []}, "TargetGroupNotFound"),
        ("DescribeTags", {"ResourceArns": ["arn:aws:elasticloadbalancing:x"]}, "LoadBalancerNotFound"),
    ]
    for operation, params, expected in refusals:
        with pytest.raises(AwsError) as refused:
            call(elb, operation, **params)
        assert refused.value.code == expected, operation


def test_the_listener_says_where_the_balancer_really_listens(elb: Elbv2, world: TinyWorld) -> None:
    [balancer] = call(elb, "DescribeLoadBalancers")["LoadBalancers"]
    [listener] = call(elb, "DescribeListeners", LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]

    assert code(f"http://{world.names.address(balancer['DNSName'])}:{listener['Port']}/") == 503


def test_a_registered_target_becomes_healthy_and_serves(elb: Elbv2, group: str, backend: Backend) -> None:
    """And only then is the balancer healthy for Route 53: with no target it is not."""
    name = elb.dns_name(Role.BALANCER)
    assert not elb.is_healthy(name)
    call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[where(backend)])
    until("the target is healthy", lambda: state(elb, group, where(backend)) == "healthy", within=SOON)

    machine = elb.machine(Role.BALANCER)
    assert code(f"http://{machine.address}:{machine.port}/health") == 200
    assert elb.is_healthy(name)
    machine.kill()
    until("a dead balancer is unhealthy", lambda: not elb.is_healthy(name), within=SOON)


def test_a_target_is_an_address_and_a_port(elb: Elbv2, group: str, backend: Backend) -> None:
    """A port where nobody listens is another target, and an unhealthy one."""
    other = {**where(backend), "Port": 9}
    call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[where(backend), other])
    until("the other is unhealthy", lambda: state(elb, group, other) == "unhealthy", within=SOON)

    [found] = health(elb, group, other)
    assert (found["Reason"], found["Description"]) == ("Target.FailedHealthChecks", "Health checks failed")
    assert {one["Port"] for one in health(elb, group)} == {9, where(backend)["Port"]}


def test_a_target_that_answers_503_says_so(elb: Elbv2, group: str, backend: Backend) -> None:
    backend.status = 503
    call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[where(backend)])
    until("it is unhealthy", lambda: state(elb, group, where(backend)) == "unhealthy", within=SOON)

    [found] = health(elb, group)
    assert found["Reason"] == "Target.ResponseCodeMismatch"
    assert found["Description"] == "Health checks failed with these codes: [503]"
    assert not elb.is_healthy(elb.dns_name(Role.BALANCER))


def test_a_target_that_is_not_registered(elb: Elbv2, group: str) -> None:
    [found] = health(elb, group, {"Id": "127.0.0.9", "Port": 1})

    assert (found["State"], found["Reason"]) == ("unused", "Target.NotRegistered")


@pytest.mark.parametrize(("address", "expected"), [("10.0.0.1", "InvalidTarget"), ("i-0123456789", "ValidationError")])
def test_targets_from_outside_of_the_region(elb: Elbv2, group: str, address: str, expected: str) -> None:
    with pytest.raises(AwsError) as refused:
        call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[{"Id": address}])

    assert refused.value.code == expected
    assert health(elb, group) == []


def test_the_other_regions_addresses_are_outside(elb: Elbv2, group: str, world: TinyWorld) -> None:
    with pytest.raises(AwsError, match="InvalidTarget"):
        call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[{"Id": world.addresses.next(2)}])


def test_a_deregistered_target_drains_and_may_come_back() -> None:
    """It gets no new request at once, is shown draining for the delay, and is gone after it."""
    world = TinyWorld(pace=0.02)
    try:
        elb = world.add(Elbv2)
        elb.raise_estate()
        backend = Backend(world.addresses.next(1), world.addresses.ports[3000])
        [found] = call(elb, "DescribeTargetGroups")["TargetGroups"]
        group = found["TargetGroupArn"]
        only_id = {"Id": where(backend)["Id"]}
        call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[only_id])
        until("healthy", lambda: state(elb, group, only_id) == "healthy", within=SOON)
        call(elb, "DeregisterTargets", TargetGroupArn=group, Targets=[only_id])
        call(elb, "DeregisterTargets", TargetGroupArn=group, Targets=[{"Id": "127.0.0.9"}])

        [draining] = health(elb, group)
        machine = elb.machine(Role.BALANCER)
        assert (draining["State"], draining["Reason"]) == ("draining", "Target.DeregistrationInProgress")
        until("no request", lambda: code(f"http://{machine.address}:{machine.port}/") == 503, within=SOON)
        call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[only_id])
        until("healthy again", lambda: state(elb, group, only_id) == "healthy", within=SOON)
        call(elb, "DeregisterTargets", TargetGroupArn=group, Targets=[only_id])
        until("gone", lambda: health(elb, group) == [], within=SOON)
        backend.close()
    finally:
        world.close()


def test_changes_of_health_are_told(elb: Elbv2, group: str, backend: Backend) -> None:
    told: list[bool] = []
    elb.on_change(lambda: told.append(elb.is_healthy(elb.dns_name(Role.BALANCER))))
    call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[where(backend)])
    until("told of health", lambda: True in told, within=SOON)
    backend.status = 500
    until("told of illness", lambda: told[-1] is False, within=SOON)


def test_requests_are_counted(elb: Elbv2) -> None:
    machine = elb.machine(Role.BALANCER)
    before = next(one for one in elb.metrics() if one.region == "us-east-1").stats
    code(f"http://{machine.address}:{machine.port}/")
    after = next(one for one in elb.metrics() if one.region == "us-east-1").stats

    assert (after.requests - before.requests, after.server_errors - before.server_errors) == (1, 1)


def test_a_new_target_has_failed_nothing_before_its_first_check_has_ended(
    elb: Elbv2, world: TinyWorld, group: str
) -> None:
    """One that listens and does not answer is initial until its check times out, and only then unhealthy."""
    with socket.create_server((world.addresses.next(1), world.addresses.ports[3000])) as silent:
        target = {"Id": silent.getsockname()[0], "Port": silent.getsockname()[1]}
        call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[target])
        seen: list[str] = []

        def is_judged() -> bool:
            seen.append(state(elb, group, target))
            return seen[-1] != "initial"

        until("its first check ended", is_judged, within=SOON)
        assert len(seen) > 5
        assert health(elb, group, target)[0]["Reason"] == "Target.Timeout"


def test_somebody_misdirects_a_balancer_and_leads_it_back(
    elb: Elbv2, world: TinyWorld, group: str, backend: Backend
) -> None:
    """The right address at a wrong port, and an address where nobody is; what is led back is what was there."""
    right = where(backend)
    call(elb, "RegisterTargets", TargetGroupArn=group, Targets=[right])
    until("it serves", lambda: state(elb, group, right) == "healthy", within=SOON)
    target = elb.target(Role.BALANCER)
    assert isinstance(target, HasTargets)
    assert not target.is_misdirected()

    target.misdirect()
    until("nobody serves", target.is_misdirected, within=SOON)
    wrong = [one for one in health(elb, group) if one["State"] != "draining"]
    assert (right["Id"], right["Port"] + 1) in {(one["Id"], one["Port"]) for one in wrong}
    assert len(wrong) == 2
    until("both fail", lambda: {state(elb, group, one) for one in wrong} == {"unhealthy"}, within=SOON)

    target.direct_back()
    target.direct_back()
    until("it serves again", lambda: state(elb, group, right) == "healthy", within=SOON)
    assert not target.is_misdirected()
    until("the wrong ones are gone", lambda: len(health(elb, group)) == 1, within=SOON)


def test_what_has_no_targets_cannot_be_misdirected(elb: Elbv2) -> None:
    assert elb.target(Role.APPLICATION) is None
