"""The smoothest vectors over a graph of traffic: clusters that talk a lot have nearly equal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..traffic import Links

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["smooth_vectors"]

_MOST_EXACT = 1024
_ROUNDS, _DEGREE = 12, 16


def smooth_vectors(links: Links, count: int) -> npt.NDArray[np.float64]:
    """Return so many eigenvectors of the normalised Laplacian, with the lowest eigenvalues but the lowest one.

    Shape (clusters, count), each divided by the square root of the traffic. Up to 1,024 clusters they are exact; above,
    what subspace iteration comes to in a fixed number of rounds, each filtered by a Chebyshev polynomial. Clusters
    without traffic have zeros, and so have vectors that there are too few clusters for.
    """
    found = np.zeros((links.clusters, count))
    busy = np.flatnonzero(links.total)
    if len(busy) < 2:
        return found
    import scipy.linalg  # slow to import
    import scipy.sparse

    number = np.zeros(links.clusters, np.int64)
    number[busy] = np.arange(len(busy))
    scale = 1 / np.sqrt(links.total[busy].astype(float))
    owner = np.repeat(np.arange(links.clusters), np.diff(links.start))
    one, two = number[owner], number[links.other]
    weight = links.weight * scale[one] * scale[two]
    affinity = scipy.sparse.csr_array((weight, (one, two)), shape=(len(busy), len(busy)))
    have = min(count, len(busy) - 1)
    if len(busy) <= _MOST_EXACT:
        top = [len(busy) - 1 - have, len(busy) - 1]
        vectors = scipy.linalg.eigh(affinity.toarray(), subset_by_index=top)[1][:, ::-1][:, 1:]
    else:
        vectors = _iterated(affinity, scale, have)
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(have)])
    found[busy, :have] = vectors * signs * scale[:, None]
    return found


def _iterated(affinity: scipy.sparse.csr_array, scale: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """Return vectors with nearly the highest eigenvalues of a matrix whose highest, 1, belongs to ``1 / scale``."""
    known = (1 / scale) / np.linalg.norm(1 / scale)
    basis = np.random.default_rng(0).standard_normal((len(scale), count + 4))
    top = 0.9
    for _ in range(_ROUNDS):
        basis -= np.outer(known, known @ basis)
        # Grows above the threshold and stays within 1 below it; eigenvalues lie in -1..1.
        middle, half = (top - 1) / 2, (top + 1) / 2
        before, now = basis, (affinity @ basis - middle * basis) / half
        for _ in range(_DEGREE - 1):
            before, now = now, 2 * (affinity @ now - middle * now) / half - before
        basis = np.linalg.qr(now - np.outer(known, known @ now))[0]
        values, turn = np.linalg.eigh(basis.T @ (affinity @ basis))
        basis = basis @ turn
        top = float(np.clip(values[0], 0, 0.9999))
    return basis[:, ::-1][:, :count]
