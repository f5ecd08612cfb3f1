"""A drill in Allure: figures, picture, calls, scorecard, and the procedure's steps where they happened.

The scorecard is drawn here and left beside the bundle too, so that it is drawn once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any
from uuid import uuid4

from allure_commons.model2 import Link, Parameter, Status, StatusDetails, TestResult, TestStepResult
from allure_commons.types import AttachmentType

from harness.evidence import Bundle, load
from harness.facts import CallMade, StepEnded, StepStarted
from reports import timeline
from reports.bars import objectives
from reports.render import keep
from reports.scorecard import page

TAIL = 200
"""Lines of each server's log that are shown; the whole is in the bundle."""
_PERFORMED = "recovery procedure is performed"


def show(logger: Any, test: TestResult, folder: Path, links: Sequence[tuple[str, str]]) -> None:
    """Attach a bundle to a test. Raises EvidenceError when it cannot be read."""
    bundle = load(folder)
    test.descriptionHtml = _description(bundle, test.description or "")
    test.links.extend(Link(type="link", url=url, name=name) for name, url in links)
    for step in _procedure(bundle):
        _parent(test, step).steps.append(step)
    for name, body, kind in _attachments(bundle):
        logger.attach_data(str(uuid4()), body, name=name, attachment_type=kind, parent_uuid=test.uuid)


def _attachments(bundle: Bundle) -> Iterator[tuple[str, str | bytes, AttachmentType]]:
    scorecard = page(bundle)
    keep(bundle.folder, scorecard)
    yield "timeline", timeline.alone(timeline.svg(bundle)), AttachmentType.SVG
    yield "scorecard", scorecard, AttachmentType.HTML
    yield "measurements", (bundle.folder / "verdict.json").read_text(encoding="utf-8"), AttachmentType.JSON
    yield "API calls", _calls(bundle), AttachmentType.CSV
    for log in sorted((bundle.folder / "logs").glob("*")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        yield f"log: {log.name}", "\n".join(lines[-TAIL:]), AttachmentType.TEXT


def _calls(bundle: Bundle) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["seconds", "took ms", "actor", "service", "operation", "region", "status", "error", "request id"])
    for call in bundle.record.all(CallMade):
        seconds, took = f"{bundle.record.seconds(call.started):.3f}", f"{call.took.total_seconds() * 1000:.1f}"
        where = [call.actor, call.service, call.operation, call.region]
        table.writerow([seconds, took, *where, call.status, call.error, call.request_id])
    return text.getvalue()


def _procedure(bundle: Bundle) -> Iterator[TestStepResult]:
    """The steps of the recovery with their true times; one that never ended is broken and ends with the drill."""
    begun: dict[str, TestStepResult] = {}
    for stamped in bundle.record.stamped(StepStarted, StepEnded):
        at, fact = round(bundle.wall(stamped.at).timestamp() * 1000), stamped.fact
        if isinstance(fact, StepStarted):
            said = [Parameter(name="part", value=fact.part.value), Parameter(name="runbook", value=fact.runbook)]
            begun[fact.name] = TestStepResult(name=fact.name, start=at, parameters=[p for p in said if p.value])
        elif isinstance(fact, StepEnded) and (step := begun.pop(fact.name, None)):
            step.stop, step.status = at, Status.PASSED if fact.ok else Status.FAILED
            step.statusDetails = StatusDetails(message=fact.error) if fact.error else None
            yield step
    last = round(bundle.wall(bundle.record.facts[-1].at).timestamp() * 1000)
    for step in begun.values():
        step.stop, step.status = last, Status.BROKEN
        yield step


def _parent(test: TestResult, step: TestStepResult) -> TestResult | TestStepResult:
    """The Gherkin step during which a step of the procedure began; else the one that performs the recovery."""
    for gherkin in test.steps:
        if gherkin.start is not None and gherkin.stop is not None and gherkin.start <= step.start <= gherkin.stop:
            return gherkin  # type: ignore[no-any-return]
    return next((gherkin for gherkin in test.steps if _PERFORMED in gherkin.name), test)


def _description(bundle: Bundle, said: str) -> str:
    """The verdict and the two figures as a small table; Allure keeps tables and takes pictures away."""
    rows = "".join(
        f"<tr><th align='left'>{escape(o.name)}</th><td>{escape(o.figure)}</td><td>{escape(o.under)}</td></tr>"
        for o in objectives(bundle)
    )
    head = f"<tr><th align='left'>Verdict</th><td colspan='2'><b>{bundle.verdict.outcome.name}</b></td></tr>"
    return f"<p>{escape(said)}</p><table border='1' cellpadding='6'>{head}{rows}</table>"
