"""What the log keeps of a call."""

from __future__ import annotations

from harness.aws_rules import operations
from harness.cloud import calls


def test_reads_do_not_mutate_and_all_else_does() -> None:
    reads = ("DescribeDBInstances", "GetParameter", "ListHostedZones", "HeadBucket", "TestDNSAnswer", "LookupEvents")
    writes = (
        "PromoteReadReplica",
        "PutParameter",
        "ChangeResourceRecordSets",
        "UpdateService",
        "RunTask",
        "TestFailover",
    )

    assert not any(map(operations.mutates, reads))
    assert all(map(operations.mutates, writes))


def test_secrets_are_hidden_wherever_they_are() -> None:
    hidden = operations.redacted(
        {
            "MasterUserPassword": "a",
            "SecretString": "b",
            "Type": "SecureString",
            "Value": "c",
            "Nested": [{"AuthToken": "d"}, {"Type": "String", "Value": "shown"}],
            "Blob": b"1234",
        }
    )

    assert hidden == {
        "MasterUserPassword": "***",
        "SecretString": "***",
        "Type": "SecureString",
        "Value": "***",
        "Nested": [{"AuthToken": "***"}, {"Type": "String", "Value": "shown"}],
        "Blob": "<4 bytes>",
    }


def test_states_are_read_from_what_a_describe_showed() -> None:
    instances = {"DBInstances": [{"DBInstanceIdentifier": "a", "DBInstanceStatus": "modifying"}]}
    services = {
        "services": [
            {
                "serviceName": "s",
                "status": "ACTIVE",
                "deployments": [{"status": "PRIMARY", "rolloutState": "COMPLETED"}],
            },
            {"serviceName": "t", "status": "DRAINING"},
        ]
    }
    change = {"ChangeInfo": {"Id": "/change/C1", "Status": "INSYNC"}}
    targets = {"TargetHealthDescriptions": [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}]}

    assert calls.states("DescribeDBInstances", instances) == {"a": "modifying"}
    assert calls.states("DescribeServices", services) == {"s": "COMPLETED", "t": "DRAINING"}
    assert calls.states("GetChange", change) == {"/change/C1": "INSYNC"}
    assert calls.states("DescribeTargetHealth", targets) == {"10.0.0.1": "healthy"}
    assert calls.states("PromoteReadReplica", {"DBInstance": {}}) == {}


def test_datapoints_are_counted_of_the_metric_that_has_the_fewest() -> None:
    """A question that CloudWatch answers with nothing is no look at anything."""
    results = [{"Id": "a", "Values": [1.0, 2.0]}, {"Id": "b", "Values": []}]

    assert calls.datapoints("GetMetricStatistics", {"Datapoints": [{}, {}]}) == 2
    assert calls.datapoints("GetMetricStatistics", {}) == 0
    assert calls.datapoints("GetMetricData", {"MetricDataResults": results}) == 0
    assert calls.datapoints("GetMetricData", {"MetricDataResults": results[:1]}) == 2
    assert calls.datapoints("DescribeDBInstances", {}) is None
