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


def test_sigterm_is_noticed_and_remembered() -> None:
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGTERM)
        interruption.wait(10)
        assert interruption.signal is signal.SIGTERM


def test_the_handlers_from_before_come_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
