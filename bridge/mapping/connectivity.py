"""Connectivity without multiplicity, from which partition, placement and packets are computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Connectivity", "cluster_pairs"]


@dataclass(frozen=True)
class Connectivity:
    """Distinct (presynaptic, postsynaptic) pairs of a network.

    Attributes
    ----------
    neurons
        Number of neurons.
    pre, post
        Shape (pairs,), sorted by (pre, post).
    fan_in_start
        Shape (neurons + 1,): neuron i listens to ``fan_in[fan_in_start[i]:fan_in_start[i + 1]]``.
    fan_in
        Shape (pairs,): presynaptic neurons, grouped by postsynaptic neuron, ascending in each group.
    """

    neurons: int
    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    fan_in_start: npt.NDArray[np.int64]
    fan_in: npt.NDArray[np.int64]

    @classmethod
    def of(cls, neurons: int, pre: npt.ArrayLike, post: npt.ArrayLike) -> Connectivity:
        """Build it from synapse arrays of shape (synapses,), multapses and self connections included.

        Raises ``ValueError`` if the arrays disagree in length or an id is not in ``range(neurons)``.
        """
        pre, post = np.asarray(pre, dtype=np.int64), np.asarray(post, dtype=np.int64)
        if neurons < 0:
            raise ValueError(f"neurons must not be negative, not {neurons}")
        if pre.ndim != 1 or pre.shape != post.shape:
            raise ValueError(f"pre and post must be of equal length, not {pre.shape} and {post.shape}")
        for name, ids in (("pre", pre), ("post", post)):
            if len(ids) and not 0 <= ids.min() <= ids.max() < neurons:
                bad = ids[(ids < 0) | (ids >= neurons)][0]
                raise ValueError(f"{name} must lie in 0..{neurons - 1}, not {bad}")
        pairs = _distinct(pre * neurons + post)
        pre, post = (pairs // neurons, pairs % neurons) if neurons else (pre, post)
        start = np.zeros(neurons + 1, np.int64)
        np.cumsum(np.bincount(post, minlength=neurons), out=start[1:])
        return cls(neurons, pre, post, start, pre[np.argsort(post, kind="stable")])

    def sources(self, neuron: int) -> npt.NDArray[np.int64]:
        """The distinct neurons that one listens to, ascending."""
        return self.fan_in[self.fan_in_start[neuron] : self.fan_in_start[neuron + 1]]

    @property
    def fan_in_sizes(self) -> npt.NDArray[np.int64]:
        """Distinct presynaptic neurons of each neuron, shape (neurons,)."""
        return np.diff(self.fan_in_start)


def cluster_pairs(
    connectivity: Connectivity, cluster: npt.NDArray[np.integer], clusters: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Distinct (presynaptic neuron, cluster that listens to it) pairs, sorted, the neuron's own cluster included.

    ``cluster`` has shape (neurons,) with values in ``range(clusters)``. Each pair is one axon of that cluster's
    crossbar; each pair whose cluster is not the neuron's own is one packet for every spike.
    """
    pairs = _distinct(connectivity.pre * clusters + np.asarray(cluster, np.int64)[connectivity.post])
    return (pairs // clusters, pairs % clusters) if clusters else (pairs, pairs)


def _distinct(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The distinct numbers, ascending; ``np.unique`` of NumPy 2.3 and later does so by hashing, ten times as long."""
    numbers = np.sort(numbers)
    first = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]
