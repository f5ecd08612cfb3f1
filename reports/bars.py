"""RTO and RPO as bars: what was measured and forecast, against what was budgeted and promised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.evidence import Bundle
from harness.facts import ExposureSeen
from harness.verdict import Finding, RpoReport, RtoReport
from reports.words import between, count, duration, seen_as

NOT_MEASURED = duration(None)


@dataclass(frozen=True, slots=True)
class Bar:
    """An amount on a rail with a limit, in per cent of the rail; `maybe` is the stretch between low and high."""

    what: str
    says: str
    limit_says: str
    fill: float | None
    maybe: float
    limit: float
    over: bool


@dataclass(frozen=True, slots=True)
class Objective:
    """One promised figure. `figure` is the large one."""

    name: str
    finding: Finding | None
    figure: str
    under: str
    bars: tuple[Bar, ...]

    @property
    def measured(self) -> bool:
        """Whether there is a figure; where there is none, nothing was seen on real servers either."""
        return self.figure != NOT_MEASURED


def bar(what: str, low: float | None, high: float | None, limit: float, limit_says: str, says: str = "") -> Bar:
    """A bar whose rail ends a little behind the larger of amount and limit."""
    scale = max(limit, high or 0.0) * 1.12 or 1.0
    limit_at = round(100 * limit / scale, 2)
    words = says or between(low, high)
    if low is None or high is None:
        return Bar(what, words, limit_says, None, 0.0, limit_at, over=False)
    maybe = round(100 * (high - low) / scale, 2)
    return Bar(what, words, limit_says, round(100 * low / scale, 2), maybe, limit_at, high > limit)


def objectives(bundle: Bundle) -> tuple[Objective, ...]:
    """RTO and RPO, where the drill stated its terms."""
    verdict = bundle.verdict
    return tuple(
        Objective(name, verdict.finding(short), figure, under, tuple(bars))
        for name, short, (figure, under), bars in (
            ("Recovery time (RTO)", "RTO", _rto_says(verdict.rto), _rto_bars(verdict.rto)),
            ("Data lost (RPO)", "RPO", _rpo_says(verdict.rpo, bundle), _rpo_bars(bundle)),
        )
    )


def _rto_says(rto: RtoReport | None) -> tuple[str, str]:
    if rto is None or rto.seconds is None:
        lost = rto is not None and rto.client
        never = f"{lost} was never served for good again."
        return NOT_MEASURED, never if lost else "No client lost service, so there is nothing to time."
    span = "" if duration(rto.low) == duration(rto.high) else f"; the moment lies {between(rto.low, rto.high)} after it"
    return duration(rto.seconds), f"From the strike until {rto.client} had been served for good{span}."


def _rto_bars(rto: RtoReport | None) -> Iterator[Bar]:
    if rto is None:
        return
    budget = f"budget {duration(rto.rehearsal_seconds)}"
    yield bar("In rehearsal", rto.low, rto.high, rto.rehearsal_seconds, budget, duration(rto.seconds))
    promised = f"promised {duration(rto.objective_seconds)}"
    if rto.forecast_high is not None:
        said = between(rto.forecast_low, rto.forecast_high)
    else:
        floor = f"at least {duration(rto.forecast_low)}; " if rto.forecast_low is not None else ""
        said = f"{floor}a figure is missing: {', '.join(rto.forecast_missing)}"
    yield bar("Forecast on AWS", rto.forecast_low, rto.forecast_high, rto.objective_seconds, promised, said)


def _rpo_says(rpo: RpoReport | None, bundle: Bundle) -> tuple[str, str]:
    if rpo is None or rpo.seconds is None or not rpo.acknowledged:
        return NOT_MEASURED, "No acknowledged write could be looked for."
    lost = f"{rpo.lost:,} of {count(rpo.acknowledged, 'acknowledged write')} lost"
    doubt = f"; {count(rpo.unknown, 'write')} of unknown fate" if rpo.unknown else ""
    when = "; so far back they go, from the strike or from the last of them" if rpo.lost else ""
    return duration(rpo.seconds), f"{lost}{doubt}{when}."


def _rpo_bars(bundle: Bundle) -> Iterator[Bar]:
    rpo, exposures = bundle.verdict.rpo, bundle.record.all(ExposureSeen)
    if rpo is None:
        return
    worst = max(exposures, key=lambda seen: seen.exposure, default=None)
    yield bar(
        "In rehearsal", rpo.seconds, rpo.seconds, rpo.rehearsal_seconds, f"budget {duration(rpo.rehearsal_seconds)}"
    )
    exposed = rpo.exposure_seconds
    said = "nobody knows" if rpo.unbounded else duration(exposed) if exposed is not None else "unknown"
    yield bar(
        seen_as(worst),
        exposed,
        exposed,
        rpo.objective_seconds,
        f"promised {duration(rpo.objective_seconds)}",
        said,
    )
