import numpy as np
import pytest
from hypothesis import given, settings
from support.random_networks import RandomNetwork, chip, networks

from synaptile.bridge.config import Crossbar
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Mapping, Network, map_network
from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.bridge.mapping.partition import BASELINES, SEARCHES
from synaptile.bridge.mapping.partition import METHODS as PARTITIONS
from synaptile.bridge.mapping.partition import SEEDLESS as SEEDLESS_PARTITIONS
from synaptile.bridge.mapping.placement import METHODS as PLACEMENTS
from synaptile.bridge.mapping.placement import SEEDLESS as SEEDLESS_PLACEMENTS
from synaptile.swsim.trace import PopulationSlice

CROSSBAR = Crossbar(axons=3, neurons=2)


def mapping(tile: list[int], slot: list[int]) -> Mapping:
    return Mapping(2, 2, CROSSBAR, np.array(tile, np.int32), np.array(slot, np.int32))


def test_helpers() -> None:
    placed = mapping([3, 0, 3], [1, 0, 0])
    assert (placed.neurons, placed.tiles) == (3, 4)
    assert placed.neurons_of(3).tolist() == [2, 0]
    assert placed.neurons_of(1).tolist() == []
    assert placed.used_tiles.tolist() == [0, 3]
    assert placed.neurons_used().tolist() == [1, 0, 0, 2]
    # Neuron 0 twice onto tile 3 is one axon; neuron 2 onto its own tile is one, too.
    assert placed.axons_used(Connectivity.of(3, [0, 0, 2, 1], [0, 2, 2, 1])).tolist() == [1, 0, 0, 2]


@pytest.mark.parametrize(
    ("tile", "slot", "message"),
    [
        ([0, 4], [0, 0], "neuron 1: tile must lie in 0..3, not 4"),
        ([-1], [0], "neuron 0: tile must lie in 0..3, not -1"),
        ([0, 0], [0, 2], "neuron 1: slot must lie in 0..1, not 2"),
        ([1, 0, 1], [1, 1, 1], "neurons 0 and 2 share slot 1 of tile 1; a slot holds one neuron"),
        ([1], [1, 1], "tile and slot must be of equal length, not (1,) and (2,)"),
    ],
)
def test_refused(tile: list[int], slot: list[int], message: str) -> None:
    with pytest.raises(MappingError) as error:
        mapping(tile, slot)
    assert str(error.value) == message


def test_check_axons() -> None:
    placed = mapping([0, 0, 1, 1, 2], [0, 1, 0, 1, 0])
    assert placed.check_axons(Connectivity.of(5, [0, 1, 2, 2], [4, 4, 4, 4])).tolist() == [0, 0, 3, 0]
    with pytest.raises(MappingError) as error:
        placed.check_axons(Connectivity.of(5, [0, 1, 2, 3], [4, 4, 4, 4]))
    assert str(error.value) == "tile 2 listens to 4 presynaptic neurons, more than the 3 axons of its crossbar"


class _Drawn(Exception):  # noqa: N818
    """A method asked for random numbers, or gave the seed away."""


def _draw(*args: object, **keys: object) -> None:
    raise _Drawn


