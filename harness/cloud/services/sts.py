"""AWS STS: who am I. Roles are not there to be assumed, and moto would let anybody assume anything: a clean 501."""

from __future__ import annotations

from harness.cloud.service import Answer, Call, Service, operation


class Sts(Service):
    """Each actor is an IAM user of the account."""

    name = "sts"

    @operation("GetCallerIdentity")
    def get_caller_identity(self, call: Call) -> Answer:
        account = self.world.estate.account_id
        key, _ = self.world.access_key(call.actor)
        return {
            "UserId": key.replace("AKIA", "AIDA", 1),
            "Account": account,
            "Arn": f"arn:aws:iam::{account}:user/{call.actor}",
        }
