"""Seeds for PyNN's random numbers that were given none."""

from __future__ import annotations

from typing import Any

from pyNN.random import NumpyRNG, RandomDistribution

from . import simulator

__all__ = ["new_rng", "seed_all", "seed_rng"]


def new_rng() -> Any:
    """Make a generator whose seed follows from that of ``setup()`` and the number of those seeded before."""
    return NumpyRNG(seed=simulator.state.next_generator_seed())


def seed_rng(rng: Any) -> None:
    """Seed a PyNN generator that was made without a seed, so that ``setup(seed)`` determines it too."""
    if isinstance(rng, NumpyRNG) and rng.seed is None:
        rng.seed = simulator.state.next_generator_seed()
        rng.rng.seed(rng.seed)


def seed_all(parameter_space: Any) -> None:
    """Seed the generators of all random distributions among parameters, like `seed_rng`."""
    for _, value in parameter_space.items():
        distribution = getattr(value, "base_value", None)
        if isinstance(distribution, RandomDistribution):
            seed_rng(distribution.rng)
