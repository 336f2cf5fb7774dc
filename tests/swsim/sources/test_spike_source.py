import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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

    def test_spikes_at_one_grid_point_stay_as_many(self):
        source = trains([1.0, 1.1, 1.2], [1.0, 1.0])
        assert emitted(source, 5) == [(2, 0), (2, 0), (2, 0), (2, 1), (2, 1)]

    @given(st.lists(st.lists(st.integers(0, 40), max_size=12).map(sorted), max_size=4), st.integers(0, 20))
    def test_every_given_time_is_a_spike(self, tenths, edge):
        # Times of 0.1 ms on a grid of 0.5 ms, with many repetitions: the nearest grid point of each.
        given_trains = [np.array(train) * 0.1 for train in tenths]
        expected = sorted((round(t / 5), i) for i, train in enumerate(tenths) for t in train)
        assert emitted(SpikeTrains(GRID, given_trains), 10) == expected
        source = SpikeTrains(GRID, given_trains, off_grid=True)
        parts = [source.emit_between(0, edge), source.emit_between(edge + 1, 30)]
        steps, index = (np.concatenate(part) for part in zip(*parts, strict=True))
        expected = sorted((-(-t // 5), i, t) for i, train in enumerate(tenths) for t in train)
        assert [*zip(steps, index, strict=True)] == [(step, i) for step, i, _ in expected]
        np.testing.assert_allclose(source.emitted, [t * 0.1 for _, _, t in expected])

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
