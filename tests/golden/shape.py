"""What a synthetic drill is about."""

from __future__ import annotations

import enum


class Shape(enum.Enum):
    """The kinds of drill that are judged and shown in their own ways."""

    DATABASE = enum.auto()
    CACHE = enum.auto()
    WITNESS = enum.auto()
    """Nothing is struck, and no client notices anything."""
