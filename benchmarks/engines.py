"""Engines side by side: the same traffic through each of them, and a peer's command line beside them if there is one.

python benchmarks/engines.py --mesh 4x4 8x8 --rate 0.01 0.05 --flits 2 --plot engines.png
python benchmarks/engines.py --peer noxim './noxim -dimx {cols} -dimy {rows} -pir {rate} poisson -sim {cycles}'
"""

from __future__ import annotations

import argparse
import csv
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from synaptile.bridge.engines import make_engine
from synaptile.bridge.traffic import uniform
from synaptile.rtl import NetworkParams

__all__ = ["Measurement", "plot", "run", "run_peer", "table"]


@dataclass(frozen=True)
class Measurement:
    """One engine under one load.

    Attributes
    ----------
    start_seconds
        From nothing to an engine that can simulate; compiling, if the cache was empty, is in it.
    cycles, packets
        Simulated cycles, and packets delivered in them.
    cycles_per_second, packets_per_second
        Of processor time, so that other work on the machine matters little; the best of the repetitions.
    ns_per_evaluation
        Processor time for each evaluation of a tile at a clock edge; ``None`` for engines that do not count them.
    """

    engine: str
    rows: int
    cols: int
    flits: int
    rate: float
    cycles: int
    packets: int
    start_seconds: float
    cycles_per_second: float
    packets_per_second: float
    ns_per_evaluation: float | None


def run(
    name: str, params: NetworkParams, *, rate: float, seconds: float = 1.0, seed: int = 1, repetitions: int = 3
) -> Measurement:
    """Measure an engine under uniform traffic.

    Parameters
    ----------
    name
        The engine: one of `synaptile.bridge.engines.ENGINES`.
    params
        The network.
    rate
        Packets created per cycle and node.
    seconds
        About how long a repetition runs; the number of cycles follows from a short one.
    seed
        Of the traffic.
    repetitions
        How often; the fastest counts, for everything else on the machine only slows it down.
    """
    begin = time.perf_counter()
    make_engine(name, params)
    start = time.perf_counter() - begin
    cycles = 64
    while True:
        used, packets, evaluations = _once(name, params, rate, cycles, seed)
        if used > seconds / 4:
            break
        cycles = int(cycles * min(16.0, max(2.0, seconds / max(used, 1e-9))))
    for _ in range(repetitions - 1):
        used = min(used, _once(name, params, rate, cycles, seed)[0])
    return Measurement(
        engine=name,
        rows=params.rows,
        cols=params.cols,
        flits=params.flits,
        rate=rate,
        cycles=cycles,
        packets=packets,
        start_seconds=start,
        cycles_per_second=cycles / used,
        packets_per_second=packets / used,
        ns_per_evaluation=None if evaluations is None else used / evaluations * 1e9,
    )


def _once(name: str, params: NetworkParams, rate: float, cycles: int, seed: int) -> tuple[float, int, int | None]:
    """Processor seconds, packets delivered, evaluations of tiles."""
    engine = make_engine(name, params)
    packets = uniform(params, rate=rate, cycles=cycles, seed=seed)
    engine.inject(packets)
    begin = time.process_time()
    engine.run(cycles)
    used = time.process_time() - begin
    return used, len(packets) - engine.in_flight, getattr(engine, "evaluations", None)


def run_peer(label: str, command: str, params: NetworkParams, *, rate: float, cycles: int) -> Measurement:
    """Measure somebody else's simulator by the time that its command takes.

    ``{rows}``, ``{cols}``, ``{flits}``, ``{rate}`` and ``{cycles}`` in the command are replaced. What it delivers is
    not known here, so it counts as all that is offered; its start counts as its work.

    Raises
    ------
    subprocess.CalledProcessError
        If the command fails.
    """
    values = {"rows": params.rows, "cols": params.cols, "flits": params.flits, "rate": rate, "cycles": cycles}
    begin = time.perf_counter()
    subprocess.run(shlex.split(command.format(**values)), check=True, stdout=subprocess.DEVNULL)
    used = time.perf_counter() - begin
    packets = int(rate * cycles * params.tiles)
    return Measurement(
        engine=label,
        rows=params.rows,
        cols=params.cols,
        flits=params.flits,
        rate=rate,
        cycles=cycles,
        packets=packets,
        start_seconds=0.0,
        cycles_per_second=cycles / used,
        packets_per_second=packets / used,
        ns_per_evaluation=None,
    )


def table(measurements: Sequence[Measurement]) -> str:
    """The measurements as text, one line each."""
    lines = [
        f"{'mesh':>7} {'flits':>5} {'rate':>7} {'engine':>10} {'cycles/s':>12} {'packets/s':>11} {'ns/eval':>8} start"
    ]
    for m in measurements:
        ns = "-" if m.ns_per_evaluation is None else f"{m.ns_per_evaluation:.0f}"
        lines.append(
            f"{m.rows:>3}x{m.cols:<3} {m.flits:>5} {m.rate:>7g} {m.engine:>10} {m.cycles_per_second:>12,.0f} "
            f"{m.packets_per_second:>11,.0f} {ns:>8} {m.start_seconds:.2f} s"
        )
    return "\n".join(lines)


def plot(measurements: Sequence[Measurement], path: Path) -> None:
    """Cycles per second over the size of the mesh, a line for each engine and load."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for engine, flits, rate in sorted({(m.engine, m.flits, m.rate) for m in measurements}):
        line = [m for m in measurements if (m.engine, m.flits, m.rate) == (engine, flits, rate)]
        line.sort(key=lambda m: m.rows * m.cols)
        label = f"{engine}, {flits} flits, {rate:g} packets/cycle/node"
        axes.plot([m.rows * m.cols for m in line], [m.cycles_per_second for m in line], "o-", label=label)
    axes.set(xscale="log", yscale="log", xlabel="tiles", ylabel="simulated cycles per second")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", nargs="+", default=["compiled", "amaranth"])
    parser.add_argument("--mesh", nargs="+", default=["4x4", "6x6", "8x8"], metavar="ROWSxCOLS")
    parser.add_argument("--rate", nargs="+", type=float, default=[0.01, 0.05], help="packets per cycle and node")
    parser.add_argument("--flits", nargs="+", type=int, default=[2])
    parser.add_argument("--depth", type=int, default=4, help="flits held by each input queue")
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long each repetition runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", nargs=2, action="append", default=[], metavar=("LABEL", "COMMAND"))
    parser.add_argument("--plot", type=Path, metavar="FILE")
    parser.add_argument("--csv", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    measurements = []
    for mesh in options.mesh:
        rows, cols = map(int, mesh.split("x"))
        for flits in options.flits:
            params = NetworkParams(rows=rows, cols=cols, flits=flits, buffer_depth=options.depth)
            for rate in options.rate:
                for name in options.engine:
                    measurements.append(run(name, params, rate=rate, seconds=options.seconds, seed=options.seed))
                for label, command in options.peer:
                    measurements.append(run_peer(label, command, params, rate=rate, cycles=10_000))
    print(table(measurements))
    if options.plot:
        plot(measurements, options.plot)
    if options.csv:
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(Measurement)])
            writer.writeheader()
            writer.writerows(asdict(m) for m in measurements)


if __name__ == "__main__":
    main(sys.argv[1:])
