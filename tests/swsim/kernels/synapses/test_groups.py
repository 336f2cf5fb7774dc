"""Spikes of a step in rounds, for synapses that take them one after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.kernels.synapses.groups import in_rounds


@given(spikes=st.lists(st.integers(0, 9), max_size=30).map(sorted), shared=st.booleans())
def test_the_first_spike_of_each_neuron_then_the_second(spikes, shared):
    work = np.full((3, 40), -1, np.int32)
    given_ = np.array(spikes, np.int32)
    if shared:
        work[0, : len(spikes)] = given_
        given_ = work[0, : len(spikes)]
    rounds, left = [], list(spikes)
    while left:
        rounds.append(sorted(set(left)))
        for neuron in rounds[-1]:
            left.remove(neuron)
    expected = [] if len(rounds) < 2 else [neuron for some in rounds for neuron in some]
    count = in_rounds(given_, work)
    assert count == len(expected)
    assert work[0, :count].tolist() == expected
