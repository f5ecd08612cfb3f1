"""The bars of the scorecard say what is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.facts import UNBOUNDED
from reports.bars import objectives
from tests.golden.story import PASS, sealed


def test_a_forecast_that_lacks_a_figure_is_a_floor_and_names_it(tmp_path: Path) -> None:
    bundle = sealed(tmp_path / "drill", PASS)
    assert bundle.verdict.rto is not None
    floor = replace(bundle.verdict.rto, forecast_high=None, forecast_missing=("how long a restore takes (db)",))
    rto, _ = objectives(replace(bundle, verdict=replace(bundle.verdict, rto=floor)))
    forecast = rto.bars[1]
    assert forecast.says.startswith("at least ")
    assert "how long a restore takes (db)" in forecast.says
    assert forecast.fill is None


def test_the_worst_client_is_named_also_when_it_was_never_served_again(tmp_path: Path) -> None:
    """One that never came back is worse than one that came back last, whose time would look like a recovery."""
    bundle = sealed(tmp_path / "drill", PASS)
    assert bundle.verdict.rto is not None
    assert bundle.verdict.rto.client
    assert bundle.verdict.rto.client in objectives(bundle)[0].under
    never = replace(bundle.verdict.rto, seconds=None, low=None, high=None, client="visitor-2")
    rto, _ = objectives(replace(bundle, verdict=replace(bundle.verdict, rto=never)))
    assert (rto.figure, rto.under) == ("not measured", "visitor-2 was never served for good again.")


def test_an_exposure_that_nobody_knows_is_said_so(tmp_path: Path) -> None:
    """The figure stands for more than any promise; it is not what could be lost."""
    bundle = sealed(tmp_path / "drill", PASS)
    assert bundle.verdict.rpo is not None
    unknown = replace(bundle.verdict.rpo, exposure_seconds=UNBOUNDED.total_seconds())
    _, rpo = objectives(replace(bundle, verdict=replace(bundle.verdict, rpo=unknown)))
    assert (rpo.bars[1].says, rpo.bars[1].over) == ("nobody knows", True)
