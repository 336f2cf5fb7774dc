"""A network whose spikes are carried by hardware, which is imagined here."""

import numpy as np
import pytest
from support.fake_chip import CHAIN, FakeChip, chain, spikes

import synaptile.swsim as sim


class TestHardware:
    def test_at_once_equals_software(self):
        chip = FakeChip()
        chain(hardware=chip)
        sim.run(10)
        sim.run(20)
        assert spikes(sim.get_trace()) == CHAIN
        assert len(chip.wirings) == 1
        assert chip.steps == list(range(301))
        assert [trace.steps for trace in chip.traces] == [101, 301]
        assert spikes(chip.traces[-1]) == CHAIN
        wiring = chip.wirings[0]
        assert (wiring.dt, wiring.neurons) == (0.1, 3)
        assert wiring.delay.tolist() == [5, 20]
        assert [population.label for population in wiring.populations] == ["source", "cells"]

    def test_late_by_steps(self):
        chain(hardware=FakeChip(late=3))
        sim.run(30)
        assert spikes(sim.get_trace()) == [(10, 0), (18, 1), (41, 2), (200, 0), (208, 1), (231, 2)]

    def test_begins_anew_after_resets_only(self):
        chip = FakeChip()
        _, cells = chain(hardware=chip)
        sim.run(1)
        sim.Population(1, sim.IF_curr_delta())
        with pytest.raises(RuntimeError, match=r"in the middle of a run, and the time is 1\.0 ms; call reset\(\)"):
            sim.run(1)
        sim.reset()
        sim.run(1)
        assert [wiring.neurons for wiring in chip.wirings] == [3, 4]
        cells.set(i_offset=0.1)
        sim.run(1)
        assert len(chip.wirings) == 2

    def test_new_weights_leave_what_is_under_way(self):
        late = FakeChip(late=3)
        chain(hardware=late)
        sim.run(1.5)
        for projection in sim.state.network.projections:
            projection.set(weight=projection.get("weight", format="list", with_address=False)[0])
        sim.run(28.5)
        assert len(late.wirings) == 1
        assert spikes(sim.get_trace()) == [(10, 0), (18, 1), (41, 2), (200, 0), (208, 1), (231, 2)]

    def test_ends_once_per_run_with_callbacks(self):
        chip = FakeChip()
        chain(hardware=chip)
        sim.run(10, callbacks=[lambda time: time + 1])
        assert len(chip.traces) == 1

    def test_wrong_tiles_are_refused(self):
        chip = FakeChip()
        chip.begin = lambda wiring: np.zeros(2, np.int32)
        chain(hardware=chip)
        with pytest.raises(ValueError, match=r"^hardware.begin\(\) must return one tile .* for each of 3 neurons, not"):
            sim.run(1)

    def test_network_that_does_not_fit(self):
        chip = FakeChip()

        def refuse(wiring):
            raise ValueError("3 neurons do not fit")

        chip.begin = refuse
        chain(hardware=chip)
        with pytest.raises(ValueError, match="do not fit"):
            sim.run(1)
        assert sim.get_current_time() == 0.0
