"""Signatures are those of AWS's own examples, and a request that differs in anything that was signed has another."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from harness.cloud.signature import is_by

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
USERS = "Action=ListUsers&Version=2010-05-08"


def request(path: str, signed: str, signature: str, service: str, host: str, headers: dict[str, str]) -> Request:
    date = "20150830T123600Z"
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{date[:8]}/us-east-1/{service}/aws4_request, "
        f"SignedHeaders={signed}, Signature={signature}"
    )
    sent = {"Host": host, "X-Amz-Date": date, "User-Agent": "any", **headers, "Authorization": authorization}
    environ: dict[str, Any] = EnvironBuilder(path=path, headers=Headers(sent)).get_environ()
    return Request({**environ, "RAW_URI": path})


def vanilla(
    path: str = "/", signature: str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
) -> Request:
    """`get-vanilla` of the Signature Version 4 test suite."""
    return request(path, "host;x-amz-date", signature, "service", "example.amazonaws.com", {})


def list_users(query: str = USERS, **headers: str) -> Request:
    """The example of the IAM User Guide."""
    signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    sent = {**FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return request(f"/?{query}", "content-type;host;x-amz-date", signature, "iam", "iam.amazonaws.com", sent)


def test_the_examples_of_aws_are_by_their_secret() -> None:
    assert is_by(SECRET, vanilla(), b"")
    assert is_by(SECRET, list_users(), b"")
    assert not is_by(SECRET + "x", list_users(), b"")


def test_what_does_not_count_may_differ() -> None:
    """The order of a query, spaces in a header, headers that were not signed."""
    assert is_by(SECRET, list_users("Version=2010-05-08&Action=ListUsers", User_Agent="another"), b"")
    assert is_by(SECRET, list_users(Content_Type="application/x-www-form-urlencoded;   charset=utf-8 "), b"")


@pytest.mark.parametrize(
    "changed",
    [
        list_users("Action=ListRoles&Version=2010-05-08"),
        list_users(Content_Type="text/plain"),
        list_users(X_Amz_Date="20150830T123601Z"),
        list_users(Host="iam.example.com"),
        vanilla("/elsewhere"),
        vanilla(signature="0" * 64),
    ],
)
def test_what_was_signed_may_not(changed: Request) -> None:
    assert not is_by(SECRET, changed, b"")


def test_a_body_counts() -> None:
    assert not is_by(SECRET, list_users(), b"more")


@pytest.mark.parametrize("said", ["", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b, Signature=c"])
def test_what_is_no_signature_is_nobodys(said: str) -> None:
    broken = Request(EnvironBuilder(path="/", headers=Headers({"Authorization": said})).get_environ())
    assert not is_by(SECRET, broken, b"")
