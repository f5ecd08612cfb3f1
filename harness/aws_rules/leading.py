"""Changes of where clients are led, or of how something serves: to what is not ready they lead too early."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_SECRETS_LETTERS = re.compile(r"-[A-Za-z0-9]{6}$")
"""What Secrets Manager puts behind a name in an ARN."""


def _records(params: Mapping[str, Any]) -> tuple[str, ...]:
    changes = params.get("ChangeBatch", {}).get("Changes", ())
    return tuple(str(change.get("ResourceRecordSet", {}).get("Name", "")).rstrip(".") for change in changes)


def _parameter(params: Mapping[str, Any]) -> tuple[str, ...]:
    name = str(params.get("Name", ""))
    return (f"/{name.split(':parameter/', 1)[1]}" if ":parameter/" in name else name,)


def _secret(params: Mapping[str, Any]) -> tuple[str, ...]:
    name = str(params.get("SecretId", ""))
    return (_SECRETS_LETTERS.sub("", name.split(":secret:", 1)[1]) if ":secret:" in name else name,)


def _service(params: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(params.get(key, "")).rsplit("/", 1)[-1] for key in ("cluster", "service"))


def _target_group(params: Mapping[str, Any]) -> tuple[str, ...]:
    """`arn:…:targetgroup/NAME/ID`."""
    return ((str(params.get("TargetGroupArn", "")).split("/")[1:2] or [""])[0],)


def _balancer(params: Mapping[str, Any]) -> tuple[str, ...]:
    """`arn:…:listener/app/NAME/ID/ID`."""
    return ((str(params.get("ListenerArn", "")).split("/")[2:3] or [""])[0],)


_LEADS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "ChangeResourceRecordSets": _records,
    "PutParameter": _parameter,
    "PutSecretValue": _secret,
    "UpdateSecret": _secret,
    "UpdateService": _service,
    "RegisterTargets": _target_group,
    "DeregisterTargets": _target_group,
    "ModifyListener": _balancer,
}


def leads_clients(operation: str) -> bool:
    """Whether the operation sends clients somewhere."""
    return operation in _LEADS


def led(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    """The names, not the ARNs, of what serves otherwise after that call; none where it leads nobody."""
    return _LEADS[operation](params) if operation in _LEADS else ()
