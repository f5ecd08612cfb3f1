"""The tag that lets a drill strike a resource: the guard asks for it, and the embedded cloud gives it to its estate."""

from __future__ import annotations

DRILL_TAG = "dr-drill"
ALLOWED = "allowed"


def drill_target() -> dict[str, str]:
    """The tags of a resource that may be struck. What a drill makes anew, or restores, carries none of them."""
    return {DRILL_TAG: ALLOWED}
