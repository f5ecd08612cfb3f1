"""The probe of all that serves: is it as it was? What a restore makes is made beside it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.aws import Aws
from harness.estate import Estate
from harness.facts import Probed, Stage
from harness.probes import cache, instances
from harness.probes.alarms import every_alarm
from harness.probes.configuration import configuration

UNTOUCHED = "live estate untouched"


def live(aws: Aws, estate: Estate) -> dict[str, str]:
    """All of it, by name: databases, caches and alarms in both regions, settings and records. Raises ClientError."""
    found = dict(configuration(aws, estate, "").values)
    for region in (estate.regions.primary, estate.regions.dr):
        found |= every_alarm(aws, region)
        for one in aws.rds(region).describe_db_instances()["DBInstances"]:
            found[one["DBInstanceArn"]] = " ".join(instances.traits(one).values())
        for group in aws.elasticache(region).describe_replication_groups()["ReplicationGroups"]:
            if group["MemberClusters"]:
                seen = cache.seen(aws, region, group["ReplicationGroupId"], Stage.VALIDATION)
                found[group["ARN"]] = " ".join([*cache.traits(seen).values(), *cache.places(group)])
    return found


def untouched(before: Mapping[str, str], now: Mapping[str, str]) -> Probed:
    """Nothing of what was there has changed or gone; what is new beside it is another matter."""
    changed = sorted(name for name, value in before.items() if now.get(name) != value)
    said = ", ".join(changed) or f"{len(before)} resources and settings"
    return Probed(Stage.VALIDATION, UNTOUCHED, ok=not changed, detail=said)
