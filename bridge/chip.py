"""A chip to run networks on: under a saved trace, or in lock-step with the simulated network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams
from synaptile.swsim.base.whole_file import write_text
from synaptile.swsim.cosim import Wiring
from synaptile.swsim.trace import Trace

from .config import ChipConfig
from .config.parameters import network_values
from .engines import ENGINES, make_engine
from .engines.base import CycleProgress
from .engines.compiled import check_threads
from .engines.wave_sink import WaveSink
from .mapping import MappedNetwork, Network, map_network
from .mapping.multicast import MulticastKeys
from .metrics import RunData, compute_metrics
from .run import ChipRun
from .session import Session

__all__ = ["Chip", "network_params"]


def network_params(config: ChipConfig) -> NetworkParams:
    """Return the on-chip network of a chip (see `network_values`)."""
    return NetworkParams(**network_values(config))


class Chip:
    """A configured chip.

    Give it to ``sim.setup(hardware=chip)`` and the network feels its delays, or run a saved trace through it with
    `replay`. Either way `report` returns the `ChipRun` with everything that the hardware did.

    The chip is itself the `synaptile.swsim.cosim.CoSimulator` that the simulation calls (`begin`, `exchange`, `end`),
    so that one object is configured, set up and asked for results. What belongs to one network is in its `Session`.

    Parameters
    ----------
    config
        The chip; by default `ChipConfig`'s defaults, changed by ``overrides``.
    engine
        ``"auto"`` (the fastest that this machine can run) or an engine's name.
    threads
        How many threads the engine may use, where it can (see `CompiledEngine`); the results do not depend on it.
    partition, placement
        Methods of `map_network`.
    profile
        A trace of the same network, whose spike counts guide the mapping in lock-step, where they are not known
        beforehand.
    seed
        Seed of partitioning and placement.
    waves
        Where to send waveforms, for example a `VcdRecorder`.
    progress
        Called about four times a second with (cycle, delivered, injected).

    Raises
    ------
    ConfigError
        If an override is wrong.
    TypeError
        If ``threads`` is not an integer.
    ValueError
        If there is no such engine, or ``threads`` is out of its range.
    """

    def __init__(
        self,
        config: ChipConfig | None = None,
        *,
        engine: str = "auto",
        threads: int = 1,
        partition: str = "auto",
        placement: str = "optimised",
        profile: Trace | None = None,
        seed: int = 0,
        waves: WaveSink | None = None,
        progress: CycleProgress | None = None,
        **overrides: Any,
    ) -> None:
        if engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
        check_threads(threads)
        if config is None:
            config = ChipConfig(**overrides)
        elif overrides:
            config = config.replace(**overrides)
        self.config = config
        self.partition = partition
        self.placement = placement
        self.profile = profile
        self.seed = seed
        self.waves = waves
        self.progress = progress
        self._engine_name = engine
        self._threads = threads
        self._lock_step: Session | None = None
        self._trace: Callable[[], Trace] | None = None
        self._run: ChipRun | None = None

    @classmethod
    def preset(cls, name: str, *, mesh: Any = None, **options: Any) -> Self:
        """A built-in chip, for example ``Chip.preset("truenorth", mesh=(6, 6))``; options as for the class."""
        config = ChipConfig.preset(name)
        return cls(config, **({} if mesh is None else {"mesh": mesh}), **options)

    @classmethod
    def from_yaml(cls, path: str | Path, **options: Any) -> Self:
        """A chip described in a file; options as for the class."""
        return cls(ChipConfig.from_yaml(path), **options)

    def __repr__(self) -> str:
        config = self.config
        return f"<Chip {config.name}: {config.rows}x{config.cols} tiles of {config.crossbar.neurons} neurons>"

    def _repr_html_(self) -> str:
        """Return what the chip is as notebooks show it."""
        return self.config._repr_html_()

    # A saved trace.

    def replay(self, trace: Trace) -> ChipRun:
        """Map a trace's network by its spikes, send them all, and run until the last one is delivered.

        Ctrl-C ends it early; the run is then marked as partial. Raises `MappingError` if the network does not fit.
        """
        session = self._start(Network.of_trace(trace))
        session.send(trace.spike_step, trace.spike_neuron)
        partial = trace.partial
        try:
            session.engine.run(trace.steps * self.config.cycles_per_step)
            session.engine.drain()
        except KeyboardInterrupt:
            partial = True
        self._run = self._finish(trace, session, mode="replay", partial=partial)
        return self._run

    # In lock-step (synaptile.swsim.cosim.CoSimulator).

    def begin(self, wiring: Wiring) -> npt.NDArray[np.int32]:
        """Map the network and start a fresh chip; return each neuron's tile, shape (neurons,).

        Raises `MappingError` if it does not fit, and ``ValueError`` if the profile is of another network.
        """
        self._lock_step = self._trace = self._run = None
        self._lock_step = self._start(Network.of_wiring(wiring, self.profile))
        return self._lock_step.mapped.mapping.tile

    def exchange(self, step: int, spikes: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Send a step's spikes, run to the end of the step, and return what arrived in it as (neuron, tile)."""
        if self._lock_step is None:
            raise RuntimeError("exchange needs a network: call begin first")
        self._run = None
        return self._lock_step.exchange(step, spikes)

    def end(self, trace: Callable[[], Trace]) -> None:
        """Take what puts the trace together, for when the results are asked for."""
        if self._lock_step is not None:
            self._trace, self._run = trace, None

    # Results.

    @property
    def has_run(self) -> bool:
        """Whether there is anything to `report`."""
        return self._run is not None or (self._lock_step is not None and self._trace is not None)

    def report(self) -> ChipRun:
        """The last run with all that the hardware did in it; ``print`` it for a table.

        Everything since the last reset is in it, computed when it is asked for and kept until the network runs on.

        Raises ``RuntimeError`` if nothing has run yet.
        """
        if self._run is None:
            if self._lock_step is None or self._trace is None:  # not `has_run`
                raise RuntimeError("nothing has run on this chip yet: run a network with it, or replay a trace")
            trace = self._trace()
            self._run = self._finish(trace, self._lock_step, mode="lock-step", partial=trace.partial)
        return self._run

    def export(self, path: str | Path, *, name: str = "synaptile_chip") -> Path:
        """Write the chip's synthesizable Verilog.

        The top module is called ``name``, and all others begin with it, so that chips of several names can stand in
        one design. Raises ``ValueError``, before anything is written, if Verilog has no such names.
        """
        from synaptile.rtl.export import export_verilog

        return write_text(path, export_verilog(network_params(self.config), name=name))

    def _start(self, network: Network) -> Session:
        """Map a network and start a fresh engine for it."""
        mapping, report = map_network(
            network, self.config, partition=self.partition, placement=self.placement, seed=self.seed
        )
        mapped = MappedNetwork(network, mapping)
        keys = MulticastKeys.of(mapped.destinations, self.config) if self.config.multicast else None
        engine = make_engine(
            self._engine_name,
            network_params(self.config),
            table=None if keys is None else keys.table,
            waves=self.waves,
            progress=self.progress,
            threads=self._threads,
        )
        return Session(mapped, report, keys, engine, self.config.cycles_per_step)

    def _finish(self, trace: Trace, session: Session, *, mode: str, partial: bool) -> ChipRun:
        engine, mapped = session.engine, session.mapped
        deliveries, activity, packets = engine.deliveries(), engine.activity(), engine.packets()
        return ChipRun(
            config=self.config,
            trace=trace,
            mapping=mapped.mapping,
            mapping_report=session.mapping_report,
            packets=packets,
            deliveries=deliveries,
            activity=activity,
            metrics=compute_metrics(RunData(deliveries, packets, activity, mapped, trace, self.config)),
            engine=engine.name,
            mode=mode,
            seed=self.seed,
            partial=partial,
        )
