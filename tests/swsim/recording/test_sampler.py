import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.neurons.izhikevich import Izhikevich
from synaptile.swsim.recording.sampler import Sampler


def model(n):
    return Izhikevich({name: np.zeros(n) for name in Izhikevich.PARAMETERS})


@given(st.integers(1, 7), st.integers(0, 9), st.integers(0, 200))
def test_every_nth_grid_point(every, start, steps):
    cells = model(3)
    sampler = Sampler(cells, "u", every, start)
    sampler.add(np.array([2, 0]))
    for step in range(start, start + steps):
        cells.state["u"][:] = [step, -1, step + 0.5]
        sampler.sample(step)
    expected = np.arange(start, start + steps, every)
    np.testing.assert_array_equal(sampler.data(np.array([0, 2])), np.stack([expected, expected + 0.5], axis=1))
    np.testing.assert_array_equal(sampler.data(np.array([2]))[:, 0], expected + 0.5)


def test_late_neurons_and_missed_samples_are_nan():
    cells = model(2)
    sampler = Sampler(cells, "v", 2, 0)
    sampler.add(np.array([1]))
    sampler.sample(0)
    sampler.add(np.array([0, 1]))
    sampler.catch_up(5)
    for step in (5, 6):
        sampler.sample(step)
    np.testing.assert_array_equal(
        sampler.data(np.array([0, 1])), [[np.nan, 0.0], [np.nan, np.nan], [np.nan, np.nan], [0.0, 0.0]]
    )


def test_restart_forgets():
    cells = model(1)
    sampler = Sampler(cells, "v", 1, 0)
    sampler.add(np.array([0]))
    for step in range(3):
        sampler.sample(step)
    sampler.restart(7)
    sampler.sample(6)
    sampler.sample(7)
    assert sampler.data(np.array([0])).shape == (1, 1)
