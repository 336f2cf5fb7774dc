"""A recurrent network, to be compared between simulators: its connections, and statistics of its spikes."""

import numpy as np

__all__ = ["SECOND", "connections", "statistics"]

SECOND = 1000.0  # ms


def connections(n=1000, excitatory=800, probability=0.08, seed=7):
    """Vogels and Abbott's network, each neuron with 80 synapses onto it as in that of 4,000 neurons.

    The (pre, post) of all excitatory and of all inhibitory connections, and the potentials (mV) at the beginning.
    """
    random = np.random.default_rng(seed)
    connected = random.random((n, n)) < probability
    np.fill_diagonal(connected, False)
    pairs = [np.nonzero(connected[:excitatory]), np.nonzero(connected[excitatory:])]
    pairs[1] = pairs[1][0] + excitatory, pairs[1][1]
    return pairs, random.uniform(-60.0, -50.0, n)


def statistics(ids, times, n):
    """Rate (Hz, in a second) of every neuron, and the coefficient of variation of those with five spikes or more."""
    trains = [times[ids == i] for i in range(n)]
    intervals = [np.diff(train) for train in trains if len(train) >= 5]
    return np.array([len(train) for train in trains]), np.array([i.std() / i.mean() for i in intervals])
