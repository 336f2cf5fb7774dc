import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.swsim.synapses import DelayLine, Routes, Synapses


def make(rows):
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    types = (np.int32, np.int32, np.int8, np.float64, np.int32)
    return Synapses(*(np.array(column, dtype) for column, dtype in zip(columns, types, strict=True)))


NEURONS = 5
rows = st.lists(
    st.tuples(
        st.integers(0, NEURONS - 1),
        st.integers(0, NEURONS - 1),
        st.integers(0, 1),
        st.integers(-8, 8).map(lambda w: w / 8),
        st.integers(1, 6),
    ),
    max_size=30,
)
arrivals = st.lists(
    st.lists(st.tuples(st.integers(0, NEURONS - 1), st.integers(0, 2)), max_size=6), min_size=1, max_size=25
)


@settings(max_examples=150, deadline=None)
@given(rows, st.lists(st.integers(0, 2), min_size=NEURONS, max_size=NEURONS), arrivals, st.integers(0, 24))
def test_routes_and_delay_line_against_a_plain_sum(rows, tiles, arrivals, resize_at):
    synapses = make(rows)
    tile = np.array(tiles, np.int32)
    arrivals = [[(neuron, min(t, max(tiles))) for neuron, t in arrived] for arrived in arrivals]
    routes = Routes(synapses, tile)
    line = DelayLine(NEURONS, synapses.max_delay)
    expected = np.zeros((len(arrivals) + 10, 2, NEURONS))
    for step, arrived in enumerate(arrivals):
        np.testing.assert_array_equal(line.advance(), expected[step])
        if step == resize_at:
            line = line.resized(NEURONS, synapses.max_delay + 3)
        neurons = np.array([neuron for neuron, _ in arrived], np.int32)
        on = np.array([t for _, t in arrived], np.int32)
        routes.deposit(line, neurons, on)
        for neuron, t in arrived:
            for pre, post, receptor, weight, delay in rows:
                if pre == neuron and tiles[post] == t:
                    expected[step + delay, receptor, post] += weight
    for step in range(len(arrivals), len(arrivals) + 7):
        np.testing.assert_array_equal(line.advance(), expected[step])


def test_resized_line_takes_more_neurons():
    line = DelayLine(2, 3)
    line.add(np.array([2 * line.ports + 1]), np.array([0.5]))
    line.add(np.array([3 * line.ports + 2]), np.array([0.25]))
    wider = line.resized(4, 1)
    assert [wider.advance().tolist() for _ in range(3)] == [
        [[0, 0, 0, 0], [0, 0, 0, 0]],
        [[0, 0.5, 0, 0], [0, 0, 0, 0]],
        [[0, 0, 0, 0], [0.25, 0, 0, 0]],
    ]


def test_sums_do_not_depend_on_the_order_of_arrival():
    synapses = make([(0, 2, 0, 0.1, 1), (1, 2, 0, 0.2, 1), (3, 2, 0, 0.3, 1)])
    sums = set()
    for order in ([0, 1, 3], [3, 1, 0], [1, 3, 0]):
        line = DelayLine(4, 1)
        Routes(synapses, np.zeros(4, np.int32)).deposit(line, np.array(order, np.int32), np.zeros(3, np.int32))
        sums.add(float(line.advance()[0, 2]))
    assert len(sums) == 1


def test_no_synapses():
    assert len(Synapses.none()) == 0
    assert Synapses.none().max_delay == 1
