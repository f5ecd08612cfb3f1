"""What can be told of an AWS call by its name and parameters: whether it changes anything, and what of it is secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_READS = re.compile(r"^(Describe|Get|List|Head|Lookup|Search|BatchGet|Simulate|Estimate|Check|Validate|Query|Select)")
_READS_TOO = frozenset({"TestDNSAnswer", "TestMetricFilter", "TestEventPattern"})
"""Operations named Test that only look; the others act, such as ElastiCache's TestFailover."""
_SECRET = re.compile(
    r"password|secretstring|secretbinary|authtoken|secretaccesskey|sessiontoken|privatekey", re.IGNORECASE
)
_HIDDEN = "***"
HOPELESS = frozenset(
    {
        "failed",
        "storage-full",
        "create-failed",
        "incompatible-restore",
        "incompatible-parameters",
        "incompatible-network",
        "inaccessible-encryption-credentials",
    }
)
"""States that an RDS instance or a cache does not leave by waiting (RDS User Guide, Viewing DB instance status)."""

PROMOTION = "PromoteReadReplica"
MODIFICATIONS = frozenset({"ModifyDBInstance", "ModifyReplicationGroup"})
"""Changes of a resource that may serve meanwhile, depending on what is changed."""


def mutates(operation: str) -> bool:
    """Whether an operation may change anything; one that is not known to look only is taken to."""
    return _READS.match(operation) is None and operation not in _READS_TOO


def is_secret(name: str) -> bool:
    """Whether a parameter of that name holds a secret."""
    return bool(_SECRET.search(name))


def redacted(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as plain data, with every secret hidden."""
    hide_value = params.get("Type") == "SecureString"
    return {
        key: _HIDDEN if is_secret(key) or (hide_value and key == "Value") else _plain(value)
        for key, value in params.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return redacted(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return value
