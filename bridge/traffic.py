"""Synthetic traffic, as network-on-chip people measure: packets without a neural network behind them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synaptile.rtl import NetworkParams

from .engines.base import Engine, Ints, Packets
from .engines.ledger import concatenate

__all__ = ["TrafficResult", "measure", "uniform", "uniform_in_pieces"]

_CHUNK = 1 << 22  # random numbers drawn at once; the result does not depend on it


def uniform(params: NetworkParams, *, rate: float, cycles: int, seed: int) -> Packets:
    """Uniform random traffic: in every cycle each node creates a packet with probability ``rate``.

    The destination is any other node, each as likely as the next. A longer run begins with a shorter one's packets.

    Raises
    ------
    ValueError
        If the rate does not lie in 0..1, ``cycles`` is negative, or the mesh has only one node.
    """
    return concatenate([packets for _, packets in uniform_in_pieces(params, rate=rate, cycles=cycles, seed=seed)])


def uniform_in_pieces(params: NetworkParams, *, rate: float, cycles: int, seed: int) -> Iterator[tuple[int, Packets]]:
    """The same, some cycles at a time: pairs of (cycle at which the piece ends, packets). Raises as `uniform`."""
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie in 0..1 packets per cycle per node, not {rate}")
    if cycles < 0:
        raise ValueError(f"cycles must not be negative, not {cycles}")
    nodes = params.tiles
    if nodes < 2:
        raise ValueError(f"mesh must have at least 2 nodes for traffic, not {params.rows}x{params.cols}")
    when, where = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    rows = max(1, _CHUNK // nodes)
    for first in range(0, cycles, rows):
        length = min(rows, cycles - first)
        cycle, source = np.nonzero(when.random((length, nodes)) < rate)
        cycle += first
        destination = (source + 1 + where.integers(0, nodes - 1, len(source))) % nodes
        yield first + length, Packets(cycle=cycle, source=source, destination=destination, neuron=source, stamp=cycle)


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
    pieces: Iterator[tuple[int, Packets]] | None = None,
) -> TrafficResult:
    """Run uniform traffic on a fresh engine for ``cycles`` cycles and measure it from cycle ``warmup`` on.

    Other traffic comes in ``pieces``, pairs of (cycle at which the piece ends, packets).

    With ``drain``, run on (without new packets) until everything created has been delivered. Ctrl-C ends the run; the
    result is then marked as partial.

    Raises
    ------
    ValueError
        As `uniform`, and if ``warmup`` does not lie in 0..cycles.
    """
    if not 0 <= warmup <= cycles:
        raise ValueError(f"warmup must lie in 0..{cycles} (the cycles to run), not {warmup}")
    tally = _Tally(warmup)
    partial = False
    wall = 0.0
    try:
        for end, packets in pieces or uniform_in_pieces(params, rate=rate, cycles=cycles, seed=seed):
            engine.inject(packets)
            tally.created.append(packets.cycle)
            start = time.perf_counter()
            try:
                engine.run(end)
            finally:
                wall += time.perf_counter() - start
            tally.take(engine, end)
        if drain:
            start = time.perf_counter()
            try:
                engine.drain()
            finally:
                wall += time.perf_counter() - start
    except KeyboardInterrupt:
        partial = True
    end = min(cycles, engine.cycle)
    tally.take(engine, end)
    window = (end - warmup) * params.tiles
    return TrafficResult(
        cycles=engine.cycle,
        packets_injected=tally.injected,
        packets_delivered=tally.delivered,
        latency_mean=tally.latency / tally.delivered if tally.delivered else None,
        latency_max=tally.latency_max,
        accepted_flits_per_cycle_per_node=tally.in_window * params.flits / window if window > 0 else None,
        hops_mean=tally.hops / tally.delivered if tally.delivered else None,
        wall_s=wall,
        cycles_per_s=engine.cycle / wall if wall > 0 else None,
        engine=engine.name,
        seed=seed,
        partial=partial,
    )


class _Tally:
    """Sums over what was created and delivered, taken piece by piece."""

    def __init__(self, warmup: int) -> None:
        self.created: list[Ints] = []  # cycles of packets that are not counted yet
        self.injected = self.delivered = self.latency = self.hops = self.in_window = 0
        self.latency_max: int | None = None
        self._warmup = warmup
        self._taken = 0

    def take(self, engine: Engine, end: int) -> None:
        """Count what is new; ``end`` is the end of the measured window so far."""
        for cycles in self.created:
            self.injected += int(((cycles >= self._warmup) & (cycles < end)).sum())
        self.created.clear()
        log = engine.deliveries(self._taken)
        self._taken += len(log)
        measured = log.created >= self._warmup
        latency = log.latency[measured]
        self.delivered += len(latency)
        self.latency += int(latency.sum())
        self.hops += int(log.hops[measured].sum())
        self.in_window += int(((log.completed >= self._warmup) & (log.completed < end)).sum())
        if len(latency):
            self.latency_max = max(int(latency.max()), self.latency_max or 0)
