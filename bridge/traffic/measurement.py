"""Throughput and latency of a network under traffic."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams

from ..engines.base import Engine, Ints, Packets
from ..tile_grid import TileGrid
from .generation import UNIFORM, synthetic_in_pieces
from .patterns import TrafficPattern

__all__ = ["ACCEPTED_PART", "LATENCY_FACTOR", "Tally", "TrafficResult", "measure"]

ACCEPTED_PART = 0.95
"""A network that accepts less than this part of the offered load is saturated."""

LATENCY_FACTOR = 3.0
"""So is one whose mean latency is more than this times that of an empty network."""


@dataclass(frozen=True)
class TrafficResult:
    """Throughput and latency; counts and means are over the measured window, warm-up excluded.

    Attributes
    ----------
    cycles
        Simulated cycles, warm-up and draining included.
    packets_injected, packets_delivered
        Packets created in the window, and those of them delivered by the end.
    latency_mean, latency_p99, latency_max
        Cycles from creation (so with the time in the source queue) to delivery of the head; ``None`` without packets.
        99 % of the packets take ``latency_p99`` or less.
    offered_flits_per_cycle_per_node, accepted_flits_per_cycle_per_node
        Flits of the packets created, and of those completed, within the window, divided by its length and the number
        of nodes, silent ones included.
    hops_mean
        Links crossed by the delivered packets.
    saturated
        Less than `ACCEPTED_PART` of the offered load is accepted, or the mean latency is more than `LATENCY_FACTOR`
        times that of an empty network: the criterion of `measure_load`, but that nothing says whether the packets left
        at the end would have arrived. Latencies and hops are then those of the packets that arrived first. The latency
        does not count for traffic in pieces of the caller's, whose packets may wait for each other at their source.
        ``None`` without packets.
    wall_s, cycles_per_s
        Seconds spent simulating, and simulated cycles per second.
    partial
        The run was interrupted.
    """

    cycles: int
    packets_injected: int
    packets_delivered: int
    latency_mean: float | None
    latency_p99: int | None
    latency_max: int | None
    offered_flits_per_cycle_per_node: float | None
    accepted_flits_per_cycle_per_node: float | None
    hops_mean: float | None
    saturated: bool | None
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
    pattern: TrafficPattern = UNIFORM,
    pieces: Iterable[tuple[int, Packets]] | None = None,
) -> TrafficResult:
    """Run synthetic traffic on a fresh engine for ``cycles`` cycles and measure it from cycle ``warmup`` on.

    Other traffic comes in ``pieces``, pairs of (cycle at which the piece ends, packets).

    With ``drain``, run on (without new packets) until everything created has been delivered. Ctrl-C ends the run; the
    result is then marked as partial.

    Raises
    ------
    ValueError
        As `synthetic`, and if ``warmup`` does not lie in 0..cycles.
    """
    if not 0 <= warmup <= cycles:
        raise ValueError(f"warmup must lie in 0..{cycles} (the cycles to run), not {warmup}")
    by_latency = pieces is None
    if pieces is None:
        pieces = synthetic_in_pieces(params, rate=rate, cycles=cycles, seed=seed, pattern=pattern)
    tally, stopwatch = Tally(params, warmup, cycles), _Stopwatch()
    partial = False
    try:
        _run(engine, pieces, tally, stopwatch)
        if drain:
            with stopwatch.running():
                engine.drain()
    except KeyboardInterrupt:
        partial = True
        tally.stop(engine.cycle)
    tally.take(engine)
    return TrafficResult(
        cycles=engine.cycle,
        packets_injected=tally.injected,
        packets_delivered=tally.delivered,
        latency_mean=tally.latency_mean,
        latency_p99=tally.latency_p99,
        latency_max=tally.latency_max,
        offered_flits_per_cycle_per_node=tally.rate_of(tally.injected),
        accepted_flits_per_cycle_per_node=tally.rate_of(tally.completed),
        hops_mean=tally.hops / tally.delivered if tally.delivered else None,
        saturated=(tally.throttled or (by_latency and tally.slow)) if tally.injected else None,
        wall_s=stopwatch.seconds,
        cycles_per_s=engine.cycle / stopwatch.seconds if stopwatch.seconds > 0 else None,
        engine=engine.name,
        seed=seed,
        partial=partial,
    )


class _Stopwatch:
    """Adds up the ``seconds`` spent in some blocks, those that end with an exception included."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - start


