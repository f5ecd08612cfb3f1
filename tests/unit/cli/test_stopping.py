"""Before anybody waits for a signal, one breaks the command off; it is not lost where Python swallows exceptions."""

from __future__ import annotations

import signal
from contextlib import suppress

import pytest

from harness.cli.rehearsal import Interruption
from harness.cli.stopping import INTERRUPTED, Ended, stoppable

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("sent", SIGNALS)
def test_a_signal_ends_the_command(sent: signal.Signals) -> None:
    with pytest.raises(Ended) as ended, stoppable(for_good=False):
        signal.raise_signal(sent)
    assert ended.value.exit_code == INTERRUPTED


def test_the_same_press_a_moment_later_does_not_disturb_the_end() -> None:
    """What is being cleaned up is cleaned up."""

    def command() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            cleaned.append(True)

    cleaned: list[bool] = []
    with pytest.raises(Ended), stoppable(for_good=False):
        command()
    assert cleaned


def test_a_signal_that_python_lost_still_counts() -> None:
    """What a signal raises in a callback of the import locks is printed and forgotten."""
    with pytest.raises(Ended), stoppable(for_good=False):
        lose_a_signal()


def test_a_run_does_not_begin_after_a_signal_that_was_lost() -> None:
    """It is seen as soon as somebody waits for signals, before anything is started."""

    def command() -> None:
        lose_a_signal()
        handler = signal.getsignal(signal.SIGTERM)
        try:
            with Interruption():
                begun.append(True)
        finally:
            assert signal.getsignal(signal.SIGTERM) == handler

    begun: list[bool] = []
    with pytest.raises(Ended), stoppable(for_good=False):
        command()
    assert not begun


def lose_a_signal() -> None:
    with suppress(Ended):
        signal.raise_signal(signal.SIGTERM)


def test_the_handlers_from_before_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stoppable(for_good=False):
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
    with Interruption():  # and nothing is remembered
        pass
