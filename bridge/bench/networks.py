"""The networks of ``synaptile bench swsim``, written in plain PyNN, and a measurement of one of them.

Each network is built by a function of the simulator's PyNN module, and measured in a process of its own, so that its
memory is known and simulators do not affect each other. This file imports nothing of synaptile: run as a script, it
measures a peer with that peer's own Python.
"""

from __future__ import annotations

import importlib
import json
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution

__all__ = ["LARGE", "MODULES", "NETWORKS", "measure_network", "peak_memory"]

MODULES = {"synaptile": "synaptile.swsim", "nest": "pyNN.nest", "brian2": "pyNN.brian2"}
"""The PyNN module of each simulator."""


def two_neurons(sim: Any) -> list[Any]:
    """One Poisson source and one Izhikevich neuron, to measure a simulator's overhead; 1 ms."""
    sim.setup(timestep=1.0, rng_seed=1)
    source = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
    cell = sim.Population(1, sim.Izhikevich())
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
    return [source, cell]


def feed_forward(sim: Any, sizes: tuple[int, int, int], rate: float) -> list[Any]:
    """Poisson sources and two layers of Izhikevich neurons, all-to-all, 1 ms.

    Sizes and rates are those of the S networks; weights are not printed, and such that all layers fire.
    """
    sim.setup(timestep=1.0, rng_seed=1)
    sources = sim.Population(sizes[0], sim.SpikeSourcePoisson(rate=rate))
    middle, last = (sim.Population(n, sim.Izhikevich()) for n in sizes[1:])
    synapse = sim.StaticSynapse(weight=10_000.0 / (rate * sizes[0]), delay=1.0)
    sim.Projection(sources, middle, sim.AllToAllConnector(), synapse)
    sim.Projection(middle, last, sim.AllToAllConnector(), synapse)
    return [sources, middle, last]


def polychronous(sim: Any) -> list[Any]:
    """800 excitatory and 200 inhibitory Izhikevich neurons, 100 synapses each, and noise; 1 ms.

    Parameters of Izhikevich (2006), Neural Computation 18:245, without plasticity; delays of 1 ms (inhibition) and 1
    to 20 ms. In place of its thalamic input, one spike of 20 mV per millisecond to a random neuron, every neuron has a
    Poisson source of 1 Hz.
    """
    sim.setup(timestep=1.0, rng_seed=1)
    random = np.random.default_rng(1)
    excitatory = sim.Population(800, sim.Izhikevich(a=0.02, d=8.0))
    inhibitory = sim.Population(200, sim.Izhikevich(a=0.1, d=2.0))
    both = excitatory + inhibitory
    for pre, size, weight, delays, receptor in (
        (excitatory, 1000, 6.0, 20, "excitatory"),
        (inhibitory, 800, -5.0, 1, "inhibitory"),
    ):
        rows = [
            (i, j, weight, float(random.integers(1, delays + 1)))
            for i in range(pre.size)
            for j in random.choice(size, 100, replace=False)
        ]
        post = both if size == 1000 else excitatory
        sim.Projection(pre, post, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor)
    noise = sim.Population(1000, sim.SpikeSourcePoisson(rate=1.0))
    sim.Projection(noise, both, sim.OneToOneConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
    return [excitatory, inhibitory, noise]


def vogels_abbott(sim: Any, kind: str) -> list[Any]:
    """4,000 leaky neurons, 2 % connected at random, 0.1 ms.

    Parameters of benchmarks 1 and 2 of Brette et al. (2007), J. Comput. Neurosci. 23:349, appendix B: a drive of 20 mV
    for currents (v_rest is -49 mV); for conductances 20 Poisson sources of 100 Hz for the first 50 ms, and initial
    conductances at random.
    """
    sim.setup(timestep=0.1, rng_seed=1)
    rng = NumpyRNG(seed=1)
    membrane = {"cm": 0.2, "tau_m": 20.0, "tau_refrac": 5.0, "v_thresh": -50.0, "v_reset": -60.0}
    receptors = {"tau_syn_E": 5.0, "tau_syn_I": 10.0}
    v = RandomDistribution("uniform", (-60.0, -50.0), rng=rng)
    if kind == "current":
        cell = sim.IF_curr_exp(v_rest=-49.0, **membrane, **receptors)
        # 1.62 and -9 mV per spike, as currents through the leak of 10 nS.
        weights = (1.62e-2, -9.0e-2)
        initial = {"v": v}
    else:
        cell = sim.IF_cond_exp(v_rest=-60.0, e_rev_E=0.0, e_rev_I=-80.0, **membrane, **receptors)
        weights = (6e-3, 67e-3)
        g_exc, g_inh = (
            RandomDistribution("normal_clipped", (mean, deviation, 0.0, 1.0), rng=rng)
            for mean, deviation in ((0.04, 0.015), (0.2, 0.12))
        )
        initial = {"v": v, "gsyn_exc": g_exc, "gsyn_inh": g_inh}
    cells = sim.Population(4000, cell, initial_values=initial)
    for pre, weight, receptor in (
        (cells[:3200], weights[0], "excitatory"),
        (cells[3200:], weights[1], "inhibitory"),
    ):
        connector = sim.FixedProbabilityConnector(0.02, rng=rng)
        synapse = sim.StaticSynapse(weight=weight, delay=0.2)
        sim.Projection(pre, cells, connector, synapse, receptor_type=receptor)
    if kind == "conductance":
        start = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=50.0))
        connector = sim.FixedProbabilityConnector(0.1, rng=rng)
        sim.Projection(start, cells, connector, sim.StaticSynapse(weight=weights[0], delay=0.2))
        return [cells, start]
    return [cells]


