"""Changes of order against a loop over all pairs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from support.random_networks import Packet, RandomNetwork, logs, networks, sent_and_delivered

from synaptile.bridge.metrics.order_changes import OrderChanges, order_changes


def found(log: list[Packet]) -> OrderChanges:
    return order_changes(sent_and_delivered(log)[1])


def by_pairs(log: list[Packet]) -> OrderChanges:
    """The definition, packet by packet."""
    pairs, overtaken = 0, set()
    for number, a in enumerate(log):
        for b in log:
            if a.destination != b.destination or a.delivered is None or b.delivered is None:
                continue
            if a.created < b.created and b.delivered + b.tail < a.delivered + a.tail:
                pairs += 1
                overtaken.add(number)
    return OrderChanges(pairs, len(overtaken))


def test_nothing_delivered() -> None:
    assert found([]) == found([Packet(0, 0, 1, 0, None)]) == OrderChanges(0, 0)


def test_by_hand() -> None:
    a, b, c = Packet(0, 0, 2, 0, 25), Packet(10, 1, 2, 5, 14), Packet(20, 0, 2, 1, 24)
    assert found([a, b, c]) == OrderChanges(2, 1)
    # Of one step, to another tile, in the same cycle: no order that could change.
    assert found([a, b._replace(created=0)]) == OrderChanges(0, 0)
    assert found([a, b._replace(destination=1)]) == OrderChanges(0, 0)
    assert found([a, b._replace(delivered=25)]) == OrderChanges(0, 0)
    # It is the last flit that counts.
    assert found([a, b._replace(delivered=24, tail=2)]) == OrderChanges(0, 0)


@given(networks(most=8), st.data())
def test_against_all_pairs(network: RandomNetwork, data: st.DataObject) -> None:
    log = data.draw(logs(network, np.arange(network.neurons, dtype=np.int32) % 3))
    assert found(log) == by_pairs(log)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40), st.integers(0, 3)), max_size=examples(20, 100)),
    st.sampled_from([1, 10]),
)
def test_against_all_pairs_of_one_tile(times: list[tuple[int, int, int]], step: int) -> None:
    log = [Packet(step * sent, 0, 1, 0, step * sent + late, tail=tail) for sent, late, tail in times]
    assert found(log) == by_pairs(log)
    # The same in cycles that are too long to be sorted as one number.
    far = [one._replace(created=one.created + (1 << 61), delivered=one.delivered + (1 << 61)) for one in log]
    assert found(far) == found(log)
