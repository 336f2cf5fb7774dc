"""Latency against load: the network under one load after the other, until it saturates and beyond.

The method is the usual one (Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, section
23.2): the network is warmed up under a steady load; the packets created in a window after that are measured; and the
load goes on until all of those have been delivered, so that slow packets are not left out.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from synaptile.rtl import NetworkParams

from ..engines.base import Engine
from .energy import Price, TrafficEnergy
from .generation import UNIFORM, synthetic_in_pieces
from .measurement import ACCEPTED_PART, LATENCY_FACTOR, Tally
from .patterns import TrafficPattern

__all__ = ["ACCEPTED_PART", "LATENCY_FACTOR", "Curve", "LoadPoint", "loads", "measure_load", "sweep", "to_csv"]

_PIECE_CYCLES = 256
"""Cycles between two looks at the deliveries."""


@dataclass(frozen=True)
class LoadPoint:
    """A network under one load. Flits are per cycle and node, times in cycles.

    Attributes
    ----------
    load
        Flits created per cycle by each node that sends, as asked for.
    offered, accepted
        Flits of packets created, and completed, in the window.
    latency_mean, latency_p99, latency_max
        Of the measured packets, from creation to delivery of the head; ``None`` if none was delivered. Too low where
        ``packets_delivered`` is less than ``packets_measured``.
    latency_zero_load
        Mean latency that the measured packets would have in an empty network: hops + 1, and a cycle for each register
        on the way along the links.
    packets_measured, packets_delivered
        Created in the window, and those of them delivered by the end.
    cycles
        Simulated in all.
    saturated
        Less than `ACCEPTED_PART` of the offered load is accepted, or measured packets are left after the load has gone
        on for another window, or the mean latency is more than `LATENCY_FACTOR` times ``latency_zero_load``.
    wall_s
        Seconds that it took to simulate.
    energy
        What it took; None if that was not asked for.
    """

    load: float
    offered: float
    accepted: float
    latency_mean: float | None
    latency_p99: int | None
    latency_max: int | None
    latency_zero_load: float | None
    packets_measured: int
    packets_delivered: int
    cycles: int
    saturated: bool
    wall_s: float
    energy: TrafficEnergy | None = None

    def cells(self) -> dict[str, Any]:
        """Columns of a table with a line for each point; None where there is no value."""
        own = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "energy"}
        return own if self.energy is None else {**own, **self.energy.cells}


@dataclass(frozen=True)
class Curve:
    """The points of one network, by rising load."""

    routing: str
    selection: str
    points: tuple[LoadPoint, ...]

    @property
    def label(self) -> str:
        """Its name in tables and plots."""
        return self.routing if self.selection == "first" else f"{self.routing}, {self.selection}"

    @property
    def sustained(self) -> float | None:
        """The greatest load measured up to which no point is saturated; ``None`` if the first one is."""
        below = [point.load for point in self.points[: self._first_saturated]]
        return below[-1] if below else None

    @property
    def saturates_at(self) -> float | None:
        """The least load measured that saturates the network; ``None`` if none does."""
        at = self._first_saturated
        return None if at is None else self.points[at].load

    @property
    def throughput(self) -> float | None:
        """The most flits per cycle and node that it accepted at any load."""
        return max((point.accepted for point in self.points), default=None)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            **asdict(self),
            "sustained": self.sustained,
            "saturates_at": self.saturates_at,
            "throughput": self.throughput,
        }

    @property
    def _first_saturated(self) -> int | None:
        return next((i for i, point in enumerate(self.points) if point.saturated), None)


def loads(first: float, last: float, steps: int) -> list[float]:
    """Evenly spaced loads, both ends included; one step is the first alone.

    Raises
    ------
    ValueError
        If the range is not 0 < first <= last, or ``steps`` is less than 1.
    """
    if not 0 < first <= last:
        raise ValueError(f"loads must satisfy 0 < first <= last, not {first} and {last}")
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    return [round(load, 9) for load in np.linspace(first, last, steps).tolist()]


def measure_load(
    engine: Engine,
    params: NetworkParams,
    *,
    load: float,
    cycles: int,
    warmup: int,
    seed: int,
    pattern: TrafficPattern = UNIFORM,
    price: Price | None = None,
) -> LoadPoint:
    """Measure a fresh engine under a steady load.

    Parameters
    ----------
    load
        Flits that each node creates per cycle; a packet is as many as ``params.flits_per_packet``.
    cycles, warmup
        The window begins with cycle ``warmup`` and ends before ``cycles``.
    seed
        The same seed gives the same packets; with a higher load, more besides.
    price
        Says what it took.

    Raises
    ------
    ValueError
        If the load is more than one packet per cycle, ``warmup`` does not lie in 0..cycles - 1, or the mesh cannot have
        the pattern.
    """
    if not 0 < load <= params.flits_per_packet:
        raise ValueError(
            f"load must be more than 0 and at most {params.flits_per_packet} flits per cycle per node "
            f"(one packet per cycle), not {load:g}"
        )
    if not 0 <= warmup < cycles:
        raise ValueError(f"warmup must lie in 0..{cycles - 1} (less than the cycles to run), not {warmup}")
    tally = Tally(params, warmup, cycles)
    last_cycle = cycles + (cycles - warmup)
    begin = time.perf_counter()
    for piece, packets in synthetic_in_pieces(
        params, rate=load / params.flits_per_packet, cycles=last_cycle, seed=seed, pattern=pattern, piece=_PIECE_CYCLES
    ):
        engine.inject(packets)
        tally.create(packets)
        engine.run(piece)
        tally.take(engine)
        if piece >= cycles and (tally.delivered == tally.injected or tally.throttled):
            break
    return LoadPoint(
        load=load,
        offered=tally.rate_of(tally.injected) or 0.0,
        accepted=tally.rate_of(tally.completed) or 0.0,
        latency_mean=tally.latency_mean,
        latency_p99=tally.latency_p99,
        latency_max=tally.latency_max,
        latency_zero_load=tally.zero_load_mean,
        packets_measured=tally.injected,
        packets_delivered=tally.delivered,
        cycles=engine.cycle,
        saturated=tally.slow or tally.delivered < tally.injected or tally.throttled,
        wall_s=time.perf_counter() - begin,
        energy=None if price is None else price(params, engine.activity()),
    )


def sweep(
    make: Callable[[NetworkParams], Engine],
    params: NetworkParams,
    at: Sequence[float],
    *,
    cycles: int,
    warmup: int,
    seed: int,
    pattern: TrafficPattern = UNIFORM,
    price: Price | None = None,
) -> Iterator[LoadPoint]:
    """Measure one load after the other, each on a fresh engine from ``make``; yield each point when it is measured.

    Raises as `measure_load`; ``KeyboardInterrupt`` is passed on, so that the points before it can be kept.
    """
    for load in at:
        yield measure_load(
            make(params), params, load=load, cycles=cycles, warmup=warmup, seed=seed, pattern=pattern, price=price
        )


def to_csv(curves: Sequence[Curve]) -> str:
    """One line for each point, after a line of names."""
    rows = [
        {"routing": curve.routing, "selection": curve.selection, **point.cells()}
        for curve in curves
        for point in curve.points
    ]
    own = [field.name for field in fields(LoadPoint) if field.name != "energy"]
    names = dict.fromkeys(["routing", "selection", *own, *(name for row in rows for name in row)])
    table = io.StringIO()
    writer = csv.DictWriter(table, list(names), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)  # None is an empty cell
    return table.getvalue()
