"""A chip to run networks on: under a saved trace, in lock-step with the simulated network, or in its own cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from synaptile.swsim.cosim import HARDWARE_MODES, LOCK_STEP, ON_CHIP, Carrier, ProjectionWeights, Wiring
from synaptile.swsim.onchip import OnChipNetwork
from synaptile.swsim.trace import Trace

from .comparison.changes import ScoreFunction
from .comparison.reference import Reference
from .config import ChipConfig
from .config.blocks import WEIGHTS
from .core_session import CoreSession
from .engines import ENGINES
from .engines.base import CycleProgress
from .engines.compiled import check_threads
from .engines.wave_sink import WaveSink
from .export.chip_export import ChipExport
from .finished import finished_in_cores, finished_run
from .limits.network_limits import Limited
from .mapping import GivenMapping, MappingMethods, Network, map_network
from .mapping.fan_in_split import split_for_chip
from .mapping.mapper import Mapper
from .run import ChipRun
from .session import Session, network_params
from .waves.neuron_recorder import NeuronRecorder

__all__ = ["BOARD", "MODEL", "Chip", "network_params"]

BOARD = "fpga"
"""The engine that is a board with the chip in its FPGA, on-chip only."""

MODEL = "model"
"""The engine that is the chip's cores in plain whole numbers, on-chip only: no cycles, and nothing is late."""


