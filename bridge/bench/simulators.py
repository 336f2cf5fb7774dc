"""Simulators of spiking networks side by side: the same PyNN networks on synaptile and on peers that are installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synaptile.swsim.base.whole_file import whole_file

from . import networks

__all__ = [
    "SIMULATORS",
    "SimulatorFailed",
    "SimulatorMeasurement",
    "heading",
    "installed",
    "line",
    "measure_simulator",
    "plot",
]

SIMULATORS: Mapping[str, tuple[str, str | None]] = {
    "synaptile": ("synaptile", None),
    "numpy": ("synaptile", None),
    "nest": ("nest", "nest"),
    "brian2": ("brian2", "brian2"),
}
"""By column: the simulator in `networks.MODULES`, and the module that must be installed beside PyNN.

``numpy`` is synaptile without its compiled loop.
"""


class SimulatorFailed(RuntimeError):  # noqa: N818 - says what happened, as the message does
    """A simulator did not finish a network; the message names both and says why."""


@dataclass(frozen=True)
class SimulatorMeasurement:
    """One network on one simulator; all times are processor time.

    Attributes
    ----------
    import_seconds, build_seconds
        Importing the simulator's PyNN module, and building the network.
    seconds_per_second
        Processor seconds per biological second; the median of the stretches.
    spikes
        In all stretches.
    memory_mb
        The largest resident memory of the process.
    """

    network: str
    simulator: str
    neurons: int
    spikes: int
    import_seconds: float
    build_seconds: float
    seconds_per_second: float
    memory_mb: float


def installed(simulator: str, python: str = sys.executable) -> bool:
    """Return whether a Python has the packages that the simulator needs; ``OSError`` if there is no such Python."""
    needed = SIMULATORS[simulator][1]
    if needed is None:
        return True
    test = f"import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['pyNN', {needed!r}])))"
    return subprocess.run([python, "-c", test], check=False, capture_output=True).returncode == 0


def measure_simulator(
    simulator: str,
    network: str,
    *,
    python: str = sys.executable,
    duration: float = 1000.0,
    repeat: int = 3,
    limit: float = 300.0,
) -> SimulatorMeasurement:
    """Measure a network on a simulator, in a process of its own.

    Parameters
    ----------
    simulator, network
        Names in `SIMULATORS` and `networks.NETWORKS`.
    python
        The interpreter to run a peer with; synaptile runs with this one.
    duration
        Biological milliseconds of a stretch.
    repeat
        The number of stretches.
    limit
        Seconds on the clock after which the simulator is stopped.

    Raises
    ------
    SimulatorFailed
        If it fails, or does not finish in time.
    """
    name = SIMULATORS[simulator][0]
    own = name == "synaptile"
    command = [sys.executable if own else python, networks.__file__, name, network, str(duration), str(repeat)]
    environment = dict(os.environ)
    if own:
        environment.pop("SYNAPTILE_NUMBA", None)
        if simulator == "numpy":
            environment["SYNAPTILE_NUMBA"] = "0"
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=limit, env=environment)
    except subprocess.TimeoutExpired:
        raise SimulatorFailed(f"{simulator} did not finish {network} in {limit:g} s") from None
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        reason = (done.stderr.splitlines() or ["it printed nothing"])[-1]
        raise SimulatorFailed(f"{simulator} failed on {network}: {reason}")
    return SimulatorMeasurement(network=network, simulator=simulator, **json.loads(lines[-1]))


def heading() -> str:
    """The line above `line`."""
    return (
        f"{'network':<22} {'simulator':<10} {'s/s':>9} {'ratio':>7} {'build':>9} {'memory':>9} "
        f"{'neurons':>8} {'spikes':>9}"
    )


def line(m: SimulatorMeasurement, reference: SimulatorMeasurement | None = None) -> str:
    """A measurement as a line of text; the ratio is to the speed of ``reference``, the same network elsewhere."""
    ratio = "–" if reference is None else f"{m.seconds_per_second / reference.seconds_per_second:.2f}"
    return (
        f"{m.network:<22} {m.simulator:<10} {m.seconds_per_second:>9.4f} {ratio:>7} {m.build_seconds:>7.2f} s "
        f"{m.memory_mb:>6.0f} MB {m.neurons:>8} {m.spikes:>9}"
    )


def plot(measurements: Sequence[SimulatorMeasurement], path: Path) -> None:
    """Processor seconds per biological second of every network, a bar for each simulator."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    names = list(dict.fromkeys(m.network for m in measurements))
    simulators = list(dict.fromkeys(m.simulator for m in measurements))
    width = 0.8 / len(simulators)
    for k, simulator in enumerate(simulators):
        found = [m for m in measurements if m.simulator == simulator]
        positions = [names.index(m.network) + k * width for m in found]
        axes.bar(positions, [m.seconds_per_second for m in found], width, label=simulator, align="edge")
    axes.set(yscale="log", ylabel="processor seconds per biological second")
    axes.set_xticks([i + 0.4 for i in range(len(names))], names, rotation=20, ha="right")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3, axis="y")
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=150, metadata={"Software": None})
