"""Deliveries are sorted by their connections, equal ones as they stood, however long the numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.plain_details import any_runs, connections_of

from synaptile.bridge.metrics import RunData
from synaptile.bridge.metrics.detail.flows import _order, flows_of, ranges


@given(any_runs())
@settings(max_examples=examples(30, 300), deadline=None)
def test_each_connection_has_its_deliveries_in_their_order(run: RunData) -> None:
    flows = flows_of(run)
    parts = [flows.order[begin:end].tolist() for begin, end in zip(flows.start, flows.start[1:], strict=False)]
    assert parts == list(connections_of(run).values())
    assert flows.latency.tolist() == run.deliveries.latency[flows.order].tolist()


@given(st.lists(st.integers(0, 9), max_size=30), st.sampled_from([0, 1 << 61]))
def test_order_is_stable(keys: list[int], far: int) -> None:
    found = _order(np.array(keys, np.int64) + far)
    assert found.tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=8))
def test_ranges(parts: list[tuple[int, int]]) -> None:
    begin, count = np.array(parts, np.int64).reshape(-1, 2).T
    assert ranges(begin, count).tolist() == [first + i for first, number in parts for i in range(number)]
