"""The loop: time conventions, lock-step with hardware, interruption."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.current_pulse import Pulse
from support.fake_chip import FakeChip

from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.engine.populations import PopulationBlock
from synaptile.swsim.engine.simulation import Engine
from synaptile.swsim.neurons.lif import CurrDelta
from synaptile.swsim.recording.sampler import Sampler
from synaptile.swsim.sources.spike_trains import SpikeTrains
from synaptile.swsim.synapses.edge_list import Synapses

# Weights are multiples of 1/8 mV: their sums are exact in any order.
CELL = {
    "v_rest": 0.0,
    "cm": 1.0,
    "tau_m": 10.0,
    "tau_refrac": 2.0,
    "i_offset": 0.0,
    "v_reset": 0.0,
    "v_thresh": 1.0,
}


def cells(n):
    return CurrDelta({name: np.full(n, value) for name, value in CELL.items()})


def synapses(rows):
    pre, post, weight, delay = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Synapses(
        np.array(pre, np.int32),
        np.array(post, np.int32),
        np.zeros(len(pre), np.int8),
        np.array(weight, np.float64),
        np.array(delay, np.int32),
    )


def engine_of(trains, neurons, rows, hardware=None, tile=None, **kwargs):
    """Sources first, then neurons; dt is 1 ms."""
    grid = TimeGrid(1.0)
    engine = Engine(grid, hardware, **kwargs)
    sources = SpikeTrains(grid, [np.array(train, float) for train in trains])
    blocks = [
        PopulationBlock(0, len(trains), sources),
        PopulationBlock(len(trains), len(trains) + neurons, cells(neurons)),
    ]
    engine.load(blocks, synapses(rows), tile)
    return engine


def spikes(engine):
    return list(zip(engine.log.step.tolist(), engine.log.neuron.tolist(), strict=True))


def late_chip(tile, rows, late, kind=FakeChip):
    """Hardware that delivers to other tiles a fixed number of steps late."""
    chip = kind(late)
    chip.connect(tile, [row[0] for row in rows], [row[1] for row in rows])
    return chip


class TestTime:
    def test_spike_with_delay_acts_at_its_grid_point(self):
        engine = engine_of([[3]], 1, [(0, 1, 1.0, 4)])
        engine.run(20)
        assert spikes(engine) == [(3, 0), (7, 1)]

    def test_shortest_delay_is_one_step(self):
        engine = engine_of([[0]], 2, [(0, 1, 1.0, 1), (1, 2, 1.0, 1)])
        engine.run(5)
        assert spikes(engine) == [(0, 0), (1, 1), (2, 2)]

    def test_samples_include_the_initial_value(self):
        engine = engine_of([[2]], 1, [(0, 1, 0.5, 1)])
        sampler = Sampler(next(bank.model for bank in engine._banks), "v", 1, 0)
        sampler.add(np.array([0]))
        engine.samplers.append(sampler)
        engine.run(3)
        engine.run(5)
        np.testing.assert_allclose(
            sampler.data(np.array([0]))[:, 0], [0, 0, 0, 0.5, 0.5 * np.exp(-0.1), 0.5 * np.exp(-0.2)]
        )

    def test_pulse_flows_from_start_to_stop(self):
        engine = engine_of([[]], 1, [])
        model = engine._banks[0].model
        engine.set_electrodes([Pulse(np.array([1]), 0.05, 2, 4), Pulse(np.array([1, 1]), 0.0, 0, 9)])
        values = []
        for target in range(1, 6):
            engine.run(target)
            values.append(model.state["v"][0])
        rise = 0.5 * (1 - np.exp(-0.1))
        twice = rise * (1 + np.exp(-0.1))
        np.testing.assert_allclose(values, [0, 0, rise, twice, twice * np.exp(-0.1)], atol=1e-15)

    def test_two_pulses_into_a_neuron_add_up(self):
        engine = engine_of([[]], 1, [])
        engine.set_electrodes([Pulse(np.array([1, 1]), 0.01, 0, 5), Pulse(np.array([1]), 0.03, 0, 5)])
        engine.run(1)
        assert engine._banks[0].model.state["v"][0] == pytest.approx(0.5 * (1 - np.exp(-0.1)))

    def test_split_runs_equal_one_run(self):
        rows = [(0, 1, 1.0, 3), (1, 2, 0.75, 2), (2, 1, 0.5, 1), (0, 2, 0.5, 6)]
        whole = engine_of([[0, 2, 5, 9, 14]], 2, rows)
        whole.run(30)
        parts = engine_of([[0, 2, 5, 9, 14]], 2, rows)
        for target in (0, 1, 5, 6, 17, 30):
            parts.run(target)
        assert spikes(whole) == spikes(parts)
        assert len(whole.log) > 5

    def test_load_keeps_what_is_under_way(self):
        grid = TimeGrid(1.0)
        engine = Engine(grid)
        first = [PopulationBlock(0, 1, SpikeTrains(grid, [np.array([1.0])])), PopulationBlock(1, 2, cells(1))]
        engine.load(first, synapses([(0, 1, 1.0, 5)]))
        engine.run(3)
        engine.load([*first, PopulationBlock(2, 4, cells(2))], synapses([(0, 1, 1.0, 5), (1, 3, 1.0, 9)]))
        engine.run(20)
        assert spikes(engine) == [(1, 0), (6, 1), (15, 3)]

    def test_load_with_shorter_delays_keeps_what_is_under_way(self):
        engine = engine_of([[1]], 1, [(0, 1, 1.0, 9)])
        engine.run(2)
        blocks = [engine._blocks[0], PopulationBlock(1, 2, engine._banks[0].model)]
        engine.load(blocks, synapses([(0, 1, 1.0, 1)]))
        engine.run(15)
        assert spikes(engine) == [(1, 0), (10, 1)]

    def test_restart_forgets_what_is_under_way(self):
        engine = engine_of([[1]], 1, [(0, 1, 1.0, 5)])
        engine.run(3)
        engine.restart()
        assert (engine.step, len(engine.log), engine.started) == (0, 0, False)
        engine.run(5)
        assert spikes(engine) == [(1, 0)]


network = st.integers(2, 6).flatmap(
    lambda neurons: st.tuples(
        st.lists(st.lists(st.integers(0, 30).map(float), max_size=8, unique=True).map(sorted), min_size=1, max_size=3),
        st.just(neurons),
        st.lists(st.integers(0, 2), min_size=9, max_size=9),
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(3, 2 + neurons), st.integers(1, 12), st.integers(1, 7)),
            max_size=25,
        ),
    )
)


class TestHardware:
    @settings(max_examples=80, deadline=None)
    @given(network, st.integers(0, 5))
    def test_late_by_n_steps_is_software_with_longer_delays(self, drawn, late):
        trains, neurons, tiles, rows = drawn
        trains = trains + [[]] * (3 - len(trains))
        tile = np.array(tiles[: 3 + neurons], np.int32)
        rows = [(pre % (3 + neurons), post, weight / 8, delay) for pre, post, weight, delay in rows]
        hardware = late_chip(tile, rows, late)
        with_hardware = engine_of(trains, neurons, rows, hardware, tile)
        with_hardware.run(40)
        longer = [
            (pre, post, weight, delay + (late if tile[pre] != tile[post] else 0)) for pre, post, weight, delay in rows
        ]
        software = engine_of(trains, neurons, longer)
        software.run(40)
        assert spikes(with_hardware) == spikes(software)
        assert hardware.steps == list(range(41))
        assert sorted((step, n) for step, sent in hardware.sent.items() for n in sent) == spikes(software)

    def test_delay_counts_from_the_step_of_arrival(self):
        tile = np.array([0, 1], np.int32)
        rows = [(0, 1, 1.0, 2)]
        engine = engine_of([[3]], 1, rows, late_chip(tile, rows, 4), tile)
        engine.run(20)
        assert spikes(engine) == [(3, 0), (9, 1)]

    @pytest.mark.parametrize(
        ("arrivals", "message"),
        [
            (([0], [2]), r"^exchange\(\) must return tiles in 0..1, not 2$"),
            (([7], [0]), r"^exchange\(\) must return neurons in 0..1, not 7$"),
            (([0, 1], [0]), r"^exchange\(\) must return as many neurons as tiles, not 2 and 1$"),
        ],
    )
    def test_impossible_arrivals_are_refused(self, arrivals, message):
        hardware = late_chip(np.array([0, 1]), [], 0)
        hardware.exchange = lambda step, spikes: tuple(np.array(column, np.int32) for column in arrivals)
        engine = engine_of([[3]], 1, [(0, 1, 1.0, 2)], hardware, np.array([0, 1], np.int32))
        with pytest.raises(ValueError, match=message):
            engine.run(10)

    def test_unfinished_step_is_finished_by_the_next_run(self):
        tile = np.array([0, 1], np.int32)
        rows = [(0, 1, 1.0, 2)]

        class Failing(FakeChip):
            def exchange(self, step, spikes):
                if step == 5 and not self.failed:
                    self.failed = True
                    raise KeyboardInterrupt
                return super().exchange(step, spikes)

        hardware = late_chip(tile, rows, 0, Failing)
        hardware.failed = False
        engine = engine_of([[3]], 1, rows, hardware, tile)
        with pytest.raises(KeyboardInterrupt):
            engine.run(10)
        assert engine.step == 4
        assert spikes(engine) == [(3, 0)]
        engine.run(10)
        assert spikes(engine) == [(3, 0), (5, 1)]


class TestInterruption:
    @pytest.fixture(autouse=True)
    def _step_by_step(self, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", "0")

    def test_half_done_step_cannot_be_run_on(self):
        engine = engine_of([[3]], 1, [])
        source = engine._blocks[0].model
        emit = source.emit

        def fail(step):
            if step == 2:
                raise MemoryError
            return emit(step)

        source.emit = fail
        with pytest.raises(MemoryError):
            engine.run(5)
        assert engine.step == 1
        with pytest.raises(RuntimeError, match=r"^step 2 was left half done; call reset\(\) before running on$"):
            engine.run(5)
        engine.restart()
        source.emit = emit
        engine.run(5)
        assert spikes(engine) == [(3, 0)]

    def test_progress_reports_the_end(self):
        reports = []
        engine = engine_of([[1, 2]], 1, [], progress=lambda *report: reports.append(report))
        engine.run(4)
        assert reports[-1] == (4, 4, 2)

    def test_progress_reports_on_the_way(self, monkeypatch):
        clock = iter(np.arange(0, 1000, 0.1))
        monkeypatch.setattr("synaptile.swsim.engine.simulation.time.monotonic", lambda: next(clock))
        reports = []
        engine = engine_of([[1, 2]], 1, [], progress=lambda *report: reports.append(report))
        engine.run(30)
        assert len(reports) > 5
        assert [step for step, _, _ in reports] == sorted(step for step, _, _ in reports)
        assert {target for _, target, _ in reports} == {30}
