"""What a running drill says of itself: its log is followed as it grows, and told line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.text import Text

Line = Mapping[str, Any]
_WORDS = {
    "PhaseEntered": "{phase}",
    "FaultStruck": "struck: {fault} on {target}",
    "FaultBitten": "felt by {seen_by}",
    "Detected": "detected by {signal} {name}",
    "StepStarted": "· {name}",
    "StepEnded": "· {name} failed: {error}",
    "SwitchFailed": "{what} failed: {why}",
    "RoomRanOut": "no room is left in {place}",
    "Problem": "problem in {where}: {error}",
}
_CLOSING = "tearing down"
_ONLY_IF = {"FaultBitten": ("bitten", True), "StepEnded": ("ok", False)}
"""Facts that are told only when one of their fields is so."""
_STYLES = {
    "FaultStruck": "bold red",
    "Problem": "bold red",
    "RoomRanOut": "bold red",
    "PhaseEntered": "bold",
    "Detected": "yellow",
}


class Tail:
    """The new lines of a growing log; one that is cut short waits for its rest."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[Line]:
        """Whole events since the last call; none while there is no file. Lines that are no events are passed over."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                whole, end, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        self._offset += len(whole) + len(end)
        for raw in whole.splitlines():
            try:
                line = json.loads(raw)
            except ValueError:
                continue
            if isinstance(line, dict) and {"at", "kind", "fact"} <= line.keys():
                yield line


def told(kind: str, fact: Line) -> str | None:
    """A fact in a few words; None for the many that only the record needs. Raises KeyError for one cut short."""
    if kind not in _WORDS or (kind in _ONLY_IF and bool(fact[_ONLY_IF[kind][0]]) is not _ONLY_IF[kind][1]):
        return None
    return _WORDS[kind].format_map(fact)


class Progress:
    """Follows the logs of the drills of a run; a live status line on a terminal, plain lines anywhere else."""

    def __init__(self, console: Console, out: Path, drills: tuple[str, ...]) -> None:
        self._console = console
        self._tails = {drill: Tail(out / drill / "events.jsonl") for drill in drills}
        self._started: dict[str, int] = {}
        self._now: dict[str, str] = {}
        self._width = max(map(len, drills)) if len(drills) > 1 else 0
        self._closing: set[str] = set()
        self._status = console.status("starting") if console.is_terminal else None

    def shown(self) -> AbstractContextManager[Status | None]:
        """The status line, for as long as the drills run."""
        return self._status or nullcontext()

    def follow(self) -> None:
        """Tell what happened since the last call."""
        for drill, tail in self._tails.items():
            for line in tail.new():
                self._tell(drill, line)

    @property
    def closing(self) -> bool:
        """Whether every drill of the run takes its estate down, or has: nothing is measured any more."""
        return len(self._closing) == len(self._tails)

    def say(self, text: str) -> None:
        """Tell something that no log holds."""
        self._console.print(Text(text), soft_wrap=True)

    def _tell(self, drill: str, line: Line) -> None:
        began = self._started.setdefault(drill, line["at"])
        try:
            text = told(line["kind"], line["fact"])
        except KeyError:
            return
        if text is None:
            return
        name = f"{drill:<{self._width}}  " if self._width else ""
        when = f"{(line['at'] - began) / 1e9:7.2f}s  "
        self._console.print(Text.assemble(when, name, (text, _STYLES.get(line["kind"], ""))), soft_wrap=True)
        if line["kind"] != "PhaseEntered":
            return
        if text == _CLOSING:
            self._closing.add(drill)
        if self._status:
            self._now[drill] = text
            self._status.update(Text(" · ".join(f"{one}: {phase}" for one, phase in self._now.items())))
