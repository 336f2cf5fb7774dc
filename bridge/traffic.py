"""Synthetic traffic, as network-on-chip people measure: packets without a neural network behind them."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synaptile.rtl import NetworkParams

from .engines.base import Engine, Packets

__all__ = ["TrafficResult", "measure", "uniform"]

_CHUNK = 1 << 22  # random numbers drawn at once; the result does not depend on it


def uniform(params: NetworkParams, *, rate: float, cycles: int, seed: int) -> Packets:
    """Uniform random traffic: in every cycle each node creates a packet with probability ``rate``.

    The destination is any other node, each as likely as the next. A longer run begins with a shorter one's packets.

    Raises
    ------
    ValueError
        If the rate does not lie in 0..1, ``cycles`` is negative, or the mesh has only one node.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie in 0..1 packets per cycle per node, not {rate}")
    if cycles < 0:
        raise ValueError(f"cycles must not be negative, not {cycles}")
    nodes = params.tiles
    if nodes < 2:
        raise ValueError(f"mesh must have at least 2 nodes for traffic, not {params.rows}x{params.cols}")
    when, where = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    rows = max(1, _CHUNK // nodes)
    created, sources = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for first in range(0, cycles, rows):
        cycle, source = np.nonzero(when.random((min(rows, cycles - first), nodes)) < rate)
        created.append(cycle + first)
        sources.append(source)
    cycle, source = np.concatenate(created), np.concatenate(sources)
    destination = (source + 1 + where.integers(0, nodes - 1, len(source))) % nodes
    return Packets(cycle=cycle, source=source, destination=destination, neuron=source, stamp=cycle)


@dataclass(frozen=True)
class TrafficResult:
    """What a network did with its traffic; counts and means over the measured window, warm-up excluded.

    Attributes
    ----------
    cycles
        Simulated cycles, warm-up and draining included.
    packets_injected, packets_delivered
        Packets created in the window, and those of them delivered by the end.
    latency_mean, latency_max
        Cycles from creation (so with the time in the source queue) to delivery of the head; ``None`` without packets.
    accepted_flits_per_cycle_per_node
        Flits of the packets completed within the window, divided by its length and the number of nodes.
    hops_mean
        Links crossed by the delivered packets.
    wall_s, cycles_per_s
        Seconds spent simulating, and simulated cycles per second.
    partial
        The run was interrupted.
    """

    cycles: int
    packets_injected: int
    packets_delivered: int
    latency_mean: float | None
    latency_max: int | None
    accepted_flits_per_cycle_per_node: float | None
    hops_mean: float | None
    wall_s: float
    cycles_per_s: float | None
    engine: str
    seed: int
    partial: bool

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return asdict(self)


def measure(
    engine: Engine,
    params: NetworkParams,
    *,
    rate: float,
    cycles: int,
    seed: int,
    warmup: int = 0,
    drain: bool = False,
) -> TrafficResult:
    """Run uniform traffic on a fresh engine for ``cycles`` cycles and measure it from cycle ``warmup`` on.

    With ``drain``, run on (without new packets) until everything created has been delivered. Ctrl-C ends the run; the
    result is then marked as partial.

    Raises
    ------
    ValueError
        As `uniform`, and if ``warmup`` does not lie in 0..cycles.
    """
    if not 0 <= warmup <= cycles:
        raise ValueError(f"warmup must lie in 0..{cycles} (the cycles to run), not {warmup}")
    packets = uniform(params, rate=rate, cycles=cycles, seed=seed)
    engine.inject(packets)
    partial = False
    start = time.perf_counter()
    try:
        engine.run(cycles)
        if drain:
            engine.drain()
    except KeyboardInterrupt:
        partial = True
    wall = time.perf_counter() - start

    log = engine.deliveries()
    end = min(cycles, engine.cycle)
    measured = log.created >= warmup
    latency, hops = log.latency[measured], log.hops[measured]
    in_window = (log.completed >= warmup) & (log.completed < end)
    window = (end - warmup) * params.tiles
    return TrafficResult(
        cycles=engine.cycle,
        packets_injected=int(((packets.cycle >= warmup) & (packets.cycle < end)).sum()),
        packets_delivered=len(latency),
        latency_mean=float(latency.mean()) if len(latency) else None,
        latency_max=int(latency.max()) if len(latency) else None,
        accepted_flits_per_cycle_per_node=int(in_window.sum()) * params.flits / window if window > 0 else None,
        hops_mean=float(hops.mean()) if len(hops) else None,
        wall_s=wall,
        cycles_per_s=engine.cycle / wall if wall > 0 else None,
        engine=engine.name,
        seed=seed,
        partial=partial,
    )
