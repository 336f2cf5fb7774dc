"""Speed-up by threads: ``python benchmarks/threads.py``, on a machine with nothing else to do.

Every measurement is a process of its own that runs a network for some stretches, with one thread or several; they take
turns, and the ratio is that of two neighbours. The speed-up that the machine itself allows is measured likewise: as
many processes with one thread each, at the same time, against one alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any

from synaptile.bridge.bench.networks import LARGE, NETWORKS

_DEFAULT = ("Potjans-Diesmann 10 %", "Vogels-Abbott COBA", "Vogels-Abbott CUBA", "S_2500")


class _Threaded:
    """The simulator's module, with a number of threads in its `setup`."""

    def __init__(self, threads: int) -> None:
        import synaptile.swsim

        self._sim = synaptile.swsim
        self._threads = threads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sim, name)

    def setup(self, **parameters: Any) -> Any:
        return self._sim.setup(threads=self._threads, **parameters)


def _stretches(network: str, threads: int, duration: float, count: int) -> list[float]:
    """Wall seconds per biological second of some stretches, after a first one that is left out."""
    sim = _Threaded(threads)
    NETWORKS[network](sim)
    sim.run(duration)
    taken = []
    for _ in range(count):
        begun = time.perf_counter()
        sim.run(duration)
        taken.append((time.perf_counter() - begun) * 1000.0 / duration)
    return taken


def _start(network: str, threads: int, args: argparse.Namespace) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--one", str(threads), "--networks", network]
    command += ["--duration", str(args.duration), "--count", str(args.count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _median(process: subprocess.Popen[str]) -> float:
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"a measurement failed with exit code {process.returncode}: {process.args}")
    return statistics.median(json.loads(output))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=_DEFAULT, choices=NETWORKS, metavar="NETWORK")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--duration", type=float, default=1000.0, metavar="MS", help="a stretch (default: 1000)")
    parser.add_argument("--count", type=int, default=5, help="stretches of each process (default: 5)")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of processes (default: 5)")
    parser.add_argument("--one", type=int, metavar="THREADS", help="one measurement in this process, as JSON")
    args = parser.parse_args()
    if args.one is not None:
        print(json.dumps(_stretches(args.networks[0], args.one, args.duration, args.count)))
        return
    print(f"{'network':22} {'1 thread':>9} {f'{args.threads}':>9} {'ratio':>6} {'the machine':>12}   all ratios")
    for network in args.networks:
        pairs, machine = [], []
        for _ in range(args.rounds):
            alone = _median(_start(network, 1, args))
            pairs.append((alone, _median(_start(network, args.threads, args))))
            if network not in LARGE:
                together = [_start(network, 1, args) for _ in range(args.threads)]
                machine.append(args.threads * alone / max(_median(process) for process in together))
        one, several = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratios = sorted(a / b for a, b in pairs)
        limit = f"{statistics.median(machine):.2f}" if machine else "–"
        every = " ".join(f"{ratio:.2f}" for ratio in ratios)
        print(
            f"{network:22} {one:9.4f} {several:9.4f} {statistics.median(ratios):6.2f} {limit:>12}   {every}", flush=True
        )


if __name__ == "__main__":
    main()
