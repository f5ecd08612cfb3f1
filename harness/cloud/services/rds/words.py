"""Identifiers, ARNs, tags and pages, as every part of RDS has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from harness.cloud.service import AwsError, Call

T = TypeVar("T")

_IDENTIFIER = re.compile(r"^[A-Za-z](?!.*--)[A-Za-z0-9-]*(?<!-)$")
_MOST, _LEAST = 100, 20


def new_identifier(params: Mapping[str, Any], parameter: str, *, longest: int = 63) -> str:
    """What a new resource is to be called, in lower case as RDS keeps it. Raises InvalidParameterValue."""
    name = str(params[parameter])
    if not _IDENTIFIER.match(name) or len(name) > longest:
        raise AwsError(
            "InvalidParameterValue",
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive "
            "hyphens.",
        )
    return name.lower()


def tags_of(params: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a request gives to what it makes."""
    return {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", ())}


def shown_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def kept_by_filters(items: Iterable[T], call: Call, filters: Mapping[str, Callable[[T], Iterable[str]]]) -> list[T]:
    """What the call's Filters keep. Raises InvalidParameterValue for a filter that RDS does not have."""
    kept = list(items)
    for wanted in call.params.get("Filters", ()):
        name, values = wanted["Name"], set(wanted["Values"])
        if name not in filters:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {name}")
        kept = [item for item in kept if values & set(filters[name](item))]
    return kept


def page(items: Sequence[T], call: Call, key: Callable[[T], str]) -> tuple[list[T], dict[str, str]]:
    """One page of a list, and the Marker of the next if there is one. Raises InvalidParameterValue."""
    most = call.params.get("MaxRecords", _MOST)
    if not _LEAST <= most <= _MOST:
        raise AwsError("InvalidParameterValue", f"Invalid value {most} for MaxRecords. Must be between 20 and 100")
    marker = call.params.get("Marker")
    keys = [key(item) for item in items]
    if marker and marker not in keys:
        raise AwsError("InvalidParameterValue", "The marker is not valid.")
    start = keys.index(marker) + 1 if marker else 0
    shown = list(items[start : start + most])
    return shown, ({"Marker": keys[start + most - 1]} if start + most < len(items) else {})
