"""Progress is read from the growing log alone, and a half-written line is never misread."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from harness.cli.progress import Progress, Tail, told
from harness.events import EventLog
from harness.facts import FaultStruck, Phase, PhaseEntered, Problem


def console() -> Console:
    return Console(file=io.StringIO(), width=40, highlight=False)


def said(to: Console) -> str:
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue()


def test_a_line_cut_short_waits_for_its_rest(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    line = json.dumps({"at": 1, "kind": "PhaseEntered", "fact": {"phase": "striking"}})
    tail = Tail(log)
    assert list(tail.new()) == []
    log.write_text(line[:10])
    assert list(tail.new()) == []
    log.write_text(line + "\n" + line)
    assert [event["kind"] for event in tail.new()] == ["PhaseEntered"]
    log.write_text(line + "\n" + line + "\n")
    assert len(list(tail.new())) == 1
    assert list(tail.new()) == []


def test_lines_that_are_no_events_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('nonsense\n[]\n{"at": 1}\n\n')
    assert list(Tail(tmp_path / "events.jsonl").new()) == []


def test_only_what_matters_is_told() -> None:
    assert told("CallMade", {}) is None
    assert told("FaultBitten", {"seen_by": "visitor", "bitten": False}) is None
    assert told("StepEnded", {"name": "x", "ok": True, "error": ""}) is None
    assert told("StepEnded", {"name": "promote", "ok": False, "error": "refused"}) == "· promote failed: refused"


def test_phases_are_plain_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    """A pipeline's log gets whole lines, unfolded, with the seconds since the drill began."""
    (tmp_path / "a-drill").mkdir()
    log, shown = EventLog(tmp_path / "a-drill" / "events.jsonl"), console()
    began = log.write(PhaseEntered(Phase.RAISING))
    log.write(FaultStruck("LoseInstance", "labelmintit-production-db-enhanced"), at=type(began)(began + 2_500_000_000))
    log.write(Problem("strike", "[bold]not markup[/bold]"), at=began)
    log.close()
    progress = Progress(shown, tmp_path, ("a-drill",))
    with progress.shown():
        progress.follow()
        progress.follow()
    assert said(shown).splitlines() == [
        "   0.00s  raising the estate",
        "   2.50s  struck: LoseInstance on labelmintit-production-db-enhanced",
        "   0.00s  problem in strike: [bold]not markup[/bold]",
    ]


def test_scorecards_wait_until_every_drill_is_torn_down(tmp_path: Path) -> None:
    """Drawing takes a processor: none may be taken while another drill of the run still measures."""
    logs = []
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        logs.append(EventLog(tmp_path / name / "events.jsonl"))
    progress = Progress(console(), tmp_path, ("one", "another"))
    seen = []
    for log in logs:
        log.write(PhaseEntered(Phase.TEARING_DOWN))
        log.close()
        progress.follow()
        seen.append(progress.closing)
    assert seen == [False, True]


def test_with_several_drills_each_line_names_its_own(tmp_path: Path) -> None:
    shown = console()
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        log = EventLog(tmp_path / name / "events.jsonl")
        log.write(PhaseEntered(Phase.STRIKING))
        log.close()
    Progress(shown, tmp_path, ("one", "another")).follow()
    assert said(shown).splitlines() == ["   0.00s  one      striking", "   0.00s  another  striking"]
