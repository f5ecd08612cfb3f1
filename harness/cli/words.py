"""Figures as people read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.cli.results import Result

_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def duration(seconds: float | timedelta | None) -> str:
    """As in 2.31 s, 12 min, 4 h; a dash for what was never measured."""
    if seconds is None:
        return "–"
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def rto(result: Result) -> str:
    """The measured outage against the rehearsal budget, and the forecast against the promise."""
    measured = f"{duration(result.rto.seconds)} of {duration(result.rto.rehearsal_seconds)}"
    forecast = f"forecast {duration(result.rto.forecast_high)} of {duration(result.rto.objective_seconds)}"
    return f"{measured}\n{forecast}"


def rpo(result: Result) -> str:
    """The measured loss against the rehearsal budget, and the exposure against the promise."""
    measured = f"{duration(result.rpo.seconds)} of {duration(result.rpo.rehearsal_seconds)}"
    exposure = f"exposure {duration(result.rpo.exposure_seconds)} of {duration(result.rpo.objective_seconds)}"
    return f"{measured}, {result.rpo.lost} of {result.rpo.acknowledged} lost\n{exposure}"
