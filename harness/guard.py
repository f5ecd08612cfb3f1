"""The one refusal below every fault and procedure: wrong account, wrong region, or a resource not marked for drills.

The embedded cloud is safe by itself; the same checks run there so that they are known to work where it counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.aws import Aws, Outgoing
from harness.errors import BlastRadiusRefused
from harness.estate import Estate

DRILL_TAG = "dr-drill"
ALLOWED = "allowed"
GLOBAL_SERVICES = frozenset({"route53", "iam", "sts", "cloudfront"})
_LOOKS = ("Describe", "List", "Get", "Test", "Head")


def is_change(operation: str) -> bool:
    """Whether an AWS operation changes anything."""
    return not operation.startswith(_LOOKS)


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
        """A hook for `Aws`: no change outside of the estate's regions."""
        if call.service in GLOBAL_SERVICES or not is_change(call.operation):
            return
        if call.region not in self._regions:
            raise BlastRadiusRefused(
                f"{call.operation} in {call.region} was stopped: the estate is in {', '.join(sorted(self._regions))}"
            )

    def check_tags(self, resource: str, tags: Mapping[str, str]) -> None:
        """A resource that is about to be struck carries the tag that allows it."""
        if tags.get(DRILL_TAG) != ALLOWED:
            raise BlastRadiusRefused(
                f"{resource} is not marked as a drill target",
                hint=f"Tag it {DRILL_TAG}={ALLOWED}, or run this drill with the embedded environment.",
            )
