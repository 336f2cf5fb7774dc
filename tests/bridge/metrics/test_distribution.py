import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.metrics.distribution import Distribution


def test_empty() -> None:
    found = Distribution.of(np.zeros(0, np.int64))
    assert found == Distribution(0, None, None, None, None, None, None)
    assert found.to_dict("wait") == dict.fromkeys(
        ("wait_mean", "wait_min", "wait_p50", "wait_p95", "wait_p99", "wait_max")
    )


def test_by_hand() -> None:
    found = Distribution.of(np.arange(100, 0, -1))
    assert found == Distribution(100, 50.5, 1, 50, 95, 99, 100)
    assert all(type(value) is int for value in (found.min, found.p50, found.p95, found.p99, found.max))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_any_sample(values: list[int]) -> None:
    found = Distribution.of(np.array(values))
    assert (found.count, found.min, found.max) == (len(values), min(values), max(values))
    assert found.mean == pytest.approx(sum(values) / len(values))
    for percentile, value in ((50, found.p50), (95, found.p95), (99, found.p99)):
        assert value in values
        assert 100 * sum(other <= value for other in values) >= percentile * len(values)
        assert 100 * sum(other < value for other in values) < percentile * len(values)
