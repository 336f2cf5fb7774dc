"""Lock-step against its parts: ``python benchmarks/lock_step.py``.

A network runs in software alone, on a chip in lock-step, and its packets alone through the same engine, all from the
same point on and for the same time, in turn in one process. What is printed are the medians of processor seconds per
biological second, and of lock-step's ratio to the sum of the other two in the same turn; then what starting the engine
took, and what putting the report of the run together took, as a part of the run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from pyNN.random import NumpyRNG, RandomDistribution

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.bench.networks import NETWORKS
from synaptile.bridge.engines import make_engine
from synaptile.bridge.engines.base import Engine, Packets
from synaptile.bridge.session import network_params
from synaptile.swsim.trace import Trace

_FIRST = 10.0  # ms, in which everything is built


def random_network(*, plastic: bool = False, **hardware: Any) -> None:
    """1,000 neurons of which 200 are sources, 40,000 synapses, those among neurons plastic on demand; 1 ms."""
    sim.setup(timestep=1.0, seed=1, **hardware)
    sources = sim.Population(200, sim.SpikeSourcePoisson(rate=15.0), label="sources")
    cells = sim.Population(800, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.915), label="cells")
    cells.initialize(v=RandomDistribution("uniform", (-65.0, -50.0), rng=NumpyRNG(3)))
    for label, pre, weight in (("in", sources, 0.1), ("among", cells, 0.01)):
        connector = sim.FixedNumberPreConnector(25, rng=NumpyRNG(4))
        delay = RandomDistribution("uniform_int", (1, 5), rng=NumpyRNG(5))
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        if plastic and label == "among":
            timing, dependence = sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=2 * weight)
            synapse = sim.STDPMechanism(timing, dependence, weight=weight, delay=delay)
        sim.Projection(pre, cells, connector, synapse, label=label)


def s_2500(**hardware: Any) -> None:
    """2,500 neurons in three layers, 1.44 million synapses, of `synaptile bench swsim`; 1 ms."""
    setup = sim.setup
    try:
        sim.setup = lambda **options: setup(seed=1, **{k: v for k, v in options.items() if k != "rng_seed"}, **hardware)
        NETWORKS["S_2500"](sim)
    finally:
        sim.setup = setup


CASES: dict[str, tuple[Callable[..., None], dict[str, Any]]] = {
    "1,000 neurons": (random_network, {"mesh": (6, 6), "crossbar": "4096x28"}),
    "1,000 neurons, STDP": (partial(random_network, plastic=True), {"mesh": (6, 6), "crossbar": "4096x28"}),
    "S_2500": (s_2500, {"mesh": (6, 6), "crossbar": "4096x128"}),
}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def _software(build: Callable[..., None], duration: float) -> float:
    build()
    sim.run(_FIRST)
    return _timed(lambda: sim.run(duration))[0]


def _lock_step(build: Callable[..., None], duration: float, options: dict[str, Any]) -> tuple[float, Chip, Trace]:
    chip = Chip(partition="in-order", placement="in-order", **options)
    build(hardware=chip)
    sim.run(_FIRST)
    return _timed(lambda: sim.run(duration))[0], chip, sim.get_trace()


def _engine_of(chip: Chip) -> Engine:
    return make_engine("compiled", network_params(chip.config))


def _engine_alone(chip: Chip, packets: Packets, steps: int) -> float:
    """Processor seconds for the cycles of the packets that a chip sent, all of them given before."""
    engine = _engine_of(chip)
    begin = (int(_FIRST) + 1) * chip.config.cycles_per_step
    engine.inject(packets)
    engine.run(begin)
    return _timed(lambda: engine.run(begin + steps * chip.config.cycles_per_step))[0]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--duration", type=float, default=1000.0, help="ms")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    per_second = 1000.0 / args.duration
    for name in args.cases:
        build, options = CASES[name]
        rows, shares, packets = [], [], 0
        _lock_step(build, 1.0, options)  # compiles what has to be
        for _ in range(args.rounds):
            software = _software(build, args.duration)
            together, chip, trace = _lock_step(build, args.duration, options)
            report, run = _timed(chip.report)
            report += _timed(run.metrics.to_dict)[0]
            packets = len(run.packets)
            alone = _engine_alone(chip, run.packets, int(args.duration))
            rows.append((software, alone, together))
            shares.append(report / together)
        start = statistics.median(_timed(lambda chip=chip: _engine_of(chip).run(1))[0] for _ in range(5))
        software, alone, together = (statistics.median(column) * per_second for column in zip(*rows, strict=True))
        ratio = statistics.median(both / (one + other) for one, other, both in rows)
        print(f"{name}: {trace.spikes:,} spikes, {packets:,} packets in {args.duration + _FIRST:g} ms; s/s")
        print(f"  software {software:.4f}, engine alone {alone:.4f}, lock-step {together:.4f}, ratio {ratio:.2f}")
        print(f"  engine start {start:.2f} s, report {statistics.median(shares):.2f} of the run")
        for path in map(str, sim.execution_paths()):
            print(f"  {path}")


if __name__ == "__main__":
    main()
