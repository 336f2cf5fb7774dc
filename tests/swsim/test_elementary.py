"""Elementary functions: as exact as they say, and the same bits for a number and for an array."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim import elementary
from synaptile.swsim.elementary import exp, log, tanh

COMPILED = {name: numba.njit(error_model="numpy")(getattr(elementary, f"{name}_of")) for name in ("exp", "log")}


@given(st.floats(-700, 700))
def test_exp_is_exact_to_the_last_place(x):
    assert float(exp(x)) == pytest.approx(math.exp(x), rel=4.5e-16)


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_subnormal=True))
def test_log_is_exact_to_the_last_places(x):
    assert float(log(x)) == pytest.approx(math.log(x), rel=5e-16, abs=2.3e-16)


@given(st.floats(allow_nan=False))
def test_tanh(x):
    assert float(tanh(x)) == pytest.approx(math.tanh(x), rel=1e-15, abs=2.3e-16)


def test_the_ends():
    ends = np.array([-np.inf, -800.0, 0.0, 800.0, np.inf, np.nan])
    np.testing.assert_array_equal(exp(ends), [0.0, 0.0, 1.0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(log(ends), [np.nan, np.nan, -np.inf, log(800.0), np.inf, np.nan])
    np.testing.assert_array_equal(tanh(ends), [-1.0, -1.0, 0.0, 1.0, 1.0, np.nan])


@given(st.lists(st.floats() | st.floats(-50, 50), min_size=1, max_size=20))
def test_the_same_bits_compiled(values):
    array = np.array(values)
    for name, function in COMPILED.items():
        whole = getattr(elementary, name)(array)
        np.testing.assert_array_equal(whole.view(np.uint64), np.array([function(x) for x in array]).view(np.uint64))
    np.testing.assert_array_equal(tanh(array), [elementary.tanh_of(float(x)) for x in array])
