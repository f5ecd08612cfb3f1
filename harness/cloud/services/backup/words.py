"""Names, filters and pages, as every part of AWS Backup has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from harness.cloud.service import AwsError, Call

T = TypeVar("T")
_MOST = 1000
_ROLE = re.compile(r"^arn:aws:iam::(\d{12}):role/.+$")


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def missing(message: str) -> AwsError:
    return AwsError("MissingParameterValueException", message)


def role_of(call: Call, account: str) -> str:
    """The role that AWS Backup is to act as. Raises InvalidParameterValueException for one of no such account."""
    arn = str(call.params.get("IamRoleArn", ""))
    if not arn:
        raise missing("The IAM role ARN is required.")
    found = _ROLE.match(arn)
    if found is None or found.group(1) != account:
        raise invalid(f"Invalid IAM role ARN: {arn}")
    return arn


def narrowed(items: Iterable[T], params: Mapping[str, Any], by: Mapping[str, Callable[[T], object]]) -> list[T]:
    """What the By… parameters leave: equal where they name a thing, within where they give a time."""
    kept = list(items)
    for name, of in by.items():
        wanted = params.get(name)
        if wanted is None:
            continue
        if name.endswith(("Before", "After")):
            kept = [item for item in kept if _in_time(of(item), wanted, after=name.endswith("After"))]
        else:
            kept = [item for item in kept if of(item) == wanted]
    return kept


def _in_time(moment: object, bound: datetime, *, after: bool) -> bool:
    if not isinstance(moment, datetime):
        return False
    return moment >= bound if after else moment <= bound


def page(items: Sequence[T], call: Call, key: Callable[[T], str]) -> tuple[list[T], dict[str, str]]:
    """One page of a list, and the NextToken if there is more. Raises InvalidParameterValueException."""
    most = call.params.get("MaxResults", _MOST)
    if not 1 <= most <= _MOST:
        raise invalid(f"MaxResults must be between 1 and {_MOST}.")
    keys, token = [key(item) for item in items], call.params.get("NextToken")
    if token and token not in keys:
        raise invalid("Invalid next token.")
    start = keys.index(token) if token else 0
    more = {"NextToken": keys[start + most]} if start + most < len(items) else {}
    return list(items[start : start + most]), more
