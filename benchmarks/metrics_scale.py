"""Metrics, page and tables of many deliveries, timed: ``python benchmarks/metrics_scale.py [--packets 10e6]``.

An invented run on an 8 x 8 mesh, XY: 4,096 neurons with 20 synapses each, in steps of 2,000 cycles. Packets of a tile
leave it one after the other and wait up to 300 cycles on the way; one in a hundred is late. Times are seconds of
processor time and of the clock, memory is the most that the process had so far, the run itself included.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.engines.base import Activity, Deliveries, Packets
from synaptile.bridge.mapping import MappedNetwork, Mapping, Network, map_network
from synaptile.bridge.metrics import Metrics, RunData
from synaptile.bridge.report import write_report
from synaptile.bridge.run import ChipRun
from synaptile.bridge.tile_grid import TileGrid
from synaptile.swsim.trace import PopulationSlice, Trace

NEURONS, SYNAPSES, STEPS, CYCLES_PER_STEP = 4096, 20, 1000, 2000


def invented(count: int) -> RunData:
    """A run of about so many packets."""
    rng = np.random.default_rng(1)
    config = ChipConfig(mesh="8x8", crossbar="4096x64", cycles_per_step=CYCLES_PER_STEP)
    pre = np.repeat(np.arange(NEURONS, dtype=np.int32), SYNAPSES)
    post = rng.integers(0, NEURONS, len(pre), dtype=np.int32)
    tile = (np.arange(NEURONS) // 64).astype(np.int32)
    mapping = Mapping(8, 8, config.crossbar, tile, (np.arange(NEURONS) % 64).astype(np.int32))
    network = Network.of(NEURONS, pre, post)
    fan_out = MappedNetwork(network, mapping).destinations.fan_out.mean()
    when, who = np.divmod(np.sort(rng.integers(0, NEURONS * STEPS, round(count / fan_out))), NEURONS)
    trace = Trace(
        dt=1.0,
        steps=STEPS,
        neurons=NEURONS,
        spike_neuron=who.astype(np.int32),
        spike_step=when,
        pre=pre,
        post=post,
        weight=np.ones(len(pre)),
        delay=np.ones(len(pre), np.int32),
        populations=[PopulationSlice("first", 0, 2000, "x"), PopulationSlice("second", 2000, NEURONS, "x")],
    )
    mapped = MappedNetwork(Network.of_trace(trace), mapping)
    packets = mapped.destinations.packets(when, who, CYCLES_PER_STEP)
    log = delivered(packets, config, rng)
    none = np.zeros((64, 5), np.int64)
    activity = Activity(int(log.completed.max()) + 1, 8, 8, none, none, np.zeros(64, np.int64))
    return RunData(log, packets, activity, mapped, trace, config)


def delivered(packets: Packets, config: ChipConfig, rng: np.random.Generator) -> Deliveries:
    """Packets of a tile enter one after the other, two cycles each; every hundredth is a step late."""
    count = len(packets)
    queue = packets.stamp * config.tiles + packets.source
    first = np.flatnonzero(np.diff(queue, prepend=-1))
    injected = packets.cycle + 2 * (np.arange(count) - np.repeat(first, np.diff(np.append(first, count))))
    del queue
    hops = TileGrid.of(config).hops(packets.source, packets.destination)
    arrived = injected + hops + 1 + rng.integers(0, 300, count) + (rng.random(count) < 0.01) * (CYCLES_PER_STEP - 100)
    order = np.argsort(arrived * config.tiles + packets.destination)
    columns = {name: getattr(packets, name)[order] for name in ("source", "destination", "neuron", "stamp")}
    arrived = arrived[order]
    return Deliveries(
        tag=order,
        created=packets.cycle[order],
        injected=injected[order],
        delivered=arrived,
        completed=arrived + 1,
        hops=hops[order],
        **columns,
    )


def timed(what: str, began: tuple[float, float]) -> tuple[float, float]:
    """Print what a part took, and return the present times."""
    now = time.process_time(), time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{what:24s} {now[0] - began[0]:7.2f} s of processor {now[1] - began[1]:8.2f} s  {memory:5.2f} GB", flush=True
    )
    return time.process_time(), time.perf_counter()


def main() -> None:
    """Make the run, compute each metric, write the page, and make the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packets", type=float, default=10e6)
    arguments = parser.parse_args()
    clock = time.process_time(), time.perf_counter()
    run = invented(int(arguments.packets))
    clock = begin = timed(f"{len(run.deliveries):,} deliveries", clock)
    found = {}
    for name, metric in Metrics.entries().items():
        before = time.process_time()
        found[name] = metric.compute(run)
        spent = time.process_time() - before
        if spent > 0.05:
            print(f"    {name:20s} {spent:7.2f}", flush=True)
    clock = timed("metrics", begin)
    _, report = map_network(run.mapped.network, run.config, partition="in-order", placement="in-order")
    finished = ChipRun(
        config=run.config,
        trace=run.trace,
        mapping=run.mapped.mapping,
        mapping_report=report,
        packets=run.packets,
        deliveries=run.deliveries,
        activity=run.activity,
        metrics=Metrics(found),
        engine="invented",
        mode="replay",
        seed=0,
        partial=False,
    )
    clock = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        page = write_report(finished, Path(folder), title="Many deliveries")
        clock = timed(f"page, {page.stat().st_size / 1e6:.2f} MB", clock)
    rows = sum(len(table) for table in finished.tables().values())
    timed(f"tables, {rows:,} rows", clock)


if __name__ == "__main__":
    main()
