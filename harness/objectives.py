"""The promised figures, and the three answers a check can give."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from harness.errors import UsageError

SUSTAINED = timedelta(seconds=2)
"""How long every request must be good before service counts as restored."""
LONGEST_REVIEW = timedelta(days=365)
"""How long a known gap may go without anybody looking at it again."""
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Outcome(enum.IntEnum):
    """Worst wins; a check that proved nothing is INCONCLUSIVE, and that is not a pass."""

    PASS = 0
    INCONCLUSIVE = 1
    FAIL = 2


class Fidelity(enum.StrEnum):
    """How a finding came about: seen on real servers, answered by an emulation, or only stated."""

    REAL = "real"
    EMULATED = "emulated"
    DECLARED = "declared"


def overall(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst outcome; nothing judged is INCONCLUSIVE."""
    return max(outcomes, default=Outcome.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Objectives:
    """What the business was promised: time without service, data lost, share of time available (0 to 1).

    Availability is stated for those who plan; one drill cannot measure a share of a year, and no finding judges it.
    """

    rto: timedelta
    rpo: timedelta
    availability: float = 0.999


def parse_duration(text: str) -> timedelta:
    """Read "4 hours", "1 hour", "90 seconds". Raises UsageError for anything else."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s+(second|minute|hour|day)s?\s*", text)
    if not found:
        raise UsageError(f"{text!r} is not a duration", hint='Write a number and a unit, such as "4 hours".')
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def parse_objectives(rows: Mapping[str, str]) -> Objectives:
    """Read a table of promised figures: RTO and RPO are required, Availability (such as "99.9 %") may be given."""
    unknown = sorted(set(rows) - {"RTO", "RPO", "Availability"})
    missing = sorted({"RTO", "RPO"} - set(rows))
    if unknown or missing:
        fault = f"unknown objectives {unknown}" if unknown else f"no objective for {missing}"
        raise UsageError(
            fault, hint="A table of recovery objectives has the rows RTO, RPO and, if wanted, Availability."
        )
    share = rows.get("Availability", "99.9 %")
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", share)
    if not found or float(found[1]) > 100:
        raise UsageError(f"{share!r} is not a percentage", hint='Write it as "99.9 %".')
    return Objectives(parse_duration(rows["RTO"]), parse_duration(rows["RPO"]), float(found[1]) / 100)
