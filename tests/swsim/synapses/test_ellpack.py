import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.synapses.ellpack import PaddedRows


def padded(count):
    """Padded rows of so many synapses, and the offsets of these."""
    count = np.array(count)
    offset = np.random.default_rng(1).permutation(count.sum()).astype(np.int32)
    return PaddedRows(np.cumsum(count) - count, count, offset, offset + 0.5), offset


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20), st.data())
def test_rows_have_all_synapses_in_their_order_and_nothing_else(count, data):
    made, offset = padded(count)
    rows = np.array(sorted(data.draw(st.lists(st.integers(0, len(count) - 1), min_size=1, max_size=5))), np.int64)
    assert made.has(rows)
    offsets, weights = made.take(rows)
    end = np.cumsum(count)
    expected = np.concatenate([np.empty(0, int), *(offset[end[r] - count[r] : end[r]] for r in rows)])
    assert offsets[weights != 0].tolist() == expected.tolist()
    assert weights[weights != 0].tolist() == (expected + 0.5).tolist()
    assert set(offsets.tolist()) <= set(expected.tolist())


def test_a_few_rows_may_be_longer_than_the_padded_ones():
    made, _ = padded([3] * 149 + [500])
    assert made.has(np.array([0, 148]))
    assert not made.has(np.array([0, 149]))
    assert not padded([3] * 100 + [500] + [3] * 99)[0].has(np.array([100, 101]))
    assert padded([3] * 100 + [500] + [3] * 99)[0].has(np.array([0, 101]))
    assert len(made.take(np.array([0, 148]))[0]) == 6


def test_padding_is_for_rows_of_nearly_equal_length():
    assert PaddedRows.suits(np.full(1000, 100))
    assert not PaddedRows.suits(np.full(30_000, 100))
    assert not PaddedRows.suits(np.array([1] * 90 + [100] * 10))
    assert PaddedRows.suits(np.array([50] * 995 + [10_000] * 5))
    assert not PaddedRows.suits(np.empty(0, np.int64))
