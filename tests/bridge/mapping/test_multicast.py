import numpy as np
import pytest
from support.fake_runs import random_trace

from synaptile.bridge import Chip
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import MappedNetwork, Network, map_network
from synaptile.bridge.mapping.multicast import MulticastKeys, tree
from synaptile.bridge.traffic.fan_out import Fanout
from synaptile.rtl import Port, RoutingTable
from synaptile.rtl.routing import TORUS_ROUTINGS, XY, YX
from synaptile.rtl.topology import Torus

CONFIG = ChipConfig(mesh=(3, 3), crossbar="64x4", multicast=True)


def test_a_tree_is_the_ways_laid_over_each_other():
    ways = tree(XY, (0, 0), [(0, 2), (1, 1), (0, 0)], 3, 3)
    assert ways == {
        (0, 0): {Port.EAST, Port.LOCAL},
        (0, 1): {Port.EAST, Port.SOUTH},
        (0, 2): {Port.LOCAL},
        (1, 1): {Port.LOCAL},
    }
    assert tree(TORUS_ROUTINGS["xy"], (0, 3), [(0, 2), (0, 0)], 1, 4) == {
        (0, 3): {Port.WEST, Port.EAST},
        (0, 2): {Port.LOCAL},
        (0, 0): {Port.LOCAL},
    }
    assert tree(YX, (0, 0), [(1, 1)], 3, 3) == {(0, 0): {Port.SOUTH}, (1, 0): {Port.EAST}, (1, 1): {Port.LOCAL}}


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize("size", [(2, 2), (4, 4), (6, 4), (5, 6)], ids=str)
def test_where_two_ways_round_are_equally_long_a_tree_takes_one_of_them(name, size):
    """To everywhere, in any order: each router is reached once, by a shortest way."""
    torus, rng = Torus(*size), np.random.default_rng(1)
    for source in range(torus.tiles):
        targets = [divmod(int(tile), size[1]) for tile in rng.permutation(torus.tiles)]
        ways = tree(TORUS_ROUTINGS[name], divmod(source, size[1]), targets, *size)
        assert RoutingTable(*size, {0: ways}, torus=True).targets(0, divmod(source, size[1])) == set(targets)
        hops, todo = {}, [(divmod(source, size[1]), 0)]
        while todo:
            here, count = todo.pop()
            assert here not in hops
            hops[here] = count
            todo += [(torus.neighbour(*here, port), count + 1) for port in ways[here] if port is not Port.LOCAL]
        assert hops == {to: torus.hops(source, to[0] * size[1] + to[1]) for to in targets}


def mapped(config: ChipConfig, trace):
    network = Network.of_trace(trace)
    mapping, _ = map_network(network, config, partition="in-order")
    return MappedNetwork(network, mapping).destinations


@pytest.mark.parametrize(
    "topology", [{}, {"topology": "torus", "virtual_channels": 2}, {"topology": "tree", "mesh": (4, 4)}], ids=str
)
@pytest.mark.parametrize("routing", ["xy", "yx"])
def test_the_tables_lead_every_neuron_s_key_to_its_tiles(routing, topology):
    config = CONFIG.replace(routing=routing, **topology)
    destinations = mapped(config, random_trace((20, 10, 4), synapses=200))
    keys = MulticastKeys.of(destinations, config)
    assert keys.count == len(set(keys.key[destinations.fan_out > 0].tolist())) < 34
    for neuron in np.flatnonzero(destinations.fan_out).tolist():
        source, side = divmod(int(destinations.source[neuron]), config.cols), 2 if config.topology == "tree" else 1
        enters = source[0] // side, source[1] // side
        found = {row * config.cols + col for row, col in keys.table.targets(int(keys.key[neuron]), enters)}
        assert found == set(destinations.of_neuron(neuron).tolist())


def test_tables_that_are_too_small_are_refused_with_what_would_do():
    destinations = mapped(CONFIG, random_trace((20, 10, 4), synapses=200))
    count = MulticastKeys.of(destinations, CONFIG).count
    assert MulticastKeys.of(destinations, CONFIG.replace(table_entries=count)).count == count
    message = rf"^table_entries must be at least {count}, one for each set .*, not {count - 1}$"
    with pytest.raises(MappingError, match=message):
        MulticastKeys.of(destinations, CONFIG.replace(table_entries=count - 1))


@pytest.mark.parametrize("topology", [{}, {"topology": "tree", "mesh": (4, 4)}], ids=str)
@pytest.mark.parametrize("engine", ["amaranth", "compiled"])
@pytest.mark.usefixtures("quick_build")
def test_multicast_delivers_what_unicast_does_with_fewer_flits(engine, topology):
    trace = random_trace((20, 10, 4), steps=6, synapses=200)
    config = CONFIG.replace(**topology)
    runs = [
        Chip(config.replace(multicast=multicast), engine=engine, partition="in-order", placement="in-order").replay(
            trace
        )
        for multicast in (True, False)
    ]
    logs = [
        sorted(
            zip(*(getattr(run.deliveries, name).tolist() for name in ("neuron", "stamp", "destination")), strict=True)
        )
        for run in runs
    ]
    assert logs[0] == logs[1]
    assert len(logs[0]) == runs[0].metrics.packets_sent > 0
    flits = [int(run.activity.link_flits.sum()) for run in runs]
    injected = [int(run.activity.injected_flits.sum()) for run in runs]
    assert flits[0] < flits[1]
    assert injected[0] < injected[1]
    assert runs[0].metrics.late.count == 0


def test_fanout_draws_other_tiles():
    fanout = Fanout.drawn(3, 3, 4, multicast=True, seed=1)
    assert fanout.targets.shape == (9, 4)
    for tile, targets in enumerate(fanout.targets.tolist()):
        assert tile not in targets
        assert targets == sorted(set(targets))
    table = fanout.table("xy")
    assert table is not None
    assert table.targets(4, (1, 1)) == {divmod(tile, 3) for tile in fanout.targets[4].tolist()}
    assert Fanout.drawn(3, 3, 4, multicast=False, seed=1).table("xy") is None
    around = fanout.table("xy", "torus")
    assert around is not None
    assert around.targets(0, (0, 0)) == {divmod(tile, 3) for tile in fanout.targets[0].tolist()}
    with pytest.raises(ValueError, match=r"^fanout must lie in 1\.\.8, the other tiles of the 3x3 mesh, not 9$"):
        Fanout.drawn(3, 3, 9, multicast=True, seed=1)
