"""The simulation loop where the neurons are those of hardware: sources are simulated, and time is the same grid."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..base.interrupts import DeferredInterrupt
from ..base.time_grid import TimeGrid
from ..cosim import NeuronHardware
from ..recording.sampler import Sampler
from ..settings import Progress
from ..sources.spike_source import SpikeSource
from ..synapses.csr import EdgeLists
from ..synapses.dynamics import Dynamics
from ..synapses.gap_junctions import GapJunctions
from .populations import PopulationBlock
from .simulation import Engine

__all__ = ["OnChipEngine"]

_MAX_CHUNK_TIME = 0.1  # s: how long Ctrl-C may have to wait, if a single tick does not take longer


class OnChipEngine(Engine):
    """Runs the sources of a network whose neurons are in hardware.

    The state variables of neuron models are those of the hardware where, and when, they are recorded.

    Attributes
    ----------
    states_set
        Whether neurons were given other states than the hardware has; noted by who does so.
    """

    def __init__(self, grid: TimeGrid, hardware: NeuronHardware, progress: Progress | None = None) -> None:
        super().__init__(grid, None, progress)
        self._neurons = hardware

    def restart(self) -> None:
        """Go back to grid point 0."""
        super().restart()
        self.states_set = False
        self._ticks = 1

    def load(
        self,
        blocks: Sequence[PopulationBlock],
        synapses: EdgeLists = (),
        tile: npt.NDArray[np.int32] | None = None,
        dynamics: Sequence[Dynamics] = (),
        gaps: Sequence[GapJunctions] = (),
    ) -> None:
        """Take the populations; synapses are the hardware's."""
        super().load(blocks, ())
        is_source = [isinstance(block.model, SpikeSource) for block in blocks]
        self._is_source = np.repeat(is_source, [block.stop - block.start for block in blocks])
        self._first = {id(block.model): block.start for block in blocks}

    def _run(self, target: int) -> None:
        self._last_report = time.monotonic()
        for sampler in self.samplers:
            self._take(sampler)  # so that what cannot be recorded is refused before anything has run
        with DeferredInterrupt() as interrupt:
            if not self.started:
                self._advance(0, 0)
                self.started = True
            self._sample()
            while self.step < target:
                due = [sampler.due for sampler in self.samplers if sampler.due > self.step]
                last = min([target, self.step + self._ticks, *due])
                begun = time.perf_counter()
                self._advance(self.step + 1, last)
                took, ran = time.perf_counter() - begun, last - self.step
                self.step = last
                if took > _MAX_CHUNK_TIME:
                    self._ticks = max(1, ran // 2)
                elif ran == self._ticks and took < _MAX_CHUNK_TIME / 2:
                    self._ticks *= 2
                self._sample()
                if self._after_steps(interrupt, target):
                    break
        if interrupt.requested:
            raise KeyboardInterrupt
        if self._progress is not None:
            self._progress(self.step, target, len(self.log))

    def _advance(self, first: int, last: int) -> None:
        """Run some ticks, and log all spikes in them."""
        self._intact = False
        steps, neurons = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for block in self._blocks:
            if isinstance(block.model, SpikeSource):
                step, index = block.model.emit_between(first, last)
                steps.append(step)
                neurons.append((index + block.start).astype(np.int32))
        step, neuron = _in_order(np.concatenate(steps), np.concatenate(neurons))
        fired_step, fired = self._neurons.run_ticks(first, last, step, neuron)
        fired_step, fired = np.asarray(fired_step, np.int64), np.asarray(fired, np.int32)
        self._check(fired_step, fired, first, last)
        self.log.extend(*_in_order(np.concatenate([step, fired_step]), np.concatenate([neuron, fired])))
        self._intact = True

    def _check(self, step: npt.NDArray[np.int64], neuron: npt.NDArray[np.int32], first: int, last: int) -> None:
        if step.shape != neuron.shape or step.ndim != 1:
            raise ValueError(f"run_ticks() must return as many steps as neurons, not {step.shape} and {neuron.shape}")
        out = (step < first) | (step > last)
        if out.any():
            raise ValueError(f"run_ticks() must return steps in {first}..{last}, not {step[out][0]}")
        out = (neuron < 0) | (neuron >= len(self._is_source))
        out[~out] = self._is_source[neuron[~out]]
        if out.any():
            raise ValueError(f"run_ticks() must return neurons that are no spike sources, not {neuron[out][0]}")

    def _take(self, sampler: Sampler) -> None:
        """Give a recorded variable the values that it has in the hardware."""
        first = self._first.get(id(sampler.model))
        if first is not None and len(sampler.index):
            values = self._neurons.read(sampler.variable, sampler.index + first)
            sampler.model.state[sampler.variable][sampler.index] = values

    def _sample(self) -> None:
        for sampler in self.samplers:
            if sampler.due == self.step:
                self._take(sampler)
            sampler.sample(self.step)


def _in_order(
    step: npt.NDArray[np.int64], neuron: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return spikes by step, then neuron."""
    order = np.lexsort((neuron, step))
    return step[order], neuron[order]
