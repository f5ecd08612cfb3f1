"""How often Python looks for garbage. The embedded cloud is a million objects that stay, and nothing runs meanwhile."""

from __future__ import annotations

import atexit
import gc

_AFTER = 50_000
"""Objects made and not freed, after which the youngest are looked through; Python's own figure is 700."""


def seldom() -> None:
    """Look so seldom that a drill of seconds does not meet it; else it stands still for a second in all.

    A process that runs for hours looks still; what it holds meanwhile in vain is a few megabytes.
    """
    gc.set_threshold(_AFTER, 20, 20)


def not_at_the_end() -> None:
    """A process that ends need not look, and has much to look through: two seconds."""
    atexit.register(gc.freeze)
