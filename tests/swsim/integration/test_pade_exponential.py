import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.integration.pade_exponential import LARGEST, falling


def exponential(x):
    return float(falling(np.array([x / 12]))[0])


@given(st.floats(0, 0.1))
def test_small(x):
    np.testing.assert_allclose(exponential(x), np.exp(-x), rtol=1e-14)


@given(st.floats(0, 1))
def test_up_to_one(x):
    np.testing.assert_allclose(exponential(x), np.exp(-x), rtol=3e-9)


@given(st.floats(0, 1e300) | st.floats(0, 30))
def test_everywhere(x):
    np.testing.assert_allclose(exponential(x), np.exp(-x), rtol=0, atol=3e-6)


@pytest.mark.parametrize("x", [LARGEST * 48, 1e3, 1e200, np.inf])
def test_it_goes_to_zero_from_above(x):
    assert 0.0 <= exponential(x) < 1e-15


def test_it_begins_at_one():
    assert exponential(0.0) == 1.0
