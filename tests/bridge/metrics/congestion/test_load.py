from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_runs import random_trace
from support.random_runs import CHIPS, runs

from synaptile.bridge import Chip
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.metrics import RunData
from synaptile.bridge.metrics.congestion.congestion import congestion
from synaptile.bridge.metrics.congestion.load import hot_spots, interpolated, load_over_time, window_cycles
from synaptile.bridge.metrics.congestion.ways import PORTS, Ways, output_name, ways_of
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import Port
from synaptile.rtl.routing import routing_of
from synaptile.rtl.topology import LINKS


def mesh_way(run: RunData, here: tuple[int, int], there: tuple[int, int]) -> list[int]:
    """Outputs from router to router, one step after the other, as the relation has it."""
    chip = TileGrid.of(run.config).interconnect
    size = chip.node_rows, chip.node_cols
    relation, came_in, outputs = routing_of(run.config.routing, run.config.topology), Port.LOCAL, []
    while True:
        (port,) = relation.permitted(here, there, came_in, size)
        outputs.append((here[0] * size[1] + here[1]) * PORTS + port)
        beyond = chip.neighbour(*here, port)
        if beyond is None:
            return outputs
        here, came_in = beyond, port.opposite


def reference_way(run: RunData, source: int, target: int) -> list[int]:
    chip = TileGrid.of(run.config).interconnect
    (node, _), (to, member) = chip.locate(source), chip.locate(target)
    here, there = divmod(node, chip.node_cols), divmod(to, chip.node_cols)
    if not chip.has_hubs:
        return mesh_way(run, here, there)
    down = (chip.nodes + to) * PORTS + LINKS[member]
    return [down] if node == to else [(chip.nodes + node) * PORTS, *mesh_way(run, here, there), down]


def way_of(ways: Ways, delivery: int) -> list[int]:
    number = ways.of_packet[delivery]
    return ways.output[ways.start[number] : ways.start[number + 1]].tolist()


def cycles_of(run: RunData, outputs: list[int]) -> list[int]:
    """Cycles after entering until a head that nothing holds up leaves through each output."""
    nodes, cycle, found = TileGrid.of(run.config).interconnect.nodes, 1, []
    for output in outputs:
        found.append(cycle)
        between_routers = output // PORTS < nodes and output % PORTS != Port.LOCAL
        cycle += 1 + (run.config.link_stages if between_routers else 0)
    return found


@given(runs())
@settings(max_examples=examples(60, 600))
def test_ways_are_those_of_the_routing_one_step_after_the_other(run: RunData) -> None:
    ways = ways_of(run)
    assert isinstance(ways, Ways)
    log = run.deliveries
    zero_load = TileGrid.of(run.config).zero_load(log.hops, run.config.link_stages)
    for number in range(len(log)):
        outputs = way_of(ways, number)
        way = ways.of_packet[number]
        assert len(outputs) == log.hops[number] + 1
        offsets = ways.offset[ways.start[way] : ways.start[way + 1]].tolist()
        assert offsets == cycles_of(run, outputs)
        assert ways.zero_load[way] == offsets[-1] == zero_load[number]
        if run.config.multicast and run.config.topology == "torus":
            # A copy may come round a ring the other way, where the packet goes on to another target anyway.
            assert outputs[-1] == reference_way(run, int(log.source[number]), int(log.destination[number]))[-1]
        else:
            assert outputs == reference_way(run, int(log.source[number]), int(log.destination[number]))


