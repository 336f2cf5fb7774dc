"""Which way the parts of a network are run, compiled or in NumPy, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..cosim import CoSimulator
from ..kernels.cache import available
from ..neurons.model import NeuronModel
from ..synapses.dynamics import Dynamics
from ..synapses.ring_buffer import RingBuffer
from .populations import PopulationBlock

__all__ = ["Obstacle", "Paths", "obstacles", "of_hardware", "why_not_yet"]


@dataclass(frozen=True)
class Obstacle:
    """What keeps the compiled loop from running a network.

    Attributes
    ----------
    reason
        What it is, to be put behind the name of the part.
    block, group
        The position of the population, or of the group of synapses with a state, if it is one of them.
    """

    reason: str
    block: int | None = None
    group: int | None = None


@dataclass(frozen=True)
class Paths:
    """How a network is run.

    Attributes
    ----------
    obstacles
        What keeps it from the compiled loop; none if that runs it.
    stepped
        Whether the step of each population is compiled by itself, where the loop is NumPy's.
    """

    obstacles: Sequence[Obstacle]
    stepped: Sequence[bool]


def of_hardware(hardware: CoSimulator | None) -> list[Obstacle]:
    """Return why the compiled loop cannot call hardware in lock-step; nothing if it can, or there is none."""
    if hardware is None:
        return []
    # Of hardware that knows nothing of it, see `cosim.CarriesInCompiledCode`.
    reason = getattr(hardware, "not_compiled", "it can only be called from Python")
    return [] if reason is None else [Obstacle(f"hardware carries the spikes of every step: {reason}")]


def obstacles(
    blocks: Sequence[PopulationBlock],
    dynamics: Sequence[Dynamics],
    line: RingBuffer,
    hardware: CoSimulator | None = None,
) -> list[Obstacle]:
    """Return all that keeps the compiled loop from running a network, however long."""
    found = of_hardware(hardware)
    if not blocks:
        found.append(Obstacle("there are no populations"))
    models = [(k, block.model) for k, block in enumerate(blocks) if isinstance(block.model, NeuronModel)]
    called = sum(model.size for _, model in models if model.max_compiled is not None)
    for k, model in models:
        if not model.has_kernel:
            found.append(Obstacle("has no kernel", block=k))
        elif model.max_compiled is not None and called > model.max_compiled:
            found.append(
                Obstacle(f"has a kernel that is slower than NumPy for more than {model.max_compiled} neurons", block=k)
            )
    found += [Obstacle("has no kernel", group=k) for k, group in enumerate(dynamics) if not group.has_kernel]
    if dynamics and line.buffer.size >= np.iinfo(np.int32).max:
        found.append(Obstacle(f"the ring buffer has {line.buffer.size} places, and kernels of synapses take 2**31 - 1"))
    return found


def why_not_yet() -> Obstacle:
    """Return why a network is not run by the compiled loop that could be."""
    if not available():
        return Obstacle("Numba is not installed, or switched off by SYNAPTILE_NUMBA=0")
    return Obstacle("no run so far was large or long enough to be worth the compiler")
