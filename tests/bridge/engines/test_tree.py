"""A tree of clusters: both engines log the same, and what they count adds up."""

import numpy as np
import pytest
from support.effort import examples
from support.engine_equivalence import assert_same, check_equality, some_packets
from support.vcd_log import read_latencies

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.tile_grid import TileGrid
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.rtl import NetworkParams

NETWORKS = {
    "xy": {},
    "two channels, adaptive": {"virtual_channels": 2, "routing": "west-first", "selection": "round-robin"},
    "neighbours, stages": {"routing": "odd-even", "selection": "neighbours-on-path", "link_stages": 1},
}


def tree(rows: int = 4, cols: int = 6, **options: object) -> NetworkParams:
    return NetworkParams(rows=rows, cols=cols, topology="tree", neurons=64, stamp_bits=8, **options)


@pytest.mark.parametrize("name", examples(["xy", "two channels, adaptive"], list(NETWORKS)))
def test_both_engines_log_the_same(name, compile_with):
    # Compiled in a fraction of the time. Clusters one by one and in groups, changing often.
    compile_with("-O0", "-DCHOOSE_AFTER=3", "-DWORTH_GROUPING=2")
    for rows, cols in ((4, 6), (2, 2)):
        params = tree(rows, cols, **NETWORKS[name])
        ready = np.random.default_rng(1).random((params.tiles, 4)) < 0.6
        ready[:, 0] = True
        check_equality((params, ready), seed=2, count=80, spread=20, pause=25)
        check_equality((params, None), seed=3, count=60, spread=300, pause=25)


def test_large_trees_are_shared_among_threads(compile_with):
    compile_with("-O0", "-DCHOOSE_AFTER=3", "-DWORTH_SHARING=1")
    params = tree(24, 24)
    packets = some_packets(params, 4, 3000, 200)
    alone, shared = (CompiledEngine(params, threads=threads) for threads in (1, 2))
    for engine in (alone, shared):
        engine.inject(packets)
        engine.drain()
    assert_same(alone, shared)
    assert len(alone.deliveries()) == 3000


def test_at_zero_load_a_packet_takes_a_cycle_for_every_router():
    engine = AmaranthEngine(tree())
    # Within a cluster, to the tile itself, to the cluster beside it, across the chip.
    ends = np.array([(0, 7), (8, 8), (1, 2), (0, 23)])
    cycles = 100 * np.arange(4)
    engine.inject(Packets(cycles, ends[:, 0], ends[:, 1], neuron=[1, 2, 3, 4], stamp=[0, 0, 0, 0]))
    engine.drain()
    log = engine.deliveries()
    assert log.hops.tolist() == [0, 0, 3, 5]
    assert log.latency.tolist() == [1, 1, 4, 6]


def test_activity_adds_up():
    params = tree()
    engine = AmaranthEngine(params)
    packets = some_packets(params, 5, 80, 100)
    engine.inject(packets)
    engine.drain()
    activity, log = engine.activity(), engine.deliveries()
    assert activity.routers == len(activity.buffer_reads) == 12
    assert (activity.buffer_writes == activity.buffer_reads).all()
    assert (activity.injected_flits == 2 * np.bincount(packets.source, minlength=24)).all()
    assert activity.link_flits.sum() + activity.hub_link_flits.sum() == 2 * log.hops.sum()
    assert activity.hub_link_flits[:, 0].sum() == activity.hub_link_flits[:, 1].sum()
    assert activity.packet_hops == log.hops.sum()
    assert activity.delivered_flits == 2 * 80
    # A packet meets as many routers as links, and one more.
    assert activity.routed_packets.sum() == (log.hops + 1).sum()
    assert (TileGrid.of(activity).hops(packets.source, packets.destination)[log.tag] == log.hops).all()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.usefixtures("quick_build")
def test_waves_are_the_same_and_show_every_delivery(channels, tmp_path):
    params = tree(4, 4, virtual_channels=channels)
    packets = some_packets(params, 7, 40, 60)
    texts = []
    for kind in (AmaranthEngine, CompiledEngine):
        waves = VcdRecorder(tmp_path / f"{kind.name}.vcd", clock_hz=1e8)
        engine = kind(params, waves=waves)
        engine.inject(packets)
        engine.drain()
        waves.finish()
        texts.append(waves.path.read_bytes())
    assert texts[0] == texts[1]
    seen, log = read_latencies(waves.path), engine.deliveries()
    assert (seen.row * 4 + seen.col).tolist() == log.destination.tolist()
    assert seen.delivered.tolist() == log.delivered.tolist()
    assert seen.completed.tolist() == log.completed.tolist()
    scopes = {variable.scope.partition(".")[0] for variable in waves.variables}
    assert {"tile_0_0", "tile_3_3", "hub_0_0", "hub_1_1", "router_1_0"} <= scopes
    assert len(scopes) == 16 + 4 + 4


def test_waves_of_a_tile_come_with_its_hub_and_router(tmp_path):
    waves = VcdRecorder(tmp_path / "run.vcd", clock_hz=1e8, tiles=[(0, 3)])
    engine = AmaranthEngine(tree(4, 4), waves=waves)
    engine.run(1)
    waves.finish()
    scopes = {variable.scope.partition(".")[0] for variable in waves.variables}
    assert scopes == {"tile_0_3", "hub_0_1", "router_0_1"}
