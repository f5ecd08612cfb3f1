"""AWS's services that belong to no region, and whose control planes are in us-east-1 (AWS Fault Isolation Boundaries).

Their data planes are everywhere: names are answered and health is checked whatever becomes of that region.
"""

from __future__ import annotations

import re

GLOBAL_SERVICES = frozenset({"route53", "iam", "cloudfront"})
"""STS is none of them: it has an endpoint in each region, and the one without a region's name is us-east-1's."""
_OF_BUCKETS = re.compile(r"^(Create|Delete|Put)Bucket")


def is_global(service: str) -> bool:
    """Whether a call to that service reaches no region of its own."""
    return service in GLOBAL_SERVICES


def needs_us_east_1(service: str, operation: str) -> bool:
    """Whether a call is answered by a control plane of the whole world's."""
    return service in GLOBAL_SERVICES or (service == "s3" and bool(_OF_BUCKETS.match(operation)))


UNREACHABLE = "Unreachable"
"""What the trace calls the error of a call that nobody answered."""
