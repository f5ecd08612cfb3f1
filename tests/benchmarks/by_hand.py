"""The recovery as somebody would write it down for one night: what the drill's procedure does until everybody is led to
the promoted database, in boto3. No line is the harness's.
"""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.exceptions

POLL = 0.02
LONGEST = 60.0
METRICS = ("DatabaseConnections", "CPUUtilization", "FreeStorageSpace", "ReadLatency", "WriteLatency")


@dataclass(slots=True)
class ByHand:
    """Clients made beforehand, and the names that the script has in it."""

    endpoint_url: str
    region: str
    key: str
    secret: str
    lost: str
    group: str
    replica: str
    days: int
    settings: str
    cluster: str
    service: str
    zone: str
    name: str
    _clients: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        session = boto3.Session(self.key, self.secret, region_name=self.region)
        self._clients = {
            service: session.client(service, endpoint_url=self.endpoint_url)
            for service in ("rds", "cloudwatch", "ec2", "ssm", "ecs", "route53")
        }

    def recover(self, *, barely: bool) -> None:
        """Promote the replica, lead the application and the database's name to it; unless `barely`, assess and fence
        before, and protect it, as the drill's procedure does."""
        if not barely:
            self._assess()
            self._fence()
        host, port = self._promote()
        if not barely:
            self._protect()
        self._repoint(host, port)
        self._switch(host)

    def _assess(self) -> None:
        rds = self._clients["rds"]
        rds.describe_db_instances(DBInstanceIdentifier=self.lost)
        try:
            rds.describe_db_clusters(DBClusterIdentifier=self.lost)
        except botocore.exceptions.ClientError as error:
            print(f"no cluster: {error}", file=sys.stderr)
        for metric in METRICS:
            self._metric(self.lost, metric)
        replica = rds.describe_db_instances(DBInstanceIdentifier=self.replica)["DBInstances"][0]
        assert replica["DBInstanceStatus"] == "available"
        assert all(point["Average"] < 3600 for point in self._metric(self.replica, "ReplicaLag"))

    def _metric(self, instance: str, metric: str) -> Any:
        now = datetime.datetime.now(datetime.UTC)
        return self._clients["cloudwatch"].get_metric_statistics(
            Namespace="AWS/RDS", MetricName=metric, Dimensions=[{"Name": "DBInstanceIdentifier", "Value": instance}],
            StartTime=now - datetime.timedelta(minutes=10), EndTime=now, Period=60, Statistics=["Average"],
        )["Datapoints"]  # fmt: skip

    def _fence(self) -> None:
        ec2 = self._clients["ec2"]
        for group in ec2.describe_security_groups(GroupIds=[self.group])["SecurityGroups"]:
            ec2.revoke_security_group_ingress(GroupId=self.group, IpPermissions=group["IpPermissions"])

    def _protect(self) -> None:
        self._clients["rds"].modify_db_instance(
            DBInstanceIdentifier=self.replica, BackupRetentionPeriod=self.days, MultiAZ=True, DeletionProtection=True,
            ApplyImmediately=True,
        )  # fmt: skip

    def _promote(self) -> tuple[str, int]:
        rds = self._clients["rds"]
        rds.promote_read_replica(DBInstanceIdentifier=self.replica, BackupRetentionPeriod=self.days)

        def promoted() -> Any:
            seen = rds.describe_db_instances(DBInstanceIdentifier=self.replica)["DBInstances"][0]
            alone = not seen.get("ReadReplicaSourceDBInstanceIdentifier")
            return seen["Endpoint"] if seen["DBInstanceStatus"] == "available" and alone else None

        endpoint = _until(promoted)
        return endpoint["Address"], endpoint["Port"]

    def _repoint(self, host: str, port: int) -> None:
        ssm, ecs = self._clients["ssm"], self._clients["ecs"]
        for key, value in (("endpoint", host), ("port", str(port))):
            ssm.put_parameter(Name=f"{self.settings}/{key}", Value=value, Type="String", Overwrite=True)
        ecs.update_service(cluster=self.cluster, service=self.service, forceNewDeployment=True)

        def deployed() -> bool:
            seen = ecs.describe_services(cluster=self.cluster, services=[self.service])["services"][0]["deployments"]
            return len(seen) == 1 and seen[0]["rolloutState"] == "COMPLETED"

        _until(deployed)

    def _switch(self, host: str) -> None:
        route53 = self._clients["route53"]
        zone = route53.list_hosted_zones_by_name(DNSName=self.zone)["HostedZones"][0]["Id"]
        record = {"Name": self.name, "Type": "CNAME", "TTL": 30, "ResourceRecords": [{"Value": host}]}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        change = route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]["Id"]
        _until(lambda: route53.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC")


def _until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + LONGEST
    while not (result := condition()):
        if time.monotonic() > end:
            raise TimeoutError(condition.__qualname__)
        time.sleep(POLL)
    return result
