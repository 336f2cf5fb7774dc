"""The state behind the PyNN API: one network, its engine, and its trace."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyNN
from pyNN import common

from ..base.time_grid import TimeGrid
from ..cosim import CoSimulator, Wiring
from ..engine.memory import announce, for_engine, give_back, resident
from ..engine.simulation import Engine, PopulationBlock
from ..kernels import cache
from ..neurons.model import NeuronModel
from ..settings import Progress
from ..sources.spike_source import SpikeSource
from ..synapses.edge_list import Synapses
from ..trace import PopulationSlice, Trace

if TYPE_CHECKING:
    from .populations import Population
    from .projections.projection import Projection
    from .recording import Recorder
    from .standardmodels.cells import Cell
    from .standardmodels.electrodes import Electrode

__all__ = ["DEFAULT_SEED", "ID", "State", "name", "state"]

name = "synaptile"
DEFAULT_SEED = 0
_MANY = 100_000  # connections


class ID(int, common.IDMixin):
    """A neuron: its number in the network, counted from 0 over all populations."""

    parent: Any

    @classmethod
    def of(cls, number: int, population: Population) -> ID:
        """That neuron of a population (setting ``parent`` would ask the cell type for a parameter of that name)."""
        cell = cls(number)
        cell.__dict__["parent"] = population
        return cell


class State(common.control.BaseState):
    """Everything between one ``setup()`` and the next."""

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
        hardware: CoSimulator | None = None,
        progress: Progress | None = None,
        *,
        off_grid: bool = False,
        threads: int = 1,
        integration: Mapping[type[Cell], str] | None = None,
    ) -> None:
        """Forget the network and start a new, empty one."""
        self.grid = TimeGrid(timestep)
        self.seed = seed
        self.configured_min_delay = min_delay
        self.configured_max_delay = max_delay
        self.hardware = hardware
        self.off_grid = off_grid
        self.integration = dict(integration or {})
        self.engine = Engine(self.grid, hardware, progress, threads)
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.electrodes: list[Electrode] = []
        self.recorders: set[Recorder] = set()
        self.write_on_end: list[tuple[Any, Any, str]] = []
        self.rngs_seeded = 0
        self._mapping: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]] | None = None
        self.segment_counter = 0
        self._trial = 0
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
        delays = [projection.delay_range()[0] for projection in self._chemical() if len(projection)]
        return self.grid.time(min(delays, default=1))

    @property
    def max_delay(self) -> float:
        """The given maximum delay in ms; if 'auto', the longest of the network, or one step without connections."""
        if not isinstance(self.configured_max_delay, str):
            return self.configured_max_delay
        delays = [projection.delay_range()[1] for projection in self._chemical() if len(projection)]
        return self.grid.time(max(delays, default=1))

    @property
    def neurons(self) -> int:
        """Number of neurons, spike sources included."""
        return sum(population.size for population in self.populations)

    def network_changed(self) -> None:
        """Note that populations or connections are no longer those that the engine has."""
        self._network_changed = True

    def parameters_changed(self) -> None:
        """Note that neurons have other parameters than when the engine last looked."""
        self._parameters_changed = True

    def source_seed(self, first_id: int) -> np.random.SeedSequence:
        """The seed of a population of spike sources in the present segment.

        It depends on the seed, the number of resets and the population's place, so that every segment has trains of
        its own and none depends on what else is in the network after it.
        """
        return np.random.SeedSequence(self.seed, spawn_key=(self._trial, first_id))

    def synapse_seed(self, projection: int) -> np.random.SeedSequence:
        """The seed of a projection's synapses in the present segment, by its place among the projections."""
        return np.random.SeedSequence(self.seed, spawn_key=(self._trial, projection, 1))

    def run(self, simtime: float) -> None:
        """Run for so many ms."""
        self.run_until(self.t + simtime)

    def run_until(self, tstop: float) -> None:
        """Run up to the grid point nearest to ``tstop`` ms."""
        self.running = True
        self._load()
        self.engine.run(self.grid.step(tstop))

    def _load(self) -> None:
        if self._network_changed:
            self._announce_memory()
            tile = None if self.hardware is None else self._mapped(self.hardware, self.synapses())
            blocks = [
                PopulationBlock(int(population.first_id), int(population.last_id) + 1, population.model)
                for population in self.populations
            ]
            static = [part for projection in self._chemical() if projection.is_static for part in projection.parts()]
            dynamics = [projection.dynamics() for projection in self._chemical() if not projection.is_static]
            gaps = [projection.gaps() for projection in self.projections if projection.is_electrical]
            self.engine.load(blocks, static, tile, dynamics, gaps)
            if sum(map(len, self.projections)) > _MANY:
                give_back()  # putting connections in order takes several times their memory
        elif self._parameters_changed:
            self.engine.prepare()
        self._network_changed = self._parameters_changed = False
        self.engine.set_electrodes(wave for electrode in self.electrodes for wave in electrode.waveforms())

    def _announce_memory(self) -> None:
        """Say what the engine will need, if that is much; ``MemoryError`` if there is not so much."""
        fixed = sum(len(projection) for projection in self._chemical() if projection.is_static)
        connections = sum(map(len, self._chemical()))
        models = [population.model for population in self.populations if isinstance(population.model, NeuronModel)]
        receptors = max([2, *(model.receptors for model in models)])
        delays = [projection.delay_range()[1] for projection in self._chemical() if len(projection)]
        places = (max(delays, default=1) + 1) * receptors * self.neurons
        announce(
            for_engine(fixed, connections - fixed, places, compiler=cache.available()),
            f"the network of {self.neurons} neurons and {connections} connections",
            taken=resident(),
        )

    def _mapped(self, hardware: CoSimulator, synapses: Synapses) -> npt.NDArray[np.int32]:
        """Each neuron's tile: mapped at the start of a segment, kept while only weights and delays change."""
        if self.engine.step > 0 and self._mapping is not None:
            tile, pre, post = self._mapping
            if len(tile) == self.neurons and np.array_equal(pre, synapses.pre) and np.array_equal(post, synapses.post):
                return tile
            raise RuntimeError(
                f"hardware cannot take new neurons or connections in the middle of a run, and the time is {self.t} ms; "
                f"call reset() before the next run"
            )
        tile = np.asarray(hardware.begin(self._wiring(synapses)), np.int32)
        if tile.shape != (self.neurons,) or (tile < 0).any():
            raise ValueError(
                f"hardware.begin() must return one tile (0 or above) for each of {self.neurons} neurons, "
                f"not an array of shape {tile.shape}"
            )
        self._mapping = tile, synapses.pre, synapses.post
        return tile

    def reset(self) -> None:
        """Go back to time 0 with the initial states, in a new segment."""
        self._trial += 1
        self.segment_counter += 1
        self.engine.restart()
        for population in self.populations:
            population.restart()
        for projection in self.projections:
            projection.restart()
        for recorder in self.recorders:
            recorder.restart()
        for electrode in self.electrodes:
            electrode.restart()
        if self.hardware is not None:
            self._network_changed = True
        self._begin_segment()

    def hand_over(self) -> None:
        """Give the hardware the trace of everything run so far."""
        if self.hardware is not None:
            self.hardware.end(self.trace())

    def synapses(self) -> Synapses:
        """All connections of the network that carry spikes, with their present weights; put together when asked for."""
        return self._joined(self._chemical())

    def _chemical(self) -> list[Projection]:
        return [projection for projection in self.projections if not projection.is_electrical]

    @staticmethod
    def _joined(projections: list[Projection]) -> Synapses:
        # One projection after the other, so that there is no second copy of them all.
        joined = Synapses.empty(sum(len(projection) for projection in projections))
        start = 0
        for projection in projections:
            part = projection.synapses()
            for field in fields(Synapses):
                getattr(joined, field.name)[start : start + len(part)] = getattr(part, field.name)
            start += len(part)
        return joined

    def _slices(self) -> list[PopulationSlice]:
        return [
            PopulationSlice(
                population.label,
                int(population.first_id),
                int(population.last_id) + 1,
                type(population.celltype).__name__,
                is_source=isinstance(population.model, SpikeSource),
            )
            for population in self.populations
        ]

    def _wiring(self, synapses: Synapses) -> Wiring:
        return Wiring(
            dt=self.dt,
            neurons=self.neurons,
            pre=synapses.pre,
            post=synapses.post,
            weight=synapses.weight,
            delay=synapses.delay,
            populations=self._slices(),
            seed=self.seed,
        )

    def trace(self) -> Trace:
        """Spikes since the last reset, and all connections."""
        synapses = self.synapses()
        return Trace(
            dt=self.dt,
            steps=self.engine.step + 1 if self.engine.started else 0,
            neurons=self.neurons,
            spike_neuron=self.engine.log.neuron.copy(),
            spike_step=self.engine.log.step.copy(),
            pre=synapses.pre,
            post=synapses.post,
            weight=synapses.weight,
            delay=synapses.delay,
            populations=self._slices(),
            meta=self._meta(),
            partial=self.partial,
        )

    def _meta(self) -> dict[str, Any]:
        chosen = {cell.__name__: method for cell, method in self.integration.items()}
        return {
            "seed": self.seed,
            "segment": self.segment_counter,
            **({"integration": chosen} if chosen else {}),
            "versions": {
                "synaptile": version("synaptile"),
                "numpy": np.__version__,
                "pyNN": pyNN.__version__,
                "python": platform.python_version(),
            },
        }

    def require_present(self, population: Population) -> None:
        """Raise ``RuntimeError`` if a population belongs to a network that ``setup()`` has replaced."""
        if not any(population is present for present in self.populations):
            raise RuntimeError(f"population {population.label!r} belongs to a network that setup() has replaced")

    def is_source(self, neuron: int) -> bool:
        """Whether that neuron is a spike source."""
        return any(
            isinstance(population.model, SpikeSource)
            for population in self.populations
            if population.first_id <= neuron <= population.last_id
        )


state = State()
