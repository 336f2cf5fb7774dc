import subprocess
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.config import Crossbar
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import (
    METHODS,
    SEARCHES,
    ClusterLimits,
    Effort,
    Partition,
    cut_cost,
    partition_network,
)

# Two groups of three that only talk among themselves, their neurons numbered alternately.
RINGS = Network.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])


def part(network: Network, axons: int, neurons: int, mesh: tuple[int, int], **options: object) -> Partition:
    counts = options.pop("counts", None)
    if counts is not None:
        network = replace(network, spike_counts=counts)
    return partition_network(network, Crossbar(axons=axons, neurons=neurons), mesh, **options)


def test_cut_cost() -> None:
    # Neuron 0 reaches clusters 0, 1 (twice) and 2: two packets per spike. Neuron 3 hears only itself.
    network = Network.of(4, [0, 0, 0, 1, 3], [1, 2, 3, 0, 3])
    cluster = np.array([0, 1, 1, 2])
    assert cut_cost(network, cluster) == 3
    assert cut_cost(replace(network, spike_counts=np.array([10, 5, 1, 7])), cluster) == 25


def test_in_order_fills_neurons() -> None:
    found = part(RINGS, 6, 4, (1, 2), method="in-order")
    assert found.cluster.tolist() == [0, 0, 0, 0, 1, 1]
    assert (found.clusters, found.method, found.cost, found.costs) == (2, "in-order", 4, {"in-order": 4})


def test_in_order_closes_a_tile_when_axons_run_out() -> None:
    # Neurons 2 and 3 listen to 0 and 1 and need two axons; 4 listens to two others.
    network = Network.of(5, [0, 1, 0, 1, 2, 3], [2, 2, 3, 3, 4, 4])
    assert part(network, 2, 5, (1, 2), method="in-order").cluster.tolist() == [0, 0, 0, 0, 1]
    assert part(network, 4, 5, (1, 2), method="in-order").cluster.tolist() == [0, 0, 0, 0, 0]


def test_in_order_out_of_tiles() -> None:
    network = Network.of(4, [0, 1, 2, 3], [0, 1, 2, 3])
    with pytest.raises(MappingError) as error:
        part(network, 1, 4, (1, 2), method="in-order")
    assert str(error.value) == (
        "the network needs at least 4 tiles of 4 neurons and 1 axon, because every neuron is an axon of each tile on "
        "which another listens to it; the 1x2 mesh has 2: use --mesh 2x2 or larger, or crossbars with more axons"
    )
    assert part(network, 1, 4, (2, 2)).clusters == 4
    # Pairs with an input in common, one after the other, fit; in this order they do not.
    crossed = Network.of(6, [0, 1, 2, 0, 1, 2], [0, 1, 2, 3, 4, 5])
    with pytest.raises(MappingError) as error:
        part(crossed, 1, 4, (1, 3), method="in-order")
    assert str(error.value) == (
        "in-order: crossbars of 4 neurons and 1 axon, filled in order, run out of them and need 6 tiles; "
        "the 1x3 mesh has 3: use --mesh 2x3 or larger, or crossbars with more axons"
    )
    assert part(crossed, 1, 4, (1, 3)).cluster.tolist() == [0, 1, 2, 0, 1, 2]


def test_km1_finds_the_groups() -> None:
    found = part(RINGS, 6, 3, (1, 2), method="km1")
    assert found.cluster.tolist() == [0, 1, 0, 1, 0, 1]
    assert (found.cost, found.costs) == (0, {"km1": 0})


def test_auto_takes_the_better() -> None:
    found = part(RINGS, 6, 3, (1, 2))
    assert (found.cost, found.costs) == (0, {"in-order": 4, found.method: 0})
    sorted_rings = Network.of(6, [0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3])
    found = part(sorted_rings, 6, 3, (1, 2))
    assert (found.method, found.costs) == ("in-order", {"in-order": 0})


def test_auto_survives_one_method_failing() -> None:
    # In order, every neuron needs new axons and thus a tile; sorted by what they listen to, two tiles are enough.
    found = part(Network.of(4, [0, 1, 0, 1], [0, 1, 2, 3]), 1, 2, (1, 2))
    assert found.cluster.tolist() == [0, 1, 0, 1]
    assert found.method == "overlap"
    assert "need 4 tiles" in found.failures["in-order"]


