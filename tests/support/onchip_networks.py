"""PyNN networks that run in software and on-chip, from the same numbers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import synaptile.swsim as sim

__all__ = ["Outcome", "Recipe", "outcome", "random_wires"]

Wire = tuple[int, int, float, int]
"""Presynaptic and postsynaptic index, weight, and delay in steps."""


@dataclass
class Recipe:
    """Spike sources and cells of one type.

    ``trains`` are steps; ``wires`` and ``inner`` lead from sources to cells and among the cells, by receptor.
    """

    cell: Any
    parameters: dict[str, Any]
    trains: list[list[int]]
    wires: dict[str, list[Wire]]
    inner: dict[str, list[Wire]] = field(default_factory=dict)
    cells: int = 12
    initial: dict[str, Any] = field(default_factory=dict)
    dt: float = 1.0
    steps: int = 60

    def build(self, hardware: Any = None) -> Any:
        """Set up, and return the cells."""
        sim.setup(timestep=self.dt, hardware=hardware)
        times = [np.array(train, float) * self.dt for train in self.trains]
        sources = sim.Population(len(times), sim.SpikeSourceArray(spike_times=times), label="sources")
        cells = sim.Population(self.cells, self.cell(**self.parameters), initial_values=self.initial, label="cells")
        for pre, wires in ((sources, self.wires), (cells, self.inner)):
            for receptor, rows in wires.items():
                connector = sim.FromListConnector([(i, j, w, d * self.dt) for i, j, w, d in rows])
                label = f"{pre.label} to cells, {receptor}"
                sim.Projection(pre, cells, connector, sim.StaticSynapse(), receptor_type=receptor, label=label)
        cells.record(["v", "spikes"])
        return cells


@dataclass
class Outcome:
    """Spikes, sorted, as (step, neuron id), and potentials, shape (steps + 1, cells)."""

    spikes: list[tuple[int, int]]
    potentials: np.ndarray


def outcome(recipe: Recipe, hardware: Any = None) -> Outcome:
    """Run it."""
    cells = recipe.build(hardware)
    sim.run(recipe.steps * recipe.dt)
    segment = cells.get_data().segments[0]
    trace = sim.get_trace()
    return Outcome(
        sorted(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)),
        segment.analogsignals[0].magnitude.copy(),
    )


def random_wires(
    rng: np.random.Generator, pre: int, post: int, weights: Any, share: float = 0.5, longest: int = 14
) -> list[Wire]:
    """Wires between a share of all pairs; ``weights`` is a function of the generator."""
    return [
        (i, j, weights(rng), int(rng.integers(1, longest + 1)))
        for i in range(pre)
        for j in range(post)
        if rng.random() < share
    ]
