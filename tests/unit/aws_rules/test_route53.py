"""What Route 53 refuses, and in which words. Each refusal stands beside the batch that differs by the fault alone."""

from __future__ import annotations

from typing import Any

import pytest

from harness.aws_rules.records import RecordSet, RuleBroken, as_aws, changes_of, listing_order, record_of
from harness.aws_rules.route53 import Surroundings, check_batch

ZONE = "Z0AAAABBBBCCCCDDDDEE"
EAST = "labelmintit-production-alb-0123456789.us-east-1.elb.amazonaws.com"
WEST = "labelmintit-production-dr-alb-9876543210.us-west-2.elb.amazonaws.com"
EAST_ZONE = "Z35SXDOTRQ7X7K"
WEST_ZONE = "Z1H1FL5HABSF5"
CHECK = "2a5b8f1e-0000-4000-8000-000000000001"
AROUND = Surroundings(ZONE, "labelmintit.com", frozenset({CHECK}), frozenset({EAST, WEST}))


def alias(role: str, identifier: str, target: str = EAST, zone: str = EAST_ZONE, **more: Any) -> dict[str, Any]:
    return {
        "Name": "labelmintit.com",
        "Type": "A",
        "SetIdentifier": identifier,
        "Failover": role,
        "AliasTarget": {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": True},
        **more,
    }


def plain(name: str = "www.labelmintit.com", kind: str = "A", value: str = "192.0.2.1", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}], **more}


PRIMARY = alias("PRIMARY", "primary", HealthCheckId=CHECK)
SECONDARY = alias("SECONDARY", "dr", WEST, WEST_ZONE)
PAIR = tuple(record_of(raw) for raw in (PRIMARY, SECONDARY))


def change(action: str, raw: dict[str, Any]) -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": raw}


def apply(*changes: dict[str, Any], current: tuple[RecordSet, ...] = PAIR) -> tuple[RecordSet, ...]:
    return check_batch(AROUND, current, changes_of(changes))


def refusal(*changes: dict[str, Any], current: tuple[RecordSet, ...] = PAIR) -> RuleBroken:
    with pytest.raises(RuleBroken) as refused:
        apply(*changes, current=current)
    return refused.value


def test_the_runbooks_own_example_is_refused() -> None:
    """A second PRIMARY, aliased to a us-west-2 balancer with the zone id of us-east-1: AWS lists every reason."""
    error = refusal(change("UPSERT", alias("PRIMARY", "dr", WEST, EAST_ZONE)))

    assert error.code == "InvalidChangeBatch"
    assert error.status == 400
    assert error.message.startswith(f"[Tried to create an alias that targets {WEST}., type A in zone {EAST_ZONE}, but ")
    assert "but the alias target name does not lie within the target zone" in error.message
    assert "but that target was not found" in error.message
    assert "marked as primary cannot be created" in error.message


def test_one_batch_may_swap_primary_and_secondary() -> None:
    """Converting both records in one batch succeeds, in either order."""
    swap = [change("UPSERT", alias("SECONDARY", "primary", HealthCheckId=CHECK)),
            change("UPSERT", alias("PRIMARY", "dr", WEST, WEST_ZONE))]  # fmt: skip

    for batch in (swap, swap[::-1]):
        after = {record.set_identifier: record.failover for record in apply(*batch)}
        assert after == {"primary": "SECONDARY", "dr": "PRIMARY"}


@pytest.mark.parametrize("role", ["PRIMARY", "SECONDARY"])
def test_a_second_record_of_one_failover_role_is_refused(role: str) -> None:
    error = refusal(change("CREATE", alias(role, "third", WEST, WEST_ZONE)))

    assert f"SetIdentifier third, marked as {role.lower()} cannot be created" in error.message


def test_a_batch_is_atomic() -> None:
    """One bad change spoils the good ones beside it: nothing is returned to be stored."""
    error = refusal(change("CREATE", plain("good.labelmintit.com")), change("CREATE", PRIMARY))

    named = "[name='labelmintit.com.', type='A', set-identifier='primary']"
    assert error.message == f"[Tried to create resource record set {named} but it already exists]"


def test_deleting_what_is_missing() -> None:
    error = refusal(change("DELETE", plain()))

    named = "[name='www.labelmintit.com.', type='A']"
    assert error.message == f"[Tried to delete resource record set {named} but it was not found]"


