"""The probe of instances as RDS describes them: how two of them differ, and how well one is protected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.aws import Aws
from harness.estate import Database
from harness.facts import ProtectionSeen, Stage
from harness.probes.alarms import alarmed_metrics

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

TRAITS = (
    "DBInstanceClass", "Engine", "EngineVersion", "AllocatedStorage", "StorageType", "MultiAZ", "BackupRetentionPeriod",
    "PreferredBackupWindow", "DBParameterGroups", "DBSubnetGroup", "VpcSecurityGroups", "StorageEncrypted", "KmsKeyId",
    "PubliclyAccessible", "DeletionProtection", "AutoMinorVersionUpgrade", "CopyTagsToSnapshot",
)  # fmt: skip
"""What somebody decided for an instance, as RDS calls it; all else it has from where and when it was made."""
_NAMED_BY = {
    "DBParameterGroups": "DBParameterGroupName",
    "DBSubnetGroup": "DBSubnetGroupName",
    "VpcSecurityGroups": "VpcSecurityGroupId",
}
"""Of groups the names count; their states change while a call takes effect."""


def traits(instance: DBInstanceTypeDef) -> dict[str, str]:
    """Each trait in words; "none" is what RDS does not say."""
    shown: Mapping[str, Any] = {**instance}
    return {trait: _worded(trait, shown.get(trait)) for trait in TRAITS}


def _worded(trait: str, value: Any) -> str:
    if trait in _NAMED_BY:
        value = ", ".join(_names(trait, value))
    return "none" if value in (None, "") else str(value)


def _names(trait: str, value: Any) -> tuple[str, ...]:
    """What groups are called, in order of their names."""
    groups = value if isinstance(value, list) else [value or {}]
    return tuple(sorted(str(group.get(_NAMED_BY[trait], "")) for group in groups))


def protection(aws: Aws, place: Database, seen: DBInstanceTypeDef, stage: Stage) -> ProtectionSeen:
    """How well what is in that place is protected; its alarms are asked for. Raises ClientError."""
    pending = seen.get("PendingModifiedValues", {})  # what is to be weaker at the next window is weak already
    return ProtectionSeen(
        stage,
        seen["DBInstanceIdentifier"],
        seen.get("MultiAZ", False),
        min(seen.get("BackupRetentionPeriod", 0), pending.get("BackupRetentionPeriod", 35)),
        seen.get("DBInstanceClass", ""),
        ", ".join(_names("DBParameterGroups", seen.get("DBParameterGroups", []))),
        seen.get("StorageEncrypted", False),
        _names("VpcSecurityGroups", seen.get("VpcSecurityGroups", [])),
        (place.security_group,),
        alarmed_metrics(aws, place),
        seen.get("DeletionProtection", False),
    )
