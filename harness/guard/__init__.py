"""The one refusal below every fault and procedure: wrong account, region or zone, or a target not marked for drills.

The embedded cloud is safe by itself; the same checks run there so that they are known to work where it counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.aws import Aws, Outgoing
from harness.aws_rules.global_services import is_global
from harness.aws_rules.operations import mutates
from harness.aws_rules.tags import ALLOWED, DRILL_TAG
from harness.errors import BlastRadiusRefused
from harness.estate import Bucket, Estate, Region, Resource, Role
from harness.guard.tags import tags_reported


class Guard:
    """Allows what belongs to the estate and refuses the rest with BlastRadiusRefused."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._regions = {estate.regions.primary, estate.regions.dr}

    def check_account(self, aws: Aws) -> None:
        """The credentials belong to the estate's own account."""
        account = aws.sts().get_caller_identity()["Account"]
        if account != self._estate.account_id:
            raise BlastRadiusRefused(
                f"these credentials are of account {account}, the estate is in {self._estate.account_id}",
                hint="Use the credentials of the staging account, or the embedded environment.",
            )

    def check_call(self, call: Outgoing) -> None:
        """A hook for `Aws`: no change outside of the estate's regions and zone."""
        if not mutates(call.operation):
            return
        if call.service == "route53":
            self._check_records(call)
        elif not is_global(call.service) and call.region not in self._regions:
            raise BlastRadiusRefused(
                f"{call.operation} in {call.region} was stopped: the estate is in {', '.join(sorted(self._regions))}",
                hint="Call it in one of these, or name that region in the estate.",
            )

    def check_target(self, aws: Aws, role: Role) -> None:
        """What is about to be struck carries the tag that allows it: of a region, all that runs there."""
        for target in self._struck_with(role):
            if tags_reported(target, aws).get(DRILL_TAG) != ALLOWED:
                raise BlastRadiusRefused(
                    f"{target.called} is not marked as a drill target",
                    hint=f"Tag it {DRILL_TAG}={ALLOWED}, or run this drill with the embedded environment.",
                )

    def _struck_with(self, role: Role) -> Iterator[Resource]:
        target = self._estate.placed(role)
        if not isinstance(target, Region):
            yield target
            return
        for one in self._estate.resources:
            if one.region == target.region and not isinstance(one, Region | Bucket) and getattr(one, "raised", True):
                yield one

    def _check_records(self, call: Outgoing) -> None:
        for change in call.params.get("ChangeBatch", {}).get("Changes", []):
            name = str(change.get("ResourceRecordSet", {}).get("Name", "")).rstrip(".")
            if name != self._estate.zone.name and not name.endswith(f".{self._estate.zone.name}"):
                raise BlastRadiusRefused(
                    f"a change of {name or 'no name'} was stopped: the estate's zone is {self._estate.zone.name}",
                    hint="Change records of this zone alone, or name another zone in the estate.",
                )
