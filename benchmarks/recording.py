"""Costs of recording ten million spikes and of reading them: ``python benchmarks/recording.py``.

The feed-forward network S_2500 runs until it has fired so often, stretch by stretch, in turn with the spikes kept and
with a log that forgets them. The median of the ratios is the cost of recording; an engine without a log there is not.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

import synaptile.swsim as sim
from synaptile.bridge.bench.networks import NETWORKS
from synaptile.swsim.recording.spike_log import SpikeLog


class _Forgetful(SpikeLog):
    """Takes spikes and keeps none."""

    def _add(self, steps: Any, neurons: Any) -> None:
        pass


def _memory(what: str) -> float:
    """``VmRSS`` or ``VmHWM`` of this process in MB; NaN where the system does not say."""
    status = Path("/proc/self/status")
    found = re.search(rf"{what}:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


def _timed(run: Any) -> tuple[float, Any]:
    begun = time.process_time()
    result = run()
    return time.process_time() - begun, result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="S_2500", choices=NETWORKS)
    parser.add_argument("--spikes", type=float, default=1e7)
    parser.add_argument("--stretch", type=float, default=2000.0, metavar="MS")
    args = parser.parse_args()
    populations = NETWORKS[args.network](sim)
    for population in populations:
        population.record("spikes")
    engine = sim.state.engine
    sim.run(args.stretch)
    kept, ratios, spent = engine.log, [], 0.0
    while len(kept) < args.spikes:
        with_log, _ = _timed(lambda: sim.run(args.stretch))
        engine.log = _Forgetful()
        without, _ = _timed(lambda: sim.run(args.stretch))
        engine.log = kept
        ratios.append(with_log / without)
        spent += with_log
    print(f"{args.network}: {len(kept)} spikes; a run takes {spent * 1e9 / len(kept):.0f} ns per spike")
    quarter = np.percentile(ratios, [25, 75])
    print(
        f"recording: {100 * (statistics.median(ratios) - 1):.1f} % of the run, the middle half of {len(ratios)} pairs "
        f"from {100 * (quarter[0] - 1):.1f} to {100 * (quarter[1] - 1):.1f} %"
    )
    one = max(populations, key=lambda population: len(population.get_spikes_array()[0]))
    count = len(one.get_spikes_array()[0])
    single = [_timed(one.get_spikes_array)[0] for _ in range(5)]
    arrays = [_timed(lambda: [population.get_spikes_array() for population in populations])[0] for _ in range(5)]
    print(
        f"as arrays: {1000 * statistics.median(single):.0f} ms for the {count} of one population, "
        f"{1000 * statistics.median(arrays):.0f} ms for those of all {len(populations)}"
    )
    before = _memory("VmRSS")
    took, blocks = _timed(lambda: [population.get_data("spikes") for population in populations])
    print(f"as Neo blocks: {took:.2f} s, {_memory('VmRSS') - before:.0f} MB more, {_memory('VmHWM'):.0f} MB at most")
    assert sum(len(block.segments[0].spiketrains) for block in blocks) == sum(p.size for p in populations)


if __name__ == "__main__":
    main()
