import re

import numpy as np
import pytest

from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.sources.spike_trains import SpikeTrains

GRID = TimeGrid(0.5)


def trains(*lists):
    return SpikeTrains(GRID, [np.array(times, float) for times in lists])


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