class Chip(ChipExport):
    """A configured chip.

    Give it to ``sim.setup(hardware=chip)`` and the network feels its delays, or with ``mode="on-chip"`` runs in its
    cores; or run a saved trace through it with `replay`. `report` then returns the `ChipRun` with everything that the
    hardware did.

    The chip is itself the `synaptile.swsim.cosim.CoSimulator` that the simulation calls (`begin`, `exchange`, `end`),
    and the `synaptile.swsim.cosim.NeuronHardware` (`program`, `run_ticks`, `read`, `end`), so that one object is
    configured, set up and asked for results. What belongs to one network is in its `Session` or `CoreSession`.

    Parameters
    ----------
    config
        The chip; by default `ChipConfig`'s defaults, changed by ``overrides``.
    mode
        What the chip does for ``sim.setup(hardware=chip)``, unless ``hardware_mode`` there says otherwise: with
        ``"lock-step"`` it carries the spikes of a network that is simulated in software, with ``"on-chip"`` the
        network's neurons are those of its cores.
    engine
        ``"auto"`` (the fastest that this machine can run) or an engine's name; on-chip also ``"model"``, which is the
        cores in plain whole numbers, and ``"fpga"``, which is a board at ``port``.
    port, baud
        The board's serial port, such as ``/dev/ttyUSB0``, and its bits in a second, 3,000,000 unless it was built for
        others.
    threads
        How many threads the engine may use, where it can (see `CompiledEngine`); the results do not depend on it.
    partition, placement
        Methods of `map_network`.
    profile
        A trace of the same network in software, whose spike counts guide the mapping where they are not known
        beforehand; on-chip, the report has firing rates beside those in it.
    seed
        Seed of partitioning and placement.
    mapping
        A mapping that was found before, or its file, which is taken instead of one by these methods.
    split
        Whether a replay divides neurons that have more inputs than a crossbar has axons (`split_fan_in`). In lock-step
        and on-chip they are refused.
    compare
        What a run in lock-step or on-chip is compared with: True or ``"software"`` for the same network in software,
        which is run beside it when results are asked for, or a trace, or its file or folder; by default nothing.
    score
        A function of a trace that says how well the network did, with a number or several by name, for both of these.
    inferences
        Number of inferences in a run, such as images shown, for the energy of one; not used if it is interrupted.
    waves
        Where to send waveforms, for example a `VcdRecorder`.
    neuron_waves
        On-chip: where potentials, spikes and axon events go as waveforms.
    progress
        Called about four times a second with (cycle, delivered, injected), but not on-chip, where `swsim` tells of
        its steps.
    mapper
        What maps networks that are simulated in software, in place of `map_network`: for mappings that are known.

    Raises
    ------
    ConfigError
        If an override is wrong.
    FileNotFoundError, TraceError
        If ``compare`` is no file of a trace, or ``mapping`` no file.
    MappingError
        If ``mapping`` is not the file of a mapping.
    TypeError
        If ``threads`` is not an integer, ``compare`` something else, or ``score`` no function.
    ValueError
        If there is no such mode or engine, ``threads`` is out of its range, ``inferences`` is no whole number from 1
        on, or the engine has no waves to send.
    """

    def __init__(
        self,
        config: ChipConfig | None = None,
        *,
        mode: str = LOCK_STEP,
        engine: str = "auto",
        threads: int = 1,
        port: str | None = None,
        baud: int | None = None,
        partition: str = "auto",
        placement: str = "optimised",
        profile: Trace | None = None,
        seed: int = 0,
        mapping: GivenMapping | str | Path | None = None,
        split: bool = True,
        compare: bool | Trace | str | Path = False,
        score: ScoreFunction | None = None,
        inferences: int | None = None,
        waves: WaveSink | None = None,
        neuron_waves: NeuronRecorder | None = None,
        progress: CycleProgress | None = None,
        mapper: Mapper = map_network,
        **overrides: Any,
    ) -> None:
        if mode not in HARDWARE_MODES:
            raise ValueError(f"mode must be one of {', '.join(HARDWARE_MODES)}, not {mode!r}")
        engines = (*ENGINES, MODEL, BOARD) if mode == ON_CHIP else ENGINES
        if engine not in engines:
            raise ValueError(f"engine must be one of {', '.join(engines)}, not {engine!r}")
        if engine in (MODEL, BOARD) and (waves is not None or neuron_waves is not None):
            raise ValueError(
                f"waves need an engine that {'has' if engine == MODEL else 'simulates'} gates, not {engine!r}"
            )
        if engine == BOARD and port is None:
            raise ValueError("port must be given for the engine 'fpga', such as /dev/ttyUSB0, or simulated")
        if engine != BOARD and (port is not None or baud is not None):
            raise ValueError(f"port and baud are for the engine 'fpga', not {engine!r}")
        if baud is not None and baud < 1:
            raise ValueError(f"baud must be at least 1, not {baud}")
        if inferences is not None and (type(inferences) is not int or inferences < 1):
            raise ValueError(f"inferences must be a whole number of at least 1, not {inferences!r}")
        check_threads(threads)
        if config is None:
            config = ChipConfig(**overrides)
        elif overrides:
            config = config.replace(**overrides)
        self.config = config
        self.mode = mode
        self.partition = partition
        self.placement = placement
        self.profile = profile
        self.seed = seed
        self.mapping = GivenMapping.load(mapping) if isinstance(mapping, str | Path) else mapping
        self.split = split
        self.inferences = inferences
        self.waves = waves
        self.neuron_waves = neuron_waves
        self.progress = progress
        self._mapper = mapper
        self._reference = Reference(compare, score)
        self._engine_name = engine
        self._threads = threads
        self._port = port
        self._baud = baud
        self._lock_step: Session | None = None
        self._cores: CoreSession | None = None
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

    def replay(self, trace: Trace) -> ChipRun:
        """Map a trace's network by its spikes, send them all, and run until the last one is delivered.

        Neurons that have more inputs than a crossbar has axons are divided, if the chip is not told otherwise; the run
        is then that of the network with their parts. Ctrl-C ends it early; the run is then marked as partial. Raises
        `MappingError` if the network does not fit, or breaks a limit of the chip.
        """
        divided = None
        if self.split:
            trace, divided = split_for_chip(trace, self.config)
        session = self._start(Network.of_trace(trace), trace)
        session.mapping_report = replace(session.mapping_report, split=divided)
        partial = trace.partial
        try:
            session.replay(trace)
        except KeyboardInterrupt:
            partial = True
        self._run = self._finish(trace, session, mode="replay", partial=partial)
        return self._run

    # In lock-step (synaptile.swsim.cosim.CoSimulator).

    def begin(self, wiring: Wiring) -> npt.NDArray[np.int32]:
        """Map the network and start a fresh chip; return each neuron's tile, shape (neurons,).

        Raises `MappingError` if it does not fit or breaks a limit of the chip, and ``ValueError`` if the profile, or
        the trace to compare with, is of another network.
        """
        self._reference.begin(wiring.dt, wiring.neurons, wiring.populations)
        self._lock_step = self._cores = self._trace = self._run = None
        self._lock_step = self._start(Network.of_wiring(wiring, self.profile), wiring)
        return self._lock_step.mapped.mapping.tile

    @property
    def rounds_weights(self) -> bool:
        """Whether weights are rounded in lock-step (synaptile.swsim.cosim.RoundsWeights)."""
        return self.config.weight_bits is not None and WEIGHTS not in self.config.relax

    def realised_weights(self, projections: Sequence[ProjectionWeights]) -> tuple[npt.NDArray[np.float64] | None, ...]:
        """The weights of each projection in the bits that a weight has; None where they are those of software.

        Raises `MappingError` if one bit would have to hold weights of both signs.
        """
        if self._lock_step is None:
            raise RuntimeError("realised_weights needs a network: call begin first")
        self._run = None
        return self._lock_step.round_weights(projections)

    def exchange(self, step: int, spikes: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Send a step's spikes, run to the end of the step, and return what arrived in it as (neuron, tile)."""
        if self._lock_step is None:
            raise RuntimeError("exchange needs a network: call begin first")
        self._run = None
        return self._lock_step.exchange(step, spikes)

    @property
    def not_compiled(self) -> str | None:
        """Why a network cannot call this chip from compiled code (synaptile.swsim.cosim.CarriesInCompiledCode)."""
        if self._lock_step is not None:
            return self._lock_step.not_compiled
        return f"its engine is {self._engine_name!r}" if self._engine_name == "amaranth" else None

    def carrier(self) -> Carrier:
        """The chip with its network, as compiled code calls it in place of `exchange`."""
        if self._lock_step is None:
            raise RuntimeError("carrier needs a network: call begin first")
        return self._lock_step.carrier

    def end(self, trace: Callable[[], Trace]) -> None:
        """Take what puts the trace together, for when the results are asked for."""
        if self._session is not None:
            self._trace, self._run = trace, None

    # On-chip (synaptile.swsim.cosim.NeuronHardware).

    def program(self, network: OnChipNetwork) -> None:
        """Convert the network to whole numbers, and start a fresh chip whose cores hold it.

        Raises `MappingError` if it does not fit or something in it has no form in gates, `ConfigError` if this chip's
        tiles have none, and ``ValueError`` if the profile, or the trace to compare with, is of another network.
        """
        self._reference.begin(network.dt, network.neurons, network.slices)
        if self._cores is not None:
            self._cores.close()
        self._lock_step = self._cores = self._trace = self._run = None
        self._cores = CoreSession.start(
            network,
            self.config,
            engine=self._engine_name,
            threads=self._threads,
            port=self._port,
            baud=self._baud,
            waves=self.waves,
            neuron_waves=self.neuron_waves,
            profile=self.profile,
            methods=self._methods(),
        )

    def run_ticks(
        self, first: int, last: int, step: npt.NDArray[np.int64], neuron: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Run ticks ``first`` to ``last`` with the sources' spikes; return (step, neuron) of those of neurons."""
        self._run = None
        return self._in_cores("run_ticks").run_ticks(first, last, step, neuron)

    def read(self, variable: str, neurons: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The present values of a state variable of neurons of one population, in the unit of their cell type."""
        return self._in_cores("read").read(variable, neurons)

    @property
    def cores(self) -> CoreSession | None:
        """What became of the network that was last run on-chip, and what holds it; None if there was none."""
        return self._cores

    # What the network would have done in software (synaptile.swsim.cosim.WantsReference).

    @property
    def wants_reference(self) -> bool:
        """Whether runs are compared with software."""
        return self._reference.is_software

    def take_reference(self, reference: Callable[[], Trace]) -> None:
        """Take what runs the network in software, for when the results are asked for."""
        self._reference.take(reference)

    def _in_cores(self, method: str) -> CoreSession:
        if self._cores is None:
            raise RuntimeError(f"{method} needs a network: call program first")
        return self._cores

    @property
    def _session(self) -> Session | CoreSession | None:
        return self._lock_step or self._cores

    @property
    def has_run(self) -> bool:
        """Whether there is anything to `report`."""
        return self._run is not None or (self._session is not None and self._trace is not None)

    def report(self) -> ChipRun:
        """The last run with all that the hardware did in it; ``print`` it for a table.

        Everything since the last reset is in it, computed when it is asked for and kept until the network runs on.

        Raises ``RuntimeError`` if nothing has run yet.
        """
        if self._run is None:
            if self._session is None or self._trace is None:  # not `has_run`
                raise RuntimeError("nothing has run on this chip yet: run a network with it, or replay a trace")
            trace = self._trace()
            if self._lock_step is not None:
                self._run = self._finish(trace, self._lock_step, mode=LOCK_STEP, partial=trace.partial)
            else:
                self._run = finished_in_cores(
                    self._in_cores("report"),
                    trace,
                    self._reference,
                    profile=self.profile,
                    seed=self.seed,
                    inferences=self.inferences,
                )
        return self._run

    def _start(self, network: Network, wired: Limited) -> Session:
        return Session.start(
            network,
            wired,
            self.config,
            engine=self._engine_name,
            threads=self._threads,
            waves=self.waves,
            progress=self.progress,
            methods=self._methods(),
            mapper=self._mapper,
        )

    def _methods(self) -> MappingMethods:
        return MappingMethods(self.partition, self.placement, self.seed, self.mapping)

    def _finish(self, trace: Trace, session: Session, *, mode: str, partial: bool) -> ChipRun:
        return finished_run(
            session, trace, self._reference, mode=mode, seed=self.seed, partial=partial, inferences=self.inferences
        )
