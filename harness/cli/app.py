"""The commands and their options; what they do is in the modules beside this one."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import Ended
from harness.errors import UsageError

app = typer.Typer(
    name="drill",
    help="Disaster recovery drills that find out whether the runbook's RTO and RPO are true.",
    epilog="Exit codes: 0 every drill passed, 1 some failed, 2 some inconclusive and none failed, "
    "3 refused by the guard, 4 bad usage or configuration, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cloud_app = typer.Typer(help="The embedded cloud by itself, for any AWS client.", no_args_is_help=True)
app.add_typer(cloud_app, name="cloud")

Tag = Annotated[str | None, typer.Option("--tag", metavar="T", help="Only drills that carry this tag.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


def _pace(text: str) -> float:
    """Raises UsageError for anything but a number from 0 to 1; `nan` is none."""
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 1:
        hint = "Give --pace a number from 0 (at once) to 1 (real time)."
        raise UsageError(f"a pace of {text!r} is impossible", hint=hint)
    return pace


def _folder(text: str) -> Path:
    """Raises UsageError for nothing, which would be the folder where one is."""
    if not text.strip():
        raise UsageError("--out names no folder", hint="Name one, or leave --out away.")
    return Path(text)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"drill {version('labelmint-dr-drill')}")
        raise Ended(0)


Pace = Annotated[
    float | None,
    typer.Option(
        "--pace", parser=_pace, metavar="X", show_default="DRILL_PACE",
        help="Drill seconds for each second that AWS would take; 0 is at once, 1 is real time.",
    ),
]  # fmt: skip
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Drills; all when none is named.")]
Bundles = Annotated[list[Path], typer.Argument(metavar="BUNDLE", help="Folders of evidence.")]
OneBundle = Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder of evidence.")]


@app.callback()
def drill(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell it.")] = False
) -> None:
    """Disaster recovery drills that find out whether the runbook's RTO and RPO are true."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a narrow encoding tells the rest, and ends no drill


@app.command("list")
def list_drills(tag: Tag = None, as_json: AsJson = False) -> None:
    """Show the catalogue: severity, tags, objectives and known gaps of each drill."""
    from harness.cli.listing import show

    show(tag, as_json=as_json)


@app.command()
def run(
    names: Names = None,
    *,
    tag: Tag = None,
    environment: Annotated[str, typer.Option(metavar="WHERE", help="Where the drill happens.")] = "embedded",
    operator: Annotated[str, typer.Option(metavar="WHO", help="Who performs the recovery procedure.")] = "automation",
    pace: Pace = None,
    out: Annotated[
        Path | None, typer.Option(parser=_folder, metavar="DIR", help="Where evidence and reports go.")
    ] = None,
    as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and start nothing.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, metavar="N", help="How many drills to run side by side.")] = 1,
) -> None:
    """Rehearse disasters, recover from them, and judge with evidence whether the promises were kept."""
    from harness.cli import spare

    with nullcontext() if dry_run else spare.prepared():
        from harness.cli.running import Request
        from harness.cli.running import run as run_drills

        asked = Request(tuple(names or ()), tag, environment, operator, pace, out, as_json, dry_run, workers)
        raise Ended(run_drills(asked))


@cloud_app.command()
def up(
    as_json: AsJson = False,
    seed: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, metavar="N", help="Task submissions to begin with.")
    ] = None,
    pace: Pace = None,
    estate: Annotated[Path | None, typer.Option(metavar="FILE", help="The estate file.")] = None,
) -> None:
    """Raise the whole estate and serve it until Ctrl-C (exit 130), SIGTERM or SIGHUP (exit 0); then take it down."""
    from harness.cli.cloud import serve

    raise Ended(serve(seed=seed, pace=pace, estate=estate, as_json=as_json))


@app.command()
def report(bundles: Bundles) -> None:
    """Write the scorecard of each bundle anew."""
    from harness.cli.bundles import write_scorecards

    write_scorecards(bundles)


@app.command()
def rejudge(bundle: OneBundle, as_json: AsJson = False) -> None:
    """Judge a bundle again from its events and ledger; exits with 1 if that is not the stored verdict, else by it."""
    from harness.cli.bundles import judge_again

    raise Ended(judge_again(bundle, as_json=as_json))


@app.command()
def verify(bundle: OneBundle) -> None:
    """Check a bundle's files against its manifest: 0 untouched, 1 damaged, 4 not a sealed bundle."""
    from harness.cli.bundles import check_seal

    check_seal(bundle)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Tell what this machine offers, what is missing, and the remedy; exits 0 if a drill can run here, else 2."""
    from harness.cli.doctor import examine

    raise Ended(examine(as_json=as_json))
