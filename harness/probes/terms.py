"""Probes that read from the AWS API what the forecast counts on: how long nobody knows, what AWS mends by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from harness.aws_rules.durations import ALIAS_TTL, ENDPOINT_TTL, MULTI_AZ_FAILOVER
from harness.estate import Estate, Role
from harness.facts import ForecastInput, Part
from harness.probes.sight import Sight
from harness.probes.signals import Signal


def detection(sight: Sight, signals: Iterable[Signal]) -> ForecastInput:
    """How long the signals take to notice, from their own settings.

    Raises ClientError when one of them is missing: what cannot be seen cannot be promised.
    """
    times = [time for signal in signals for time in signal.times(sight)]
    return ForecastInput(
        Part.DETECT,
        "the signals",
        min(times, default=timedelta(0)),
        max(times, default=timedelta(0)),
        "their own settings, as the API gives them",
    )


def alias_kept(estate: Estate) -> ForecastInput:
    """For how long clients may keep the public name's answer, which is an alias of a balancer."""
    source = "Route 53 Developer Guide: an alias of a load balancer has a TTL of 60 seconds"
    what, kept = f"TTL of {estate.zone.public_name}", timedelta(seconds=ALIAS_TTL)
    return ForecastInput(Part.REDIRECT, what, timedelta(0), kept, source)


def failover(sight: Sight, role: Role) -> Iterator[ForecastInput]:
    """How long a database takes that goes on by itself at its own endpoint; nothing of one that has no standby."""
    database = sight.estate.database(role)
    described = sight.aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
    if described["DBInstances"][0].get("MultiAZ"):
        takes, what = MULTI_AZ_FAILOVER, f"failover of {database.identifier} by RDS itself"
        yield ForecastInput(Part.EXECUTE, what, takes.usual, takes.worst, takes.source)
        ttl = timedelta(seconds=ENDPOINT_TTL)
        source = "RDS best practices: an endpoint's own record lives for 5 seconds"
        yield ForecastInput(Part.REDIRECT, f"TTL of {database.identifier}'s endpoint", timedelta(0), ttl, source)
