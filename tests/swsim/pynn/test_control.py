"""setup, run, reset and end, as a script sees them."""

import sys

import numpy as np
import pyNN.mock
import pytest
from pyNN.utility import get_simulator
from support.fake_chip import CHAIN, FakeChip, chain, spikes

import synaptile.swsim as sim


class TestName:
    def test_pynn_finds_the_backend(self):
        assert sys.modules["pyNN.synaptile"] is sim
        assert pyNN.synaptile is sim

    def test_get_simulator(self, monkeypatch):
        monkeypatch.setattr(sys, "argv", ["script.py", "synaptile"])
        found, options = get_simulator()
        assert found is sim
        assert options.simulator == "synaptile"

    def test_whole_api_is_there(self):
        internal = ["Connector", "FixedNumberConnector", "MapConnector", "MockCurrentSource"]
        missing = [
            name
            for name, value in vars(pyNN.mock).items()
            if getattr(value, "__module__", "").startswith(("pyNN.mock", "pyNN.connectors", "pyNN.common"))
            and not name.startswith("_")
            and not hasattr(sim, name)
        ]
        assert sorted(missing) == internal


class TestSetup:
    def test_defaults(self):
        assert sim.setup() == 0
        assert (sim.get_time_step(), sim.get_current_time()) == (0.1, 0.0)
        assert (sim.rank(), sim.num_processes()) == (0, 1)
        assert (sim.get_min_delay(), sim.get_max_delay()) == (0.1, 0.1)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"timestep": 0.0}, "timestep must be positive and finite, not 0.0"),
            ({"min_delay": 0.05}, "min_delay must be finite and at least timestep of 0.1 ms, not 0.05"),
            ({"min_delay": 1.0, "max_delay": 0.5}, "max_delay must be finite and at least min_delay of 1 ms, not 0.5"),
            ({"max_delay": "none"}, "max_delay must be 'auto' or a number of ms, not 'none'"),
            ({"seed": -1}, "seed must be a whole number of at least 0, not -1"),
            ({"seed": 1.5}, "seed must be a whole number of at least 0, not 1.5"),
            ({"seed": float("inf")}, "seed must be a whole number of at least 0, not inf"),
            ({"seed": "3"}, "seed must be a whole number of at least 0, not '3'"),
            ({"threads": 0}, "threads must be a whole number in 1..1024, not 0"),
            ({"threads": 1e9}, "threads must be a whole number in 1..1024, not 1000000000.0"),
            ({"threads": float("nan")}, "threads must be a whole number in 1..1024, not nan"),
            ({"threads": 1.5}, "threads must be a whole number in 1..1024, not 1.5"),
            ({"threads": True}, "threads must be a whole number in 1..1024, not True"),
        ],
    )
    def test_refuses_values(self, arguments, message):
        with pytest.raises(ValueError, match=f"^{message}$"):
            sim.setup(**arguments)

    def test_refuses_wrong_names(self):
        with pytest.raises(TypeError, match=r"^dt is not a parameter of setup\(\); use timestep"):
            sim.setup(dt=0.1)

    def test_warns_of_unknown_names_and_knows_those_of_other_backends(self):
        with pytest.warns(UserWarning, match=r"^setup\(\) does not know the parameter 'sede' and ignores it$"):
            sim.setup(sede=3)
        sim.setup(verbosity=0, spike_precision="on_grid")

    def test_refuses_hardware_that_is_none(self):
        with pytest.raises(TypeError, match=r"hardware must have the methods .* lacks \['begin', 'exchange', 'end'\]$"):
            sim.setup(hardware=object())

    def test_forgets_the_network(self):
        chain()
        sim.run(30)
        sim.setup()
        assert sim.get_trace().neurons == 0
        assert sim.get_current_time() == 0.0

    def test_rng_seed_is_understood(self):
        sim.setup(rng_seed=11)
        assert sim.get_trace().meta["seed"] == 11

    def test_defaults_from_outside(self):
        chip, reports = FakeChip(), []
        sim.set_defaults(hardware=chip, seed=5, progress=lambda *report: reports.append(report))
        try:
            chain()
            sim.run(30)
            assert spikes(chip.traces[0]) == CHAIN
            assert chip.wirings[0].seed == 5
            assert reports[-1] == (300, 300, 6)
            own = FakeChip()
            chain(hardware=own, seed=6)
            sim.run(1)
            assert (len(own.traces), own.wirings[0].seed, len(chip.traces)) == (1, 6, 1)
        finally:
            sim.set_defaults()
        chain()
        sim.run(30)
        assert len(chip.traces) == 1


