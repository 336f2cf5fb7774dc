"""setup, run, reset, end, the trace, and hardware, as a script sees them."""

import json
import os
import signal
import sys
import threading

import numpy as np
import pyNN.mock
import pytest
from pyNN.utility import get_simulator

import synaptile.swsim as sim
from synaptile.swsim.trace import Trace


def spikes(trace):
    return list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True))


def chain(**setup):
    """A source that drives a chain of two neurons; returns the populations."""
    sim.setup(timestep=0.1, **setup)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 20.0]), label="source")
    cells = sim.Population(2, sim.IF_curr_delta(tau_refrac=1.0), label="cells")
    sim.Projection(source, cells[0:1], sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=0.5))
    sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=2.0))
    return source, cells


CHAIN = [(10, 0), (15, 1), (35, 2), (200, 0), (205, 1), (225, 2)]


class FakeChip:
    """One tile per neuron; inter-tile arrivals some steps late; notes what it is asked."""

    def __init__(self, late=0):
        self.late = late
        self.wirings, self.traces, self.steps = [], [], []

    def begin(self, wiring):
        self.wirings.append(wiring)
        self.under_way = {}
        return np.arange(wiring.neurons, dtype=np.int32)

    def exchange(self, step, fired):
        self.steps.append(step)
        wiring = self.wirings[-1]
        for neuron in fired.tolist():
            for target in np.unique(wiring.post[wiring.pre == neuron]).tolist():
                at = step if target == neuron else step + self.late
                self.under_way.setdefault(at, []).append((neuron, target))
        arrivals = self.under_way.pop(step, [])
        return tuple(np.array([pair[i] for pair in arrivals], np.int32) for i in (0, 1))

    def end(self, trace):
        self.traces.append(trace)


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
            ({"threads": 0}, "threads must be a whole number of at least 1, not 0"),
            ({"threads": 1.5}, "threads must be a whole number of at least 1, not 1.5"),
            ({"threads": True}, "threads must be a whole number of at least 1, not True"),
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


class TestSeed:
    def network(self, seed):
        sim.setup(timestep=1.0, seed=seed)
        noise = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
        more = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
        cells = sim.Population(20, sim.IF_curr_exp(i_offset=sim.RandomDistribution("uniform", low=0.5, high=1)))
        cells.initialize(v=sim.RandomDistribution("uniform", low=-65, high=-50))
        sim.Projection(
            noise,
            cells.sample(10),
            sim.FixedProbabilityConnector(0.5),
            sim.StaticSynapse(weight=sim.RandomDistribution("uniform", low=0, high=1), delay=1.0),
        )
        return noise, more, cells

    def run(self, seed):
        self.network(seed)
        sim.run(200)
        return sim.get_trace()

    def test_determines_everything(self, tmp_path):
        first, second, other = (self.run(seed) for seed in (3, 3, 4))
        assert spikes(first) == spikes(second) != spikes(other)
        assert first.save(tmp_path / "1").read_bytes() == second.save(tmp_path / "2").read_bytes()
        assert not np.array_equal(first.weight, other.weight)

    def test_populations_and_trials_differ_and_repeat(self):
        def trials():
            noise, more, _ = self.network(3)
            noise.record("spikes")
            more.record("spikes")
            for _ in range(2):
                sim.run(200)
                sim.reset()
            return [
                [train.magnitude.tolist() for train in segment.spiketrains]
                for population in (noise, more)
                for segment in population.get_data().segments
            ]

        trains = trials()
        assert len(trains) == 4
        assert all(a != b for i, a in enumerate(trains) for b in trains[:i])
        assert trains == trials()

    def test_split_runs_draw_the_same(self):
        whole = self.run(3)
        self.network(3)
        for _ in range(8):
            sim.run(25)
        assert spikes(sim.get_trace()) == spikes(whole)


class TestTrace:
    def test_content(self, tmp_path):
        chain(seed=9)
        sim.run(30)
        sim.end()
        path = sim.save_trace(tmp_path / "snn.sw.out")
        trace = Trace.load(path)
        assert spikes(trace) == CHAIN
        assert (trace.dt, trace.steps, trace.neurons, trace.partial) == (0.1, 301, 3, False)
        assert trace.pre.tolist() == [0, 1]
        assert trace.post.tolist() == [1, 2]
        assert trace.weight.tolist() == [20.0, 20.0]
        assert trace.delay.tolist() == [5, 20]
        assert [(p.label, p.start, p.stop, p.celltype) for p in trace.populations] == [
            ("source", 0, 1, "SpikeSourceArray"),
            ("cells", 1, 3, "IF_curr_delta"),
        ]
        assert trace.meta["seed"] == 9
        assert sorted(trace.meta["versions"]) == ["numpy", "pyNN", "python", "synaptile"]
        json.dumps(trace.meta)

    def test_before_any_run(self):
        chain()
        trace = sim.get_trace()
        assert (trace.steps, trace.spikes, trace.synapses) == (0, 0, 2)

    def test_does_not_change_afterwards(self):
        chain()
        sim.run(5)
        trace = sim.get_trace()
        sim.run(25)
        assert spikes(trace) == CHAIN[:3]
        assert trace.steps == 51


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
        for projection in sim.state.projections:
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