def _run(engine: Engine, pieces: Iterable[tuple[int, Packets]], tally: Tally, stopwatch: _Stopwatch) -> None:
    """Simulate the pieces one after the other; only the engine's own time is counted."""
    for end, packets in pieces:
        engine.inject(packets)
        tally.create(packets)
        with stopwatch.running():
            engine.run(end)
        tally.take(engine)


class Tally:
    """Sums over the packets created in cycles ``first`` .. ``last`` - 1, taken piece by piece.

    Attributes
    ----------
    injected, delivered
        Packets created in the window, and those of them delivered so far.
    completed
        Packets, whenever they were created, whose last flit was delivered in the window.
    hops
        Links crossed by the delivered ones.
    zero_load
        Cycles that the created ones would take in an empty network, summed: hops + 1, and one for each register on the
        way along the links.
    """

    def __init__(self, params: NetworkParams, first: int, last: int) -> None:
        self.injected = self.delivered = self.completed = self.hops = self.zero_load = 0
        self._params = params
        self._grid = TileGrid.of(params)
        self._first, self._last = first, last
        self._created: list[Packets] = []  # not counted yet: a run may end before they are created
        self._latencies = np.zeros(0, dtype=np.int64)  # by latency in cycles: number of packets
        self._taken = 0

    def create(self, packets: Packets) -> None:
        """Note packets that are given to the engine."""
        self._created.append(packets)

    def stop(self, cycle: int) -> None:
        """Leave out the cycles from this one on, in which the run has ended."""
        self._last = min(self._last, cycle)

    def take(self, engine: Engine) -> None:
        """Count the packets created, and those delivered, since the last call."""
        for packets in self._created:
            window = self._window(packets.cycle)
            hops = self._grid.hops(packets.source[window], packets.destination[window])
            self.injected += len(hops)
            self.zero_load += int(self._grid.zero_load(hops, self._params.link_stages).sum())
        self._created.clear()
        log = engine.deliveries(self._taken)
        self._taken += len(log)
        measured = self._window(log.created)
        self.delivered += int(measured.sum())
        self.hops += int(log.hops[measured].sum())
        self.completed += int(self._window(log.completed).sum())
        new = np.bincount(log.latency[measured], minlength=len(self._latencies))
        new[: len(self._latencies)] += self._latencies
        self._latencies = new

    def rate_of(self, packets: int) -> float | None:
        """Packets in the window as flits per cycle and node; ``None`` if the window is empty."""
        window = (self._last - self._first) * self._params.tiles
        return packets * self._params.flits_per_packet / window if window > 0 else None

    @property
    def latency_mean(self) -> float | None:
        """Mean latency in cycles."""
        total = int((self._latencies * np.arange(len(self._latencies))).sum())
        return total / self.delivered if self.delivered else None

    @property
    def latency_p99(self) -> int | None:
        """The fewest cycles within which 99 % of the packets are delivered."""
        if not self.delivered:
            return None
        return int(np.argmax(self._latencies.cumsum() * 100 >= 99 * self.delivered))

    @property
    def latency_max(self) -> int | None:
        """The worst latency in cycles."""
        return int(np.flatnonzero(self._latencies)[-1]) if self.delivered else None

    @property
    def zero_load_mean(self) -> float | None:
        """Mean latency that the packets created would have in an empty network."""
        return self.zero_load / self.injected if self.injected else None

    @property
    def slow(self) -> bool:
        """The mean latency is more than `LATENCY_FACTOR` times that in an empty network."""
        mean, zero_load = self.latency_mean, self.zero_load_mean
        return mean is not None and zero_load is not None and mean > LATENCY_FACTOR * zero_load

    @property
    def throttled(self) -> bool:
        """Less than `ACCEPTED_PART` of the load was accepted.

        What is created and completed in a window differs by chance and by what is under way at its ends, so a few
        packets are no sign; nor are those that fill an empty network, if the window begins so early.
        """
        if not self.injected:
            return False
        whole = self.zero_load / self.injected + self._params.flits_per_packet - 1
        filling = self.injected * max(0.0, whole - self._first) / (self._last - self._first)
        return self.completed < ACCEPTED_PART * self.injected - 3 * self.injected**0.5 - filling

    def _window(self, cycles: Ints) -> npt.NDArray[np.bool_]:
        return (cycles >= self._first) & (cycles < self._last)
