"""What leads clients elsewhere is known by its name, however a call names it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.aws_rules.leading import leads_clients, led


@pytest.mark.parametrize(
    ("operation", "params", "names"),
    [
        ("PutParameter", {"Name": "/a/b"}, ("/a/b",)),
        ("PutParameter", {"Name": "arn:aws:ssm:us-east-1:1:parameter/a/b"}, ("/a/b",)),
        ("PutSecretValue", {"SecretId": "a/b"}, ("a/b",)),
        ("UpdateSecret", {"SecretId": "arn:aws:secretsmanager:us-east-1:1:secret:a/b-AbCdEf"}, ("a/b",)),
        ("UpdateService", {"cluster": "c", "service": "s"}, ("c", "s")),
        (
            "UpdateService",
            {"cluster": "arn:aws:ecs:us-east-1:1:cluster/c", "service": "arn:aws:ecs:us-east-1:1:service/c/s"},
            ("c", "s"),
        ),
        ("RegisterTargets", {"TargetGroupArn": "arn:aws:elasticloadbalancing:x:1:targetgroup/g/6d0ecf"}, ("g",)),
        ("DeregisterTargets", {"TargetGroupArn": "arn:aws:elasticloadbalancing:x:1:targetgroup/g/6d0ecf"}, ("g",)),
        ("ModifyListener", {"ListenerArn": "arn:aws:elasticloadbalancing:x:1:listener/app/lb/5f/8d"}, ("lb",)),
    ],
)
def test_it_is_called_by_its_name(operation: str, params: dict[str, Any], names: tuple[str, ...]) -> None:
    assert leads_clients(operation)
    assert led(operation, params) == names


def test_who_only_looks_leads_nobody() -> None:
    assert not led("DescribeServices", {"cluster": "c", "services": ["s"]})
