"""Spikes of two runs of one small network."""

import numpy as np
from hypothesis import strategies as st

from synaptile.swsim.trace import Trace

__all__ = ["NEURONS", "STEPS", "Spikes", "spikes", "steps_of", "trace_of"]

Spikes = list[tuple[int, int]]
"""(Neuron, step) each."""

NEURONS, STEPS = 3, 60


def trace_of(spikes: Spikes, steps: int = STEPS) -> Trace:
    """A trace of spikes (neuron, step)."""
    order = sorted((step, neuron) for neuron, step in spikes)
    none = np.zeros(0, np.int64)
    return Trace(
        dt=1.0,
        steps=steps,
        neurons=NEURONS,
        spike_neuron=np.array([neuron for _, neuron in order], np.int64),
        spike_step=np.array([step for step, _ in order], np.int64),
        pre=none,
        post=none,
        weight=none.astype(float),
        delay=none,
    )


spikes = st.lists(st.tuples(st.integers(0, NEURONS - 1), st.integers(0, STEPS - 1)), max_size=25)


def steps_of(spikes: Spikes, neuron: int) -> list[int]:
    return sorted(step for who, step in spikes if who == neuron)
