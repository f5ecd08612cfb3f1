"""A scorecard is drawn once: a run keeps the page that its drill left beside the bundle, if it is of this bundle."""

from __future__ import annotations

import os
from pathlib import Path

from reports.render import beside, keep, render_run
from tests.golden.story import PASS, sealed


def test_a_page_that_the_drill_left_is_kept(tmp_path: Path) -> None:
    bundle = sealed(tmp_path / PASS.drill, PASS).folder
    keep(bundle, "drawn by the drill")
    index = render_run([bundle], tmp_path)
    assert beside(bundle).read_text() == "drawn by the drill"
    assert beside(bundle).name in index.read_text()


def test_a_page_older_than_the_seal_is_drawn_anew(tmp_path: Path) -> None:
    """It can only be of an earlier drill."""
    bundle = sealed(tmp_path / PASS.drill, PASS).folder
    keep(bundle, "of an earlier drill")
    os.utime(beside(bundle), (0, 0))
    render_run([bundle], tmp_path)
    assert "<html" in beside(bundle).read_text()
