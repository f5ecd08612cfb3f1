"""`drill run`: the drills of a run, from the command line's words to the exit code."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness import garbage
from harness.cli import preflight
from harness.cli.catalogue import Entry, load_catalogue
from harness.cli.claim import claimed, stale_in
from harness.cli.console import console_for
from harness.cli.plan import SCHEMA, plan, show
from harness.cli.progress import Progress
from harness.cli.project import project_root, read_settings
from harness.cli.rehearsal import Interruption, Terms, start, watch
from harness.cli.stopping import INTERRUPTED
from harness.config import Config
from harness.environments import PLANNED as PLACES
from harness.environments import environments
from harness.errors import UsageError
from harness.estate import Estate, load_estate
from harness.machines.workspace import sweep
from harness.operators import PLANNED as PEOPLE
from harness.operators import operators

if TYPE_CHECKING:
    from harness.cli.conclusion import Conclusion


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    names: tuple[str, ...]
    tag: str | None
    environment: str
    operator: str
    pace: float | None
    out: Path | None
    as_json: bool
    dry_run: bool
    workers: int


def run(asked: Request) -> int:
    """Perform a request and return the exit code. Raises UsageError, or DiskFull, before anything is started."""
    _require("environment", asked.environment, environments(), PLACES)
    _require("operator", asked.operator, operators(), PEOPLE)
    root = project_root()
    config = read_settings(root)
    entries = load_catalogue(root).choose(asked.names, asked.tag)
    estate = load_estate(config.estate)
    pace = config.pace if asked.pace is None else asked.pace
    out = asked.out.absolute() if asked.out else config.out_dir / _run_id()
    if asked.dry_run:
        where = {"environment": asked.environment, "operator": asked.operator}
        plans = [plan(entry, estate, pace=pace, **where) for entry in entries]
        if asked.as_json:
            print(json.dumps({"schema": SCHEMA, "plan": plans}))
        else:
            show(console_for(), plans, out)
        return 0
    preflight.check(config, out, drills=len(entries), side_by_side=min(asked.workers, len(entries)))
    with claimed(out):
        _make_folder(out, entries, config, default=asked.out is None)
        terms = Terms(root, out, asked.environment, asked.operator, pace)
        return _rehearse(asked, terms, entries, estate, config.work_dir)


def _rehearse(asked: Request, terms: Terms, entries: Sequence[Entry], estate: Estate, work_dir: Path) -> int:
    """Run the drills to their end and tell it. What a pytest that was killed left in `work_dir` is removed."""
    garbage.not_at_the_end()
    console = console_for(stderr=asked.as_json)
    progress = Progress(console, terms.out, tuple(entry.name for entry in entries))
    groups = [group for n in range(asked.workers) if (group := entries[n :: asked.workers])]

    @cache
    def conclusion() -> Conclusion:
        from harness.cli.conclusion import Conclusion

        return Conclusion(terms, entries, estate, console)

    def look() -> None:
        progress.follow()
        if progress.closing:
            conclusion()

    with Interruption() as interruption:
        rehearsals = [
            start(terms, [entry.name for entry in group], terms.out / (f"pytest-{n}.log" if n else "pytest.log"))
            for n, group in enumerate(groups)
        ]
        with progress.shown():
            watch(rehearsals, interruption, look, progress.say)
        ended = conclusion().collect(rehearsals, work_dir)
        sweep(work_dir)
        code = conclusion().tell(rehearsals, ended, as_json=asked.as_json)
    return INTERRUPTED if interruption.first is not None else code


def _require(what: str, name: str, there: Sequence[str], planned: Sequence[str]) -> None:
    hint = f"Use {', '.join(there)}."
    if name in planned:
        raise UsageError(f"the {what} {name} is not available yet", hint=hint)
    if name not in there:
        raise UsageError(f"there is no {what} called {name or 'nothing'}", hint=hint)


def _run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def _make_folder(out: Path, entries: Sequence[Entry], config: Config, *, default: bool) -> None:
    """Make the run's folder ready; a default one is also called `latest`. Raises UsageError when it cannot be used.

    What an earlier run said of these drills is removed, pages and pytest's word: it must not be taken for this one's.
    """
    for entry in entries:
        if (out / entry.name).exists():
            raise UsageError(f"{out} holds evidence of {entry.name} already", hint="Choose another --out.")
    try:
        for stale in stale_in(out, [entry.name for entry in entries]):
            stale.unlink(missing_ok=True)
        if default:
            fresh = config.out_dir / f".latest-{out.name}"
            fresh.symlink_to(out.name)
            fresh.replace(config.out_dir / "latest")
        (out / "pytest.log").touch()
    except OSError as error:
        hint = "Choose another folder with --out or DRILL_OUT_DIR."
        raise UsageError(f"{out} cannot be written to: {error.strerror}", hint=hint) from error
