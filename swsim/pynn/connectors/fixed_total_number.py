"""``FixedTotalNumberConnector`` with the numbers that PyNN's own draws, some hundred times as fast."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import connectors, errors
from pyNN.random import NumpyRNG, RandomDistribution

from .by_target import connect_by_target
from .fixed_number import drawn_number, whole_number

__all__ = ["FixedTotalNumberConnector"]

_CHUNK_NUMBERS = 1 << 20  # numbers drawn together

_Index = npt.NDArray[np.int64]


class FixedTotalNumberConnector(connectors.FixedTotalNumberConnector):
    """Make n connections between neurons drawn at random: for the same generator, those that PyNN's own makes.

    PyNN's own takes no notice of ``with_replacement=False`` and ``allow_self_connections=False``. Here a pair that they
    do not allow is passed over, and others are drawn in the same way until there are n.
    """

    def __init__(self, n: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(whole_number(n), *args, **kwargs)

    def connect(self, projection: Any) -> None:
        """Make the connections; ``pyNN.errors.ConnectionError`` if there are fewer pairs than are asked for."""
        source, target = np.divmod(self._pairs(projection), projection.post.size)
        order = np.argsort(target, kind="stable")
        connect_by_target(self, projection, source[order], target[order])

    def _pairs(self, projection: Any) -> _Index:
        """Source times number of targets plus target, of each connection."""
        if self.allow_self_connections == "NoMutual":
            raise errors.ConnectionError("allow_self_connections must be True or False, not 'NoMutual'")
        n = drawn_number(self.n.next()) if isinstance(self.n, RandomDistribution) else self.n
        pre, post = (side.all_cells.astype(np.int64) for side in (projection.pre, projection.post))
        possible = len(pre) * len(post)
        if not self.allow_self_connections:
            possible -= int(np.isin(pre, post).sum())
        if n > possible and (not self.with_replacement or not possible):
            raise errors.ConnectionError(f"n must be at most the number of pairs, {possible}, not {n}")
        # With the share of this process of all connections, here all, PyNN begins.
        self.rng.next(None, "binomial", {"n": n, "p": 1.0})
        pairs = np.empty(0, np.int64)
        while len(pairs) < n:
            source, target = alternating(self.rng, n - len(pairs), len(pre), len(post))
            allowed = self.allow_self_connections | (pre[source] != post[target])
            pairs = np.append(pairs, (source * len(post) + target)[allowed])
            if not self.with_replacement:
                pairs = pairs[np.sort(np.unique(pairs, return_index=True)[1])]
        return pairs


def alternating(rng: Any, n: int, pre: int, post: int) -> tuple[_Index, _Index]:
    """Draw n pairs of numbers below ``pre`` and ``post`` as PyNN does: one number, the other, one, and so on."""
    if not isinstance(rng, NumpyRNG):
        possible = np.arange(post)
        drawn = [
            (rng.next(1, "uniform_int", {"low": 0, "high": pre}, mask=None)[0], rng.choice(possible, size=1)[0])
            for _ in range(n)
        ]
        pairs = np.array(drawn, np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]
    if 1 in (pre, post):  # for which nothing is drawn
        return _below(rng, pre, n), _below(rng, post, n)
    return _alternating_bits(rng.rng, n, pre, post)


def _below(rng: Any, size: int, n: int) -> _Index:
    if size == 1:
        return np.zeros(n, np.int64)
    return np.atleast_1d(rng.next(n, "uniform_int", {"low": 0, "high": size})).astype(np.int64)


def _alternating_bits(rng: Any, n: int, pre: int, post: int) -> tuple[_Index, _Index]:
    """Draw as `alternating` does, from the generator's raw numbers.

    NumPy's ``RandomState``, whose stream is fixed, draws a number below ``size`` by taking 32 bits, leaving those out
    that are beyond the next power of two, and taking others until the number is below ``size``.
    """
    masks = [np.uint32((1 << (size - 1).bit_length()) - 1) for size in (pre, post)]
    per_pair = sum((int(mask) + 1) / size for mask, size in zip(masks, (pre, post), strict=True))
    sources: list[npt.NDArray[np.uint32]] = []
    targets: list[npt.NDArray[np.uint32]] = []
    missing, after_source = n, False
    while missing:
        before = rng.get_state(legacy=False)
        raw = _bits(rng, min(_CHUNK_NUMBERS, int(1.1 * missing * per_pair) + 64))
        fits_source, fits_target = ((raw & mask) < size for mask, size in zip(masks, (pre, post), strict=True))
        wants_target = _wants_target(fits_source, fits_target, after_source)
        is_source, is_target = fits_source & ~wants_target, fits_target & wants_target
        position = np.flatnonzero(is_target)
        if len(position) >= missing:
            used = int(position[missing - 1]) + 1
            rng.set_state(before)
            _bits(rng, used)  # and not more
            is_source, is_target = is_source[:used], is_target[:used]
            raw = raw[:used]
        sources.append(raw[is_source] & masks[0])
        targets.append(raw[is_target] & masks[1])
        missing -= len(targets[-1])
        after_source = sum(map(len, sources)) > sum(map(len, targets))
    both = (np.concatenate(part).astype(np.int64) if part else np.empty(0, np.int64) for part in (sources, targets))
    source, target = both
    return source, target


def _bits(rng: Any, n: int) -> npt.NDArray[np.uint32]:
    bits: npt.NDArray[np.uint32] = rng.randint(0, 1 << 32, size=n, dtype=np.uint32)
    return bits


def _wants_target(
    fits_source: npt.NDArray[np.bool_], fits_target: npt.NDArray[np.bool_], at_first: bool
) -> npt.NDArray[np.bool_]:
    """Return for each raw number whether a target is wanted when it comes, else a source.

    A number that fits both changes what is wanted; one that fits one of them only leaves the other as what is wanted;
    one that fits neither changes nothing. So it depends on the last number that fits one only, and on how many came
    after it that fit both.
    """
    both = fits_source & fits_target
    changes = np.cumsum(both)
    settled = np.where(fits_source ^ fits_target, np.arange(len(both)), -1)
    last = np.concatenate([[-1], np.maximum.accumulate(settled)[:-1]])
    there_is = last >= 0
    wanted = np.where(there_is, fits_source[last], at_first)
    since = changes - both - np.where(there_is, changes[last], 0)
    return wanted ^ (since % 2 == 1)
