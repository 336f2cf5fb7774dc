"""A small chip for a board, and a network that fits it."""

from typing import Any

import numpy as np

import synaptile.swsim as sim

__all__ = ["CORE", "SETTINGS", "STEPS", "run_network"]

CORE = {
    "neuron": "delta-lif", "readback": True, "lanes": 1, "targets": 16, "counter_bits": 16, "state_bits": 12,
    "weight_shift": 0,
}  # fmt: skip
SETTINGS: dict[str, Any] = {"mesh": (1, 2), "crossbar": "16x4", "weight_bits": 4, "core": CORE}
STEPS = 25


def run_network(hardware: Any, steps: int = STEPS) -> tuple[list[tuple[int, int]], list[list[float]]]:
    """Two sources and six cells that send to one another: spikes and potentials."""
    sim.setup(timestep=1.0, hardware=hardware)
    chance = np.random.default_rng(2)
    trains = [np.flatnonzero(chance.random(steps) < 0.4).astype(float) for _ in range(2)]
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=trains))
    cells = sim.Population(6, sim.FixedPointLIF(bits=12, leak_shift=4, v_thresh=9, refractory=1, bias=1))
    for pre, count in ((sources, 8), (cells, 7)):
        pairs = [(int(chance.integers(pre.size)), int(chance.integers(6))) for _ in range(count)]
        rows = [(i, j, int(chance.integers(2, 8)), float(chance.choice([1, 3]))) for i, j in sorted(set(pairs))]
        sim.Projection(pre, cells, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type="excitatory")
    cells.record(["spikes", "v"])
    sim.run(steps)
    trace = sim.get_trace()
    signal = cells.get_data().segments[-1].filter(name="v")[0]
    return list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)), signal.magnitude.tolist()
