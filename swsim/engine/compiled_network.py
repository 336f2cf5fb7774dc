"""Networks that the compiled loop can run: their arrays, handed to it and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..base.arrays import Ints, zeros
from ..cosim import Carrier
from ..kernels.cache import called, prepared
from ..kernels.network import (
    ARRIVAL_COUNT,
    BLOCK,
    CALLED,
    HELD,
    OUTCOME,
    SAMPLER,
    Carried,
    Electrodes,
    Events,
    Gaps,
    Groups,
    Network,
    Neurons,
    Recording,
    Rows,
)
from ..neurons.model import NeuronModel
from ..recording.sampler import Sampler
from ..recording.spike_log import SpikeLog
from ..sources.currents import Currents
from ..sources.spike_source import SpikeSource
from ..synapses.compiled_group import Arrivals
from ..synapses.dynamics import Dynamics
from ..synapses.fan_out import FanOut
from ..synapses.gap_junctions import GapJunctions
from ..synapses.ring_buffer import RingBuffer
from .populations import ModelBank, PopulationBlock
from .thread_pool import Threads

__all__ = ["CompiledNetwork"]

_MIN_SPIKES = 1 << 16  # for which there is room in one call of the loop


_NO_GROUPS = Groups(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), np.empty((3, 0), np.int32))
_NO_RECORDING = Recording(np.zeros(0, SAMPLER), np.empty(0, np.int64), np.empty(0))


def _joined(parts: Sequence[Ints]) -> Ints:
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts])


class CompiledNetwork:
    """The arrays of a network for `loop.run`.

    Parameters
    ----------
    blocks
        All populations; there must be no `paths.obstacles`.
    banks
        The neurons of all of them, by model, prepared.
    routes
        All synapses of fixed weight, on a tile for each thread.
    bounds
        See `thread_pool.shares`.
    dynamics
        The synapses with a state, prepared; all of them must have a kernel.
    line
        The ring buffer, or one of the same size.
    gaps
        The gap junctions, with which there is one thread.
    carrier, tile
        The hardware that carries the spikes, with which there is one thread, too, and ``routes`` are on its tiles; and
        the tile of each neuron, shape (neurons,).

    Attributes
    ----------
    reached
        The grid point that the last `run` has reached.
    """

    def __init__(
        self,
        blocks: Sequence[PopulationBlock],
        banks: Sequence[ModelBank],
        routes: FanOut,
        bounds: Ints,
        dynamics: Sequence[Dynamics],
        line: RingBuffer,
        gaps: Sequence[GapJunctions] = (),
        carrier: Carrier | None = None,
        tile: npt.NDArray[np.int32] | None = None,
    ) -> None:
        # Slow to import, as is Numba.
        from ..kernels import loop, registry, threaded_loop

        self.reached = 0
        self._room = 0  # for the arrivals of a step at synapses with a state, if that has to be more than for spikes
        self._populations = blocks
        self._banks = banks
        inlined = [bank.model for bank in banks if bank.model.kernel in registry.KINDS]
        what = f"the simulation loop, once (about {15 if inlined else 4} s)"
        self._thread_count = len(bounds) - 1
        self._threads = None if self._thread_count == 1 else Threads(bounds)
        module, name = (loop, "run") if self._threads is None else (threaded_loop, "run_threads")
        (run,) = prepared(module, name, what=what)
        self._loop = run if self._threads is None else self._threads.together(run)
        arrivals = None
        if carrier is not None and tile is not None:
            arrivals = Arrivals(carrier.neuron, carrier.tile, tile)
        self._groups = [group.compiled(bounds, line, arrivals) for group in dynamics]
        self._kernels = [group.own_kernel() if group.kernel is None else called(group.kernel) for group in self._groups]
        neurons = blocks[-1].stop
        self._carrier, self._carried = carrier, None
        if carrier is None:
            self._rows = Rows(*routes.rows(neurons))
        else:
            self._rows = Rows(*routes.rows_of_arrivals(carrier.neuron, carrier.tile))
            self._carried = Carried(carrier.address, np.array([carrier.state, 0, 0, 0, 0, 0, 0, -1], np.int64))
        self._blocks = np.zeros(len(blocks), BLOCK if inlined else CALLED)
        self._last_event = self._blocks["last_event"]
        self._sources = [(k, b.start, b.model) for k, b in enumerate(blocks) if isinstance(b.model, SpikeSource)]
        self._only_called = not inlined
        self._functions = {}
        """By address: an address is good as long as its function is there."""
        for entry, block in zip(self._blocks, blocks, strict=True):
            entry["start"], entry["stop"] = block.start, block.stop
            entry["kind"] = registry.SOURCE
            if isinstance(block.model, NeuronModel):
                kernel = block.model.kernel
                entry["kind"] = registry.CALLED if kernel is None else registry.KINDS.get(kernel, registry.CALLED)
                if entry["kind"] == registry.CALLED:
                    function = called(kernel) if kernel is not None else block.model.own_kernel()
                    entry["address"] = function.address
                    self._functions[function.address] = function
        models = [bank.model for bank in banks]
        self._neurons = Neurons(
            coefficients=np.zeros((max((len(model.coefficients()) for model in models), default=0), neurons)),
            states=zeros((max((len(model.variables) for model in models), default=0), neurons)),
            refractory_steps=np.zeros(neurons, np.int32),
            refractory=zeros(neurons, np.int32),
            fired=zeros(neurons, np.uint8),
        )
        self._apart = self._share_states()
        self._current = np.zeros(neurons)
        self._total = np.zeros(neurons)
        self._gaps = self._join(gaps)
        self._spikes = np.empty(0, np.int32), np.empty(0, np.int64)
        self._make_room(neurons)
        self.prepare()

    def prepare(self) -> None:
        """Take the parameters of all neurons, which `NeuronModel.prepare` has seen."""
        models = {}
        for bank in self._banks:
            # A model's own tuple: these are the rows that its kernel expects.
            for row, values in zip(self._neurons.coefficients, bank.model.coefficients(), strict=False):
                row[bank.index] = values
            self._neurons.refractory_steps[bank.index] = bank.model.refractory_steps
            models[bank.model.kind] = bank.model
        for entry, block in zip(self._blocks, self._populations, strict=True):
            if isinstance(block.model, NeuronModel):
                model = models[block.model.kind]
                entry["substeps"], entry["receptors"] = model.substeps, model.own_receptors
                entry["method"] = model.method_number
                if not self._only_called:
                    entry["alike"] = self._all_alike(block)

    def _all_alike(self, block: PopulationBlock) -> bool:
        neurons = slice(block.start, block.stop)
        values = np.vstack([self._neurons.coefficients[:, neurons], self._neurons.refractory_steps[neurons]])
        return bool((values == values[:, :1]).all())

    def split(self, samplers: Sequence[Sampler]) -> tuple[list[Sampler], list[Sampler]]:
        """Return those of variables of neurons, which the loop records, and the others."""
        known: tuple[list[Sampler], list[Sampler]] = [], []
        for sampler in samplers:
            known[not any(sampler.model is block.model for block in self._populations)].append(sampler)
        return known

    def run(
        self,
        step: int,
        steps: int,
        line: RingBuffer,
        currents: Currents,
        samplers: Sequence[Sampler],
        log: SpikeLog,
    ) -> None:
        """Go from grid point ``step`` over ``steps`` steps.

        Raises ``FloatingPointError`` as a model's `advance` does, after all steps, and what `cosim.Carrier.check` does,
        after the last step that the hardware could do.
        """
        self.reached = step
        self._take_states()
        # The loop clears what it has looked at, and `RingBuffer.advance` when it goes on.
        line.buffer[line.position] = 0.0
        recording = self._recording(samplers, step, steps)
        begun = recording.samplers["next_sample"].copy() if samplers else ()
        events = self._events(step + 1, step + steps)
        # Each neuron fires at most once in a step, and sources as often as in their busiest one.
        busiest = len(events.step) if steps == 1 else int(np.bincount(events.step - step).max(initial=0))
        most = line.neurons + busiest
        self._make_room(most)
        for group in self._groups:
            group.hold(step)
        groups = [self._groups_of(thread, line, max(most, self._room)) for thread in range(self._thread_count)]
        network = Network(
            blocks=self._blocks,
            neurons=self._neurons,
            line=line.buffer,
            electrodes=self._electrodes(currents, step, steps),
            rows=self._rows,
            groups=groups[0] if self._threads is None else groups,
            events=events,
            recording=recording,
            spike_neuron=self._spikes[0],
            spike_step=self._spikes[1],
            most=most,
            carried=self._carried,
        )
        done, outcome = 0, 0
        while done < steps and not outcome:
            more, count, line.position = self._loop(step + done, steps - done, line.position, network)
            done += more
            for group in self._groups:
                group.step = step + done
            log.extend(network.spike_step[:count], network.spike_neuron[:count])
            if self._carried is not None:
                outcome = int(self._carried.desk[OUTCOME])
                held = int(self._carried.desk[HELD])
                if held >= 0:
                    self._spikes[0][:held] = self._spikes[0][count : count + held].copy()
                    self._room = 2 * int(self._carried.desk[ARRIVAL_COUNT])
                    network = network._replace(groups=self._groups_of(0, line, self._room))
        self.reached = step + done
        self._hand_back_states()
        for sampler, first, last in zip(samplers, begun, recording.samplers["next_sample"], strict=True):
            sampler.extend(recording.samples[first:last])
        if outcome and self._carrier is not None:
            self._carrier.check(outcome)
        for bank in self._banks:
            bank.model.require_finite()

    def _make_room(self, most: int) -> None:
        """Make room for the spikes of some steps with at most so many each."""
        if len(self._spikes[0]) < most or not len(self._spikes[0]):
            capacity = max(_MIN_SPIKES, 4 * most)
            self._spikes = np.empty(capacity, np.int32), np.empty(capacity, np.int64)

    def _groups_of(self, thread: int, line: RingBuffer, most: int) -> Groups:
        """Return the groups of synapses with a state for a thread, for steps with at most so many spikes."""
        if not self._groups:
            return _NO_GROUPS
        frames = [group.frames(line.buffer, most)[thread] for group in self._groups]
        return Groups(
            address=np.array([kernel.address for kernel in self._kernels], np.int64),
            frame=np.array([frame.ctypes.data for frame in frames], np.int64),
            due=np.array([group.has_due for group in self._groups], np.bool_),
            work=np.empty((3, most), np.int32),
        )

    def _share_states(self) -> list[ModelBank]:
        """Make the variables of models windows on the loop's arrays; return those whose neurons do not lie together."""
        together = {bank.model.kind: bank for bank in self._banks if isinstance(bank.index, slice)}
        for bank in together.values():
            bank.model.move_to(self._neurons.states[:, bank.index])
        for block in self._populations:
            if isinstance(block.model, NeuronModel) and block.model.kind in together:
                block.model.move_to(self._neurons.states[:, block.start : block.stop])
        return [bank for bank in self._banks if bank.model.kind not in together]

    def _take_states(self) -> None:
        for bank in self._apart:
            for row, values in zip(self._neurons.states, bank.model.variables.values(), strict=False):
                row[bank.index] = values
        for bank in self._banks:
            self._neurons.refractory[bank.index] = bank.model.refractory

    def _hand_back_states(self) -> None:
        for bank in self._apart:
            for row, values in zip(self._neurons.states, bank.model.variables.values(), strict=False):
                values[:] = row[bank.index]
        for bank in self._banks:
            bank.model.refractory[:] = self._neurons.refractory[bank.index]

    def _electrodes(self, currents: Currents, step: int, steps: int) -> Electrodes | None:
        """Return the currents in some steps; None for none, except where the loop is of one type for both."""
        coupled = len(self._gaps.neuron) > 0
        if not currents.sources and not coupled and not self._only_called:
            return None
        values, changed = currents.between(step, steps)
        start, neuron = currents.targets
        current = self._current if currents.sources or coupled else self._current[:0]
        if not currents.sources:
            current[:] = 0.0
        total = self._total if coupled else self._total[:0]
        return Electrodes(step, values, changed, start, neuron, currents.side_by_side, current, total, self._gaps)

    def _join(self, gaps: Sequence[GapJunctions]) -> Gaps:
        """Return all gap junctions."""
        neurons = self._populations[-1].stop
        rows = np.zeros(neurons, np.int64)
        for block in self._populations:
            if isinstance(block.model, NeuronModel) and gaps:
                rows[block.start : block.stop] = list(block.model.variables).index("v")
        pre, post = (
            np.concatenate([np.empty(0, np.int64), *(getattr(g, side) for g in gaps)]) for side in ("pre", "post")
        )
        neuron, place = np.unique(np.concatenate([pre, post]), return_inverse=True)
        return Gaps(
            start=np.cumsum([0, *(len(group.conductance) for group in gaps)], dtype=np.int64),
            pre=place[: len(pre)].astype(np.uint32),
            post=place[len(pre) :].astype(np.uint32),
            conductance=np.concatenate([np.empty(0), *(group.conductance for group in gaps)]),
            neuron=neuron.astype(np.uint32),
            potential=(rows[neuron] * neurons + neuron).astype(np.uint64),
            present=np.zeros(len(neuron)),
            into=np.zeros(len(neuron)),
            flow=np.zeros(len(pre)),
        )

    def _events(self, first: int, last: int) -> Events:
        """Return the spikes of all sources between two grid points, and note in the blocks which are whose."""
        following = np.zeros(len(self._blocks), np.int64)
        steps, neurons, size = [], [], 0
        for k, start, source in self._sources:
            step, index = source.emit_between(first, last)
            steps.append(step)
            neurons.append(index + start)
            following[k] = size
            size += len(step)
            self._last_event[k] = size
        return Events(_joined(steps), _joined(neurons), following)

    def _recording(self, samplers: Sequence[Sampler], step: int, steps: int) -> Recording:
        if not samplers:
            return _NO_RECORDING
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
