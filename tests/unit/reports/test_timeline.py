"""The picture tells what happened, from the ledger, and draws whatever it is given."""

from __future__ import annotations

import dataclasses
import itertools
import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from harness.facts import ClientKind, ClientStarted, FaultStruck
from harness.heard import Heard, ReadBack
from harness.ledger import LEDGER
from harness.record import Record, Stamped
from reports import timeline
from reports.lanes import Lanes, Mark, labels, lanes
from tests.golden.story import FAIL, HOSTILE, INCONCLUSIVE, PASS, sealed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def test_lanes_hold_the_steps_the_parts_and_what_each_client_got(folder: Path) -> None:
    bundle = sealed(folder / "pass", PASS)
    picture = lanes(bundle)

    assert picture is not None
    assert [step.name for step in picture.steps][:1] == ["assess the impact"]
    assert bundle.verdict.rto is not None
    assert picture.parts[-1].end == pytest.approx(bundle.verdict.rto.seconds, abs=0.05)
    for client in picture.clients:
        middle = (client.edges[:-1] + client.edges[1:]) / 2
        down = (middle > 0.2) & (middle < 3.0)
        assert not client.good[down].any()
        assert (client.bad[down] == 1).all()
        assert not client.bad[middle < -0.2].any()


def test_an_even_rate_looks_even(folder: Path) -> None:
    """Bins hold whole periods of a client's schedule, so that no comb appears where nothing happened."""
    picture = lanes(sealed(folder / "even", INCONCLUSIVE))

    assert picture is not None
    for client in picture.clients:
        served = client.good[1 : int(client.good.nonzero()[0][-1])]
        assert set(served) == {1.0}


def test_a_drill_that_never_struck_still_has_a_picture(folder: Path) -> None:
    bundle = dataclasses.replace(sealed(folder / "never", PASS), record=Record(()))

    assert lanes(bundle) is None
    assert "nothing was struck" in timeline.svg(bundle)


def test_a_missing_ledger_leaves_its_lane_out(folder: Path) -> None:
    bundle = sealed(folder / "missing", PASS)
    (bundle.folder / "ledger" / "writers.bin").unlink()
    picture = lanes(bundle)

    assert picture is not None
    assert [client.client for client in picture.clients] == ["visitor-fresh", "visitor-ttl"]


def test_a_reader_who_was_answered_without_the_cache_was_not_served(folder: Path) -> None:
    """The lane says what the verdict says: a reader's service is the cache's."""
    bundle = sealed(folder / "reader", PASS)
    struck = bundle.record.when(FaultStruck)
    assert struck is not None
    due = [struck + number * 20_000_000 for number in range(-50, 150)]
    rows = [
        (number, at, at, at, at, 0, 9, Heard.ACKNOWLEDGED, ReadBack.RIGHT if at < struck else ReadBack.FAILED, 200)
        for number, at in enumerate(due)
    ]
    np.array(rows, LEDGER).tofile(bundle.folder / "ledger/reader.bin")
    started = ClientStarted(
        "reader", ClientKind.READER, "ledger/reader.bin", "ttl", (9,), timedelta(milliseconds=20), decides=True
    )
    record = dataclasses.replace(bundle.record, facts=(*bundle.record.facts, Stamped(struck, started)))
    picture = lanes(dataclasses.replace(bundle, record=record))

    assert picture is not None
    reader = picture.clients[-1]
    assert reader.client == "reader"
    assert reader.good[reader.edges[1:] < -0.1].any()
    assert not reader.good[reader.edges[:-1] > 0.1].any()


def test_the_svg_is_the_same_for_the_same_bundle_and_speaks_in_variables(folder: Path) -> None:
    """No colour of its own, so that it follows the page into the dark; no comb of decimals; no reference."""
    bundle = sealed(folder / "svg", FAIL)
    element = timeline.svg(bundle)

    assert element == timeline.svg(bundle)
    assert not any(colour in element for colour in timeline.COLOURS.values())
    assert "var(--bad)" in element
    assert "http" not in element
    assert re.search(r"old primary back 12\.8 s", element)
    assert len(element) < 60_000


def test_the_picture_alone_has_its_own_colours(folder: Path) -> None:
    """As a file it has no page whose style variables it could use."""
    picture = timeline.alone(timeline.svg(sealed(folder / "alone", FAIL)))

    assert "var(" not in picture
    assert timeline.COLOURS["bad"] in picture
    assert ElementTree.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"


def test_hostile_names_are_drawn_as_text(folder: Path) -> None:
    """A tag is no tag."""
    bundle = sealed(folder / "hostile", HOSTILE)
    element = timeline.svg(bundle)

    assert "&lt;img" in element
    assert "<img" not in element
    assert "and 19 more steps" in element
    assert ElementTree.fromstring(timeline.alone(element)).tag == "{http://www.w3.org/2000/svg}svg"


def test_labels_never_run_through_each_other() -> None:
    marks = tuple(Mark(f"signal {n}", n / 20, weighty=n == 60) for n in range(80))
    shown = list(labels(Lanes(-1, 5, (), (), marks, (), None)))

    assert any(label.mark.weighty for label in shown)
    assert 3 <= len(shown) < 20
    for row in range(3):
        spans = sorted((label.begin, label.end) for label in shown if label.row == row)
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    for label, other in itertools.permutations(shown, 2):
        assert not (other.row >= label.row and other.begin < label.mark.at < other.end)
