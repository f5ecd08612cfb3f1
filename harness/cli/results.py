"""What the bundles of a run say: the exit code, and the one JSON object that pipelines read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.own_terms import other_terms
from harness.cli.salvaging import seal_what_is_left
from harness.errors import BlastRadiusRefused, EvidenceError, UsageError
from harness.evidence import Bundle, load, require_same, verify
from harness.facts import CallMade, DrillStarted, Problem
from harness.objectives import Fidelity, Outcome, overall
from harness.record import Record
from harness.verdict import Finding, RpoReport, RtoReport, Verdict

if TYPE_CHECKING:
    from harness.cli.catalogue import Entry

Specified = Callable[[DrillStarted], DrillStarted]
SCHEMA = 1
EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 2}
_WHY = (BlastRadiusRefused.exit_code, UsageError.exit_code)
"""Exit codes that say why a drill proved nothing, the one that counts first."""
_ALL_PASSED, _SOME_FAILED = 0, 1
"""The exit codes of a pytest that ran all it was to run (pytest, Exit codes)."""
_RTO = ("seconds", "low", "high", "phases", "objective_seconds", "rehearsal_seconds")


@dataclass(frozen=True, slots=True)
class Result:
    """How one drill of a run ended. `bundle` is None when it left no evidence."""

    drill: str
    environment: str
    operator: str
    verdict: Verdict
    rto: RtoReport | None
    """None where no recovery time is judged, since no client may lose service."""
    rpo: RpoReport
    api_calls: int
    wall_seconds: float | None
    bundle: Path | None
    problems: frozenset[int]
    """The exit codes of what went wrong in the drill."""
    whole: bool = False
    """Whether the bundle is sealed, untouched and the drill's own: no other may be shown to anybody."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the pytest of a drill ended: its exit code, minus the signal where one ended it, and that in words."""

    code: int
    why: str


def collect(
    entry: Entry, folder: Path, *, environment: str, operator: str, work_dir: Path, ending: Ending, specified: Specified
) -> Result:
    """Read a drill's bundle, completed from `work_dir` if its process died before it could.

    `specified` gives the terms that the drill had to be judged by, where the bundle tells how it was rehearsed.
    A drill that left no verdict is INCONCLUSIVE, `ending` saying what is known of the reason.
    """
    why = ending.why
    bundle: Path | None = folder
    saved: Bundle | None
    try:
        seal_what_is_left(folder, work_dir, why)
        saved = _sealed(folder, entry, specified)
        record, verdict = saved.record, _with_sentences(saved.verdict, folder, ending)
    except EvidenceError as error:
        detail = f"the drill left no verdict: {why}; {error.message}"
        record, verdict = Record(()), Verdict((Finding("evidence", Outcome.INCONCLUSIVE, Fidelity.REAL, detail),))
        saved, bundle = None, folder if folder.exists() else None
    return Result(
        entry.name, environment, operator, verdict, _rto(verdict, entry), verdict.rpo or _no_rpo(entry),
        len(record.all(CallMade)), _wall_seconds(record), bundle,
        frozenset(problem.exit_code for problem in record.all(Problem)), saved is not None,
    )  # fmt: skip


def _sealed(folder: Path, entry: Entry, specified: Specified) -> Bundle:
    """A drill's own bundle, untouched, judged from its own events by what was promised. Raises EvidenceError else."""
    saved = load(folder)
    verify(folder)
    if saved.manifest is None or saved.manifest.drill != entry.name:
        raise EvidenceError(f"{folder} is not the evidence of {entry.name}")
    told = saved.record.first(DrillStarted)
    if told and (others := list(other_terms(told, specified(told)))):
        raise EvidenceError(f"{folder} was judged by other terms than the drill's: {'; '.join(others)}")
    require_same(saved)
    return saved


def _with_sentences(verdict: Verdict, folder: Path, ending: Ending) -> Verdict:
    """The verdict, in doubt where every finding is a pass and pytest did not say so too, once and to its own end."""
    if verdict.effective is not Outcome.PASS or not (detail := _unsaid(folder, ending)):
        return verdict
    doubt = Finding("sentences", Outcome.INCONCLUSIVE, Fidelity.REAL, detail)
    return replace(verdict, findings=(*verdict.findings, doubt))


