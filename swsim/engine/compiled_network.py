"""Networks that the compiled loop can run: their arrays, handed to it and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base.arrays import Floats, Ints, zeros
from ..kernels.cache import prepared
from ..kernels.network import BLOCK, SAMPLER, Events, Network, Neurons, Recording, Rows
from ..neurons.model import NeuronModel
from ..recording.sampler import Sampler
from ..recording.spike_log import SpikeLog
from ..sources.spike_source import SpikeSource
from ..synapses.fan_out import FanOut
from ..synapses.ring_buffer import RingBuffer
from .populations import ModelBank, PopulationBlock
from .thread_pool import Threads

__all__ = ["CompiledNetwork"]

_MIN_SPIKES = 1 << 16  # for which there is room in one call of the loop


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
        bounds: Ints,
    ) -> None:
        # Slow to import, as is Numba.
        from ..kernels import loop, registry, threaded_loop

        self._threads = None if len(bounds) == 2 else Threads(bounds)
        (run,) = prepared(loop, "run") if self._threads is None else prepared(threaded_loop, "run_threads")
        self._loop = run if self._threads is None else self._threads.together(run)
        self._populations = blocks
        self._banks = banks
        neurons = blocks[-1].stop
        self._rows = Rows(*routes.rows(neurons))
        self._blocks = np.zeros(len(blocks), BLOCK)
        for entry, block in zip(self._blocks, blocks, strict=True):
            kernel = block.model.kernel if isinstance(block.model, NeuronModel) else None
            entry["kind"] = registry.SOURCE if kernel is None else registry.KINDS[kernel]
            entry["start"], entry["stop"] = block.start, block.stop
        self._neurons = Neurons(
            coefficients=np.zeros((registry.COEFFICIENTS, neurons)),
            states=zeros((registry.VARIABLES, neurons)),
            refractory_steps=np.zeros(neurons, np.int32),
            refractory=zeros(neurons, np.int32),
            fired=zeros(neurons, np.uint8),
        )
        self._spikes = np.empty(0, np.int32), np.empty(0, np.int64)
        self._make_room(neurons)
        self.prepare()

    @staticmethod
    def can_run(blocks: Sequence[PopulationBlock]) -> bool:
        """Return whether there are populations, and all of them are sources or have a kernel."""
        return bool(blocks) and all(isinstance(block.model, SpikeSource) or block.model.has_kernel for block in blocks)

    def prepare(self) -> None:
        """Take the parameters of all neurons, which `NeuronModel.prepare` has seen."""
        substeps = {}
        for bank in self._banks:
            # A model's own named tuple: its fields are the rows that its kernel expects.
            for row, values in zip(self._neurons.coefficients, bank.model.coefficients(), strict=False):
                row[bank.index] = values
            self._neurons.refractory_steps[bank.index] = bank.model.refractory_steps
            substeps[bank.model.kind] = bank.model.substeps
        for entry, block in zip(self._blocks, self._populations, strict=True):
            if isinstance(block.model, NeuronModel):
                entry["substeps"] = substeps[block.model.kind]
                entry["alike"] = self._all_alike(block)

    def _all_alike(self, block: PopulationBlock) -> bool:
        neurons = slice(block.start, block.stop)
        values = np.vstack([self._neurons.coefficients[:, neurons], self._neurons.refractory_steps[neurons]])
        return bool((values == values[:, :1]).all())

    def knows(self, samplers: Sequence[Sampler]) -> bool:
        """Return whether everything that is recorded is a variable of a neuron."""
        return all(any(sampler.model is block.model for block in self._populations) for sampler in samplers)

    def run(
        self,
        step: int,
        steps: int,
        line: RingBuffer,
        current: Floats | None,
        samplers: Sequence[Sampler],
        log: SpikeLog,
    ) -> None:
        """Go from grid point ``step`` over ``steps`` steps, with the same electrode current in all of them."""
        self._take_states()
        # The loop clears what it has looked at, and `RingBuffer.advance` when it goes on.
        line.buffer[line.position] = 0.0
        recording = self._recording(samplers, step, steps)
        begun = recording.samplers["next_sample"].copy()
        events = self._events(step + 1, step + steps)
        # Each neuron fires at most once in a step, and sources as often as in their busiest one.
        most = line.neurons + int(np.bincount(events.step - step).max(initial=0))
        self._make_room(most)
        network = Network(
            blocks=self._blocks,
            neurons=self._neurons,
            line=line.buffer,
            rows=self._rows,
            events=events,
            recording=recording,
            spike_neuron=self._spikes[0],
            spike_step=self._spikes[1],
            most=most,
        )
        done = 0
        while done < steps:
            more, count, line.position = self._loop(current, step + done, steps - done, line.position, network)
            done += more
            log.extend(network.spike_step[:count], network.spike_neuron[:count])
        self._hand_back_states()
        for sampler, first, last in zip(samplers, begun, recording.samplers["next_sample"], strict=True):
            sampler.extend(recording.samples[first:last])

    def _make_room(self, most: int) -> None:
        """Make room for the spikes of some steps with at most so many each."""
        if len(self._spikes[0]) < most or not len(self._spikes[0]):
            capacity = max(_MIN_SPIKES, 4 * most)
            self._spikes = np.empty(capacity, np.int32), np.empty(capacity, np.int64)

    def _take_states(self) -> None:
        for bank in self._banks:
            for row, name in enumerate(bank.model.STATE):
                self._neurons.states[row, bank.index] = bank.model.state[name]
            self._neurons.refractory[bank.index] = bank.model.refractory

    def _hand_back_states(self) -> None:
        for bank in self._banks:
            for row, name in enumerate(bank.model.STATE):
                bank.model.state[name][:] = self._neurons.states[row, bank.index]
            bank.model.refractory[:] = self._neurons.refractory[bank.index]

    def _events(self, first: int, last: int) -> Events:
        """Return the spikes of all sources between two grid points, and note in the blocks which are whose."""
        following = np.zeros(len(self._blocks), np.int64)
        steps, neurons, size = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
        for k, block in enumerate(self._populations):
            if isinstance(block.model, SpikeSource):
                step, index = block.model.emit_between(first, last)
                steps.append(step)
                neurons.append(index + block.start)
                following[k] = size
                size += len(step)
                self._blocks[k]["last_event"] = size
        return Events(np.concatenate(steps), np.concatenate(neurons), following)

    def _recording(self, samplers: Sequence[Sampler], step: int, steps: int) -> Recording:
        table = np.zeros(len(samplers), SAMPLER)
        neurons, columns, size = [np.empty(0, np.int64)], 0, 0
        for entry, sampler in zip(table, samplers, strict=True):
            block = next(block for block in self._populations if block.model is sampler.model)
            assert isinstance(block.model, NeuronModel)
            count = len(sampler.index)
            entry["variable"] = block.model.STATE.index(sampler.variable)
            entry["every"], entry["due"] = sampler.every, sampler.due
            entry["first_column"], entry["last_column"] = columns, columns + count
            entry["next_sample"] = size
            neurons.append(sampler.index + block.start)
            columns += count
            size += count * max(0, (step + steps - sampler.due) // sampler.every + 1)
        return Recording(table, np.concatenate(neurons), np.empty(size))
