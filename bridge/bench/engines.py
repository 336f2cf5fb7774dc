"""Engines side by side: the same traffic through each of them, and a peer's command line beside them."""

from __future__ import annotations

import dataclasses
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synaptile.rtl import NetworkParams
from synaptile.swsim.base.whole_file import whole_file

from ..engines import make_engine
from ..traffic import uniform

__all__ = ["EngineMeasurement", "heading", "line", "measure_engine", "measure_peer", "peer_command", "plot"]

REPETITIONS = 3
"""Runs of everything that is measured; the fastest counts, for everything else on the machine only slows it down."""


@dataclass(frozen=True)
class EngineMeasurement:
    """One engine, or a peer, under one load.

    A command is measured, ours as a peer's: the processor time of the whole process for so many cycles, less that of
    the same command for a single cycle. So traffic, statistics and what a command writes are in it, and its start is
    not. The engine alone is told besides.

    Attributes
    ----------
    start_seconds
        Processor time of the command for a single cycle; the compiled engine's library is in the cache.
    cycles, packets
        Simulated cycles, and packets created in them.
    cycles_per_second, packets_per_second
        Of the command, without its start.
    engine_cycles_per_second
        Of the engine's ``run`` alone, in this process: without traffic, injection, statistics and log. ``None`` for
        peers.
    ns_per_evaluation
        Processor time for each evaluation of a tile at a clock edge, of the engine alone; ``None`` for engines that do
        not count them.
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
    engine_cycles_per_second: float | None
    ns_per_evaluation: float | None


def measure_engine(
    name: str, params: NetworkParams, *, rate: float, seconds: float = 1.0, seed: int = 1
) -> EngineMeasurement:
    """Measure an engine under uniform traffic, by ``synaptile traffic`` and alone.

    Parameters
    ----------
    name
        The engine: one of `synaptile.bridge.engines.ENGINES`.
    params
        The network: its size, ``flits_per_packet`` and ``buffer_depth`` count.
    rate
        Packets created per cycle and node.
    seconds
        Approximate length of a run of the engine alone; the number of cycles follows from a short one.
    seed
        Seed of the traffic.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    make_engine(name, params)  # compiles it, if the cache has no library
    cycles = 64
    while True:
        used, packets, evaluations = _once(name, params, rate, cycles, seed)
        if used > seconds / 4:
            break
        cycles = int(cycles * min(16.0, max(2.0, seconds / max(used, 1e-9))))
    for _ in range(REPETITIONS - 1):
        used = min(used, _once(name, params, rate, cycles, seed)[0])

    def command(cycles: int) -> list[str]:
        mesh = f"{params.rows}x{params.cols}"
        size = ["--flits", str(params.flits_per_packet), "--buffer", str(params.buffer_depth)]
        run = ["--rate", repr(rate), "--cycles", str(cycles), "--seed", str(seed), "--engine", name, "--json"]
        return [sys.executable, "-c", _SYNAPTILE, "traffic", "--mesh", mesh, *size, *run]

    whole = _measure_command(name, command, params, rate=rate, cycles=cycles, packets=packets)
    return dataclasses.replace(
        whole,
        engine_cycles_per_second=cycles / used,
        ns_per_evaluation=None if evaluations is None else used / evaluations * 1e9,
    )


_SYNAPTILE = "import sys; from synaptile.bridge.cli import main; sys.exit(main())"


def _once(name: str, params: NetworkParams, rate: float, cycles: int, seed: int) -> tuple[float, int, int | None]:
    """Processor seconds, packets created, evaluations of tiles."""
    engine = make_engine(name, params)
    packets = uniform(params, rate=rate, cycles=cycles, seed=seed)
    engine.inject(packets)
    begin = time.process_time()
    engine.run(cycles)
    used = time.process_time() - begin
    return used, len(packets), getattr(engine, "evaluations", None)


def measure_peer(label: str, command: str, params: NetworkParams, *, rate: float, cycles: int) -> EngineMeasurement:
    """Measure another simulator by the processor time that its command takes.

    ``{rows}``, ``{cols}``, ``{flits}``, ``{rate}`` and ``{cycles}`` in the command are replaced.

    Raises
    ------
    ValueError
        If the command cannot be filled in.
    OSError
        If it cannot be started.
    RuntimeError
        If it fails.
    """

    def filled(cycles: int) -> list[str]:
        values: dict[str, float] = {
            "rows": params.rows,
            "cols": params.cols,
            "flits": params.flits_per_packet,
            "rate": rate,
            "cycles": cycles,
        }
        return peer_command(label, command, values)

    packets = int(rate * cycles * params.tiles)
    return _measure_command(f"peer {label}", filled, params, rate=rate, cycles=cycles, packets=packets, label=label)


def _measure_command(
    what: str,
    command: Callable[[int], list[str]],
    params: NetworkParams,
    *,
    rate: float,
    cycles: int,
    packets: int,
    label: str | None = None,
) -> EngineMeasurement:
    """Measure a command, given for a number of cycles: the processor time that it takes beyond its start."""
    start, whole = (min(_run(what, command(count)) for _ in range(REPETITIONS)) for count in (1, cycles))
    used = max(whole - start, 1e-6)
    return EngineMeasurement(
        engine=label or what,
        rows=params.rows,
        cols=params.cols,
        flits=params.flits_per_packet,
        rate=rate,
        cycles=cycles,
        packets=packets,
        start_seconds=start,
        cycles_per_second=cycles / used,
        packets_per_second=packets / used,
        engine_cycles_per_second=None,
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


def _run(what: str, words: Sequence[str]) -> float:
    """Processor seconds of a command and its children."""
    begin = _children()
    result = subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if result.returncode:
        raise RuntimeError(f"{what}: {shlex.join(words)} failed with exit code {result.returncode}")
    return _children() - begin


def _children() -> float:
    """Processor seconds of all commands run so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def heading() -> str:
    """The line above `line`."""
    return (
        f"{'mesh':>7} {'flits':>5} {'rate':>7} {'engine':>10} {'cycles/s':>12} {'packets/s':>11} "
        f"{'engine alone':>13} {'ns/eval':>8}  start"
    )


def line(m: EngineMeasurement) -> str:
    """A measurement as a line of text."""
    alone = "–" if m.engine_cycles_per_second is None else f"{m.engine_cycles_per_second:,.0f}"
    ns = "–" if m.ns_per_evaluation is None else f"{m.ns_per_evaluation:.0f}"
    return (
        f"{m.rows:>3}x{m.cols:<3} {m.flits:>5} {m.rate:>7g} {m.engine:>10} {m.cycles_per_second:>12,.0f} "
        f"{m.packets_per_second:>11,.0f} {alone:>13} {ns:>8}  {m.start_seconds:.2f} s"
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
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="tiles",
        ylabel="simulated cycles / processor second,\nwhole command without its start",
    )
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=150, metadata={"Software": None})
