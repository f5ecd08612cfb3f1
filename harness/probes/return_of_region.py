"""The probe of a lost region that came back: is it well again, and does anybody go there?"""

from __future__ import annotations

import http.client
from collections.abc import Iterator

from harness.aws import Aws
from harness.dial import Directory, NameNotFound
from harness.estate import Estate
from harness.facts import RegionReturned
from harness.probes.application import get


def is_well_again(aws: Aws, estate: Estate, region: str) -> bool:
    """Whether Route 53's observers find every balancer of the region healthy whose health they check."""
    checks = list(_checks_in(aws, estate, region))
    return bool(checks) and all(_is_healthy(aws, check) for check in checks)


def returned(directory: Directory, estate: Estate, region: str, *, well: bool, asked_again: bool) -> RegionReturned:
    """Which region answers at the public name now."""
    asked = estate.zone.public_name
    try:
        reply = get(directory, asked, "/health")
    except (OSError, http.client.HTTPException, NameNotFound) as error:
        return RegionReturned(region, well, asked_again, "", f"{asked}: {error}")
    answered_by = str(reply.body.get("region", "")) if reply.status == 200 else ""
    return RegionReturned(region, well, asked_again, answered_by, f"{asked}: {reply.status}")


def _checks_in(aws: Aws, estate: Estate, region: str) -> Iterator[str]:
    """The ids of the health checks of the region's balancers, known by the names that AWS gave these."""
    names = [balancer.name for balancer in estate.balancers if balancer.region == region]
    found = aws.elbv2(region).describe_load_balancers(Names=names)["LoadBalancers"]
    hosts = {balancer["DNSName"].lower() for balancer in found}
    for check in aws.route53().list_health_checks()["HealthChecks"]:
        if check["HealthCheckConfig"].get("FullyQualifiedDomainName", "").lower() in hosts:
            yield check["Id"]


def _is_healthy(aws: Aws, check: str) -> bool:
    seen = aws.route53().get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    good = [one for one in seen if one.get("StatusReport", {}).get("Status", "").startswith("Success")]
    return 2 * len(good) > len(seen)
