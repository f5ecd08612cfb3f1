"""What a probe needs to look at an estate."""

from __future__ import annotations

from dataclasses import dataclass

from harness.aws import Aws
from harness.clock import Clock
from harness.dial import Directory
from harness.estate import Estate
from harness.login import Login


@dataclass(frozen=True, slots=True)
class Sight:
    """What it takes to look at an estate."""

    aws: Aws
    estate: Estate
    directory: Directory
    login: Login
    clock: Clock
