"""Plastic networks beside the static one: ``python benchmarks/plastic_networks.py``.

Vogels and Abbott's 4,000 leaky neurons with currents at 0.1 ms, whose excitatory-excitatory synapses are of one kind or
another. All networks take turns in one process; what is printed are the medians of wall and processor seconds per
biological second, and the median of the ratios to the static network of the same turn. ``--numpy`` adds the same
without compiled loops, in turns of its own process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from pyNN.random import NumpyRNG, RandomDistribution

import synaptile.swsim as sim

_EXCITATORY, _INHIBITORY = 1.62e-2, -9.0e-2  # nA
_W_MAX = 2 * _EXCITATORY
_DELAY = 0.2  # ms


def _timed(rule: Any, dependence: Any = None) -> Any:
    dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=_W_MAX) if dependence is None else dependence
    return sim.STDPMechanism(rule, dependence, weight=_EXCITATORY, delay=_DELAY)


def _pairs() -> Any:
    return sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.012)


def _defined() -> Any:
    rule = sim.define_synapse(
        "Traced",
        parameters={"tau": 20.0, "up": 3e-4, "down": 3.6e-4, "top": _W_MAX},
        variables={"x": 0.0, "y": 0.0},
        equations="dx/dt = -x / tau; dy/dt = -y / tau",
        on_pre="w = clip(w - down * y, 0, top); x += 1",
        on_post="w = clip(w + up * x, 0, top); y += 1",
        transmit="w",
        positive=["tau"],
    )
    return rule(weight=_EXCITATORY, delay=_DELAY)


KINDS: dict[str, Callable[[], Any]] = {
    "static": lambda: sim.StaticSynapse(weight=_EXCITATORY, delay=_DELAY),
    "STDP, additive": lambda: _timed(_pairs()),
    "STDP, multiplicative": lambda: _timed(_pairs(), sim.MultiplicativeWeightDependence(w_min=0.0, w_max=_W_MAX)),
    "STDP, triplets": lambda: _timed(sim.TripletRule()),
    "STDP, reward": lambda: _timed(sim.RewardModulatedRule(A_plus=0.01, A_minus=0.012)),
    "Tsodyks-Markram": lambda: sim.TsodyksMarkramSynapse(
        U=0.5, tau_rec=100.0, tau_facil=10.0, weight=_W_MAX, delay=_DELAY
    ),
    "stochastic": lambda: sim.SimpleStochasticSynapse(p=0.5, weight=_W_MAX, delay=_DELAY),
    "quantal": lambda: sim.MultiQuantalSynapse(U=0.5, n=3, tau_rec=100.0, tau_facil=10.0, weight=_W_MAX, delay=_DELAY),
    "defined": _defined,
    "gap junctions": KeyError,
    "electrodes": KeyError,
}
"""The excitatory-excitatory synapses by name; the last two are static ones, and something else besides."""


def build(kind: str) -> None:
    """Build the network with synapses of that kind."""
    sim.setup(timestep=0.1, rng_seed=1)
    rng = NumpyRNG(seed=1)
    cell = sim.IF_curr_exp(
        v_rest=-49.0, cm=0.2, tau_m=20.0, tau_refrac=5.0, v_thresh=-50.0, v_reset=-60.0, tau_syn_E=5.0, tau_syn_I=10.0
    )
    cells = sim.Population(4000, cell, initial_values={"v": RandomDistribution("uniform", (-60.0, -50.0), rng=rng)})
    excitatory, inhibitory = cells[:3200], cells[3200:]
    other = kind in ("gap junctions", "electrodes")
    synapse = KINDS["static" if other else kind]()
    for pre, post, own, receptor in (
        (excitatory, excitatory, synapse, "excitatory"),
        (excitatory, inhibitory, KINDS["static"](), "excitatory"),
        (inhibitory, cells, sim.StaticSynapse(weight=_INHIBITORY, delay=_DELAY), "inhibitory"),
    ):
        sim.Projection(pre, post, sim.FixedProbabilityConnector(0.02, rng=rng), own, receptor_type=receptor)
    if kind == "gap junctions":
        pairs = sim.FixedProbabilityConnector(0.002, rng=rng)
        sim.Projection(inhibitory, inhibitory, pairs, sim.ElectricalSynapse(weight=1e-4))
    if kind == "electrodes":
        for source in (
            sim.DCSource(amplitude=0.01),
            sim.StepCurrentSource(times=[100.0, 500.0], amplitudes=[0.01, 0.0]),
            sim.ACSource(amplitude=0.01, frequency=40.0),
            sim.NoisyCurrentSource(mean=0.0, stdev=0.01, dt=0.1),
        ):
            source.inject_into(cells)


def measure(kinds: list[str], duration: float, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return wall and processor seconds per biological second of each kind, in turns."""
    taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in kinds:
            build(kind)
            sim.run(50.0)
            wall, processor = time.perf_counter(), time.process_time()
            sim.run(duration)
            seconds = time.perf_counter() - wall, time.process_time() - processor
            taken[kind].append((seconds[0] * 1000.0 / duration, seconds[1] * 1000.0 / duration))
    return taken


def _without_numba(kinds: list[str], duration: float) -> dict[str, list[tuple[float, float]]]:
    command = [sys.executable, __file__, "--as-json", "--rounds", "1", "--duration", str(duration), "--kinds", *kinds]
    environment = {**os.environ, "SYNAPTILE_NUMBA": "0"}
    found = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    taken: dict[str, list[tuple[float, float]]] = json.loads(found.stdout)
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS, metavar="KIND")
    parser.add_argument("--duration", type=float, default=1000.0, metavar="MS")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--numpy", action="store_true", help="the same in NumPy as well, for a fifth of the time")
    parser.add_argument("--as-json", action="store_true")
    args = parser.parse_args()
    kinds = ["static", *(kind for kind in args.kinds if kind != "static")]
    taken = measure(kinds, args.duration, args.rounds)
    if args.as_json:
        print(json.dumps(taken))
        return
    slow = _without_numba(kinds, args.duration / 5) if args.numpy else None
    more = "" if slow is None else f" {'NumPy, processor':>17} {'ratio':>6}"
    print(f"{'synapses':22} {'wall, s/s':>10} {'processor':>10} {'× static':>9}{more}")
    for kind in kinds:
        wall, processor = (statistics.median(column) for column in zip(*taken[kind], strict=True))
        ratio = statistics.median(own[1] / static[1] for own, static in zip(taken[kind], taken["static"], strict=True))
        line = f"{kind:22} {wall:10.4f} {processor:10.4f} {ratio:9.2f}"
        if slow is not None:
            line += f" {slow[kind][0][1]:17.3f} {slow[kind][0][1] / processor:6.1f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
