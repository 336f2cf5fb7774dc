from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.current_pulse import Pulse

from synaptile.swsim.sources.currents import Currents

pulses = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=6), st.integers(-3, 3), st.integers(0, 700), st.integers(0, 700)),
    max_size=4,
)


@given(pulses, st.lists(st.integers(0, 800), min_size=1, max_size=20))
def test_sum_of_pulses(given_pulses, steps):
    sources = [Pulse(np.array(n, np.int64), float(a), start, stop) for n, a, start, stop in given_pulses]
    currents = Currents(sources, 5)
    for step in steps:
        expected = np.zeros(5)
        for neurons, amplitude, start, stop in given_pulses:
            for neuron in neurons if start <= step < stop else []:
                expected[neuron] += amplitude
        found = currents.during(step)
        assert (np.zeros(5) if not sources else found).tolist() == expected.tolist()


@given(pulses, st.lists(st.integers(0, 800), min_size=2, max_size=9))
def test_stretches_are_what_single_steps_are(given_pulses, edges):
    sources = [Pulse(np.array(n, np.int64), float(a), start, stop) for n, a, start, stop in given_pulses]
    currents = Currents(sources, 5)
    for first, last in pairwise(edges):
        values, changed = currents.between(first, max(0, last - first))
        assert values.shape == (len(sources), len(changed))
        for k, column in enumerate(values.T):
            assert column.tolist() == [source.currents(first + k, 1)[0] for source in sources]
            assert k == 0 or not sources or changed[k] == (column != values[:, k - 1]).any()
        assert changed[:1].all()


def test_the_targets_of_each_source():
    start, neuron = Currents([Pulse(np.array([3, 1]), 1.0, 0, 9), Pulse(np.array([1]), 1.0, 0, 9)], 5).targets
    assert start.tolist() == [0, 2, 3]
    assert neuron.tolist() == [3, 1, 1]


def test_sources_are_always_asked_for_the_same_steps_together():
    class Counted(Pulse):
        def currents(self, first, count):
            asked.append((self.neurons[0], first, count))
            return super().currents(first, count)

    orders = []
    for edges in ([0, 700], [0, 1, 255, 256, 300, 700]):
        asked = []
        currents = Currents([Counted(np.array([k]), 1.0, 0, 9) for k in range(2)], 5)
        for first, last in pairwise(edges):
            currents.between(first, last - first)
        orders.append(asked)
    single = Currents([Counted(np.array([k]), 1.0, 0, 9) for k in range(2)], 5)
    asked = []
    for step in range(700):
        single.during(step)
    assert orders[0] == orders[1] == asked == [(k, first, 256) for first in (0, 256, 512) for k in range(2)]


def test_nothing_is_none():
    assert Currents([], 5).during(3) is None
    assert Currents([], 5).between(3, 7)[0].shape == (0, 7)
