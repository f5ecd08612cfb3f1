"""What people read at the end: every finding that is not a pass, and of a drill that ended early the reason."""

from __future__ import annotations

from harness.cli.summary import without_consequences
from harness.objectives import Fidelity, Outcome
from harness.verdict import Finding


def finding(name: str, outcome: Outcome = Outcome.INCONCLUSIVE, detail: str = "never measured") -> Finding:
    return Finding(name, outcome, Fidelity.REAL, detail)


def test_of_a_drill_that_ended_early_the_reason_is_told_and_what_failed() -> None:
    """What is in doubt follows from the reason; what was measured and is bad does not."""
    harness = finding("harness", detail="strike: interrupted by the user; drill: it ended before the recovery was over")
    fencing = finding("fencing", Outcome.FAIL, "it acknowledged 3 of 9 writes")
    assert without_consequences([harness, finding("RTO"), fencing, finding("RPO")]) == [harness, fencing]


def test_of_a_drill_that_ran_to_its_end_every_finding_is_told() -> None:
    """A problem of the harness is not the reason of another doubt then."""
    bad = [finding("harness", detail="keeping the logs: OSError: no"), finding("RTO"), finding("RPO")]
    assert without_consequences(bad) == bad
    assert without_consequences(bad[1:]) == bad[1:]
