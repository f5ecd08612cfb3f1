"""Figures as people read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from reports import words

if TYPE_CHECKING:
    from harness.cli.results import Result

_UNKNOWN = "–"


def duration(seconds: float | timedelta | None) -> str:
    """As the reports say it, 2.31 s, 12 min, 4 h; a dash for what was never measured: a table has little room."""
    if seconds is None:
        return _UNKNOWN
    return words.duration(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)


def rto(result: Result) -> str:
    """The measured outage against the rehearsal budget, and the forecast against the promise."""
    if result.rto is None:
        return "not judged"
    measured = f"{duration(result.rto.seconds)} of {duration(result.rto.rehearsal_seconds)}"
    forecast = f"forecast {duration(result.rto.forecast_high)} of {duration(result.rto.objective_seconds)}"
    return f"{measured}\n{forecast}"


def rpo(result: Result) -> str:
    """The measured loss against the rehearsal budget, and the exposure against the promise."""
    measured = f"{duration(result.rpo.seconds)} of {duration(result.rpo.rehearsal_seconds)}"
    lost = f"{result.rpo.lost} of {result.rpo.acknowledged}" if result.rpo.seconds is not None else _UNKNOWN
    most = "unbounded" if result.rpo.unbounded else duration(result.rpo.exposure_seconds)
    exposure = f"exposure {most} of {duration(result.rpo.objective_seconds)}"
    return f"{measured}, {lost} lost\n{exposure}"
