import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.random_networks import Packet, RandomNetwork, logs, networks, sent_and_delivered

from synaptile.bridge.metrics.isi import isi_distortion


def test_by_hand() -> None:
    _, deliveries = sent_and_delivered(
        [
            # Emitted 0, 10, 30 and delivered 4, 12, 39: intervals 10, 20 become 8, 27.
            Packet(0, 0, 1, 0, 4),
            Packet(10, 0, 1, 0, 12),
            Packet(30, 0, 1, 0, 39),
            # The same neuron to another tile, always 5 later: nothing is distorted.
            Packet(0, 0, 2, 0, 5),
            Packet(10, 0, 2, 0, 15),
            # One packet only has no interval, nor has one of two that did not arrive.
            Packet(0, 0, 2, 1, 5),
            Packet(10, 0, 1, 1, 13),
            Packet(20, 0, 1, 1, None),
        ]
    )
    found = isi_distortion(deliveries)
    assert list(zip(found.neuron.tolist(), found.tile.tolist(), found.flow_mean.tolist(), strict=True)) == [
        (0, 1, 4.5),
        (0, 2, 0.0),
    ]
    assert (found.emitted.mean, found.emitted.count) == (12.5, 2)  # (15 + 10) / 2
    assert found.delivered.mean == 13.75  # (17.5 + 10) / 2
    assert (found.change.count, found.change.mean, found.change.max) == (3, 3.0, 7)
    assert (found.by_flow.mean, found.by_flow.max) == (2.25, 4.5)


def test_several_packets_of_a_step_have_intervals_of_0() -> None:
    # Three created at once arrive one after the other, and stretched once more by one that comes late.
    log = [Packet(0, 0, 1, 0, 4), Packet(0, 0, 1, 0, 5), Packet(0, 0, 1, 0, 9), Packet(20, 0, 1, 0, 24)]
    found = isi_distortion(sent_and_delivered(log)[1])
    assert found.emitted.mean == 20 / 3
    assert found.delivered.mean == 20 / 3
    # 0, 0, 20 become 1, 4, 15.
    assert found.change.mean == 10 / 3
    assert found.change.max == 5
    # All at once, as on a chip without contention: nothing is distorted, and nothing is divided by 0.
    still = isi_distortion(sent_and_delivered([Packet(0, 0, 1, 0, 4), Packet(0, 0, 1, 0, 4)])[1])
    assert (still.emitted.mean, still.delivered.mean, still.change.max) == (0.0, 0.0, 0)


def test_overtaking_packets_are_a_sorted_train() -> None:
    _, deliveries = sent_and_delivered([Packet(0, 0, 1, 0, 20), Packet(10, 0, 1, 0, 15)])
    found = isi_distortion(deliveries)
    assert found.delivered.mean == 5.0
    assert found.change.max == 5


def test_nothing_delivered() -> None:
    _, deliveries = sent_and_delivered([Packet(0, 0, 1, 0, None)])
    found = isi_distortion(deliveries)
    assert found.change.count == found.by_flow.count == 0
    assert found.emitted.mean is None
    assert len(found.neuron) == len(found.tile) == len(found.flow_mean) == 0


@given(networks(most=8), st.data())
def test_against_lists(network: RandomNetwork, data: st.DataObject) -> None:
    tile = np.arange(network.neurons, dtype=np.int32) % 3
    log = data.draw(logs(network, tile))
    _, deliveries = sent_and_delivered(log)
    flows: dict[tuple[int, int], list[Packet]] = {}
    for packet in log:
        if packet.delivered is not None:
            flows.setdefault((packet.neuron, packet.destination), []).append(packet)
    expected = {}
    for flow, packets in flows.items():
        emitted = sorted(packet.created for packet in packets)
        delivered = sorted(packet.delivered or 0 for packet in packets)
        intervals = [
            (b - a, d - c)
            for (a, b), (c, d) in zip(itertools.pairwise(emitted), itertools.pairwise(delivered), strict=True)
        ]
        if intervals:
            expected[flow] = [abs(after - before) for before, after in intervals]
    found = isi_distortion(deliveries)
    measured = dict(zip(zip(found.neuron.tolist(), found.tile.tolist(), strict=True), found.flow_mean, strict=True))
    assert measured == pytest.approx({flow: np.mean(changes) for flow, changes in expected.items()})
    changes = list(itertools.chain.from_iterable(expected.values()))
    assert found.change.count == len(changes)
    assert found.change.max == max(changes, default=None)


@given(st.lists(st.integers(0, 20), unique=True, min_size=2), st.integers(1, 50))
def test_a_constant_delay_distorts_nothing(steps: list[int], delay: int) -> None:
    _, deliveries = sent_and_delivered([Packet(10 * step, 0, 1, 0, 10 * step + delay) for step in steps])
    assert isi_distortion(deliveries).change.max == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50), st.integers(0, 50)), max_size=20))
def test_cycles_too_long_to_be_sorted_together_with_their_flow_give_the_same(rows: list[tuple[int, ...]]) -> None:
    near, far = (
        isi_distortion(
            sent_and_delivered([Packet(sent + at, 4, to, who, sent + at + wait) for who, to, sent, wait in rows])[1]
        )
        for at in (0, 1 << 61)
    )
    assert (near.change, near.by_flow) == (far.change, far.by_flow)
    for name in ("flow_mean", "neuron", "tile"):
        np.testing.assert_array_equal(getattr(near, name), getattr(far, name))
