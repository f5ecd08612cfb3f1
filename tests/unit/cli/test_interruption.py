"""One Ctrl-C asks, a second one kills; the same press that arrives twice is one."""

from __future__ import annotations

import signal

import pytest

from harness.cli.rehearsal import Interruption
from harness.clock import FakeClock


@pytest.mark.parametrize(("apart", "again"), [(0.2, False), (1.5, True)])
def test_a_second_press_counts_only_when_it_is_one(apart: float, again: bool) -> None:
    """A terminal sends Ctrl-C to us and to whoever started us, who may send it on: that is still one press."""
    clock = FakeClock()
    with Interruption(clock) as interruption:
        signal.raise_signal(signal.SIGINT)
        clock.advance(apart)
        signal.raise_signal(signal.SIGINT)
        assert interruption.first is not None
        assert interruption.again is again


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_are_noticed_and_remembered(sent: signal.Signals) -> None:
    with Interruption() as interruption:
        signal.raise_signal(sent)
        interruption.wait(10)
        assert interruption.signal is sent


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    """Under nohup a run goes on when its terminal goes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert interruption.first is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_from_before_come_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
