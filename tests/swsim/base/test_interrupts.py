import signal
import threading

import pytest

from synaptile.swsim.base.interrupts import DeferredInterrupt


def test_first_ctrl_c_waits_second_does_not():
    with DeferredInterrupt() as interrupt:
        assert not interrupt.requested
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_leaves_other_handlers_alone():
    seen = []
    previous = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        with DeferredInterrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert (seen, interrupt.requested) == ([1], False)
    finally:
        signal.signal(signal.SIGINT, previous)


def test_does_nothing_in_another_thread():
    handlers = []

    def work():
        with DeferredInterrupt():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]
