"""Sine, cosine and tangent: as exact as they say, and the same bits for a number and for an array."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.codegen import trigonometric
from synaptile.swsim.codegen.functions import compiled_names

NAMES = ("sin", "cos", "tan")
CALLS = {
    name: numba.njit(error_model="numpy")(eval("lambda x: [f(y) for y in x]", {"f": compiled_names()[f"{name}_of"]}))
    for name in NAMES
}
angles = st.floats(-10, 10) | st.floats(-1e6, 1e6) | st.floats(-1e12, 1e12)


@given(angles)
def test_sine_and_cosine(x):
    error = 3e-16 if abs(x) < 2**20 else 2e-16 * abs(x)
    assert float(trigonometric.sin(x)) == pytest.approx(math.sin(x), abs=error)
    assert float(trigonometric.cos(x)) == pytest.approx(math.cos(x), abs=error)


@given(st.floats(-1.5, 1.5))
def test_tangent(x):
    assert float(trigonometric.tan(x)) == pytest.approx(math.tan(x), rel=2e-15)


@pytest.mark.parametrize("turns", [1, 2, 3, 1000, 333333])
def test_near_a_zero_no_digits_are_lost(turns):
    x = turns * math.pi
    assert float(trigonometric.sin(x)) == pytest.approx(math.sin(x), rel=1e-12)
    assert 0 < abs(math.sin(x)) < 1e-9


def test_the_ends():
    ends = np.array([-np.inf, np.inf, np.nan])
    for name in NAMES:
        assert np.isnan(getattr(trigonometric, name)(ends)).all()
        assert getattr(trigonometric, name)(np.array([0.0]))[0] == (name == "cos")


@given(st.lists(st.floats() | angles, min_size=1, max_size=20))
def test_the_same_bits_compiled(values):
    array = np.array(values)
    for name, call in CALLS.items():
        whole = getattr(trigonometric, name)(array)
        np.testing.assert_array_equal(np.array(call(array)).view(np.uint64), whole.view(np.uint64), err_msg=name)
