"""The networks of ``synaptile bench mapping``, in plain PyNN, and a chip for each that holds it with room to spare."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from synaptile.swsim.trace import Trace

from .networks import feed_forward, potjans_diesmann, vogels_abbott

__all__ = ["CASES", "LARGE", "Case", "trace_of"]


@dataclass(frozen=True)
class Case:
    """A network and its chip.

    Attributes
    ----------
    build
        Builds the network in a simulator's module.
    duration
        How long it runs for its spikes, in ms.
    chip
        Keys of the chip.
    """

    build: Callable[[Any], Any]
    duration: float
    chip: Mapping[str, Any] = field(default_factory=dict)


def _digits(sim: Any) -> None:
    """The demonstration's network, with its first twenty images."""
    from ..apps.digits import DigitsNetwork, train

    sim.setup(timestep=1.0, rng_seed=1)
    DigitsNetwork(sim, train(), 20)


def balanced_random(sim: Any) -> None:
    """800 excitatory and 200 inhibitory neurons, each with 80 and 20 presynaptic ones at random, and noise; 1 ms."""
    sim.setup(timestep=1.0, rng_seed=1)
    rng = np.random.default_rng(1)
    cells = sim.Population(1000, sim.IF_curr_exp(tau_m=20.0, tau_refrac=2.0))
    noise = sim.Population(1000, sim.SpikeSourcePoisson(rate=500.0))
    sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.6, delay=1.0))
    for start, stop, count, weight, receptor in (
        (0, 800, 80, 0.05, "excitatory"),
        (800, 1000, 20, -0.25, "inhibitory"),
    ):
        pairs = [
            (int(pre), post, weight, 1.0)
            for post in range(1000)
            for pre in rng.choice(np.arange(stop - start), count, replace=False)
        ]
        connector = sim.FromListConnector(pairs)
        sim.Projection(cells[start:stop], cells, connector, sim.StaticSynapse(), receptor_type=receptor)


_SIDES = (24, 12, 12, 6, 6)
_MAPS = (1, 8, 8, 16, 16)


def convolutional(sim: Any) -> None:
    """Five layers of maps, each neuron of which sees 3 × 3 neurons of every map below; 1 ms.

    Weights are positive and at random, such that all layers fire: it is the wiring that is of interest.
    """
    sim.setup(timestep=1.0, rng_seed=1)
    rng = np.random.default_rng(1)
    layers = [sim.Population(_SIDES[0] ** 2, sim.SpikeSourcePoisson(rate=60.0))]
    for number in range(1, len(_SIDES)):
        side, below = _SIDES[number], _SIDES[number - 1]
        layer = sim.Population(_MAPS[number] * side**2, sim.IF_curr_exp(tau_m=20.0, tau_refrac=5.0))
        step = below // side
        rows, inputs = [], 9 * _MAPS[number - 1]
        for post in range(layer.size):
            place = post % side**2
            row, col = divmod(place, side)
            for source in range(_MAPS[number - 1]):
                for down in (-1, 0, 1):
                    for along in (-1, 0, 1):
                        r, c = row * step + down, col * step + along
                        if 0 <= r < below and 0 <= c < below:
                            weight = rng.uniform(0.5, 1.5) * 18.0 / inputs
                            rows.append((source * below**2 + r * below + c, post, weight, 1.0))
        sim.Projection(layers[-1], layer, sim.FromListConnector(rows), sim.StaticSynapse())
        layers.append(layer)


def synfire_chain(sim: Any) -> None:
    """Twenty groups of fifty neurons, each exciting the next, in shuffled order, and a pulse every 25 ms; 1 ms."""
    sim.setup(timestep=1.0, rng_seed=1)
    order = np.random.default_rng(1).permutation(1000).reshape(20, 50)
    pulse = sim.Population(50, sim.SpikeSourceArray(spike_times=[25.0 * number + 1 for number in range(20)]))
    cells = sim.Population(1000, sim.IF_curr_delta(v_rest=0.0, v_reset=0.0, v_thresh=1.0, tau_refrac=2.0))
    cells.initialize(v=0.0)
    first = [(pre, int(post), 0.05, 1.0) for pre in range(50) for post in order[0]]
    sim.Projection(pulse, cells, sim.FromListConnector(first), sim.StaticSynapse())
    rows = [
        (int(pre), int(post), 0.05, 1.0)
        for group, following in itertools.pairwise(order)
        for pre in group
        for post in following
    ]
    sim.Projection(cells, cells, sim.FromListConnector(rows), sim.StaticSynapse())


def _chip(mesh: tuple[int, int], crossbar: str, **more: Any) -> dict[str, Any]:
    return {"mesh": mesh, "crossbar": crossbar, **more}


CASES: dict[str, Case] = {
    "digits": Case(_digits, 720.0, _chip((6, 6), "128x16")),
    "S_1000": Case(lambda sim: feed_forward(sim, (400, 400, 200), 25.0), 200.0, _chip((7, 7), "512x32")),
    "S_1500": Case(lambda sim: feed_forward(sim, (500, 500, 500), 25.0), 200.0, _chip((8, 8), "1024x32")),
    "S_2500": Case(lambda sim: feed_forward(sim, (900, 900, 700), 46.0), 50.0, _chip((8, 8), "2048x64")),
    "balanced random": Case(balanced_random, 200.0, _chip((8, 8), "2048x64")),
    "convolutional": Case(convolutional, 200.0, _chip((12, 12), "512x32")),
    "synfire chain": Case(synfire_chain, 500.0, _chip((8, 8), "256x32")),
    "Potjans-Diesmann 1 %": Case(lambda sim: potjans_diesmann(sim, 0.01), 50.0, _chip((8, 8), "1024x64")),
    "Vogels-Abbott": Case(lambda sim: vogels_abbott(sim, "current"), 100.0, _chip((10, 10), "4096x64")),
    "Potjans-Diesmann 10 %": Case(lambda sim: potjans_diesmann(sim, 0.1), 20.0, _chip((20, 20), "4096x64")),
    # Crossbars with 64 inputs for each neuron, as of DYNAP-SE: neurons are divided.
    "S_1000 on a tree": Case(
        lambda sim: feed_forward(sim, (400, 400, 200), 25.0), 100.0, _chip((16, 16), "64x64", topology="tree")
    ),
    "digits on a tree": Case(_digits, 720.0, _chip((6, 6), "32x16", topology="tree")),
}
"""The networks by name."""

LARGE = ("Vogels-Abbott", "Potjans-Diesmann 10 %", "S_1000 on a tree")
"""Those that take minutes, and are measured only if they are asked for."""


def trace_of(name: str) -> Trace:
    """Run a network in software, and return its spikes and connections."""
    import synaptile.swsim as sim

    case = CASES[name]
    case.build(sim)
    sim.run(case.duration)
    trace = sim.get_trace()
    sim.end()
    return trace