# Potjans and Diesmann (2014), Cereb. Cortex 24:785, tables 4 and 5: neurons, connection probabilities (to, from),
# external in-degrees, in the order L2/3E, L2/3I, L4E, L4I, L5E, L5I, L6E, L6I.
_NEURONS = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
_EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
_PROBABILITY = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
)
_WEIGHT, _TAU_SYN, _EXTERNAL_RATE = 0.0878, 0.5, 8.0  # nA, ms, Hz of each external synapse
# Hz of each population in the full network: network_params.py of the example Potjans_2014 that NEST comes with.
_RATES = (0.943, 3.026, 4.368, 5.882, 7.733, 8.664, 1.096, 7.851)


def _mean_weight(post: int, pre: int) -> float:
    """The mean weight of a projection in nA: inhibition is four times as strong, and L4E to L2/3E twice."""
    return _WEIGHT * (1 if pre % 2 == 0 else -4) * (2 if (post, pre) == (0, 2) else 1)


def _synapses(post: int, pre: int) -> float:
    """The number of synapses of a projection in the full network."""
    return float(np.log(1 - _PROBABILITY[post][pre]) / np.log(1 - 1 / (_NEURONS[post] * _NEURONS[pre])))


def potjans_diesmann(
    sim: Any, scale: float = 0.1, in_degrees: float | None = None, external: float | None = None
) -> list[Any]:
    """The cortical microcircuit with a share of its neurons and in-degrees, and its Poisson input; 0.1 ms.

    Every neuron has a Poisson source in the place of all its external synapses, which at full in-degree fires once or
    twice in a step. Weights grow by the root of the share that is left of the in-degrees, and a current makes up for
    what is lacking of the mean, so that mean and variance of the input stay those of the full network: van Albada,
    Helias and Diesmann (2015), PLoS Comput. Biol. 11:e1004490. ``scale`` is the share of neurons, and by default also
    those of ``in_degrees`` and of ``external`` in-degrees.
    """
    in_degrees = scale if in_degrees is None else in_degrees
    external = scale if external is None else external
    sim.setup(timestep=0.1, rng_seed=1)
    rng = NumpyRNG(seed=1)
    populations = []
    for i, (n, in_degree) in enumerate(zip(_NEURONS, _EXTERNAL, strict=True)):
        recurrent = sum(_mean_weight(i, j) * _synapses(i, j) / n * _RATES[j] for j in range(len(_NEURONS)))
        missing = (1 - in_degrees**0.5) * recurrent + (1 - external**0.5) * _WEIGHT * in_degree * _EXTERNAL_RATE
        cell = sim.IF_curr_exp(
            cm=0.25, tau_m=10.0, tau_refrac=2.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_syn_E=_TAU_SYN,
            tau_syn_I=_TAU_SYN, i_offset=missing * _TAU_SYN / 1000.0,
        )  # fmt: skip
        v = RandomDistribution("normal", (-58.0, 10.0), rng=rng)
        populations.append(sim.Population(int(n * scale), cell, initial_values={"v": v}))
    for population, in_degree in zip(populations, _EXTERNAL, strict=True):
        noise = sim.Population(population.size, sim.SpikeSourcePoisson(rate=_EXTERNAL_RATE * in_degree * external))
        synapse = sim.StaticSynapse(weight=_WEIGHT / external**0.5, delay=1.5)
        sim.Projection(noise, population, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
    for i, post in enumerate(populations):
        for j, pre in enumerate(populations):
            if not _PROBABILITY[i][j]:
                continue
            mean = _mean_weight(i, j) / in_degrees**0.5
            bounds = (0.0, np.inf) if mean > 0 else (-np.inf, 0.0)
            size = RandomDistribution("normal_clipped", (mean, 0.1 * abs(mean), *bounds), rng=rng)
            delay = RandomDistribution(
                "normal_clipped", (1.5, 0.75, 0.1, 10.0) if j % 2 == 0 else (0.75, 0.375, 0.1, 10.0), rng=rng
            )
            receptor = "excitatory" if j % 2 == 0 else "inhibitory"
            connector = sim.FixedTotalNumberConnector(
                int(_synapses(i, j) * scale * in_degrees), with_replacement=True, rng=rng
            )
            synapse = sim.StaticSynapse(weight=size, delay=delay)
            sim.Projection(pre, post, connector, synapse, receptor_type=receptor)
    return populations


NETWORKS: dict[str, Callable[[Any], list[Any]]] = {
    "testKernel1": two_neurons,
    "S_1000": lambda sim: feed_forward(sim, (400, 400, 200), 25.0),
    "S_2500": lambda sim: feed_forward(sim, (900, 900, 700), 46.0),
    "testKernel3": polychronous,
    "Vogels-Abbott CUBA": lambda sim: vogels_abbott(sim, "current"),
    "Vogels-Abbott COBA": lambda sim: vogels_abbott(sim, "conductance"),
    "Potjans-Diesmann 10 %": potjans_diesmann,
    # With all external in-degrees a biological second would have a billion of their spikes, and all spikes are kept.
    "Potjans-Diesmann": lambda sim: potjans_diesmann(sim, 1.0, external=0.1),
}
"""Builders of the networks: each takes the simulator's module and returns the populations."""

LARGE = ("Potjans-Diesmann",)
"""Networks that need many gigabytes, and are measured only if they are asked for."""


def measure_network(simulator: str, network: str, *, duration: float, repeat: int) -> dict[str, float]:
    """Build a network, and run it for some stretches of ``duration`` ms one after the other, all spikes recorded.

    A first run of one step, in which simulators compile and arrange, is in none of the times.

    Returns
    -------
    Processor seconds of the import and of building, the median of the runs as processor seconds per biological second,
    the neurons and the spikes of all runs, and the largest resident memory of the process in MB.
    """
    begun = time.process_time()
    sim = importlib.import_module(MODULES[simulator])
    imported = time.process_time()
    populations = NETWORKS[network](sim)
    built = time.process_time()
    for population in populations:
        population.record("spikes")
    sim.run(sim.get_time_step())
    times = []
    for _ in range(repeat):
        start = time.process_time()
        sim.run(duration)
        times.append(time.process_time() - start)
    memory = peak_memory()
    return {
        "import_seconds": imported - begun,
        "build_seconds": built - imported,
        "seconds_per_second": statistics.median(times) / duration * 1000.0,
        "neurons": sum(population.size for population in populations),
        "spikes": _spikes(populations),
        "memory_mb": memory,
    }


def _spikes(populations: list[Any]) -> int:
    """All recorded spikes."""
    if hasattr(populations[0], "get_spikes_array"):
        return sum(len(population.get_spikes_array()[0]) for population in populations)
    return sum(
        len(train) for population in populations for train in population.get_data("spikes").segments[0].spiketrains
    )


def peak_memory() -> float:
    """The largest resident set of this process in MB.

    On Linux not what ``getrusage`` says, which a process inherits from the one that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    name, network, milliseconds, repetitions = sys.argv[1:]
    # The last line of the output: simulators print lines of their own.
    print(json.dumps(measure_network(name, network, duration=float(milliseconds), repeat=int(repetitions))))
