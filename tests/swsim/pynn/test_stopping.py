"""Ctrl-C and exceptions in the middle of a run."""

import os
import signal
import threading

import pytest
from support.fake_chip import CHAIN, FakeChip, chain, spikes

import synaptile.swsim as sim


class TestInterrupt:
    def test_ctrl_c_keeps_whole_steps_and_lets_the_script_go_on(self):
        chip = FakeChip()
        _, cells = chain(hardware=chip)
        cells.record("v")
        exchange = chip.exchange

        def press(step, fired):
            if step == 100:
                os.kill(os.getpid(), signal.SIGINT)
            return exchange(step, fired)

        chip.exchange = press
        with pytest.raises(KeyboardInterrupt):
            sim.run(30)
        assert sim.get_current_time() == 10.0
        trace = sim.get_trace()
        assert (trace.partial, trace.steps, spikes(trace)) == (True, 101, CHAIN[:3])
        assert chip.traces[-1].partial
        assert cells.get_data().segments[0].analogsignals[0].shape == (101, 2)
        sim.run(20)
        assert spikes(sim.get_trace()) == CHAIN
        sim.reset()
        sim.run(1)
        assert not sim.get_trace().partial
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_interrupt_from_a_callback(self):
        chain()

        def callback(time):
            if time >= 5:
                raise KeyboardInterrupt
            return time + 1

        with pytest.raises(KeyboardInterrupt):
            sim.run(30, callbacks=[callback])
        trace = sim.get_trace()
        assert (trace.partial, trace.steps) == (True, 51)

    def test_ctrl_c_before_the_first_step_is_not_lost(self):
        chip = FakeChip()
        chain(hardware=chip)
        exchange = chip.exchange

        def press(step, fired):
            signal.raise_signal(signal.SIGINT)
            return exchange(step, fired)

        chip.exchange = press
        with pytest.raises(KeyboardInterrupt):
            sim.run(0)
        assert sim.get_trace().steps == 1

    def test_outside_the_main_thread(self):
        chain()
        thread = threading.Thread(target=sim.run, args=(30,))
        thread.start()
        thread.join()
        assert spikes(sim.get_trace()) == CHAIN
