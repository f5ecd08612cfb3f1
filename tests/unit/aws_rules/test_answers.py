"""Which of the records Route 53 answers, from the health it knows."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from harness.aws_rules.answers import DnsAnswer, Health, answer, answer_table
from harness.aws_rules.records import Alias, RecordSet

EAST = "alb-0123456789.us-east-1.elb.amazonaws.com."
WEST = "dr-alb-0123456789.us-west-2.elb.amazonaws.com."
PRIMARY = RecordSet(
    "labelmintit.com.", "A", "primary",
    alias=Alias("Z35SXDOTRQ7X7K", EAST, evaluate_health=True), policy=("Failover", "PRIMARY"), health_check="east",
)  # fmt: skip
SECONDARY = RecordSet(
    "labelmintit.com.", "A", "dr",
    alias=Alias("Z1H1FL5HABSF5", WEST, evaluate_health=True), policy=("Failover", "SECONDARY"), health_check="west",
)  # fmt: skip
PAIR = (SECONDARY, PRIMARY)
ADDRESSES = {EAST: ("127.64.1.1",), WEST: ("127.64.2.1",)}


def health(*well: str) -> Health:
    """Everything in `well` is healthy: checks and balancers by name."""
    return Health(well.__contains__, well.__contains__, lambda name: ADDRESSES.get(name, ()))


ALL = ("east", "west", EAST, WEST)


def test_a_healthy_primary_is_answered_with_the_aliass_ttl() -> None:
    assert answer(PAIR, "LabelMintIT.com", "A", health(*ALL)) == DnsAnswer("A", 60, ("127.64.1.1",))


@pytest.mark.parametrize("ill", ["east", EAST])
def test_a_primary_is_ill_by_its_check_or_by_its_target(ill: str) -> None:
    """Both are asked: the alias evaluates its target's health, beside the record's own health check."""
    given = answer(PAIR, "labelmintit.com.", "A", health(*(set(ALL) - {ill})))

    assert given == DnsAnswer("A", 60, ("127.64.2.1",))


def test_the_secondary_is_answered_only_when_it_is_healthy_itself() -> None:
    """All sixteen states: DR is answered when the primary is unhealthy and DR is not, else the primary."""
    for flags in product([True, False], repeat=4):
        well = [name for name, healthy in zip(ALL, flags, strict=True) if healthy]
        primary, secondary = {"east", EAST} <= set(well), {"west", WEST} <= set(well)
        expected = "127.64.2.1" if secondary and not primary else "127.64.1.1"

        assert answer(PAIR, "labelmintit.com", "A", health(*well)) == DnsAnswer("A", 60, (expected,))


def test_a_target_that_is_not_to_be_evaluated_is_healthy() -> None:
    assert PRIMARY.alias
    trusting = dataclasses.replace(
        PRIMARY, alias=dataclasses.replace(PRIMARY.alias, evaluate_health=False), health_check=None
    )

    assert answer((trusting, SECONDARY), "labelmintit.com", "A", health("west", WEST)) == DnsAnswer(
        "A", 60, ("127.64.1.1",)
    )


@pytest.mark.parametrize("lonely", [PRIMARY, SECONDARY])
def test_half_a_pair_answers_whatever_its_health(lonely: RecordSet) -> None:
    assert answer((lonely,), "labelmintit.com", "A", health()) is not None


def test_a_cname_keeps_its_own_ttl_and_answers_any_type() -> None:
    cname = RecordSet("db.labelmintit.com.", "CNAME", ttl=30, values=("db.us-east-1.rds.amazonaws.com",))

    assert answer((cname,), "db.labelmintit.com", "A", health()) == DnsAnswer("CNAME", 30, cname.values)


def test_an_alias_within_the_zone_is_followed_and_a_loop_ends() -> None:
    target = RecordSet("www.labelmintit.com.", "A", ttl=5, values=("192.0.2.1",))
    alias = RecordSet("a.labelmintit.com.", "A", alias=Alias("ZONE", "www.labelmintit.com.", evaluate_health=False))
    loop = RecordSet("l.labelmintit.com.", "A", alias=Alias("ZONE", "l.labelmintit.com.", evaluate_health=False))

    assert answer((target, alias), "a.labelmintit.com", "A", health()) == DnsAnswer("A", 5, ("192.0.2.1",))
    assert answer((loop,), "l.labelmintit.com", "A", health()) is None


def test_the_table_holds_every_name_that_has_an_answer() -> None:
    cname = RecordSet("db.labelmintit.com.", "CNAME", ttl=30, values=("x.example.com",))

    assert set(answer_table((*PAIR, cname), health(*ALL))) == {
        ("labelmintit.com.", "A"), ("db.labelmintit.com.", "CNAME"),
    }  # fmt: skip


def test_a_name_without_records_has_no_answer() -> None:
    assert answer(PAIR, "nowhere.labelmintit.com", "A", health(*ALL)) is None
