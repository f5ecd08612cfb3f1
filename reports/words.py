"""Figures in words, the same everywhere in the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.clock import in_words
from harness.facts import Basis, ExposureSeen
from harness.objectives import Fidelity, Outcome

GLYPHS = {Outcome.PASS: "✓", Outcome.INCONCLUSIVE: "?", Outcome.FAIL: "✕"}
"""So that an outcome is never told by colour alone."""
MEANINGS = {
    Fidelity.REAL: "seen on real servers",
    Fidelity.EMULATED: "answered by an emulation",
    Fidelity.DECLARED: "stated, not tried here",
}

BASES: Mapping[Basis | None, str] = {
    Basis.MEASURED: ", as measured in the rehearsal",
    Basis.SETTING: ", as set",
    Basis.PUBLISHED: ", as AWS publishes it",
}


def duration(seconds: float | None) -> str:
    """A length of time as findings tell it, too."""
    return "not measured" if seconds is None else in_words(seconds)


def seen_as(seen: ExposureSeen | None) -> str:
    """What exposes data, and whether that was measured, is set, or is what AWS says."""
    return "Exposed" if seen is None else f"Exposed by {seen.mechanism}{BASES.get(seen.basis, '')}"


def between(low: float | None, high: float | None) -> str:
    """A range, or one figure where both ends read the same."""
    if low is None or high is None:
        return duration(None)
    first, last = duration(low), duration(high)
    return first if first == last else f"{first} – {last}"


def count(number: int, one: str, many: str = "") -> str:
    """1 write, 2 writes, 12,345 writes."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(texts: Iterable[str]) -> str:
    """Each text once, in order."""
    return "; ".join(dict.fromkeys(texts))


def size(octets: int) -> str:
    return (
        f"{octets} B"
        if octets < 1000
        else f"{octets / 1000:.1f} kB"
        if octets < 1_000_000
        else f"{octets / 1e6:.1f} MB"
    )


def shortened(text: str, most: int) -> str:
    """One line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
