"""The arrays of connections: put together from parts, and one number for all where that will do."""

import numpy as np
import pytest

from synaptile.swsim.pynn.projections.connection_table import Columns, matrix


def columns(shared):
    found = Columns(["tau"], shared=shared)
    found.add(presynaptic_index=[0, 1, 2], postsynaptic_index=4, weight=0.5, delay=2, tau=3.0)
    return found


@pytest.mark.parametrize("shared", [False, True])
def test_parts_are_put_together_in_their_order(shared):
    found = columns(shared)
    found.add(presynaptic_index=7, postsynaptic_index=[8, 9], weight=[1.0, 2.0], delay=[3, 4], tau=5.0)
    found.add(presynaptic_index=1, postsynaptic_index=1, weight=9.0, delay=1, tau=1.0)
    assert len(found) == 6
    assert found["presynaptic_index"].tolist() == [0, 1, 2, 7, 7, 1]
    assert found["postsynaptic_index"].tolist() == [4, 4, 4, 8, 9, 1]
    assert found["weight"].tolist() == [0.5] * 3 + [1.0, 2.0, 9.0]
    assert found["delay"].tolist() == [2, 2, 2, 3, 4, 1]
    assert found["delay"].dtype == np.int32
    assert found["tau"].tolist() == [3.0] * 3 + [5.0, 5.0, 1.0]


def test_one_number_stands_for_all_until_one_is_changed():
    found = columns(shared=False)
    assert found["weight"].strides == (0,)
    found.write("weight", 1, 7.0)
    assert found["weight"].tolist() == [0.5, 7.0, 0.5]
    assert found["delay"].tolist() == [2, 2, 2]


def test_one_number_in_all_parts_is_still_one():
    found = columns(shared=False)
    for weight, delay in ((0.5, 2), (0.5, 3)):
        found.add(presynaptic_index=[5, 6], postsynaptic_index=0, weight=weight, delay=delay, tau=3.0)
    assert found["weight"].strides == found["tau"].strides == (0,)
    assert found["weight"].tolist() == [0.5] * 7
    assert found["delay"].tolist() == [2] * 5 + [3] * 2
    found.add(presynaptic_index=[1], postsynaptic_index=[1], weight=0.25, delay=2, tau=[3.0])
    assert found["weight"].tolist() == [0.5] * 7 + [0.25]
    assert found["tau"].tolist() == [3.0] * 8


def test_what_is_shared_stays_where_it_is():
    found = columns(shared=True)
    seen = found["weight"]
    found.write("weight", [0, 2], [1.0, 2.0])
    assert seen.tolist() == [1.0, 0.5, 2.0]
    assert found["weight"] is seen


@pytest.mark.parametrize("shared", [False, True])
def test_no_connections(shared):
    found = Columns([], shared=shared)
    for _ in range(2):
        found.add(presynaptic_index=[], postsynaptic_index=3, weight=0.5, delay=1)
    assert len(found) == len(found["weight"]) == len(found["delay"]) == 0
    found.add(presynaptic_index=[1], postsynaptic_index=3, weight=0.5, delay=1)
    assert found["weight"].tolist() == [0.5]


def test_what_is_given_is_not_written_to():
    weights = np.array([1.0, 2.0])
    found = Columns([], shared=False)
    found.add(presynaptic_index=[0, 1], postsynaptic_index=[0, 1], weight=weights, delay=1)
    found.write("weight", 0, 5.0)
    assert weights.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("combine", "expected"), [("sum", 5.0), ("min", 1.0), ("max", 4.0), ("first", 4.0), ("last", 1.0)]
)
def test_several_connections_at_one_place_of_a_matrix(combine, expected):
    address = np.array([0, 0, 1]), np.array([1, 1, 0])
    found = matrix((2, 2), address, np.array([4.0, 1.0, 3.0]), combine)
    assert found[0, 1] == expected
    assert found[1, 0] == 3.0
    assert np.isnan(found[[0, 1], [0, 1]]).all()
