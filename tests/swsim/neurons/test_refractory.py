"""The queue of refractory neurons against the plain count of steps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.neurons.refractory import Refractory, UniformRefractory


@given(
    length=st.integers(0, 6),
    neurons=st.integers(1, 5),
    seed=st.integers(0, 2**16),
    settled=st.lists(st.booleans(), min_size=1, max_size=60),
)
def test_a_queue_holds_the_same_neurons(length, neurons, seed, settled):
    random = np.random.default_rng(seed)
    steps = np.full(neurons, length)
    begun = random.integers(0, length + 1, neurons)
    counted, queued = begun.copy(), begun.copy()
    assert UniformRefractory.suits(queued, steps)
    plain, queue = Refractory(counted, steps), UniformRefractory(queued, steps)
    for settle in settled:
        plain.advance()
        queue.advance()
        assert sorted(queue.index.tolist()) == plain.index.tolist()
        free = np.setdiff1d(np.arange(neurons), plain.index)
        fired = free[random.random(len(free)) < 0.5]
        plain.add(fired)
        queue.add(fired)
        if settle:
            queue.settle()
            assert queued.tolist() == counted.tolist()
            queue = UniformRefractory(queued, steps)


def test_a_queue_is_for_periods_of_one_length():
    assert UniformRefractory.suits(np.array([0, 3]), np.array([3, 3]))
    assert not UniformRefractory.suits(np.array([0, 0]), np.array([3, 2]))
    assert not UniformRefractory.suits(np.array([0, 4]), np.array([3, 3]))


def test_settling_does_not_move_the_queue():
    refractory = np.zeros(2, np.int64)
    queue = UniformRefractory(refractory, np.array([2, 2]))
    queue.advance()
    queue.add(np.array([1]))
    for left in (2, 1, 0, 0):
        queue.settle()
        assert refractory.tolist() == [0, left]
        queue.advance()
