"""What is left of traces: the same bits by table and one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.base import decay
from synaptile.swsim.base.decay import Decay
from synaptile.swsim.base.elementary import exp

STEPS = st.lists(st.integers(0, 2 * decay._LENGTH) | st.integers(0, 9) | st.just(2**40), min_size=1, max_size=30)


@given(steps=STEPS, tau=st.floats(0.1, 1e4), alike=st.booleans())
def test_the_factor_is_the_exponential(steps, tau, alike):
    taus = np.full(len(steps), tau)
    if not alike:
        taus[::2] *= 1.5
    made, steps = Decay(taus, 0.1), np.array(steps)
    assert bool(len(made.table)) == bool((taus == taus[0]).all())
    index = np.arange(len(steps))[::-1].copy()
    np.testing.assert_array_equal(made.factors(steps, index), exp(-(steps * 0.1) / taus[index]))


def test_no_traces_have_no_table():
    made = Decay(np.empty(0), 0.1)
    assert not len(made.table)
    assert made.factors(np.empty(0, np.int64), np.empty(0, np.int64)).shape == (0,)
