"""Engines side by side: the same traffic through each of them, and a peer's command line beside them."""

from __future__ import annotations

import resource
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synaptile.rtl import NetworkParams
from synaptile.swsim.base.whole_file import whole_file

from ..engines import make_engine
from ..traffic import uniform

__all__ = ["EngineMeasurement", "heading", "line", "measure_engine", "measure_peer", "peer_command", "plot"]


@dataclass(frozen=True)
class EngineMeasurement:
    """One engine under one load.

    Attributes
    ----------
    start_seconds
        Time to make an engine; compiling, if the cache was empty, is in it.
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


def measure_engine(
    name: str, params: NetworkParams, *, rate: float, seconds: float = 1.0, seed: int = 1, repetitions: int = 3
) -> EngineMeasurement:
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
        Approximate length of a repetition; the number of cycles follows from a short one.
    seed
        Seed of the traffic.
    repetitions
        Number of repetitions; the fastest counts, for everything else on the machine only slows it down.
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
    return EngineMeasurement(
        engine=name,
        rows=params.rows,
        cols=params.cols,
        flits=params.flits_per_packet,
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


def measure_peer(label: str, command: str, params: NetworkParams, *, rate: float, cycles: int) -> EngineMeasurement:
    """Measure another simulator by the processor time that its command takes.

    ``{rows}``, ``{cols}``, ``{flits}``, ``{rate}`` and ``{cycles}`` in the command are replaced. The packets that it
    delivers are not known here, so all that are offered count as delivered; the time to start counts, too.

    Raises
    ------
    ValueError
        If the command cannot be filled in.
    OSError
        If it cannot be started.
    RuntimeError
        If it fails.
    """
    values: dict[str, float] = {
        "rows": params.rows,
        "cols": params.cols,
        "flits": params.flits_per_packet,
        "rate": rate,
        "cycles": cycles,
    }
    words = peer_command(label, command, values)
    begin = _children()
    result = subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if result.returncode:
        raise RuntimeError(f"peer {label}: {shlex.join(words)} failed with exit code {result.returncode}")
    used = max(_children() - begin, 1e-6)
    packets = int(rate * cycles * params.tiles)
    return EngineMeasurement(
        engine=label,
        rows=params.rows,
        cols=params.cols,
        flits=params.flits_per_packet,
        rate=rate,
        cycles=cycles,
        packets=packets,
        start_seconds=0.0,
        cycles_per_second=cycles / used,
        packets_per_second=packets / used,
        ns_per_evaluation=None,
    )


def peer_command(label: str, command: str, values: Mapping[str, float]) -> list[str]:
    """Return the words of a peer's command with the values filled in; raises ``ValueError`` if it cannot be one."""
    try:
        words = shlex.split(command.format(**values))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            f"peer {label}: {command!r} is not a command with {{rows}} and the like in it ({error})"
        ) from None
    if not words or not words[0]:
        raise ValueError(f"peer {label}: a command is needed, not {command!r}")
    return words


def _children() -> float:
    """Processor seconds of all commands run so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def heading() -> str:
    """The line above `line`."""
    return (
        f"{'mesh':>7} {'flits':>5} {'rate':>7} {'engine':>10} {'cycles/s':>12} {'packets/s':>11} {'ns/eval':>8}  start"
    )


def line(m: EngineMeasurement) -> str:
    """A measurement as a line of text."""
    ns = "–" if m.ns_per_evaluation is None else f"{m.ns_per_evaluation:.0f}"
    return (
        f"{m.rows:>3}x{m.cols:<3} {m.flits:>5} {m.rate:>7g} {m.engine:>10} {m.cycles_per_second:>12,.0f} "
        f"{m.packets_per_second:>11,.0f} {ns:>8}  {m.start_seconds:.2f} s"
    )


def plot(measurements: Sequence[EngineMeasurement], path: Path) -> None:
    """Cycles per second over the size of the mesh, a line for each engine and load."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for engine, flits, rate in sorted({(m.engine, m.flits, m.rate) for m in measurements}):
        points = [m for m in measurements if (m.engine, m.flits, m.rate) == (engine, flits, rate)]
        points.sort(key=lambda m: m.rows * m.cols)
        label = f"{engine}, {flits} flits, {rate:g} packets/cycle/node"
        axes.plot([m.rows * m.cols for m in points], [m.cycles_per_second for m in points], "o-", label=label)
    axes.set(xscale="log", yscale="log", xlabel="tiles", ylabel="simulated cycles per second")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=150, metadata={"Software": None})
