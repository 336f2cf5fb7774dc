"""The step in which a clock cycle lies."""

import numpy as np
import pytest

from synaptile.bridge.metrics.steps import steps_of


def test_steps_of_equal_length() -> None:
    assert steps_of(np.array([0, 9, 10, 25]), 10).tolist() == [0, 0, 1, 2]


def test_steps_of_different_length() -> None:
    starts = np.array([0, 4, 30])
    assert steps_of(np.array([0, 3, 4, 29, 30, 99]), 10, starts).tolist() == [0, 0, 1, 1, 2, 2]


def test_cycles_per_step_refused() -> None:
    with pytest.raises(ValueError, match=r"^cycles_per_step must be at least 1, not 0$"):
        steps_of(np.array([1]), 0)
