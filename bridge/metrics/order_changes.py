"""Packets that changed their order on the way: one was sent before another, and heard after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..engines.base import Deliveries, Ints

__all__ = ["OrderChanges", "order_changes"]


@dataclass(frozen=True)
class OrderChanges:
    """Changes of order among the packets of each tile.

    Attributes
    ----------
    pairs
        Pairs of packets A and B to one tile of which A was created before B, and B had arrived whole before A.
    overtaken
        Packets that are the A of such a pair.
    """

    pairs: int
    overtaken: int


def order_changes(deliveries: Deliveries, which: Ints | None = None) -> OrderChanges:
    """Count pairs of which A was sent before B, and B heard before A (Balaji et al., PyCARL, 2020, Fig. 17b).

    Sent is the cycle in which a packet was created, that is in which its neuron fired, and heard the one in which its
    last flit arrived; who is equal in either has no order that could change. Pairs are of packets to one tile, from
    any tiles; a packet that was not delivered is in none. With ``which``, indices of deliveries, both are among those.
    """
    heard = _heard(deliveries, slice(None) if which is None else which)
    overtaken = _least_after(heard) < heard
    # What has changed its order with none is left out: in a run in time, that is everything.
    late = np.maximum.accumulate(np.append(-1, heard))[:-1] > heard
    return OrderChanges(_inversions(heard[overtaken | late]), int(np.count_nonzero(overtaken)))


def _heard(deliveries: Deliveries, which: Ints | slice) -> Ints:
    """When each packet was heard, in the order in which they were sent, tile by tile; equally early ones ascend.

    Those of a later tile are made higher, so that no pair is of two tiles.
    """
    columns = (deliveries.destination[which], deliveries.created[which], deliveries.completed[which])
    tile_bits, sent_bits, heard_bits = (int(column.max(initial=0)).bit_length() for column in columns)
    if tile_bits + sent_bits + heard_bits > _BITS:
        order = np.lexsort(columns[::-1])
        tile, _, heard = (column[order] for column in columns)
        # Ranks, as the numbers may be too long to stand side by side.
        arrival = np.lexsort((heard, tile))
        new = (np.diff(tile[arrival], prepend=-1) != 0) | (np.diff(heard[arrival], prepend=-1) != 0)
        rank = np.empty(len(order), np.int64)
        rank[arrival] = np.cumsum(new)
        return rank
    # As one number each, for these are sorted several times faster.
    destination, created, completed = columns
    key = destination << (sent_bits + heard_bits)
    key |= created << heard_bits
    key |= completed
    key.sort()
    tile = key >> (sent_bits + heard_bits)
    tile <<= heard_bits
    key &= (1 << heard_bits) - 1
    key |= tile
    return key


_BITS = 63
"""Bits of a number that is not negative."""


def _least_after(values: Ints) -> Ints:
    """The least of the values after each, shape of ``values``; after the last, a number above all."""
    after = np.append(values[1:], np.iinfo(np.int64).max) if len(values) else values
    return np.minimum.accumulate(after[::-1])[::-1]


def _inversions(values: Ints) -> int:
    """Count pairs in which the first of different values is the larger one.

    From the highest bit on, values that are alike in all higher bits make a group, in their own order; each 0 there
    makes a pair with every 1 before it. Then the 0s of a group go before its 1s.
    """
    order = np.argsort(values, kind="stable")
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    pairs = 0
    for bit in reversed(range(int(len(values) - 1).bit_length() if len(values) else 0)):
        one = (rank >> bit) & 1
        group = rank >> (bit + 1)
        first = np.flatnonzero(np.diff(group, prepend=-1))
        length = np.diff(np.append(first, len(rank)))
        start = np.repeat(first, length)
        before = np.cumsum(one) - one  # 1s before each, of all groups
        before -= before[start]
        pairs += int(before[one == 0].sum())
        rank = _partitioned(rank, one, start, before, length)
    return pairs


def _partitioned(rank: Ints, one: npt.NDArray[np.int64], start: Ints, before: Ints, length: Ints) -> Ints:
    """The same with the 0s of each group before its 1s, both in their own order."""
    first = np.flatnonzero(np.diff(start, prepend=-1))
    zeros = np.repeat(length - np.add.reduceat(one, first), length)
    here = np.arange(len(rank)) - start
    to = start + np.where(one == 1, zeros + before, here - before)
    out = np.empty_like(rank)
    out[to] = rank
    return out
