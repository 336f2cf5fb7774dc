"""Seeds for PyNN's random numbers that were given none."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pyNN import random
from pyNN.random import NumpyRNG, RandomDistribution

from . import simulator

__all__ = ["NativeRNG", "new_rng", "seed_all", "seed_connector", "seed_rng"]

_SEEDED = "_seeded_by_setup"
"""Attribute of a generator that has its seed from `seed_rng`: the number of that ``setup()``."""


class NativeRNG(NumpyRNG, random.NativeRNG):
    """The simulator's own random numbers, which are those of ``NumpyRNG``.

    Without a seed it takes one that follows from the seed of ``setup()``, when it is used first.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> NativeRNG:
        copy = NativeRNG(seed=self.seed, parallel_safe=self.parallel_safe)
        copy.rng = deepcopy(self.rng, memo)
        return copy


def new_rng() -> Any:
    """Make a generator whose seed follows from that of ``setup()`` and the number of those seeded before."""
    return NumpyRNG(seed=simulator.state.next_generator_seed())


def seed_rng(rng: Any) -> None:
    """Seed a PyNN generator that was made without a seed, so that ``setup(seed)`` determines it too.

    One that outlives a network is seeded anew in the next, which is then the same again for the same seed.
    """
    if not isinstance(rng, NumpyRNG):
        return
    setups = simulator.state.setups
    if rng.seed is None or vars(rng).get(_SEEDED, setups) != setups:
        rng.seed = simulator.state.next_generator_seed()
        rng.rng.seed(rng.seed)
        setattr(rng, _SEEDED, setups)


def seed_all(parameter_space: Any) -> None:
    """Seed the generators of all random distributions among parameters, like `seed_rng`."""
    for _, value in parameter_space.items():
        _seed_lazy(value)


def _seed_lazy(value: Any) -> None:
    """Seed a lazy array's own random distribution and those that it is calculated from."""
    distribution = getattr(value, "base_value", value)
    if isinstance(distribution, RandomDistribution):
        seed_rng(distribution.rng)
    for _, operand in getattr(value, "operations", ()):
        _seed_lazy(operand)


def seed_connector(connector: Any) -> None:
    """Seed the generators of a connector and of its random distributions, like `seed_rng`."""
    for value in vars(connector).values():
        seed_rng(value.rng if isinstance(value, RandomDistribution) else value)
