"""A dark region refuses those who recover, and lets through whoever only looks and whatever belongs to no region."""

from __future__ import annotations

import threading

import pytest

from harness.capabilities import Darkness
from harness.cloud.region import RegionSwitch
from harness.cloud.service import Call, Unreachable


class Host:
    def __init__(self) -> None:
        self.dark = False

    def go_dark(self, how: Darkness) -> None:
        self.dark = True

    def is_dark(self) -> bool:
        return self.dark

    def come_back(self) -> None:
        self.dark = False


def switched(how: Darkness = Darkness.GONE, *, control_planes: bool = False) -> RegionSwitch:
    switch = RegionSwitch("us-east-1", lambda: (Host(), Host()))
    switch.go_dark(how, control_planes=control_planes)
    return switch


def call(service: str = "rds", operation: str = "DescribeX", region: str = "us-east-1", by: str = "automation") -> Call:
    return Call(service, operation, region, by, "id")


@pytest.mark.parametrize("who", ["automation", "application", "person", "command-line"])
def test_nobody_who_works_there_is_answered(who: str) -> None:
    with pytest.raises(Unreachable):
        switched().refuse(call(by=who))


@pytest.mark.parametrize(
    "heard",
    [
        call(by="observer"),
        call(region="us-west-2"),
        call("route53", "ChangeResourceRecordSets"),
        call("s3", "PutBucketReplication", "us-west-2"),
    ],
)
def test_the_rest_of_the_world_goes_on(heard: Call) -> None:
    switched().refuse(heard)


@pytest.mark.parametrize(
    "refused",
    [
        call("route53", "ChangeResourceRecordSets"),
        call("route53", "GetHealthCheckStatus"),
        call("iam", "CreateRole", "us-west-2"),
        call("s3", "PutBucketReplication", "us-west-2"),
    ],
)
def test_control_planes_of_the_whole_world_can_be_lost_with_it(refused: Call) -> None:
    with pytest.raises(Unreachable):
        switched(control_planes=True).refuse(refused)


def test_objects_elsewhere_are_still_written_without_control_planes() -> None:
    switched(control_planes=True).refuse(call("s3", "PutObject", "us-west-2"))


def test_a_black_hole_keeps_silent_until_the_region_is_back() -> None:
    switch = switched(Darkness.BLACK_HOLE)
    with pytest.raises(Unreachable) as silence:
        switch.refuse(call())
    assert isinstance(silence.value.until, threading.Event)
    assert not silence.value.until.is_set()
    switch.come_back()
    assert silence.value.until.is_set()
    switch.refuse(call())


def test_a_region_of_which_one_host_answers_is_not_dark() -> None:
    hosts = (Host(), Host())
    switch = RegionSwitch("us-east-1", lambda: hosts)
    switch.go_dark(Darkness.GONE)
    assert switch.is_dark()
    hosts[1].come_back()
    assert not switch.is_dark()


def test_a_region_without_a_host_cannot_be_lost() -> None:
    switch = RegionSwitch("us-east-1", tuple)
    switch.go_dark(Darkness.GONE)
    assert not switch.is_dark()