def reference_load(run: RunData, ways: Ways, window: int) -> Counter[tuple[int, int]]:
    """Flits by (window, output), one packet after the other."""
    count: Counter[tuple[int, int]] = Counter()
    log, counted = run.deliveries, {}
    packet = np.cumsum(run.packets.more == 0)  # numbers of packets, of which copies are rows
    listens = run.mapped.destinations
    for number in range(len(log)):
        outputs = way_of(ways, number)
        if run.config.multicast:
            # What an earlier target of the same neuron's packet shares is counted with that one.
            earlier = [tile for tile in listens.of_neuron(int(log.neuron[number])) if tile < log.destination[number]]
            shared = counted.setdefault((int(log.neuron[number]), int(log.destination[number])), set())
            for tile in earlier:
                shared |= set(tree_way(run, ways, int(log.neuron[number]), int(tile)))
            assert packet[log.tag[number]] >= 0
        else:
            shared = set()
        offsets = cycles_of(run, outputs)
        spent = int(log.delivered[number] - log.injected[number])
        for output, offset in zip(outputs, offsets, strict=True):
            if output not in shared:
                cycle = int(log.injected[number]) + offset * spent // offsets[-1]
                count[cycle // window, output] += run.config.flits_per_packet
    return count


def tree_way(run: RunData, ways: Ways, neuron: int, tile: int) -> list[int]:
    """The way of a neuron's copy for a tile, from the ways of the whole packet: those of a neuron follow each other."""
    neurons = np.unique(run.deliveries.neuron)
    fan_out = run.mapped.destinations.fan_out[neurons]
    at = int(fan_out[: np.searchsorted(neurons, neuron)].sum())
    number = at + run.mapped.destinations.of_neuron(neuron).tolist().index(tile)
    return ways.output[ways.start[number] : ways.start[number + 1]].tolist()


@given(runs())
@settings(max_examples=examples(60, 600))
def test_load_is_that_of_a_count_packet_by_packet(run: RunData) -> None:
    ways = ways_of(run)
    assert isinstance(ways, Ways)
    load = load_over_time(run, ways)
    assert load.flits is not None
    expected = np.zeros_like(load.flits)
    for (window, output), flits in reference_load(run, ways, load.window).items():
        expected[window, output] += flits
    np.testing.assert_array_equal(load.flits, expected)
    np.testing.assert_array_equal(
        load.routers, expected.reshape(load.windows, load.total.size // PORTS, PORTS).sum(axis=2)
    )
    for found, cycle, tile in (
        (load.entered, run.deliveries.injected, run.deliveries.source),
        (load.left, run.deliveries.delivered, run.deliveries.destination),
    ):
        logged = Counter(zip((cycle // load.window).tolist(), tile.tolist(), strict=True))
        assert {(int(w), int(t)): int(found[w, t]) for w, t in zip(*np.nonzero(found), strict=True)} == {
            key: times * run.config.flits_per_packet for key, times in logged.items()
        }
    assert load.lengths.sum() == load.cycles
    spots = hot_spots(load, run.activity)
    peaks = (load.flits / load.lengths[:, None]).max(axis=0, initial=0)
    assert [spot.peak for spot in spots] == sorted(peaks[peaks > 0].tolist(), reverse=True)[:10]
    for spot in spots:
        assert load.flits[spot.begin // load.window, spot.output] / (spot.end - spot.begin) == spot.peak


@pytest.mark.parametrize("settings", CHIPS, ids=lambda settings: "-".join(map(str, settings.values())))
def test_every_flit_that_the_circuit_counted_is_found(settings: dict) -> None:
    """The circuit's own counters are the reference: nothing is left over, at any output of any router."""
    config = ChipConfig(crossbar="64x4", cycles_per_step=12, **settings)
    trace = random_trace((config.capacity // 3,), steps=5, rate=0.5, synapses=80, seed=3)
    run = Chip(config, engine="amaranth", partition="in-order", placement="in-order").replay(trace)
    load = run.metrics.congestion.load
    assert load.flits is not None
    assert load.flits.sum() > 40
    assert not load.other.any()
    np.testing.assert_array_equal(load.flits.sum(axis=0), load.total)
    late = run.metrics.congestion.late
    assert late.count == run.metrics.late.count
    waits = run.deliveries.completed - run.deliveries.injected
    zero_load = TileGrid.of(config).zero_load(run.deliveries.hops, config.link_stages)
    assert (waits - zero_load - config.flits_per_packet + 1 >= 0).all()  # nothing is faster than an empty network


def test_what_is_not_known_is_said_in_words() -> None:
    run = Chip(mesh="2x2", crossbar="64x4", routing="odd-even", engine="amaranth").replay(random_trace((12,), steps=2))
    found = run.metrics.congestion
    assert found.ways == "the routing odd-even leaves a choice, and which ways packets took is not in the log"
    assert found.load.unknown == found.ways
    assert found.load.flits is found.load.other is found.load.routers is None
    assert found.load.entered.sum() == found.load.left.sum() == 2 * len(run.deliveries)
    # Hot spots are then those of the whole run.
    assert found.hot_spots[0].peak is None
    assert found.hot_spots[0].mean == run.activity.flits.max() / found.load.cycles
    assert found.late.contended == ()


@given(
    injected=st.integers(0, 1000),
    wait=st.integers(0, 1000),
    offsets=st.lists(st.integers(1, 9), min_size=1, max_size=9),
)
def test_interpolation_is_exact_at_zero_load_and_at_both_ends(injected: int, wait: int, offsets: list[int]) -> None:
    offset = np.cumsum(offsets)
    zero_load = offset[-1:]
    at = interpolated(np.array([injected]), injected + zero_load + wait, offset, zero_load)
    assert at[-1] == injected + zero_load[0] + wait
    assert (np.diff(at) > 0).all()
    assert (at >= injected + offset).all()
    assert wait or (at == injected + offset).all()


@pytest.mark.parametrize(
    ("cycles", "step", "outputs", "expected"),
    [
        (0, 10, 80, 1),
        (239, 10, 80, 1),
        (2400, 10, 80, 10),
        (2401, 10, 80, 20),
        (24_000, 1000, 80, 100),
        (160, 1, 10**6, 10),
    ],
)
def test_windows(cycles: int, step: int, outputs: int, expected: int) -> None:
    assert window_cycles(cycles, step, outputs) == expected


def test_names() -> None:
    mesh, tree = TileGrid(2, 3), TileGrid(4, 4, "tree")
    assert output_name(4 * PORTS + Port.WEST, mesh) == "(1,1) WEST"
    assert output_name(4 * PORTS, mesh) == "(1,1) to its tile"
    assert output_name(PORTS, tree) == "(0,1) down to its hub"
    assert output_name((4 + 2) * PORTS, tree) == "hub (1,0) up"
    assert output_name((4 + 2) * PORTS + Port.SOUTH, tree) == "hub (1,0) to tile 2"


def test_an_empty_run() -> None:
    run = Chip(mesh="1x2", crossbar="4x4", engine="amaranth").replay(random_trace((), steps=0))
    found = run.metrics.congestion
    assert found.hot_spots == ()
    assert found.load.windows == 0
    assert found.worst_connections == found.worst_pairs == []
    assert congestion is not None