def test_deleting_twice_in_one_batch() -> None:
    error = refusal(change("DELETE", PRIMARY), change("DELETE", PRIMARY))

    assert error.message.endswith("but it was not found]")


@pytest.mark.parametrize(
    "spoiled", [{"TTL": 61}, {"ResourceRecords": [{"Value": "192.0.2.2"}]}, {"Name": "WWW.labelmintit.com."}]
)
def test_deleting_needs_the_same_values(spoiled: dict[str, Any]) -> None:
    """TTL and values must be those of the record; case and a trailing dot of the name do not count."""
    current = (record_of(plain()),)
    asked = change("DELETE", {**plain(), **spoiled})
    if "Name" in spoiled:
        assert apply(asked, current=current) == ()
    else:
        assert "but the values provided do not match the current values" in refusal(asked, current=current).message


def test_creating_after_deleting_in_one_batch() -> None:
    """A simple record can take the place of a failover pair within a batch, and only so."""
    simple = plain("labelmintit.com")
    after = apply(change("DELETE", PRIMARY), change("DELETE", SECONDARY), change("CREATE", simple))

    assert [record.policy for record in after] == [None]
    error = refusal(change("CREATE", simple))
    assert error.message == (
        "[RRSet with DNS name labelmintit.com., type A cannot be created as other RRSets exist "
        "with the same name and type.]"
    )


def test_policies_of_one_name_and_type_must_agree() -> None:
    weighted = plain("labelmintit.com", SetIdentifier="half", Weight=1)

    assert refusal(change("CREATE", weighted)).message == (
        "[RRSet with DNS name labelmintit.com., type A, SetIdentifier half cannot be created as a non-weighted set "
        "exists with the same name and type.]"
    )
    assert apply(change("CREATE", weighted), current=())


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({**PRIMARY, "SetIdentifier": ""}, "Missing field 'SetIdentifier' in Change with [Action=UPSERT"),
        (plain(SetIdentifier="lonely"), "but found none in Change with"),
        ({**PRIMARY, "TTL": 60}, "but found more than one in Change with"),
        ({**plain(), "TTL": None}, "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]"),
        ({**plain(), "ResourceRecords": []}, "but found none in Change with"),
        ({**PRIMARY, "Weight": 1}, "but found more than one in Change with"),
    ],
)
def test_record_sets_that_cannot_exist(raw: dict[str, Any], words: str) -> None:
    """These are refused before the zone is looked at: InvalidInput."""
    error = refusal(change("UPSERT", raw))

    assert error.code == "InvalidInput"
    assert words in error.message


def test_an_action_must_be_one_of_three() -> None:
    assert refusal(change("MERGE", plain())).code == "InvalidInput"


def test_an_unknown_health_check() -> None:
    error = refusal(change("UPSERT", {**PRIMARY, "HealthCheckId": "unknown"}))

    assert (error.code, error.status) == ("NoSuchHealthCheck", 404)
    assert set(apply(change("UPSERT", PRIMARY))) == set(PAIR)


def test_a_primary_that_is_no_alias_needs_a_health_check() -> None:
    raw = plain("api.labelmintit.com", SetIdentifier="one", Failover="PRIMARY")

    assert (
        "A non-alias primary ResourceRecordSet must have an associated health check"
        in refusal(change("CREATE", raw)).message
    )
    assert apply(change("CREATE", {**raw, "HealthCheckId": CHECK}))


@pytest.mark.parametrize(
    ("target", "zone", "within"),
    [
        ("gone-0123456789.us-west-2.elb.amazonaws.com", WEST_ZONE, True),
        ("labelmintit-production-dr-alb-123456.us-west-2.elb.amazonaws.com", EAST_ZONE, False),
        (WEST, ZONE, False),
        ("nowhere.labelmintit.com", ZONE, True),
        ("d111111abcdef8.cloudfront.net", EAST_ZONE, False),
    ],
)
def test_an_alias_must_point_to_something_in_the_zone_it_names(target: str, zone: str, within: bool) -> None:
    error = refusal(change("UPSERT", alias("SECONDARY", "dr", target, zone)))

    assert ("does not lie within the target zone" not in error.message) is within
    assert "but that target was not found" in error.message


