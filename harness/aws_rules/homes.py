"""Which region has to answer a call besides the one that it is sent to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def other_regions(params: Mapping[str, Any]) -> Iterator[str]:
    """The regions of what a call copies from: it is read there, wherever the copy is made.

    Told by `SourceRegion`, or by the ARN in a parameter that begins with "Source".
    """
    for name, value in params.items():
        if not name.startswith("Source") or not isinstance(value, str):
            continue
        if name == "SourceRegion":
            yield value
        elif value.startswith("arn:") and value.count(":") >= 5:
            yield value.split(":")[3]
