"""The monthly verification: a recovery point is taken, the latest and an older one are restored aside, and removed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import ProcedureFailed
from harness.estate import Role, Vault
from harness.facts import Part
from harness.recovery import recovery_points
from harness.recovery.procedure import Recovery, Step

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef

_SECTION = "Testing and Validation / Monthly DR Tests"
LATEST, OLDER = "labelmintit-verification-latest", "labelmintit-verification-older"


@dataclass(frozen=True, slots=True)
class VerifyBackups:
    """The latest comes from the vault beside the database, the older one, chosen by chance, from the other region's."""

    database: Role = Role.PRIMARY_DATABASE

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("look for recovery points", Part.EXECUTE, _SECTION, self.look),
            Step("take a recovery point", Part.EXECUTE, _SECTION, self.take),
            Step("restore the latest and an older one", Part.EXECUTE, _SECTION, self.restore),
            Step("remove what was restored", Part.EXECUTE, _SECTION, self.remove),
        )

    def look(self, recovery: Recovery) -> None:
        for vault in recovery.estate.vaults:
            recovery_points.usable(recovery, vault, recovery.estate.database(self.database))

    def take(self, recovery: Recovery) -> None:
        recovery_points.back_up(recovery, self._near(recovery), recovery.estate.database(self.database))

    def restore(self, recovery: Recovery) -> None:
        database, near, far = recovery.estate.database(self.database), self._near(recovery), self._far(recovery)
        latest = recovery_points.usable(recovery, near, database)[0]
        older = random.choice(recovery_points.usable(recovery, far, database))
        jobs = [
            (near.region, self._begin(recovery, near, latest, LATEST)),
            (far.region, self._begin(recovery, far, older, OLDER)),
        ]
        for region, job in jobs:
            recovery_points.wait_restored(recovery, region, job)

    def remove(self, recovery: Recovery) -> None:
        near, far = self._near(recovery).region, self._far(recovery).region
        recovery_points.remove(recovery, [(near, LATEST), (far, OLDER)])

    def _begin(
        self, recovery: Recovery, vault: Vault, point: RecoveryPointByBackupVaultTypeDef, identifier: str
    ) -> str:
        wanted = recovery_points.placed(identifier, self._group(recovery, vault))
        return recovery_points.begin_restore(recovery, vault, point, wanted)

    def _near(self, recovery: Recovery) -> Vault:
        return _vault(recovery, recovery.estate.regions.primary)

    def _far(self, recovery: Recovery) -> Vault:
        return _vault(recovery, recovery.estate.regions.dr)

    def _group(self, recovery: Recovery, vault: Vault) -> str:
        """The group of a database that is in that region."""
        return next(one.security_group for one in recovery.estate.databases if one.region == vault.region)


def _vault(recovery: Recovery, region: str) -> Vault:
    for vault in recovery.estate.vaults:
        if vault.region == region:
            return vault
    raise ProcedureFailed(f"the estate has no backup vault in {region}")
