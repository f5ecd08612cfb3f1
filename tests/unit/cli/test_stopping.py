"""Before anybody waits for a signal, one ends the command, wherever it is."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from harness.cli.project import project_root
from harness.cli.stopping import INTERRUPTED

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BEGIN = """
import atexit, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from harness.cli.stopping import stoppable
"""


def ended(code: str) -> tuple[int, str]:
    """Exit code and what was told by a process that runs this."""
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN + code],
        cwd=project_root(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("sent", SIGNALS)
def test_a_signal_ends_the_command_without_a_word(sent: signal.Signals) -> None:
    assert ended(f"with stoppable(): signal.raise_signal({sent.value})") == (INTERRUPTED, "")


def test_a_signal_is_not_lost_where_python_swallows_exceptions() -> None:
    """As in the callbacks of its import locks."""
    lost = """
class Swallows:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
with stoppable():
    del_me = Swallows()
    del del_me
    print("went on")
"""
    assert ended(lost) == (INTERRUPTED, "")


def test_a_command_that_is_done_keeps_its_exit_code() -> None:
    late = """
atexit.register(lambda: signal.raise_signal(signal.SIGTERM))
with stoppable():
    pass
sys.exit(3)
"""
    assert ended(late) == (3, "")