@pytest.mark.parametrize("method", SEARCHES)
def test_partitions_without_random_numbers_are_known(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("filling.generator", "swarm.generator", "searches.hypergraph_blocks", "searches.graph_blocks"):
        monkeypatch.setattr(f"synaptile.bridge.mapping.partition.{name}", _draw)
    pre = np.arange(40)
    network = Network.of(40, np.r_[pre, pre], np.r_[(pre + 1) % 40, (pre + 7) % 40])
    if method in SEEDLESS_PARTITIONS:
        map_network(network, chip("2x3", "40x8"), partition=method, placement="in-order", seed=3)
    else:
        with pytest.raises(_Drawn):
            map_network(network, chip("2x3", "40x8"), partition=method, placement="in-order", seed=3)


@pytest.mark.parametrize("method", PLACEMENTS)
def test_placements_without_random_numbers_are_known(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synaptile.bridge.mapping.placement.search.Search.rng", _draw)
    pre = np.arange(40)
    network = Network.of(40, np.r_[pre, pre], np.r_[(pre + 1) % 40, (pre + 7) % 40])
    if method in SEEDLESS_PLACEMENTS:
        map_network(network, chip("2x3", "40x8"), partition="in-order", placement=method, seed=3)
    else:
        with pytest.raises(_Drawn):
            map_network(network, chip("2x3", "40x8"), partition="in-order", placement=method, seed=3)


def test_too_many_neurons() -> None:
    with pytest.raises(MappingError) as error:
        map_network(Network.of(900, [], []), chip("2x2", "128x128"))
    assert str(error.value) == (
        "900 neurons need at least 8 tiles of 128 neurons; the 2x2 mesh has 4: "
        "use --mesh 2x4 or larger, or crossbars of 225 neurons"
    )


def test_what_is_suggested_fits() -> None:
    map_network(Network.of(900, [], []), chip("2x4", "128x128"))
    map_network(Network.of(900, [], []), chip("2x2", "128x225"))
    with pytest.raises(MappingError, match="900 neurons need at least 5 tiles of 224"):
        map_network(Network.of(900, [], []), chip("2x2", "128x224"))


def test_too_many_presynaptic_neurons() -> None:
    pre, post = np.arange(784), np.full(784, 784 + 17)
    populations = [PopulationSlice("input", 0, 784, "x"), PopulationSlice("hidden", 784, 884, "x")]
    with pytest.raises(MappingError) as error:
        map_network(Network.of(884, pre, post, populations=populations), chip("4x4", "256x256"))
    assert str(error.value) == (
        "neuron 17 of population 'hidden' has 784 presynaptic neurons, more than the 256 axons of a crossbar: "
        "use crossbars of 784 axons or more"
    )
    with pytest.raises(MappingError, match=r"^neuron 801 has 784 presynaptic neurons"):
        map_network(Network.of(884, pre, post), chip("4x4", "256x256"))


def test_one_tile_chip_is_all_local() -> None:
    placed, report = map_network(Network.of(5, [0, 1, 1], [1, 1, 4]), chip("1x1"))
    assert placed.tile.tolist() == [0] * 5
    assert placed.slot.tolist() == [0, 1, 2, 3, 4]
    assert report.partition.cost == report.placement.cost == 0


def test_report() -> None:
    network = Network.of(4, [0, 0, 1], [2, 3, 2], spike_counts=np.array([5, 7, 0, 0]))
    _, report = map_network(network, chip("1x2", "4x2"), partition="in-order")
    assert report.to_dict() == {
        "neurons": 4,
        "tiles": 2,
        "tiles_used": 2,
        "most_neurons": 2,
        "most_axons": 2,
        "spikes_known": True,
        "partition": {
            "method": "in-order",
            "clusters": 2,
            "packets": 12,
            "packets_by_method": {"in-order": 12},
            "failures": {},
        },
        "placement": {"method": "optimised", "packet_hops": 12, "packet_hops_in_order": 12},
    }


CONFIG = chip("2x3", "6x5")


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_any_network_fits_or_is_refused(partition: str, placement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synaptile.bridge.mapping.partition.swarm.PATIENCE", 5)
    accepted = 0

    @settings(deadline=None, max_examples=20)
    @given(networks())
    def check(network: RandomNetwork) -> None:
        nonlocal accepted
        neurons, pre, post, counts = network
        try:
            placed, report = map_network(network.firing, CONFIG, partition=partition, placement=placement, seed=3)
        except MappingError:
            return
        accepted += neurons > 0
        pairs = set(zip(placed.tile.tolist(), placed.slot.tolist(), strict=True))
        assert len(pairs) == neurons
        axons: dict[int, set[int]] = {}
        for source, target in zip(pre.tolist(), post.tolist(), strict=True):
            axons.setdefault(int(placed.tile[target]), set()).add(source)
        assert max((len(sources) for sources in axons.values()), default=0) == report.most_axons <= 6
        packets = sum(
            int(counts[source]) for tile, sources in axons.items() for source in sources if placed.tile[source] != tile
        )
        assert packets == report.partition.cost
        again, _ = map_network(network.firing, CONFIG, partition=partition, placement=placement, seed=3)
        assert again.tile.tobytes() == placed.tile.tobytes()
        assert again.slot.tobytes() == placed.slot.tobytes()

    check()
    assert accepted > 0  # most of these networks fit


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_network_that_fits_is_accepted(partition: str, placement: str) -> None:
    # Six groups of five that each listen to one neuron of their own: a group fills a tile, and needs one axon.
    post = np.arange(30)
    network = Network.of(30, post // 5 * 5, post)
    placed, report = map_network(network, CONFIG, partition=partition, placement=placement)
    assert report.tiles_used == 6
    assert report.partition.cost == 0 or partition in BASELINES
    assert sorted(placed.neurons_used().tolist()) == [5] * 6
