"""Every page stands alone: no scripts, no network, well formed, hostile text stays text; `screenshot.py` shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.errors import EvidenceError, UsageError
from harness.evidence import load, salvage, seal
from reports.card import card
from reports.render import Shown, render, render_run
from tests.browser.html_check import Page
from tests.golden.story import FAIL, INCONCLUSIVE, PASS, STORIES, Story, sealed, write

GAP = Story(drill="database-known-gap", fenced=False, known_gap="fencing")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    return {name: sealed(folder / name, story).folder for name, story in STORIES.items()}


@pytest.mark.parametrize("name", STORIES)
def test_a_scorecard_is_sound_and_stands_alone(bundles: dict[str, Path], tmp_path: Path, name: str) -> None:
    html = render(bundles[name], tmp_path).read_text()

    assert Page(html).problems == []
    assert len(html) < 110_000


def test_a_scorecard_says_all_that_was_judged(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle = load(bundles["fail"])
    text = " ".join(Page(render(bundle.folder, tmp_path).read_text()).text)

    assert "4 promises were broken: RTO, RPO, fencing, teardown." in text
    for finding in bundle.verdict.findings:
        assert finding.name in text
        assert " ".join(finding.detail.split()) in text
    assert bundle.manifest is not None
    assert bundle.manifest.hash in text
    assert all(sealed_file.sha256 in text for sealed_file in bundle.manifest.files.values())
    for words in (
        "budget 6 s",
        "promised 4 h",
        "290",
        "PromoteReadReplica",
        "promotion of a read replica",
        "not tried",
    ):
        assert words in text


def test_outcome_and_fidelity_are_words_not_only_colours(bundles: dict[str, Path], tmp_path: Path) -> None:
    html = render(bundles["inconclusive"], tmp_path).read_text()

    assert "? INCONCLUSIVE" in html
    assert "✓ PASS" in html
    assert {"real", "emulated", "declared"} <= set(Page(html).text)


def test_hostile_text_stays_text(bundles: dict[str, Path], tmp_path: Path) -> None:
    """Titles, step names, errors, details: nothing becomes markup, in the page or in its picture."""
    html = render(bundles["hostile"], tmp_path).read_text()

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(7)&lt;/script&gt;" in html
    assert any("<script>declared()</script>" in text for text in Page(html).text)


def shown(folder: Path) -> Shown:
    return Shown(folder.name, load(folder).verdict, folder)


def test_a_run_has_a_front_page_that_leads_to_each_drill(bundles: dict[str, Path], tmp_path: Path) -> None:
    """Two bundles of one drill get a page each; the worst verdict is the run's."""
    index = render_run([shown(bundle) for bundle in (*bundles.values(), bundles["pass"])], tmp_path)
    html = index.read_text()
    links = re.findall(r'<a href="([^"]*\.html)"', html)
    bundles_there = re.findall(r'<a class="term" href="([^"]*)"', html)

    assert Page(html).problems == []
    assert len(links) == len(set(links)) == len(bundles) + 1
    assert len(bundles_there) == len(links)
    assert all((tmp_path / link).exists() for link in (*links, *bundles_there))
    assert "<title>FAIL:" in html


def test_the_front_page_alone_says_what_was_rehearsed(bundles: dict[str, Path], tmp_path: Path) -> None:
    """When, where, by whom, at what pace; figures beside budget, forecast and promise; where the evidence is."""
    (tmp_path / "allure-results").mkdir()
    html = render_run([shown(bundles["pass"])], tmp_path).read_text()
    text = " ".join(Page(html).text)

    for words in (
        "rehearsal", "2026-11-22 09:30", "20261122-093000-4f2a", "embedded", "automation", "10 ms for each AWS second",
        "budget 6 s", "Forecast on AWS", "promised 4 h", "promised 1 h", "Python 3.",
    ):  # fmt: skip
        assert words in text, words
    assert 'href="allure-results/"' in html


