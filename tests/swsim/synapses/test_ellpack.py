import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.synapses.ellpack import PaddedRows


def table(count):
    """A table for routes of so many synapses, and their places and weights."""
    count = np.array(count)
    place = np.random.default_rng(1).permutation(count.sum()).astype(np.int32)
    return PaddedRows(np.cumsum(count) - count, count, place, place + 0.5), place


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20), st.data())
def test_rows_have_all_synapses_in_their_order_and_nothing_else(count, data):
    made, place = table(count)
    routes = np.array(sorted(data.draw(st.lists(st.integers(0, len(count) - 1), min_size=1, max_size=5))), np.int64)
    assert made.has(routes)
    places, weights = made.rows(routes)
    end = np.cumsum(count)
    expected = np.concatenate([np.empty(0, int), *(place[end[r] - count[r] : end[r]] for r in routes)])
    assert places[weights != 0].tolist() == expected.tolist()
    assert weights[weights != 0].tolist() == (expected + 0.5).tolist()
    assert set(places.tolist()) <= set(expected.tolist())


def test_a_few_routes_may_be_longer_than_the_rows():
    made, _ = table([3] * 149 + [500])
    assert made.has(np.array([0, 148]))
    assert not made.has(np.array([0, 149]))
    assert not table([3] * 100 + [500] + [3] * 99)[0].has(np.array([100, 101]))
    assert table([3] * 100 + [500] + [3] * 99)[0].has(np.array([0, 101]))
    assert len(made.rows(np.array([0, 148]))[0]) == 6


def test_what_a_table_is_for():
    assert PaddedRows.suits(np.full(1000, 100))
    assert not PaddedRows.suits(np.full(30_000, 100))
    assert not PaddedRows.suits(np.array([1] * 90 + [100] * 10))
    assert PaddedRows.suits(np.array([50] * 995 + [10_000] * 5))
    assert not PaddedRows.suits(np.empty(0, np.int64))
