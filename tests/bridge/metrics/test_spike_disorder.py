import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.random_networks import Packet, RandomNetwork, logs, networks, sent_and_delivered

from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.bridge.metrics.spike_disorder import noxim_disorder_count, spike_disorder

# Neurons 0, 1 on tile 0; 2, 3 on tile 1; 2 listens to both, 3 to neuron 1 only.
NETWORK = Connectivity.of(4, [0, 1, 1, 1], [2, 2, 2, 3])
TILE = np.array([0, 0, 1, 1])


def disorder(log: list[Packet]) -> list[float]:
    return spike_disorder(NETWORK, TILE, *sent_and_delivered(log), 10).tolist()


def test_in_time_is_no_disorder() -> None:
    found = disorder([Packet(0, 0, 1, 0, 9), Packet(20, 0, 1, 0, 20), Packet(20, 0, 1, 1, 29)])
    assert found == pytest.approx([np.nan, np.nan, 0.0, 0.0], nan_ok=True)


def test_by_hand() -> None:
    # Neuron 2 expects 2 arrivals in step 0 and 1 in step 1, and gets 1 and 2: (1² + 1²) / 2 steps.
    # Neuron 3 expects 1 in step 0, gets it in step 1: (1² + 1²) / 2.
    found = disorder([Packet(0, 0, 1, 0, 5), Packet(0, 0, 1, 1, 15), Packet(10, 0, 1, 0, 19)])
    assert found[2:] == [1.0, 1.0]
    # All three of neuron 2's in step 1: (2² + 2²) / 2.
    found = disorder([Packet(0, 0, 1, 0, 16), Packet(0, 0, 1, 1, 15), Packet(10, 0, 1, 0, 19)])
    assert found[2:] == [4.0, 1.0]


def test_what_never_arrived_was_expected() -> None:
    assert disorder([Packet(0, 0, 1, 1, None)])[2:] == [1.0, 1.0]


def test_nothing_sent() -> None:
    assert np.isnan(disorder([])).all()


def test_silence_does_not_dilute() -> None:
    early = disorder([Packet(0, 0, 1, 1, 10)])
    late = disorder([Packet(100000, 0, 1, 1, 100010)])
    assert early[2:] == late[2:] == [1.0, 1.0]


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^cycles_per_step must be at least 1, not 0$"):
        spike_disorder(NETWORK, TILE, *sent_and_delivered([]), 0)


@given(networks(most=10), st.data())
def test_against_counts(network: RandomNetwork, data: st.DataObject) -> None:
    tile = np.arange(network.neurons, dtype=np.int32) % 3
    log = data.draw(logs(network, tile))
    connectivity = network.connectivity
    found = spike_disorder(connectivity, tile, *sent_and_delivered(log), 10)
    for neuron in range(network.neurons):
        rates: dict[int, list[int]] = {}
        sources = set(connectivity.sources(neuron).tolist())
        for packet in log:
            if packet.destination == tile[neuron] and packet.neuron in sources:
                rates.setdefault(packet.created // 10, [0, 0])[0] += 1
                if packet.delivered is not None:
                    rates.setdefault((packet.delivered + packet.tail) // 10, [0, 0])[1] += 1
        if rates:
            expected = sum((hoped - got) ** 2 for hoped, got in rates.values()) / len(rates)
            assert found[neuron] == pytest.approx(expected)
        else:
            assert np.isnan(found[neuron])


def test_noxim_disorder_count() -> None:
    log = [
        Packet(0, 0, 2, 0, 4),
        Packet(0, 0, 2, 1, 6),  # the same step from the same tile: not newer
        Packet(20, 0, 2, 0, 24),
        Packet(10, 0, 2, 1, 26),  # older
        Packet(30, 0, 2, 0, 40),  # newer than the one before
        Packet(0, 1, 2, 5, 50),  # the first from its tile
        Packet(0, 0, 1, 0, 3),  # the first at its tile
    ]
    _, deliveries = sent_and_delivered(log)
    assert noxim_disorder_count(deliveries) == 2


@given(networks(most=8), st.data())
def test_noxim_disorder_count_against_a_loop(network: RandomNetwork, data: st.DataObject) -> None:
    tile = np.arange(network.neurons, dtype=np.int32) % 3
    log = data.draw(logs(network, tile))
    _, deliveries = sent_and_delivered(log)
    last: dict[tuple[int, int], int] = {}
    count = 0
    # Ties in time are broken as in the delivery log itself.
    for number in range(len(deliveries)):
        flow = int(deliveries.source[number]), int(deliveries.destination[number])
        stamp = int(deliveries.stamp[number])
        count += flow in last and stamp <= last[flow]
        last[flow] = stamp
    assert noxim_disorder_count(deliveries) == count
