"""AWS Backup's operations on vaults and on the recovery points in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.backup.shapes import shown_point, shown_point_of_resource, shown_vault
from harness.cloud.services.backup.state import Points, RecoveryPoint, Vault
from harness.cloud.services.backup.words import invalid, narrowed, page

_NAME = re.compile(r"^[a-zA-Z0-9_-]{2,50}$")
_BY: Mapping[str, Callable[[RecoveryPoint], object]] = {
    "ByResourceArn": lambda point: point.resource_arn,
    "ByResourceType": lambda point: point.keeper.resource_type,
    "ByBackupPlanId": lambda point: point.plan.get("BackupPlanId"),
    "ByCreatedBefore": lambda point: point.begun,
    "ByCreatedAfter": lambda point: point.begun,
    "ByParentRecoveryPointArn": lambda point: "",
}


class VaultCalls:
    """Vaults and recovery points of both regions."""

    def __init__(self, world: World, points: Points) -> None:
        self._world = world
        self._points = points

    def make(self, region: str, name: str, *, tags: dict[str, str] | None = None, key: str | None = None) -> Vault:
        """A new vault. Raises InvalidParameterValueException, AlreadyExistsException."""
        if not _NAME.match(name):
            raise invalid(f"Invalid backup vault name: {name}")
        arn = f"arn:aws:backup:{region}:{self._world.estate.account_id}:backup-vault:{name}"
        vault = Vault(name, arn, region, datetime.now(UTC), tags or {}, key)
        self._points.add_vault(vault)
        return vault

    @operation("CreateBackupVault")
    def create(self, call: Call) -> Answer:
        params = call.params
        vault = self.make(
            call.region, params["BackupVaultName"], tags=dict(params.get("BackupVaultTags", {})),
            key=params.get("EncryptionKeyArn"),
        )  # fmt: skip
        return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "CreationDate": vault.created}

    @operation("DescribeBackupVault")
    def describe(self, call: Call) -> Answer:
        return self._shown(self._vault(call))

    @operation("ListBackupVaults")
    def list_vaults(self, call: Call) -> Answer:
        shown, more = page(self._points.vaults(call.region), call, lambda vault: vault.name)
        return {"BackupVaultList": [self._shown(vault) for vault in shown], **more}

    @operation("DeleteBackupVault")
    def delete(self, call: Call) -> Answer:
        self._points.remove_vault(self._vault(call))
        return {}

    @operation("ListRecoveryPointsByBackupVault")
    def list_by_vault(self, call: Call) -> Answer:
        """In no order that AWS promises: here the oldest first, so that whoever takes the first is caught."""
        found = narrowed(self._points.of_vault(self._vault(call)), call.params, _BY)
        shown, more = page(sorted(found, key=lambda point: point.begun), call, lambda point: point.arn)
        with self._points.lock:
            return {"RecoveryPoints": [shown_point(point) for point in shown], **more}

    @operation("ListRecoveryPointsByResource")
    def list_by_resource(self, call: Call) -> Answer:
        arn = call.params["ResourceArn"]
        found = [point for point in self._points if point.resource_arn == arn and point.vault.region == call.region]
        shown, more = page(sorted(found, key=lambda point: point.begun), call, lambda point: point.arn)
        with self._points.lock:
            return {"RecoveryPoints": [shown_point_of_resource(point) for point in shown], **more}

    @operation("DescribeRecoveryPoint")
    def describe_point(self, call: Call) -> Answer:
        with self._points.lock:
            return shown_point(self._point(call))

    @operation("GetRecoveryPointRestoreMetadata")
    def metadata(self, call: Call) -> Answer:
        point = self._point(call)
        return {
            "BackupVaultArn": point.vault.arn,
            "RecoveryPointArn": point.arn,
            "RestoreMetadata": point.keeper.metadata(point.held),
            "ResourceType": point.keeper.resource_type,
        }

    @operation("DeleteRecoveryPoint")
    def delete_point(self, call: Call) -> Answer:
        with self._points.lock:
            point = self._point(call)
            if point.status == "CREATING":
                raise AwsError("InvalidResourceStateException", f"Recovery point {point.arn} is being created.")
            self._points.remove(point)
        point.keeper.remove(point.held)
        return {}

    @operation("ListTags")
    def list_tags(self, call: Call) -> Answer:
        for vault in self._points.vaults(call.region):
            if vault.arn == call.params["ResourceArn"]:
                return {"Tags": vault.tags}
        raise AwsError("ResourceNotFoundException", f"Resource {call.params['ResourceArn']} not found.")

    def _vault(self, call: Call) -> Vault:
        return self._points.vault(call.region, call.params["BackupVaultName"])

    def _point(self, call: Call) -> RecoveryPoint:
        return self._points.find(self._vault(call), call.params["RecoveryPointArn"])

    def _shown(self, vault: Vault) -> Answer:
        return shown_vault(vault, len(self._points.of_vault(vault)))
