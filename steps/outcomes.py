"""What pytest thought of each drill's scenario, on file beside its evidence: a sentence that failed must not be lost.

A verdict knows nothing of sentences. Should one fail, be undefined or break while all findings pass, the command line
learns it from `<drill>.pytest`: a line for each scenario that names the drill, "passed" or "failed".
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from steps.options import OPTIONS
from steps.selection import drill_of

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    drill = drill_of(item)
    if drill is not None:
        failed = item.stash.get(_FAILED, False) or not report.passed
        item.stash[_FAILED] = failed
        out = item.config.stash[OPTIONS].out
        if call.when == "teardown" and out.is_dir():
            with (out / f"{drill}.pytest").open("a") as outcomes:
                outcomes.write("failed\n" if failed else "passed\n")
    return report
