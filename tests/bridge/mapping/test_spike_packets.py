import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.random_networks import RandomNetwork, chip, networks, trace_of

from synaptile.bridge.config import Crossbar
from synaptile.bridge.mapping import MappedNetwork, Mapping, Network, map_network
from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.bridge.mapping.spike_packets import Destinations

# Neurons 0, 1 on tile 2 (slots 1, 0), 2 on tile 0, 3 on tile 1.
MAPPING = Mapping(2, 2, Crossbar(axons=8, neurons=4), np.array([2, 2, 0, 1]), np.array([1, 0, 0, 0]))
PRE = np.array([0, 0, 0, 1, 1, 3, 2])
POST = np.array([2, 3, 1, 3, 3, 2, 2])


def rows(packets: object) -> list[tuple[int, ...]]:
    names = ("cycle", "source", "destination", "neuron", "stamp")
    return list(zip(*(getattr(packets, name).tolist() for name in names), strict=True))


def test_destinations() -> None:
    to = Destinations.of(MAPPING, Connectivity.of(4, PRE, POST))
    assert [to.of_neuron(neuron).tolist() for neuron in range(4)] == [[0, 1], [1], [], [0]]
    assert to.fan_out.tolist() == [2, 1, 0, 1]
    assert to.local.tolist() == [True, False, True, False]


def test_packets_of_one_step() -> None:
    to = Destinations.of(MAPPING, Connectivity.of(4, PRE, POST))
    assert rows(to.packets(3, [0, 1, 2, 3], 10)) == [
        (30, 1, 0, 3, 3),
        (30, 2, 1, 1, 3),  # slot 0 before slot 1
        (30, 2, 0, 0, 3),
        (30, 2, 1, 0, 3),
    ]
    assert rows(to.packets(3, [], 10)) == []
    assert rows(to.packets(3, [2], 10)) == []


def test_packets_of_several_steps() -> None:
    to = Destinations.of(MAPPING, Connectivity.of(4, PRE, POST))
    assert rows(to.packets([0, 2, 2], [1, 0, 1], 7)) == [
        (0, 2, 1, 1, 0),
        (14, 2, 1, 1, 2),
        (14, 2, 0, 0, 2),
        (14, 2, 1, 0, 2),
    ]


@given(networks(), st.data())
def test_one_packet_per_spike_and_remote_tile(network: RandomNetwork, data: st.DataObject) -> None:
    config = chip("2x3", "64x5", cycles_per_step=11)
    mapping, _ = map_network(network.silent, config, partition="in-order")
    fired = st.tuples(st.integers(0, 4), st.integers(0, max(0, network.neurons - 1)))
    # A source may fire several times in a step.
    spikes = data.draw(st.lists(fired, max_size=20 if network.neurons else 0))
    tile = mapping.tile.tolist()
    expected = sorted(
        {
            (step * 11, tile[neuron], int(mapping.slot[neuron]), number, tile[post], neuron, step)
            for number, (step, neuron) in enumerate(spikes)
            for pre, post in zip(network.pre.tolist(), network.post.tolist(), strict=True)
            if pre == neuron and tile[post] != tile[neuron]
        }
    )
    trace = trace_of(network, spikes, steps=5)
    destinations = MappedNetwork(Network.of_trace(trace), mapping).destinations
    packets = rows(destinations.packets(trace.spike_step, trace.spike_neuron, config.cycles_per_step))
    assert packets == [(cycle, at, to, who, step) for cycle, at, _, _, to, who, step in expected]
    lock_step = []
    for step in range(5):
        lock_step += rows(destinations.packets(step, trace.spike_neuron[trace.spike_step == step], 11))
    assert lock_step == packets
