import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.fan_out import FanOut
from synaptile.swsim.synapses.ring_buffer import RingBuffer


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
@given(
    rows,
    st.lists(st.integers(0, 2), min_size=NEURONS, max_size=NEURONS),
    arrivals,
    st.integers(0, 24),
    st.integers(0, 30) | st.none(),
)
def test_fan_out_and_ring_buffer_against_a_plain_sum(rows, tiles, arrivals, resize_at, cut):
    synapses = make(rows)
    tile = np.array(tiles, np.int32)
    arrivals = [[(neuron, min(t, max(tiles))) for neuron, t in arrived] for arrived in arrivals]
    if cut is None:
        fan_out = FanOut(synapses, tile)
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("synaptile.swsim.synapses.csr._SORT_CHUNK", 4)
            fan_out = FanOut([lambda: synapses[:cut], lambda: synapses[cut:]], tile, indexed=False)
    buffer = RingBuffer(NEURONS, synapses.max_delay)
    expected = np.zeros((len(arrivals) + 10, 2, NEURONS))
    for step, arrived in enumerate(arrivals):
        np.testing.assert_array_equal(buffer.advance(), expected[step])
        if step == resize_at:
            buffer = buffer.resized(NEURONS, synapses.max_delay + 3)
        neurons = np.array([neuron for neuron, _ in arrived], np.int32)
        on = np.array([t for _, t in arrived], np.int32)
        fan_out.deposit(buffer, neurons, on)
        for neuron, t in arrived:
            for pre, post, receptor, weight, delay in rows:
                if pre == neuron and tiles[post] == t:
                    expected[step + delay, receptor, post] += weight
    for step in range(len(arrivals), len(arrivals) + 7):
        np.testing.assert_array_equal(buffer.advance(), expected[step])


def test_sums_do_not_depend_on_the_order_of_arrival():
    synapses = make([(0, 2, 0, 0.1, 1), (1, 2, 0, 0.2, 1), (3, 2, 0, 0.3, 1)])
    sums = set()
    for order in ([0, 1, 3], [3, 1, 0], [1, 3, 0]):
        buffer = RingBuffer(4, 1)
        FanOut(synapses, np.zeros(4, np.int32)).deposit(buffer, np.array(order, np.int32), np.zeros(3, np.int32))
        sums.add(float(buffer.advance()[0, 2]))
    assert len(sums) == 1


@settings(max_examples=100)
@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["one weight", "a weight per neuron", "own weights"]),
    st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=8),
    st.integers(0, 2**16),
)
def test_all_to_all_is_one_weight_after_the_other(layers, delay, kind, arrivals, seed):
    # Weights of which no sum is exact: what is added in another order, or multiplied, would show.
    random = np.random.default_rng(seed)
    pre = np.repeat(np.arange(12), 4 * layers)
    post = np.tile(12 + np.arange(4 * layers), 12)
    weight = {
        "one weight": np.full(len(pre), 0.1),
        "a weight per neuron": random.uniform(0, 1, 12)[pre],
        "own weights": random.uniform(0, 1, len(pre)),
    }[kind]
    if seed % 2:
        # One neuron with a synapse more: its row is no stretch, or its targets are not alike any more.
        pre, post, weight = np.append(pre, 3), np.append(post, 13), np.append(weight, 0.3)
    n = len(pre)
    neurons = 12 + 4 * layers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synaptile.swsim.synapses.fan_out._MIN_STRETCH", 1)
        synapses = Synapses(
            pre.astype(np.int32), post.astype(np.int32), np.zeros(n, np.int8), weight, np.full(n, delay, np.int32)
        )
        fan_out = FanOut(synapses, np.zeros(neurons, np.int32))
    buffer = RingBuffer(neurons, delay)
    expected = np.zeros((len(arrivals) + delay, neurons))
    for step, arrived in enumerate(arrivals):
        fan_out.deposit(buffer, np.array(sorted(arrived), np.int32), np.zeros(len(arrived), np.int32))
        for neuron in sorted(arrived):
            for k in np.flatnonzero(pre == neuron):
                expected[step + delay, post[k]] += weight[k]
        np.testing.assert_array_equal(buffer.advance()[0], expected[step + 1])
    assert not seed % 2 or not fan_out._all_stretches


def test_a_stretch_does_not_go_on_into_the_next_delay():
    # The last neuron at one delay, and the first at the next, are neighbours in the buffer, until it comes round.
    synapses = make([(0, 1, 1, 0.5, 1), (0, 0, 0, 0.25, 2)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synaptile.swsim.synapses.fan_out._MIN_STRETCH", 1)
        fan_out = FanOut(synapses, np.zeros(2, np.int32))
    buffer = RingBuffer(2, 2)
    for _ in range(4):
        fan_out.deposit(buffer, np.zeros(1, np.int32), np.zeros(1, np.int32))
        assert buffer.coming[0, 1, 1] == 0.5
        assert buffer.coming[1, 0, 0] == 0.25
        buffer.advance()


@settings(max_examples=60)
@given(rows, st.lists(st.integers(0, 2), min_size=NEURONS, max_size=NEURONS), st.integers(0, 30), st.integers(1, 9))
def test_compressing_part_by_part_is_sorting_all(rows, tiles, cut, chunk):
    synapses, tile = make(rows), np.array(tiles, np.int32)
    # Weights that tell the synapses apart.
    synapses.weight[:] = np.arange(len(synapses)) + 1
    whole = FanOut(synapses, tile)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synaptile.swsim.synapses.csr._SORT_CHUNK", chunk)
        parts = FanOut([lambda: synapses[:cut], lambda: synapses[cut:]], tile, indexed=False)
    for ours, theirs in zip(parts.rows(NEURONS), whole.rows(NEURONS), strict=True):
        np.testing.assert_array_equal(ours, theirs)
