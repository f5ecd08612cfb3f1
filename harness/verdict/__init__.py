"""The judge and what a judgement is made of. Pure: it reads a record and touches nothing."""

from harness.verdict.data import WRONG
from harness.verdict.judge import judge
from harness.verdict.model import (
    Finding,
    ForecastPart,
    GapStatus,
    KnownGap,
    RpoReport,
    RtoReport,
    Verdict,
)

__all__ = ["WRONG", "Finding", "ForecastPart", "GapStatus", "KnownGap", "RpoReport", "RtoReport", "Verdict", "judge"]
