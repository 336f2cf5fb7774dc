"""The procedural API: setup, run, end and their kin."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pyNN import common
from pyNN.recording import get_io

from ..cosim import HARDWARE_MODES, LOCK_STEP, ON_CHIP
from ..settings import Hardware, defaults
from ..trace import Trace
from . import simulator
from .connectors.standard import FixedProbabilityConnector
from .execution_paths import log_paths
from .integration_methods import chosen_methods
from .populations import Population
from .projections.projection import Projection
from .standardmodels.synapses import StaticSynapse

__all__ = [
    "connect",
    "create",
    "end",
    "get_current_time",
    "get_max_delay",
    "get_min_delay",
    "get_time_step",
    "get_trace",
    "initialize",
    "num_processes",
    "rank",
    "record",
    "record_gsyn",
    "record_v",
    "reset",
    "run",
    "run_for",
    "run_until",
    "save_trace",
    "set",
    "setup",
]

# Parameters of other backends' setup() that mean nothing here; portable scripts give them.
_FOREIGN = frozenset(
    {
        "allow_offgrid_spikes",
        "atol",
        "cpus",
        "default_maxstep",
        "grng_seed",
        "native_rng_baseseed",
        "optimize",
        "quit_on_end",
        "recording_precision",
        "rng_seeds",
        "rng_seeds_seed",
        "rtol",
        "t_flush",
        "use_cvode",
        "verbosity",
    }
)
_MAX_THREADS = 1024
_MISNAMED = ("dt", "time_step", "mindelay", "maxdelay")


def setup(
    timestep: float = common.control.DEFAULT_TIMESTEP,
    min_delay: float | str = common.control.DEFAULT_MIN_DELAY,
    *,
    max_delay: float | str = common.control.DEFAULT_MAX_DELAY,
    seed: int | None = None,
    hardware: Hardware | None = None,
    hardware_mode: str | None = None,
    spike_precision: str = "on_grid",
    threads: int = 1,
    integration: Mapping[str, str] | None = None,
    **extra_params: Any,
) -> int:
    """Forget any network and start anew.

    Parameters
    ----------
    timestep
        Time step in ms.
    min_delay, max_delay
        Limits of synaptic delays in ms; 'auto' sets none (beyond the time step).
    seed
        Determines, with the script, every random number that this backend draws (those of `SpikeSourcePoisson`; PyNN's
        connectors and random distributions have generators of their own). ``rng_seed``, NEST's name for it, is
        understood too. By default 0.
    hardware
        Hardware for the network, such as a `synaptile.bridge.Chip`; by default none, that is, software only.
    hardware_mode
        What the hardware does: with ``"lock-step"`` it carries the spikes of neurons that are simulated here
        (`CoSimulator`), with ``"on-chip"`` it runs the neurons itself (`NeuronHardware`), and only spike sources are
        simulated here. By default the hardware's own ``mode`` if that is one of them, else ``"lock-step"``. On-chip,
        neurons, connections, weights and parameters may only change before the first run and after a `reset`; spike
        sources may at any time, and so may what is recorded.
    spike_precision
        With 'off_grid' the recorded times of `SpikeSourceArray` are those given, not those of the grid point at which
        a spike takes effect, which is then the one at or after it. All neurons spike on the grid in any case.
    threads
        How many threads (1..1024) the compiled loop runs on, see ``docs/models.md``; the spikes are the same for any
        number.
    integration
        The method of integration by name of the cell type, as in ``{"HH_cond_exp": "rk4", "IF_cond_exp": "adaptive"}``;
        ``docs/models.md`` says which there are. A cell type that is not named has the first of its methods. That of
        `PointNeuron` must be one of its membrane, which is checked when a population is built. The compiled loop has
        all methods of the adaptive exponential cells and of ``HH_cond_exp``, and of the others the first.
    extra_params
        Parameters of other backends are ignored, any other with a warning.

    Returns
    -------
    The rank of this process, 0.

    Raises
    ------
    ValueError, TypeError
        Naming the parameter, the rule and the value.
    """
    seed = extra_params.pop("rng_seed", None) if seed is None else seed
    _check_other_names(extra_params)
    _check_times(timestep, min_delay, max_delay)
    seed = defaults.seed if seed is None else seed
    seed = simulator.DEFAULT_SEED if seed is None else _whole("seed", seed, 0)
    threads = _whole("threads", threads, 1, _MAX_THREADS)
    hardware = defaults.hardware if hardware is None else hardware
    if spike_precision not in ("on_grid", "off_grid"):
        raise ValueError(f"spike_precision must be 'on_grid' or 'off_grid', not {spike_precision!r}")
    mode = _hardware_mode(hardware, hardware_mode)
    chosen = chosen_methods(integration)
    simulator.state.keep()
    simulator.state.forget_reference()
    simulator.state.setups += 1
    simulator.state.clear(
        timestep,
        min_delay,
        max_delay,
        seed,
        hardware,
        defaults.progress,
        hardware_mode=mode,
        off_grid=spike_precision == "off_grid",
        threads=threads,
        integration=chosen,
        reference_progress=defaults.reference_progress,
    )
    return rank()


def _check_other_names(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that are called otherwise here, and warn of unknown ones, on behalf of `setup`."""
    for name in _MISNAMED:
        if name in parameters:
            raise TypeError(f"{name} is not a parameter of setup(); use timestep, min_delay or max_delay")
    for name in sorted(parameters.keys() - _FOREIGN):
        warnings.warn(f"setup() does not know the parameter {name!r} and ignores it", stacklevel=3)


