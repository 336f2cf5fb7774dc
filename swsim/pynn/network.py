"""The network of a script: its parts, and how the engine, the hardware and the trace see them."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib.metadata import version
from typing import Any

import numpy as np
import pyNN

from ..base.time_grid import TimeGrid
from ..cosim import ProjectionWeights, Wiring
from ..engine.memory import announce, engine_bytes, resident
from ..engine.populations import PopulationBlock
from ..engine.simulation import Engine
from ..kernels import cache
from ..neurons.model import NeuronModel
from ..onchip import OnChipNetwork
from ..sources.spike_source import SpikeSource
from ..synapses.edge_list import Synapses
from ..trace import PopulationSlice, Trace
from .interfaces import ElectrodeLike, PopulationLike, ProjectionLike
from .on_chip import on_chip_network

__all__ = ["Network"]


class Network:
    """Everything that a script has built since ``setup()``.

    Parameters
    ----------
    grid
        The time grid.
    seed
        The seed that ``setup()`` was given.
    integration
        The method of integration by cell type, for those for which the script chose one.

    Attributes
    ----------
    populations, projections, electrodes
        In the order in which they were made; neuron ids count through the populations.
    """

    def __init__(self, grid: TimeGrid, seed: int, integration: Mapping[type, str]) -> None:
        self.grid = grid
        self.seed = seed
        self.integration = dict(integration)
        self.populations: list[PopulationLike] = []
        self.projections: list[ProjectionLike] = []
        self.electrodes: list[ElectrodeLike] = []

    def copy(self) -> Network:
        """Return the same parts, to which none will be added."""
        same = Network(self.grid, self.seed, self.integration)
        same.populations, same.projections = list(self.populations), list(self.projections)
        same.electrodes = list(self.electrodes)
        return same

    @property
    def neurons(self) -> int:
        """Number of neurons, spike sources included."""
        return sum(population.size for population in self.populations)

    @property
    def connections(self) -> int:
        """Number of connections, electrical ones included."""
        return sum(map(len, self.projections))

    def require_present(self, population: PopulationLike) -> None:
        """Raise ``RuntimeError`` if a population belongs to a network that ``setup()`` has replaced."""
        if not any(population is present for present in self.populations):
            raise RuntimeError(f"population {population.label!r} belongs to a network that setup() has replaced")

    def is_source(self, neuron: int) -> bool:
        """Return True for the id of a spike source."""
        return any(
            isinstance(population.model, SpikeSource)
            for population in self.populations
            if population.first_id <= neuron <= population.last_id
        )

    def chemical(self) -> list[ProjectionLike]:
        """Return the projections that carry spikes."""
        return [projection for projection in self.projections if not projection.is_electrical]

    def delay_range(self) -> tuple[int, int]:
        """Return the shortest and the longest delay in steps; 1 without connections."""
        ranges = [projection.delay_range() for projection in self.chemical() if len(projection)]
        return min((low for low, _ in ranges), default=1), max((high for _, high in ranges), default=1)

    def synapses(self) -> Synapses:
        """Return all connections that carry spikes, with their present weights; put together at each call."""
        projections = self.chemical()
        # One projection after the other, so that there is no second copy of them all.
        joined = Synapses.empty(sum(len(projection) for projection in projections))
        start = 0
        for projection in projections:
            part = projection.synapses()
            for field in fields(Synapses):
                getattr(joined, field.name)[start : start + len(part)] = getattr(part, field.name)
            start += len(part)
        return joined

    def blocks(self) -> list[PopulationBlock]:
        """Return the populations as the engine has them."""
        return [
            PopulationBlock(int(population.first_id), int(population.last_id) + 1, population.model)
            for population in self.populations
        ]

    def weights(self) -> list[ProjectionWeights]:
        """Return the weights of each projection that carries spikes, for hardware that may hold them less exactly."""
        return [
            ProjectionWeights(
                projection.label,
                projection.column("weight").astype(np.float64),
                projection.synapses().post,
                plastic=not projection.is_static,
                whole=projection.takes_whole_weights,
            )
            for projection in self.chemical()
        ]

    def load_into(self, engine: Engine, tile: Any = None, weights: Sequence[Any] | None = None) -> None:
        """Give the engine the network.

        With hardware, ``tile`` is each neuron's tile, shape (neurons,), and ``weights`` are those of each projection of
        `chemical` that it holds otherwise, shape (connections,), None for the others.
        """
        chemical = self.chemical()
        own = [None] * len(chemical) if weights is None else weights
        static = [
            part
            for projection, weight in zip(chemical, own, strict=True)
            if projection.is_static
            for part in projection.parts(weight)
        ]
        dynamics = [projection.dynamics() for projection in chemical if not projection.is_static]
        gaps = [projection.gaps() for projection in self.projections if projection.is_electrical]
        engine.load(self.blocks(), static, tile, dynamics, gaps)

    def announce_memory(self) -> None:
        """Say how much memory the engine will need, if that is much; ``MemoryError`` if there is not so much."""
        fixed = sum(len(projection) for projection in self.chemical() if projection.is_static)
        connections = sum(map(len, self.chemical()))
        models = [population.model for population in self.populations if isinstance(population.model, NeuronModel)]
        receptors = max([2, *(model.receptors for model in models)])
        buffered = (self.delay_range()[1] + 1) * receptors * self.neurons
        announce(
            engine_bytes(fixed, connections - fixed, buffered, compiler=cache.available()),
            f"the network of {self.neurons} neurons and {connections} connections",
            taken=resident(),
        )

    def slices(self) -> list[PopulationSlice]:
        """Return the ids of each population, as the trace and the hardware have them."""
        return [
            PopulationSlice(
                population.label,
                int(population.first_id),
                int(population.last_id) + 1,
                type(population.celltype).__name__,
                is_source=isinstance(population.model, SpikeSource),
            )
            for population in self.populations
        ]

    def wiring(self, synapses: Synapses) -> Wiring:
        """Return the network as the hardware maps it."""
        return Wiring(
            dt=self.grid.dt,
            neurons=self.neurons,
            pre=synapses.pre,
            post=synapses.post,
            weight=synapses.weight,
            delay=synapses.delay,
            populations=self.slices(),
            seed=self.seed,
        )

    def on_chip(self) -> OnChipNetwork:
        """Return the network as hardware that runs its neurons takes it."""
        return on_chip_network(
            self.grid.dt, self.seed, self.slices(), self.populations, self.projections, self.electrodes
        )

    def trace(self, engine: Engine, *, segment: int, partial: bool) -> Trace:
        """Return the spikes that the engine has logged since the last reset, and all connections."""
        synapses = self.synapses()
        return Trace(
            dt=self.grid.dt,
            steps=engine.step + 1 if engine.started else 0,
            neurons=self.neurons,
            spike_neuron=engine.log.neuron.copy(),
            spike_step=engine.log.step.copy(),
            pre=synapses.pre,
            post=synapses.post,
            weight=synapses.weight,
            delay=synapses.delay,
            populations=self.slices(),
            meta=self._meta(segment),
            partial=partial,
        )

    def _plastic(self) -> list[list[int]] | None:
        """Return the first synapse and the one past the last of each plastic projection; None if one may be or not."""
        found, start = [], 0
        for projection in self.chemical():
            if projection.changes_weight is None:
                return None
            stop = start + len(projection)
            if projection.changes_weight:
                found.append([start, stop])
            start = stop
        return found

    def _meta(self, segment: int) -> dict[str, Any]:
        chosen = {cell.__name__: method for cell, method in self.integration.items()}
        return {
            "seed": self.seed,
            "segment": segment,
            **({"integration": chosen} if chosen else {}),
            "plastic": self._plastic(),
            "versions": {
                "synaptile": version("synaptile"),
                "numpy": np.__version__,
                "pyNN": pyNN.__version__,
                "python": platform.python_version(),
            },
        }
