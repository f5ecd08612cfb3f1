"""A picture drawn beside the teardown is used only when closing changed nothing of what it shows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from harness.evidence import load
from reports import timeline
from steps.allure_picture import Picture, SoFar
from tests.golden.story import FAIL, PASS, sealed


def _so_far(bundle_of: Path) -> SoFar:
    bundle = load(bundle_of)
    return SoFar(bundle.folder, bundle.record, bundle.verdict)


def test_what_was_drawn_ahead_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = sealed(tmp_path / "pass", PASS)
    expected = timeline.svg(bundle)
    picture = Picture(_so_far(bundle.folder))
    picture._thread.join()
    monkeypatch.setattr(timeline, "drawn", lambda _: "drawn again")
    assert picture.svg(load(bundle.folder)) == expected


def test_another_figure_is_drawn_anew(tmp_path: Path) -> None:
    bundle = sealed(tmp_path / "pass", PASS)
    before = _so_far(bundle.folder)
    assert before.verdict.rto is not None
    rto = dataclasses.replace(before.verdict.rto, seconds=0.5)
    altered = dataclasses.replace(before, verdict=dataclasses.replace(before.verdict, rto=rto))
    assert Picture(altered).svg(bundle) == timeline.svg(bundle)


def test_a_drill_that_was_never_judged_is_drawn_at_the_end(tmp_path: Path) -> None:
    bundle = sealed(tmp_path / "fail", FAIL)
    assert Picture(None).svg(bundle) == timeline.svg(bundle)
