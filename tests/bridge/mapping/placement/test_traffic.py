import numpy as np
from hypothesis import given, settings
from support.effort import examples
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.placement import Traffic, place
from synaptile.bridge.tile_grid import TileGrid


def test_traffic_of_a_network() -> None:
    # Neurons 0 and 1 of cluster 0 both go to clusters 1 and 2, neuron 2 to 1 only, neuron 5 to nobody else.
    network = Network.of(
        6, [0, 0, 1, 1, 2, 2, 5, 3], [3, 5, 4, 5, 3, 4, 5, 0], spike_counts=np.array([10, 5, 3, 7, 9, 1])
    )
    traffic = Traffic.of(network, np.array([0, 0, 0, 1, 1, 2]), 3)
    assert traffic.to_matrix().tolist() == [[0, 18, 15], [7, 0, 0], [0, 0, 0]]
    groups = traffic.groups
    assert groups is not None
    assert groups.source.tolist() == [0, 0, 1]
    assert groups.spikes.tolist() == [15, 3, 7]
    assert [groups.target[a:b].tolist() for a, b in zip(groups.start, groups.start[1:], strict=False)] == [
        [1, 2],
        [1],
        [0],
    ]
    links = traffic.links
    assert links.start.tolist() == [0, 2, 3, 4]
    assert links.other.tolist() == [1, 2, 0, 0]
    assert links.weight.tolist() == [25, 15, 25, 15]
    assert links.total.tolist() == [40, 25, 15]


@settings(max_examples=examples(40, 600), deadline=None)
@given(networks())
def test_pairs_and_groups_are_those_of_plain_python(network: RandomNetwork) -> None:
    neurons, pre, post, counts = network
    cluster = np.arange(neurons) * 7 % 5
    matrix = np.zeros((5, 5), np.int64)
    groups: dict[tuple[int, tuple[int, ...]], int] = {}
    for neuron in range(neurons):
        own = int(cluster[neuron])
        targets = sorted({int(cluster[b]) for a, b in zip(pre, post, strict=True) if a == neuron} - {own})
        if targets and counts[neuron]:
            groups[own, tuple(targets)] = groups.get((own, tuple(targets)), 0) + int(counts[neuron])
            matrix[own, targets] += counts[neuron]
    traffic = Traffic.of(network.firing, cluster, 5)
    assert traffic.to_matrix().tolist() == matrix.tolist()
    again = Traffic.of_matrix(matrix)
    assert (again.start.tolist(), again.target.tolist(), again.packets.tolist()) == (
        traffic.start.tolist(), traffic.target.tolist(), traffic.packets.tolist()
    )  # fmt: skip
    found = traffic.groups
    assert found is not None
    assert {
        (int(found.source[i]), tuple(found.target[found.start[i] : found.start[i + 1]].tolist())): int(found.spikes[i])
        for i in range(len(found.source))
    } == groups


def test_a_chip_of_65_536_tiles_needs_no_array_of_tiles_by_tiles() -> None:
    # Such an array of packets would have 32 GiB.
    number = np.arange(2**16)
    traffic = Traffic.of(Network.of(2**16, number[:-1], number[1:]), number[::-1].copy(), 2**16)
    assert place(traffic, TileGrid(256, 256), "force-directed").cost == 2**16 - 1  # a chain along the curve
