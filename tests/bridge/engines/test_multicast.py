"""A packet with several targets reaches each of them, once, on both engines in the same cycles."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.engines import amaranth, compiled
from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Deliveries, Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.ledger import HardwareFault, entries_of
from synaptile.bridge.mapping.multicast import routing_table
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.routing import TORUS_ROUTINGS, XY, YX

KEYS = 16


def params_of(rows: int, cols: int, **more) -> NetworkParams:
    fixed = {"neurons": 64, "stamp_bits": 8, "routing": "table", "table_entries": KEYS, "multicast": True}
    return NetworkParams(rows=rows, cols=cols, **fixed | more)


def trees(params: NetworkParams, rng, routing=XY) -> tuple[RoutingTable, list[tuple[int, list[int]]]]:
    """A table of random trees, and the source and the targets (which may be the source) of each key."""
    groups = []
    for _ in range(KEYS):
        source = int(rng.integers(params.tiles))
        count = int(rng.integers(1, params.tiles + 1))
        targets = np.sort(rng.choice(params.tiles, count, replace=False)).tolist()
        groups.append((source, targets))
    return routing_table(TileGrid.of(params), routing.name, dict(enumerate(groups))), groups


def packets_of(groups, rng, count: int, last_cycle: int) -> Packets:
    rows = []
    for number in range(count):
        key = int(rng.integers(KEYS))
        source, targets = groups[key]
        cycle = int(rng.integers(0, last_cycle + 1))
        rows += [(cycle, source, to, number % 64, number, key, int(i > 0)) for i, to in enumerate(targets)]
    return Packets(*np.array(rows, dtype=np.int64).reshape(-1, 7).T)


def check(params: NetworkParams, seed: int, count: int, spread: int, *, stall: bool, routing=XY) -> None:
    rng = np.random.default_rng(seed)
    table, groups = trees(params, rng, routing)
    ready = None
    if stall:
        ready = rng.random((params.tiles, 5)) < 0.5
        ready[:, 0] = True
    packets = packets_of(groups, rng, count, spread)
    logs = []
    for kind in (CompiledEngine, AmaranthEngine):
        engine = kind(params, table=table, ready=ready)
        engine.inject(packets)
        engine.run(spread // 2)
        engine.drain(50_000)
        engine.run(engine.cycle + 30)  # a copy too many would arrive, and be a fault
        log = engine.deliveries()
        logs.append({field.name: getattr(log, field.name).tolist() for field in dataclasses.fields(Deliveries)})
        logs[-1] |= {name: np.asarray(value).tolist() for name, value in vars(engine.activity()).items()}
    assert logs[0] == logs[1]
    assert sorted(logs[0]["tag"]) == list(range(len(packets)))


CASES = [
    ({}, True, XY),
    ({"flits_per_packet": 1, "stamp_bits": 0, "buffer_depth": 1}, True, YX),
    ({"flits_per_packet": 4, "buffer_depth": 4}, False, XY),
    ({"virtual_channels": 2, "flits_per_packet": 3, "buffer_depth": 3}, True, YX),
    ({"topology": "torus", "virtual_channels": 2}, True, TORUS_ROUTINGS["xy"]),
    ({"topology": "tree", "rows": 4, "cols": 4}, True, XY),
    ({"topology": "tree", "rows": 4, "cols": 2, "virtual_channels": 2, "link_stages": 1}, True, YX),
]


@pytest.mark.parametrize(
    ("more", "stall", "routing"),
    CASES,
    ids=["two flits", "one flit", "four flits", "two channels", "torus", "tree", "tree, two channels"],
)
@pytest.mark.usefixtures("quick_build")
def test_both_engines_deliver_to_every_target_once(more, stall, routing):
    params = params_of(**{"rows": 3, "cols": 3} | more)
    check(params, seed=1, count=25, spread=60, stall=stall, routing=routing)


@settings(max_examples=examples(3, 100), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), mesh=st.sampled_from([(1, 1), (1, 4), (2, 2), (2, 3)]), stall=st.booleans())
def test_whatever_the_trees(seed, mesh, stall):
    check(params_of(*mesh), seed, count=30, spread=20, stall=stall)


def check_crowd(params: NetworkParams, routing=XY, *, seeds: int, count: int) -> None:
    """Far more than the network can take, from everywhere to nearly everywhere, through receivers that stall."""
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        table, groups = trees(params, rng, routing)
        packets = packets_of(groups, rng, count, 100)
        ready = rng.random((params.tiles, 7)) < 0.6
        ready[:, 0] = True
        engine = CompiledEngine(params, table=table, ready=ready)
        engine.inject(packets)
        engine.drain(3_000_000)
        assert len(engine.deliveries()) == len(packets)


@pytest.mark.parametrize(
    "more", [{}, {"buffer_depth": 2}, {"virtual_channels": 2, "flits_per_packet": 5, "buffer_depth": 5}], ids=str
)
@pytest.mark.usefixtures("quick_build")
def test_crossing_trees_never_wait_for_each_other(more):
    check_crowd(params_of(5, 5, **more), seeds=examples(1, 3), count=2000)


@pytest.mark.parametrize("name", TORUS_ROUTINGS)
@pytest.mark.parametrize("mesh", [(5, 6), (4, 6)], ids=str)
@pytest.mark.usefixtures("quick_build")
def test_so_it_is_on_a_torus(name, mesh):
    """Rings that are crowded round their edges, too; of channels as short as can be."""
    params = params_of(*mesh, topology="torus", virtual_channels=2, buffer_depth=2)
    check_crowd(params, TORUS_ROUTINGS[name], seeds=2, count=1500)


@pytest.mark.usefixtures("quick_build")
def test_so_it_is_in_a_tree():
    check_crowd(params_of(4, 4, topology="tree", buffer_depth=2), seeds=2, count=1000)


def test_a_table_for_another_topology_is_refused():
    params = params_of(1, 4)
    table, _ = trees(
        params.replace(topology="torus", virtual_channels=2), np.random.default_rng(0), TORUS_ROUTINGS["xy"]
    )
    with pytest.raises(ValueError, match=r"^table must be one for a mesh, not for a torus$"):
        AmaranthEngine(params, table=table)
    table, _ = trees(params, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"^table must be one for a torus, not for a mesh$"):
        AmaranthEngine(params.replace(topology="torus", virtual_channels=2), table=table)


def test_a_packet_crosses_each_link_of_its_tree_once():
    params = params_of(1, 4)
    table = routing_table(TileGrid.of(params), "xy", {0: (0, [1, 3])})
    engine = CompiledEngine(params, table=table)
    engine.inject(Packets([0, 0], [0, 0], [1, 3], [9, 9], [0, 0], [0, 0], [0, 1]))
    engine.drain()
    log, activity = engine.deliveries(), engine.activity()
    assert activity.packets[:, 2].tolist() == [1, 1, 1, 0]
    assert activity.packets[:, 0].tolist() == [0, 1, 0, 1]
    # The first copy at the fork goes to the tile, the second follows it two flits later.
    assert dict(zip(log.destination.tolist(), log.delivered.tolist(), strict=True)) == {1: 2, 3: 4 + 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"more": [1]}, "cycle of packet 0 must be that of the row before it, its packet"),
        ({"key": [16]}, r"key of packet 0 must lie in 0\.\.15, not 16"),
    ],
)
def test_wrong_packets_are_refused(change, message):
    params = params_of(1, 2)
    table, _ = trees(params, np.random.default_rng(0))
    packet = {"cycle": [0], "source": [0], "destination": [1], "neuron": [0], "stamp": [0]}
    for kind in (CompiledEngine, AmaranthEngine):
        with pytest.raises(ValueError, match=f"^{message}$"):
            kind(params, table=table).inject(Packets(**packet | change))


def two_good_packets_and_one_of_an_unknown_key(params: NetworkParams) -> tuple[RoutingTable, Packets]:
    """Tile 2 sends, too, what only tile 0 can send; nobody is to get it."""
    table = routing_table(TileGrid.of(params), "xy", {0: (0, [1]), 1: (2, [0])})
    columns = np.array([[0, 0, 0], [0, 2, 2], [1, 0, 1], [3, 4, 5], [1, 2, 3], [0, 1, 0]])
    return table, Packets(*columns)


@pytest.mark.parametrize("more", [{}, {"topology": "tree"}], ids=["mesh", "tree"])
@pytest.mark.usefixtures("quick_build")
def test_a_packet_of_an_unknown_key_is_refused(more):
    params = params_of(4, 4, **more)
    table, packets = two_good_packets_and_one_of_an_unknown_key(params)
    for kind in (CompiledEngine, AmaranthEngine):
        with pytest.raises(
            ValueError, match=r"^key of packet 2 must have an entry in the table of its source, tile 2, not 0$"
        ):
            kind(params, table=table).inject(packets)


@pytest.mark.parametrize("even", [1_000_000, 0], ids=["one by one", "in groups"])
@pytest.mark.parametrize("more", [{}, {"topology": "tree"}, {"virtual_channels": 2}], ids=["mesh", "tree", "channels"])
def test_a_packet_that_the_circuit_drops_is_a_fault_and_nothing_hangs(more, even, monkeypatch, compile_with):
    compile_with("-O0", "-DCHOOSE_AFTER=1", f"-DWORTH_GROUPING={even}")
    params = params_of(4, 4, **more)
    table, packets = two_good_packets_and_one_of_an_unknown_key(params)
    node = params.interconnect.locate(2)[0]
    for module in (amaranth, compiled):
        monkeypatch.setattr(module, "known_keys", lambda entries, params: None)
    for kind in (CompiledEngine, AmaranthEngine):
        engine = kind(params, table=table)
        engine.inject(packets)
        with pytest.raises(
            HardwareFault, match=rf"^cycle 4: node {node} dropped a packet to nowhere, or of an unknown key$"
        ):
            engine.drain()


def test_a_table_that_does_not_fit_the_network_is_refused():
    params = params_of(1, 2)
    table, _ = trees(params, np.random.default_rng(0))
    for wrong, given_, message in (
        (params, None, "table must be given with routing 'table', not None"),
        (NetworkParams(rows=1, cols=2), table, "table must be None with routing 'xy', not given"),
        (params_of(2, 2), table, "table must be of the 2x2 mesh, not of 1x2"),
        (params_of(1, 2, table_entries=3), table, "table must have keys below 3, the table_entries, not 3"),
        (params_of(1, 2, multicast=False), table, "table must have one output for each key without multicast, not 2"),
    ):
        with pytest.raises(ValueError, match=f"^{message}$"):
            entries_of(given_, wrong)
