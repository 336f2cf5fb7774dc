"""Networks that the compiled loop can run: their arrays, and the way into it and out again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from ..base.arrays import zeros
from ..kernels.cache import prepared
from ..neurons.model import NeuronModel
from ..recording.sampler import Sampler
from ..recording.spike_log import SpikeLog
from ..sources.spike_source import SpikeSource
from ..synapses.fan_out import FanOut
from ..synapses.ring_buffer import RingBuffer
from .populations import ModelBank, PopulationBlock
from .thread_pool import Threads

__all__ = ["CompiledNetwork"]

_SPIKES = 1 << 16
_VARIABLES = 3


class CompiledNetwork:
    """The arrays of a network for `loop.run`.

    Parameters
    ----------
    blocks
        All populations; `can_run` must be true of them.
    banks
        The neurons of all of them, by model, prepared.
    routes
        All synapses, on a tile for each thread.
    bounds
        See `thread_pool.shares`.
    """

    def __init__(
        self,
        blocks: Sequence[PopulationBlock],
        banks: Sequence[ModelBank],
        routes: FanOut,
        bounds: npt.NDArray[np.int64],
    ) -> None:
        from ..kernels import loop

        self._threads = None if len(bounds) == 2 else Threads(bounds)
        if self._threads is not None:
            from ..kernels import threaded_loop

            self._loops = prepared(threaded_loop, "run_threads", "run_threads_with_current")
        else:
            self._loops = prepared(loop, "run", "run_with_current")
        self._blocks = blocks
        self._banks = banks
        self._neurons = blocks[-1].stop
        self._rows = routes.rows(self._neurons)
        self._table = np.zeros((len(blocks), 5), np.int64)
        for k, block in enumerate(blocks):
            kind = "SOURCE" if isinstance(block.model, SpikeSource) else block.model.kernel
            self._table[k, :3] = getattr(loop, str(kind)), block.start, block.stop
        self._states = zeros((_VARIABLES, self._neurons))
        self._coefficients = np.zeros((loop.COEFFICIENTS, self._neurons))
        self._held = np.zeros(self._neurons, np.int32)
        self._refractory = zeros(self._neurons, np.int32)
        capacity = max(_SPIKES, 4 * self._neurons)
        self._out = np.empty(capacity, np.int32), np.empty(capacity, np.int64)
        self.prepare()

    @staticmethod
    def can_run(blocks: Sequence[PopulationBlock]) -> bool:
        """Whether there are populations, and all of kinds and methods that the loop knows."""
        return bool(blocks) and all(isinstance(block.model, SpikeSource) or block.model.has_kernel for block in blocks)

    def prepare(self) -> None:
        """Take the parameters of all neurons, which `NeuronModel.prepare` has seen."""
        for bank in self._banks:
            coefficients, held = bank.model.compiled()
            for row, values in enumerate(coefficients):
                self._coefficients[row, bank.index] = values
            self._held[bank.index] = held
        self._alike = np.array([self._all_alike(block) for block in self._blocks])

    def _all_alike(self, block: PopulationBlock) -> bool:
        values = np.vstack([self._coefficients[:, block.start : block.stop], self._held[block.start : block.stop]])
        return bool((values == values[:, :1]).all())

    def knows(self, samplers: Sequence[Sampler]) -> bool:
        """Whether everything that is recorded is a variable of a neuron."""
        return all(any(sampler.model is block.model for block in self._blocks) for sampler in samplers)

    def run(
        self,
        step: int,
        steps: int,
        line: RingBuffer,
        current: npt.NDArray[np.float64] | None,
        samplers: Sequence[Sampler],
        log: SpikeLog,
    ) -> None:
        """Go from grid point ``step`` over ``steps`` steps, with the same electrode current in all of them."""
        for bank in self._banks:
            for row, name in enumerate(bank.model.STATE):
                self._states[row, bank.index] = bank.model.state[name]
            self._refractory[bank.index] = bank.model.refractory
        # The loop clears what it has looked at, and `RingBuffer.advance` when it goes on.
        line.buffer[line.position] = 0.0
        event_step, event_neuron, table = self._events(step + 1, step + steps)
        sampling, sampled, sample = self._sampling(samplers, step, steps)
        begun = sampling[:, 5].copy()
        following = table[:, 3].copy()
        run = self._loops[0] if current is None else partial(self._loops[1], current)
        if self._threads is not None:
            run = self._threads.together(run, following, sampling, sampled)
        done = 0
        while done < steps:
            more, count, line.position = run(
                step + done, steps - done, table, self._alike, self._coefficients, self._states, self._held,
                self._refractory, line.buffer, line.position, event_step, event_neuron, following, self._rows, sampling,
                sampled, sample, *self._out,
            )  # fmt: skip
            done += more
            log.extend(self._out[1][:count], self._out[0][:count])
        for bank in self._banks:
            for row, name in enumerate(bank.model.STATE):
                bank.model.state[name][:] = self._states[row, bank.index]
            bank.model.refractory[:] = self._refractory[bank.index]
        for sampler, first, last in zip(samplers, begun, sampling[:, 5], strict=True):
            sampler.extend(sample[first:last])

    def _events(
        self, first: int, last: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Steps and neurons of the spikes of all sources, source by source, and the table that says which are whose."""
        table = self._table.copy()
        steps, neurons, size = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
        for k, block in enumerate(self._blocks):
            if isinstance(block.model, SpikeSource):
                step, index = block.model.emit_between(first, last)
                steps.append(step)
                neurons.append(index + block.start)
                table[k, 3:] = size, size + len(step)
                size += len(step)
        return np.concatenate(steps), np.concatenate(neurons), table

    def _sampling(
        self, samplers: Sequence[Sampler], step: int, steps: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        table = np.zeros((len(samplers), 7), np.int64)
        sampled, columns, size = [np.empty(0, np.int64)], 0, 0
        for k, sampler in enumerate(samplers):
            block = next(block for block in self._blocks if block.model is sampler.model)
            assert isinstance(block.model, NeuronModel)
            variable = block.model.STATE.index(sampler.variable)
            count = len(sampler.index)
            table[k, :6] = variable, sampler.every, sampler.due, columns, columns + count, size
            sampled.append(sampler.index + block.start)
            columns += count
            size += count * max(0, (step + steps - sampler.due) // sampler.every + 1)
        return table, np.concatenate(sampled), np.empty(size)
