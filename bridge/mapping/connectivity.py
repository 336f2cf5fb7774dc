"""Connectivity without multiplicity, from which partition, placement and packets are computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .jit import compiled_for_much

__all__ = ["Connectivity", "cluster_fan_out", "cluster_pairs", "clusters_axons", "occurrences"]

Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]
Ids = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Connectivity:
    """Distinct (presynaptic, postsynaptic) pairs of a network, in compressed rows both ways: 8 bytes a pair.

    Attributes
    ----------
    neurons
        Number of neurons.
    fan_out_start, fan_out
        Shapes (neurons + 1,) and (pairs,): ``fan_out[fan_out_start[i]:fan_out_start[i + 1]]`` listen to neuron i,
        ascending. The first is longer where inputs are not neurons (see `of`).
    fan_in_start, fan_in
        Shapes (neurons + 1,) and (pairs,): neuron i listens to ``fan_in[fan_in_start[i]:fan_in_start[i + 1]]``,
        ascending.
    """

    neurons: int
    fan_out_start: Ints64
    fan_out: Ints32
    fan_in_start: Ints64
    fan_in: Ints32

    @classmethod
    def of(cls, neurons: int, pre: npt.ArrayLike, post: npt.ArrayLike, *, inputs: int | None = None) -> Connectivity:
        """Build it from synapse arrays of shape (synapses,), multapses and self connections included.

        Presynaptic ids are of ``inputs`` where these are not the neurons themselves. It takes time in proportion to
        neurons and synapses, and no copy of integer arrays.

        Raises ``ValueError`` if the arrays disagree in length or an id is not in ``range(neurons)``.
        """
        pre, post = _ids(pre), _ids(post)
        if neurons < 0:
            raise ValueError(f"neurons must not be negative, not {neurons}")
        if pre.ndim != 1 or pre.shape != post.shape:
            raise ValueError(f"pre and post must be of equal length, not {pre.shape} and {post.shape}")
        inputs = neurons if inputs is None else inputs
        for name, ids, count in (("pre", pre, inputs), ("post", post, neurons)):
            if len(ids) and not 0 <= ids.min() <= ids.max() < count:
                bad = ids[(ids < 0) | (ids >= count)][0]
                raise ValueError(f"{name} must lie in 0..{count - 1}, not {bad}")
        if _ascending(pre, post):
            out_start, out = _starts(pre, inputs), post.astype(np.int32)
        else:
            # By postsynaptic neuron, then by presynaptic one: a stable sort in two passes.
            in_start = _starts(post, neurons)
            out_start, out = _transposed(in_start, _grouped(post, pre, in_start), inputs)
            out = out[: _without_repeats(out_start, out)]
        return cls(neurons, out_start, out, *_transposed(out_start, out, neurons))

    def sources(self, neuron: int) -> Ints32:
        """The distinct neurons that one listens to, ascending."""
        return self.fan_in[self.fan_in_start[neuron] : self.fan_in_start[neuron + 1]]

    def listeners(self, neuron: int) -> Ints32:
        """The distinct neurons that listen to one, ascending."""
        return self.fan_out[self.fan_out_start[neuron] : self.fan_out_start[neuron + 1]]

    @property
    def pre(self) -> Ints32:
        """Presynaptic neuron of each pair, shape (pairs,), sorted by (pre, post); made anew at each call."""
        return np.repeat(np.arange(len(self.fan_out_start) - 1, dtype=np.int32), np.diff(self.fan_out_start))

    @property
    def post(self) -> Ints32:
        """Postsynaptic neuron of each pair, shape (pairs,), in the order of `pre`."""
        return self.fan_out

    @property
    def fan_in_sizes(self) -> Ints64:
        """Distinct presynaptic neurons of each neuron, shape (neurons,)."""
        return np.diff(self.fan_in_start)

    @property
    def fan_out_sizes(self) -> Ints64:
        """Distinct postsynaptic neurons of each neuron, shape (neurons,)."""
        return np.diff(self.fan_out_start)


def cluster_fan_out(
    connectivity: Connectivity, cluster: npt.NDArray[np.integer], clusters: int
) -> tuple[Ints64, Ints32]:
    """Distinct clusters that listen to each neuron, its own included: (start, cluster), as ``fan_out`` is.

    ``cluster`` has shape (neurons,) with values in ``range(clusters)``. Time in proportion to the synapses, memory to
    the result.
    """
    of = np.array(cluster, np.int32)
    sizes = _reached(connectivity.fan_out_start, connectivity.fan_out, of, clusters)
    start = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=start[1:])
    target = _reached_clusters(connectivity.fan_out_start, connectivity.fan_out, of, clusters, start)
    # Turned twice they are ascending.
    return _transposed(*_transposed(start, target, clusters), len(sizes))


def cluster_pairs(connectivity: Connectivity, cluster: npt.NDArray[np.integer], clusters: int) -> tuple[Ints64, Ints64]:
    """Distinct (presynaptic neuron, cluster that listens to it) pairs, sorted, the neuron's own cluster included.

    ``cluster`` has shape (neurons,) with values in ``range(clusters)``. Each pair is one axon of that cluster's
    crossbar; each pair whose cluster is not the neuron's own is one packet for every spike.
    """
    start, target = cluster_fan_out(connectivity, cluster, clusters)
    return np.repeat(np.arange(len(start) - 1), np.diff(start)), target.astype(np.int64)


def clusters_axons(connectivity: Connectivity, cluster: npt.NDArray[np.integer], clusters: int) -> Ints64:
    """Distinct presynaptic neurons that each cluster listens to, shape (clusters,)."""
    return _axons(connectivity.fan_out_start, connectivity.fan_out, np.array(cluster, np.int32), clusters)


def occurrences(ids: npt.ArrayLike, count: int) -> Ints64:
    """How often each of ``range(count)`` occurs, shape (count,); every id must lie in it."""
    start: Ints64 = _starts(_ids(ids), count)
    return np.diff(start)


def _ids(values: npt.ArrayLike) -> npt.NDArray[np.integer]:
    array = np.asarray(values)
    if array.dtype not in (np.int32, np.int64):
        array = array.astype(np.int64)
    return np.ascontiguousarray(array)


@compiled_for_much
def _ascending(pre: Ids, post: Ids) -> bool:
    i = 1
    while i < len(pre) and (pre[i] > pre[i - 1] or (pre[i] == pre[i - 1] and post[i] > post[i - 1])):
        i += 1
    return i >= len(pre)


@compiled_for_much
def _starts(ids: Ids, groups: int) -> Ints64:
    start = np.zeros(groups + 1, np.int64)
    for number in ids:
        start[number + 1] += 1
    for group in range(groups):
        start[group + 1] += start[group]
    return start


@compiled_for_much
def _grouped(ids: Ids, values: Ids, start: Ints64) -> Ints32:
    """Values by the group that ``ids`` names, in the order in which they come."""
    at = start[:-1].copy()
    out = np.empty(len(ids), np.int32)
    for i in range(len(ids)):
        out[at[ids[i]]] = values[i]
        at[ids[i]] += 1
    return out


@compiled_for_much
def _transposed(start: Ints64, columns: Ints32, groups: int) -> tuple[Ints64, Ints32]:
    """Columns by rows of rows by columns; within each, ascending."""
    turned = np.zeros(groups + 1, np.int64)
    for column in columns:
        turned[column + 1] += 1
    for group in range(groups):
        turned[group + 1] += turned[group]
    at = turned[:-1].copy()
    out = np.empty(len(columns), np.int32)
    for row in range(len(start) - 1):
        for i in range(start[row], start[row + 1]):
            out[at[columns[i]]] = row
            at[columns[i]] += 1
    return turned, out


@compiled_for_much
def _without_repeats(start: Ints64, columns: Ints32) -> int:
    """Keep the first of equal neighbours of each row, in place; return how many are left."""
    kept = 0
    begin = 0
    for row in range(len(start) - 1):
        end = start[row + 1]
        for i in range(begin, end):
            if i == begin or columns[i] != columns[i - 1]:
                # What is read is never behind what is written, and the neighbour compared with is as old.
                columns[kept] = columns[i]
                kept += 1
        begin = end
        start[row + 1] = kept
    return kept


@compiled_for_much
def _reached(start: Ints64, fan_out: Ints32, cluster: Ints32, clusters: int) -> Ints32:
    seen = np.full(clusters, -1, np.int32)
    count = np.zeros(len(start) - 1, np.int32)
    for neuron in range(len(start) - 1):
        for i in range(start[neuron], start[neuron + 1]):
            here = cluster[fan_out[i]]
            if seen[here] != neuron:
                seen[here] = neuron
                count[neuron] += 1
    return count


@compiled_for_much
def _reached_clusters(start: Ints64, fan_out: Ints32, cluster: Ints32, clusters: int, first: Ints64) -> Ints32:
    seen = np.full(clusters, -1, np.int32)
    out = np.empty(first[-1], np.int32)
    for neuron in range(len(start) - 1):
        at = first[neuron]
        for i in range(start[neuron], start[neuron + 1]):
            here = cluster[fan_out[i]]
            if seen[here] != neuron:
                seen[here] = neuron
                out[at] = here
                at += 1
    return out


@compiled_for_much
def _axons(start: Ints64, fan_out: Ints32, cluster: Ints32, clusters: int) -> Ints64:
    seen = np.full(clusters, -1, np.int32)
    count = np.zeros(clusters, np.int64)
    for neuron in range(len(start) - 1):
        for i in range(start[neuron], start[neuron + 1]):
            here = cluster[fan_out[i]]
            if seen[here] != neuron:
                seen[here] = neuron
                count[here] += 1
    return count
