"""The hosted zone ids of load balancers."""

from __future__ import annotations

import pytest

from harness.aws_rules.zones import BALANCER_ZONES, balancer_name, balancer_region


def test_every_region_has_a_zone_of_its_own() -> None:
    assert len(set(BALANCER_ZONES.values())) == len(BALANCER_ZONES)
    assert BALANCER_ZONES["us-east-1"] == "Z35SXDOTRQ7X7K"
    assert BALANCER_ZONES["us-west-2"] == "Z1H1FL5HABSF5"


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("alb-0123456789.us-west-2.elb.amazonaws.com", "us-west-2"),
        ("dualstack.Alb-0123456789.eu-west-1.elb.amazonaws.com.", "eu-west-1"),
        ("alb-0123456789.elb.us-west-2.amazonaws.com", None),
        ("us-west-2.elb.amazonaws.com", None),
        ("labelmintit.com", None),
    ],
)
def test_the_region_is_read_from_the_name(name: str, region: str | None) -> None:
    assert balancer_region(name) == region


def test_names_are_compared_in_one_form() -> None:
    assert balancer_name("dualstack.ALB-1.us-east-1.elb.amazonaws.com.") == "alb-1.us-east-1.elb.amazonaws.com"
