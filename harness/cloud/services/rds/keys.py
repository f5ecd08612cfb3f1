"""The KMS keys that databases and snapshots are encrypted with. The keys themselves are KMS's."""

from __future__ import annotations

import threading
import uuid

from harness.aws import Actor, Aws, Credentials, error_code
from harness.cloud.service import AwsError, World


class Keys:
    """Asks KMS, through the API, for the key that a caller means."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._aws: Aws | None = None

    def arn(self, region: str, name: str) -> str:
        """The ARN of a key of that region, given by id, ARN or alias. Raises KMSKeyNotAccessibleFault."""
        from botocore.exceptions import ClientError

        where = name.split(":")[3] if name.startswith("arn:") else region
        if where != region:
            raise AwsError("KMSKeyNotAccessibleFault", f"The KMS key {name} is not one of the region {region}.")
        if name.removeprefix(f"arn:aws:kms:{region}:{self._world.estate.account_id}:") == "alias/aws/rds":
            return default_key(region, self._world.estate.account_id)
        with self._lock:
            if self._aws is None:
                key_id, secret = self._world.access_key(Actor.OBSERVER)
                self._aws = Aws(self._world.endpoint_url, Credentials(key_id, secret), region=region)
            kms = self._aws.client("kms", region)
        try:
            return str(kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"])
        except ClientError as error:
            message = f"The specified KMS key [{name}] does not exist, is not enabled or you do not have permissions "
            raise AwsError("KMSKeyNotAccessibleFault", f"{message}to access it: {error_code(error)}.") from error


def default_key(region: str, account: str) -> str:
    """The ARN of the account's key for RDS, alias/aws/rds."""
    return f"arn:aws:kms:{region}:{account}:key/{uuid.uuid5(uuid.NAMESPACE_DNS, f'rds.{region}.{account}')}"
