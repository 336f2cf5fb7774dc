"""Synthetic traffic, the usual test of networks-on-chip: packets without a neural network behind them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synaptile.rtl import NetworkParams

from ..engines.base import Packets
from ..engines.ledger import concatenate
from .patterns import TrafficPattern

__all__ = ["UNIFORM", "synthetic", "synthetic_in_pieces", "uniform"]

UNIFORM = TrafficPattern()

_MAX_DRAWS = 1 << 22
"""Random numbers drawn together; the result does not depend on it."""


def synthetic(
    params: NetworkParams, *, rate: float, cycles: int, seed: int, pattern: TrafficPattern = UNIFORM
) -> Packets:
    """Synthetic traffic: in every cycle each node creates a packet with probability ``rate``.

    The pattern gives its destination; packets from a node to itself are left out. A longer run begins with a shorter
    one's packets, and a higher rate has all of a lower one's cycles and sources.

    Raises
    ------
    ValueError
        If the rate does not lie in 0..1, ``cycles`` is negative, or the mesh cannot have the pattern.
    """
    pieces = synthetic_in_pieces(params, rate=rate, cycles=cycles, seed=seed, pattern=pattern)
    return concatenate([packets for _, packets in pieces])


def uniform(params: NetworkParams, *, rate: float, cycles: int, seed: int) -> Packets:
    """Uniform random traffic: the destination is any other node, each as likely as the next. Raises as `synthetic`."""
    return synthetic(params, rate=rate, cycles=cycles, seed=seed)


def synthetic_in_pieces(
    params: NetworkParams,
    *,
    rate: float,
    cycles: int,
    seed: int,
    pattern: TrafficPattern = UNIFORM,
    piece: int | None = None,
) -> Iterator[tuple[int, Packets]]:
    """Synthetic traffic, some cycles at a time: pairs of (cycle at which the piece ends, packets).

    ``piece`` is the greatest number of cycles in a piece; by default memory limits it. Raises as `synthetic`.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie in 0..1 packets per cycle per node, not {rate}")
    if cycles < 0:
        raise ValueError(f"cycles must not be negative, not {cycles}")
    nodes = params.tiles
    when, where, hot = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3))
    draw = pattern.sampler(params.rows, params.cols, where=where, hot=hot)
    rows = max(1, _MAX_DRAWS // nodes)
    if piece is not None:
        rows = min(rows, piece)
    for first in range(0, cycles, rows):
        length = min(rows, cycles - first)
        cycle, source = np.nonzero(when.random((length, nodes)) < rate)
        destination = draw(source)
        sent = destination != source
        cycle, source, destination = cycle[sent] + first, source[sent], destination[sent]
        yield first + length, Packets(cycle=cycle, source=source, destination=destination, neuron=source, stamp=cycle)
