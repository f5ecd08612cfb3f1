"""A scorecard is drawn once: a run keeps the page that its drill left beside the bundle, if it is of this bundle."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from harness.evidence import Bundle
from harness.objectives import Fidelity, Outcome
from harness.verdict import Finding, Verdict
from reports.render import Shown, beside, keep, render_run
from tests.golden.story import PASS, sealed

DOUBT = Finding("sentences", Outcome.INCONCLUSIVE, Fidelity.REAL, "a sentence of its scenario failed")


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return sealed(tmp_path / PASS.drill, PASS)


def shown(bundle: Bundle, verdict: Verdict | None = None) -> list[Shown]:
    return [Shown(PASS.drill, verdict or bundle.verdict, bundle.folder)]


def test_a_page_that_the_drill_left_is_kept(bundle: Bundle, tmp_path: Path) -> None:
    assert bundle.manifest
    keep(bundle.folder, drawn := f"drawn by the drill, manifest {bundle.manifest.hash}")
    index = render_run(shown(bundle), tmp_path)
    assert beside(bundle.folder).read_text() == drawn
    assert beside(bundle.folder).name in index.read_text()


@pytest.mark.parametrize("when", [0, 4e9])
def test_a_page_of_another_bundle_is_drawn_anew_whatever_its_date(bundle: Bundle, tmp_path: Path, when: float) -> None:
    keep(bundle.folder, "<h1>PASS</h1> of an earlier drill")
    os.utime(beside(bundle.folder), (when, when))
    render_run(shown(bundle), tmp_path)
    assert "<html" in beside(bundle.folder).read_text()


def test_a_run_that_doubts_a_pass_shows_no_green_page(bundle: Bundle, tmp_path: Path) -> None:
    """Neither on the index nor on the page that the drill itself had drawn."""
    assert bundle.manifest
    keep(bundle.folder, f"<title>PASS</title> manifest {bundle.manifest.hash}")
    doubted = replace(bundle.verdict, findings=(*bundle.verdict.findings, DOUBT))
    for page in (render_run(shown(bundle, doubted), tmp_path), beside(bundle.folder)):
        assert "<title>INCONCLUSIVE: " in page.read_text()
        assert "sentences" in page.read_text()


def test_what_cannot_be_believed_has_no_page(bundle: Bundle, tmp_path: Path) -> None:
    """The index tells the drill and why; the page that was drawn before is gone."""
    keep(bundle.folder, "<title>PASS</title>")
    lost = Verdict((Finding("evidence", Outcome.INCONCLUSIVE, Fidelity.REAL, "events.jsonl is altered"),))
    index = render_run([Shown(PASS.drill, lost, None)], tmp_path).read_text()
    assert "<title>INCONCLUSIVE: " in index
    assert ("events.jsonl is altered" in index, PASS.drill in index, "href" in index) == (True, True, False)
    assert not beside(bundle.folder).exists()