class TestRun:
    def test_time_goes_on(self):
        sim.setup(timestep=0.1)
        assert sim.run(0.3) == 0.3
        assert sim.run_for(0.4) == 0.7
        assert sim.run_until(10.0) == 10.0
        assert sim.get_current_time() == 10.0

    def test_refuses_the_past_and_the_infinite(self):
        sim.setup()
        sim.run(10)
        with pytest.raises(ValueError, match="is in the past"):
            sim.run_until(5.0)
        with pytest.raises(ValueError, match=r"^the time to run to must be finite, not inf$"):
            sim.run(float("inf"))

    def test_convention_of_spike_times(self):
        source, cells = chain()
        source.record("spikes")
        cells.record("spikes")
        sim.run(30)
        trains = cells.get_data().segments[0].spiketrains
        assert source.get_data().segments[0].spiketrains[0].magnitude.tolist() == [1.0, 20.0]
        assert [train.magnitude.tolist() for train in trains] == [[1.5, 20.5], [3.5, 22.5]]
        assert spikes(sim.get_trace()) == CHAIN

    def test_split_runs(self):
        chain()
        for time in (0.1, 0.9, 0.5, 3.5, 25.0):
            sim.run(time)
        assert spikes(sim.get_trace()) == CHAIN

    def test_callbacks(self):
        _, cells = chain()
        seen = []

        def callback(time):
            seen.append((time, cells.get_data("v").segments[0].analogsignals[0].shape[0] if time else 0))
            return time + 10.0

        cells.record("v")
        sim.run(30.0, callbacks=[callback])
        assert seen == [(0.0, 0), (10.0, 101), (20.0, 201), (30.0, 301)]
        assert spikes(sim.get_trace()) == CHAIN

    def test_network_may_grow_between_runs(self):
        _, cells = chain()
        sim.run(1.2)
        more = sim.Population(1, sim.IF_curr_delta())
        sim.Projection(cells[1:2], more, sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
        sim.run(28.8)
        assert spikes(sim.get_trace()) == sorted([*CHAIN, (45, 3), (235, 3)])

    def test_min_and_max_delay_come_from_the_network(self):
        chain()
        assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 2.0)
        chain(min_delay=0.2, max_delay=5.0)
        assert (sim.get_min_delay(), sim.get_max_delay()) == (0.2, 5.0)


class TestReset:
    def test_same_spikes_again(self):
        _, cells = chain()
        cells.record(["spikes", "v"])
        rng = sim.NumpyRNG(seed=1)
        cells.initialize(v=sim.RandomDistribution("uniform", low=-65, high=-55, rng=rng))
        for _ in range(3):
            sim.run(25)
            sim.reset()
        segments = cells.get_data().segments
        assert len(segments) == 3
        first = segments[0]
        for segment in segments[1:]:
            np.testing.assert_array_equal(segment.analogsignals[0], first.analogsignals[0])
            assert [t.magnitude.tolist() for t in segment.spiketrains] == [
                t.magnitude.tolist() for t in first.spiketrains
            ]
        assert first.analogsignals[0][0, 0] != first.analogsignals[0][0, 1]

    def test_reset_in_the_middle_forgets_what_is_under_way(self):
        chain()
        sim.run(1.2)
        sim.reset()
        assert sim.get_current_time() == 0.0
        assert spikes(sim.get_trace()) == []
        sim.run(30)
        assert spikes(sim.get_trace()) == CHAIN

    def test_refractoriness_is_forgotten(self):
        sim.setup(timestep=1.0)
        sim.Population(1, sim.IF_curr_exp(i_offset=20.0, tau_refrac=50.0))
        sim.run(3)
        sim.reset()
        sim.run(3)
        assert spikes(sim.get_trace()) == [(1, 0)]
