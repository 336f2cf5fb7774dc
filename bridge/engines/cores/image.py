"""What is put into a chip of cores: the contents of each core's memories, and the events that the host sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base import Ints

__all__ = ["CoreImage", "HostEvents"]

_NONE: Ints = np.zeros(0, dtype=np.int64)
"""Stands for a column of keys that was left out; replaced by zeros."""


def _frozen(name: str, value: Any, shape: tuple[int | None, ...]) -> Ints:
    """Return a read-only array of whole numbers; ``ValueError`` for another shape, of which None is any length."""
    array = np.array(value, dtype=np.int64)
    if array.ndim != len(shape) or any(want not in (None, have) for want, have in zip(shape, array.shape, strict=True)):
        text = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(f"{name} must have shape ({text}{',' * (len(shape) == 1)}), not {array.shape}")
    array.setflags(write=False)
    return array


def _freeze(obj: Any, names: tuple[str, ...]) -> None:
    """Freeze attributes that are all as long as the first, with zeros in place of `_NONE`."""
    length = None
    for name in names:
        value = getattr(obj, name)
        frozen = _frozen(name, np.zeros(length or 0) if value is _NONE else value, (length,))
        length = len(frozen)
        object.__setattr__(obj, name, frozen)


@dataclass(frozen=True)
class CoreImage:
    """The contents of one core's memories.

    Attributes
    ----------
    weights
        Shape (axons, neurons): the weight of the synapse from each axon to each neuron. With TrueNorth's neurons 0 for
        none, else 1 more than the type of the axon, which all synapses of an axon share.
    variables
        Every variable of the neuron model by its name in `Neurons.variables`, shape (neurons,): its value at first.
    first
        Shape (neurons,): the first entry in the destination table of each neuron; -1 if it sends nothing.
    tile, axon, delay, last
        Shape (entries,): the destination table. What is sent for a neuron are the entries from its first one to one
        with ``last`` 1: to the ``axon`` of the core of a ``tile``, to act ``delay`` ticks later, 1 to 15. With a delay
        of 0 the host is told instead, and tile and axon mean nothing.
    key
        Shape (entries,): where packets carry keys, that of the entry, in place of its tile.

    Raises
    ------
    ValueError
        If shapes do not fit together.
    """

    weights: Ints
    variables: Mapping[str, Ints]
    first: Ints
    tile: Ints
    axon: Ints
    delay: Ints
    last: Ints
    key: Ints = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        weights = _frozen("weights", self.weights, (None, None))
        neurons = weights.shape[1]
        variables = {name: _frozen(name, values, (neurons,)) for name, values in self.variables.items()}
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "variables", variables)
        object.__setattr__(self, "first", _frozen("first", self.first, (neurons,)))
        _freeze(self, ("tile", "axon", "delay", "last", "key"))


@dataclass(frozen=True)
class HostEvents:
    """Axon events that the host sends through the chip's door, in this order; each array of shape (events,).

    An event goes to the ``axon`` of the core of a ``tile``, or where packets carry keys to those that its ``key``
    reaches, and acts ``delay`` ticks, 1 to 15, after that in which it arrives.
    """

    tile: Ints
    axon: Ints
    delay: Ints
    key: Ints = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        _freeze(self, ("tile", "axon", "delay", "key"))

    def __len__(self) -> int:
        return len(self.tile)

    @classmethod
    def none(cls) -> HostEvents:
        """No events."""
        return cls(_NONE, _NONE, _NONE)
