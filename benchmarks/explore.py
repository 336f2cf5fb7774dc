"""How long a study's trials take beyond the simulation: the digits of the demonstration on chips of 16 tiles.

python benchmarks/explore.py --trials 1000 --workers 2

Prints the seconds in all, those that the chips' simulation took in the workers, and what a trial costs besides: in the
worker (the chip's configuration, the numbers, the cache), and in the process that chooses points and writes them down.

python benchmarks/explore.py --trials 60 --dask 3

The same trials on Dask clusters of one and of two workers, in turn, so many rounds: what two gain. The clusters are
there, and their workers have run trials, before the time is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from synaptile.bridge.explore import Exploration, Study, explore
from synaptile.bridge.explore.running.workers import dask_executor


def digits_trace(path: Path, images: int) -> None:
    """Run the network in software and save its trace."""
    import synaptile.swsim as sim
    from synaptile.bridge.apps.digits import DigitsNetwork, train

    sim.setup(timestep=1.0)
    network = DigitsNetwork(sim, train(0), images)
    sim.run(network.duration)
    sim.get_trace().save(path)


def study_of(trace: Path, trials: int, sampler: str) -> Study:
    """Return the study: sizes of buffers, mappings, cycles of a step."""
    return Study(
        name="digits",
        trace=str(trace),
        chip={"preset": "demo", "crossbar": "128x16"},
        space={
            "buffer_depth": {"choice": [2, 4, 8]},
            "mesh": {"choice": ["4x4", "2x8", "8x2"]},
            "partition": {"choice": ["in-order", "km1"]},
            "placement": {"choice": ["in-order", "optimised"]},
            "cycles_per_step": {"range": [24, 128]},
            "seed": {"range": [0, 99]},
        },
        objectives=["latency_mean", "energy"],
        constraints=["late_spikes <= 100000"],
        sampler=sampler,
        trials=trials,
    )


def figures(found: Exploration, seconds: float, workers: int) -> dict[str, float | int | str]:
    """Return what was measured."""
    run = [trial.outcome for trial in found.finished if trial.outcome is not None and trial.same_as is None]
    simulated, busy = sum(one.simulated for one in run), sum(one.seconds for one in run)
    return {
        "trials": len(found.finished),
        "run": len(run),
        "workers": workers,
        "cores": os.cpu_count() or 0,
        "load": os.getloadavg()[0],
        "seconds": round(seconds, 1),
        "simulation_s": round(simulated, 1),
        "ms_per_trial_in_worker_beyond_simulation": round((busy - simulated) / max(len(run), 1) * 1000, 2),
        "ms_per_trial_beyond_simulation": round((seconds * workers - simulated) / len(found.finished) * 1000, 2),
        "front": len(found.front),
    }


def dask_rounds(trace: Path, trials: int, rounds: int, folder: Path) -> dict[str, object]:
    """Run the same trials on one and on two workers of Dask, in turn; return the seconds and what two gain."""
    clusters = {count: dask_executor(f"local:{count}") for count in (1, 2)}
    seconds: dict[int, list[float]] = {1: [], 2: []}
    try:
        for number in range(-1, rounds):  # the first is to get warm
            for count, (executor, *_) in clusters.items():
                study = study_of(trace, 8 if number < 0 else trials, "random")
                start = time.perf_counter()
                explore(study, folder=folder / f"{number}-{count}", executor=executor)
                if number >= 0:
                    seconds[count].append(round(time.perf_counter() - start, 2))
    finally:
        for _, _, close in clusters.values():
            close()
    gains = [one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    return {
        "trials": trials,
        "cores": os.cpu_count() or 0,
        "load": os.getloadavg()[0],
        "seconds_1": seconds[1],
        "seconds_2": seconds[2],
        "gain_median": round(statistics.median(gains), 2),
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--images", type=int, default=360)
    parser.add_argument("--sampler", default="nsga2")
    parser.add_argument("--dask", type=int, metavar="ROUNDS", help="compare one worker of Dask with two")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "digits.out"
        digits_trace(trace, args.images)
        explore(study_of(trace, 12, "random"), folder=Path(folder) / "compiled")  # the chips are compiled once
        if args.dask is not None:
            print(json.dumps(dask_rounds(trace, args.trials, args.dask, Path(folder)), indent=2))
            return
        start = time.perf_counter()
        found = explore(study_of(trace, args.trials, args.sampler), folder=Path(folder) / "study", workers=args.workers)
        print(json.dumps(figures(found, time.perf_counter() - start, args.workers), indent=2))


if __name__ == "__main__":
    main()
