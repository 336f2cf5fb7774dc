"""Spike disorder: spikes that arrive in another step, or another order, than they were sent."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..engines.base import Deliveries, Ints, Packets
from ..mapping.connectivity import Connectivity
from .steps import steps_of

__all__ = ["noxim_disorder_count", "spike_disorder"]

Ints32 = npt.NDArray[np.int32]

_MOST_PAIRS = 1 << 26
"""Neurons times tiles, up to which a table of all of them is made."""


def spike_disorder(
    connectivity: Connectivity,
    tile: npt.NDArray[np.integer],
    packets: Packets,
    deliveries: Deliveries,
    cycles_per_step: int,
    starts: Ints | None = None,
) -> npt.NDArray[np.float64]:
    """Spike disorder Σ_j (F_j - F̂_j)² / n_i of every listening neuron i (Balaji et al., PyCARL, 2020, Eq. 1).

    The paper leaves the bins open. Here a bin j is one step of the network, because that is all that a neuron can tell
    apart: F_j is the expected arrival rate, the packets that were created for neuron i in step j; F̂_j is the actual
    one, those completely delivered in step j (both in arrivals per step, from neurons on other tiles, each
    presynaptic neuron counting once however many synapses it has). n_i is the number of steps in which something was
    expected or did arrive, so that silence does not dilute the disorder. 0 means that every spike arrived in its own
    step; a packet that was never delivered was expected all the same.

    Parameters
    ----------
    connectivity
        The network.
    tile
        Shape (neurons,): tile of each neuron.
    packets, deliveries
        What was sent and what arrived.
    cycles_per_step
        Clock cycles of a step.
    starts
        The cycle in which each step begins, where they differ in length (see `steps_of`).

    Returns
    -------
    Shape (neurons,); NaN for neurons to which no packet was sent.
    """
    neurons = connectivity.neurons
    disorder = np.full(neurons, np.nan)
    expected_step = steps_of(packets.cycle, cycles_per_step, starts)
    actual_step = steps_of(deliveries.completed, cycles_per_step, starts)
    pre, post = connectivity.pre, connectivity.post
    disorder[post[_hears(packets, pre, tile[post], neurons)]] = 0.0
    steps = 1 + int(max(expected_step.max(initial=0), actual_step.max(initial=0)))
    # A packet reaches only its destination tile's neurons: one tile at a time keeps the matrices small.
    sent, arrived = stable_order(packets.destination), stable_order(deliveries.destination)
    tiles = int(packets.destination.max(initial=-1)) + 1
    sent_to = np.cumsum(np.bincount(packets.destination, minlength=tiles))
    arrived_at = np.cumsum(np.bincount(deliveries.destination, minlength=tiles))
    moved = _sums(packets.neuron * steps + expected_step, sent, sent_to) != _sums(
        deliveries.neuron * steps + actual_step, arrived, arrived_at[:tiles]
    )
    for here in np.flatnonzero(moved & (np.diff(sent_to, prepend=0) > 0)).tolist():
        mine = sent[sent_to[here - 1] if here else 0 : sent_to[here]]
        theirs = arrived[arrived_at[here - 1] if here else 0 : arrived_at[here]]
        expected = _count(packets.neuron[mine], expected_step[mine], neurons, steps)
        actual = _count(deliveries.neuron[theirs], actual_step[theirs], neurons, steps)
        onto_tile = tile[post] == here
        members, row = np.unique(post[onto_tile], return_inverse=True)
        # In layers, most neurons of a tile listen to the same ones: each set of these is looked at once.
        connected, alike = _distinct_rows(_count(row, pre[onto_tile], len(members), neurons))
        difference = connected @ (expected - actual)
        squares = np.asarray(difference.multiply(difference).sum(axis=1)).reshape(-1)
        busy = (connected @ (expected + actual)).tocsr()
        busy.eliminate_zeros()
        bins = np.diff(busy.indptr)
        some = bins > 0
        each = np.full(len(bins), np.nan)
        each[some] = squares[some] / bins[some]
        disorder[members[some[alike]]] = each[alike][some[alike]]
    return disorder


def _sums(key: Ints, order: Ints, end: Ints) -> npt.NDArray[np.uint64]:
    """Return a number for each tile, the same for the same keys in any order; others give another, but for one in 2^64.

    ``key`` is in the order of the tiles if taken by ``order``; ``end`` is where each tile's keys end.
    """
    mixed = key.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # the finaliser of SplitMix64
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed[order])])
    return np.diff(total[np.concatenate([[0], end])])


def _hears(packets: Packets, pre: Ints32, tile: npt.NDArray[np.integer], neurons: int) -> npt.NDArray[np.bool_]:
    """Whether packets of a presynaptic neuron were sent to a tile, for each of several pairs of them."""
    span = int(max(packets.neuron.max(initial=0), neurons - 1)) + 1
    key = packets.destination * span + packets.neuron
    size = span * (int(tile.max(initial=0)) + 1)
    wanted = tile.astype(np.int64) * span + pre
    if size > _MOST_PAIRS:
        return np.isin(wanted, key)
    sent = np.zeros(max(size, int(key.max(initial=0)) + 1), np.bool_)
    sent[key] = True
    return sent[wanted]


def _distinct_rows(matrix: sparse.csr_array) -> tuple[sparse.csr_array, Ints]:
    """The distinct rows of a matrix of ones, and which of them each row is."""
    matrix.sort_indices()
    numbers: dict[bytes, int] = {}
    which = np.empty(matrix.shape[0], np.int64)
    first: list[int] = []
    for row, (begin, end) in enumerate(pairwise(matrix.indptr.tolist())):
        which[row] = number = numbers.setdefault(matrix.indices[begin:end].tobytes(), len(numbers))
        if number == len(first):
            first.append(row)
    return matrix[first], which


def _count(row: Ints, col: Ints, rows: int, cols: int) -> sparse.csr_array:
    """Matrix of the number of times that each (row, column) occurs."""
    return sparse.csr_array((np.ones(len(row), np.int64), (row, col)), shape=(rows, cols))


def noxim_disorder_count(deliveries: Deliveries) -> int:
    """Arrivals whose time stamp is not newer than that of the last arrival from the same source tile.

    This is what a simulator derived from Noxim counts as "disorder": at every destination tile, arrivals in order of
    delivery, the stamp (step of the spike) compared with that of the previous packet from the same source tile. Several
    packets of one step from one tile to another therefore count although nothing went wrong: compare it with numbers
    of the same kind only.
    """
    # They are sorted by when they were delivered.
    pair = deliveries.destination * (int(deliveries.source.max(initial=0)) + 1) + deliveries.source
    order = stable_order(pair)
    same = np.diff(pair[order]) == 0
    del pair
    return int(np.count_nonzero(same & (np.diff(deliveries.stamp[order]) <= 0)))


def stable_order(values: Ints) -> Ints:
    """Order in which small numbers that are not negative ascend, equal ones as they stood."""
    if int(values.max(initial=0)) < 1 << 16:  # sorted digit by digit, several times faster
        values = values.astype(np.uint16)
    return np.argsort(values, kind="stable")
