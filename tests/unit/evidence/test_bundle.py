"""A bundle is complete, tamper-evident, free of secrets, and can be judged again from its own files."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from harness.errors import BundleDamaged, EvidenceError
from harness.events import read_events
from harness.evidence import load, read_manifest, rejudge, require_same, salvage, seal, verify
from harness.evidence.versions import DISTRIBUTIONS
from harness.facts import Problem
from harness.objectives import Outcome
from harness.record import MEASURED, DataGap, Outage
from tests.golden.story import FAIL, INCONCLUSIVE, PASS, STORIES, Story, sealed, write

EVERYTHING = {
    "events.jsonl", "record.json", "verdict.json", "calls.jsonl", "timeline.json", "config.json", "versions.json",
    "ledger/writers.bin", "ledger/readback.bin", "logs/postgres-primary.log",
}  # fmt: skip


@pytest.mark.parametrize(("name", "outcome"), [("pass", "PASS"), ("fail", "FAIL"), ("inconclusive", "INCONCLUSIVE")])
def test_a_golden_drill_keeps_its_verdict_and_can_be_judged_again(tmp_path: Path, name: str, outcome: str) -> None:
    """The sealed verdict is the one expected, and judging anew from facts and ledger gives exactly the same."""
    bundle = sealed(tmp_path / name, STORIES[name])

    assert bundle.verdict.outcome.name == outcome
    assert rejudge(bundle.folder) == bundle.verdict
    verify(bundle.folder)


def test_everything_is_in_the_manifest_and_read_only(tmp_path: Path) -> None:
    """Every file is listed with its size; none can be written by its owner."""
    folder = sealed(tmp_path / "b", PASS).folder
    files = read_manifest(folder).files

    assert set(files) >= EVERYTHING
    assert all(not (folder / name).stat().st_mode & 0o222 for name in [*files, "manifest.json"])
    assert files["events.jsonl"].bytes == (folder / "events.jsonl").stat().st_size


def test_what_was_measured_comes_back_exactly(tmp_path: Path) -> None:
    """`load` gives the facts, outages, gap and activity that were saved, without measuring again."""
    bundle = sealed(tmp_path / "b", FAIL)
    for ledger in (bundle.folder / "ledger").iterdir():
        ledger.unlink()
    again = load(bundle.folder)

    assert again.record == bundle.record
    assert again.record.gap.lost == FAIL.lost
    assert again.wall(again.began_at) == again.began


@pytest.mark.parametrize("name", MEASURED)
def test_a_measurement_that_is_not_what_the_ledger_gives_is_refused(tmp_path: Path, name: str) -> None:
    """Each that a record has is saved, comes back, and is compared with what is measured anew."""
    record, verdict = salvage(write(tmp_path / "b", FAIL), "it was killed")
    other = {
        "outages": (Outage("forged", 1, 0, decides=True),),
        "gap": DataGap(measured=True, kept=1),
        "cache_gap": DataGap(measured=True, kept=2),
        "activity": (),
    }
    forged = dataclasses.replace(record, **{name: other[name]})  # type: ignore[arg-type]
    seal(tmp_path / "b", forged, verdict, config={}, logs=())

    assert load(tmp_path / "b").record == forged
    with pytest.raises(BundleDamaged, match=r"record\.json is not what its events and ledger give"):
        require_same(load(tmp_path / "b"))


def test_altered_missing_and_extra_files_are_each_named(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "b", PASS).folder
    flip(folder / "ledger" / "writers.bin")
    (folder / "calls.jsonl").unlink()
    (folder / "note.txt").write_text("hello")

    with pytest.raises(BundleDamaged) as caught:
        verify(folder)

    assert re.search(r"ledger/writers\.bin is altered", caught.value.message)
    assert "calls.jsonl is missing" in caught.value.message
    assert "note.txt is extra" in caught.value.message


def test_a_file_replaced_by_a_link_is_damage(tmp_path: Path) -> None:
    """A link to a copy with the same content could be changed later."""
    folder = sealed(tmp_path / "b", PASS).folder
    (folder / "record.json").rename(tmp_path / "elsewhere.json")
    (folder / "record.json").symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(BundleDamaged, match=r"record\.json is no longer a file"):
        verify(folder)


def test_a_manifest_edited_to_fit_is_noticed(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "b", PASS).folder
    path = folder / "manifest.json"
    path.chmod(0o644)
    edited = json.loads(path.read_text())
    edited["files"]["verdict.json"]["bytes"] += 1
    path.write_text(json.dumps(edited))

    with pytest.raises(BundleDamaged, match=r"manifest\.json was altered"):
        verify(folder)


def test_an_unsealed_or_foreign_folder_is_not_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"is not a sealed bundle: it has no manifest\.json"):
        verify(tmp_path)
    with pytest.raises(EvidenceError, match="is not a sealed bundle: there is no such folder"):
        verify(tmp_path / "nowhere")
    with pytest.raises(EvidenceError, match=r"events\.jsonl cannot be read"):
        rejudge(tmp_path)
    with pytest.raises(EvidenceError):
        load(tmp_path / "nowhere")


def test_sealing_twice_is_refused(tmp_path: Path) -> None:
    bundle = sealed(tmp_path / "b", PASS)

    with pytest.raises(EvidenceError, match="sealed already"):
        seal(bundle.folder, bundle.record, bundle.verdict, config={}, logs=())


@pytest.mark.parametrize("secret", ["hunter2-long", 'pass"word\\x', "slash/and space"])
def test_a_secret_in_a_fact_stops_the_sealing_and_is_not_repeated(tmp_path: Path, secret: str) -> None:
    """Also when JSON escaped it; the error names the file, never the secret."""
    folder = write(tmp_path / "b", PASS)
    record, verdict = salvage(folder, f"could not log in with {secret}")

    with pytest.raises(EvidenceError, match=r"\.json.* holds a secret") as caught:
        seal(folder, record, verdict, config={}, logs=(), secrets=[secret])

    assert secret not in str(caught.value)
    assert secret not in (folder / "refused").read_text()
    assert not (folder / "manifest.json").exists()


def test_what_was_refused_can_neither_be_sealed_nor_loaded_by_who_does_not_know_the_secret(tmp_path: Path) -> None:
    folder = write(tmp_path / "b", PASS)
    record, verdict = salvage(folder, "could not log in with topsecret")
    with pytest.raises(EvidenceError, match="holds a secret"):
        seal(folder, record, verdict, config={}, logs=(), secrets=["topsecret"])

    with pytest.raises(EvidenceError, match=r"refused: \S+ holds a secret"):
        seal(folder, record, verdict, config={}, logs=())
    with pytest.raises(EvidenceError, match="was refused"):
        load(folder)


def test_a_secret_across_a_block_of_reading_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path / "b", PASS)
    (folder / "ledger" / "big.bin").write_bytes(b"\0" * ((1 << 20) - 3) + b"topsecret" + b"\0" * 9)
    record, verdict = salvage(folder, "it was killed")

    with pytest.raises(EvidenceError, match=r"ledger/big\.bin holds a secret"):
        seal(folder, record, verdict, config={}, logs=(), secrets=["topsecret"])


def test_secrets_in_logs_are_redacted(tmp_path: Path) -> None:
    """Both in logs copied in and in those that were written in the folder; two logs of one name are both kept."""
    folder = write(tmp_path / "b", PASS)
    (folder / "logs" / "inside.log").write_text("password=topsecret here")
    logs = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        logs.append(tmp_path / place / "envoy.log")
        logs[-1].write_text(f"{place} topsecret")
    record, verdict = salvage(folder, "it was killed")
    seal(folder, record, verdict, config={}, logs=[*logs, tmp_path / "never.log"], secrets=["topsecret", ""])

    assert {log.name: log.read_text() for log in (folder / "logs").glob("*.log") if "redacted" in log.read_text()} == {
        "inside.log": "password=[redacted] here",
        "envoy.log": "one [redacted]",
        "two-envoy.log": "two [redacted]",
    }
    assert json.loads((folder / "record.json").read_text())["summary"]["logs_missing"] == ["never.log"]


def test_a_crashed_drill_keeps_what_it_saw_and_never_passes(tmp_path: Path) -> None:
    """A log cut in mid-line, no read-back: sealed with the reason, not PASS, and judged again the same."""
    folder = write(tmp_path / "b", PASS)
    (folder / "ledger" / "readback.bin").unlink()
    whole = (folder / "events.jsonl").read_bytes()
    (folder / "events.jsonl").write_bytes(whole[: len(whole) * 2 // 3])
    record, verdict = salvage(folder, "killed by signal 9")
    seal(folder, record, verdict, config={}, logs=())

    assert verdict.outcome is not Outcome.PASS
    assert "killed by signal 9" in str(verdict.finding("harness"))
    verify(folder)
    assert rejudge(folder) == load(folder).verdict == verdict


def test_a_drill_that_died_before_its_first_fact_can_be_sealed(tmp_path: Path) -> None:
    record, verdict = salvage(tmp_path, "no room on the disk")
    seal(tmp_path, record, verdict, config={}, logs=())

    assert load(tmp_path).verdict.outcome is Outcome.INCONCLUSIVE
    assert [e.kind for e in read_events(tmp_path / "events.jsonl")] == [Problem.__name__]


def test_a_log_damaged_in_the_middle_cannot_be_judged(tmp_path: Path) -> None:
    """Such a bundle is still saved with what stood before the damage; judging it again says why it cannot be."""
    folder = write(tmp_path / "b", INCONCLUSIVE)
    lines = (folder / "events.jsonl").read_bytes().split(b"\n")
    lines[4] = b'{"at": 12'
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    record, verdict = salvage(folder, "damaged")

    assert len(record.facts) == 5
    assert verdict.outcome is Outcome.INCONCLUSIVE
    with pytest.raises(EvidenceError, match="line 5"):
        rejudge(folder)


def test_a_half_finished_sealing_can_be_done_again(tmp_path: Path) -> None:
    """The manifest is the last thing written, so that a crash while sealing leaves an unsealed folder."""
    bundle = sealed(tmp_path / "b", Story())
    (bundle.folder / "manifest.json").unlink()
    seal(bundle.folder, bundle.record, bundle.verdict, config={}, logs=())

    verify(bundle.folder)


def test_every_dependency_of_the_project_is_in_the_versions() -> None:
    text = Path("pyproject.toml").read_text()
    names = {re.split(r"[\[<>=]", line)[0].lower() for line in tomllib.loads(text)["project"]["dependencies"]}

    assert names <= {name.lower() for name in DISTRIBUTIONS}


def flip(path: Path) -> None:
    """Change one byte and keep the size and the times."""
    before = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_drill_that_died_while_it_was_sealed_can_be_salvaged(tmp_path: Path) -> None:
    """Its files are read-only already, which only stops an ordinary user; they must be writable to whoever salvages."""
    folder = sealed(tmp_path / "b", PASS).folder
    (folder / "manifest.json").unlink()
    seal(folder, *salvage(folder, "killed while sealing"), config={}, logs=())

    verify(folder)
    assert load(folder).verdict.outcome is Outcome.INCONCLUSIVE
