"""What a judgement is: findings, the worst of them, and the figures that the RTO and the RPO rest on."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from harness.facts import UNBOUNDED
from harness.objectives import Fidelity, Outcome, overall


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged promise."""

    name: str
    outcome: Outcome
    fidelity: Fidelity
    detail: str


@dataclass(frozen=True, slots=True)
class ForecastPart:
    """One term of the forecast, in seconds."""

    part: str
    what: str
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class RtoReport:
    """Seconds without service for the worst client that decides, against the promise; None where never measured.

    `low` and `high` bound the measured figure; `phases` splits it; the forecast is what AWS's own durations would make
    of it. Where figures are missing, `forecast_low` is a floor and there is no `forecast_high`.
    """

    seconds: float | None
    low: float | None
    high: float | None
    phases: dict[str, float]
    objective_seconds: float
    rehearsal_seconds: float
    forecast_low: float | None = None
    forecast_high: float | None = None
    forecast_parts: tuple[ForecastPart, ...] = ()
    forecast_missing: tuple[str, ...] = ()
    client: str = ""
    """The worst client; empty where none lost service."""


@dataclass(frozen=True, slots=True)
class RpoReport:
    """Seconds of acknowledged writes lost, how many, and what the schedule exposes; None where never measured."""

    seconds: float | None
    lost: int
    acknowledged: int
    unknown: int
    exposure_seconds: float | None
    objective_seconds: float
    rehearsal_seconds: float

    @property
    def unbounded(self) -> bool:
        """Whether nobody knows how much the schedule could lose; the figure only stands for more than any promise."""
        return self.exposure_seconds is not None and self.exposure_seconds >= UNBOUNDED.total_seconds()


class GapStatus(enum.StrEnum):
    """What became of a declared gap."""

    PRESENT = "present"
    GONE = "gone"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class KnownGap:
    """A finding that is known to fail, and whether it still does."""

    finding: str
    status: GapStatus


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings and the worst of them."""

    findings: tuple[Finding, ...]
    rto: RtoReport | None = None
    rpo: RpoReport | None = None
    known_gap: KnownGap | None = None

    @property
    def outcome(self) -> Outcome:
        return overall(f.outcome for f in self.findings)

    def finding(self, name: str) -> Finding | None:
        return next((f for f in self.findings if f.name == name), None)

    def of(self, name: str) -> Outcome:
        """The outcome of one finding; a finding that was never made is INCONCLUSIVE."""
        found = self.finding(name)
        return found.outcome if found else Outcome.INCONCLUSIVE

    @property
    def effective(self) -> Outcome:
        """What the build should see: a declared gap excuses exactly its own finding while it is present and in date."""
        if self.known_gap is None:
            return self.outcome
        if self.known_gap.status is not GapStatus.PRESENT:
            return Outcome.FAIL
        return overall(f.outcome for f in self.findings if f.name != self.known_gap.finding)
