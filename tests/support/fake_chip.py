"""A chain of neurons and a fake chip, for tests of what runs in which step."""

import numpy as np

import synaptile.swsim as sim

__all__ = ["CHAIN", "FakeChip", "chain", "spikes"]


def spikes(trace):
    return list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True))


def chain(**setup):
    """A source that drives a chain of two neurons; returns the populations."""
    sim.setup(timestep=0.1, **setup)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 20.0]), label="source")
    cells = sim.Population(2, sim.IF_curr_delta(tau_refrac=1.0), label="cells")
    sim.Projection(source, cells[0:1], sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=0.5))
    sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=2.0))
    return source, cells


CHAIN = [(10, 0), (15, 1), (35, 2), (200, 0), (205, 1), (225, 2)]


class FakeChip:
    """Inter-tile arrivals some steps late, in any order; one tile per neuron unless `connect` says otherwise.

    Notes what it is asked: the wirings and traces, and the spikes by step.
    """

    def __init__(self, late=0):
        self.late = late
        self.wirings, self.traces, self.sent = [], [], {}

    def connect(self, tile, pre, post):
        """Take each neuron's tile, and the connections; nothing is under way then."""
        self.tile = np.asarray(tile, np.int32)
        self.targets = {}
        for source, target in zip(np.asarray(pre).tolist(), np.asarray(post).tolist(), strict=True):
            self.targets.setdefault(source, set()).add(int(self.tile[target]))
        self.under_way = {}

    def begin(self, wiring):
        self.wirings.append(wiring)
        self.connect(np.arange(wiring.neurons), wiring.pre, wiring.post)
        return self.tile

    @property
    def steps(self):
        return list(self.sent)

    def exchange(self, step, fired):
        self.sent[step] = fired.tolist()
        for neuron in fired.tolist():
            for tile in self.targets.get(neuron, ()):
                at = step if tile == self.tile[neuron] else step + self.late
                self.under_way.setdefault(at, []).append((neuron, tile))
        arrivals = self.under_way.pop(step, [])[::-1]
        return tuple(np.array([pair[i] for pair in arrivals], np.int32) for i in (0, 1))

    def end(self, trace):
        self.traces.append(trace())
