"""Seeds for PyNN's random numbers that were given none."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution

from . import simulator

__all__ = ["new_rng", "seed_all", "seed_rng"]


def new_rng() -> Any:
    """A generator whose seed follows from that of ``setup()`` and the number of those made before."""
    return NumpyRNG(seed=_next_seed())


def seed_rng(rng: Any) -> None:
    """Seed a PyNN generator that was made without a seed, so that ``setup(seed)`` determines it too."""
    if isinstance(rng, NumpyRNG) and rng.seed is None:
        rng.seed = _next_seed()
        rng.rng.seed(rng.seed)


def seed_all(parameter_space: Any) -> None:
    """Do so for all random distributions among parameters."""
    for _, value in parameter_space.items():
        distribution = getattr(value, "base_value", None)
        if isinstance(distribution, RandomDistribution):
            seed_rng(distribution.rng)


def _next_seed() -> int:
    simulator.state.rngs_seeded += 1
    seeds = np.random.SeedSequence(simulator.state.seed, spawn_key=(0, 0, simulator.state.rngs_seeded))
    return int(seeds.generate_state(1)[0])
