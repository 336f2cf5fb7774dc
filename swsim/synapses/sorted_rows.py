"""Synapses with a state as compiled loops take them: by neuron and delay; and what is kept once for several of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index, Ints
from ..base.group_by import ordered

__all__ = ["Slots", "SortedRows"]


class SortedRows:
    """Some of the synapses of a group in rows: those of one neuron and one delay lie side by side.

    Parameters
    ----------
    edge
        The synapses, as positions among all of the group, shape (n,), ascending.
    neuron, delay
        The neuron and the delay in steps by which each of them is sorted, at least 0, shape (n,).
    within
        Their order within a row, at least 0, shape (n,).
    neurons
        The number of neurons.

    Attributes
    ----------
    edge
        The synapses in their new order.
    start
        Row r is ``edge[start[r] : start[r + 1]]``, shape (rows + 1,).
    delay
        Of each row, shape (rows,).
    of_neuron
        The rows of neuron i are ``of_neuron[i]`` to ``of_neuron[i + 1]``, shape (neurons + 1,), by rising delay.
    row_of
        The row of each synapse, in the new order.
    """

    def __init__(self, edge: Index, neuron: Index, delay: Index, within: Index, neurons: int) -> None:
        span = int(delay.max(initial=0)) + 1
        key = neuron * span + delay
        order = ordered(key, within)
        key = key[order]
        self.edge: npt.NDArray[np.int32] = edge[order].astype(np.int32)
        first = np.flatnonzero(np.diff(key, prepend=-1))
        self.start: Ints = np.append(first, len(key)).astype(np.int64)
        self.delay: Ints = key[first] % span
        self.of_neuron: Ints = np.searchsorted(key[first] // span, np.arange(neurons + 1)).astype(np.int64)
        self.row_of: Ints = np.repeat(np.arange(len(first)), np.diff(self.start))

    def __len__(self) -> int:
        return len(self.delay)

    @property
    def delays(self) -> Ints:
        """The delays that there are, other than 0, from the longest to the shortest."""
        found = np.unique(self.delay)[::-1]
        return found[found > 0]


class Slots:
    """The synapses of each row by what they have in common, which is kept once for all of them: a slot each.

    Parameters
    ----------
    rows
        The synapses.
    values
        What those of one slot must have in common: arrays of all synapses of the group.

    Attributes
    ----------
    start
        The slots of row r are ``start[r]`` to ``start[r + 1]``, shape (rows + 1,).
    of
        The slot of each synapse, in the order of the rows.
    first
        One synapse of each slot, as a position among all of the group, shape (slots,).
    """

    def __init__(self, rows: SortedRows, values: Sequence[Floats | Ints]) -> None:
        begin = rows.start[:-1]
        own = [array[rows.edge] for array in values]
        unequal = [array for array in own if (array != array[begin][rows.row_of]).any()]
        if not unequal:
            self.start: Ints = np.arange(len(rows) + 1, dtype=np.int64)
            self.of: npt.NDArray[np.int32] = rows.row_of.astype(np.int32)
            self.first: Index = rows.edge[begin].astype(np.int64)
            return
        order = np.lexsort((*unequal, rows.row_of))
        new = np.diff(rows.row_of[order], prepend=-1) != 0
        for array in unequal:
            new[1:] |= array[order][1:] != array[order][:-1]
        self.of = np.empty(len(order), np.int32)
        self.of[order] = np.cumsum(new) - 1
        self.first = rows.edge[order[new]].astype(np.int64)
        self.start = np.searchsorted(rows.row_of[order[new]], np.arange(len(rows) + 1)).astype(np.int64)

    def __len__(self) -> int:
        return len(self.first)
