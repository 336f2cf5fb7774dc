import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.base.time_grid import TimeGrid


def test_times_are_the_nearest_decimals():
    grid = TimeGrid(0.1)
    assert grid.time(3) == 0.3
    assert grid.times(np.arange(8)).tolist() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


@given(st.sampled_from([0.01, 0.1, 0.125, 0.3, 1.0, 2.0]), st.integers(0, 10**7))
def test_steps_undo_times(dt, step):
    grid = TimeGrid(dt)
    assert grid.step(grid.time(step)) == step
    assert grid.steps(grid.times(np.array([step]))).tolist() == [step]
    assert grid.time(step) == pytest.approx(step * dt)


def test_nearest_grid_point():
    assert TimeGrid(0.5).steps([0.2, 0.3, 0.7, 0.8]).tolist() == [0, 1, 1, 2]


def test_far_times_stay_in_range():
    assert TimeGrid(0.1).steps([1e300, np.inf]).tolist() == [2**62, 2**62]


@pytest.mark.parametrize("dt", [0.0, -1.0, np.nan, np.inf])
def test_refuses_time_steps(dt):
    with pytest.raises(ValueError, match=r"^timestep must be positive and finite, not "):
        TimeGrid(dt)


@pytest.mark.parametrize("time", [0.25, 0.0, -0.1, np.nan, np.inf])
def test_whole_steps_refuses(time):
    with pytest.raises(
        ValueError, match=rf"^interval must be a positive multiple of the time step of 0.1 ms, not {time:g}$"
    ):
        TimeGrid(0.1).whole_steps("interval", time)


def test_whole_steps():
    assert TimeGrid(0.1).whole_steps("interval", 0.3) == 3
