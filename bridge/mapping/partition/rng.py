"""Random numbers of partitioning."""

from __future__ import annotations

import numpy as np

__all__ = ["generator"]


def generator(seed: int) -> np.random.Generator:
    """Return the generator of all methods that draw; the same seed gives the same numbers."""
    # With PyNN, which the command line's help is quicker without.
    from synaptile.swsim.base.random_streams import SeedTree

    return np.random.default_rng(SeedTree(seed).stream("partition"))
