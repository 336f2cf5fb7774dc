import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.falling import falling


@given(st.floats(0, 0.1))
def test_small(x):
    np.testing.assert_allclose(falling(np.array([x])), np.exp(-x), rtol=1e-13)


@given(st.floats(0, 1))
def test_up_to_one(x):
    np.testing.assert_allclose(falling(np.array([x])), np.exp(-x), rtol=1e-9)


@given(st.floats(0, 1e300))
def test_everywhere(x):
    np.testing.assert_allclose(falling(np.array([x])), np.exp(-x), rtol=0, atol=1e-7)


def test_ends():
    assert falling(np.array([0.0, 1e200])).tolist() == [1.0, 0.0]
