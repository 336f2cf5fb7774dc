"""CPU seconds per biological second, and build time, of six networks through PyNN.

Run ``python benchmarks/swsim.py --json out.json``; ``--repeat`` for more than three runs, ``--only`` for some networks,
``--numpy`` for the path without Numba. Medians; the first run of a network, which compiles, is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

import synaptile.swsim as sim
from synaptile.swsim.compiled import wanted


def feed_forward(sizes: tuple[int, int, int], rate: float) -> None:
    """Poisson sources and two layers of Izhikevich neurons, all-to-all, 1 ms.

    Sizes and rates are those of the S networks; weights are not printed, and such that all layers fire.
    """
    sim.setup(timestep=1.0, seed=1)
    sources = sim.Population(sizes[0], sim.SpikeSourcePoisson(rate=rate))
    middle, last = (sim.Population(n, sim.Izhikevich()) for n in sizes[1:])
    synapse = sim.StaticSynapse(weight=10_000.0 / (rate * sizes[0]), delay=1.0)
    sim.Projection(sources, middle, sim.AllToAllConnector(), synapse)
    sim.Projection(middle, last, sim.AllToAllConnector(), synapse)


def polychronous() -> None:
    """800 excitatory and 200 inhibitory Izhikevich neurons, 100 synapses each, and noise; 1 ms.

    Parameters of Izhikevich (2006), Neural Computation 18:245, without plasticity; delays of 1 ms (inhibition) and 1
    to 20 ms. In place of its thalamic input, one spike of 20 mV per millisecond to a random neuron, every neuron has a
    Poisson source of 1 Hz.
    """
    sim.setup(timestep=1.0, seed=1)
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


def vogels_abbott(kind: str) -> None:
    """4,000 leaky neurons, 2 % connected at random, 0.1 ms.

    Parameters of benchmarks 1 and 2 of Brette et al. (2007), J. Comput. Neurosci. 23:349, appendix B: a drive of 20 mV
    for currents (v_rest is -49 mV); for conductances 20 Poisson sources of 100 Hz for the first 50 ms, and initial
    conductances at random.
    """
    sim.setup(timestep=0.1, seed=1)
    rng = sim.NumpyRNG(seed=1)
    membrane = {"cm": 0.2, "tau_m": 20.0, "tau_refrac": 5.0, "v_thresh": -50.0, "v_reset": -60.0}
    receptors = {"tau_syn_E": 5.0, "tau_syn_I": 10.0}
    v = sim.RandomDistribution("uniform", (-60.0, -50.0), rng=rng)
    if kind == "current":
        cell = sim.IF_curr_exp(v_rest=-49.0, **membrane, **receptors)
        # 1.62 and -9 mV per spike, as currents through the leak of 10 nS.
        weights = (1.62e-2, -9.0e-2)
        initial = {"v": v}
    else:
        cell = sim.IF_cond_exp(v_rest=-60.0, e_rev_E=0.0, e_rev_I=-80.0, **membrane, **receptors)
        weights = (6e-3, 67e-3)
        g_exc, g_inh = (
            sim.RandomDistribution("normal_clipped", (mean, deviation, 0.0, 1.0), rng=rng)
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


def potjans_diesmann(scale: float = 0.1) -> None:
    """The cortical microcircuit with a share of its neurons and of all in-degrees; direct current input, 0.1 ms."""
    sim.setup(timestep=0.1, seed=1)
    rng, random = sim.NumpyRNG(seed=1), np.random.default_rng(1)
    weight = 0.0878
    populations = []
    for n, external in zip(_NEURONS, _EXTERNAL, strict=True):
        # The mean of 8 Hz from every external synapse: weight * tau_syn * rate * in-degree.
        drive = weight * 0.5 * 8.0 / 1000.0 * external
        cell = sim.IF_curr_exp(
            cm=0.25, tau_m=10.0, tau_refrac=2.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_syn_E=0.5,
            tau_syn_I=0.5, i_offset=drive,
        )  # fmt: skip
        v = sim.RandomDistribution("normal", (-58.0, 10.0), rng=rng)
        populations.append(sim.Population(int(n * scale), cell, initial_values={"v": v}))
    for i, post in enumerate(populations):
        for j, pre in enumerate(populations):
            if not _PROBABILITY[i][j]:
                continue
            full = _NEURONS[i] * _NEURONS[j]
            count = int(np.log(1 - _PROBABILITY[i][j]) / np.log(1 - 1 / full) * scale * scale)
            mean = weight * (1 if j % 2 == 0 else -4) * (2 if (i, j) == (0, 2) else 1)
            sizes = np.abs(random.normal(abs(mean), 0.1 * abs(mean), count)) * np.sign(mean)
            delays = np.maximum(random.normal(1.5 if j % 2 == 0 else 0.75, 0.75 if j % 2 == 0 else 0.375, count), 0.1)
            rows = np.stack([random.integers(0, pre.size, count), random.integers(0, post.size, count), sizes, delays])
            receptor = "excitatory" if j % 2 == 0 else "inhibitory"
            sim.Projection(pre, post, sim.FromListConnector(rows.T), sim.StaticSynapse(), receptor_type=receptor)


NETWORKS: dict[str, tuple[Callable[[], None], float]] = {
    "S_1000": (lambda: feed_forward((400, 400, 200), 25.0), 1000.0),
    "S_2500": (lambda: feed_forward((900, 900, 700), 46.0), 1000.0),
    "testKernel3": (polychronous, 1000.0),
    "Vogels-Abbott CUBA": (lambda: vogels_abbott("current"), 1000.0),
    "Vogels-Abbott COBA": (lambda: vogels_abbott("conductance"), 1000.0),
    "Potjans-Diesmann 10 %": (potjans_diesmann, 1000.0),
}
"""How to build each network, and for how many ms to run it."""


def measure(build: Callable[[], None], duration: float, repeat: int) -> dict[str, float]:
    """Medians of build and run times of a network, in s, and what it did."""
    begun = time.process_time()
    build()
    built = time.process_time() - begun
    sim.run(sim.get_time_step())
    times = []
    for _ in range(repeat):
        sim.reset()
        sim.run(sim.get_time_step())
        begun = time.process_time()
        sim.run(duration)
        times.append(time.process_time() - begun)
    trace = sim.get_trace()
    return {
        "build_s": built,
        "cpu_s_per_biological_s": statistics.median(times) / duration * 1000.0,
        "neurons": trace.neurons,
        "synapses": trace.synapses,
        "spikes": trace.spikes,
    }


def main() -> None:
    """Measure and print, and write a file if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(NETWORKS), default=list(NETWORKS))
    parser.add_argument("--numpy", action="store_true", help="without Numba")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.numpy:
        os.environ["SYNAPTILE_NUMBA"] = "0"
    results = {}
    for name in args.only:
        results[name] = measure(*NETWORKS[name], args.repeat)
        r = results[name]
        print(
            f"{name:22} {r['cpu_s_per_biological_s']:8.4f} s/s  built in {r['build_s']:6.2f} s  "
            f"{r['neurons']:6d} neurons {r['synapses']:9d} synapses {r['spikes']:8d} spikes"
        )
    if args.json:
        found = {
            "networks": results,
            "compiled": wanted(),
            "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "python": platform.python_version(),
            "versions": {package: version(package) for package in ("synaptile", "numpy", "numba", "PyNN")},
        }
        args.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
