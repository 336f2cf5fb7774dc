"""Elementary functions: as exact as they say, and the same bits for a number and for an array."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.base import elementary
from synaptile.swsim.base.elementary import cosh, exp, expm1, exprel, log, log10, sign, sinh, tanh
from synaptile.swsim.codegen.functions import compiled_names

NAMES = [name for name in elementary.__all__ if not name.endswith("_of")]
# Through a loop of its own, which is how equations call them.
CALLS = {
    name: numba.njit(error_model="numpy")(eval("lambda x: [f(y) for y in x]", {"f": compiled_names()[f"{name}_of"]}))
    for name in NAMES
}


@given(st.floats(-700, 700))
def test_exp_is_exact_to_the_last_place(x):
    assert float(exp(x)) == pytest.approx(math.exp(x), rel=4.5e-16)


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_subnormal=True))
def test_log_is_exact_to_the_last_places(x):
    assert float(log(x)) == pytest.approx(math.log(x), rel=5e-16, abs=2.3e-16)


@given(st.floats(allow_nan=False))
def test_tanh(x):
    assert float(tanh(x)) == pytest.approx(math.tanh(x), rel=1e-15, abs=2.3e-16)


@given(st.floats(-700, 700) | st.floats(-2, 2))
def test_hyperbolic_functions(x):
    assert float(sinh(x)) == pytest.approx(math.sinh(x), rel=2e-15)
    assert float(cosh(x)) == pytest.approx(math.cosh(x), rel=2e-15)


@given(st.floats(-700, 700) | st.floats(-2, 2))
def test_what_is_left_of_an_exponential(x):
    assert float(expm1(x)) == pytest.approx(math.expm1(x), rel=2e-15)
    assert float(exprel(x)) == pytest.approx(math.expm1(x) / x if x else 1.0, rel=2e-15)


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_log10(x):
    assert float(log10(x)) == pytest.approx(math.log10(x), rel=1e-15, abs=2.3e-16)


def test_powers_of_ten():
    assert [float(log10(float(f"1e{k}"))) for k in range(-22, 23)] == list(range(-22, 23))


def test_the_ends():
    ends = np.array([-np.inf, -800.0, 0.0, 800.0, np.inf, np.nan])
    np.testing.assert_array_equal(exp(ends), [0.0, 0.0, 1.0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(log(ends), [np.nan, np.nan, -np.inf, log(800.0), np.inf, np.nan])
    np.testing.assert_array_equal(tanh(ends), [-1.0, -1.0, 0.0, 1.0, 1.0, np.nan])
    np.testing.assert_array_equal(sinh(ends), [-np.inf, -np.inf, 0.0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(cosh(ends), [np.inf, np.inf, 1.0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(expm1(ends), [-1.0, -1.0, 0.0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(exprel(ends), [0.0, 1 / 800, 1.0, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(log10(ends), [np.nan, np.nan, -np.inf, log10(800.0), np.inf, np.nan])
    np.testing.assert_array_equal(sign(ends), [-1.0, -1.0, 0.0, 1.0, 1.0, np.nan])


@given(st.lists(st.floats() | st.floats(-750, 750), min_size=1, max_size=elementary._FEW))
def test_few_numbers_and_many_give_the_same_bits(values):
    few, many = exp(np.array(values)), exp(np.array(values * 9))
    np.testing.assert_array_equal(np.tile(few, 9).view(np.uint64), many.view(np.uint64))
    assert exp(np.array(values).reshape(1, -1)).shape == (1, len(values))
    assert np.shape(exp(values[0])) == ()


@given(st.lists(st.floats() | st.floats(-50, 50), min_size=1, max_size=20))
def test_the_same_bits_compiled(values):
    array = np.array(values)
    for name, call in CALLS.items():
        whole = getattr(elementary, name)(array)
        np.testing.assert_array_equal(np.array(call(array)).view(np.uint64), whole.view(np.uint64), err_msg=name)
