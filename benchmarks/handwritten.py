"""The NumPy path beside a program written by hand: ``python benchmarks/handwritten.py``.

Vogels and Abbott's network with conductances (2005, J. Neurosci. 25:10786; 4,000 neurons, 0.1 ms), once through PyNN
with Numba switched off, and once as one would write it for this network alone: arrays in place, an Euler step of
first order, nothing recorded but the number of spikes. Stretches of both take turns in one process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import numpy as np

NEURONS, EXCITATORY, STEP = 4000, 3200, 0.1
PROBABILITY, WEIGHTS, DECAYS, REVERSALS = 0.02, (6e-3, 67e-3), (5.0, 10.0), (0.0, -80.0)  # uS, ms, mV
CAPACITY, LEAK, REST, THRESHOLD, REFRACTORY, DELAY = 0.2, 20.0, -60.0, -50.0, 50, 2  # nF, ms, mV, mV, steps, steps


class ByHand:
    """The network as NumPy arrays and one loop."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._targets = [np.flatnonzero(random.random(NEURONS) < PROBABILITY) for _ in range(NEURONS)]
        self._v = random.uniform(REST, THRESHOLD, NEURONS)
        self._g = [random.uniform(0.0, high, NEURONS) for high in (0.02, 0.1)]
        self._refractory = np.zeros(NEURONS, np.int64)
        self._fired = [np.empty(0, np.int64)] * DELAY
        self._change, self._flow = np.empty((2, NEURONS))
        self.spikes = 0

    def run(self, duration: float) -> None:
        """Run for ``duration`` ms."""
        v, refractory, change, flow = self._v, self._refractory, self._change, self._flow
        decays = [np.exp(-STEP / tau) for tau in DECAYS]
        for _ in range(round(duration / STEP)):
            np.subtract(REST, v, out=change)
            change *= STEP / LEAK
            for g, reversal in zip(self._g, REVERSALS, strict=True):
                np.subtract(reversal, v, out=flow)
                flow *= g
                flow *= STEP / CAPACITY
                change += flow
            v += change
            arriving = self._fired.pop(0)
            parts = arriving[arriving < EXCITATORY], arriving[arriving >= EXCITATORY]
            for g, decay, part, weight in zip(self._g, decays, parts, WEIGHTS, strict=True):
                g *= decay
                if len(part):
                    np.add.at(g, np.concatenate([self._targets[neuron] for neuron in part]), weight)
            waiting = np.flatnonzero(refractory > 0)
            refractory[waiting] -= 1
            v[waiting] = REST
            fired = np.flatnonzero(v >= THRESHOLD)
            v[fired] = REST
            refractory[fired] = REFRACTORY
            self._fired.append(fired)
            self.spikes += len(fired)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stretch", type=float, default=100.0, metavar="MS")
    parser.add_argument("--count", type=int, default=60)
    args = parser.parse_args()
    os.environ["SYNAPTILE_NUMBA"] = "0"
    import synaptile.swsim as sim
    from synaptile.bridge.bench.networks import NETWORKS

    ours, by_hand = NETWORKS["Vogels-Abbott COBA"](sim), ByHand(1)
    for population in ours:
        population.record("spikes")
    runs = {"synaptile, NumPy": sim.run, "by hand": by_hand.run}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run(300.0)
    before = len(sim.state.engine.log), by_hand.spikes
    for _ in range(args.count):
        for name, run in runs.items():
            begun = time.process_time()
            run(args.stretch)
            taken[name].append((time.process_time() - begun) * 1000.0 / args.stretch)
    seconds = args.count * args.stretch / 1000.0
    fired = len(sim.state.engine.log) - before[0], by_hand.spikes - before[1]
    for (name, times), spikes in zip(taken.items(), fired, strict=True):
        rate = spikes / seconds / NEURONS
        print(f"{name:18} {statistics.median(times):.3f} s/s (least {min(times):.3f}), {rate:.1f} spikes/s per neuron")
    ratios = [a / b for a, b in zip(*taken.values(), strict=True)]
    low, middle, high = np.percentile(ratios, [25, 50, 75])
    print(f"ratio              {middle:.2f}, the middle half of {len(ratios)} pairs from {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
