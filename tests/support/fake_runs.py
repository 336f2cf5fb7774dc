"""Fake runs of chips of any size and lateness, without simulation, for the tests of pictures and pages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.engines.base import Activity, Deliveries, Packets
from synaptile.bridge.mapping import MappedNetwork, Network, map_network
from synaptile.bridge.metrics import RunData, compute_metrics
from synaptile.bridge.run import ChipRun
from synaptile.rtl import Port
from synaptile.swsim.trace import PopulationSlice, Trace


def random_trace(
    sizes: Sequence[int] = (12, 6, 2),
    *,
    steps: int = 20,
    rate: float = 0.2,
    synapses: int = 60,
    seed: int = 1,
    labels: Sequence[str] | None = None,
    partial: bool = False,
) -> Trace:
    """Independent random spikes on random connections."""
    rng = np.random.default_rng(seed)
    neurons = sum(sizes)
    step, neuron = np.nonzero(rng.random((steps, neurons)) < rate)
    ends = np.cumsum(sizes).tolist()
    names = labels or [f"population {number}" for number in range(len(sizes))]
    return Trace(
        dt=1.0,
        steps=steps,
        neurons=neurons,
        spike_neuron=neuron.astype(np.int32),
        spike_step=step,
        pre=rng.integers(0, max(1, neurons), synapses if neurons else 0, dtype=np.int32),
        post=rng.integers(0, max(1, neurons), synapses if neurons else 0, dtype=np.int32),
        weight=np.ones(synapses if neurons else 0),
        delay=np.ones(synapses if neurons else 0, np.int32),
        populations=[
            PopulationSlice(name, end - size, end, "IF_curr_exp")
            for name, size, end in zip(names, sizes, ends, strict=True)
        ],
        meta={"seed": seed},
        partial=partial,
    )


def imagined(
    trace: Trace,
    config: ChipConfig,
    *,
    wait: int = 8,
    delivered: float = 1.0,
    partition: str = "in-order",
    seed: int = 0,
) -> ChipRun:
    """A run in which every packet waits up to ``wait`` cycles at its source and as many on its way.

    ``delivered`` is the part of the packets that arrive; with less than all of them the run is partial.
    """
    rng = np.random.default_rng(seed)
    network = Network.of_trace(trace)
    mapping, report = map_network(network, config, partition=partition, placement="in-order")
    mapped = MappedNetwork(network, mapping)
    packets = mapped.destinations.packets(trace.spike_step, trace.spike_neuron, config.cycles_per_step)
    arrived = np.arange(round(len(packets) * delivered))
    deliveries = _deliveries(packets, arrived, config, rng, wait)
    cycles = max(trace.steps * config.cycles_per_step, int(deliveries.completed.max(initial=-1)) + 1)
    activity = _activity(deliveries, config, cycles)
    return ChipRun(
        config=config,
        trace=trace,
        mapping=mapping,
        mapping_report=report,
        packets=packets,
        deliveries=deliveries,
        activity=activity,
        metrics=compute_metrics(RunData(deliveries, packets, activity, mapped, trace, config)),
        engine="imagined",
        mode="replay",
        seed=seed,
        partial=trace.partial or delivered < 1,
    )


def _deliveries(
    packets: Packets, tag: npt.NDArray[np.int64], config: ChipConfig, rng: np.random.Generator, wait: int
) -> Deliveries:
    row, col = np.divmod(packets.source[tag], config.cols)
    to_row, to_col = np.divmod(packets.destination[tag], config.cols)
    hops = abs(row - to_row) + abs(col - to_col)
    injected = packets.cycle[tag] + rng.integers(0, wait + 1, len(tag))
    delivered = injected + hops + 1 + rng.integers(0, wait + 1, len(tag))
    order = np.lexsort((packets.destination[tag], delivered))
    return Deliveries(
        tag=tag[order],
        source=packets.source[tag][order],
        destination=packets.destination[tag][order],
        neuron=packets.neuron[tag][order],
        stamp=packets.stamp[tag][order],
        created=packets.cycle[tag][order],
        injected=injected[order],
        delivered=delivered[order],
        completed=delivered[order] + config.flits_per_packet - 1,
        hops=hops[order],
    )


def _activity(deliveries: Deliveries, config: ChipConfig, cycles: int) -> Activity:
    """XY routing: what every packet leaves behind on its way."""
    packets = np.zeros((config.tiles, len(Port)), np.int64)
    pairs, times = np.unique(np.stack([deliveries.source, deliveries.destination]), axis=1, return_counts=True)
    for source, destination, count in zip(*pairs.tolist(), times.tolist(), strict=True):
        (row, col), (to_row, to_col) = divmod(source, config.cols), divmod(destination, config.cols)
        while col != to_col:
            packets[row * config.cols + col, Port.EAST if to_col > col else Port.WEST] += count
            col += 1 if to_col > col else -1
        while row != to_row:
            packets[row * config.cols + col, Port.SOUTH if to_row > row else Port.NORTH] += count
            row += 1 if to_row > row else -1
        packets[destination, Port.LOCAL] += count
    return Activity(
        cycles=cycles,
        rows=config.rows,
        cols=config.cols,
        flits=packets * config.flits_per_packet,
        packets=packets,
        injected_flits=np.bincount(deliveries.source, minlength=config.tiles) * config.flits_per_packet,
    )
