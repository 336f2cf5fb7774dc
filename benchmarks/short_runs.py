"""Many short runs in lock-step against one long one: ``python benchmarks/short_runs.py``.

A closed loop with a robot or a display calls ``run()`` in every step. 100,000 synapses on a 4 × 4 chip run for so many
steps, at once and step by step, in turn; processor time, and the median of the ratios. What is reported of the chip is
computed when it is asked for, and is not part of either.
"""

from __future__ import annotations

import argparse
import statistics
import time
from functools import partial

import synaptile.swsim as sim
from synaptile.bridge import Chip


def _seconds(runs: int, steps: int, *, compare: bool) -> float:
    """Processor seconds of so many runs of so many steps, after a first step that builds everything."""
    sim.setup(timestep=1.0, hardware=Chip(mesh=(4, 4), crossbar="4096x128", compare=compare), seed=1)
    sources = sim.Population(500, sim.SpikeSourcePoisson(rate=20.0))
    cells = sim.Population(1000, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=0.02, delay=1.0)
    sim.Projection(sources, cells, sim.FixedProbabilityConnector(0.2), synapse)
    sim.run(1.0)
    begun = time.process_time()
    for _ in range(runs):
        sim.run(float(steps))
    return time.process_time() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--compare", action="store_true", help="on a chip that compares its runs with software")
    args = parser.parse_args()
    seconds = partial(_seconds, compare=args.compare)
    seconds(1, 1)  # compiles the tile, if it has to be
    pairs = [(seconds(1, args.steps), seconds(args.steps, 1)) for _ in range(args.rounds)]
    long, short = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(short / long for long, short in pairs)
    print(f"run({args.steps}): {long:.3f} s, {args.steps} × run(1): {short:.3f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