def _check_times(timestep: float, min_delay: float | str, max_delay: float | str) -> None:
    if not (math.isfinite(timestep) and timestep > 0):
        raise ValueError(f"timestep must be positive and finite, not {timestep!r}")
    lowest = _limit("min_delay", min_delay, timestep, "timestep")
    _limit("max_delay", max_delay, lowest, "min_delay" if lowest > timestep else "timestep")


def _whole(name: str, value: Any, lowest: int, highest: float = math.inf) -> int:
    whole = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not whole or not math.isfinite(value) or int(value) != value or not lowest <= value <= highest:
        rule = f"in {lowest}..{highest}" if math.isfinite(highest) else f"of at least {lowest}"
        raise ValueError(f"{name} must be a whole number {rule}, not {value!r}")
    return int(value)


_METHODS = {LOCK_STEP: ("begin", "exchange", "end"), ON_CHIP: ("program", "run_ticks", "read", "end")}


def _hardware_mode(hardware: Any, mode: str | None) -> str:
    """Return what hardware is to do, having checked that it can."""
    if mode is not None and mode not in HARDWARE_MODES:
        names = " or ".join(map(repr, HARDWARE_MODES))
        raise ValueError(f"hardware_mode must be {names}, not {mode!r}")
    if hardware is None:
        if mode is not None:
            raise ValueError(f"hardware_mode {mode!r} needs hardware, and there is none")
        return LOCK_STEP
    if mode is None:
        own = getattr(hardware, "mode", None)
        mode = own if isinstance(own, str) and own in HARDWARE_MODES else LOCK_STEP
    missing = [name for name in _METHODS[mode] if not callable(getattr(hardware, name, None))]
    if missing:
        *most, last = _METHODS[mode]
        raise TypeError(
            f"hardware must have the methods {', '.join(most)} and {last} to be used {mode}; "
            f"{hardware!r} lacks {missing}"
        )
    return mode


def _limit(name: str, delay: float | str, lowest: float, bound: str) -> float:
    """Check a limit of delays and return it, or ``lowest`` if there is none."""
    if isinstance(delay, str):
        if delay != "auto":
            raise ValueError(f"{name} must be 'auto' or a number of ms, not {delay!r}")
        return lowest
    if not (math.isfinite(delay) and delay >= lowest - 1e-9):
        raise ValueError(f"{name} must be finite and at least {bound} of {lowest:g} ms, not {delay:g}")
    return delay


def end(compatible_output: bool = True) -> None:
    """Write the files that ``record(..., to_file=...)`` asked for. Recorded data and the trace stay until `setup`."""
    for population, variables, filename in simulator.state.write_on_end:
        population.write_data(get_io(filename), variables)
    simulator.state.write_on_end = []


_run_until = common.build_run(simulator)[1]


def run_until(time_point: float, callbacks: Sequence[Callable[[float], float]] | None = None) -> float:
    """Run until ``time_point`` (ms), moved to the nearest grid point; return the time reached.

    Each of ``callbacks`` is called with the current time and returns the time at which it wants to be called next.

    On Ctrl-C the step is finished first; what has been run so far stays, the trace is marked partial,
    ``KeyboardInterrupt`` is raised, and the script can go on.
    """
    if not math.isfinite(time_point):
        raise ValueError(f"the time to run to must be finite, not {time_point}")
    if time_point < simulator.state.t - simulator.state.dt / 2:  # what has been run is no less whole for that
        raise ValueError(f"time {time_point:g} is in the past (current time {simulator.state.t:g})")
    try:
        now: float = _run_until(time_point, callbacks)
    except BaseException:
        simulator.state.partial = True
        simulator.state.hand_over()
        raise
    simulator.state.hand_over()
    log_paths()
    return now


def run(simtime: float, callbacks: Sequence[Callable[[float], float]] | None = None) -> float:
    """Run for ``simtime`` ms, as `run_until` does; return the time reached."""
    return run_until(simulator.state.t + simtime, callbacks)


run_for = run

reset = common.build_reset(simulator)
initialize = common.initialize
set = common.set

get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)

create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)


def record_v(source: Any, filename: str) -> None:
    """Record membrane potentials to a file."""
    record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> None:
    """Record synaptic conductances to a file."""
    record(["gsyn_exc", "gsyn_inh"], source, filename)


def get_trace() -> Trace:
    """Return the trace since the last `reset`: spikes of all neurons, recorded or not, and connections.

    The index of a spike is its recorded time in steps; with n steps run, indices reach from 0 to n. After `end` it is
    still there, until the next `setup`.
    """
    return simulator.state.trace()


def save_trace(path: str | Path) -> Path:
    """Write `get_trace` to a file, whole or not at all; return its path."""
    return get_trace().save(path)