def _unsaid(folder: Path, ending: Ending) -> str:
    """Why pytest's word for a pass is missing; empty where it is there. Other drills of its process may have failed."""
    try:
        outcomes = told_by_pytest(folder).read_text().split()
    except OSError:
        outcomes = []
    if ending.code not in {_ALL_PASSED, _SOME_FAILED}:
        return ending.why
    if not outcomes:
        return f"pytest never said how its scenario ended; {ending.why}"
    if set(outcomes) != {"passed"}:
        return "a sentence of its scenario failed; pytest.log says which"
    return f"pytest ended its scenario {len(outcomes)} times" if len(outcomes) > 1 else ""


def told_by_pytest(folder: Path) -> Path:
    """Where pytest puts down how the scenario of the drill in `folder` ended (`steps/outcomes.py`)."""
    return folder.with_name(f"{folder.name}.pytest")


def worst(results: Iterable[Result]) -> Outcome:
    """The worst verdict of a run as it is, known gaps not considered."""
    return overall(result.verdict.outcome for result in results)


def exit_code(results: Iterable[Result]) -> int:
    """What the build sees; a known gap excuses its own finding while it is present and in date.

    A run that proved nothing is 3 when the guard refused, 4 when the settings were wrong, 2 for any other reason.
    """
    ended = list(results)
    outcome = overall(result.verdict.effective for result in ended)
    if outcome is Outcome.INCONCLUSIVE:
        doubtful = (result for result in ended if result.verdict.effective is outcome)
        met = frozenset[int]().union(*(result.problems for result in doubtful))
        return next((code for code in _WHY if code in met), EXIT_CODES[outcome])
    return EXIT_CODES[outcome]


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """The object that `drill run --json` prints."""
    return {"schema": SCHEMA, "verdict": worst(results).name, "drills": [_drill(result) for result in results]}


def _drill(result: Result) -> dict[str, Any]:
    gap = result.verdict.known_gap
    rto = asdict(result.rto) if result.rto else None
    return {
        "name": result.drill,
        "verdict": result.verdict.outcome.name,
        "known_gap": {"finding": gap.finding, "status": str(gap.status)} if gap else None,
        "environment": result.environment,
        "operator": result.operator,
        "rto": {key: rto[key] for key in _RTO} if rto else None,
        "rpo": _rpo(result.rpo),
        "findings": [finding_json(finding) for finding in result.verdict.findings],
        "api_calls": result.api_calls,
        "wall_seconds": result.wall_seconds,
        "evidence": str(result.bundle) if result.bundle else None,
    }


def finding_json(finding: Finding) -> dict[str, str]:
    """A finding as pipelines read it."""
    words = {"name": finding.name, "outcome": finding.outcome.name}
    return {**words, "fidelity": str(finding.fidelity), "detail": finding.detail}


def _rpo(rpo: RpoReport) -> dict[str, Any]:
    """The figures; writes that were never compared with the database are not zero, they are unknown."""
    figures = asdict(rpo)
    return figures if rpo.seconds is not None else figures | dict.fromkeys(("lost", "acknowledged", "unknown"))


def _rto(verdict: Verdict, entry: Entry) -> RtoReport | None:
    """What was measured, or, where nothing was, what it would have been held against."""
    if verdict.rto or not entry.spec.times_recovery:
        return verdict.rto
    promised, budget = entry.objectives.rto, entry.spec.rehearsal_rto
    return RtoReport(None, None, None, {}, promised.total_seconds(), budget.total_seconds())


def _no_rpo(entry: Entry) -> RpoReport:
    promised, budget = entry.objectives.rpo, entry.spec.rehearsal_rpo
    return RpoReport(None, 0, 0, 0, None, promised.total_seconds(), budget.total_seconds())


def _wall_seconds(record: Record) -> float | None:
    """From the first fact of the log to the last."""
    if not record.facts:
        return None
    return round((record.facts[-1].at - record.facts[0].at) / 1e9, 3)
