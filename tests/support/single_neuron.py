"""One neuron of a model, advanced step by step with chosen input."""

import numpy as np


def simulate(model, dt, steps, arrivals=(), current=None, record=("v",), **initial):
    """State variables at grid points 0..steps, shape (steps + 1,) each, and the grid points of spikes.

    ``arrivals`` are (grid point, receptor, weight); ``current`` is an electrode's in nA.
    """
    model.prepare(dt)
    for name, value in initial.items():
        model.state[name][:] = value
    traces = {name: [model.state[name][0]] for name in record}
    spikes = []
    electrode = None if current is None else np.array([current])
    for step in range(1, steps + 1):
        arriving = np.zeros((model.receptors, 1))
        for at, receptor, weight in arrivals:
            if at == step:
                arriving[receptor] += weight
        if len(model.advance(arriving, electrode)):
            spikes.append(step)
        for name in record:
            traces[name].append(model.state[name][0])
    return {name: np.array(values) for name, values in traces.items()}, spikes
