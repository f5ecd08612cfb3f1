"""The smoke test runs the application itself: where its database cannot be reached, it says so and ends."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any, cast

from harness.clock import SystemClock
from harness.dial import Directory
from harness.estate import load_estate
from harness.login import Login
from harness.probes.sight import Sight
from harness.probes.smoke import HEALTH, smoke

LABELMINT = load_estate(Path(__file__).parents[3] / "scenarios" / "labelmint.toml")


def test_an_application_without_its_database_is_told_and_gone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        directory = Directory(silent.getsockname())
        sight = Sight(cast(Any, None), LABELMINT, directory, Login("app", "secret", "labelmint"), SystemClock())
        wrong, answer = smoke(sight, "us-east-1", ("restored.example", 5432))
    assert len(wrong) == 2
    assert wrong[0].startswith(f"{HEALTH} is 503")
    assert "secret" not in f"{wrong}{answer}"
    assert "smoke test" not in {thread.name for thread in threading.enumerate()}
