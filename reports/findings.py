"""The findings of a scorecard: in one sentence, as a tally, and as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.objectives import Fidelity, Outcome
from harness.verdict import Finding, Verdict
from reports.words import count, joined


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A judged promise; `fidelity` is empty where nothing was measured, for that was not seen on anything real."""

    name: str
    outcome: Outcome
    fidelity: str
    detail: str

    @property
    def looks(self) -> tuple[str, ...]:
        """Of a witness's checks each by itself: there are a dozen of them."""
        return tuple(self.detail.split("; ")) if self.name == "checks" else ()


def rows(verdict: Verdict) -> tuple[FindingRow, ...]:
    """What was judged, the worst first."""
    missing = set(_unmeasured(verdict))
    return tuple(
        FindingRow(one.name, one.outcome, "" if one.name in missing else one.fidelity.value, _said(one))
        for one in sorted(judged(verdict), key=lambda finding: -finding.outcome)
    )


def judged(verdict: Verdict) -> tuple[Finding, ...]:
    """The findings but those that are only stated."""
    return tuple(finding for finding in verdict.findings if finding.fidelity is not Fidelity.DECLARED)


def untried(verdict: Verdict) -> tuple[Finding, ...]:
    """What the environment only states."""
    return tuple(finding for finding in verdict.findings if finding.fidelity is Fidelity.DECLARED)


def sentence(verdict: Verdict) -> str:
    """The verdict in one sentence, naming what decided it, and how far a pass reaches."""
    outcome, found = verdict.outcome, judged(verdict)
    names = {which: [f.name for f in found if f.outcome is which] for which in Outcome}
    if outcome is Outcome.PASS:
        return f"{_kept(found)}{_not_tried(untried(verdict))}."
    parts = []
    if broken := names[Outcome.FAIL]:
        parts.append(f"{count(len(broken), 'promise was', 'promises were')} broken: {', '.join(broken)}.")
    if doubtful := names[Outcome.INCONCLUSIVE]:
        parts.append(f"{count(len(doubtful), 'promise', 'promises')} could not be proved: {', '.join(doubtful)}.")
    if outcome is Outcome.INCONCLUSIVE:
        parts.append("A drill that proves nothing is no pass.")
    return " ".join(parts)


def tally(verdict: Verdict) -> str:
    """How many promises were kept, broken, not proved and not tried."""
    found = judged(verdict)
    kept = [finding for finding in found if finding.outcome is Outcome.PASS]
    broken, doubt = (sum(f.outcome is which for f in found) for which in (Outcome.FAIL, Outcome.INCONCLUSIVE))
    by_emulation = f" ({emulated} of them by emulated AWS)" if (emulated := _emulated(kept)) else ""
    return (
        f"{len(kept)} kept{by_emulation}, {broken} broken, {doubt} not proved, {len(untried(verdict))} not tried here."
    )


def _kept(found: Sequence[Finding]) -> str:
    emulated = f" ({number} of them by emulated AWS)" if (number := _emulated(found)) else ""
    return f"{count(len(found), 'promise was', 'promises were')} kept{emulated}"


def _not_tried(stated: Sequence[Finding]) -> str:
    if not stated:
        return ""
    return f"; {len(stated)} more {'is' if len(stated) == 1 else 'are'} only stated and not tried here"


def _emulated(found: Sequence[Finding]) -> int:
    return sum(finding.fidelity is Fidelity.EMULATED for finding in found)


def _unmeasured(verdict: Verdict) -> Iterator[str]:
    """The promises that lack their figure; service that never came back was seen all the same."""
    figures = {"RTO": verdict.rto and verdict.rto.seconds, "RPO": verdict.rpo and verdict.rpo.seconds}
    for name, seconds in figures.items():
        if seconds is None and verdict.of(name) is Outcome.INCONCLUSIVE:
            yield name


def _said(finding: Finding) -> str:
    """The detail; who serves is asked more than once, and the same answer is shown once."""
    return joined(finding.detail.split("; ")) if finding.name == "successor" else finding.detail
