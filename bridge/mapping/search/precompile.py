"""Compiles the loops of the search beforehand, so that none within a time limit waits for the compiler."""

from __future__ import annotations

from functools import cache
from importlib import import_module

import numpy as np

from synaptile.swsim.trace import Trace

from ...config import ChipConfig, Crossbar
from ..network import Network
from ..partition.coarse import twins
from ..partition.effort import Effort
from ..partition.fitting import fitted
from .attempts import Attempts
from .automatic import search_automatically
from .objective import Objective

__all__ = ["precompile", "small_case"]


_NEURONS = 48


def small_case(topology: str, axons: int = _NEURONS) -> tuple[Network, ChipConfig]:
    """A network of as many sources as neurons with inputs, to which both have synapses, and a chip for it.

    By default its crossbars have an axon for each neuron; with 36, not any four neurons fit one.
    """
    neurons, each = _NEURONS, 12
    listeners = neurons // 2
    pre = np.repeat(np.arange(neurons, dtype=np.int32), each)
    trace = Trace(
        dt=1.0,
        steps=2,
        neurons=neurons,
        spike_neuron=np.arange(neurons, dtype=np.int32),
        spike_step=np.zeros(neurons, int),
        pre=pre,
        post=listeners + (7 * pre + np.tile(np.arange(each, dtype=np.int32), neurons)) % listeners,
        weight=np.ones(len(pre)),
        delay=np.ones(len(pre), int),
    )
    chip = ChipConfig(mesh=(4, 4), crossbar=Crossbar(axons=axons, neurons=4), topology=topology)
    return Network.of_trace(trace), chip


@cache
def precompile(topology: str, objective: str = "spike-hops") -> None:
    """Map a small network on a chip of this topology by the search's own choice of methods, once in a process.

    An ``objective`` of packets' ways has moves of single neurons, another an even load.

    Compiled code is kept on the machine (`compiled`), from where another process loads it.
    """
    import_module("numba")  # without it, little would run in Python
    for axons in (_NEURONS, 36):
        network, config = small_case(topology, axons)
        attempts = Attempts(network, network, config, Objective.of(objective), 0, None, None, None, None, [])
        for _ in search_automatically(attempts):
            pass
        # What only some networks need: a way out of clusters that do not fit, and groups with the same inputs.
        fitted(network, attempts.limits, np.zeros(network.neurons, np.int64), Effort(), cheapest=True)
        twins(network, 4)
