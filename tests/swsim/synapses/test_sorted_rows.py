"""Rows of synapses by neuron and delay, and slots of those that are alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.synapses.sorted_rows import Slots, SortedRows

NEURONS = 6
synapses = st.lists(st.tuples(st.integers(0, NEURONS - 1), st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)))


def rows_of(some):
    neuron, delay, within, value = np.array(some, np.int64).reshape(-1, 4).T
    edge = np.arange(len(some)) * 2
    return SortedRows(edge, neuron, delay, within, NEURONS), neuron, delay, within, np.repeat(value, 2)


@given(synapses)
def test_rows(some):
    rows, neuron, delay, within, _ = rows_of(some)
    expected = sorted(range(len(some)), key=lambda k: (neuron[k], delay[k], within[k], k))
    assert (rows.edge // 2).tolist() == expected
    for n in range(NEURONS):
        first, last = rows.of_neuron[n], rows.of_neuron[n + 1]
        assert rows.delay[first:last].tolist() == sorted({int(d) for d in delay[neuron == n]})
        for row in range(first, last):
            own = rows.edge[rows.start[row] : rows.start[row + 1]] // 2
            assert (neuron[own] == n).all()
            assert (delay[own] == rows.delay[row]).all()
            assert len(own) == ((neuron == n) & (delay == rows.delay[row])).sum()
    assert rows.delays.tolist() == sorted({int(d) for d in delay if d}, reverse=True)


@given(synapses)
def test_slots(some):
    rows, _, _, _, value = rows_of(some)
    slots = Slots(rows, [value, np.zeros(2 * len(some))])
    assert (value[slots.first[slots.of]] == value[rows.edge]).all()
    for row in range(len(rows)):
        own = slots.of[rows.start[row] : rows.start[row + 1]]
        assert sorted(set(own.tolist())) == list(range(slots.start[row], slots.start[row + 1]))
        kinds = value[rows.edge[rows.start[row] : rows.start[row + 1]]]
        assert len(set(own.tolist())) == len(set(kinds.tolist()))
    assert len(slots) == slots.start[-1]
