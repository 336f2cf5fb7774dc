"""Random runs on chips of every topology for the tests of metrics: any waits, and packets that are still under way."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.engines.base import Activity, Deliveries
from synaptile.bridge.mapping import MappedNetwork, Mapping, Network
from synaptile.bridge.metrics import RunData
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import Port
from synaptile.swsim.trace import PopulationSlice, Trace

CHIPS = (
    {"mesh": "2x3"},
    {"mesh": "3x2", "routing": "yx", "flits_per_packet": 3, "link_stages": 2},
    {"mesh": "3x3", "multicast": True, "flits_per_packet": 1, "table_entries": 64},
    {"mesh": "4x3", "topology": "torus", "virtual_channels": 2},
    {"mesh": "4x2", "topology": "torus", "virtual_channels": 2, "multicast": True, "table_entries": 64},
    {"mesh": "4x4", "topology": "tree", "link_stages": 1},
    {"mesh": "4x4", "topology": "tree", "multicast": True, "table_entries": 64},
)
"""Chips with a routing that leaves no choice."""


@st.composite
def runs(draw: st.DrawFn, most_neurons: int = 12) -> RunData:
    """A run of a random network."""
    settings = draw(st.sampled_from(CHIPS))
    config = ChipConfig(crossbar="64x4", cycles_per_step=draw(st.integers(1, 40)), **settings)
    neurons = draw(st.integers(1, most_neurons))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    synapses, steps = draw(st.integers(0, 40)), draw(st.integers(0, 6))
    pre, post = rng.integers(0, neurons, (2, synapses))
    fired = rng.random((steps, neurons)) < 0.4
    step, neuron = np.nonzero(np.repeat(fired, 1 + (rng.random(neurons) < 0.1), axis=1)[:, :neurons])
    cut = int(rng.integers(0, neurons + 1))
    trace = Trace(
        dt=1.0,
        steps=steps,
        neurons=neurons,
        spike_neuron=neuron.astype(np.int32),
        spike_step=step,
        pre=pre.astype(np.int32),
        post=post.astype(np.int32),
        weight=np.ones(synapses),
        delay=np.ones(synapses, np.int32),
        populations=[PopulationSlice("one", 0, cut, "x"), PopulationSlice("two", cut, neurons, "x")],
    )
    seat = rng.permutation(config.tiles * 4)[:neurons]
    mapping = Mapping(
        config.rows, config.cols, config.crossbar, (seat // 4).astype(np.int32), (seat % 4).astype(np.int32)
    )
    mapped = MappedNetwork(Network.of_trace(trace), mapping)
    key = np.zeros(neurons, np.int64) if config.multicast else None
    packets = mapped.destinations.packets(step, neuron, config.cycles_per_step, key=key)
    tag = np.flatnonzero(rng.random(len(packets)) < draw(st.sampled_from([0.7, 1.0])))
    grid = TileGrid.of(config)
    hops = grid.hops(packets.source[tag], packets.destination[tag])
    wait = draw(st.sampled_from([1, 5, 60]))
    injected = packets.cycle[tag] + rng.integers(0, wait, len(tag))
    delivered = injected + grid.zero_load(hops, config.link_stages) + rng.integers(0, wait, len(tag))
    completed = delivered + config.flits_per_packet - 1 + rng.integers(0, 3, len(tag))
    order = np.lexsort((packets.destination[tag], delivered))
    columns = {name: getattr(packets, name)[tag][order] for name in ("source", "destination", "neuron", "stamp")}
    log = Deliveries(
        tag=tag[order],
        created=packets.cycle[tag][order],
        injected=injected[order],
        delivered=delivered[order],
        completed=completed[order],
        hops=hops[order],
        **columns,
    )
    return RunData(log, packets, idle(config, steps * config.cycles_per_step), mapped, trace, config)


def idle(config: ChipConfig, cycles: int) -> Activity:
    """Nothing counted, on a chip of that size."""
    chip = TileGrid.of(config).interconnect
    hubs = chip.nodes if chip.has_hubs else 0
    nodes, below = np.zeros((chip.nodes, len(Port)), np.int64), np.zeros((hubs, len(Port)), np.int64)
    tiles = np.zeros(config.tiles, np.int64)
    return Activity(cycles, config.rows, config.cols, nodes, nodes, tiles, config.topology, below, below)
