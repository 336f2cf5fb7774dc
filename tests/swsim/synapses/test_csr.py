import numpy as np

from synaptile.swsim.synapses.csr import compress, offset_type, offsets, parts_of, row_numbers
from synaptile.swsim.synapses.edge_list import Synapses

# Three neurons, of which the last is on tile 1; receptor 1 is the second of two.
TILE = np.array([0, 0, 1], np.int32)
SYNAPSES = Synapses(
    pre=np.array([2, 0, 0, 2, 0], np.int32),
    post=np.array([0, 2, 1, 0, 1], np.int32),
    receptor=np.array([0, 0, 1, 0, 0], np.int8),
    weight=np.array([1.0, 2.0, 3.0, 4.0, 5.0]),
    delay=np.array([1, 2, 1, 1, 3], np.int32),
)


def test_offsets_are_those_of_the_ring_buffer():
    assert offsets(SYNAPSES, 3, 2).tolist() == [6, 14, 10, 6, 19]


def test_a_row_is_a_neuron_on_a_tile():
    assert row_numbers(SYNAPSES, TILE, 2).tolist() == [4, 1, 0, 4, 0]
    assert row_numbers(SYNAPSES, TILE, 1).tolist() == SYNAPSES.pre.tolist()


def test_rows_lie_one_after_the_other_by_offset_and_equal_offsets_in_their_old_order():
    count, offset, weight = compress(SYNAPSES, TILE, 2, 2)
    assert count.tolist() == [2, 1, 0, 0, 2, 0]
    assert offset.tolist() == [10, 19, 14, 6, 6]
    assert weight.tolist() == [3.0, 5.0, 2.0, 1.0, 4.0]


def test_parts_are_made_at_every_call():
    made = []

    def part():
        made.append(True)
        return SYNAPSES[:2]

    assert [len(each) for each in parts_of([part, part])] == [2, 2]
    assert [len(each) for each in parts_of(SYNAPSES)] == [5]
    compress([part], TILE, 2, 2)
    assert len(made) == 4


def test_offsets_take_32_bits_as_long_as_they_fit():
    assert offset_type(1, 1000) == np.int32
    assert offset_type(2**20, 2**11) == np.int64
