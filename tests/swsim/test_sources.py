import re

import numpy as np
import pytest

from synaptile.swsim.grid import TimeGrid
from synaptile.swsim.sources import PoissonProcesses, SpikeTrains

GRID = TimeGrid(0.5)


def trains(*lists):
    return SpikeTrains(GRID, [np.array(times, float) for times in lists])


def poisson(rate, start=0.0, duration=1e10, n=1):
    source = PoissonProcesses(GRID, np.full(n, rate), np.full(n, start), np.full(n, duration))
    source.restart(np.random.SeedSequence(5))
    return source


def emitted(source, steps):
    return [(step, int(neuron)) for step in range(steps) for neuron in source.emit(step)]


class TestSpikeTrains:
    def test_nearest_grid_points_in_order(self):
        source = trains([0, 1.2, 2.0], [], [1.1])
        assert emitted(source, 10) == [(0, 0), (2, 0), (2, 2), (4, 0)]
        assert source.merged == 0

    def test_spikes_at_one_grid_point_are_one(self):
        source = trains([1.0, 1.1, 1.2], [1.0])
        assert emitted(source, 5) == [(2, 0), (2, 1)]
        assert source.merged == 2

    def test_replacing_some(self):
        source = trains([1.0], [1.0])
        source.set_trains(np.array([1]), [np.array([2.0, 3.0])])
        assert emitted(source, 10) == [(2, 0), (4, 1), (6, 1)]

    @pytest.mark.parametrize(
        ("times", "message"),
        [
            ([1.0, -0.5], "spike_times must be finite and at least 0, not -0.5"),
            ([1.0, np.nan], "spike_times must be finite and at least 0, not nan"),
            ([3.0, 8.5, 8.25], "spike_times must be in ascending order, not 8.25"),
            ([[1.0, 2.0]], "spike_times must have one dimension, not 2"),
        ],
    )
    def test_refused(self, times, message):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            trains(times)

    def test_refused_change_changes_nothing(self):
        source = trains([1.0], [1.0])
        with pytest.raises(ValueError, match="ascending"):
            source.set_trains(np.array([0, 1]), [np.array([2.0]), np.array([2.0, 1.0])])
        assert emitted(source, 5) == [(2, 0), (2, 1)]


class TestPoisson:
    def test_mean_rate(self):
        spikes = len(emitted(poisson(200.0, n=50), 4000))
        expected = 200.0 * 2.0 * 50
        assert abs(spikes - expected) < 5 * np.sqrt(expected)

    def test_highest_rate_fires_in_every_step_after_the_start(self):
        assert emitted(poisson(2000.0, start=1.0, duration=1.5), 10) == [(3, 0), (4, 0), (5, 0)]

    def test_no_spike_at_time_zero(self):
        assert emitted(poisson(2000.0), 2) == [(1, 0)]

    def test_same_seed_same_spikes(self):
        assert emitted(poisson(300.0, n=5), 200) == emitted(poisson(300.0, n=5), 200)

    def test_changing_one_leaves_the_others(self):
        plain, changed = poisson(300.0, n=3), poisson(300.0, n=3)
        changed.set_parameters(np.array([300.0, 0.0, 300.0]), np.zeros(3), np.full(3, 1e10))
        assert emitted(changed, 100) == [spike for spike in emitted(plain, 100) if spike[1] != 1]

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ((2500.0, 0.0, 1.0), "rate must be in 0..2000 Hz (one spike per step), not 2500"),
            ((-1.0, 0.0, 1.0), "rate must be in 0..2000 Hz (one spike per step), not -1"),
            ((1.0, -2.0, 1.0), "start must be at least 0, not -2"),
            ((1.0, 0.0, -3.0), "duration must be at least 0, not -3"),
        ],
    )
    def test_refused(self, values, message):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            poisson(*values)
