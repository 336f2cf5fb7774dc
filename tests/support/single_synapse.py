"""One plastic synapse, driven by spikes in chosen steps."""

import numpy as np

from synaptile.swsim.base.random_streams import streams
from synaptile.swsim.plasticity.stdp import PairRule
from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer

__all__ = ["DT", "PAIR", "run", "synapse", "weight"]

DT = 0.5
PAIR = {"tau_plus": 15.0, "tau_minus": 30.0, "A_plus": 0.01, "A_minus": 0.012, "w_min": 0.0, "w_max": 2.0}
VOGELS = {"tau": 20.0, "eta": 0.01, "rho": 3.0, "w_min": 0.0, "w_max": 10.0}


def synapse(rule=PairRule, dependence="additive", delay=1, fraction=1.0, weight=1.0, negative=False, **parameters):
    """One synapse from neuron 0 to neuron 1."""
    one = np.zeros(1, np.int32)
    synapses = Synapses(one, one + 1, np.zeros(1, np.int8), np.array([weight]), one + delay)
    values = (PAIR if rule is PairRule else VOGELS) | {"dendritic_delay_fraction": fraction} | parameters
    arrays = {name: np.array([float(value)]) for name, value in values.items()}
    stream = streams(np.random.SeedSequence(0), 1)
    return rule(synapses, arrays, DT, stream, WEIGHT_DEPENDENCES[dependence], negative=negative)


def run(model, pre, post, until=None):
    """Drive both sides with spikes in some steps, the first as often as a step is there.

    Returns the input that arrives, by step.
    """
    until = max([*pre, *post], default=0) + 60 if until is None else until
    line = RingBuffer(2, int(model.synapses.delay[0]))
    model.prepare(np.zeros(2, np.int32), line)
    arrived = {}
    for step in range(until + 1):
        if step > 0:
            model.begin(step, line)
            weight = line.advance()[0, 1]
            if weight:
                arrived[step] = float(weight)
        neurons = np.zeros(pre.count(step), np.int32)
        spikes = np.array([*neurons, *[1] * (step in post)], np.int32)
        model.arrive(step, line, neurons, np.zeros(len(neurons), np.int32))
        model.fire(step, spikes)
    return arrived


def weight(model):
    """The weight now."""
    return float(model.synapses.weight[0])
