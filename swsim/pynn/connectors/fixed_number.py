"""Connectors that give each neuron a fixed number of partners, with the numbers that PyNN's own draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import connectors, errors
from pyNN.random import RandomDistribution

from .by_target import connect_by_target

__all__ = ["FixedNumberPostConnector", "FixedNumberPreConnector", "drawn_number", "whole_number"]

_Index = npt.NDArray[np.int64]


def whole_number(n: Any) -> Any:
    """Check the parameter n of a connector: a whole number of at least 0, or a random distribution of such."""
    if isinstance(n, RandomDistribution):
        return n
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"n must be an integer or a RandomDistribution object, not {n!r}")
    if n < 0:
        raise ValueError(f"n must be at least 0, not {n}")
    return int(n)


def drawn_number(n: Any) -> int:
    """Check a number of connections that a distribution gave; ``pyNN.errors.ConnectionError`` if it cannot be one."""
    if not 0 <= n < np.inf or n != int(n):
        raise errors.ConnectionError(f"n must be a whole number of at least 0, not {n}")
    return int(n)


class _FixedNumber:
    """Behaviour that both have in common; mixed into PyNN's own classes.

    PyNN's own fail where the distribution of ``n`` gives 0, and now and then with replacement and without
    self-connections, and take no notice of ``allow_self_connections=False`` between a population and a view of it. In
    all other cases the numbers are those that they draw.
    """

    n: Any
    rng: Any
    allow_self_connections: Any
    with_replacement: bool

    def __init__(
        self,
        n: Any,
        allow_self_connections: bool = True,
        with_replacement: bool = False,
        location_selector: Any = None,
        rng: Any = None,
        safe: bool = True,
        callback: Any = None,
    ) -> None:
        if not isinstance(allow_self_connections, bool | np.bool_):
            raise TypeError(f"allow_self_connections must be True or False, not {allow_self_connections!r}")
        super().__init__(  # type: ignore[call-arg]
            whole_number(n), bool(allow_self_connections), with_replacement, location_selector, rng, safe, callback
        )

    def _partners(self, n: int, cell: int, others: _Index) -> _Index:
        """Draw n partners of a neuron: indices among the others' ids."""
        excluded = np.empty(0, np.int64) if self.allow_self_connections else np.flatnonzero(others == cell)
        allowed = len(others) - len(excluded)
        if n and not allowed:
            raise errors.ConnectionError(f"n must be 0 for a neuron that may be connected to no other, not {n}")
        if self.with_replacement:
            return self._drawn_again(n, len(others), excluded)
        everyone = np.delete(np.arange(len(others)), excluded)
        sets, rest = divmod(n, allowed) if n else (0, 0)
        parts = [everyone] * sets
        if rest:
            parts.append(self.rng.permutation(everyone)[:rest])
        return np.concatenate([*parts, np.empty(0, np.int64)])

    def _drawn_again(self, n: int, size: int, excluded: _Index) -> _Index:
        partners = self._below(n, size)
        wrong = np.flatnonzero(np.isin(partners, excluded))
        while len(wrong):
            partners[wrong] = self._below(len(wrong), size)
            wrong = wrong[np.isin(partners[wrong], excluded)]
        return partners

    def _below(self, n: int, size: int) -> _Index:
        return np.atleast_1d(self.rng.next(n, "uniform_int", {"low": 0, "high": size}, mask=None)).astype(np.int64)


class FixedNumberPostConnector(_FixedNumber, connectors.FixedNumberPostConnector):
    """Connect each presynaptic neuron to ``n`` postsynaptic ones, see PyNN's class."""

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection."""
        pre, post = (side.all_cells.astype(np.int64) for side in (projection.pre, projection.post))
        targets = [self._partners(drawn_number(self._get_num_post()), cell, post) for cell in pre]
        source = np.repeat(np.arange(len(pre)), [len(part) for part in targets])
        target = np.concatenate(targets)
        order = np.argsort(target, kind="stable")
        connect_by_target(self, projection, source[order], target[order])


class FixedNumberPreConnector(_FixedNumber, connectors.FixedNumberPreConnector):
    """Connect ``n`` presynaptic neurons to each postsynaptic one, see PyNN's class."""

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection."""
        pre, post = (side.all_cells.astype(np.int64) for side in (projection.pre, projection.post))
        numbers = self._get_num_pre(len(post))
        sources = [self._partners(drawn_number(n), cell, pre) for n, cell in zip(numbers, post, strict=True)]
        target = np.repeat(np.arange(len(post)), [len(part) for part in sources])
        connect_by_target(self, projection, np.concatenate(sources), target)
