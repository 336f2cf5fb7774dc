"""The simulation loop.

Time is a grid: point k is at ``k * dt``. To go from k to k + 1 the engine integrates all neurons over the step and adds
the input that acts at k + 1; who is at threshold there, and every source whose time has come, fires *at* k + 1, a
source as often as it has spikes there, and these act ``delay`` steps later, at grid point k + 1 + delay. The index of a
spike is the same number in the recorded data (time ``k * dt``), in the trace (``spike_step``) and for the hardware
(``exchange(k, ...)``).
Grid point 0 belongs to the first run: only spike sources can fire there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from ..base.interrupts import DeferredInterrupt
from ..base.time_grid import TimeGrid
from ..cosim import CarriesInCompiledCode, CoSimulator
from ..kernels.policy import worth_it
from ..neurons.model import NeuronModel
from ..recording.sampler import Sampler
from ..recording.spike_log import SpikeLog
from ..settings import Progress
from ..sources.currents import Currents, CurrentSource
from ..sources.spike_source import SpikeSource
from ..synapses.csr import EdgeLists, parts_of
from ..synapses.dynamics import Dynamics
from ..synapses.edge_list import Synapses
from ..synapses.fan_out import FanOut
from ..synapses.gap_junctions import GapJunctions
from ..synapses.ring_buffer import RingBuffer
from .called_bank import CalledBank
from .compiled_network import CompiledNetwork
from .paths import Obstacle, Paths, obstacles, why_not_yet
from .populations import ModelBank, PopulationBlock, banks
from .thread_pool import shares

__all__ = ["Engine"]

_PROGRESS_PERIOD = 0.25  # s
_MAX_CHUNK_TIME = 0.1  # s: how long Ctrl-C may have to wait
_INITIAL_CHUNK = 32  # steps
_MAX_CHUNK_GROWTH = 16  # from one call of the compiled loop to the next
_MAX_CHUNK_SPIKES = 1 << 18  # of sources in such a call, about


class Engine:
    """Runs a network of blocks and synapses, on a grid, alone or with hardware that carries the spikes.

    Attributes
    ----------
    step
        The grid point reached.
    started
        Whether grid point 0 has been processed.
    log
        All spikes since the beginning or the last `restart`.
    samplers
        What is recorded; freely changed between runs.
    """

    def __init__(
        self,
        grid: TimeGrid,
        hardware: CoSimulator | None = None,
        progress: Progress | None = None,
        threads: int = 1,
    ) -> None:
        self._grid = grid
        self._threads = threads
        self._bounds = np.zeros(2, np.int64)
        self._hardware = hardware
        self._progress = progress
        self.samplers: list[Sampler] = []
        self._line = RingBuffer(0, 1)
        self._banks: Sequence[ModelBank] = []
        self._firing: list[tuple[int, SpikeSource | None, ModelBank | None]] = []
        self._in_order = True
        self._tile = np.empty(0, np.int32)
        self._routes = FanOut(Synapses.none(), self._tile)
        self._blocks: Sequence[PopulationBlock] = ()
        self._obstacles: Sequence[Obstacle] = obstacles((), (), self._line, hardware)
        self._compiled: CompiledNetwork | None = None
        self._called: dict[int, CalledBank] = {}
        # A step of hardware may take long, and is not known before.
        self._chunk = _INITIAL_CHUNK if hardware is None else 1
        self._last_report = 0.0
        self._sources: Sequence[SpikeSource] = ()
        self._dynamics: Sequence[Dynamics] = ()
        self._gaps: Sequence[GapJunctions] = ()
        self._electrodes: Sequence[CurrentSource] = ()
        self.restart()

    def restart(self) -> None:
        """Go back to grid point 0: no spikes, nothing under way. States of neurons and sources are not touched."""
        self.step = 0
        self.started = False
        self.log = SpikeLog()
        self._line = RingBuffer(self._line.neurons, self._line.max_delay, self._line.receptors)
        self._unsent: npt.NDArray[np.int32] | None = None
        self._intact = True
        self._currents: Currents | None = None

    def load(
        self,
        blocks: Sequence[PopulationBlock],
        synapses: EdgeLists,
        tile: npt.NDArray[np.int32] | None = None,
        dynamics: Sequence[Dynamics] = (),
        gaps: Sequence[GapJunctions] = (),
    ) -> None:
        """Take a network, or the same one changed: blocks may only be added at the end; input under way is kept.

        ``synapses`` are those of fixed weight, or functions that make them part by part, and ``dynamics`` the others.
        ``tile`` is each neuron's tile, shape (neurons,); without hardware there is one tile.
        """
        neurons = blocks[-1].stop if blocks else 0
        arriving, max_delay = np.zeros(neurons, np.int64), 1
        for part in parts_of(synapses):
            arriving += np.bincount(part.post, minlength=neurons)
            max_delay = max(max_delay, part.max_delay)
        max_delay = max([max_delay, *(group.synapses.max_delay for group in dynamics)])
        receptors = max([2, *(block.model.receptors for block in blocks if isinstance(block.model, NeuronModel))])
        self._line = self._line.resized(neurons, max_delay, receptors)
        self._blocks = tuple(blocks)
        for group in dynamics:
            arriving += np.bincount(group.synapses.post, minlength=neurons)
        self._obstacles = obstacles(blocks, dynamics, self._line, self._hardware)
        self._tile = np.zeros(neurons, np.int32) if tile is None else tile
        # The compiled loop has the synapses of each thread's neurons apart, as if it were a tile.
        together = self._obstacles or gaps or self._hardware is not None
        self._bounds = shares(arriving, 1 if together else self._threads)
        parts = len(self._bounds) - 1
        apart = self._tile if parts == 1 else np.repeat(np.arange(parts, dtype=np.int32), np.diff(self._bounds))
        self._routes = FanOut(synapses, apart, self._line.receptors, tiles=parts if parts > 1 else None, indexed=False)
        self._dynamics = tuple(dynamics)
        for group in self._dynamics:
            group.prepare(self._tile, self._line)
        self._gaps = tuple(gaps)
        self._banks = banks(blocks)
        # By first id: the spikes of one after the other are in order unless the neurons of a bank lie apart.
        sources = [(block.start, block.model, None) for block in blocks if isinstance(block.model, SpikeSource)]
        neurons_of = [(int(bank.neurons[0]), None, bank) for bank in self._banks]
        self._firing = sorted([*sources, *neurons_of], key=lambda part: part[0])
        self._sources = [block.model for block in blocks if isinstance(block.model, SpikeSource)]
        self._in_order = all(isinstance(bank.index, slice) for bank in self._banks)
        self._compiled = None
        self._called = {}
        self._currents = None
        self.prepare()

    @property
    def paths(self) -> Paths:
        """How the last run went, or before the first one how it would go."""
        if self._compiled is not None:
            return Paths((), ())
        of_model = {id(bank.model) for bank in self._banks if id(bank) in self._called}
        kinds = {bank.model.kind for bank in self._banks if id(bank.model) in of_model}
        stepped = [isinstance(b.model, NeuronModel) and b.model.kind in kinds for b in self._blocks]
        return Paths(self._obstacles or (why_not_yet(),), stepped)

    def expected(self, blocks: Sequence[PopulationBlock], dynamics: Sequence[Dynamics]) -> Paths:
        """How a network would go that has not been loaded yet, as far as that is known."""
        return Paths(obstacles(blocks, dynamics, self._line, self._hardware) or (why_not_yet(),), ())

    def prepare(self) -> None:
        """Compute anew what depends on the parameters of the neurons."""
        for bank in self._banks:
            bank.model.prepare(self._grid.dt)
        if self._compiled is not None:
            self._compiled.prepare()
        for called in self._called.values():
            called.prepare()

    def set_electrodes(self, electrodes: Iterable[CurrentSource]) -> None:
        """Replace all electrodes. Those that are the same objects as before give the same currents."""
        before, self._electrodes = self._electrodes, tuple(electrodes)
        if len(before) != len(self._electrodes) or any(
            a is not b for a, b in zip(before, self._electrodes, strict=True)
        ):
            self._currents = None

    def run(self, target: int) -> None:
        """Run up to grid point ``target``.

        Raises ``KeyboardInterrupt`` after the end of a step if Ctrl-C is pressed, and whatever the hardware or the
        progress function raises; `step` and `log` then cover the last complete step, and `run` can be called again.
        """
        if not self._intact:
            raise RuntimeError(f"step {self.step + 1} was left half done; call reset() before running on")
        for sampler in self.samplers:
            sampler.catch_up(self.step)
        try:
            self._run(target)
        finally:
            for bank in self._banks:
                bank.model.settle()

    def _run(self, target: int) -> None:
        self._last_report = time.monotonic()
        if self._currents is None:
            self._currents = Currents(self._electrodes, self._line.neurons)
        currents = self._currents
        self._compile(target)
        with DeferredInterrupt() as interrupt:
            if not self.started:
                for group in self._dynamics:
                    group.recall()
                if self._unsent is None:
                    self._unsent = self._emissions(0, None, None)
                self._deliver(0)
                self.started = True
            self._sample()
            while self.step < target:
                if self._compiled is not None:
                    self._run_compiled(self._compiled, target, currents)
                    self._sample_others(self._compiled)
                    if self._after_steps(interrupt, target):
                        break
                    continue
                if self._unsent is None:
                    self._unsent = self._integrate(currents.during(self.step))
                self._deliver(self.step + 1)
                self.step += 1
                if self.samplers:
                    self._sample()
                if self._after_steps(interrupt, target):
                    break
        for group in self._dynamics:
            group.settle(self.step)
        if interrupt.requested:
            raise KeyboardInterrupt
        if self._progress is not None:
            self._progress(self.step, target, len(self.log))

    def _compile(self, target: int) -> None:
        """Go over to compiled loops, or to compiled steps of some models, if that is worth it by a grid point."""
        if self._compiled is not None:
            return
        effort = max((bank.model.effort for bank in self._banks), default=1)
        if not worth_it(self._line.neurons, target * effort):
            return
        if not self._obstacles:
            carrier = None
            if self._hardware is not None:
                carrier = cast(CarriesInCompiledCode, self._hardware).carrier()
            self._compiled = CompiledNetwork(
                self._blocks,
                self._banks,
                self._routes,
                self._bounds,
                self._dynamics,
                self._line,
                self._gaps,
                carrier,
                self._tile,
            )
            return
        for bank in self._banks:
            if id(bank) not in self._called and CalledBank.can_run(bank.model):
                self._called[id(bank)] = CalledBank(bank.model, self._line.receptors)

    def _after_steps(self, interrupt: DeferredInterrupt, target: int) -> bool:
        """Report progress now and then; return whether to stop."""
        if not interrupt.requested and self._progress is not None:
            now = time.monotonic()
            if now - self._last_report > _PROGRESS_PERIOD:
                self._last_report = now
                self._progress(self.step, target, len(self.log))
        return interrupt.requested

    def _run_compiled(self, network: CompiledNetwork, target: int, currents: Currents) -> None:
        """Run some steps at once, as many as take about `_MAX_CHUNK_TIME`."""
        begun = time.perf_counter()
        # The spikes of all sources are drawn before the loop.
        known, others = network.split(self.samplers)
        target = min([target, *(sampler.due for sampler in others if sampler.due > self.step)])
        fits = int(_MAX_CHUNK_SPIKES / max(1.0, sum(source.mean_per_step for source in self._sources)))
        stop = min(target, self.step + min(self._chunk, max(1, fits), currents.max_steps))
        steps = stop - self.step
        self._intact = False
        try:
            network.run(self.step, steps, self._line, currents, known, self.log)
        finally:
            self.step = network.reached
        self._intact = True
        took = time.perf_counter() - begun
        if took > _MAX_CHUNK_TIME:
            self._chunk = max(1, steps // 2)
        elif steps == self._chunk and took < _MAX_CHUNK_TIME / 2:
            # To half of the time, as activity may grow.
            self._chunk *= max(1, min(_MAX_CHUNK_GROWTH, int(_MAX_CHUNK_TIME / 2 / took)))

    def _integrate(self, current: npt.NDArray[np.float64] | None) -> npt.NDArray[np.int32]:
        self._intact = False
        for group in self._dynamics:
            group.recall()
            group.begin(self.step + 1, self._line)
        arriving = self._line.advance()
        if self._gaps:
            current = self._through_gaps(current)
        emissions = self._emissions(self.step + 1, arriving, current)
        self._intact = True
        return emissions

    def _through_gaps(self, current: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
        """Return the current of electrodes and gap junctions into each neuron."""
        potential = np.zeros(self._line.neurons)
        for bank in self._banks:
            potential[bank.index] = bank.model.state["v"]
        total = np.zeros(self._line.neurons) if current is None else current.copy()
        for gaps in self._gaps:
            total += gaps.currents(potential)
        return total

    def _emissions(
        self, step: int, arriving: npt.NDArray[np.float64] | None, current: npt.NDArray[np.float64] | None
    ) -> npt.NDArray[np.int32]:
        """Return the neurons that fire at a grid point, in ascending order; at grid point 0 these are sources only.

        A source is there once for each of its spikes.
        """
        fired = []
        for start, source, bank in self._firing:
            if source is not None:
                spiking = source.emit(step)
                if len(spiking):
                    fired.append(np.add(spiking, start, dtype=np.int32, casting="unsafe"))
            elif arriving is not None and bank is not None:
                index = bank.index
                model = self._called.get(id(bank), bank.model)
                spiking = model.advance(arriving[:, index], None if current is None else current[index])
                if len(spiking):
                    fired.append(bank.neurons[spiking])
        if len(fired) == 1:
            return fired[0]
        if not fired:
            return np.empty(0, np.int32)
        merged = np.concatenate(fired)
        if not self._in_order:
            merged.sort()
        return merged

    def _deliver(self, step: int) -> None:
        """Send the spikes of a step, take what arrives in it, and count the step as done."""
        spikes = self._unsent
        assert spikes is not None
        if self._hardware is None:
            neurons, tiles = spikes, np.zeros(len(spikes), np.int32)
            self._routes.deposit_spikes(self._line, spikes)
        else:
            neurons, tiles = self._hardware.exchange(step, spikes)
            _check_arrivals(neurons, tiles, self._tile)
            self._routes.deposit(self._line, neurons, tiles)
        for group in self._dynamics:
            group.arrive(step, self._line, neurons, tiles)
            group.fire(step, spikes)
        self.log.append(step, spikes)
        self._unsent = None

    def _sample(self) -> None:
        self._take_samples(self.samplers)

    def _sample_others(self, network: CompiledNetwork) -> None:
        """Take the samples of what the compiled loop does not record."""
        _, others = network.split(self.samplers)
        self._take_samples(others)

    def _take_samples(self, samplers: Sequence[Sampler]) -> None:
        if self._dynamics and any(sampler.due == self.step for sampler in samplers):
            for group in self._dynamics:
                group.settle(self.step)
        for sampler in samplers:
            sampler.sample(self.step)


def _check_arrivals(neurons: npt.NDArray[np.int32], tiles: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> None:
    if len(neurons) != len(tiles):
        raise ValueError(f"exchange() must return as many neurons as tiles, not {len(neurons)} and {len(tiles)}")
    for name, values, stop in (("neurons", neurons, len(tile)), ("tiles", tiles, int(tile.max(initial=0)) + 1)):
        if len(values) and (values.min() < 0 or values.max() >= stop):
            bad = values[(values < 0) | (values >= stop)][0]
            raise ValueError(f"exchange() must return {name} in 0..{stop - 1}, not {bad}")
