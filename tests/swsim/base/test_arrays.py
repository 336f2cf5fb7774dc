"""Where arrays begin."""

import numpy as np
import pytest

from synaptile.swsim.base.arrays import LINE, zeros


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8])
@pytest.mark.parametrize("shape", [7, (3, 5), (0,), (2, 0, 4), 100_000])
def test_zeros_begin_with_a_line(shape, dtype):
    kept = [zeros(shape, dtype) for _ in range(4)]
    for array in kept:
        assert array.shape == np.empty(shape).shape
        assert array.dtype == dtype
        assert not array.any()
        assert array.flags.c_contiguous
        assert array.ctypes.data % LINE == 0 or not array.size
        array[...] = 1
    assert sum(int(array.sum()) for array in kept) == 4 * kept[0].size
