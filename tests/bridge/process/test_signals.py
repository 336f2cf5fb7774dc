import signal
import threading
import time

import pytest

from synaptile.bridge.engines.interrupts import deferred_interrupt
from synaptile.bridge.process import signals
from synaptile.bridge.process.signals import like_ctrl_c
from synaptile.swsim.base.interrupts import DeferredInterrupt

NUMBERS = [signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGINT]


@pytest.mark.parametrize("number", NUMBERS)
def test_each_interrupts_and_has_its_exit_code(number: int) -> None:
    before = {each: signal.getsignal(each) for each in NUMBERS}
    with like_ctrl_c() as interruption:
        assert interruption.exit_code == 130
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert interruption.exit_code == 128 + number
    assert {each: signal.getsignal(each) for each in NUMBERS} == before


@pytest.mark.parametrize("number", NUMBERS)
def test_it_waits_for_the_end_of_a_step(number: int) -> None:
    with like_ctrl_c() as interruption:
        with DeferredInterrupt() as step, deferred_interrupt() as inner:
            signal.raise_signal(number)
            assert (step.requested, bool(inner)) == (True, False)
        assert interruption.exit_code == 128 + number
        assert signal.getsignal(number) is interruption


def test_the_same_signal_twice_is_one_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with like_ctrl_c() as interruption:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGHUP)
        assert interruption.exit_code == 143
        with pytest.raises(KeyboardInterrupt):  # whoever presses Ctrl-C means it
            signal.raise_signal(signal.SIGINT)
        now += signals._SAME
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGHUP)
        assert interruption.exit_code == 129


def test_what_is_ignored_or_handled_is_left_alone() -> None:
    seen: list[int] = []
    before = [signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.signal(signal.SIGTERM, lambda *_: seen.append(1))]
    try:
        with like_ctrl_c() as interruption:
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
        assert (seen, interruption.exit_code) == ([1], 130)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before[0])
        signal.signal(signal.SIGTERM, before[1])


def test_another_thread_changes_nothing() -> None:
    handlers = []

    def work() -> None:
        with like_ctrl_c():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.SIG_DFL]
