"""A PyNN network of whole-number cells for chips of cores, which is the same in software and on-chip."""

from typing import Any

import numpy as np

import synaptile.swsim as sim

__all__ = ["CELLS", "OnChipResult", "run_network"]

CELLS = {
    "delta-lif": (
        sim.FixedPointLIF,
        {"bits": 18, "leak_shift": 4, "v_thresh": 25, "refractory": 1, "bias": 1},
        {"v": 3},
    ),
    "current-lif": (
        sim.FixedPointCurrentLIF,
        {"bits": 18, "u_decay": 700, "v_decay": 300, "weight_shift": 6, "v_thresh": 1800, "subtract": 1, "bias": 5},
        {"v": -40},
    ),
    "current-lif-2": (
        sim.FixedPointTwoCurrentLIF,
        {"bits": 18, "u_decay_exc": 700, "u_decay_inh": 250, "v_decay": 300, "weight_shift": 6, "v_thresh": 1500},
        {"v": 10},
    ),
}
"""By neuron model: cell type, parameters, initial values."""


class OnChipResult:
    """Spikes (step, neuron), all of them; potentials of the cells, shape (samples, cells); the recorded counts.

    Without potentials, there are none.
    """

    def __init__(self, cells: Any, *, potentials: bool) -> None:
        trace = sim.get_trace()
        self.trace = trace
        self.spikes = list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True))
        signals = cells.get_data().segments[-1].filter(name="v") if potentials else []
        self.potentials = signals[0].magnitude.tolist() if signals else []
        self.counts = cells.get_spike_counts()


def run_network(
    neuron: str = "delta-lif",
    *,
    steps: int = 40,
    sources: int = 8,
    size: int = 20,
    seed: int = 3,
    record: slice | None = slice(None),
    **setup: Any,
) -> OnChipResult:
    """Run a recurrent network with delays of 1, 2 and 15 steps, in software unless ``setup`` has hardware.

    The potentials of the cells in ``record`` are recorded, and all spikes.
    """
    cell, parameters, initial = CELLS[neuron]
    sim.setup(timestep=1.0, **setup)
    rng = np.random.default_rng(seed)
    trains = [np.flatnonzero(rng.random(steps) < 0.3).astype(float) for _ in range(sources)]
    pre = sim.Population(sources, sim.SpikeSourceArray(spike_times=trains), label="sources")
    cells = sim.Population(size, cell(**parameters), initial_values=initial, label="cells")
    for source in (pre, cells):
        for receptor, low, high in (("excitatory", 1, 9), ("inhibitory", -6, -1)):
            chosen = rng.random((source.size, size)) < 0.2
            rows = [
                (i, j, int(rng.integers(low, high, endpoint=True)), float(rng.choice([1, 2, 15])))
                for i, j in zip(*chosen.nonzero(), strict=True)
            ]
            sim.Projection(source, cells, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor)
    cells.record("spikes")
    if record is not None:
        cells[record].record("v")
    sim.run(steps)
    return OnChipResult(cells, potentials=record is not None)
