"""Figures of groups are the `Distribution` of each, however many and long their numbers."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.metrics.detail.figures import packet_figures
from synaptile.bridge.metrics.distribution import Distribution


@given(
    st.lists(st.sampled_from([0, 1, 2, 99, 100, 101, 300]), max_size=5),
    st.integers(0, 1 << 30),
    st.sampled_from([3, 1000, 1 << 40]),
)
@settings(max_examples=examples(60, 600), deadline=None)
def test_groups(sizes: list[int], seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    latency, late = rng.integers(0, most, sum(sizes)), rng.integers(-1, 3, sum(sizes))
    found = packet_figures(np.array(sizes, np.int64), latency, late)
    begin = 0
    for number, size in enumerate(sizes):
        mine, steps = latency[begin : begin + size], late[begin : begin + size]
        expected = Distribution.of(mine)
        for name in ("mean", "p99", "max"):
            value = getattr(expected, name)
            assert found[f"latency_{name}"][number] == pytest.approx(
                math.nan if value is None else value, rel=1e-12, nan_ok=True
            )
        deviation = statistics.pstdev(mine.tolist()) if size else math.nan
        assert found["jitter"][number] == pytest.approx(deviation, rel=1e-9, nan_ok=True)
        assert found["late"][number] == sum(step > 0 for step in steps.tolist())
        assert found["late_steps_max"][number] == steps.max(initial=-1 if size else 0)
        begin += size


def test_numbers_too_long_to_be_sorted_with_their_group_give_the_same() -> None:
    rng = np.random.default_rng(1)
    latency, count = rng.integers(0, 1 << 20, 500), np.array([200, 0, 300])
    late = np.zeros(500, np.int64)
    near, far = packet_figures(count, latency, late), packet_figures(count, latency + (1 << 61), late)
    for name in ("latency_p99", "latency_max"):
        np.testing.assert_allclose(far[name] - (1 << 61), near[name], atol=1024, equal_nan=True)