@pytest.mark.parametrize("target", [WEST, f"{WEST}.", f"dualstack.{WEST}", WEST.upper()])
def test_a_balancer_may_be_named_in_any_of_its_forms(target: str) -> None:
    assert apply(change("UPSERT", alias("SECONDARY", "dr", target, WEST_ZONE)))


def test_an_alias_of_a_record_made_in_the_same_batch() -> None:
    batch = [
        change("CREATE", plain()),
        change("CREATE", {**alias("PRIMARY", "x", "www.labelmintit.com", ZONE), "Name": "a.labelmintit.com"}),
    ]

    assert apply(*batch)


def test_a_cname_stands_alone() -> None:
    cname, other = plain(kind="CNAME", value="example.com"), plain()

    assert refusal(change("CREATE", cname), current=(record_of(other),)).message == (
        "[RRSet of type CNAME with DNS name www.labelmintit.com. is not permitted as it conflicts with other records "
        "with the same DNS name in zone labelmintit.com.]"
    )
    assert refusal(change("CREATE", other), current=(record_of(cname),)).message == (
        "[RRSet of type A with DNS name www.labelmintit.com. is not permitted because a conflicting RRSet of type "
        "CNAME with the same DNS name already exists in zone labelmintit.com.]"
    )
    assert apply(change("DELETE", cname), change("CREATE", other), current=(record_of(cname),))


def test_no_cname_at_the_apex() -> None:
    error = refusal(change("CREATE", plain("labelmintit.com", "CNAME", "example.com")), current=())

    assert (
        "RRSet of type CNAME with DNS name labelmintit.com. is not permitted at apex in zone labelmintit.com."
        in error.message
    )


@pytest.mark.parametrize("name", ["example.com", "evillabelmintit.com"])
def test_names_outside_of_the_zone(name: str) -> None:
    error = refusal(change("CREATE", plain(name)))

    assert error.message == f"[RRSet with DNS name {name}. is not permitted in zone labelmintit.com.]"


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("A", "labelmintit.com", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
        ("A", "192.0.2.256", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
        ("A", "2001:db8::1", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
        ("A", "192.0.2.1, 192.0.2.2", "ARRDATANotSingleField (Value contains spaces)"),
        ("AAAA", "192.0.2.1", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
        ("AAAA", "fe80::1%eth0", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
    ],
)
def test_an_address_record_holds_an_address(kind: str, value: str, why: str) -> None:
    """In the words of AWS, which names the value that it met."""
    refused = refusal(change("UPSERT", plain(kind=kind, value=value)))
    assert refused.code == "InvalidChangeBatch"
    assert refused.message == f"[Invalid Resource Record: 'FATAL problem: {why} encountered with '{value}'']"


@pytest.mark.parametrize(("kind", "value"), [("A", "192.0.2.1"), ("AAAA", "2001:db8::1"), ("CNAME", "192.0.2.1")])
def test_right_values_and_a_cname_that_looks_like_an_address_are_taken(kind: str, value: str) -> None:
    """Of a CNAME Route 53 asks only that it is a name, and 192.0.2.1 is one."""
    assert any(record.values == (value,) for record in apply(change("CREATE", plain(kind=kind, value=value))))


def test_the_apex_keeps_its_own_records() -> None:
    soa = plain("labelmintit.com", "SOA", "ns-1. hostmaster. 1 7200 900 1209600 86400")

    assert "must contain exactly one SOA record" in refusal(change("DELETE", soa), current=(record_of(soa),)).message


def test_a_record_read_from_the_api_is_shown_the_same_way() -> None:
    for raw in (PRIMARY, SECONDARY, plain()):
        assert record_of(as_aws(record_of(raw))) == record_of(raw)


def test_records_are_listed_by_their_labels_from_the_right() -> None:
    names = ["www.labelmintit.com", "labelmintit.com", "a.db.labelmintit.com", "db.labelmintit.com"]
    ordered = sorted((record_of(plain(name)) for name in names), key=listing_order)

    assert [record.name for record in ordered] == [
        "labelmintit.com.", "db.labelmintit.com.", "a.db.labelmintit.com.", "www.labelmintit.com.",
    ]  # fmt: skip
