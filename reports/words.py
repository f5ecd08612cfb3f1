"""Figures in words, the same everywhere in the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    """A length of time at the precision that it deserves: 0 s, 38 ms, 3.42 s, 74 s, 15 min, 5 h 49 min, 2 d 3 h."""
    if seconds is None:
        return "not measured"
    if seconds < 0:
        return f"−{duration(-seconds)}"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 else "0 s"
    if seconds < 59.995:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    return f"{seconds:.0f} s" if seconds < 119.5 and round(seconds) != 60 else _long(round(seconds))


def _long(seconds: int) -> str:
    if seconds < 3600:
        return _two(seconds // 60, "min", seconds % 60, "s")
    if seconds < 48 * 3600:
        minutes = round(seconds / 60)
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / 3600)
    return _two(hours // 24, "d", hours % 24, "h")


def _two(much: int, unit: str, rest: int, smaller: str) -> str:
    return f"{much} {unit} {rest} {smaller}" if rest else f"{much} {unit}"


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