def test_a_crashed_drill_has_a_page(tmp_path: Path) -> None:
    """One that struck and died, and one that died before it said anything."""
    died = write(tmp_path / "died", FAIL)
    whole = (died / "events.jsonl").read_bytes()
    (died / "events.jsonl").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "silent").mkdir()
    for folder in (died, tmp_path / "silent"):
        seal(folder, *salvage(folder, "killed by signal 9"), config={}, logs=())
        html = render(folder, tmp_path / "out").read_text()
        assert Page(html).problems == []
        assert "killed by signal 9" in html


def test_a_declared_gap_is_said(tmp_path: Path) -> None:
    html = render(sealed(tmp_path / "gap", GAP).folder, tmp_path / "out").read_text()

    assert "fencing is still broken, as declared" in html
    assert "review by 2027-01-31" in html


def test_a_page_is_never_written_into_the_sealed_bundle(bundles: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match="inside the sealed bundle"):
        render(bundles["pass"], bundles["pass"] / "scorecard.html")


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError):
        render(tmp_path, tmp_path / "out")


def test_an_unsealed_bundle_says_so(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "b", PASS).folder
    (folder / "manifest.json").unlink()

    assert "never sealed" in card(load(folder)).seal_says


def test_a_ledger_that_was_never_compared_shows_no_zeros(tmp_path: Path) -> None:
    write(tmp_path / "b", PASS)
    (tmp_path / "b" / "ledger" / "readback.bin").unlink()
    seal(tmp_path / "b", *salvage(tmp_path / "b", "killed"), config={}, logs=())
    html = render(tmp_path / "b", tmp_path / "out").read_text()

    assert "What was written into the database was never compared with it." in html
    assert "acknowledged and lost" not in html


def test_a_pass_claims_no_more_than_it_proved(tmp_path: Path) -> None:
    """What an emulation answered is told apart, and what was never tried is no promise kept."""
    shown = card(sealed(tmp_path / "b", PASS))

    assert shown.says == "18 promises were kept (4 of them by emulated AWS); 2 more are only stated and not tried here."
    assert shown.tally == "18 kept (4 of them by emulated AWS), 0 broken, 0 not proved, 2 not tried here."


def test_what_was_not_measured_is_not_called_real(tmp_path: Path) -> None:
    shown = card(sealed(tmp_path / "b", INCONCLUSIVE))
    fidelity = {row.name: row.fidelity for row in shown.findings}

    assert (shown.objectives[0].figure, shown.objectives[0].measured, fidelity["RTO"]) == ("not measured", False, "")
    assert (shown.objectives[1].measured, fidelity["RPO"]) == (True, "real")


def test_what_decided_comes_first(tmp_path: Path) -> None:
    shown = card(sealed(tmp_path / "b", INCONCLUSIVE))

    assert [f.outcome for f in shown.findings] == sorted((f.outcome for f in shown.findings), reverse=True)
    assert shown.says.startswith("12 promises could not be proved: fault,")


@pytest.mark.parametrize(
    "spoiled",
    [
        "<script>1</script>",
        '<img src="a.png">',
        '<a href="https://example.com">x</a>',
        '<a href="javascript:x">x</a>',
        '<p onclick="x">x</p>',
        '<p style="background:url(x.png)">x</p>',
        "<style>@import 'x'</style>",
        '<p id="evidence-title">x</p>',
        '<p aria-labelledby="nobody">x</p>',
        "<p><b>x</p></b>",
        "<table><tr><th>x</th></tr></table>",
        "<h1>second</h1>",
    ],
)
def test_the_check_of_pages_sees_what_it_must(bundles: dict[str, Path], tmp_path: Path, spoiled: str) -> None:
    """Sabotage: each of these must turn a sound page into an unsound one."""
    html = render(bundles["pass"], tmp_path).read_text()

    assert Page(html.replace("</main>", f"{spoiled}</main>")).problems
