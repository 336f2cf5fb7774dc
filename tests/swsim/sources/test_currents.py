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
        assert (np.zeros(5) if found is None else found).tolist() == expected.tolist()


@given(pulses, st.integers(0, 800))
def test_constant_until(given_pulses, step):
    sources = [Pulse(np.array(n, np.int64), float(a), start, stop) for n, a, start, stop in given_pulses]
    until = Currents(sources, 5).constant_until(step)
    assert until > step
    for source in sources:
        assert len(np.unique(source.currents(step, min(until, step + 1000) - step))) == 1


def test_nothing_is_none():
    assert Currents([], 5).during(3) is None
    assert Currents([Pulse(np.array([0]), 1.0, 5, 6)], 5).during(3) is None
