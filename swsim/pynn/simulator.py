"""The state behind the PyNN API: the clock, the flags that PyNN asks for, the network and its engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from pyNN import common

from ..base.random_streams import SeedTree
from ..base.time_grid import TimeGrid
from ..cosim import LOCK_STEP, ON_CHIP, CoSimulator, NeuronHardware, RoundsWeights, WantsReference
from ..engine.memory import release_memory
from ..engine.on_chip import OnChipEngine
from ..engine.simulation import Engine
from ..onchip import OnChipNetwork
from ..settings import Hardware, Progress, defaults
from ..synapses.edge_list import Synapses
from ..trace import Trace
from .deferred_trace import DeferredTrace
from .interfaces import PopulationLike, ProjectionLike, RecorderLike
from .network import Network
from .on_chip import changed_on_chip, kinds_of
from .software_reference import SoftwareReference

__all__ = ["DEFAULT_SEED", "ID", "State", "name", "state"]

name = "synaptile"
DEFAULT_SEED = 0
_RELEASE_THRESHOLD = 100_000  # connections, from which on memory is given back after a load


class ID(int, common.IDMixin):
    """A neuron: its number in the network, counted from 0 over all populations."""

    parent: Any

    @classmethod
    def of(cls, number: int, population: PopulationLike) -> ID:
        """Make the id of a neuron (setting ``parent`` would ask the cell type for a parameter of that name)."""
        cell = cls(number)
        cell.__dict__["parent"] = population
        return cell


class State(common.control.BaseState):
    """Everything between one ``setup()`` and the next.

    Attributes
    ----------
    network
        The populations, projections and current sources of the script.
    engine
        What runs them.
    seeds
        All seeds that follow from that of ``setup()``.
    segment_counter
        The number of resets so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mpi_rank = 0
        self.num_processes = 1
        self.setups = 0
        self.clear()

    def clear(
        self,
        timestep: float = common.control.DEFAULT_TIMESTEP,
        min_delay: float | str = "auto",
        max_delay: float | str = "auto",
        seed: int = DEFAULT_SEED,
        hardware: Hardware | None = None,
        progress: Progress | None = None,
        *,
        hardware_mode: str = LOCK_STEP,
        off_grid: bool = False,
        threads: int = 1,
        integration: Mapping[type, str] | None = None,
        reference_progress: Progress | None = None,
    ) -> None:
        """Forget the network and start a new, empty one."""
        self.grid = TimeGrid(timestep)
        self.seeds = SeedTree(seed)
        self.configured_min_delay = min_delay
        self.configured_max_delay = max_delay
        self.hardware = hardware
        self.hardware_mode = hardware_mode
        self.off_grid = off_grid
        self.network = Network(self.grid, seed, integration or {})
        self.engine: Engine
        if hardware is not None and hardware_mode == ON_CHIP:
            self.engine = OnChipEngine(self.grid, cast(NeuronHardware, hardware), progress)
        else:
            self.engine = Engine(self.grid, cast(CoSimulator | None, hardware), progress, threads)
        self.recorders: set[RecorderLike] = set()
        self.write_on_end: list[tuple[Any, Any, str]] = []
        self._generators_seeded = 0
        self._mapping: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]] | None = None
        self._programmed: OnChipNetwork | None = None
        self._handed_over: DeferredTrace | None = None
        self._reference: SoftwareReference | None = None
        self._reference_progress = reference_progress
        self.segment_counter = 0
        self._begin_segment()
        self.network_changed()

    def _begin_segment(self) -> None:
        self.running = False
        self.partial = False
        self.t_start = 0

    @property
    def t(self) -> float:
        """The current time in ms."""
        return self.grid.time(self.engine.step)

    @property
    def dt(self) -> float:
        """The time step in ms."""
        return self.grid.dt

    @property
    def min_delay(self) -> float:
        """The given minimum delay in ms; if 'auto', the shortest of the network, or one step without connections."""
        if not isinstance(self.configured_min_delay, str):
            return self.configured_min_delay
        return self.grid.time(self.network.delay_range()[0])

    @property
    def max_delay(self) -> float:
        """The given maximum delay in ms; if 'auto', the longest of the network, or one step without connections."""
        if not isinstance(self.configured_max_delay, str):
            return self.configured_max_delay
        return self.grid.time(self.network.delay_range()[1])

    def network_changed(self) -> None:
        """Note that populations or connections are no longer those that the engine has."""
        self._network_changed = True

    @property
    def is_loaded(self) -> bool:
        """Whether the engine has the populations and connections as they are now."""
        return not self._network_changed

    def states_changed(
        self, population: PopulationLike, variable: str, values: npt.NDArray[np.float64], index: npt.NDArray[np.int64]
    ) -> None:
        """Note that some neurons of a population were given other states."""
        if isinstance(self.engine, OnChipEngine):
            self.engine.states_set = True
        if self._reference is not None:
            self._reference.states_changed(population, variable, values, index)

    def parameters_changed(self) -> None:
        """Note that neurons have other parameters than when the engine last looked."""
        self._parameters_changed = True

    def before_synapses_change(self, projection: ProjectionLike, index: Any, values: Mapping[str, Any]) -> None:
        """Note that parameters of some synapses are about to become other values."""
        self.keep_trace()
        if self._reference is not None:
            self._reference.before_synapses_change(projection, index, values)

    def synapses_initialized(self, projection: ProjectionLike, variable: str, values: npt.NDArray[np.float64]) -> None:
        """Note that a state variable of a projection's synapses was set."""
        if self._reference is not None:
            self._reference.synapses_initialized(projection, variable, values)

    def rewarded(self, projection: ProjectionLike, amount: float) -> None:
        """Note that a projection's synapses were rewarded."""
        if self._reference is not None:
            self._reference.rewarded(projection, amount)

    def population_seed(self, first_id: int) -> np.random.SeedSequence:
        """Return the seed of a population in the present segment, by its first neuron.

        Every segment has spikes of its own, and they do not depend on what is built after the population.
        """
        return self.seeds.stream("population", self.segment_counter, first_id)

    def projection_seed(self, position: int) -> np.random.SeedSequence:
        """Return the seed of a projection's synapses in the present segment, by its position among the projections."""
        return self.seeds.stream("projection", self.segment_counter, position)

    def next_generator_seed(self) -> int:
        """Return a new seed for a random generator of PyNN's, by the number of those seeded before."""
        self._generators_seeded += 1
        return int(self.seeds.stream("generator", self._generators_seeded).generate_state(1)[0])

    def run(self, simtime: float) -> None:
        """Run for so many ms."""
        self.run_until(self.t + simtime)

    def run_until(self, tstop: float) -> None:
        """Run up to the grid point nearest to ``tstop`` ms."""
        self.running = True
        self.load()
        self.engine.run(self.grid.step(tstop))

    def load(self) -> None:
        """Give the engine the network as it is now."""
        if self.engine.started:
            if self._reference is not None:
                self._reference.follow()
        elif getattr(self.hardware, "wants_reference", False):
            self._reference = SoftwareReference(
                self.network, self.engine, self.segment_counter, self._reference_progress
            )
        if isinstance(self.engine, OnChipEngine):
            self._program(self.engine, cast(NeuronHardware, self.hardware))
        elif self._network_changed:
            self.network.slices()  # raises for labels that no file could have, before anything has run
            self.network.announce_memory()
            hardware = cast(CoSimulator | None, self.hardware)
            tile = None if hardware is None else self._mapped(hardware, self.network.synapses())
            self.network.load_into(self.engine, tile, self._realised_weights())
            if self.network.connections > _RELEASE_THRESHOLD:
                release_memory()  # putting connections in order takes several times their memory
        elif self._parameters_changed:
            self.engine.prepare()
        self._network_changed = self._parameters_changed = False
        self.engine.set_electrodes(wave for electrode in self.network.electrodes for wave in electrode.waveforms())

    def _mapped(self, hardware: CoSimulator, synapses: Synapses) -> npt.NDArray[np.int32]:
        """Map neurons to tiles at the start of a segment; keep the tiles while only weights and delays change."""
        neurons = self.network.neurons
        if self.engine.step > 0 and self._mapping is not None:
            tile, pre, post = self._mapping
            if len(tile) == neurons and np.array_equal(pre, synapses.pre) and np.array_equal(post, synapses.post):
                return tile
            raise RuntimeError(
                f"hardware cannot take new neurons or connections in the middle of a run, and the time is {self.t} ms; "
                f"call reset() before the next run"
            )
        self._mapping = None
        tile = np.asarray(hardware.begin(self.network.wiring(synapses)), np.int32)
        if tile.shape != (neurons,) or (tile < 0).any():
            raise ValueError(
                f"hardware.begin() must return one tile (0 or above) for each of {neurons} neurons, "
                f"not an array of shape {tile.shape}"
            )
        self._mapping = tile, synapses.pre, synapses.post
        return tile

    def _realised_weights(self) -> list[npt.NDArray[np.float64] | None] | None:
        """Return the weights of each projection as the hardware in lock-step has them, None for those of software."""
        if not getattr(self.hardware, "rounds_weights", False):
            return None
        asked = self.network.weights()
        weights = list(cast(RoundsWeights, self.hardware).realised_weights(asked))
        for part, weight in zip(asked, weights, strict=True):
            if weight is not None and (part.plastic or weight.shape != part.weight.shape):
                raise ValueError(
                    f"hardware.realised_weights() must return {len(part.weight)} weights for {part.label!r}, or None "
                    f"where it is plastic, not an array of shape {weight.shape}"
                )
        return weights

    def _program(self, engine: OnChipEngine, hardware: NeuronHardware) -> None:
        """Put the network into hardware that runs the neurons, before the first step; later it may not change."""
        before = self._programmed if engine.started else None
        touched = self._network_changed or self._parameters_changed or engine.states_set
        if before is not None and not touched and before.electrodes == kinds_of(self.network.electrodes):
            return  # a run with callbacks is many short ones
        network = self.network.on_chip()
        if before is not None:
            changed = changed_on_chip(before, network) or ("states of neurons" if engine.states_set else None)
            if changed:
                raise RuntimeError(
                    f"hardware that runs the neurons cannot take other {changed} in the middle of a run, and the time "
                    f"is {self.t} ms; call reset() before the next run"
                )
            return
        self.network.slices()  # raises for labels that no file could have, before anything has run
        self._programmed = None
        hardware.program(network)
        engine.load(self.network.blocks())
        engine.states_set = False
        self._programmed = network

    def keep(self) -> None:
        """Hand over what has run since the last reset, before it is forgotten, to whoever wants to keep it."""
        if defaults.keep is not None and self.engine.started:
            defaults.keep(self.trace(), self.hardware)

    def forget_reference(self) -> None:
        """Let what follows the network in software come to where the hardware is, before that is forgotten."""
        if self._reference is not None:
            self._reference.keep()
            self._reference = None

    def reset(self) -> None:
        """Go back to time 0 with the initial states, in a new segment."""
        self.keep()
        self.keep_trace()
        self.forget_reference()
        self.segment_counter += 1
        self.engine.restart()
        for population in self.network.populations:
            population.restart()
        for projection in self.network.projections:
            projection.restart()
        for recorder in self.recorders:
            recorder.restart()
        for electrode in self.network.electrodes:
            electrode.restart()
        if self.hardware is not None:
            self._network_changed = True
        self._begin_segment()

    def hand_over(self) -> None:
        """Give the hardware the trace of everything run so far, put together when it asks for it.

        Hardware that does not have the network, because it did not fit, is given none.
        """
        loaded = -1 if self._mapping is None else len(self._mapping[0])
        if self._programmed is not None:
            loaded = self._programmed.neurons
        if self.hardware is not None and loaded == self.network.neurons:
            if self._handed_over is None or self.partial:  # else what it has makes the trace of now
                trace = self.network.copy().trace
                self._handed_over = DeferredTrace(
                    partial(trace, self.engine, segment=self.segment_counter, partial=self.partial)
                )
            if self._reference is not None:
                cast(WantsReference, self.hardware).take_reference(self._reference.trace)
            self.hardware.end(self._handed_over)

    def keep_trace(self) -> None:
        """Put the trace that the hardware was given together, before what it shows is changed."""
        if self._handed_over is not None:
            self._handed_over.keep()
            self._handed_over = None

    def trace(self) -> Trace:
        """Return the spikes since the last reset, and all connections."""
        return self.network.trace(self.engine, segment=self.segment_counter, partial=self.partial)


state = State()