def test_spikes_decide() -> None:
    # Neuron 0 talks to 1, neuron 2 to 1 as well; only one of them can sit with it.
    network = Network.of(4, [0, 2, 3], [1, 1, 1])
    for loud, counts in ((0, [9, 0, 1, 1]), (2, [1, 0, 9, 1]), (3, [1, 0, 1, 9])):
        found = part(network, 4, 2, (1, 2), method="km1", counts=np.array(counts))
        assert found.cluster[loud] == found.cluster[1]
        assert found.cost == 2


def test_large_counts() -> None:
    counts = np.full(6, 2**40)
    assert part(RINGS, 6, 3, (1, 2), method="km1", counts=counts).cost == 0
    assert part(RINGS, 6, 4, (1, 2), method="in-order", counts=counts).cost == 4 * 2**40


def test_silent_network_is_parted_by_its_wiring() -> None:
    assert part(RINGS, 6, 3, (1, 2), method="km1", counts=np.zeros(6, np.int64)).cluster.tolist() == [0, 1] * 3


def test_refused() -> None:
    with pytest.raises(
        ValueError,
        match=f"^partition must be one of {', '.join(METHODS)}, not 'best'$",
    ):
        part(RINGS, 6, 3, (1, 2), method="best")


def test_local_network_costs_less_than_in_order() -> None:
    # Neighbours on a ring talk, in shuffled numbering: the order says nothing, the wiring everything.
    rng = np.random.default_rng(1)
    name = rng.permutation(240)
    pre = np.repeat(np.arange(240), 6)
    post = (pre + rng.integers(-8, 9, len(pre))) % 240
    network = Network.of(240, name[pre], name[post])
    found = part(network, 240, 32, (2, 4))
    assert found.cost < 0.5 * found.costs["in-order"]
    again = part(network, 240, 32, (2, 4))
    assert again.cluster.tobytes() == found.cluster.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_fits_or_says_so(method: str) -> None:
    accepted = 0

    @settings(deadline=None, max_examples=examples(15, 200))
    @given(networks(), st.integers(0, 2**32))
    def check(network: RandomNetwork, seed: int) -> None:
        nonlocal accepted
        wiring = network.connectivity
        try:
            found = part(network.firing, 5, 4, (2, 4), method=method, seed=seed)
        except MappingError:
            return
        accepted += network.neurons > 0
        assert found.clusters == len(set(found.cluster.tolist())) <= 8
        assert sorted(set(found.cluster.tolist())) == list(range(found.clusters))
        assert np.bincount(found.cluster, minlength=1).max() <= 4
        for cluster in range(found.clusters):
            assert len(set(wiring.pre[found.cluster[wiring.post] == cluster].tolist())) <= 5
        assert found.cost == cut_cost(network.firing, found.cluster) == min(found.costs.values())

    check()
    assert accepted > 0  # some of these networks fit


def test_a_method_is_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    def alternating(network: Network, limits: ClusterLimits, effort: Effort) -> npt.NDArray[np.int64]:
        return (np.arange(network.neurons) + effort.seed) % limits.clusters

    monkeypatch.setitem(SEARCHES, "alternating", alternating)
    for name in ("km1", "refined", "overlap"):
        monkeypatch.delitem(SEARCHES, name)
    found = part(RINGS, 6, 3, (1, 2), method="alternating")
    assert (found.method, found.cluster.tolist(), found.costs) == ("alternating", [0, 1] * 3, {"alternating": 0})
    assert part(RINGS, 6, 3, (1, 2)).costs == {"in-order": 4, "alternating": 0}
    with pytest.raises(
        ValueError,
        match=r"^partition must be one of auto, in-order, .*, alternating, not 'km1'$",
    ):
        part(RINGS, 6, 3, (1, 2), method="km1")


def test_short_of_axons_stays_local() -> None:
    # On a shuffled ring where no tile has axons for all its neurons, clusters must still be pieces of the ring.
    rng = np.random.default_rng(2)
    name = rng.permutation(200)
    pre = np.repeat(np.arange(200), 6)
    post = (pre + rng.integers(-8, 9, len(pre))) % 200
    network = Network.of(200, name[pre], name[post])
    found = part(network, 24, 64, (8, 8))
    assert found.cost < 0.5 * found.costs.get("in-order", 6 * 200)


def test_partitioning_prints_nothing() -> None:
    script = (
        "from synaptile.bridge.config.chip_config import Crossbar\n"
        "from synaptile.bridge.mapping import Network\n"
        "from synaptile.bridge.mapping.partition import partition_network\n"
        "network = Network.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])\n"
        "print(partition_network(network, Crossbar(axons=6, neurons=3), (1, 2), method='km1').cost)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert (result.stdout, result.stderr) == ("0\n", "")
