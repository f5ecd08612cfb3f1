"""The mark on a folder whose sealing was refused: it holds a secret, so nobody may complete, load or draw it."""

from __future__ import annotations

from pathlib import Path

from harness.evidence.manifest import write_atomically

NAME = "refused"


def refuse(folder: Path, why: str) -> None:
    """Mark a folder. `why` names the file and never the secret."""
    write_atomically(folder / NAME, f"{why}\n".encode())


def refusal(folder: Path) -> str:
    """Why a folder's sealing was refused; empty when it was not."""
    try:
        return (folder / NAME).read_text(encoding="utf-8").strip() or "no reason is given"
    except OSError:
        return ""
